Completion, as bash asks for it: `complete-line WORD...` prints what is offered for the last word.

    $ hilf bank create known -q; hilf bank create knots -q
    $ complete-line ''
    bank
    add
    import
    export
    entry
    withdraw
    opinion
    match
    hash
    serve
    key
    user
    case
    decision
    appeal
    webhook
    vault
    stats
    index
    backup
    restore
    doctor
    fsck
    help
    completion
    version
    $ complete-line bank ''
    create
    list
    show
    set
    effect
    remove
    $ complete-line ma
    match
    $ complete-line match --li
    --limit
    $ complete-line match --bank kno
    knots
    known
    $ complete-line match --bank = kno
    knots
    known
    $ complete-line bank create x --mode ''
    shadow
    review
    block
    $ complete-line add kno
    knots
    known
    $ complete-line add known --class ''
    unclassified
    incitement
    solicit-offence
    solicit-participation
    instruction
    threat
    perpetrator
    publication
    $ touch a.jpg b.jpg; complete-line add known a
    a.jpg
    $ complete-line --data data bank sh
    show
    $ complete-line help with
    withdraw
    $ complete-line help bank ''
    create
    list
    show
    set
    effect
    remove
    $ complete-line help match ''
    $ complete-line completion ''
    bash
    zsh
    fish
    $ complete-line withdraw 17 --reason d
    duplicate
    dispute
    $ complete-line stats --j
    --json
    $ complete-line bank create --mode review --thr
    --threshold

The scripts of the other shells are there too.

    $ hilf completion zsh | head -1
    #compdef hilf
    $ hilf completion fish | grep -c '^complete -c hilf'
    250
