At a terminal: columns are aligned and have headings, and what cannot be taken back is asked about.
requires: pictures

    $ terminal hilf bank list
    hilf: there is no data in 'DIR/data' yet; 'hilf bank create NAME' begins it, --data DIR names another place
    [2]
    $ hilf bank create known -q; hilf bank create trial --mode shadow -q
    $ terminal hilf bank list
    bank   mode    pdq  entries  withdrawn  owner  created
    known  review   31        0          0  own    <date>
    trial  shadow   31        0          0  own    <date>
    $ terminal hilf add known pictures/known/hills.jpg pictures/known/map.png --label event=paris
    entry  what   path
        1  added  pictures/known/hills.jpg
        2  added  pictures/known/map.png
    $ terminal hilf match pictures/uploads/map--mirrored.jpg pictures/uploads/hills--grey.jpg
    path                                verdict  bank   entry  signal  distance  threshold  orientation  labels       note
    pictures/uploads/map--mirrored.jpg  review   known      2  pdq            0         31  flipy        event=paris
    pictures/uploads/hills--grey.jpg    review   known      1  pdq            0         31  original     event=paris
    hilf: 2 compared: 2 matched, 0 undecided
    $ terminal hilf match --quiet pictures/uploads/stranger-1.jpg
    path                             verdict   bank  entry  signal  distance  threshold  orientation  labels  note
    pictures/uploads/stranger-1.jpg  no_match  -         -  -              -          -  -            -
    [1]
    $ terminal hilf bank show known
    bank known: own, review, pdq within 31 bits, 2 entries, 0 withdrawn
    
    entry  signals         class         added       expires     labels
        1  pdq,sha256,md5  unclassified  <date>  <date>  event=paris
        2  pdq,sha256,md5  unclassified  <date>  <date>  event=paris
    $ (echo pdq 1; random-lines 2) > lines; terminal hilf import known lines
    hilf: lines: line 1: a pdq value has 64 hexadecimal digits, this one has 1
    added                 2
    already               0
    degenerate            0
    bad                   1
    [2]

Removing a bank that has entries: its name has to be typed.

    $ terminal --type no hilf bank remove known
    This withdraws 4 entries of bank 'known' for good. Type the bank's name to go on: no
    hilf: bank 'known' was left as it is
    [2]
    $ terminal --type known hilf bank remove known
    This withdraws 4 entries of bank 'known' for good. Type the bank's name to go on: known
    hilf: bank 'known' is removed; 4 entries were withdrawn
    $ terminal hilf bank remove trial
    hilf: bank 'trial' is removed; 0 entries were withdrawn
