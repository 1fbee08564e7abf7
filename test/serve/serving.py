"""The real `hilf serve` for scenario tests: started on a free port of the loopback, watched by its own log, stopped and
killed; and a small client. Every test file makes its cases with `case` and ends with `main()`.

    serving.py is called as   python3 CASES.py HILF [NAME]...
"""
import contextlib
import http.client
import http.server
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

HILF = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "build/hilf"
BUILD = os.environ.get("HILF_BUILD") or os.path.dirname(HILF)
SANITIZED = any(os.environ.get(name) for name in ("HILF_SANITIZED",))
PATIENCE_S = 120  # for what must come; nothing is asserted of how long it took
cases = []


class Skip(Exception):
    """What a case needs is missing."""


def case(function):
    """The function's name is the sentence it proves."""
    cases.append(function)
    return function


def until(what, condition, patience_s=PATIENCE_S, pause_s=0.02):
    """Waits until condition() is true and returns what it gave."""
    end = time.monotonic() + patience_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {patience_s} s")
        time.sleep(pause_s)


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="hilf-serve-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def environment(**more):
    env = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS") or k in ("HILF_SIMD", "TMPDIR")}
    env.update(PATH="/usr/bin:/bin:/usr/sbin:/sbin", LANG="C.UTF-8", HOME="/nonexistent",
               HILF_HELPERS=os.path.join(BUILD, "src", "proc"))
    env.update(more)
    return env


def hilf(data, *words, check=True, text=None):
    """Runs a command on a data folder; once more where the node wrote for longer than it waits (a slow disk, a machine that
    stands still)."""
    for _ in range(20):
        result = subprocess.run([HILF, *words, "--data", data], env=environment(), input=text, text=True,
                                capture_output=True, timeout=5 * PATIENCE_S, check=False)
        if result.returncode != 2 or "try again when it has finished" not in result.stderr:
            break
    if check and result.returncode not in (0, 1):
        raise AssertionError(f"hilf {' '.join(words)}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        return [json.loads(line) for line in self.body.splitlines()]


class Serve:
    """One process. `with Serve(data, "--open") as serve:` starts it and waits until it is ready; leaving stops it."""

    def __init__(self, data, *options, wait=True, env=None, listen="127.0.0.1:0", terminal=False, prefix=(), config=None,
                 preexec=None, pass_fds=()):
        self.data, self.key, self.lines, self.port, self.ports = data, None, [], None, {}
        self.closed = threading.Event()
        words = [*prefix, HILF, "serve", "--data", data, "--log-format", "json", *options]
        if listen:
            words += ["--listen", listen]
        if config:
            words += ["--config", config]
        self.process = subprocess.Popen(words, env=env or environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=preexec, pass_fds=pass_fds)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        if wait:
            self.wait_ready()

    def read(self):
        for line in self.process.stderr:
            try:
                line = json.loads(line)
            except ValueError:
                line = {"event": "raw", "text": line.rstrip("\n")}
            self.lines.append(line)
            if line["event"] == "listens" and "port" in line:
                self.ports.setdefault(line["app"], []).append(line["port"])
                if line["app"] == "api" and not self.port:
                    self.port = line["port"]
        self.closed.set()

    def said(self, event):
        return [line for line in list(self.lines) if line["event"] == event]

    def wait_said(self, event, count=1):
        def look():
            if len(self.said(event)) >= count:
                return self.said(event)
            if self.process.poll() is not None and self.closed.is_set():
                raise AssertionError(f"ended with {self.process.returncode} before '{event}': {self.lines}")
            return None
        return until(f"'{event}' in the log, which has {[line['event'] for line in self.lines]}", look)

    def wait_ready(self):
        self.wait_said("ready")
        return self

    def ask(self, method, path, body=None, key=None, headers=None, timeout=PATIENCE_S, port=None, host="127.0.0.1"):
        connection = http.client.HTTPConnection(host, port or self.port, timeout=timeout)
        headers = dict(headers or {})
        key = key or self.key
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if isinstance(body, (dict, list)):
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def must(self, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        if answer.status >= 300:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body[:500]}")
        return answer

    def signal(self, number):
        self.process.send_signal(number)

    def wait_end(self, patience_s=PATIENCE_S):
        status = self.process.wait(timeout=patience_s)
        self.reader.join(timeout=5)
        return status

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        status = self.wait_end()
        if status != 0:
            said = [line["text"] for line in self.lines if line["event"] == "raw"] or [str(line) for line in self.lines[-8:]]
            raise AssertionError(f"serve ended with {status}:\n    " + "\n    ".join(said[:60]))
        return status

    def kill(self):
        self.process.kill()
        self.wait_end()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            if kind:
                self.process.kill()
                self.process.wait()
            else:
                self.stop()
        if kind:
            print(f"    the log of {' '.join(self.process.args[1:])}:")
            for line in self.lines[-40:]:
                print("      ", line)
        return False


class Receiver:
    """A server of webhooks that keeps what it was sent; `answer` decides on the status."""

    def __init__(self, port=0):
        self.got, self.answer, self.lock = [], lambda request: 200, threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                request = {"path": self.path, "body": body, "time": time.time(),
                           "headers": {k.lower(): v for k, v in self.headers.items()}}
                status = outer.answer(request)
                with outer.lock:
                    outer.got.append(request)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address, daemon_threads = True, True

            def handle_error(self, request, address):
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.close()


def before_midnight(left_s):
    """Waits for the next day of UTC where this one ends too soon for what is counted by the day."""
    left = 86400 - time.time() % 86400
    if left < left_s:
        time.sleep(left + 0.1)


claims = []


def free_port():
    """A port for a server that is stopped and comes back. It is none that the system gives to whoever wants any, and a claim
    keeps other tests from it until this one has ended."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        given_from = int(file.read().split()[0])
    for port in random.SystemRandom().sample(range(11000, given_from if given_from > 12000 else 32768), 500):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0hilf-test-port-{port}")
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        claims.append(claim)
        return port
    raise AssertionError("no port is free")


def random_pdq(some):
    """A hash that stands for something: about half of its bits set."""
    return some.randbytes(32).hex()


def certificate(folder_, name, days=1):
    cert, key = (os.path.join(folder_, f"{name}.{kind}") for kind in ("crt", "key"))
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                           "-keyout", key, "-out", cert, "-days", str(days), "-subj", f"/CN={name}",
                           "-addext", "subjectAltName=IP:127.0.0.1"], capture_output=True, check=False)
    if made.returncode:
        raise Skip("openssl makes no certificate here")
    return cert, key


def quote(text):
    return urllib.parse.quote(text, safe="")


def main():
    wanted = sys.argv[2:]
    passed = failed = skipped = 0
    for function in cases:
        name = function.__name__.replace("_", " ")
        if wanted and function.__name__ not in wanted:
            continue
        began = time.monotonic()
        try:
            function()
        except Skip as skip:
            skipped += 1
            print(f"SKIPPED: {name}: {skip}", flush=True)
            continue
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED: {name}", flush=True)
            traceback.print_exc(file=sys.stdout)
            continue
        passed += 1
        print(f"ok: {name} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    if failed:
        sys.exit(f"{failed} of {len(cases)} failed")
