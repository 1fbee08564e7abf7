Matching files: columns, JSON, banks, lists, modes.
requires: pictures

    $ hilf bank create known -q; hilf bank create trial -q --mode shadow; hilf bank create stop -q --mode block
    $ hilf add known pictures/known/hills.jpg --label event=paris
    1	added	pictures/known/hills.jpg
    $ hilf add trial pictures/known/map.png
    2	added	pictures/known/map.png
    $ hilf add stop pictures/known/dunes.png
    3	added	pictures/known/dunes.png

The verdict is that of the banks' modes. A shadow bank counts only: nothing matched, says the exit status.

    $ hilf match pictures/uploads/hills--grey.jpg
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    $ hilf match pictures/uploads/map--grey.jpg
    pictures/uploads/map--grey.jpg	no_match	trial	2	pdq	0	31	original	-	shadow
    [1]
    $ hilf match pictures/uploads/dunes--grey.jpg
    pictures/uploads/dunes--grey.jpg	block	stop	3	pdq	0	31	original	-	-
    $ hilf match --bank known pictures/uploads/dunes--grey.jpg
    pictures/uploads/dunes--grey.jpg	no_match	-	-	-	-	-	-	-	-
    [1]
    $ hilf match --bank stop --bank known pictures/uploads/dunes--grey.jpg
    pictures/uploads/dunes--grey.jpg	block	stop	3	pdq	0	31	original	-	-
    $ hilf match --json pictures/uploads/hills--grey.jpg pictures/uploads/map--grey.jpg | json-check path verdict shadow_verdict matches more format width height
    "pictures/uploads/hills--grey.jpg"	"review"	"review"	[{"bank": "known", "class": "unclassified", "distance": 0, "entry": 1, "gid": "<id>", "labels": {"event": "paris"}, "mode": "review", "orientation": "original", "signal": "pdq", "threshold": 31, "variant": "as_is"}]	0	"jpeg"	800	600
    "pictures/uploads/map--grey.jpg"	"no_match"	"review"	[{"bank": "trial", "class": "unclassified", "distance": 0, "entry": 2, "gid": "<id>", "labels": {}, "mode": "shadow", "orientation": "original", "signal": "pdq", "threshold": 31, "variant": "as_is"}]	0	"jpeg"	800	640

Many files, in the order in which they were named.

    $ hilf match pictures/uploads/stranger-2.jpg pictures/uploads/hills--grey.jpg pictures/uploads/stranger-1.jpg
    pictures/uploads/stranger-2.jpg	no_match	-	-	-	-	-	-	-	-
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    pictures/uploads/stranger-1.jpg	no_match	-	-	-	-	-	-	-	-
    $ printf 'pictures/uploads/stranger-2.jpg\npictures/uploads/hills--grey.jpg\n' | hilf match -
    pictures/uploads/stranger-2.jpg	no_match	-	-	-	-	-	-	-	-
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    $ printf 'pictures/uploads/stranger-2.jpg\0pictures/uploads/hills--grey.jpg\0' | hilf match -0 --files-from -
    pictures/uploads/stranger-2.jpg	no_match	-	-	-	-	-	-	-	-
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    $ printf 'pictures/uploads/hills--grey.jpg\n' > list; hilf match --files-from list
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    $ hilf match pictures/uploads | cut -f2 | sort | uniq -c
         10 block
         93 no_match
          9 review
    $ hilf match pictures/uploads > one; hilf match $(ls pictures/uploads/*) > two; LC_ALL=C sort one | cmp - <(LC_ALL=C sort two)

An answer comes as soon as it is there: whoever writes a path and waits is not kept waiting.

    $ coproc hilf match -; echo pictures/uploads/hills--grey.jpg >&${COPROC[1]}; read -t 20 answer <&${COPROC[0]}; echo "$answer"
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-

A folder is walked to its end; links to folders in it are not followed, links to files are.

    $ mkdir -p deep/a/b; cp pictures/uploads/hills--grey.jpg deep/a/b; ln -s ../pictures deep/link; ln -s ../pictures/known/dunes.png deep/link.png; mkfifo deep/pipe; ln -s nowhere deep/broken; ln -s .. deep/a/up
    $ hilf match deep
    deep/a/b/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    deep/link.png	block	stop	3	sha256	0	0	-	-	-
    $ ln -s deep shallow; hilf match shallow | cut -f1
    shallow/a/b/hills--grey.jpg
    shallow/link.png

Other files in a folder are compared by their digests.

    $ echo leaflet > deep/leaflet.txt; hilf add known --signal md5:$(md5sum < deep/leaflet.txt | cut -c1-32)
    4	added	md5:8b9c22ad203255f3c7ebb93c33323863
    $ hilf match deep
    deep/a/b/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    deep/leaflet.txt	review	known	4	md5	0	0	-	-	not a picture that hilf knows
    deep/link.png	block	stop	3	sha256	0	0	-	-	-
    ! hilf: deep: 1 file is no picture: only digests were compared
    $ echo another > deep/leaflet.txt; hilf match deep
    deep/a/b/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
    deep/link.png	block	stop	3	sha256	0	0	-	-	-
    ! hilf: deep: 1 file is no picture: only digests were compared
    $ hilf match -q deep | cut -f1
    deep/a/b/hills--grey.jpg
    deep/link.png

What is added meanwhile is found by who is matching already.

    $ coproc hilf match -; echo pictures/uploads/emblem--grey.jpg >&${COPROC[1]}; read -t 20 before <&${COPROC[0]}; hilf add known pictures/known/emblem.jpg; echo pictures/uploads/emblem--grey.jpg >&${COPROC[1]}; read -t 20 after <&${COPROC[0]}; echo "$before"; echo "$after"
    5	added	pictures/known/emblem.jpg
    pictures/uploads/emblem--grey.jpg	no_match	-	-	-	-	-	-	-	-
    pictures/uploads/emblem--grey.jpg	review	known	5	pdq	0	31	original	-	-

The nearest entries only, if there are many.

    $ hilf --data crowd bank create all -q; hilf --data crowd add all -q pictures/uploads/hills* | wc -l
    10
    $ hilf --data crowd match --limit 2 pictures/uploads/hills--grey.jpg | cut -f4-7,10
    5	sha256	0	0	-
    8	pdq	0	31	and 7 more
    ! hilf: 1 of the answers leaves out matches; --limit N prints more
    $ hilf --data crowd match --limit 2 --json pictures/uploads/hills--grey.jpg | grep -o '"entry":[0-9]*\|"more":.[0-9]*'
    "entry":5
    "entry":5
    "entry":5
    "entry":8
    "more":<n>
    $ hilf --data crowd match pictures/uploads/hills--grey.jpg pictures/uploads/hills--blurred.jpg | cut -f1 | uniq -c
          9 pictures/uploads/hills--grey.jpg
          9 pictures/uploads/hills--blurred.jpg

What makes no sense:

    $ hilf match
    ! hilf: what shall be compared? Say hilf match FILE..., or --signal, or --signals
    ! hilf: 'hilf match --help' says more
    [2]
    $ hilf match ''
    -	undecided	-	-	-	-	-	-	-	there is no such file or folder
    ! hilf: '': there is no such file or folder
    [2]
    $ hilf match --limit 0 x.jpg
    ! hilf: --limit is a number from 1 to 1000, not '0'
    ! hilf: 'hilf match --help' says more
    [2]
    $ hilf match --signal md5:00 x.jpg
    ! hilf: files, --signal and --signals are compared one kind at a time; name one
    ! hilf: 'hilf match --help' says more
    [2]
    $ hilf match --bank knwon x.jpg
    ! hilf: there is no bank 'knwon'; did you mean 'known'? 'hilf bank list' shows all
    [2]
    $ hilf match - < /dev/null
    ! hilf: no file was named: the list of paths is empty
    [2]
    $ hilf match --files-from absent
    ! hilf: cannot open 'absent': No such file or directory
    [2]

The zero bytes of find need no more words.

    $ find pictures/uploads/ -name 'hills--g*' -print0 | hilf match -0
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	event=paris	-
