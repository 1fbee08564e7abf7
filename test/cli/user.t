People: invited, listed, changed. What an invitation leads to is the console's (test/api/session.py).

    $ hilf user list
    ! hilf: there is no data in 'DIR/data' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ hilf user create amal --role reviewer --language ar | sed -E 's/[a-z2-7]{32}$/CODE/'
    /enrol#CODE
    ! hilf: with that amal enrols, at the console's address; it is good once, for 72 hours, and shown only now: hand it over by a way that you trust
    $ hilf user create 'Jo B' --role operator --bank known --url https://hilf.example/ | sed -E 's/[a-z2-7]{32}$/CODE/'
    https://hilf.example/enrol#CODE
    ! hilf: with that Jo B enrols; it is good once, for 72 hours, and shown only now: hand it over by a way that you trust
    $ hilf user list | cut -f 1-6
    amal	reviewer	invited	all	ar	<date>
    Jo B	operator	invited	known	-	<date>
    $ hilf user list --json | json-check name role banks state language invitation
    "amal"	"reviewer"	null	"invited"	"ar"	null
    "Jo B"	"operator"	["known"]	"invited"	null	null
    $ hilf user create zoe --role auditor --json
    {"user":"<any>","name":"zoe","role":"auditor","state":"invited","created_ms":<n>,"invitation":{"code":"<any>","url":"/enrol#<any>","until_ms":<n>}}

Changed by name, whatever its case, or by id:

    $ hilf user set AMAL --role curator --bank known --bank other --language fr
    ! hilf: amal is changed
    $ hilf user set $(hilf user list | head -n 1 | cut -f 7) --all-banks
    ! hilf: amal is changed
    $ hilf user disable zoe
    ! hilf: zoe is disabled, and signed out everywhere
    $ hilf user list | cut -f 1-5
    amal	curator	invited	all	fr
    Jo B	operator	invited	known	-
    zoe	auditor	disabled	all	-
    $ hilf user enable zoe | sed -E 's/[a-z2-7]{32}$/CODE/'
    /enrol#CODE
    ! hilf: zoe may sign in again
    ! hilf: with that zoe enrols, at the console's address; it is good once, for 72 hours, and shown only now: hand it over by a way that you trust
    $ hilf user reset zoe --url https://hilf.example | sed -E 's/[a-z2-7]{32}$/CODE/'
    https://hilf.example/enrol#CODE
    ! hilf: zoe has to enrol again
    ! hilf: with that zoe enrols; it is good once, for 72 hours, and shown only now: hand it over by a way that you trust
    $ hilf user unlock zoe
    ! hilf: zoe may try to sign in again at once

What cannot be:

    $ hilf user create Amal --role auditor
    ! hilf: there is somebody with the name 'Amal' already
    [2]
    $ hilf user create x
    ! hilf: say what they may do: --role reviewer, curator, operator or auditor
    ! hilf: 'hilf user create --help' says more
    [2]
    $ hilf user create x --role checker
    ! hilf: --role is reviewer, curator, operator or auditor, not 'checker'
    ! hilf: 'hilf user create --help' says more
    [2]
    $ hilf user create x --role auditor --language de
    ! hilf: --language is en, fr or ar, not 'de'
    ! hilf: 'hilf user create --help' says more
    [2]
    $ hilf user create ' x' --role auditor
    ! hilf: a person's name is 1 to 64 bytes of UTF-8, without blanks at its ends or characters that cannot be seen
    [2]
    $ hilf user create x --role auditor --bank 'a b'
    ! hilf: the bank name 'a b' may hold letters a-z and A-Z, digits, '_', '.' and '-' only
    [2]
    $ hilf user set amal
    ! hilf: what shall change? Say --role, --bank, --all-banks or --language
    ! hilf: 'hilf user set --help' says more
    [2]
    $ hilf user set amal --bank known --all-banks
    ! hilf: --bank and --all-banks contradict each other
    ! hilf: 'hilf user set --help' says more
    [2]
    $ hilf user disable nobody
    ! hilf: there is nobody 'nobody'; 'hilf user list' shows who there is
    [2]
