Webhooks: added, listed, changed, tried, removed.

    $ hilf bank create known -q
    $ hilf webhook list
    ! hilf: there are no webhooks yet; 'hilf webhook add URL' makes one
    $ hilf webhook add https://ts.example/hilf --event entry.added --event entry.reversed --bank known | sed -E 's/whsec_[A-Za-z0-9+\/]{43}=$/SECRET/'
    <id>	SECRET
    ! hilf: that is the webhook's id and the secret that its deliveries are signed with; the secret is not shown again; 'hilf webhook test <id>' sends a ping
    $ hilf webhook list
    <id>	on	0	entry.added,entry.reversed	known	https://ts.example/hilf	-
    $ hilf webhook add http://192.0.2.7:8080/x --json | json-check url events banks enabled waiting
    "http://192.0.2.7:8080/x"	["*"]	null	true	0
    $ hilf webhook list --json | json-check url secret
    "https://ts.example/hilf"	null
    "http://192.0.2.7:8080/x"	null

What happens waits for 'hilf serve' to deliver it.

    $ hilf add known --signal md5:0123456789abcdef0123456789abcdef -q
    1	added	md5:0123456789abcdef0123456789abcdef
    $ hilf webhook deliveries | cut -f 3,4,5
    entry.added	0	0
    entry.added	0	0
    $ hilf webhook deliveries $(hilf webhook list | head -n 1 | cut -f 1) --json | json-check event dead attempts
    "entry.added"	false	0
    $ hilf webhook deliveries --dead
    ! hilf: no delivery was given up
    $ hilf webhook test $(hilf webhook list | head -n 1 | cut -f 1)
    ! hilf: a ping is on its way, behind what waits already; 'hilf webhook deliveries <id>' shows whether it is still there
    $ hilf webhook deliveries --limit 1 | cut -f 3
    ping
    $ hilf webhook replay $(hilf webhook list | head -n 1 | cut -f 1)
    ! hilf: 0 deliveries are due again
    $ hilf webhook replay $(hilf webhook list | head -n 1 | cut -f 1) --delivery 1
    ! hilf: there is no dead delivery 1 of that webhook
    [2]

Changed and removed.

    $ hilf webhook set $(hilf webhook list | head -n 1 | cut -f 1) --off --event ping --url https://other.example/
    ! hilf: webhook <id> is changed, and off
    $ hilf webhook list | head -n 1
    <id>	off	2	ping	known	https://other.example/	-
    $ hilf webhook set $(hilf webhook list | head -n 1 | cut -f 1) --on --new-secret --json | json-check enabled secret | sed 's/whsec_[^"]*/SECRET/'
    true	"SECRET"
    $ hilf webhook remove $(hilf webhook list | head -n 1 | cut -f 1)
    ! hilf: webhook <id> is removed, with what waited for it
    $ hilf webhook remove $(hilf webhook list | head -n 1 | cut -f 1) --json | json-check result
    "removed"
    $ hilf webhook deliveries
    ! hilf: no delivery waits

What cannot be:

    $ hilf webhook add ftp://ts.example/
    ! hilf: a webhook's URL begins with https:// or http://
    [2]
    $ hilf webhook add https://me:secret@ts.example/
    ! hilf: <any>
    [2]
    $ hilf webhook add https://ts.example/ --event entry.exploded
    ! hilf: there is no event 'entry.exploded'; there are check.matched, check.blocked, entry.added, entry.changed, entry.withdrawn, entry.reversed, content.recognised, bank.changed, case.opened, decision.made, decision.ended, decision.reversed, statement.released, appeal.made, appeal.decided, content.restored, threat.escalated and ping, or * for all
    [2]
    $ hilf webhook set nobody --on
    ! hilf: there is no webhook 'nobody'; 'hilf webhook list' shows those there are
    [2]
    $ hilf webhook set nobody
    ! hilf: what shall change? Say --url, --event, --on, --off or --new-secret
    ! hilf: 'hilf webhook set --help' says more
    [2]
    $ hilf webhook set nobody --on --off
    ! hilf: --on and --off contradict each other
    ! hilf: 'hilf webhook set --help' says more
    [2]
