#!/usr/bin/env python3
"""The service at its work, with a million known hashes, each figure beside its peer from the same run:

    http_bench.py BUILD-FOLDER --index QUERIES_PER_SECOND --batch QUERIES_PER_SECOND

The two numbers are the bare index's, one thread, one at a time and in batches, as index_bench has just measured them. The
server is kept on one core and the load on the other, so rates are those of one core. Look-ups carry an API key, half of
them ask for strangers and half for a known value with 0 to 31 bits flipped."""
import argparse
import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

KNOWN, ASKED, SEED, SECONDS = 1_000_000, 50_000, 20141008, 4
SERVER_CORE, LOAD_CORE = "0", "1"
CONNECTIONS = 32


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, **more):
    result = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if result.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit {result.returncode}: {result.stderr}")
    return result.stdout


def near(chance, known):
    value = chance.choice(known)
    for bit in chance.sample(range(256), chance.randrange(32)):
        value ^= 1 << bit
    return value


def asked(chance, known, count):
    return [chance.getrandbits(256) if i % 2 else near(chance, known) for i in range(count)]


class Server:
    """A process, kept on a core if one is named, with the port it listens on."""

    def __init__(self, *command, port, core=SERVER_CORE, log=subprocess.DEVNULL):
        self.port = port
        pinned = ["taskset", "-c", core] if core else []
        self.process = subprocess.Popen([*pinned, *command], stdout=log, stderr=log)

    def wait(self, path):
        for _ in range(600):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", path)
                if connection.getresponse().status == 200:
                    return self
            except OSError:
                pass
            if self.process.poll() is not None:
                sys.exit(f"http_bench: the server ended with {self.process.returncode}")
            time.sleep(.1)
        sys.exit("http_bench: the server does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Load:
    def __init__(self, build, folder):
        self.program = os.path.join(build, "bench", "http_load")
        self.path = os.path.join(folder, "requests")

    def __call__(self, port, lines, *, seconds=SECONDS, connections=CONNECTIONS, rate=0, headers=()):
        with open(self.path, "w", encoding="utf-8") as out:
            out.writelines(line + "\n" for line in lines)
        command = ["taskset", "-c", LOAD_CORE, self.program, "-c", str(connections), "-s", str(seconds)]
        if rate:
            command += ["-r", str(rate)]
        for header in headers:
            command += ["-H", header]
        answer = dict(pair.split("=") for pair in run(*command, f"127.0.0.1:{port}", self.path).split())
        figures = {name: float(value) for name, value in answer.items()}
        if figures["errors"] or figures["s4xx"] or figures["s5xx"]:
            sys.exit(f"http_bench: the load met errors: {answer}")
        return figures


def row(name, ours, peer="-", ratio="-"):
    print(f"{name} | {ours} | {peer} | {ratio}", flush=True)


def nginx(folder, body):
    port = free_port()
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w", encoding="utf-8") as out:
        out.write(f"""worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; server {{ listen 127.0.0.1:{port};
  location / {{ default_type application/json; return 200 '{body}'; }} }} }}
""")
    return Server(shutil.which("nginx") or "/usr/sbin/nginx", "-c", conf, "-p", folder, port=port).wait("/")


def fetch(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        sys.exit(f"http_bench: {method} {path}: {answer.status} {content[:200]}")
    return content


def bare_answers(load, port, folder):
    body = fetch(port, "GET", "/healthz").decode()
    peer_server = nginx(folder, body.replace("'", ""))
    ours, peer = 0.0, 0.0
    for _ in range(3):  # in turns; the best of each counts
        ours = max(ours, load(port, ["GET /healthz"])["rate"])
        peer = max(peer, load(peer_server.port, ["GET /healthz"])["rate"])
    peer_server.stop()
    row("bare answers, one core, keep-alive (nginx: the same bytes)", f"{ours:,.0f} /s", f"{peer:,.0f} /s", f"{ours / peer:.2f}")
    return ours


def lookups(load, port, key, lines, bare, index, name):
    best = max(load(port, lines, headers=key)["rate"] for _ in range(3))
    bound = 1 / (1 / bare + 1 / index)
    row(f"{name}, one core, a million hashes (share of 1/(1/a + 1/b))", f"{best:,.0f} /s", f"{bound:,.0f} /s", f"{best / bound:.2f}")
    return best


def latency(load, port, key, lines, capacity, folder):
    """At the same rate nginx returns one of the answers, which it need not look for."""
    rate = int(capacity / 2)
    body = fetch(port, "GET", lines[0].split()[1], headers=dict(header.split(": ", 1) for header in key)).decode().strip()
    peer_server = nginx(folder, body.replace("'", ""))
    ours, peer = [], []
    for _ in range(3):  # in turns; the best of each counts
        ours.append(load(port, lines, rate=rate, headers=key))
        peer.append(load(peer_server.port, lines, rate=rate, headers=key))
    peer_server.stop()
    ours, peer = (min(runs, key=lambda run: run["p99_us"]) for runs in (ours, peer))
    row(f"look-ups at half of capacity ({rate:,}/s), open loop: p99 (nginx: one answer)", f"{ours['p99_us'] / 1000:.2f} ms",
        f"{peer['p99_us'] / 1000:.2f} ms", f"{peer['p99_us'] / ours['p99_us']:.2f}")
    row("the same: p50", f"{ours['p50_us'] / 1000:.2f} ms", f"{peer['p50_us'] / 1000:.2f} ms", f"{peer['p50_us'] / ours['p50_us']:.2f}")


def batches(load, port, key, values, folder, index):
    lines = []
    for start in range(0, 20_000, 1000):
        path = os.path.join(folder, f"batch-{start}")
        with open(path, "w", encoding="ascii") as out:
            json.dump({"pdq": [f"{value:064x}" for value in values[start:start + 1000]]}, out)
        lines.append(f"POST /v1/check/batch application/json @{path}")
    best = max(load(port, lines, headers=key, connections=4)["rate"] for _ in range(3)) * 1000
    row("batches of 1,000 signals, one core (the index's own batches)", f"{best:,.0f} /s", f"{index:,.0f} /s", f"{best / index:.2f}")


def picture(build, folder):
    """A JPEG of one megapixel, drawn here."""
    run(os.path.join(build, "tools", "hilf-draw"), "--one", os.path.join(folder, "photo.jpg"))
    return os.path.join(folder, "photo.jpg")


def exchange(connection, request):
    """One request and its answer, with as little of Python's own time in it as can be: http.client takes a tenth of a
    millisecond or two for itself."""
    answer = b""
    connection.sendall(request)
    while True:
        answer += connection.recv(65536)
        head = answer.find(b"\r\n\r\n")
        if head < 0:
            continue
        size = int(answer[:head].lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(answer) >= head + 4 + size:
            return answer


def checks(build, port, key, path):
    """The same picture through the service and through the library, in turns, both kept on the same core."""
    with open(path, "rb") as file:
        content = file.read()
    lines = ["POST /v1/check HTTP/1.1", "Host: 127.0.0.1", *key, "Content-Type: image/jpeg", f"Content-Length: {len(content)}"]
    request = "\r\n".join([*lines, "", ""]).encode() + content
    library = subprocess.Popen(["taskset", "-c", SERVER_CORE, os.path.join(build, "bench", "check_bench"), os.environ["HILF_DATA"],
                                os.path.join(build, "src", "proc"), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ours, peer = [], []
    for _ in range(200):
        began = time.perf_counter()
        answer = exchange(connection, request)
        ours.append((time.perf_counter() - began) * 1000)
        if not answer.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"http_bench: a check was answered with {answer[:200]}")
        library.stdin.write("\n")
        library.stdin.flush()
        peer.append(float(library.stdout.readline()))
    connection.close()
    library.stdin.close()
    library.wait()
    added = statistics.median(ours) - statistics.median(peer)
    row("check of a 1-megapixel JPEG over HTTP, median (in the library)", f"{statistics.median(ours):.2f} ms",
        f"{statistics.median(peer):.2f} ms", f"+{added:.2f} ms")


def adds(load, build, port, key, chance):
    """Thirty-two writers, each waiting until its entry is durable; then every tenth must be found."""
    values = [chance.getrandbits(256) for _ in range(200_000)]
    lines = ['POST /v1/banks/adds/entries application/json {"signals":[{"type":"pdq","value":"%064x"}]}' % value for value in values]
    figures = load(port, lines, headers=key, seconds=5)
    sent = int(figures["s2xx"])
    body = json.dumps({"pdq": [f"{value:064x}" for value in values[:sent:10]][:10_000]})
    headers = dict(header.split(": ", 1) for header in key) | {"Content-Type": "application/json"}
    found = len(json.loads(fetch(port, "POST", "/v1/check/batch?banks=adds", body, headers))["results"])
    if found < min(sent // 10, 10_000):
        sys.exit(f"http_bench: of {sent // 10} acknowledged entries {found} were found")
    row("adds by 32 writers, durable, each visible to the next query", f"{figures['rate']:,.0f} /s",
        f"p99 {figures['p99_us'] / 1000:.1f} ms")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--index", type=float, required=True)
    parser.add_argument("--batch", type=float, required=True)
    arguments = parser.parse_args()
    build, chance = arguments.build, random.Random(SEED)
    hilf = os.path.join(build, "hilf")
    known = [chance.getrandbits(256) for _ in range(KNOWN)]
    with tempfile.TemporaryDirectory(prefix="hilf-bench-") as folder:
        os.environ["HILF_DATA"] = os.path.join(folder, "data")
        lines = os.path.join(folder, "known")
        with open(lines, "w", encoding="ascii") as out:
            out.writelines(f"pdq {value:064x}\n" for value in known)
        run(hilf, "bank", "create", "bench", "--quiet")
        run(hilf, "bank", "create", "adds", "--quiet")
        run(hilf, "import", "bench", lines)
        key = run(hilf, "key", "create", "--role", "operator", "bench").split()[-1]
        key = [f"Authorization: Bearer {key}"]
        port, hma_port = free_port(), free_port()
        server = Server(hilf, "serve", "--listen", f"127.0.0.1:{port}", "--hma", f"127.0.0.1:{hma_port}", "--loops", "1", "--rate-limit", "0",
                        port=port).wait("/readyz")
        time.sleep(3)  # let it warm
        load = Load(build, folder)
        values = asked(chance, known, ASKED)
        native = [f"GET /v1/lookup?type=pdq&value={value:064x}" for value in values]
        bare = bare_answers(load, port, folder)
        capacity = lookups(load, port, key, native, bare, arguments.index, "look-ups by hash")
        secret = key[0].split()[-1]
        lookups(load, hma_port, [], [f"GET /k/{secret}/m/lookup?signal={value:064x}&signal_type=pdq" for value in values], bare,
                arguments.index, "the same through the HMA drop-in")
        latency(load, port, key, native, capacity, folder)
        batches(load, port, key, values, folder, arguments.batch)
        checks(build, port, key, picture(build, folder))
        adds(load, build, port, key, chance)
        server.stop()


if __name__ == "__main__":
    main()
