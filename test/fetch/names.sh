#!/bin/sh
# Runs names.py in namespaces of its own, where this machine lets us have them.
#   names.sh FETCH-ONCE HELPERS
set -eu
spaces="unshare --user --map-root-user --net --mount"
if ! $spaces true 2>/dev/null; then
	echo "SKIPPED: names.py: no user namespaces here"
	exit 77
fi
exec $spaces python3 "$(dirname "$0")/names.py" "$@"
