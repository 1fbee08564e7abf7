Values that are not of their form: 63 digits, capitals, other letters, another type.

    $ hilf bank create known -q
    $ hilf match --signal pdq:f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b2
    ! hilf: --signal: a pdq value has 64 hexadecimal digits, this one has 63
    [2]
    $ hilf match --signal pdq:f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b222
    ! hilf: --signal: a pdq value has 64 hexadecimal digits, this one has 65
    [2]
    $ hilf match --signal pdq:F8F8F0CCE0F4E84D0E370A22028F67F0B36E2ED596623E1D33E6339C4E9C9B22
    ! hilf: --signal: a pdq value has capital digits: write it in lower case
    [2]
    $ hilf match --signal pdq:g8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22
    ! hilf: --signal: a pdq value is 64 hexadecimal digits, but character 1 is 'g'
    [2]
    $ hilf match --signal sha1:0123456789abcdef0123456789abcdef01234567
    ! hilf: --signal: unknown signal type 'sha1'; known types are pdq, sha256 and md5
    [2]
    $ hilf match --signal f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22
    ! hilf: --signal: a signal is TYPE:VALUE, such as pdq: and 64 hexadecimal digits, not 'f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22'
    [2]
    $ hilf match --signal pdq:
    ! hilf: --signal: a pdq value has 64 hexadecimal digits, this one has 0
    [2]
    $ hilf match --signal :
    ! hilf: --signal: the signal type is missing; known types are pdq, sha256 and md5
    [2]
    $ hilf match --signal "$(printf 'pdq:\n')"
    ! hilf: --signal: a pdq value has 64 hexadecimal digits, this one has 0
    [2]
    $ hilf add known --signal pdq:f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b2
    ! hilf: --signal: a pdq value has 64 hexadecimal digits, this one has 63
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf add known --signal md5:0123456789ABCDEF0123456789ABCDEF
    ! hilf: --signal: a md5 value has capital digits: write it in lower case
    ! hilf: 'hilf add --help' says more
    [2]
    $ hilf withdraw 1 --reason error
    ! hilf: there is no entry 1
    [2]
    $ hilf withdraw one --reason error
    ! hilf: 'one' names no entry; give its number, or its id as 'hilf match --json' prints it
    [2]
    $ hilf withdraw 1
    ! hilf: say why: --reason error, duplicate, appeal, dispute, court, expired or other, with a text behind it if you like: --reason 'error: the wrong picture'
    ! hilf: 'hilf withdraw --help' says more
    [2]
    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef
    1	added	md5:0123456789abcdef0123456789abcdef
    $ hilf withdraw 1 --reason 'appeal: it was the report'
    ! hilf: entry 1 is withdrawn; no query finds it any more
    $ hilf withdraw 1 --reason error
    ! hilf: entry 1 is withdrawn already
    [2]
    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef
    2	added	md5:0123456789abcdef0123456789abcdef
    $ gid=$(hilf match --json --signal md5:0123456789abcdef0123456789abcdef | grep -o '"gid":"[^"]*"' | cut -d'"' -f4); hilf withdraw $gid --reason error --json | json-check gid result
    "<id>"	"withdrawn"
    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef --quiet; hilf withdraw 3 --reason error --json
    3	added	md5:0123456789abcdef0123456789abcdef
    {"entry":3,"result":"withdrawn"}
