Opinions: what members say of entries, and what it does.

    $ hilf bank create stop --mode block -q
    $ hilf add stop --signal md5:0123456789abcdef0123456789abcdef
    1	added	md5:0123456789abcdef0123456789abcdef
    $ hilf opinion list 1
    ! hilf: nobody has given an opinion on entry 1
    $ hilf opinion give 1 confirm
    ! hilf: entry 1: this member's word is confirm
    $ hilf opinion list 1
    <id>	own	confirm	<date>
    $ hilf opinion list 1 --json
    {"member":"<id>","own":true,"opinion":"confirm","time_ms":<n>}
    $ hilf match --signal md5:0123456789abcdef0123456789abcdef
    md5:0123456789abcdef0123456789abcdef	block	stop	1	md5	0	0	-	-	-

What is disputed never blocks.

    $ hilf opinion give 1 dispute
    ! hilf: entry 1: this member's word is dispute; it is disputed, so it never blocks
    $ hilf opinion give 1 dispute -q
    $ hilf opinion list 1
    <id>	own	dispute	<date>
    $ hilf entry list stop
    1	stop	disputed	md5	unclassified	<date>	<date>	-
    $ hilf match --signal md5:0123456789abcdef0123456789abcdef
    md5:0123456789abcdef0123456789abcdef	review	stop	1	md5	0	0	-	-	disputed
    $ hilf match --signal md5:0123456789abcdef0123456789abcdef --json | grep -o '"verdict":"review"\|"disputed":true'
    "verdict":"review"
    "disputed":true

A word can be taken back.

    $ hilf opinion give 1 none --json
    {"entry":1,"gid":"<id>","bank":"stop","state":"in_force","class":"unclassified","ground":"","source":"human","territory":"*","added_ms":<n>,"expires_ms":<n>,"labels":{},"signals":[{"type":"md5","value":"0123456789abcdef0123456789abcdef"}],"opinions":{"confirm":0,"dispute":0,"seen":0}}
    $ hilf match --signal md5:0123456789abcdef0123456789abcdef
    md5:0123456789abcdef0123456789abcdef	block	stop	1	md5	0	0	-	-	-
    $ hilf opinion give 1 none
    ! hilf: entry 1: this member says nothing of it any more
    $ hilf opinion list 1
    ! hilf: nobody has given an opinion on entry 1

What cannot be:

    $ hilf opinion give 1 doubt
    ! hilf: opinion 'doubt' is none of confirm, dispute, seen, none
    ! hilf: 'hilf opinion give --help' says more
    [2]
    $ hilf opinion give 2 confirm
    ! hilf: there is no entry 2
    [2]
    $ hilf withdraw 1 --reason dispute
    ! hilf: entry 1 is withdrawn; no query finds it any more
    $ hilf opinion give 1 confirm
    ! hilf: entry 1 is withdrawn, and no opinion changes that
    [2]
    $ hilf opinion give 1
    ! hilf: OPINION is missing: hilf opinion give ENTRY confirm|dispute|seen|none
    ! hilf: 'hilf opinion give --help' says more
    [2]
    $ hilf opinion
    ! hilf: 'hilf opinion' wants to know what to do: give|list ...
    ! hilf: 'hilf opinion --help' says more
    [2]
    $ hilf fsck
    ok	database	sound
    ok	feed	7 records, each of its form and signed by its author
    ok	tables	as the feed says
