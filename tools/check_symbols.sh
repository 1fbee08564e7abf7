#!/bin/sh
# Only hilf_* leaves the library: every global symbol that the shared and the static library define must begin so.
#
#     check_symbols.sh LIB.so LIB.a
set -eu
[ $# -gt 0 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
failed=0
for library; do
	case $library in
	*.a) names=$(nm -g --defined-only "$library") ;;
	*) names=$(nm -D --defined-only "$library") ;;
	esac
	if ! echo "$names" | grep -q ' T hilf_'; then
		echo "$library: exports no hilf_ function at all" >&2
		failed=1
	fi
	strangers=$(echo "$names" | awk 'NF == 3 && $3 !~ /^hilf_/ { print $3 }' | sort -u)
	if [ -n "$strangers" ]; then
		echo "$library: exports what it must not:" >&2
		echo "$strangers" | sed 's/^/  /' >&2
		failed=1
	fi
done
exit $failed
