Files and folders that this account has no right to.
requires: pictures
requires: setpriv

Root may read everything; `poor` runs a command without that right.

    $ hilf bank create known -q; hilf add known pictures/known/hills.jpg
    1	added	pictures/known/hills.jpg
    $ cp pictures/uploads/hills--grey.jpg secret.jpg; chmod 0 secret.jpg; mkdir closed; chmod 0 closed
    $ poor hilf match secret.jpg closed pictures/uploads/hills--grey.jpg
    secret.jpg	undecided	-	-	-	-	-	-	-	this user has no right to read it; run as one who has
    closed	undecided	-	-	-	-	-	-	-	this user has no right to read it; run as one who has
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	-	-
    ! hilf: secret.jpg: this user has no right to read it; run as one who has
    ! hilf: closed: this user has no right to read it; run as one who has
    [2]

A data folder that is read only: it can be read, and writing says what is wrong and loses nothing.

    $ chmod -R a-w data
    $ poor hilf match pictures/uploads/hills--grey.jpg
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	-	-
    $ poor hilf bank list
    known	review	31	1	0	own	<date>
    $ poor hilf add known pictures/known/map.png
    ! hilf: this user has no right to write to the folder 'DIR/data'; run as its owner, or choose another with --data
    ! hilf: nothing from pictures/known/map.png on was added; say it again when that is mended: what is there already answers with the id it has
    [2]
    $ poor hilf withdraw 1 --reason error
    ! hilf: this user has no right to write to the folder 'DIR/data'; run as its owner, or choose another with --data
    [2]
    $ poor hilf bank create other
    ! hilf: this user has no right to write to the folder 'DIR/data'; run as its owner, or choose another with --data
    [2]
    $ poor hilf fsck
    ! hilf: this user has no right to write to the folder 'DIR/data'; run as its owner, or choose another with --data
    [2]
    $ chmod -R u+w data; hilf match pictures/uploads/hills--grey.jpg
    pictures/uploads/hills--grey.jpg	review	known	1	pdq	0	31	original	-	-
    $ mkdir hidden; mv data hidden; chmod 0 hidden; poor hilf --data hidden/data bank list
    ! hilf: cannot look at 'hidden/data/hilf.db': Permission denied; run as one who has the right, or name another place with --data DIR
    [2]
    $ mkdir fixed; chmod a-w fixed; poor hilf --data fixed/data bank create other
    ! hilf: cannot make the folder 'fixed/data': Permission denied; run as one who has the right, or name another place with --data DIR
    [2]
