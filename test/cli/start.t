The first steps, as the README has them: a bank, what is known, and what came in.
requires: pictures

Before anything is there, hilf says how to begin.

    $ hilf bank list
    ! hilf: there is no data in 'DIR/data' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ hilf match pictures/known/hills.jpg
    ! hilf: there is no data in 'DIR/data' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]

A bank of known pictures. What is printed is the id of each entry.

    $ hilf bank create known
    ! hilf: bank 'known' is there, mode review; fill it with 'hilf add known FILE...' or 'hilf import known FILE'
    $ hilf add known pictures/known --label origin=drawn
    1	added	pictures/known/banner.jpg
    2	added	pictures/known/cover.png
    3	added	pictures/known/crowd.jpg
    4	added	pictures/known/dunes.png
    5	added	pictures/known/emblem.jpg
    6	added	pictures/known/hills.jpg
    7	added	pictures/known/map.png
    8	added	pictures/known/mosaic.jpg
    9	added	pictures/known/placard.jpg
    10	added	pictures/known/skyline.jpg

Edited copies are recognised, strangers are not; the exit status says whether something matched.

    $ hilf match pictures/uploads/hills--jpeg-q20.jpg pictures/uploads/hills--mirrored.jpg pictures/uploads/hills--rotated-90.jpg
    pictures/uploads/hills--jpeg-q20.jpg	review	known	6	pdq	2	31	original	origin=drawn	-
    pictures/uploads/hills--mirrored.jpg	review	known	6	pdq	0	31	flipy	origin=drawn	-
    pictures/uploads/hills--rotated-90.jpg	review	known	6	pdq	0	31	rotate90	origin=drawn	-
    $ hilf match pictures/uploads/stranger-1.jpg
    pictures/uploads/stranger-1.jpg	no_match	-	-	-	-	-	-	-	-
    [1]

A file that is the same to the last byte is found by its digest.

    $ hilf match pictures/known/hills.jpg
    pictures/known/hills.jpg	review	known	6	sha256	0	0	-	origin=drawn	-

Everything in a folder, in the order of names; only what matched.

    $ hilf match --matches-only pictures/uploads | grep -c review
    96
    $ hilf match --matches-only pictures/uploads | grep stranger
    [1]

An entry that is withdrawn is not found any more.

    $ hilf withdraw 6 --reason 'error: a landscape'
    ! hilf: entry 6 is withdrawn; no query finds it any more
    $ hilf match pictures/known/hills.jpg
    pictures/known/hills.jpg	no_match	-	-	-	-	-	-	-	-
    [1]

    $ hilf stats
    banks	1	banks
    entries	9	entries in force
    withdrawn	1	entries that were withdrawn
    expired	0	entries that have expired
    pdq	9	pdq signals in force
    sha256	9	sha256 signals in force
    md5	9	md5 signals in force
    degenerate	0	values kept out because they stand for nothing
    index_values	9	values in the similarity index
    index_bytes	<n>	bytes of memory that the index takes
    records	4	records in the feed
    record_bytes	<n>	bytes of records
    member	<id>	this node speaks for it
    simd	<any>	instructions that the index and pdq use
