#!/bin/sh
# Fifteen minutes (MINUTES) of mixed load on `hilf serve`, and how much its memory grew.
set -eu
cd "$(dirname "$0")/.."
[ -f build-bench/build.ninja ] || meson setup -Dbench=enabled -Dtests=disabled build-bench >/dev/null
ninja -C build-bench --quiet
bench/soak.py build-bench "${MINUTES:-15}"
