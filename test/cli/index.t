The snapshot of the index: written, read, bad, removed. Answers are the same throughout.

    $ hilf bank create known -q
    $ random-lines 9 > lines; hilf import known lines -q | head -1
    added	9
    $ hilf index | cut -f1,2
    records	<any>
    snapshot_records	0
    snapshot_bytes	0
    read	9
    $ hilf index --save | cut -f1,2
    records	<any>
    snapshot_records	<any>
    snapshot_bytes	<any>
    read	9
    $ hilf index | grep ^read
    read	0	entries that this start had to read from the store
    $ hilf index --json | json-check records snapshot_records snapshot_bytes read | cut -f4
    0
    $ hilf match --signals lines | cut -f2 | sort | uniq -c | tr -s ' '
     9 review
    $ random-lines 11 | hilf import known - -q | head -1
    added	2
    $ hilf index | grep ^read | cut -f2
    2
    $ hilf fsck | tail -1
    ok	index	every block of its snapshot is whole
    $ hilf doctor | grep -c '^ok.index.a snapshot of'
    1

One that is damaged is named, and not believed; what it cannot say is read from the store.

    $ printf x | dd of=data/index/hamming/manifest bs=1 seek=100 conv=notrunc status=none
    $ hilf fsck --check | tail -1 | cut -f1,2
    warning	index
    $ hilf match --signals lines 2> said | cut -f2 | sort | uniq -c | tr -s ' '; cut -d: -f1-3 said
     9 review
    hilf: the snapshot of the index could not be used, and all was read from the store: <any>
    $ hilf index | cut -f1,2 | tail -3
    snapshot_records	0
    snapshot_bytes	0
    read	11
    $ hilf index --save -q | grep -c .
    4
    $ printf x | dd of=data/index/hamming/manifest bs=1 seek=100 conv=notrunc status=none
    $ hilf fsck | tail -1 | cut -f1,2
    mended	index
    $ hilf fsck | grep -c index
    0
    [1]

It is a cache.

    $ hilf index --save | grep -c .
    4
    $ hilf index --drop; hilf index --drop
    $ hilf index | grep ^read | cut -f2
    11
    $ hilf index --save --drop
    ! hilf: --save and --drop undo each other; name one
    ! hilf: 'hilf index --help' says more
    [2]
