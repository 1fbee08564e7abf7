Banks: made, listed, shown, removed.

    $ hilf bank list
    ! hilf: there is no data in 'DIR/data' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ hilf bank create known
    ! hilf: bank 'known' is there, mode review; fill it with 'hilf add known FILE...' or 'hilf import known FILE'
    $ hilf bank list
    known	review	31	0	0	own	<date>
    $ hilf bank create trial --mode shadow --threshold pdq=20 --quiet
    $ hilf bank create stop --mode=block --json
    {"bank":"stop","gid":"<id>","mode":"block","threshold":31,"sample_ppm":1000000,"entries":0,"withdrawn":0,"own":true,"created_ms":<n>}
    $ hilf bank list
    known	review	31	0	0	own	<date>
    stop	block	31	0	0	own	<date>
    trial	shadow	20	0	0	own	<date>
    $ hilf bank list --json | json-check bank mode threshold entries withdrawn own
    "known"	"review"	31	0	0	true
    "stop"	"block"	31	0	0	true
    "trial"	"shadow"	20	0	0	true
    $ hilf add trial --signal md5:0123456789abcdef0123456789abcdef --label event=paris
    1	added	md5:0123456789abcdef0123456789abcdef
    $ hilf bank show trial
    1	md5	unclassified	<date>	<date>	event=paris
    $ hilf bank show --json trial
    {"bank":"trial","gid":"<id>","mode":"shadow","threshold":20,"sample_ppm":1000000,"entries":1,"withdrawn":0,"own":true,"created_ms":<n>}
    {"entry":1,"gid":"<id>","bank":"trial","state":"in_force","class":"unclassified","ground":"","source":"human","territory":"*","added_ms":<n>,"expires_ms":<n>,"labels":{"event":"paris"},"signals":[{"type":"md5","value":"0123456789abcdef0123456789abcdef"}],"opinions":{"confirm":0,"dispute":0,"seen":0}}
    $ hilf bank show known

What a bank does here can change, and so can the name of one's own.

    $ hilf bank set trial --mode review --threshold pdq=16 --sample 12.5%
    ! hilf: bank 'trial': mode review, pdq within 16 bits, 12.5% of its matches count
    $ hilf bank set trial --name tried --json
    {"bank":"tried","gid":"<id>","mode":"review","threshold":16,"sample_ppm":125000,"entries":1,"withdrawn":0,"own":true,"created_ms":<n>}
    $ hilf bank show tried
    1	md5	unclassified	<date>	<date>	event=paris
    $ hilf bank set tried --sample all --name trial
    ! hilf: bank 'trial': mode review, pdq within 16 bits, all of its matches count

What another mode or threshold would have done is told of what 'hilf serve' counted; of nothing, nothing.

    $ hilf bank effect known
    now	review	31	0	0	0
    would	review	31	0	0	0
    ! hilf: since <date>: 0 matches in 0 checks and 0 look-ups
    $ hilf bank effect known --mode block --threshold pdq=40
    now	review	31	0	0	0
    would	block	40	0	0	0
    ! hilf: since <date>: 0 matches in 0 checks and 0 look-ups
    ! hilf: beyond 31 bits nothing was compared in all of that time, so there would have been so many or more; to know, widen the bank while it is in shadow
    $ hilf bank effect known --mode loud
    ! hilf: --mode is shadow, review or block, not 'loud'
    ! hilf: 'hilf bank effect --help' says more
    [2]
    $ hilf bank effect knwon
    ! hilf: there is no bank 'knwon'; did you mean 'known'? 'hilf bank list' shows all
    [2]

Removing withdraws the entries. A person at a terminal is asked, a program is not.

    $ hilf bank remove trial
    ! hilf: bank 'trial' is removed; 1 entry was withdrawn
    $ hilf bank list
    known	review	31	0	0	own	<date>
    stop	block	31	0	0	own	<date>
    $ hilf bank show trial
    ! hilf: there is no bank 'trial'; 'hilf bank list' shows all, 'hilf bank create NAME' makes one
    [2]

What cannot be:

    $ hilf bank create known
    ! hilf: there is a bank 'known' already; 'hilf bank show known' shows it
    [2]
    $ hilf bank create 9lives
    ! hilf: the bank name '9lives' must begin with a letter a-z, A-Z or '_'
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf bank create 'a b'
    ! hilf: the bank name 'a b' may hold letters a-z and A-Z, digits, '_', '.' and '-' only
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf bank create ''
    ! hilf: a bank's name is empty; give it one, such as 'attacks'
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf bank create $(printf 'x%.0s' {1..65})
    ! hilf: the bank name 'xxxxxxxxxxxxxxxxxxxxxxxx...' is too long: 64 bytes are allowed
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf bank create other --mode blok
    ! hilf: --mode is shadow, review or block, not 'blok'; did you mean 'block'?
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf bank create other --threshold 31
    ! hilf: --threshold is SIGNAL=BITS, such as pdq=31, not '31'; pdq is the signal that has one
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf bank create other --threshold pdq=49
    ! hilf: --threshold pdq= is a number from 0 to 48, not '49'
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf bank set known
    ! hilf: what shall change? Say --mode, --threshold, --sample or --name
    ! hilf: 'hilf bank set --help' says more
    [2]
    $ hilf bank set known --sample 101%
    ! hilf: --sample is a share such as 10% or 0.5%, at most 100%, or all, not '101%'
    ! hilf: 'hilf bank set --help' says more
    [2]
    $ hilf bank set known --sample 0.00001%
    ! hilf: --sample is a share such as 10% or 0.5%, at most 100%, or all, not '0.00001%'
    ! hilf: 'hilf bank set --help' says more
    [2]
    $ hilf bank set known --mode stop
    ! hilf: --mode is shadow, review or block, not 'stop'
    ! hilf: 'hilf bank set --help' says more
    [2]
    $ hilf bank set known --name stop
    ! hilf: there is a bank 'stop' already; 'hilf bank show stop' shows it
    [2]
    $ hilf bank set known --name 9
    ! hilf: the bank name '9' must begin with a letter a-z, A-Z or '_'
    ! hilf: 'hilf bank set --help' says more
    [2]
    $ hilf bank set knwon --mode block
    ! hilf: there is no bank 'knwon'; did you mean 'known'? 'hilf bank list' shows all
    [2]
    $ hilf bank show knwon
    ! hilf: there is no bank 'knwon'; did you mean 'known'? 'hilf bank list' shows all
    [2]
    $ hilf bank remove zzz
    ! hilf: there is no bank 'zzz'; 'hilf bank list' shows all, 'hilf bank create NAME' makes one
    [2]
