Entries: listed, shown, found and changed.

    $ hilf bank create known -q
    $ hilf bank create other -q
    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef --label event=paris --class incitement --ground 'TCO Art. 2(7)(a)'
    1	added	md5:0123456789abcdef0123456789abcdef
    $ hilf add other --signal md5:0123456789abcdef0123456789abcdef --signal md5:00112233445566778899aabbccddeeff
    2	added	md5:0123456789abcdef0123456789abcdef
    $ hilf entry list
    1	known	in_force	md5	incitement	<date>	<date>	event=paris
    2	other	in_force	md5,md5	unclassified	<date>	<date>	-
    $ hilf entry list known
    1	known	in_force	md5	incitement	<date>	<date>	event=paris
    $ hilf entry list --after 1
    2	other	in_force	md5,md5	unclassified	<date>	<date>	-
    $ hilf entry list --limit 1 --json
    {"entry":1,"gid":"<id>","bank":"known","state":"in_force","class":"incitement","ground":"TCO Art. 2(7)(a)","source":"human","territory":"*","added_ms":<n>,"expires_ms":<n>,"labels":{"event":"paris"},"signals":[{"type":"md5","value":"0123456789abcdef0123456789abcdef"}],"opinions":{"confirm":0,"dispute":0,"seen":0}}
    $ hilf entry show 1
    entry	1
    id	<id>
    bank	known
    state	in_force
    class	incitement
    ground	TCO Art. 2(7)(a)
    source	human
    territory	*
    added	<time>
    expires	<time>
    confirmed	0
    disputed	0
    seen	0
    label	event=paris
    signal	md5:0123456789abcdef0123456789abcdef
    $ hilf entry show 2 --json
    {"entry":2,"gid":"<id>","bank":"other","state":"in_force","class":"unclassified","ground":"","source":"human","territory":"*","added_ms":<n>,"expires_ms":<n>,"labels":{},"signals":[{"type":"md5","value":"0123456789abcdef0123456789abcdef"},{"type":"md5","value":"00112233445566778899aabbccddeeff"}],"opinions":{"confirm":0,"dispute":0,"seen":0}}

The number and the id name the same.

    $ test "$(hilf entry show $(hilf entry show 2 --json | grep -o '"gid":"[^"]*' | cut -d'"' -f4))" = "$(hilf entry show 2)" && echo same
    same

What is known of a signal, or of a file?

    $ hilf entry find md5:0123456789abcdef0123456789abcdef
    md5:0123456789abcdef0123456789abcdef	md5	1	known	in_force	md5	incitement	<date>	<date>	event=paris
    md5:0123456789abcdef0123456789abcdef	md5	2	other	in_force	md5,md5	unclassified	<date>	<date>	-
    $ hilf entry find md5:00112233445566778899aabbccddeeff md5:ffffffffffffffffffffffffffffffff --json
    {"query":"md5:00112233445566778899aabbccddeeff","by":"md5","entry":2,"gid":"<id>","bank":"other","state":"in_force","class":"unclassified","ground":"","source":"human","territory":"*","added_ms":<n>,"expires_ms":<n>,"labels":{},"signals":[{"type":"md5","value":"0123456789abcdef0123456789abcdef"},{"type":"md5","value":"00112233445566778899aabbccddeeff"}],"opinions":{"confirm":0,"dispute":0,"seen":0}}
    $ hilf entry find md5:ffffffffffffffffffffffffffffffff
    [1]
    $ printf 'some text' > text; hilf add other --signal sha256:$(sha256sum text | cut -d' ' -f1) --signal md5:$(md5sum text | cut -d' ' -f1)
    3	added	sha256:b94f6f125c79e3a5ffaa826f584c10d52ada669e6762051b826b55776d05aed2
    $ hilf entry find ./text
    ./text	sha256	3	other	in_force	sha256,md5	unclassified	<date>	<date>	-
    ! hilf: ./text: looked up by its digests alone: not a picture that hilf knows
    $ mv text md5:9; hilf entry find ./md5:9
    ./md5:9	sha256	3	other	in_force	sha256,md5	unclassified	<date>	<date>	-
    ! hilf: ./md5:9: looked up by its digests alone: not a picture that hilf knows

What is said of an entry can change; what is not named stays.

    $ hilf entry set 1 --class threat
    ! hilf: entry 1 of bank 'known' is changed
    $ hilf entry set 1 --label lang=ar -l event=nice --ground ''
    ! hilf: entry 1 of bank 'known' is changed
    $ hilf entry list known
    1	known	in_force	md5	threat	<date>	<date>	event=nice lang=ar
    $ hilf entry set 1 --no-labels --expires 90d --json
    {"entry":1,"gid":"<id>","bank":"known","state":"in_force","class":"threat","ground":"","source":"human","territory":"*","added_ms":<n>,"expires_ms":<n>,"labels":{},"signals":[{"type":"md5","value":"0123456789abcdef0123456789abcdef"}],"opinions":{"confirm":0,"dispute":0,"seen":0}}
    $ hilf entry set 1 --expires 91d
    ! hilf: the entry expires earlier than that already, and its expiry may only come closer; to have it longer, add it again when it has expired
    [2]
    $ hilf bank show known
    1	md5	threat	<date>	<date>	-

It can end before its time, and then be added again.

    $ hilf entry set 1 --expires now
    ! hilf: entry 1 of bank 'known' has expired; no query finds it any more
    $ hilf entry list
    2	other	in_force	md5,md5	unclassified	<date>	<date>	-
    3	other	in_force	sha256,md5	unclassified	<date>	<date>	-
    $ hilf entry list --all
    1	known	expired	md5	threat	<date>	<date>	-
    2	other	in_force	md5,md5	unclassified	<date>	<date>	-
    3	other	in_force	sha256,md5	unclassified	<date>	<date>	-
    $ hilf match --signal md5:0123456789abcdef0123456789abcdef
    md5:0123456789abcdef0123456789abcdef	review	other	2	md5	0	0	-	-	-
    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef
    4	added	md5:0123456789abcdef0123456789abcdef
    $ hilf withdraw 2 --reason error
    ! hilf: entry 2 is withdrawn; no query finds it any more
    $ hilf entry find md5:0123456789abcdef0123456789abcdef
    md5:0123456789abcdef0123456789abcdef	md5	1	known	expired	md5	threat	<date>	<date>	-
    md5:0123456789abcdef0123456789abcdef	md5	2	other	withdrawn	md5,md5	unclassified	<date>	<date>	-
    md5:0123456789abcdef0123456789abcdef	md5	4	known	in_force	md5	unclassified	<date>	<date>	-
    $ hilf entry set 2 --class threat
    ! hilf: entry 2 is withdrawn, which is final
    [2]

What cannot be:

    $ hilf entry show 99
    ! hilf: there is no entry 99
    [2]
    $ hilf entry show nothing
    ! hilf: 'nothing' names no entry; give its number, or its id as 'hilf match --json' prints it
    [2]
    $ hilf entry set 1
    ! hilf: what shall change? Say --class, --ground, --label, --no-labels or --expires
    ! hilf: 'hilf entry set --help' says more
    [2]
    $ hilf entry set 1 --class thread
    ! hilf: there is no class 'thread'; did you mean 'threat'?
    ! hilf: 'hilf entry set --help' says more
    [2]
    $ hilf entry set 1 --label event=paris --no-labels
    ! hilf: --label and --no-labels contradict each other
    ! hilf: 'hilf entry set --help' says more
    [2]
    $ hilf entry set 1 --expires 2020-01-01
    ! hilf: --expires <date> is past
    ! hilf: 'hilf entry set --help' says more
    [2]
    $ hilf entry set 1 --expires 900d
    ! hilf: --expires 900d is too far away: an entry lives 24 months at most, and can be added again
    ! hilf: 'hilf entry set --help' says more
    [2]
    $ hilf entry find
    ! hilf: FILE|SIGNAL is missing: hilf entry find FILE|SIGNAL...
    ! hilf: 'hilf entry find --help' says more
    [2]
    $ hilf entry find md5:00
    ! hilf: a md5 value has 32 hexadecimal digits, this one has 2
    ! hilf: 'hilf entry find --help' says more
    [2]
    $ hilf entry find absent.jpg
    ! hilf: absent.jpg: there is no such file or folder
    [2]
    $ hilf entry list knwon
    ! hilf: there is no bank 'knwon'; did you mean 'known'? 'hilf bank list' shows all
    [2]
    $ hilf entry list --limit 0
    ! hilf: --limit is a number from 1 to 9223372036854775807, not '0'
    ! hilf: 'hilf entry list --help' says more
    [2]
    $ hilf entry
    ! hilf: 'hilf entry' wants to know what to do: list|show|find|set|erase ...
    ! hilf: 'hilf entry --help' says more
    [2]
    $ hilf fsck
    ok	database	sound
    ok	feed	12 records, each of its form and signed by its author
    ok	tables	as the feed says
