#!/bin/sh
# The proofs that take long: thousands of kills at random moments, and every allocation and I/O call failed in turn.
#   test-long.sh BUILD-FOLDER
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
meson configure "$build" -Dtests=enabled
ninja -C "$build" --quiet
HILF_LONG=1 meson test -C "$build" --no-rebuild --suite long --suite scenario --suite fault \
	--timeout-multiplier 100 --print-errorlogs
