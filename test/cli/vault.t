The vault is off, and keeps what is added once somebody turned it on.
requires: pictures

    $ hilf bank create known -q
    $ hilf add known pictures/known/hills.jpg
    1	added	pictures/known/hills.jpg
    $ hilf vault show | cut -f1-2 | grep -v bytes
    on	0
    previews	0
    locked	0
    views	0
    $ ls data/vault.key
    ! ls: cannot access 'data/vault.key': No such file or directory
    [2]
    $ hilf vault set maybe
    ! hilf: say on or off, not 'maybe'
    ! hilf: 'hilf vault set --help' says more
    [2]
    $ hilf vault set on
    ! hilf: previews are kept from now on; their key will be vault.key in the data folder, which is in no backup: keep it elsewhere, too
    $ hilf add known pictures/known/hills.jpg pictures/known/map.png
    1	already	pictures/known/hills.jpg
    2	added	pictures/known/map.png
    $ hilf vault show -q | cut -f1-2 | grep -v bytes
    on	1
    previews	2
    locked	0
    views	0
    $ stat -c %a data/vault.key
    600
    $ hilf vault views
    ! hilf: nobody looked at a preview yet
    $ hilf fsck | tail -1
    ok	previews	every seal opens

A backup has no key, and says so; so does what is made of it.

    $ hilf backup first
    ! hilf: the backup 'first' is made and checked; it holds the node's key, so keep it where nobody else can read it
    ! hilf: it holds 2 previews of the vault, sealed, and not their key: keep a copy of 'DIR/data/vault.key' somewhere else, or they cannot be seen after a restore
    $ find first -name '*.key'
    first/key/node.key
    $ hilf restore first --data again
    ! hilf: 'again' is as the backup 'first' was; what was written after it is not there
    ! hilf: 2 previews of the vault cannot be seen: the key is in no backup; put vault.key into 'again' as it was, or they go unseen at their time
    $ hilf fsck --data again | tail -1
    note	previews	2 of 2 previews are sealed with a key that is not here
    $ hilf vault show --data again --json | tr , '\n' | grep -e locked -e '"key"'
    "locked":2
    "key":false
    $ cp data/vault.key again; hilf fsck --data again | tail -1
    ok	previews	every seal opens
    $ hilf restore --json first --data third
    {"data":"third","locked_previews":2}

A withdrawn entry has no copy any more; off keeps no more, and what is there stays its time.

    $ hilf withdraw 1 --reason error -q
    $ hilf vault set off
    ! hilf: no more previews are kept; those that are there go at their time, or with their entry
    $ hilf add known pictures/known/crowd.jpg -q
    3	added	pictures/known/crowd.jpg
    $ hilf vault show -q | cut -f1-2 | grep -v bytes
    on	0
    previews	1
    locked	0
    views	0
