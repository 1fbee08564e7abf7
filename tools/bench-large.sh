#!/bin/sh
# The figures at ten million, each with its peer, from one run: "name | ours | peer | ratio".
#   bench-large.sh [--count N] [PART]...      parts: random start adds skew
set -eu
cd "$(dirname "$0")/.."
[ -f build-bench/build.ninja ] || meson setup -Dbench=enabled -Dtests=disabled build-bench >/dev/null
ninja -C build-bench --quiet bench/large_bench
echo "what | ours | peer | ratio (how many times better ours is)"
exec build-bench/bench/large_bench "$@"
