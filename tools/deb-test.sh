#!/bin/sh
# Installs the packages that `make deb` made into a fresh Debian, uses them there, removes and purges them: nothing is left.
# Needs root (for chroot) and a mirror of Debian; the bare system is kept in BUILD/deb-base.tar for the next time.
#   deb-test.sh BUILD
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build}")
skip() {
	echo "SKIPPED: deb-test: $*"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
}
[ "$(id -u)" = 0 ] || skip "needs root"
command -v debootstrap >/dev/null || skip "needs debootstrap"
# Mounts and processes of our own, which end with us.
[ "${HILF_DEB_TEST:-}" = inside ] || HILF_DEB_TEST=inside exec unshare --mount --pid --fork "$0" "$@"

base=$build/deb-base.tar
work=$(mktemp -d)
root=$work/root
# Nothing of the machine's own is mounted in there, and what is removed is on one file system: a fresh Debian brings the
# few devices that it needs.
trap 'cd /; umount "$root/proc" "$root" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
passed=0 failed=0 skipped=0
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
environment="env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive"
inside() {
	# shellcheck disable=SC2086
	chroot "$root" $environment "$@"
}
as_hilf() {
	inside setpriv --reuid hilf --regid hilf --clear-groups "$@"
}

if [ ! -f "$base" ]; then
	echo "deb-test: making a bare Debian"
	debootstrap --variant=minbase "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$work/base" >"$work/log" ||
		{ tail "$work/log"; skip "debootstrap cannot make a Debian here"; }
	tar -c -C "$work/base" . >"$base.new"
	mv "$base.new" "$base"
	rm -rf "$work/base"
fi
mkdir "$root"
mount -t tmpfs -o mode=755 none "$root"
tar -x -C "$root" <"$base"
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp -a /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp "$build"/deb/*.deb "$root/"

# What they depend on comes first, so that what they leave is theirs.
inside apt-get update -qq >"$work/log" 2>&1 || { cat "$work/log"; skip "no mirror of Debian"; }
depends=$(dpkg-deb -f "$build"/deb/hilf_*.deb Depends | sed 's/([^)]*)//g; s/,//g')
# shellcheck disable=SC2086
inside apt-get install -y -qq --no-install-recommends $depends >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
# Locks and copies that adduser keeps are not hilf's.
everything() {
	inside find / -xdev ! -path '/proc/*' ! -path '/dev/*' ! -path '/tmp/*' ! -path '/var/lib/dpkg/*' ! -path '/var/lib/apt/*' \
		! -path '/var/cache/*' ! -path '/var/log/*' ! -path '/etc/*-' ! -path /run/adduser | sort
}
everything >"$work/before"

check "the package installs" inside sh -c 'dpkg -i /hilf_*.deb'
check "and is configured" inside dpkg-query -W -f '${db:Status-Status}' hilf
check "its user has no shell" inside sh -c 'getent passwd hilf | grep -q ":/var/lib/hilf:/usr/sbin/nologin$"'
check "its data is its own" sh -c "[ \"\$(chroot '$root' stat -c '%U %G %a' /var/lib/hilf)\" = 'hilf hilf 700' ]"
check "its settings are kept over upgrades" inside sh -c 'dpkg-query -W -f "\${Conffiles}" hilf | grep -q /etc/hilf/hilf.conf'
check "the library is found" inside sh -c 'ldconfig -p | grep -q libhilf.so.0'
check "hilf says its version" inside hilf --version
check "every program finds its libraries" inside sh -c '! ldd /usr/bin/hilf /usr/libexec/hilf/* | grep "not found"'
check "the manual is there" test -s "$root/usr/share/man/man1/hilf-serve.1.gz"
check "hilf doctor finds nothing wrong" as_hilf hilf doctor --data /var/lib/hilf/doctor
rm -rf "$root/var/lib/hilf/doctor"

# The unit's own line, as its user, without any capability, on a port of the kernel's choosing.
start=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/hilf.service")
serve() {
	# shellcheck disable=SC2086
	(exec chroot "$root" $environment setpriv --reuid hilf --regid hilf --clear-groups --no-new-privs --bounding-set=-all \
		--inh-caps=-all $start --listen 127.0.0.1:0 >"$work/serve.log" 2>&1) &
	server=$!
	tries=0
	until grep -q 'event=ready' "$work/serve.log" || [ $((tries += 1)) -gt 100 ]; do
		sleep 0.1
	done
	port=$(sed -n 's/.*app=api address=127.*port=\([0-9]*\).*/\1/p' "$work/serve.log")
}
# ask METHOD PATH [FILE]: prints the answer.
ask() {
	python3 - "$port" "$root/var/lib/hilf/first-key" "$@" <<'END'
import sys, http.client
port, key, method, path, *file = sys.argv[1:]
key = open(key).read().strip()
connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
body = open(file[0], "rb").read() if file else None
connection.request(method, path, body, {"Authorization": "Bearer " + key, "Content-Type": "application/octet-stream"})
answer = connection.getresponse()
print(answer.status, answer.read().decode())
END
}
serve
check "hilf serve comes up" grep -q 'event=ready' "$work/serve.log"
ask GET /readyz >"$work/ready" 2>&1 || true
check "and is ready" grep -q '^200' "$work/ready"
picture=$(find "$build/demo/pictures/known" "$build/test-pictures/known" -name '*.jpg' 2>/dev/null | sort | head -n 1)
if [ -n "$picture" ]; then
	cp "$picture" "$root/tmp/picture.jpg"
	check "a bank is made beside it" as_hilf hilf --data /var/lib/hilf bank create known
	check "a picture is added" as_hilf hilf --data /var/lib/hilf add known /tmp/picture.jpg
	ask POST /v1/check "$picture" >"$work/verdict" 2>&1 || true
	check "the service recognises it" grep -q '"verdict": *"review"' "$work/verdict"
else
	echo "SKIPPED: deb-test: no picture to try; 'make test' or 'make run' draws some"
	skipped=$((skipped + 1))
fi
kill -TERM "$server" 2>/dev/null || true
check "it ends when it is asked to" wait "$server"

echo "# mine" >>"$root/etc/hilf/hilf.conf"
check "the package installs over itself" inside sh -c 'dpkg -i /hilf_*.deb'
check "with the settings as they were" grep -q '^# mine' "$root/etc/hilf/hilf.conf"
serve
check "and comes up with its data" grep -q 'event=ready' "$work/serve.log"
kill -TERM "$server" 2>/dev/null || true
wait "$server" || true
check "the library's package has what it needs" inside sh -c 'apt-get install -s -qq /libhilf-dev_*.deb'

check "the package is removed" inside dpkg --remove hilf
check "its programs are gone" sh -c "! [ -e '$root/usr/bin/hilf' ] && ! [ -e '$root/usr/libexec/hilf' ]"
check "its data stays" test -e "$root/var/lib/hilf/hilf.db" -o -d "$root/var/lib/hilf/key"
check "its settings stay" test -e "$root/etc/hilf/hilf.conf"
inside dpkg --purge hilf >"$work/purge" 2>&1 || true
check "purging says that the data goes" grep -q 'hilf: removing all its data in /var/lib/hilf' "$work/purge"
everything >"$work/after"
check "nothing is left" diff "$work/before" "$work/after"
check "nor its user" sh -c "! grep -q hilf '$root/etc/passwd' '$root/etc/group'"

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
