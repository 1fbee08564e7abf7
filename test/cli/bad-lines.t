Lines that cannot be read: each is named, the good ones are added.

    $ hilf bank create known -q
    $ (random-lines 1; echo pdq 12; echo; echo '# a comment'; echo pdq; echo sha1 0123456789abcdef0123456789abcdef01234567; random-lines 1 2 | tr a-f A-F; echo md5 0123456789abcdef0123456789abcdef event; echo md5 0123456789abcdef0123456789abcdef event=pa@ris; random-lines 1 3) > lines
    $ hilf import known lines
    added	2
    already	0
    degenerate	0
    bad	6
    ! hilf: lines: line 2: a pdq value has 64 hexadecimal digits, this one has 2
    ! hilf: lines: line 5: nothing comes after 'pdq'; a line is TYPE VALUE [KEY=VALUE ...]
    ! hilf: lines: line 6: unknown signal type 'sha1'; known types are pdq, sha256 and md5
    ! hilf: lines: line 7: unknown signal type 'pDq': write it in lower case
    ! hilf: lines: line 8: 'event' is no KEY=VALUE; a line is TYPE VALUE [KEY=VALUE ...]
    ! hilf: lines: line 9: the value of label 'event' holds '@'; a label is one word that names no person
    [2]
    $ hilf bank list | cut -f4
    2

With --strict nothing is added unless every line is good, also from standard input.

    $ (random-lines 40000 7; echo pdq 12) | hilf import known - --strict
    ! hilf: standard input: line 40001: a pdq value has 64 hexadecimal digits, this one has 2
    ! hilf: nothing was added: --strict wants every line to be good
    [2]
    $ hilf import --strict known lines
    ! hilf: lines: line 2: a pdq value has 64 hexadecimal digits, this one has 2
    ! hilf: nothing was added: --strict wants every line to be good
    [2]
    $ hilf bank list | cut -f4
    2
    $ random-lines 40000 7 | hilf import known - --strict
    added	40000
    already	0
    degenerate	0
    bad	0

Only the first twenty are named.

    $ (random-lines 1; for i in {1..25}; do echo pdq $i; done) | hilf import known - 2>&1 | tail -7
    hilf: standard input: line 20: a pdq value has 64 hexadecimal digits, this one has 2
    hilf: standard input: line 21: a pdq value has 64 hexadecimal digits, this one has 2
    hilf: standard input: and 5 more bad lines
    added	0
    already	1
    degenerate	0
    bad	25

hilf's own labels are checked like options.

    $ (echo md5 00000000000000000000000000000001 hilf.class=incitment; echo md5 00000000000000000000000000000001 hilf.expires=2020-01-01; echo md5 00000000000000000000000000000001 hilf.what=x; echo md5 00000000000000000000000000000001 hilf.ground=a@b) | hilf import known -
    added	0
    already	0
    degenerate	0
    bad	4
    ! hilf: standard input: line 1: there is no class 'incitment'; did you mean 'incitement'?
    ! hilf: standard input: line 2: hilf.expires <date> is past
    ! hilf: standard input: line 3: there is no 'hilf.what': hilf's own labels are hilf.class, hilf.entry, hilf.expires, hilf.ground and hilf.ground2
    ! hilf: standard input: line 4: the value of label 'hilf.ground' holds '@'; a label is one word that names no person
    [2]

Files of another kind.

    $ printf 'name,size\na,1\n' | hilf import known -
    added	0
    already	0
    degenerate	0
    bad	0
    ! hilf: standard input: line 1: the header has no column for the type; name one 'type' (or signal_type, algorithm)
    [2]
    $ head -c 100000 /dev/zero | hilf import known -
    added	0
    already	0
    degenerate	0
    bad	1
    ! hilf: standard input: line 1: longer than 16384 bytes
    [2]
    $ printf '\xff\xfep\0d\0q\0' | hilf import known -
    added	0
    already	0
    degenerate	0
    bad	0
    ! hilf: standard input: line 1: the text is UTF-16; save it as UTF-8
    [2]
    $ printf 'md5 0123456789abcdef0123456789abcdef\0\n' | hilf import known -
    added	0
    already	0
    degenerate	0
    bad	1
    ! hilf: standard input: line 1: a md5 value is 32 hexadecimal digits, but character 33 is '\x00'
    [2]
