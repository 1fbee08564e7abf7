#!/bin/sh
# Builds the Debian packages of what is in this folder, in BUILD/deb, from a copy of it: nothing here is touched.
#   deb.sh BUILD
set -eu
cd "$(dirname "$0")/.."
out=${1:-build}/deb
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
maintainer=${DEBEMAIL:-maintainers@$(hostname)}
# Of the last commit, so that the same source makes the same packages.
when=$(git log -1 --format=%cD 2>/dev/null || date -R)
rm -rf "$out"
mkdir -p "$out/hilf-$version"
tar -c --exclude=./.git --exclude='./build*' --exclude='*/__pycache__' --exclude=./web/dist . | tar -x -C "$out/hilf-$version"
cp -R packaging/debian "$out/hilf-$version/debian"
# While there is a home with npm's settings, which the build has not.
node "$out/hilf-$version/web/build.mjs" --modules
cd "$out/hilf-$version"
sed -i "s/@MAINTAINER@/$maintainer/" debian/control
cat >debian/changelog <<END
hilf ($version) stable; urgency=medium

  * What is new is in changelog.gz.

 -- hilf maintainers <$maintainer>  $when
END
DEB_BUILD_OPTIONS="parallel=${HILF_JOBS:-$(nproc)} ${DEB_BUILD_OPTIONS:-}" \
	dpkg-buildpackage --build=binary --no-sign >../build.log 2>&1 || {
	tail -n 40 ../build.log
	echo "deb: the build failed; all of it is in $out/build.log" >&2
	exit 1
}
cd ..
rm -rf "hilf-$version"
command -v lintian >/dev/null || echo "deb: not looked at by lintian, which is not here" >&2
! command -v lintian >/dev/null ||
	lintian --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog ./*.changes
ls -1 ./*.deb | sed "s|^\./|$out/|"
