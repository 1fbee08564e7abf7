#!/bin/sh
# Every published figure with its peer, from one run: "name | ours | peer | ratio".
set -eu
cd "$(dirname "$0")/.."
[ -f build-bench/build.ninja ] || meson setup -Dbench=enabled -Dtests=disabled build-bench >/dev/null
ninja -C build-bench --quiet
for bench in pdq_bench index_bench wall_bench photo_bench; do
	echo "== $bench"
	build-bench/bench/$bench "$@"
done
echo "== match_bench"
bench/match_bench.sh build-bench
