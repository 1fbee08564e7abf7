#!/bin/sh
# Runs every fuzzer for SECONDS each (default 60), libFuzzer with both sanitizers; what it finds is left in
# build-fuzz/found. Corpora grow in build-fuzz/corpus, seeded from fuzz/corpus.
#   fuzz.sh [SECONDS]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ -f build-fuzz/build.ninja ] || CC=clang meson setup -Dfuzz=enabled -Dtests=disabled -Db_lundef=false \
	-Db_sanitize=address,undefined -Darena_malloc=true -Dbuildtype=debugoptimized build-fuzz >/dev/null
ninja -C build-fuzz --quiet
mkdir -p build-fuzz/found
status=0
for fuzzer in build-fuzz/fuzz/fuzz_*; do
	[ -f "$fuzzer" ] && [ -x "$fuzzer" ] || continue
	name=$(basename "$fuzzer")
	seeds=fuzz/corpus/${name#fuzz_}
	grown=build-fuzz/corpus/$name
	mkdir -p "$grown"
	[ -d "$seeds" ] || seeds=
	echo "== $name, $seconds s"
	"$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix=build-fuzz/found/"$name"- "$grown" $seeds >build-fuzz/"$name".log 2>&1 || {
		status=1
		tail -n 40 build-fuzz/"$name".log
	}
	grep -E 'number_of_executed_units|new_units_added' build-fuzz/"$name".log || true
done
exit $status
