"""People for tests: enrolled and signed in as a browser would, with a cookie, its CSRF token and an authenticator app."""
import base64
import hashlib
import hmac
import http.cookies
import struct
import time
import uuid

PASSPHRASE = "seven quiet herons over the ford"
STEP_S = 30


def totp(secret, step):
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06d}"


class Person:
    """Somebody with an account on a node. `ask` is theirs: cookie and CSRF token go with it."""

    def __init__(self, node, role="reviewer", name=None, passphrase=PASSPHRASE, enrol=True, **more):
        self.node, self.passphrase, self.secret, self.step, self.next = node, passphrase, None, 0, 0
        self.cookie, self.csrf, self.enrolled, self.key = None, None, None, None
        self.name = name or "p" + uuid.uuid4().hex[:12]
        made = node.must("POST", "/v1/users", {"name": self.name, "role": role, **more}).json
        self.id, self.invitation = made["user"]["user"], made["invitation"]["code"]
        if enrol:
            self.enrol()

    def code(self, back=0):
        """A code that was not used yet: there is a new one each half minute, and three are good at any time; the one before
        this one (back=1) may be none any more when it arrives. It is used when it signed in."""
        while True:
            now = int(time.time()) // STEP_S
            self.next = max(self.step + 1, now - back)
            if self.next <= now + 1:
                return totp(self.secret, self.next)
            time.sleep(0.5)

    def take(self, answer):
        """Keeps the cookie and the token of an answer that signed in."""
        if "Set-Cookie" in answer.headers:
            cookie = http.cookies.SimpleCookie(answer.headers["Set-Cookie"])["hilf_session"]
            self.cookie = cookie.value or None
        if answer.status == 200 and "csrf" in answer.json:
            self.csrf = answer.json["csrf"]
        return answer

    def enrol(self):
        shown = self.node.must("POST", "/v1/session/enrol", {"invitation": self.invitation}, key="").json
        assert shown["name"] == self.name, shown
        self.secret, self.step = shown["totp"]["secret"], 0
        for back in (1, 1, 1, 0):  # the half minute may end between the code and its coming there
            answer = self.node.ask("POST", "/v1/session/enrol", {"invitation": self.invitation, "passphrase": self.passphrase,
                                                                 "code": self.code(back)}, key="")
            if answer.status == 200:
                self.step = self.next
                break
            assert answer.json["error"]["code"] == "wrong_code", answer.body
        self.enrolled = shown
        return self.take(answer)

    def sign_in(self, **more):
        """The answer, whatever it is."""
        body = {"name": self.name, "passphrase": self.passphrase, "code": more.pop("code", None) or self.code()}
        answer = self.take(self.node.ask("POST", "/v1/session", {**body, **more}, key=""))
        if answer.status == 200:
            self.step = max(self.step, self.next)
        return answer

    def headers(self, csrf=True, **more):
        headers = {"Cookie": f"other=1; hilf_session={self.cookie}; more=2", **more}
        if csrf and self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        return headers

    def ask(self, method, path, body=None, csrf=True, headers=None, **more):
        return self.node.ask(method, path, body, key="", headers={**self.headers(csrf), **(headers or {})}, **more)

    def must(self, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        assert answer.status < 300, (method, path, answer.status, answer.body[:400])
        return answer

    def refused(self, status, code, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        assert (answer.status, answer.json["error"]["code"]) == (status, code), (method, path, answer.status, answer.body[:400])
        return answer
