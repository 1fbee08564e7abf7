"""HMA's known clients, as far as they go: each class sends what that client sends and decides as it decides. They were written
from what the clients do on the wire."""
import json
import re
import urllib.parse

import run


class Failed(Exception):
    """The client noticed that it got no answer."""


class Coop:
    """ROOST's Coop: no credentials, a base URL that ends with a slash, its own row for each bank."""

    def __init__(self, port, base="/"):
        self.port, self.base, self.rows = port, base, {"OURS": "COOP_1_OURS"}

    def fetch(self, method, path, headers=(), body=None):
        return run.ask(self.port, method, self.base + path, headers, body)

    def json(self, method, path, value):
        return self.fetch(method, path, [("Content-Type", "application/json")], json.dumps(value).encode())

    def create_bank(self, name, ratio):
        answer = self.json("POST", "/c/banks", {"name": name, "enabled_ratio": ("%g" % ratio)})
        if not 200 <= answer.status < 300:
            raise Failed(answer.status)
        return json.loads(answer.body)

    def update_ratio(self, name, ratio):
        answer = self.json("PUT", "/c/bank/" + name, {"enabled_ratio": ratio})
        if not 200 <= answer.status < 300:
            raise Failed(answer.status)
        return json.loads(answer.body)

    def get_bank(self, row):
        """It believes a 404, and drops its own row."""
        answer = self.fetch("GET", "/c/bank/" + self.rows[row])
        if answer.status == 404:
            del self.rows[row]
            return None
        return self.rows[row]

    def hash_url(self, url):
        answer = self.fetch("GET", "/h/hash?url=" + urllib.parse.quote(url, safe=""))
        if not 200 <= answer.status < 300:
            raise Failed(answer.status)
        return json.loads(answer.body)

    def add_blob(self, bank, data, kind, metadata):
        parts = [(kind, "blob", "application/octet-stream", data)]
        parts += [(name, None, None, value.encode()) for name, value in metadata]
        answer = self.fetch("POST", "/c/bank/%s/content" % bank,
                            [("Content-Type", "multipart/form-data; boundary=" + run.BOUNDARY)], run.multipart(parts))
        if not 200 <= answer.status < 300:
            raise Failed(answer.status)
        return json.loads(answer.body)

    def add_url(self, bank, url, metadata, note):
        answer = self.json("POST", "/c/bank/%s/content?%s" % (bank, urllib.parse.urlencode({"url": url})),
                           {"metadata": metadata, "note": note})
        if not 200 <= answer.status < 300:
            raise Failed(answer.status)
        return json.loads(answer.body)

    def lookup(self, kind, signal):
        answer = self.fetch("GET", "/m/lookup?" + urllib.parse.urlencode({"signal_type": kind, "signal": signal}))
        if not 200 <= answer.status < 300:
            raise Failed(answer.status)
        return json.loads(answer.body)

    def matched_banks(self, banks, kind, signal):
        matches = self.lookup(kind, signal)
        return [bank for bank in banks if len(matches.get(bank) or []) > 0]

    def exchanges(self):
        infos = []
        for name in json.loads(self.fetch("GET", "/c/exchanges/apis").body):
            config = json.loads(self.fetch("GET", "/c/exchanges/api/" + name).body)
            schema = json.loads(self.fetch("GET", "/c/exchanges/api/%s/schema" % name).body)
            infos.append((name, config["supports_authentification"], config["has_set_authentification"],
                          [field["name"] for field in schema["config_schema"]["fields"]]))
        return infos


class Ruby:
    """fetlife/hasher_matcher_actioner_api: errors by status, its structs strict about types."""

    def __init__(self, port, base=""):
        self.port, self.base = port, base

    def handle(self, answer):
        kind = answer.headers.get("content-type", "")
        body = json.loads(answer.body) if "json" in kind and answer.body else answer.body
        if 200 <= answer.status < 300:
            return body
        if answer.status == 503 and body == "INDEX-STALE":
            return body
        if answer.status == 400:
            raise Failed("ValidationError", body["message"])
        if answer.status == 403:
            if re.search("already exists", body["message"]):
                raise Failed("ResourceAlreadyExistsError", body["message"])
            if re.search("missing role", body["message"]):
                raise Failed("ConfigurationError", body["message"])
            raise Failed("PermissionError", body["message"])
        raise Failed({401: "AuthenticationError", 404: "NotFoundError", 500: "ServerError",
                      503: "ServerError"}.get(answer.status, "Error"), answer.body)

    def get(self, path, **params):
        query = "?" + urllib.parse.urlencode(params) if params else ""
        return self.handle(run.ask(self.port, "GET", self.base + path + query, [
            ("User-Agent", "Faraday v2.14.0"), ("Accept", "*/*")]))

    def post(self, path, value):
        return self.handle(run.ask(self.port, "POST", self.base + path, [
            ("Content-Type", "application/json")], json.dumps(value).encode()))

    def post_file(self, path, kind, data, mime, **fields):
        parts = [(kind, "local.path", mime, data)] + [(k, None, None, v.encode()) for k, v in fields.items()]
        return self.handle(run.ask(self.port, "POST", self.base + path, [
            ("Content-Type", "multipart/form-data; boundary=" + run.BOUNDARY)], run.multipart(parts)))

    def create_bank(self, name):
        bank = self.post("/c/banks", {"name": name, "enabled": "true", "matching_enabled_ratio": 1.0})
        return self.bank(bank)

    @staticmethod
    def bank(value):
        # Types::Float takes no integer.
        assert isinstance(value["matching_enabled_ratio"], float) and isinstance(value["name"], str)
        return value

    def bank_exists(self, name):
        try:
            self.bank(self.get("/c/bank/" + name))
            return True
        except Failed as failure:
            if failure.args[0] == "NotFoundError":
                return False
            raise

    @staticmethod
    def normalized(by_bank):
        if not isinstance(by_bank, dict):
            raise Failed("Dry::Struct::Error", by_bank)
        matches = []
        for bank, items in by_bank.items():
            for item in items:  # Types::Integer, and Types::Coercible::Integer of a text
                assert isinstance(item["bank_content_id"], int) and isinstance(item["distance"], str)
                matches.append((bank, item["bank_content_id"], int(item["distance"])))
        return matches

    def lookup_signal(self, signal, kind):
        return self.normalized(self.get("/m/lookup", signal=signal, signal_type=kind))

    def lookup_file(self, data, kind):
        result = self.post_file("/m/lookup", kind, data, "image/jpeg")
        if not isinstance(result, dict):
            raise Failed("Dry::Struct::Error", result)
        return [match for by_bank in result.values() for match in self.normalized(by_bank)]

    def raw_lookup(self, signal, kind, include_distance):
        flag = "true" if include_distance else "false"
        return self.get("/m/raw_lookup", signal=signal, signal_type=kind, include_distance=flag)["matches"]

    def status(self):
        status = self.get("/status")
        if status not in ("I-AM-ALIVE", "INDEX-STALE"):
            raise Failed("Dry::Struct::Error", status)
        return status


class Policyserv:
    """matrix-org/policyserv: hashes, looks at that status, then looks up and does not look at that status."""

    def __init__(self, port, key="", base=""):
        self.port, self.key, self.base = port, key, base

    def scan(self, kind, data, enabled):
        headers = [("Authorization", ("Bearer " + self.key).rstrip()),
                   ("Content-Type", "multipart/form-data; boundary=" + run.BOUNDARY)]
        answer = run.ask(self.port, "POST", self.base + "/h/hash", headers,
                         run.multipart([(kind, "x", "application/octet-stream", data)]))
        if answer.status != 200:
            raise Failed(answer.status)
        found = []
        for name, value in json.loads(answer.body).items():
            query = "signal_type=%s&signal=%s" % (urllib.parse.quote(name), urllib.parse.quote(value))
            answer = run.ask(self.port, "GET", self.base + "/m/lookup?" + query, headers[:1])
            try:
                found += json.loads(answer.body).keys()  # whatever the status
            except (ValueError, AttributeError) as error:
                raise Failed("decode", answer.body) from error
        return [bank for bank in found if bank in enabled]
