#!/bin/sh
# Builds three ways, runs every test, and ends with a line that counts them:
#   build        as it ships
#   build-asan   AddressSanitizer and UndefinedBehaviorSanitizer, every arena allocation on its own
#   build-tsan   ThreadSanitizer, for the tests with threads
# A test's time limit is there for one that hangs: it is many times what the test takes, here five times that again.
# Without Chromium, npm or its registry the tests that want them are skipped, and say so. The console itself is built with npm's
# packages: HILF_CONSOLE=disabled leaves it out.
set -eu
cd "$(dirname "$0")/.."
jobs=${HILF_JOBS:-$(nproc)}
common="-Dtests=enabled"
[ -z "${HILF_CONSOLE:-}" ] || common="$common -Dconsole=$HILF_CONSOLE"
[ -f build/build.ninja ] || meson setup $common build >/dev/null
meson configure build $common
[ -f build-asan/build.ninja ] || meson setup $common -Db_sanitize=address,undefined -Db_lundef=false \
	-Darena_malloc=true -Dbuildtype=debugoptimized build-asan >/dev/null
[ -f build-tsan/build.ninja ] || meson setup $common -Db_sanitize=thread -Db_lundef=false \
	-Dbuildtype=debugoptimized build-tsan >/dev/null
[ -z "${HILF_CONSOLE:-}" ] || for build in build build-asan build-tsan; do meson configure -Dconsole="$HILF_CONSOLE" $build; done
status=0
for build in build build-asan build-tsan; do
	echo "== $build"
	ninja -C $build -j "$jobs" --quiet
	suites=
	[ $build != build-tsan ] || suites="--suite threads"
	meson test -C $build --no-rebuild --print-errorlogs --num-processes "$jobs" --timeout-multiplier 5 $suites || status=1
done
python3 tools/count_tests.py build build-asan build-tsan || status=1
exit $status
