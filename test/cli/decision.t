Decisions and appeals where there are none; those that there are: test/api/decisions.py.

    $ hilf bank create known -q
    $ hilf decision list
    ! hilf: there is no such decision
    $ hilf decision list --state standing --json
    ! hilf: there is no such decision
    $ hilf decision list --content post-1
    ! hilf: there is no such decision
    $ hilf appeal list --state open
    ! hilf: there is no such appeal
    $ hilf decision show 0197f0aa-7b3c-7d10-8a55-2f6b1c9e4d21
    ! hilf: there is no decision '<id>'
    [2]
    $ hilf decision show one
    ! hilf: there is no decision 'one'
    [2]
    $ hilf appeal show 7
    ! hilf: there is no such appeal
    [2]

What cannot be asked:

    $ hilf decision list --case 1 --content post-1
    ! hilf: --case and --content are two questions: ask one of them
    ! hilf: 'hilf decision list --help' says more
    [2]
    $ hilf decision list --limit 0
    ! hilf: --limit is a number from 1 to 1000000, not '0'
    ! hilf: 'hilf decision list --help' says more
    [2]
    $ hilf appeal list --state late
    ! hilf: --state is open, decided or all, not 'late'
    ! hilf: 'hilf appeal list --help' says more
    [2]
    $ hilf appeal show x
    ! hilf: CASE is a number from 1 to 9223372036854775807, not 'x'
    ! hilf: 'hilf appeal show --help' says more
    [2]
