#!/usr/bin/env python3
"""The review desk with 100,000 open cases and one of 10,000 uploads: what the server takes of a console's first views, from
the request to the last byte, over one connection. There is no peer; the second column is the floor that was set.

    desk_bench.py BUILD-FOLDER [CASES UPLOADS]"""
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 40


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Desk:
    def __init__(self, build, data):
        port = free_port()
        self.process = subprocess.Popen([os.path.join(build, "hilf"), "serve", "--data", data, "--open", "--listen",
                                         f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(600):
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                self.connection.close()
            time.sleep(0.05)
        sys.exit("the server did not come up")

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def time(self, method, path, body=None, wanted=200, rounds=ROUNDS):
        """Milliseconds: the median, and the answer."""
        took, answer = [], b""
        for _ in range(rounds):
            began = time.perf_counter()
            status, answer = self.ask(method, path, body)
            took.append((time.perf_counter() - began) * 1e3)
            if status != wanted:
                sys.exit(f"{method} {path}: {status} {answer[:300]}")
        return statistics.median(took), answer


def row(what, ours, floor):
    print(f"{what} | {ours:.1f} ms | {floor:.0f} ms | {floor / ours:.1f}", flush=True)


def main():
    build = sys.argv[1]
    count, uploads = (int(n) for n in sys.argv[2:4]) if len(sys.argv) > 3 else (100_000, 10_000)
    data = tempfile.mkdtemp(prefix="hilf-desk-")
    desk = None
    try:
        fill = [os.path.join(build, "bench", "desk_fill"), data, os.path.join(build, "src", "proc"), str(count), str(uploads)]
        large = subprocess.run(fill, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
        desk = Desk(build, data)
        took, answer = desk.time("GET", "/v1/cases?limit=50")
        assert json.loads(answer)["counts"]["open"] == count + 1, answer[-300:]
        row(f"desk: first view of {count:,} open cases", took, 500)
        row("desk: the same of one class", desk.time("GET", "/v1/cases?limit=50&class=publication")[0], 500)
        row("desk: the same of a bank with one case", desk.time("GET", "/v1/cases?limit=50&bank=b")[0], 500)
        took, answer = desk.time("GET", f"/v1/cases/{large}")
        assert json.loads(answer)["upload_count"] == uploads, answer[:300]
        row(f"desk: a case of {uploads:,} uploads", took, 500)
        row("desk: a page of its uploads", desk.time("GET", f"/v1/cases/{large}/uploads?limit=100&cursor={uploads // 2}")[0], 500)
        row("desk: take the next case", desk.time("POST", "/v1/cases/next", {}, rounds=10)[0], 150)
    finally:
        if desk:
            desk.process.terminate()
            desk.process.wait(20)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
