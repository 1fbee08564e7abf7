#!/usr/bin/env python3
"""The review desk with 100,000 open cases and one of 10,000 uploads: what the server takes of a console's first views, from
the request to the last byte, over one connection; and what a person waits for in a real browser (desk_browser.mjs), cold or
having been here before, beside one line of text from the same service, which is what the browser and the machine take for
themselves. There is no peer; the second column is the floor that was set. The browser's rows are left out, aloud, where
there is no Chromium, npm or network.

    desk_bench.py BUILD-FOLDER [CASES UPLOADS]"""
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../test"))
from npm import modules  # noqa: E402

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


def pages():
    with open(os.path.join(HERE, "../web/src/pages.json"), encoding="utf-8") as file:
        return [re.sub(r"\{.*?\}", "1", row["path"]) for row in json.load(file)]


def in_browser(build, desk, large, cases):
    chromium = shutil.which("chromium")
    if not chromium:
        print("SKIPPED: the desk in a browser: there is no Chromium", flush=True)
        return
    if desk.ask("GET", "/queue")[0] != 200:
        print("SKIPPED: the desk in a browser: this build has no console", flush=True)
        return
    place = os.path.join(os.path.abspath(build), "test", "console")
    try:
        modules(os.path.join(HERE, "../test/console"), place)
    except SystemExit:  # it said why
        return
    told = {"url": f"http://127.0.0.1:{desk.connection.port}", "chromium": chromium, "modules": place, "large": int(large),
            "cases": cases, "paths": pages()}
    result = subprocess.run(["node", os.path.join(HERE, "desk_browser.mjs")], env={**os.environ, "HILF_DESK": json.dumps(told)},
                            stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    seen = json.loads(result.stdout)
    for how, said in (("cold", "nothing kept"), ("warm", "been here before")):
        print(f"desk, Chromium, {said}: one line of text, no script | {seen['floor'][how]:.1f} ms | |", flush=True)
        row(f"desk, Chromium, {said}: the queue is painted", seen["queue"][how], 500)
        row(f"desk, Chromium, {said}: the case of many uploads is painted", seen["large"][how], 500)
    row("desk, Chromium: a decision, from the click to the word that it is made", seen["decided"]["all"], 150)
    row("desk, Chromium: the server's part of it", seen["decided"]["server"], 150)
    for what, size in (("to sign in, see the queue and decide a case", seen["worked"]), ("all pages, one language", seen["everything"])):
        print(f"desk: script sent, compressed, {what} | {size / 1e3:.1f} kB | 150 kB | {150e3 / size:.1f}", flush=True)


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
        cases = [one["id"] for one in json.loads(desk.ask("GET", "/v1/cases?limit=20&kind=report")[1])["cases"]]
        in_browser(build, desk, large, cases)
    finally:
        if desk:
            desk.process.terminate()
            desk.process.wait(20)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
