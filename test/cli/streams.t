Pipes, full outputs and signals.

    $ hilf bank create known -q; random-lines 20000 | hilf import known - > /dev/null

Whoever reads may stop reading: hilf ends as other programs do, by SIGPIPE, and says nothing.

    $ hilf export known | head -1 | cut -c1-4; echo ${PIPESTATUS[0]}
    pdq 
    141
    $ random-lines 100000 | hilf match --signals - | head -1 | cut -f2; echo ${PIPESTATUS[1]}
    review
    141

What cannot be written is trouble.

    $ hilf export known > /dev/full
    ! hilf: cannot write the results: No space left on device; what was to be done is done as far as it was said
    [2]
    $ hilf bank list >&-
    ! hilf: cannot write the results: Bad file descriptor; what was to be done is done as far as it was said
    [2]
    $ hilf bank list 2>&- >/dev/full
    [2]

Adding goes on although nobody reads the answers.

    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef | true; hilf match --signal md5:0123456789abcdef0123456789abcdef | cut -f2
    review

Ctrl-C and SIGTERM end the work, with what was done printed.

    $ mkfifo in; exec 3<>in; random-lines 3 >in; env --default-signal=INT hilf match --signals - <in >answers & pid=$!; until [ -s answers ]; do sleep 0.05; done; kill -INT $pid; wait $pid; echo $?; cut -f2 answers
    130
    review
    review
    review
    ! hilf: stopped; 3 were compared until then
    $ exec 3<>in; random-lines 3 5 >in; hilf import known - <in >counts & pid=$!; until [ $(hilf bank list | cut -f4) = 20004 ]; do sleep 0.05; done; kill -TERM $pid; wait $pid; echo $?; cat counts
    143
    added	3
    already	0
    degenerate	0
    bad	0
    ! hilf: stopped; what was read until then is added
    $ hilf bank list | cut -f4
    20004

Half a line that is there by then is not taken for a whole one.

    $ exec 3<>in; (random-lines 3 6; printf 'md5 0123456789abcdef0123456789abcdee event=pa') >in; hilf import known - <in >counts & pid=$!; until [ $(hilf bank list | cut -f4) = 20007 ]; do sleep 0.05; done; kill -TERM $pid; wait $pid; cat counts
    added	3
    already	0
    degenerate	0
    bad	0
    ! hilf: stopped; what was read until then is added
    $ exec 3<>in; random-lines 3 8 >in; hilf import known - --strict <in >counts & pid=$!; until grep -q '^SigCgt:.*[4-7c-f]...$' /proc/$pid/status; do sleep 0.05; done; kill -TERM $pid; wait $pid; echo $?; cat counts
    143
    ! hilf: stopped; nothing was added: not every line was looked at
    $ hilf bank list | cut -f4
    20007

Without standard input, hilf does not take another file for it.

    $ hilf match --signals - <&-
    ! hilf: cannot read standard input: Bad file descriptor
    [2]
