#!/bin/sh
# Installs the Debian packages named that are missing, and says which. Uses sudo unless it runs as root.
# Node and npm may have come another way (a vendor's package has both in one, which Debian's npm will not stand beside).
#   install-packages.sh PACKAGE...
set -eu
missing=
for package in "$@"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	case $package in
	nodejs) command -v node >/dev/null && status=installed ;;
	npm) command -v npm >/dev/null && status=installed ;;
	esac
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "hilf: installing Debian packages:$missing"
as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "hilf: needs root to install them, and there is no sudo; as root, run:" >&2
		echo "    apt-get install --no-install-recommends$missing" >&2
		exit 1
	}
	as_root=sudo
fi
# Some are servers (nginx, haproxy), which are wanted as programs: none of them shall run because of us.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap '$as_root rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
fi
# The lists of a fresh machine are empty or old.
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
