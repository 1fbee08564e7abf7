Backups are taken while others write, and restored into an empty folder.

    $ hilf bank create known -q; random-lines 9 > lines; hilf import known lines -q | head -1
    added	9
    $ hilf backup first
    ! hilf: the backup 'first' is made and checked; it holds the node's key, so keep it where nobody else can read it
    $ find first | sort
    first
    first/hilf.db
    first/key
    first/key/node.key
    first/manifest.json
    $ hilf backup --json second
    {"backup":"second"}
    $ stat -c '%a %n' first first/hilf.db first/key/node.key
    700 first
    600 first/hilf.db
    600 first/key/node.key
    $ hilf restore first --data again
    ! hilf: 'again' is as the backup 'first' was; what was written after it is not there
    $ hilf match --data again --signals lines | cut -f2 | sort | uniq -c | tr -s ' '
     9 review
    $ random-lines 12 | hilf import known - --data again -q | head -1
    added	3
    $ hilf restore --json first --data third
    {"data":"third"}

What is there is never written over, and what is no backup is not restored.

    $ hilf backup first
    ! hilf: 'first' is there already; a backup is never written over anything
    [2]
    $ hilf restore first
    ! hilf: there is data in 'DIR/data' already ('hilf.db'); restore into another folder, or move it away
    [2]
    $ hilf restore data --data fourth
    ! hilf: 'data' is no backup that hilf made: there is no manifest.json in it
    [2]
    $ printf x | dd of=second/hilf.db bs=1 seek=9000 conv=notrunc status=none
    $ hilf restore second --data fourth
    ! hilf: 'second/hilf.db' is not what the manifest says; this backup is damaged, take another
    [2]
    $ ls fourth
    hilf.lock

An entry is erased, and only it.

    $ hilf entry erase 4 --reason court
    ! hilf: entry 4 is erased; older backups still hold it
    $ hilf match --signals lines | cut -f2 | sort | uniq -c | tr -s ' '
     1 no_match
     8 review
    $ grep -c "$(sed -n 4p lines | cut -d' ' -f2)" data/hilf.db data/hilf.db-wal
    data/hilf.db:0
    data/hilf.db-wal:0
    [1]
    $ hilf fsck
    ok	database	sound
    note	feed	1 records were erased; their headers are there, and their signatures
    ok	feed	6 records, each of its form and signed by its author
    ok	tables	as the feed says
    $ hilf entry erase 4 --reason court --json
    {"entry":"4","erased":0}
    $ hilf entry erase 4711 --reason court
    ! hilf: there is no entry 4711
    [2]
    $ hilf entry erase 5
    ! hilf: why? Say --reason TEXT, such as --reason court
    ! hilf: 'hilf entry erase --help' says more
    [2]
