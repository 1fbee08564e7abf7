#!/bin/sh
# The main job, on pictures that hilf-draw draws: makes a bank of ten known pictures, then checks edited copies of them and
# strangers against it. Everything is made anew in a folder of its own; nothing else is touched.
#   demo.sh BUILD-FOLDER
set -eu
build=${1:-build}
hilf=$build/hilf
demo=$build/demo
rm -rf "$demo"
mkdir -p "$demo"
export HILF_DATA="$demo/data"
"$build/tools/hilf-draw" "$demo"

say() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

say "A bank of known pictures:  hilf bank create sample;  hilf add sample $demo/known"
"$hilf" bank create sample
"$hilf" add sample "$demo/known" --label origin=drawn-by-hilf

say "Uploads, edited copies and strangers:  hilf match $demo/uploads"
status=0
"$hilf" match "$demo/uploads" >"$demo/answer" || status=$?
[ "$status" -le 1 ] || exit "$status"
"$build/hilf" match --json "$demo/uploads" >"$demo/answer.jsonl" || true
awk -F'\t' '{
	n = split($1, part, "/"); name = part[n]
	printf "%-44s %-9s %-8s %6s  %s\n", name, $2, $4, $6 == "" ? "" : $6 "/" $7, $8
}' "$demo/answer" | { printf '%-44s %-9s %-8s %6s  %s\n' upload verdict entry bits orientation; cat; }
awk -F'\t' '
	$1 ~ /stranger/ { strangers[$1] = $2 }
	$1 !~ /stranger/ { copies[$1] = $2 }
	END {
		for (name in copies) { total++; found += copies[name] == "review" }
		for (name in strangers) { other++; wrong += strangers[name] != "no_match" }
		printf "\n%d of %d edited copies were recognised; %d of %d strangers were.\n", found, total, wrong, other
	}' "$demo/answer"

cat <<EOF

What to try next:
    export HILF_DATA=$demo/data
    $hilf match YOUR-PICTURE.jpg              # is it known?
    $hilf add sample YOUR-PICTURE.jpg         # now it is; the next query sees it
    $hilf withdraw ENTRY --reason error       # and now it is not
    $hilf help                                # everything else
EOF
