#!/bin/sh
# What docs/from-hma.md says of a dump of HMA's database (dump.sql is one that pg_dump wrote).
#   dump.sh HILF HMA-DUMP.AWK DUMP.SQL
set -eu
hilf=$1 awk=$2 dump=$3
HILF_DATA=$(mktemp -d)
export HILF_DATA
trap 'rm -rf "$HILF_DATA"' EXIT
expect() {
	if [ "$2" != "$3" ]; then
		printf '%s: expected\n%s\nbut it was\n%s\n' "$1" "$2" "$3"
		exit 1
	fi
}
expect "the banks" "MAGAZINES	ratio 1	2 items	3 signals	0 of other types
CLIPS	ratio 0.5	1 items	1 signals	1 of other types
OLD	ratio 0	1 items	1 signals	0 of other types" "$(awk -f "$awk" "$dump")"
"$hilf" bank create MAGAZINES --quiet
expect "what came in" "added	2
already	0
degenerate	0
bad	0" "$(awk -f "$awk" -v bank=MAGAZINES "$dump" | "$hilf" import MAGAZINES -)"
expect "what is in it" "pdq 630d8ef03c71e62ff0c631520ee6db90c711798e0e38fc717386c3d11cde1e1e hma_content=1
md5 e9328d4c9fc9b89ff4c305a7043efdc1 hma_content=1
pdq 423d0f929f16016cb7df0fa487188f2cb6794db76986f0539868129f4cb7f252 hma_content=2" \
	"$("$hilf" export MAGAZINES | sed 's/ hilf\..*//')"
expect "a bank that is none" "hma-dump: no signals of a bank NONE" \
	"$(awk -f "$awk" -v bank=NONE "$dump" 2>&1 >/dev/null)"
