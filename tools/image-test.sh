#!/bin/sh
# Runs the image under a container's usual confinement and tighter: no capabilities, no new privileges, a read-only root, and
# the engine's default seccomp profile, or the one that HILF_SECCOMP names.
#   image-test.sh ENGINE PICTURE [IMAGE]
# HILF_RUN_OPTIONS: more options of the engine's `run`, where this machine needs them.
set -eu
engine=$1 picture=$2 image=${3:-hilf}
work=$(mktemp -d)
name=hilf-test-$$
trap '$engine rm -f "$name" >/dev/null 2>&1 || true; $engine volume rm -f "$name" >/dev/null 2>&1 || true
	kill "$web" 2>/dev/null || true; rm -rf "$work"' EXIT
passed=0 failed=0 web=
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
confined="--cap-drop=all --security-opt=no-new-privileges --read-only --tmpfs /tmp --network=host --pids-limit=512"
[ -z "${HILF_SECCOMP:-}" ] || confined="$confined --security-opt=seccomp=$HILF_SECCOMP"

# Something to fetch, on this machine's loopback.
mkdir "$work/web"
cp "$picture" "$work/web/picture.jpg"
python3 -u -m http.server --bind 127.0.0.1 --directory "$work/web" 0 >"$work/web.log" 2>&1 &
web=$!
until grep -q port "$work/web.log"; do sleep 0.1; done
web_port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$work/web.log")

start() {
	# shellcheck disable=SC2086
	$engine run -d --name "$name" -v "$name:/var/lib/hilf" $confined ${HILF_RUN_OPTIONS:-} "$image" serve \
		--data /var/lib/hilf --config /etc/hilf/hilf.conf --listen 127.0.0.1:0 --fetch-allow 127.0.0.1 >"$work/id"
	tries=0
	until $engine logs "$name" 2>&1 | grep -q event=ready || [ $((tries += 1)) -gt 100 ]; do sleep 0.2; done
	$engine logs "$name" >"$work/log" 2>&1
	port=$(sed -n 's/.*app=api address=127.*port=\([0-9]*\).*/\1/p' "$work/log")
}
in_it() {
	$engine exec "$name" "$@"
}
# ask METHOD PATH TYPE BODY-FILE
ask() {
	python3 - "$port" "$work/key" "$@" <<'END'
import sys, http.client
port, key, method, path, kind, file = sys.argv[1:]
connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
connection.request(method, path, open(file, "rb").read(),
                   {"Authorization": "Bearer " + open(key).read().strip(), "Content-Type": kind})
answer = connection.getresponse()
print(answer.status, answer.read().decode())
END
}

start
check "it comes up" grep -q event=ready "$work/log"
check "it is nobody that matters" sh -c "[ \"\$($engine exec $name id -u)\" = 5100 ]"
check "it has no capability" sh -c "$engine exec $name grep -q 'CapEff:.*0000000000000000' /proc/1/status"
check "a seccomp profile is around it" sh -c "$engine exec $name grep -q 'Seccomp:.*2' /proc/1/status"
check "it can gain no privilege" sh -c "$engine exec $name grep -q 'NoNewPrivs:.*1' /proc/1/status"
check "hilf doctor finds nothing wrong" in_it hilf doctor --data /tmp/doctor
cat "$work/said"
in_it cat /var/lib/hilf/first-key >"$work/key" || true
check "a bank is made beside it" in_it hilf --data /var/lib/hilf bank create known
$engine exec -i "$name" sh -c 'cat >/tmp/picture.jpg' <"$picture"
check "a picture is decoded and added" in_it hilf --data /var/lib/hilf add known /tmp/picture.jpg
ask POST /v1/check application/octet-stream "$picture" >"$work/verdict" 2>&1 || true
check "the service recognises it" grep -q '^200.*"verdict": *"review"' "$work/verdict"
printf '{"url":"http://127.0.0.1:%s/picture.jpg"}' "$web_port" >"$work/url"
ask POST /v1/check application/json "$work/url" >"$work/verdict" 2>&1 || true
check "also where it fetches it itself" grep -q '^200.*"verdict": *"review"' "$work/verdict"
printf '{"url":"http://169.254.169.254/"}' >"$work/url"
ask POST /v1/check application/json "$work/url" >"$work/verdict" 2>&1 || true
check "and refuses to fetch what is refused" grep -q 'is refused (link-local)' "$work/verdict"
# Docker and Podman keep it in different places.
$engine image inspect "$image" | python3 -c '
import json, sys
image = json.load(sys.stdin)[0]
test = (image.get("Healthcheck") or image.get("HealthCheck") or image["Config"].get("Healthcheck"))["Test"]
sys.stdout.write(test[test.index("-e") + 1])' >"$work/probe"
check "the image says how to probe it" grep -q healthz "$work/probe"
# The probe itself, as the engine would run it.
check "the probe answers" in_it perl -MIO::Socket::UNIX -e "$(cat "$work/probe")"
check "it stops when it is asked to" $engine stop -t 30 "$name"
check "and ends well" sh -c "[ \"\$($engine inspect --format '{{.State.ExitCode}}' $name)\" = 0 ]"
$engine rm "$name" >/dev/null
start
check "it comes up again with its data" grep -q event=ready "$work/log"
ask POST /v1/check application/octet-stream "$picture" >"$work/verdict" 2>&1 || true
check "and recognises what it knew" grep -q '^200.*"verdict": *"review"' "$work/verdict"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
