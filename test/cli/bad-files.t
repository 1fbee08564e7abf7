Files that cannot be decided: each says why, none stops the others, and none is taken for no_match.
requires: pictures

    $ hilf bank create known -q; hilf add known pictures/known/hills.jpg
    1	added	pictures/known/hills.jpg

No file, and a folder without pictures.

    $ hilf match absent.jpg
    absent.jpg	undecided	-	-	-	-	-	-	-	there is no such file or folder
    ! hilf: absent.jpg: there is no such file or folder
    [2]
    $ mkdir empty texts; echo text > texts/readme.txt
    $ hilf match empty
    ! hilf: empty: there is nothing in this folder; name one with pictures
    [2]
    $ hilf match texts
    ! hilf: texts: there are no pictures in this folder, only 1 other file; name one with pictures
    [2]
    $ hilf match --json absent.jpg
    {"path":"absent.jpg","verdict":"undecided","undecided":{"code":"unreadable","reason":"there is no such file or folder"}}
    ! hilf: absent.jpg: there is no such file or folder
    [2]

An empty file, one that is cut short, a text that calls itself a picture.

    $ : > empty.jpg; head -c 20000 pictures/known/hills.jpg > short.jpg; head -c 3000 pictures/known/map.png > short.png; echo text > text.jpg
    $ hilf match empty.jpg
    empty.jpg	undecided	-	-	-	-	-	-	-	the file is empty
    ! hilf: empty.jpg: the file is empty; get the file again from where it came
    [2]
    $ hilf match short.jpg
    short.jpg	undecided	-	-	-	-	-	-	-	JPEG: Premature end of JPEG file
    ! hilf: short.jpg: JPEG: Premature end of JPEG file; get the file again from where it came
    [2]
    $ hilf match short.png
    short.png	undecided	-	-	-	-	-	-	-	PNG: the file is cut short
    ! hilf: short.png: PNG: the file is cut short; get the file again from where it came
    [2]
    $ hilf match text.jpg
    text.jpg	undecided	-	-	-	-	-	-	-	not a picture that hilf knows
    ! hilf: text.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    [2]
    $ hilf match --json text.jpg | json-check path verdict undecided
    "text.jpg"	"undecided"	{"code": "unsupported", "reason": "not a picture that hilf knows"}
    ! hilf: text.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM

A bomb: 20,000 points by 20,000 in 400 kB. It is refused by its header.

    $ make-bomb bomb.png; hilf match bomb.png
    bomb.png	undecided	-	-	-	-	-	-	-	the png picture is 20000 x 20000; it may have 50 megapixels
    ! hilf: bomb.png: the png picture is 20000 x 20000; it may have 50 megapixels; have a person look at it, or a smaller copy made
    [2]

Matches are printed whatever else there was.

    $ hilf match empty.jpg pictures/uploads/hills--grey.jpg text.jpg absent.jpg
    empty.jpg	undecided	-	-	-	-	-	-	-	the file is empty
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	-	-
    text.jpg	undecided	-	-	-	-	-	-	-	not a picture that hilf knows
    absent.jpg	undecided	-	-	-	-	-	-	-	there is no such file or folder
    ! hilf: empty.jpg: the file is empty; get the file again from where it came
    ! hilf: text.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    ! hilf: absent.jpg: there is no such file or folder
    [2]

A name with a line end, with a terminal's controls, or that is no UTF-8 neither breaks a line nor steers the terminal.

    $ cp pictures/uploads/hills--grey.jpg $'new\nline.jpg'; cp text.jpg $'esc\x1b[2J.jpg'; cp text.jpg $'latin\xfc.jpg'; cp text.jpg $'tab\there.jpg'
    $ hilf match $'new\nline.jpg'
    new\x0aline.jpg	review	known	1	pdq	0	31	original	-	-
    $ hilf match $'esc\x1b[2J.jpg' $'tab\there.jpg' $'latin\xfc.jpg'
    esc\x1b[2J.jpg	undecided	-	-	-	-	-	-	-	not a picture that hilf knows
    tab\x09here.jpg	undecided	-	-	-	-	-	-	-	not a picture that hilf knows
    latin\xfc.jpg	undecided	-	-	-	-	-	-	-	not a picture that hilf knows
    ! hilf: esc\x1b[2J.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    ! hilf: tab\x09here.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    ! hilf: latin\xfc.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    [2]
    $ hilf match --json $'new\nline.jpg' $'latin\xfc.jpg' $'esc\x1b[2J.jpg' | json-check path path_hex verdict
    "new\nline.jpg"	null	"review"
    "latin\ufffd.jpg"	"6c6174696efc2e6a7067"	"undecided"
    "esc\u001b[2J.jpg"	null	"undecided"
    ! hilf: latin\xfc.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    ! hilf: esc\x1b[2J.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    $ printf 'new\nline.jpg\0' | hilf match -0 -
    new\x0aline.jpg	review	known	1	pdq	0	31	original	-	-

No regular file, no right to read it.

    $ mkfifo pipe; hilf match pipe /dev/null
    pipe	undecided	-	-	-	-	-	-	-	this is neither a file nor a folder; write it to a file first
    /dev/null	undecided	-	-	-	-	-	-	-	this is neither a file nor a folder; write it to a file first
    ! hilf: pipe: this is neither a file nor a folder; write it to a file first
    ! hilf: /dev/null: this is neither a file nor a folder; write it to a file first
    [2]
    $ hilf hash text.jpg pictures/known/hills.jpg absent.jpg
    text.jpg	sha256	b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733	-
    text.jpg	md5	e1cbb0c3879af8347246f12c559a86b5	-
    pictures/known/hills.jpg	pdq	6b2d921b1069efe6f769901d7c80636b56f68c8c2f0d29e1556b2f89a85456b6	100
    pictures/known/hills.jpg	sha256	b9f61997a181b33c6b61654d6869383ac55ebe57d9a97312190d170dd48ee2da	-
    pictures/known/hills.jpg	md5	b38b836b6a93f95a33ce7f8202eedb4a	-
    ! hilf: text.jpg: not a picture that hilf knows; hilf reads JPEG, PNG, WebP, GIF, TIFF, HEIC, AVIF, BMP and PNM
    ! hilf: absent.jpg: there is no such file or folder
    [2]
    $ hilf hash pictures/known/hills.jpg empty.jpg --json | json-check path pdq sha256 md5 quality degenerate undecided
    "pictures/known/hills.jpg"	"6b2d921b1069efe6f769901d7c80636b56f68c8c2f0d29e1556b2f89a85456b6"	"b9f61997a181b33c6b61654d6869383ac55ebe57d9a97312190d170dd48ee2da"	"b38b836b6a93f95a33ce7f8202eedb4a"	100	false	null
    "empty.jpg"	null	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"	"d41d8cd98f00b204e9800998ecf8427e"	null	null	{"code": "unsupported", "reason": "the file is empty"}
    ! hilf: empty.jpg: the file is empty; get the file again from where it came

A picture that is too plain to be told from others.

    $ printf 'P5 64 64 255\n' > plain.pgm; head -c 4096 /dev/zero >> plain.pgm
    $ hilf match plain.pgm
    plain.pgm	no_match	-	-	-	-	-	-	-	too plain to be compared but by its digests
    [1]
    $ hilf hash plain.pgm
    plain.pgm	pdq	0000000000000000000000000000000000000000000000000000000000000000	0
    plain.pgm	sha256	d0d269a9da2e456ef8faf743adba01aa4c4fe8b9648d36327c206dd1d606812c	-
    plain.pgm	md5	e9ed81a5f5084c902015121a1fd45add	-
    ! hilf: plain.pgm: too plain for its pdq to stand for it
    $ hilf add known plain.pgm
    2	added	plain.pgm
    ! hilf: plain.pgm: too plain to be recognised when edited; only its digests were added
    $ hilf match plain.pgm
    plain.pgm	review	known	2	sha256	0	0	-	-	-

A file that was there is not there any more, in a list.

    $ printf 'gone.jpg\npictures/uploads/hills--grey.jpg\n' | hilf match -
    gone.jpg	undecided	-	-	-	-	-	-	-	there is no such file or folder
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	-	-
    ! hilf: gone.jpg: there is no such file or folder
    [2]
