The line itself: what is missing, too much or unknown, and where help is.

    $ hilf
    hilf recognises known terrorist propaganda at upload. You keep banks of what is
    known; hilf tells whether a picture is one of them, also after it was scaled,
    turned, mirrored or recompressed.
    
    The first steps:
      hilf bank create known               Make a bank.
      hilf add known pictures/             Put what you know into it.
      hilf match uploads/                  Compare what came in.
    
    Commands:
      bank         make, list, show, change and remove banks
      add          add pictures or signals to a bank
      import       add signals from lines, CSV or JSON to a bank
      export       write a bank's signals as lines or CSV
      entry        list, show, find, change and erase entries
      withdraw     take an entry out of force, for good
      opinion      say and read what members think of entries
      match        compare pictures or signals with what is known
      hash         print the signals of files
      serve        answer over HTTP
      key          make, list and revoke API keys
      user         invite, list and change who signs in to the console
      case         look at what people have to decide, and who decided
      decision     look at what people decided
      appeal       look at what was appealed against
      webhook      have events posted to a URL
      vault        keep small previews for reviewers, sealed
      stats        say in numbers what is known here
      index        show, write or remove the snapshot of the index
      backup       write a checked copy of data and key into a new folder
      restore      make the data folder from a backup
      doctor       check that this machine has what hilf needs
      fsck         check the records and mend what is derived from them
      help         say what a command does and takes
      completion   print a completion script for bash, zsh or fish
      version      say which hilf this is
    
    'hilf help COMMAND' says more of each, 'hilf --help' lists the options.
    $ hilf mtach
    ! hilf: there is no command 'mtach'; did you mean 'hilf match'?
    [2]
    $ hilf frobnicate
    ! hilf: there is no command 'frobnicate'; 'hilf help' lists all
    [2]
    $ hilf bank
    ! hilf: 'hilf bank' wants to know what to do: create|list|show|set|effect|remove ...
    ! hilf: 'hilf bank --help' says more
    [2]
    $ hilf bank crate x
    ! hilf: there is no command 'bank crate'; did you mean 'hilf bank create'?
    [2]
    $ hilf --limit 3 match x
    ! hilf: there is no option '--limit'; options of a command go behind its name
    ! hilf: 'hilf --help' says more
    [2]
    $ hilf match --limt 3 x
    ! hilf: there is no option '--limt'; did you mean '--limit'?
    ! hilf: 'hilf match --help' says more
    [2]
    $ hilf match -x x
    ! hilf: there is no option '-x'; if '-x' is a file, write './-x', or put '--' before it
    ! hilf: 'hilf match --help' says more
    [2]
    $ hilf match --limit
    ! hilf: --limit wants a value: --limit N
    ! hilf: 'hilf match --help' says more
    [2]
    $ hilf match --json=yes x
    ! hilf: --json takes no value
    ! hilf: 'hilf match --help' says more
    [2]
    $ hilf stats extra
    ! hilf: 'extra' is one word too many: hilf stats
    ! hilf: 'hilf stats --help' says more
    [2]
    $ hilf bank create
    ! hilf: NAME is missing: hilf bank create NAME [--mode shadow|review|block] [--threshold pdq=BITS]
    ! hilf: 'hilf bank create --help' says more
    [2]
    $ hilf completion tcsh
    ! hilf: there is completion for bash, zsh and fish, not for 'tcsh'
    ! hilf: 'hilf completion --help' says more
    [2]
    $ hilf help mtach
    ! hilf: there is no command 'mtach'; did you mean 'match'?
    ! hilf: 'hilf help --help' says more
    [2]
    $ hilf --version
    hilf 0.1.0
    $ hilf version | cut -d' ' -f1-2
    hilf 0.1.0,
    $ hilf version --json | json-check abi
    1
    $ hilf version --help
    Usage: hilf version
    
    Prints the version of the program and of the library it runs with.
    
    Options of every command:
          --data DIR            where hilf's data is, instead of $HILF_DATA or
                                $XDG_DATA_HOME/hilf
          --json                print one JSON object a line, for programs
      -q, --quiet               no progress bar and no notes, only results and
                                trouble
          --insecure-decode     decode pictures without the sandbox; for
                                development, never for uploads
      -h, --help                say what a command does and takes
          --version             say which hilf this is
    $ hilf help bank create | head -4
    Usage: hilf bank create NAME [--mode shadow|review|block] [--threshold pdq=BITS]
    
    Makes an empty bank. Its name begins with a letter or '_' and goes on with
    letters, digits, '_', '.' and '-', 64 at most. The first bank makes the data
    $ hilf bank create --help | cmp - <(hilf help bank create)
    $ hilf --help | cmp - <(hilf help)
    $ hilf --data absent --help | head -1
    Usage: hilf COMMAND [OPTION|OPERAND]...

Every command has help and a man page that groff finds no fault with.

    $ for page in "" bank "bank create" "bank list" "bank show" "bank remove" add import export withdraw match hash stats doctor fsck help completion version; do hilf help $page > /dev/null || echo "$page"; hilf help --man $page | head -2 | tail -1; done
    .TH HILF 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-BANK 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-BANK-CREATE 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-BANK-LIST 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-BANK-SHOW 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-BANK-REMOVE 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-ADD 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-IMPORT 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-EXPORT 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-WITHDRAW 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-MATCH 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-HASH 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-STATS 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-DOCTOR 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-FSCK 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-HELP 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-COMPLETION 1 "" "hilf 0.1.0" "hilf manual"
    .TH HILF-VERSION 1 "" "hilf 0.1.0" "hilf manual"
    $ hilf help --man match | sed -n '/NAME/,/SYNOPSIS/p'
    .SH NAME
    hilf\-match \- compare pictures or signals with what is known
    .SH SYNOPSIS
