#!/bin/sh
# The figures at ten million, each with its peer, from one run: "name | ours | peer | ratio".
#   bench-large.sh [--count N] [PART]...      parts of the index alone: random start adds skew
# Without arguments: all of them, and a start of the whole library on a store in HILF_BENCH_DIR (a temporary folder; one
# that is there already is used again, for filling it takes some minutes).
set -eu
cd "$(dirname "$0")/.."
[ -f build-bench/build.ninja ] || meson setup -Dbench=enabled -Dtests=disabled build-bench >/dev/null
ninja -C build-bench --quiet
echo "what | ours | peer | ratio (how many times better ours is)"
build-bench/bench/large_bench "$@"
[ $# = 0 ] || exit 0
dir=${HILF_BENCH_DIR:-}
if [ -z "$dir" ]; then
	temporary=$(mktemp -d)
	trap 'rm -rf "$temporary"' EXIT
	dir=$temporary/data
fi
build-bench/bench/start_bench build-bench/src/proc "$dir"
