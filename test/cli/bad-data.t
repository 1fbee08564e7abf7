The data folder in trouble: each says what, where and what to do, and nothing is lost.

    $ hilf bank create known -q; random-lines 100 | hilf import known - -q > /dev/null

A bank that is not there, or there already.

    $ hilf match --bank nothing --signal md5:0123456789abcdef0123456789abcdef
    ! hilf: there is no bank 'nothing'; 'hilf bank list' shows all, 'hilf bank create NAME' makes one
    [2]
    $ hilf bank create known
    ! hilf: there is a bank 'known' already; 'hilf bank show known' shows it
    [2]

No data at all, and what is no data folder.

    $ hilf --data absent bank list
    ! hilf: there is no data in 'absent' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ hilf --data absent match --signal md5:0123456789abcdef0123456789abcdef
    ! hilf: there is no data in 'absent' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ hilf --data absent fsck
    ! hilf: there is no data in 'absent' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ : > file; hilf --data file bank list
    ! hilf: 'file' is no folder, so no data can be in it; name another with --data DIR
    [2]
    $ hilf --data file bank create known
    ! hilf: 'file' is no folder, so no data can be in it; name another with --data DIR
    [2]
    $ mkdir other; echo 'this is no database, but it is long enough to be looked at by one' > other/hilf.db; hilf --data other bank list
    ! hilf: 'other/hilf.db' is no database, or damaged; 'hilf fsck' says how much; else restore a backup
    [2]
    $ HOME= HILF_DATA= hilf bank list
    ! hilf: no data folder: HOME is not set; say --data DIR, or set HILF_DATA
    [2]
    $ env -u HOME -u HILF_DATA hilf bank list
    ! hilf: no data folder: HOME is not set; say --data DIR, or set HILF_DATA
    [2]

Where the data is: --data, else HILF_DATA, else XDG_DATA_HOME/hilf, else ~/.local/share/hilf.

    $ HILF_DATA= XDG_DATA_HOME=$PWD/xdg hilf bank create x -q; ls xdg/hilf | grep db$
    hilf.db
    $ HILF_DATA= hilf bank create x -q; ls .local/share/hilf | grep db$
    hilf.db

Data of a newer hilf.

    $ cp -r data newer; sqlite3 newer/hilf.db 'pragma user_version = 99'
    $ hilf --data newer bank list
    ! hilf: 'newer/hilf.db' was written by a newer hilf (store version 99, this one knows 2); upgrade this hilf
    [2]
    $ hilf --data newer bank create y
    ! hilf: 'newer/hilf.db' was written by a newer hilf (store version 99, this one knows 2); upgrade this hilf
    [2]

Two writers: the second waits five seconds, and then names the first.

    $ exec 9>>data/hilf.lock; flock 9; hilf add known --signal md5:0123456789abcdef0123456789abcdef
    ! hilf: process <any> holds 'DIR/data/hilf.lock'; waited 5000 ms; try again when it has finished
    [2]
    $ (hilf add known --signal md5:0123456789abcdef0123456789abcdef -q & hilf add known --signal md5:0123456789abcdef0123456789abcdee -q & wait) | cut -f2
    added
    added
    $ hilf bank list | cut -f4
    102

A helper that is missing.

    $ mkdir none; HILF_HELPERS=none hilf match --signal md5:0123456789abcdef0123456789abcdef | cut -f2
    review
    $ HILF_HELPERS=$PWD/none hilf add known --signal md5:0123456789abcdef0123456789abcded
    ! hilf: cannot run the helper 'DIR/none/hilf-seal': No such file or directory; is hilf installed whole?
    [2]
    $ echo text > text; HILF_HELPERS=$PWD/none hilf match text
    ! hilf: cannot run the helper 'DIR/none/hilf-decode-image': No such file or directory; is hilf installed whole?
    [2]

Records and what is derived from them are checked, and mended.

    $ hilf fsck
    ok	database	sound
    ok	feed	5 records, each of its form and signed by its author
    ok	tables	as the feed says
    $ hilf fsck --check
    ok	database	sound
    ok	feed	5 records, each of its form and signed by its author
    ok	tables	as the feed says

What is damaged beyond reading is said to be.

    $ cp -r data broken; printf XXXXXXXXXXXXXXXX | dd of=broken/hilf.db bs=1 seek=20 conv=notrunc status=none; hilf --data broken bank list
    ! hilf: 'broken/hilf.db' is <any>damaged; 'hilf fsck' says how much; else restore a backup
    [2]
    $ hilf --data broken fsck
    ! hilf: the database in 'broken' is damaged so much that it cannot be checked; keep a copy of it and restore a backup
    [2]

What this machine has, and has not.

    $ hilf doctor | cut -f2 | sort -u
    clock
    data folder
    decoding
    fetching
    index
    key
    processor
    store
    walls
    $ hilf doctor --json | json-check level what > /dev/null
    $ HILF_HELPERS=$PWD/none hilf doctor | grep ^problem
    problem	key	cannot run the helper 'DIR/none/hilf-seal': No such file or directory; is hilf installed whole?
    problem	decoding	cannot run the helper 'DIR/none/hilf-decode-image': No such file or directory; is hilf installed whole?
    problem	fetching	cannot run the helper 'DIR/none/hilf-fetch': No such file or directory; is hilf installed whole?
    ! hilf: 3 problems: see what is said there
