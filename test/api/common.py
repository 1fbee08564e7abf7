"""What the tests of the native API share: one node for all the cases of a file, its operator's key, and a note of every
answer for the check against the OpenAPI description (HILF_ANSWERS names the file)."""
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "serve"))
from serving import BUILD, HILF, Answer, Receiver, Serve, Skip, case, cases, environment, folder, hilf, main, quote, until  # noqa: E402,F401

from signed import Person  # noqa: E402

CROWD = 4
PDQ = "f8f8f0cce0f4e84d0e370a22028f67f0b36e2ed596623e1d33e6339c4e9c9b22"
DRAW = os.path.join(BUILD, "tools", "hilf-draw")


class Node(Serve):
    """A node whose operator asks, unless a key is given; key="" asks without."""

    def __init__(self, data, *options, **more):
        super().__init__(data, *options, **more)
        self.people = {}
        first = os.path.join(data, "first-key")
        self.operator = open(first, encoding="ascii").read().strip() if os.path.exists(first) else None

    def ask(self, method, path, body=None, key=None, headers=None, **more):
        headers = dict(headers or {})
        if key is None and self.operator and "Authorization" not in headers and "X-API-Key" not in headers:
            key = self.operator
        answer = super().ask(method, path, body, key=key or None, headers=headers, **more)
        note(method, path, answer)
        return answer

    def refused(self, status, code, method, path, body=None, **more):
        """Asks what must be refused just so; the message and hint, for those who look at them."""
        answer = self.ask(method, path, body, **more)
        seen = (answer.status, answer.json["error"]["code"])
        assert seen == (status, code), (method, path, seen, answer.body[:400])
        assert answer.json["error"]["message"] and answer.json["error"]["hint"] and answer.json["request_id"], answer.body
        assert answer.headers["X-Request-Id"] == answer.json["request_id"]
        return answer.json["error"]["message"], answer.json["error"]["hint"]

    def key_of(self, role, **more):
        return self.must("POST", "/v1/keys", {"name": f"a {role}", "role": role, **more}).json["key"]

    def held_key(self, role="reviewer", banks=(), who=None):
        """A key of somebody who enrolled: of each of a few people in turn, unless it is said whose."""
        who = who or self.somebody(role)
        if not banks and who.key:
            return who.key
        words = [word for bank in banks for word in ("--bank", bank)]
        made = hilf(self.data, "key", "create", f"{who.name}'s", "--role", role, "--held-by", who.name, *words)
        key = made.stdout.strip()
        until("the node knows the key", lambda: super(Node, self).ask("GET", "/v1/whoami", key=key).status == 200)
        if not banks:
            who.key = key
        return key

    def somebody(self, role="reviewer"):
        """The next of a few people of that role: two that follow each other are never the same."""
        people = self.people.setdefault(role, [])
        if len(people) < CROWD:
            people.append(Person(self, role))
        else:
            people.append(people.pop(0))
        return people[-1]

    def bank(self, mode="review", **more):
        name = "b" + uuid.uuid4().hex[:12]
        self.must("POST", "/v1/banks", {"name": name, "mode": mode, **more})
        return name

    def add(self, bank, *signals, **more):
        """One entry of (type, value) pairs; its number."""
        listed = [{"type": kind, "value": value} for kind, value in signals]
        return self.must("POST", f"/v1/banks/{bank}/entries", {"signals": listed, **more}).json["results"][0]["entry"]


def note(method, path, answer):
    if os.environ.get("HILF_ANSWERS") and len(answer.body) < 1 << 20:
        with open(os.environ["HILF_ANSWERS"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"method": method, "path": path, "status": answer.status,
                                   "type": answer.headers.get("Content-Type", ""),
                                   "body": answer.body.decode("utf-8", "replace")}) + "\n")


shared = []


def node(*options):
    """The file's own, started when it is first asked for, with these options then."""
    if shared == [None]:
        raise AssertionError("the node did not start; the first case says how")
    if not shared:
        shared.append(None)
        data = tempfile.mkdtemp(prefix="hilf-api-")
        atexit.register(shutil.rmtree, data, ignore_errors=True)
        shared[:] = [Node(data, *options)]
        atexit.register(stop)
    return shared[0]


def stop():
    if shared[0].process.poll() is None:
        try:
            shared[0].stop()
        except AssertionError as wrong:
            print("FAILED: the node did not end well:", wrong, flush=True)
            os._exit(1)


def random_hex(size):
    return os.urandom(size).hex()


def random_pdq():
    """A hash that stands for something: about half of its bits set."""
    return random_hex(32)


def near(value, bits):
    number = int(value, 16)
    for bit in range(bits):
        number ^= 1 << (bit * 7 % 256)
    return f"{number:064x}"


drawn = []


def picture(name="hills.jpg"):
    """The path of a picture of ours."""
    if not drawn:
        if not os.path.exists(DRAW):
            raise Skip("hilf was built without its drawing tool")
        target = tempfile.mkdtemp(prefix="hilf-pictures-")
        atexit.register(shutil.rmtree, target, ignore_errors=True)
        subprocess.run([DRAW, target], check=True, stdout=subprocess.DEVNULL)
        drawn.append(target)
    return os.path.join(drawn[0], "known", name)


def bytes_of(name="hills.jpg"):
    with open(picture(name), "rb") as file:
        return file.read()


def form(fields, file=None, name="file"):
    """multipart/form-data: its body and its headers."""
    boundary = "boundary" + uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
    if file is not None:
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n'
                     f'Content-Type: image/jpeg\r\n\r\n'.encode() + file + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={boundary}"}
