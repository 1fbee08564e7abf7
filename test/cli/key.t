API keys: made and shown once, listed, revoked.

    $ hilf key list
    ! hilf: there is no data in 'DIR/data' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ hilf key create 'upload servers' --role checker | sed -E 's/^hilf_[a-z2-7]{10}_[a-z2-7]{38}$/good form/'
    good form
    ! hilf: that is the key of 'upload servers'; it is kept nowhere, so put it where it is used; 'hilf key revoke <any>' ends it
    $ hilf key list | cut -f 2-7,9
    checker	good	-	all	<date>	-	upload servers
    $ hilf key create curators --role curator --bank known --bank trial --expires 2027-06-01 --rate 50 --quota 10000 --json
    {"id":"<any>","key":"hilf_<any>","name":"curators","role":"curator","banks":["known","trial"],"state":"good","created_ms":<n>,"expires_ms":1811808000000,"rate_per_s":50,"quota_per_day":10000}
    ! hilf: there is no bank 'known' yet; until there is, the key is of no use for it
    ! hilf: there is no bank 'trial' yet; until there is, the key is of no use for it
    $ hilf key list --json | json-check name role banks state rate_per_s key
    "upload servers"	"checker"	null	"good"	null	null
    "curators"	"curator"	["known", "trial"]	"good"	50	null
    $ hilf key create brief --role auditor --expires 2030-01-01
    ! hilf: <any>
    ! hilf: 'hilf key create --help' says more
    [2]

Revoked at once, and again is no trouble.

    $ hilf key revoke $(hilf key list | head -n 1 | cut -f 1) 2>&1 | sed 's/key [a-z2-7]* is/key ID is/'
    hilf: key ID is revoked; no request is let in with it any more
    $ hilf key revoke $(hilf key list | head -n 1 | cut -f 1) --json | json-check state
    "revoked"
    $ hilf key list | cut -f 2,3
    checker	revoked
    curator	good
    $ hilf key revoke aaaaaaaaaa
    ! hilf: there is no key 'aaaaaaaaaa'; 'hilf key list' shows those there are
    [2]

A person's: it rests until they have enrolled.

    $ hilf user create amal --role reviewer > /dev/null 2>&1
    $ hilf key create tools --role reviewer --held-by AMAL > /dev/null
    ! hilf: that is the key of 'tools'; <any>
    ! hilf: 'amal' has not enrolled yet; until they have, the key is refused
    $ hilf key list | tail -n 1 | cut -f 2-5
    reviewer	resting	amal	all
    $ hilf key create more --role operator --held-by amal
    ! hilf: a key does no more than who holds it may: 'amal' has the role reviewer, which is not all of operator
    [2]
    $ hilf key create more --role checker --held-by nobody
    ! hilf: there is nobody 'nobody'; 'hilf user list' shows who there is
    [2]

What cannot be:

    $ hilf key create x
    ! hilf: say what the key may do: --role checker, curator, reviewer, operator or auditor
    ! hilf: 'hilf key create --help' says more
    [2]
    $ hilf key create x --role root
    ! hilf: --role is checker, curator, reviewer, operator or auditor, not 'root'
    ! hilf: 'hilf key create --help' says more
    [2]
    $ hilf key create x --role checker --rate 0
    ! hilf: --rate is a number from 1 to 1000000, not '0'
    ! hilf: 'hilf key create --help' says more
    [2]
    $ hilf key create '' --role checker
    ! hilf: a key needs a name: who uses it?
    [2]
    $ hilf key create x --role checker --bank 'a b'
    ! hilf: the bank name 'a b' may hold letters a-z and A-Z, digits, '_', '.' and '-' only
    [2]

One key on two nodes, for who asks either.

    $ hilf key create uploads --role checker > first.key 2>first.note; hilf --data other key create uploads --role checker --same-as first.key 2>other.note | cmp - first.key; hilf --data other key list | cut -f 2-4,9
    checker	good	-	uploads
    $ hilf --data other key create again --role checker --same-as first.key
    ! hilf: there is a key '<any>' already
    [2]
    $ echo hilf_nope > bad.key; hilf key create again --role checker --same-as bad.key
    ! hilf: that is no key of hilf's, or it is not whole: one begins with hilf_ and ends with a checksum
    [2]
    $ hilf key create again --role checker --same-as nowhere.key
    ! hilf: cannot open 'nowhere.key': No such file or directory
    [2]
