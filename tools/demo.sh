#!/bin/sh
# The main job, on pictures that hilf-draw draws: makes a bank of ten known pictures, checks edited copies of them and
# strangers against it, and then serves that bank, with a case to decide at the console, until it is stopped (Ctrl-C).
# Everything is made anew in a folder of its own; nothing else is touched.
#   demo.sh BUILD-FOLDER [ADDRESS:PORT]
set -eu
build=${1:-build}
listen=${2:-127.0.0.1:5100}
hilf=$build/hilf
demo=$build/demo
bold= plain=
[ ! -t 1 ] || { bold=$(printf '\033[1m') plain=$(printf '\033[0m'); }
step() {
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

# Said before all the work, not after it.
python3 - "$listen" <<'EOF' || exit 1
import socket, sys
host, _, port = sys.argv[1].rpartition(":")
probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    probe.bind((host.strip("[]"), int(port)))
except (ValueError, OverflowError):
    sys.exit(f"demo: '{sys.argv[1]}' is no address and port: make run LISTEN=127.0.0.1:5200")
except OSError as error:
    sys.exit(f"demo: cannot listen on {sys.argv[1]}: {error.strerror}; choose another: make run LISTEN=127.0.0.1:5200")
EOF

rm -rf "$demo"
mkdir -p "$demo"
export HILF_DATA="$demo/data"
step "1. Draw ten pictures, ten edited copies of each, and twelve strangers"
"$build/tools/hilf-draw" "$demo"

step "2. Make the ten known:  hilf bank create sample;  hilf add sample $demo/known"
"$hilf" bank create sample --quiet
"$hilf" vault set on >/dev/null # so that the console can show what it compares
"$hilf" add sample "$demo/known" --label origin=drawn

step "3. Check all 112 uploads:  hilf match $demo/uploads"
status=0
began=$(date +%s%N)
"$hilf" match "$demo/uploads" >"$demo/answer" || status=$?
ended=$(date +%s%N)
[ "$status" -le 1 ] || exit "$status"
awk -F'\t' -v ms=$(((ended - began) / 1000000)) '
	{
		n = split($1, part, "/"); name = part[n]
		edit = name ~ /^stranger/ ? "(strangers)" : name
		sub(/\.[a-z]*$/, "", edit); sub(/^.*--/, "", edit)
		if (!(edit in seen)) { order[++kinds] = edit; least[edit] = 999; most[edit] = 0 }
		seen[edit]++
		if ($2 == "no_match") next
		found[edit]++; how[edit] = $8
		if ($6 + 0 < least[edit]) least[edit] = $6 + 0
		if ($6 + 0 > most[edit]) most[edit] = $6 + 0
	}
	END {
		printf "\n   %-14s %-12s %-14s %s\n", "edit", "recognised", "bits away", "found as"
		for (i = 1; i <= kinds; i++) {
			edit = order[i]
			bits = found[edit] ? least[edit] " to " most[edit] : "-"
			printf "   %-14s %3d of %-5d %-14s %s\n", edit, found[edit], seen[edit], bits, found[edit] ? how[edit] : "-"
		}
		printf "\n   %d files in %d ms, start included. The bank allows 31 of 256 bits; every file was decoded in a\n", NR, ms
		printf "   sealed process of its own. A bar over the lowest tenth is near the limit of what PDQ sees.\n"
	}' "$demo/answer"

step "4. Serve it:  hilf serve --open --listen $listen"
upload=$demo/uploads/banner--mirrored.jpg
cat <<EOF

   In another terminal:

      curl -F file=@$upload http://$listen/v1/check

   The console, with a case to decide: http://$listen/
   The API's page:                     http://$listen/docs
   Beside them, on the same data:

      export HILF_DATA=$demo/data
      $hilf add sample YOUR-PICTURE.jpg        # the next check sees it
      $hilf help                               # everything else

EOF
# What a platform would send, as soon as there is somebody to take it: uploads with ids of their own, so that there is something
# to decide at the console.
send() {
	curl -sf -o /dev/null -F "file=@$demo/uploads/$1" -F "content_id=$2" -F "caption=$3" -F "language=$4" -F surface=public \
		"http://$listen/v1/check" || :
}
furnish() {
	curl -sf -o /dev/null --retry 60 --retry-delay 1 --retry-connrefused "http://$listen/readyz" || return 0
	send banner--mirrored.jpg post-1 "Come and join us on Friday" en
	send banner--half-size.jpg post-2 "Rejoignez-nous vendredi" fr
	send banner--mirrored.jpg post-3 "Come and join us on Friday" en
}
(furnish >/dev/null 2>&1 &) # its own parent: the server has children of its own
exec "$hilf" serve --open --listen "$listen"
