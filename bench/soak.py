#!/usr/bin/env python3
"""Fifteen minutes of everything at once, to see whether the service grows:

    soak.py BUILD-FOLDER [MINUTES]

Look-ups, batches, pictures good and broken, adds, withdrawals, exports, long polls, webhook-less events, wrong keys,
oversized and half-sent requests, against a hundred thousand known hashes. Prints the resident size of the server and of its
helpers each half minute, and at the end how much they grew after the first two minutes. Any answer that a client has no
reason to expect ends it with an error."""
import http.client
import json
import os
import random
import socket
import sys
import tempfile
import threading
import time

import http_bench

KNOWN, SEED = 100_000, 1911
WARM_S = 120


def statuses():
    """Of all processes: number, parent, resident kB."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/status", encoding="utf-8", errors="replace") as file:
                fields = dict(line.split(":", 1) for line in file)
            yield int(name), int(fields["PPid"]), int(fields.get("VmRSS", "0 kB").split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass


def resident_kb(pid):
    """Of the process, and of all below it."""
    own, below, family = 0, 0, {pid}
    for process, parent, size in sorted(statuses()):
        if process == pid:
            own = size
        elif parent in family:
            family.add(process)
            below += size
    return own, below


class Client(threading.Thread):
    """One kind of visitor, on a connection of its own, `rate` times a second."""

    def __init__(self, soak, name, rate, visit):
        super().__init__(daemon=True)
        self.soak, self.name, self.pause, self.visit, self.count = soak, name, 1 / rate, visit, 0
        self.chance = random.Random(name)
        self.connection = None

    def ask(self, method, path, body=None, kind="application/json", expect=(200, 201), key=True):
        headers = {"Content-Type": kind} if body is not None else {}
        if key:
            headers["Authorization"] = f"Bearer {self.soak.key}"
        for again in (True, False):
            try:
                self.connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.soak.port, timeout=90)
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                content = answer.read()
                break
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = None
                if not again:
                    raise
        if answer.status not in expect:
            raise RuntimeError(f"{self.name}: {method} {path}: {answer.status} {content[:300]}")
        return content

    def run(self):
        try:
            while not self.soak.over.wait(self.pause):
                self.visit(self)
                self.count += 1
        except Exception as trouble:  # whatever it is, the soak has failed
            if not self.soak.over.is_set():
                self.soak.trouble = f"{self.name}: {trouble!r}"
                self.soak.over.set()


class Soak:
    def __init__(self, port, key, known, pictures):
        self.port, self.key, self.known, self.pictures = port, key, known, pictures
        self.over, self.trouble = threading.Event(), None

    def lookup(self, client):
        for _ in range(50):
            value = http_bench.near(client.chance, self.known) if client.chance.random() < .5 else client.chance.getrandbits(256)
            client.ask("GET", f"/v1/lookup?type=pdq&value={value:064x}")

    def batch(self, client):
        values = [f"{client.chance.getrandbits(256):064x}" for _ in range(1000)]
        client.ask("POST", "/v1/check/batch", json.dumps({"pdq": values}))

    def picture(self, client):
        content = client.chance.choice(self.pictures)
        client.ask("POST", f"/v1/check?content_id=c{client.chance.randrange(1000)}", content, "image/jpeg")

    def broken(self, client):
        content = bytearray(client.chance.choice(self.pictures))
        for _ in range(20):
            content[client.chance.randrange(len(content))] ^= 1 << client.chance.randrange(8)
        client.ask("POST", "/v1/check", bytes(content[:client.chance.randrange(1, len(content))]), "image/jpeg")

    def write(self, client):
        signal = {"type": "pdq", "value": f"{client.chance.getrandbits(256):064x}"}
        added = json.loads(client.ask("POST", "/v1/banks/soak/entries", json.dumps({"signals": [signal]})))
        entry = added["results"][0]["entry"]
        client.ask("POST", f"/v1/entries/{entry}/withdraw", json.dumps({"reason": "error"}))

    def export(self, client):
        client.ask("GET", "/v1/banks/bench/export?format=jsonl")

    def wait(self, client):
        client.ask("GET", "/v1/feed?after=0&limit=50")
        client.ask("GET", "/v1/feed?after=999999999&wait=2")

    def stranger(self, client):
        client.ask("GET", "/v1/stats", expect=(401,), key=False)
        client.ask("GET", "/v1/nothing", expect=(404,))
        client.ask("POST", "/v1/check", "[" * 10_000, expect=(413,))
        with socket.create_connection(("127.0.0.1", self.port)) as half:
            half.sendall(b"POST /v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 60_000)

    def clients(self):
        kinds = [(self.lookup, 20), (self.batch, 5), (self.picture, 20), (self.broken, 10), (self.write, 5), (self.export, .2),
                 (self.wait, 1), (self.stranger, 5)]
        return [Client(self, visit.__name__, rate, visit) for visit, rate in kinds]


def watch(soak, server, seconds):
    began, base, last = time.monotonic(), None, None
    while time.monotonic() - began < seconds and not soak.over.wait(30):
        past = time.monotonic() - began
        last = resident_kb(server.process.pid)
        if base is None and past >= min(WARM_S, seconds / 2):
            base = last
        print(f"{past:5.0f} s: server {last[0] / 1024:.1f} MB, helpers {last[1] / 1024:.1f} MB", flush=True)
    return base, last


def main():
    build, minutes = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 15
    hilf, chance = os.path.join(build, "hilf"), random.Random(SEED)
    known = [chance.getrandbits(256) for _ in range(KNOWN)]
    with tempfile.TemporaryDirectory(prefix="hilf-soak-") as folder:
        os.environ["HILF_DATA"] = os.path.join(folder, "data")
        lines = os.path.join(folder, "hashes")
        with open(lines, "w", encoding="ascii") as out:
            out.writelines(f"pdq {value:064x}\n" for value in known)
        http_bench.run(os.path.join(build, "tools", "hilf-draw"), folder)
        drawn = os.path.join(folder, "uploads")
        pictures = []
        for name in sorted(os.listdir(drawn)):
            with open(os.path.join(drawn, name), "rb") as file:
                pictures.append(file.read())
        for bank in ("bench", "soak", "drawn"):
            http_bench.run(hilf, "bank", "create", bank, "--quiet")
        http_bench.run(hilf, "import", "bench", lines)
        http_bench.run(hilf, "add", "drawn", os.path.join(folder, "known"))
        key = http_bench.run(hilf, "key", "create", "--role", "operator", "soak").split()[-1]
        port = http_bench.free_port()
        with open(os.path.join(folder, "serve.log"), "w", encoding="utf-8") as log:
            server = http_bench.Server(hilf, "serve", "--listen", f"127.0.0.1:{port}", port=port, core=None, log=log).wait("/readyz")
            soak = Soak(port, key, known, pictures)
            clients = soak.clients()
            for client in clients:
                client.start()
            base, last = watch(soak, server, minutes * 60)
            soak.over.set()
            counts = ", ".join(f"{client.name} {client.count:,}" for client in clients)
            server.stop()
        print(counts)
        if soak.trouble or server.process.returncode:
            with open(os.path.join(folder, "serve.log"), encoding="utf-8") as log:
                sys.stderr.write(log.read()[-4000:])
            sys.exit(f"soak: {soak.trouble or f'the server ended with {server.process.returncode}'}")
        growth = (sum(last) / sum(base) - 1) * 100
        print(f"growth of memory over {minutes:g} minutes, after the first two | {growth:.2f} % | - | -")


if __name__ == "__main__":
    main()
