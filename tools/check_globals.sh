#!/bin/sh
# The library keeps no mutable globals: no object of its archives may lie in .data, .bss or their thread-local kin
# (.data.rel.ro is read-only once loaded). ALLOWED names exceptions, one a line, '#' for the reason; it may only shrink.
#
#     check_globals.sh ALLOWED LIB.a...
set -eu
[ $# -gt 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
allowed=$1
shift
symbols=$(objdump -t "$@")
found=$(printf "%s\n" "$symbols" | awk '
	/file format/ { object = $1; sub(/:$/, "", object) }
	$NF !~ /^\./ && match($0, / (\.bss|\.data|\.tbss|\.tdata|\*COM\*)[^ \t]*\t/) {
		section = substr($0, RSTART + 1, RLENGTH - 2)
		name = $NF
		sub(/\.[0-9]+$/, "", name)
		if (section !~ /^\.data\.rel\.ro/)
			print name, "in", section, "of", object
	}' | sort -u)
left=$(echo "$found" | awk -v allowed="$allowed" '
	BEGIN {
		while ((getline line < allowed) > 0) {
			sub(/#.*/, "", line)
			gsub(/[ \t]/, "", line)
			if (line != "")
				good[line] = 1
		}
	}
	NF && !($1 in good)')
if [ -n "$left" ]; then
	echo "mutable globals, which the library must not have (put them behind a handle):" >&2
	echo "$left" | sed 's/^/  /' >&2
	exit 1
fi
