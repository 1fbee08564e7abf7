A full disk: what was said to be there is there, what was not is said not to be, and once there is room it goes on.
requires: mount

    $ random-lines 100000 > many; mkdir small; unshare -m bash <<'END'
    > mount -t tmpfs -o size=16m tmpfs small; export HILF_DATA=small/data
    > hilf bank create known -q
    > hilf import known many > counts; echo "import: $?"
    > test $(hilf bank list | cut -f4) = $(sed -n 's/^added.//p' counts) && echo "there are as many as were said"
    > hilf match --signal md5:0123456789abcdef0123456789abcdef > /dev/null; echo "match: $?"
    > hilf fsck --check > checked; echo "fsck: $?"
    > mount -o remount,size=100m small
    > hilf import known many > counts; echo "import: $?"
    > hilf bank list | cut -f4
    > END
    import: 2
    there are as many as were said
    match: 1
    fsck: 0
    import: 0
    100000
    ! hilf: cannot write: the disk of 'small/data/hilf.db' is full; nothing was changed; make room and try again
    ! hilf: <n> entries were added before; import the same again when that is mended: what is there is not added twice
