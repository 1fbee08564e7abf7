#!/bin/sh
# Builds three ways, runs every test, and ends with a line that counts them:
#   build        as it ships
#   build-asan   AddressSanitizer and UndefinedBehaviorSanitizer, every arena allocation on its own
#   build-tsan   ThreadSanitizer, for the tests with threads
set -eu
cd "$(dirname "$0")/.."
jobs=${HILF_JOBS:-$(nproc)}
common="-Dtests=enabled"
[ -f build/build.ninja ] || meson setup $common build >/dev/null
meson configure build $common
[ -f build-asan/build.ninja ] || meson setup $common -Db_sanitize=address,undefined -Db_lundef=false \
	-Darena_malloc=true -Dbuildtype=debugoptimized build-asan >/dev/null
[ -f build-tsan/build.ninja ] || meson setup $common -Db_sanitize=thread -Db_lundef=false \
	-Dbuildtype=debugoptimized build-tsan >/dev/null
status=0
for build in build build-asan build-tsan; do
	echo "== $build"
	ninja -C $build -j "$jobs" --quiet
	suites="--no-suite console" # make test-console
	[ $build != build-tsan ] || suites="--suite threads"
	meson test -C $build --no-rebuild --print-errorlogs --num-processes "$jobs" $suites || status=1
done
python3 tools/count_tests.py build build-asan build-tsan || status=1
exit $status
