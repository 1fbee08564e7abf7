Adding pictures and signals.
requires: pictures

    $ hilf bank create known -q
    $ hilf add known pictures/known/hills.jpg --label event=paris --label lang=ar --class incitement --ground 'TCO Art. 2(7)(a)' --expires 90d
    1	added	pictures/known/hills.jpg

The same again answers with the id it has.

    $ hilf add known pictures/known/hills.jpg pictures/known/map.png
    1	already	pictures/known/hills.jpg
    2	added	pictures/known/map.png
    $ hilf add --json known pictures/known/hills.jpg
    {"path":"pictures/known/hills.jpg","result":"already","entry":1}
    $ hilf bank show known
    1	pdq,sha256,md5	incitement	<date>	<date>	event=paris lang=ar
    2	pdq,sha256,md5	unclassified	<date>	<date>	-

What is there stays as it is.

    $ hilf add known pictures/known/hills.jpg --label event=nice --expires 30d
    1	already	pictures/known/hills.jpg
    ! hilf: what is there already stays as it is, with its own labels, class, ground and expiry; 'hilf entry set' changes them
    $ hilf bank show known | head -1
    1	pdq,sha256,md5	incitement	<date>	<date>	event=paris lang=ar

A signal that somebody else gave.

    $ hilf add known --signal pdq:$(random-lines 1 5 | cut -d' ' -f2) --signal md5:0123456789abcdef0123456789abcdef
    3	added	pdq:d76d4330f1446beab0c11fdecb91ce375bc8fbbcbde5c0994164d8399f767c45
    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef
    3	already	md5:0123456789abcdef0123456789abcdef
    $ hilf add known --signal pdq:0000000000000000000000000000000000000000000000000000000000000000
    -	degenerate	pdq:0000000000000000000000000000000000000000000000000000000000000000
    ! hilf: pdq:0000000000000000000000000000000000000000000000000000000000000000: this value stands for nothing (a plain picture has it too), so it was not added
    [2]

A folder: pictures are added, other files passed over, and said so.

    $ mkdir -p mixed/inner; cp pictures/known/map.png mixed/inner; echo text > mixed/notes.txt; ln -s ../pictures mixed/link
    $ hilf add known mixed
    2	already	mixed/inner/map.png
    ! hilf: mixed: 1 file is no picture: only pictures are added
    $ mkdir empty; hilf add known empty
    ! hilf: empty: there is nothing in this folder; name one with pictures
    [2]
    $ mkdir texts; echo text > texts/a.txt; hilf add known texts
    ! hilf: texts: there are no pictures in this folder, only 1 other file; name one with pictures
    [2]

What cannot be added is said, the rest is added.

    $ echo text > fake.jpg; : > nothing.png
    $ hilf add known fake.jpg pictures/known/dunes.png nothing.png absent.jpg
    4	added	pictures/known/dunes.png
    ! hilf: fake.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    ! hilf: nothing.png: the file is empty; get the file again from where it came
    ! hilf: absent.jpg: there is no such file or folder
    [2]
    $ hilf add known --json fake.jpg
    {"path":"fake.jpg","result":"undecided","undecided":{"code":"unsupported","reason":"not a picture that hilf knows"}}
    ! hilf: fake.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    [2]

Paths from a list.

    $ find pictures/known/ -name 'e*' | hilf add known --files-from -
    5	added	pictures/known/emblem.jpg
    $ find pictures/known/ -name 'c*' -print0 | sort -z | hilf add known -0 -
    6	added	pictures/known/cover.png
    7	added	pictures/known/crowd.jpg

What makes no sense:

    $ hilf add known
    ! hilf: what shall be added to 'known'? Say hilf add known FILE..., or --signal TYPE:VALUE
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add
    ! hilf: BANK is missing: hilf add BANK FILE... [--label KEY=VALUE]... [OPTION]...
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add knwon fake.jpg
    ! hilf: there is no bank 'knwon'; did you mean 'known'? 'hilf bank list' shows all
    [2]
    $ hilf add known fake.jpg --signal md5:00
    ! hilf: name files or --signal, not both: an entry is one or the other
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --label event
    ! hilf: --label is KEY=VALUE, such as event=paris, not 'event'
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --label 'event=pa ris'
    ! hilf: the value of label 'event' holds a blank; a label is one word that names no person
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --label event=paris -l event=nice
    ! hilf: --label event is there twice; a label has one value
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --label hilf.class=x
    ! hilf: --label hilf.class=x: keys that begin with 'hilf.' are hilf's own; take another
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --class incitment
    ! hilf: there is no class 'incitment'; did you mean 'incitement'?
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --expires yesterday
    ! hilf: --expires is a day such as <date> or a duration such as 90d, 12w or 36h, not 'yesterday'
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --expires 2020-01-01
    ! hilf: --expires <date> is past
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --expires 900d
    ! hilf: --expires 900d is too far away: an entry lives 24 months at most, and can be added again
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known fake.jpg --ground 'because @me said so'
    ! hilf: the ground holds '@'; a citation is letters, digits, blanks and .,:;/()-'&+
    ! hilf: 'hilf add --help' says more
    [2]
