#!/usr/bin/env python3
"""The console in a real browser (Debian's Chromium) against the real service. This part starts the service with people, a
bank, pictures and cases, and a host of evidence; the script that is named plays people (browser.mjs says how it asks for
what only this part can do). Skipped, aloud, without Chromium, npm or the network.

    run.py HILF API-TESTS-FOLDER SCRIPT.mjs [CASE]...
"""
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [sys.argv[2], os.path.join(HERE, "..")]
from common import BUILD, Node, Receiver, bytes_of, folder, form, picture, random_pdq  # noqa: E402
from npm import modules, skip  # noqa: E402
from serving import free_port  # noqa: E402
from signed import Person  # noqa: E402

over = threading.Event()  # the test
CHROMIUM = shutil.which("chromium")
BANK, CLASS = "known", "solicit-participation"


class Evidence(http.server.BaseHTTPRequestHandler):
    """A platform's host: pictures, and what goes wrong with them."""
    protocol_version = "HTTP/1.1"
    asked = []

    def do_GET(self):
        self.asked.append({"path": self.path, "referer": self.headers.get("Referer"), "cookie": self.headers.get("Cookie")})
        if self.path.startswith("/gone"):
            self.answer(404, "text/plain", b"gone")
        elif self.path.startswith("/page"):
            self.answer(200, "text/html", b"<script>parent.pwned = 1</script><h1>no picture</h1>")
        elif self.path.startswith("/slow"):
            over.wait()
        elif self.path.startswith("/elsewhere"):
            self.answer(302, "text/plain", b"", Location="/page")
        else:
            self.answer(200, "image/jpeg", bytes_of(os.path.basename(self.path)))

    def answer(self, status, type, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Type": type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def evidence_host():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evidence)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://localhost:{server.server_address[1]}"  # another host than the console, as it must be


class Stage:
    """The node with what is on it; its methods are what a script can ask for by name."""

    def __init__(self, data, evidence):
        self.place, self.evidence, self.count = data, evidence, 0
        self.options = ["--evidence-from", evidence, "--webhook-allow", "127.0.0.1"]
        self.receiver = Receiver()
        self.port = free_port()  # kept over a restart
        self.start()

    def start(self):
        self.data = os.path.join(self.place, str(self.count))
        self.node = Node(self.data, *self.options, listen=f"127.0.0.1:{self.port}")
        self.people = {}
        self.node.must("PUT", "/v1/settings/desk/vault", {"value": 1})
        self.node.must("POST", "/v1/banks", {"name": BANK, "mode": "review"})
        self.node.must("POST", "/v1/webhooks", {"url": self.receiver.url, "events": ["*"]})

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def renew(self):
        """Another node, with nobody and nothing on it: no scene finds what another one left."""
        try:
            self.node.stop()
        finally:
            shutil.rmtree(self.data, ignore_errors=True)
            Evidence.asked.clear()
            with self.receiver.lock:
                self.receiver.got.clear()
            self.count += 1
            self.start()
        return self.url()

    def person(self, name, role="reviewer", enrol=True, **more):
        person = Person(self.node, role, name=name, enrol=enrol, **more)
        self.people[name] = person
        return {"name": name, "passphrase": person.passphrase, "secret": person.secret, "used": person.step,
                "invitation": person.invitation}

    def by(self, name, method, path, body=None):
        """A request of somebody's own, who is signed in."""
        return self.people[name].must(method, path, body).json

    def add(self, picture="hills.jpg", **more):
        body, headers = form({"class": CLASS, **more}, bytes_of(picture))
        return self.node.must("POST", f"/v1/banks/{BANK}/entries", body, headers=headers).json

    def upload(self, content_id, picture="hills.jpg", evidence=None, **more):
        fields = {"content_id": content_id, "surface": "public",
                  "evidence_url": f"{self.evidence}/{evidence or picture}", **more}
        body, headers = form(fields, bytes_of(picture))
        return self.node.must("POST", "/v1/check", body, headers=headers).json

    def ask(self, method, path, body=None):
        answer = self.node.ask(method, path, body)
        return {"status": answer.status, "json": answer.json if answer.body else None}

    def restart(self):
        """Stops the service and starts it again on the same port."""
        self.node.stop()
        self.node = Node(self.data, *self.options, listen=f"127.0.0.1:{self.port}")
        for person in self.people.values():
            person.node = self.node
        return {}

    def evidence_asked(self):
        return Evidence.asked

    def delivered(self, event):
        """The data of events of this kind that the platform was told."""
        with self.receiver.lock:
            told = [json.loads(request["body"]) for request in self.receiver.got]
        return [one["data"] for one in told if one["type"] == event]

    def random_pdq(self):
        return random_pdq()

    def picture(self, name):
        """Where it is, for what a person would choose in a dialog."""
        return picture(name)


def play(stage, script, cases):
    """Runs the script, answering what it asks for: a line "@{json}" each way. Everything else it prints is shown."""
    name = os.path.splitext(os.path.basename(script))[0]
    told = {"url": stage.url(), "evidence": stage.evidence, "bank": BANK, "chromium": CHROMIUM, "cases": cases,
            "script": name, "shots": os.environ.get("HILF_SHOTS", ""),
            "failures": os.path.join(os.path.dirname(script), "failures")}
    process = subprocess.Popen(["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "HILF_CONSOLE": json.dumps(told)})
    for line in process.stdout:
        if not line.startswith("@"):
            print(line, end="", flush=True)
            continue
        asked = json.loads(line[1:])
        try:
            answer = {"value": getattr(stage, asked["what"])(*asked["with"], **asked.get("by", {}))}
        except Exception as wrong:  # the script says which of its cases it was
            answer = {"error": f"{type(wrong).__name__}: {wrong}"}
        try:
            process.stdin.write(json.dumps(answer) + "\n")
            process.stdin.flush()
        except BrokenPipeError:  # it has ended, and its status says how
            break
    return process.wait()


def main():
    if not CHROMIUM:
        skip("there is no Chromium")
    place = os.path.join(BUILD, "test", "console")
    modules(HERE, place)
    for name in os.listdir(HERE):
        if name.endswith(".mjs"):
            shutil.copy(os.path.join(HERE, name), place)
    with folder() as data:
        stage = Stage(data, evidence_host())
        try:
            status = play(stage, os.path.join(place, sys.argv[3]), sys.argv[4:])
        finally:
            over.set()
            stage.node.stop()
            stage.receiver.close()
    sys.exit(status)


main()
