#!/bin/sh
# Every published figure with its peer, from one run: "name | ours | peer | ratio".
set -eu
cd "$(dirname "$0")/.."
[ -f build-bench/build.ninja ] || meson setup -Dbench=enabled -Dtests=disabled build-bench >/dev/null
ninja -C build-bench --quiet
helpers=build-bench/src/proc
echo "what | ours | peer | ratio (how many times better ours is)"
build-bench/bench/pdq_bench
build-bench/bench/index_bench | tee build-bench/index.rows
build-bench/bench/wall_bench $helpers
build-bench/bench/photo_bench $helpers
build-bench/bench/store_bench
# FAISS's queries a second, from the row of single queries just printed.
peer=$(awk -F'|' '/one by one/ { print $3 + 0; exit }' build-bench/index.rows)
bench/match_bench.py build-bench --peer "${peer:-0}"
bench/desk_bench.py build-bench
# The same of the bare index, one by one and in batches.
ours() {
	awk -F'|' -v what="$1" 'index($0, what) { printf "%.0f\n", $2; exit }' build-bench/index.rows
}
bench/http_bench.py build-bench --index "$(ours 'one by one')" --batch "$(ours 'batch')"
