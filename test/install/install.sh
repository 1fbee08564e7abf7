#!/bin/sh
# Installs a build into a folder of its own and uses it from there: programs on the shared and the static library against
# the installed header, as C99 and as C++11, and `hilf` with the helpers beside it.
#   install.sh BUILD SOURCE PREFIX HILF-DRAW
set -eu
build=$1 source=$2 prefix=$3 draw=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
place=$root$prefix
passed=0 failed=0 skipped=0

# check WHAT COMMAND...: counts, and shows what a command that fails has said.
check() {
	what=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what: $*"
		cat "$work/said"
	fi
}

skip() {
	skipped=$((skipped + 1))
	echo "SKIPPED: $*"
}

${MESON:-meson} install -C "$build" --no-rebuild --destdir "$root" >"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
config=$(dirname "$(find "$root" -name libhilf.pc)")
PKG_CONFIG_PATH=$config
export PKG_CONFIG_PATH
pkg() {
	pkg-config --define-variable=prefix="$place" "$@" libhilf
}
lib=$(pkg --variable=libdir)
helpers=$(pkg --variable=helperdir)

# What is there.
for file in bin/hilf include/hilf.h share/bash-completion/completions/hilf share/zsh/site-functions/_hilf \
	share/fish/vendor_completions.d/hilf.fish; do
	check "$file is installed" test -s "$place/$file"
done
check "the shared library has its links" test -e "$lib/libhilf.so" -a -e "$lib/libhilf.so.0"
check "the static library is installed" test -s "$lib/libhilf.a"
for helper in hilf-seal hilf-decode-image hilf-fetch; do
	check "$helper is installed where pkg-config says" test -x "$helpers/$helper"
done
commands=$("$place/bin/hilf" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\)  .*/\1/p')
check "hilf help names its commands" test "$(echo "$commands" | wc -l)" -gt 10
for command in $commands; do
	check "there is a man page for $command" test -s "$place/share/man/man1/hilf-$command.1"
done
check "there is a man page for hilf" grep -q '^\.TH' "$place/share/man/man1/hilf.1"
check "the library says the version of the package" test "$(pkg --modversion)" = "$("$place/bin/hilf" version | grep -o '[0-9.]*[0-9]' | head -n 1)"
check "what runs of it does not name the build folder" sh -c "! grep -aqF '$build/' '$place/bin/hilf' '$lib/libhilf.so.0'"

# hilf finds the helpers beside it, wherever it was put.
unset HILF_HELPERS HILF_BUILD
HILF_DATA=$work/data
export HILF_DATA
check "hilf-draw draws" "$draw" "$work/pictures"
check "hilf makes a bank" "$place/bin/hilf" bank create sample
check "hilf adds pictures" "$place/bin/hilf" add sample "$work/pictures/known"
echo "no picture" >"$work/pictures/uploads/text.jpg"
status=0
"$place/bin/hilf" match "$work/pictures/uploads" 2>/dev/null | cut -f1,2 | sort >"$work/expected" || status=$?
check "hilf match answers for each upload" test "$(wc -l <"$work/expected")" -gt 100
for verdict in review no_match undecided; do
	check "one of them is $verdict" grep -q "	$verdict\$" "$work/expected"
done

# A program on the library says the same.
compare() {
	"$@" "$HILF_DATA" "$helpers" "$work/pictures/uploads"/* | cut -f1,2 | sort >"$work/answered"
	diff "$work/expected" "$work/answered"
}
flags="-Wall -Wextra -Wpedantic -Werror"
# shellcheck disable=SC2046,SC2086
check "the example builds on the shared library" \
	${CC:-cc} -std=c99 -D_POSIX_C_SOURCE=200809L $flags "$source/docs/example.c" $(pkg --cflags --libs) -o "$work/shared"
check "and says what hilf says" compare env LD_LIBRARY_PATH="$lib" "$work/shared"
# shellcheck disable=SC2046,SC2086
check "the example builds on the static library" \
	${CC:-cc} -std=c99 -D_POSIX_C_SOURCE=200809L $flags "$source/docs/example.c" \
	$(pkg --static --cflags --libs | sed 's/-lhilf\b/-l:libhilf.a/') -o "$work/static"
check "it needs no libhilf.so then" sh -c "! ldd '$work/static' | grep -q libhilf"
check "and says what hilf says as well" compare "$work/static"
check "a data folder that is not there is said" sh -c \
	"LD_LIBRARY_PATH='$lib' '$work/shared' '$work/none' '$helpers' x 2>&1 | grep -q '^not_found: there is no hilf data in'"

# C++ programs can use the header as it is.
cat >"$work/use.cc" <<'EOF'
#include <hilf.h>
static_assert(sizeof(hilf_err) == 488, "as in C");
int main()
{
	hilf_options options = hilf_options();
	hilf *handle = nullptr;
	hilf_err err;
	options.abi = HILF_ABI + 1;
	return hilf_open(&options, &handle, &err) == HILF_E_UNSUPPORTED && handle == nullptr ? 0 : 1;
}
EOF
if command -v "${CXX:-c++}" >/dev/null; then
	# shellcheck disable=SC2046,SC2086
	check "a C++11 program builds" ${CXX:-c++} -std=c++11 $flags "$work/use.cc" $(pkg --cflags --libs) -o "$work/use"
	check "and runs" env LD_LIBRARY_PATH="$lib" "$work/use"
else
	skip "install: no C++ compiler to try hilf.h with"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
