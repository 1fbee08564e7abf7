Bare signals: one on the line, or thousands of lines.

    $ hilf bank create known -q; random-lines 1000 | hilf import known - > /dev/null
    $ hilf match --signal pdq:$(random-lines 1 | cut -d' ' -f2)
    pdq:1e2feb89414c343c1027c4d1c386bbc4cd613e30d8f16adf91b7584a2265b1f5	review	known	1	pdq	0	31	original	-	-
    $ hilf match --signal pdq:$(near $(random-lines 1 | cut -d' ' -f2) 31) --signal pdq:$(near $(random-lines 1 | cut -d' ' -f2) 32)
    pdq:1e2bea894140343c1027c4b3c3a799c6cd61a610f8f16adfb3f7580aa3a363f5	review	known	1	pdq	31	31	original	-	-
    pdq:1e2bea894140343c1027c4b2c3a799c6cd61a610f8f16adfb3f7580aa3a363f5	no_match	-	-	-	-	-	-	-	-
    $ hilf match --signal md5:0123456789abcdef0123456789abcdef
    md5:0123456789abcdef0123456789abcdef	no_match	-	-	-	-	-	-	-	-
    [1]
    $ hilf match --json --signal pdq:$(random-lines 1 | cut -d' ' -f2)
    {"signal":"pdq:1e2feb89414c343c1027c4d1c386bbc4cd613e30d8f16adf91b7584a2265b1f5","verdict":"review","shadow_verdict":"review","matches":[{"bank":"known","mode":"review","entry":1,"gid":"<id>","signal":"pdq","distance":0,"threshold":31,"orientation":"original","variant":"as_is","class":"unclassified","labels":{}}],"more":0}

A line is answered with a line, in order. Empty lines and comments are not.

    $ (random-lines 3; echo; echo '# nothing'; random-lines 2 99; echo md5 0123456789abcdef0123456789abcdef) > lines
    $ hilf match --signals lines
    pdq:1e2feb89414c343c1027c4d1c386bbc4cd613e30d8f16adf91b7584a2265b1f5	review	known	1	pdq	0	31	original	-	-
    pdq:35bf992dc9e9c616612e7696a6cecc1b78e510617311d8a3c2ce6f447ed4d57b	review	known	2	pdq	0	31	original	-	-
    pdq:9b810e766ec9d28663ca828dd5f4b3b2e4b06ce60741c7a87ce42c8218072e8c	review	known	3	pdq	0	31	original	-	-
    pdq:221c4e003f9931ee3af27f802dc5fd3d9974d75b333824fe61790134676b1b69	no_match	-	-	-	-	-	-	-	-
    pdq:b35331ceaf2ed9dd87e355b26210b784baa1c6f1404b6eaf162a01dec28753f8	no_match	-	-	-	-	-	-	-	-
    md5:0123456789abcdef0123456789abcdef	no_match	-	-	-	-	-	-	-	-
    $ hilf match --signals - < lines | cut -f2
    review
    review
    review
    no_match
    no_match
    no_match
    $ hilf match --matches-only --signals lines | wc -l
    3
    $ hilf match --json --signals lines | json-check verdict more
    "review"	0
    "review"	0
    "review"	0
    "no_match"	0
    "no_match"	0
    "no_match"	0
    $ (random-lines 20000; random-lines 20000 2) | hilf match --signals - > answers; cut -f2 answers | uniq -c
       1000 review
      39000 no_match
    $ (random-lines 20000; random-lines 20000 2) | sed 's/ /:/' | cmp - <(cut -f1 answers)

With a limit there are as many lines as matches.

    $ value=$(random-lines 1 | cut -d' ' -f2); for bits in 3 6 9; do echo pdq $(near $value $bits); done | hilf import known -
    added	3
    already	0
    degenerate	0
    bad	0
    $ random-lines 1 > lines; hilf match --limit 3 --signals lines | cut -f4-6
    1	pdq	0
    1001	pdq	3
    1002	pdq	6

A byte order mark, CRLF line ends and labels do no harm.

    $ printf '\xef\xbb\xbfmd5 0123456789abcdef0123456789abcdef\r\nmd5\t0123456789abcdef0123456789abcdef event=paris\n' | hilf match --signals - | cut -f1,2
    md5:0123456789abcdef0123456789abcdef	no_match
    md5:0123456789abcdef0123456789abcdef	no_match

A line that cannot be read is undecided, and the next one is answered.

    $ (random-lines 1; echo pdq 12; echo nonsense; random-lines 1 99) | hilf match --signals -
    pdq:1e2feb89414c343c1027c4d1c386bbc4cd613e30d8f16adf91b7584a2265b1f5	review	known	1	pdq	0	31	original	-	and 3 more
    pdq 12	undecided	-	-	-	-	-	-	-	a pdq value has 64 hexadecimal digits, this one has 2
    nonsense	undecided	-	-	-	-	-	-	-	nothing comes after 'nonsense'; a line is TYPE VALUE [KEY=VALUE ...]
    pdq:221c4e003f9931ee3af27f802dc5fd3d9974d75b333824fe61790134676b1b69	no_match	-	-	-	-	-	-	-	-
    ! hilf: standard input: line 2: a pdq value has 64 hexadecimal digits, this one has 2
    ! hilf: standard input: line 3: nothing comes after 'nonsense'; a line is TYPE VALUE [KEY=VALUE ...]
    [2]

An answer comes as soon as it is there.

    $ coproc hilf match --signals -; random-lines 1 >&${COPROC[1]}; read -t 20 answer <&${COPROC[0]}; echo "$answer"
    pdq:1e2feb89414c343c1027c4d1c386bbc4cd613e30d8f16adf91b7584a2265b1f5	review	known	1	pdq	0	31	original	-	and 3 more

    $ hilf match --signals absent
    ! hilf: cannot open 'absent': No such file or directory
    [2]
    $ hilf match --signals .
    ! hilf: '.' is a folder; a file with lines is wanted here
    [2]
    $ hilf match --signals - < /dev/null
    ! hilf: standard input: there are no signals in it
    [2]
    $ head -c 100000 /dev/zero | hilf match --signals -
    ! hilf: standard input: a line of more than 16384 bytes; is this the right file?
    [2]
