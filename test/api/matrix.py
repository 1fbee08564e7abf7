#!/usr/bin/env python3
"""Every route × every role × objects within and without the key's banks. What is expected is written here by hand, and taken
from nowhere: whoever changes who may do what changes it twice.

Roles: K checker, C curator, R reviewer, O operator, A auditor. A key may be limited to banks; then
    free     it has the route all the same (what is listed is limited)
    bank     it has the route for its own banks' objects and no others
    never    the route concerns the whole node"""
import random
import time

from common import bytes_of, case, form, main, node, random_hex, random_pdq
from signed import Person

LETTERS = {"K": "checker", "C": "curator", "R": "reviewer", "O": "operator", "A": "auditor"}
ALL = "KCROA"
LINE = {"Content-Type": "text/plain"}


def entry(bank):
    return node().add(bank, ("md5", random_hex(16)))


def hook(bank):
    return node().must("POST", "/v1/webhooks", {"url": "https://platform.example/x", "events": ["ping"], "banks": [bank]}).json["id"]


def spare_key(bank):
    return node().must("POST", "/v1/keys", {"name": "spare", "role": "checker", "banks": [bank]}).json["id"]


def spare_bank(bank):
    """A bank to be removed: the scoped keys know it by its name, so it is made again where it is gone."""
    node().ask("POST", "/v1/banks", {"name": bank + "_x"})
    return bank + "_x"


def spare_user(bank):
    made = node().ask("POST", "/v1/users", {"name": "spare", "role": "auditor"})
    return made.json["user"]["user"] if made.status == 201 else node().must("GET", "/v1/users").json["users"][0]["user"]


shown = {}


def shown_case(bank):
    """A case about an entry of the bank, with a copy of it in the vault; the preview goes with it."""
    node().must("PUT", "/v1/settings/desk/vault", {"value": 1})
    body, headers = form({}, bytes_of())
    entry = node().must("POST", f"/v1/banks/{bank}/entries", body, headers=headers).json["results"][0]["entry"]
    body, headers = form({"content_id": f"shown-{entry}", "banks": bank}, bytes_of())
    node().must("POST", "/v1/check", body, headers=headers)
    shown["case"] = node().must("GET", f"/v1/cases?state=all&bank={bank}&kind=match").json["cases"][0]["id"]
    return shown["case"]


def preview(bank):
    case_id = shown_case(bank)
    return node().must("GET", f"/v1/cases/{case_id}").json["copy"]["previews"][0]["id"]


def plain_case(bank):
    """A case about an entry of the bank."""
    value = random_pdq()
    entry = node().add(bank, ("pdq", value))
    node().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": f"plain-{entry}", "banks": [bank]})
    gid = node().must("GET", f"/v1/entries/{entry}").json["gid"]
    return next(one["id"] for one in node().must("GET", f"/v1/cases?state=all&bank={bank}&kind=match&limit=1000").json["cases"]
                if one["entry"] == gid)


def decided(bank):
    """A decision on such a case, by the operator, that waits for somebody else."""
    body = {"cluster": 1, "actions": ["suspend"], "ground": {"basis": "law", "article": "5"}}
    return node().must("POST", f"/v1/cases/{plain_case(bank)}/decisions", body, key=node().held_key("operator")).json["decision"]["id"]


def exemption(bank):
    body = {"uploader_ref": "u", "entry": str(entry(bank)), "purpose": "art", "until_ms": int(time.time() * 1000) + 60000}
    return node().must("POST", "/v1/exemptions", body).json["exemption"]["id"]


def escalated(bank):
    return node().must("POST", f"/v1/cases/{plain_case(bank)}/escalations", threat(), key=node().held_key("operator")).json["escalation"]["id"]


def threat():
    return {"authority": "a", "contact": "b", "told_ms": int(time.time() * 1000), "sent": "c"}


def signals():
    return {"signals": [{"type": "md5", "value": random_hex(16)}]}


# method, path as OpenAPI has it, roles, limited keys, what makes the path's parameter, the query, the body
ROUTES = [
    ("GET", "/healthz", None, None, None, "", None),
    ("GET", "/readyz", None, None, None, "", None),
    ("GET", "/", None, None, None, "", None),
    ("GET", "/assets/{file}", None, None, lambda bank: "none.js", "", None),
    ("GET", "/docs", None, None, None, "", None),
    ("GET", "/v1/openapi.json", None, None, None, "", None),
    ("GET", "/metrics", "OA", "never", None, "", None),
    ("GET", "/v1/lookup", "KCRO", "free", None, lambda: f"?type=pdq&value={random_pdq()}", None),
    ("POST", "/v1/check", "KCRO", "free", None, "", lambda bank: signals()),
    ("POST", "/v1/check", "KCRO", "bank", None, "", lambda bank: {**signals(), "banks": [bank]}),
    ("POST", "/v1/check/batch", "KCRO", "free", None, "", lambda bank: {"pdq": [random_pdq()]}),
    ("POST", "/v1/check/batch", "KCRO", "bank", None, "", lambda bank: {"pdq": [random_pdq()], "banks": [bank]}),
    ("POST", "/v1/hash", "KCRO", "free", None, "", lambda bank: ("x", {"Content-Type": "image/jpeg"})),
    ("POST", "/v1/find", "CROA", "free", None, "", lambda bank: signals()),
    ("GET", "/v1/checks", "ROA", "free", None, "", None),
    ("DELETE", "/v1/lookback", "O", "never", None, "", None),
    ("DELETE", "/v1/lookback/{content_id}", "O", "never", lambda bank: "post-1", "", None),
    ("GET", "/v1/banks", ALL, "free", None, "", None),
    ("POST", "/v1/banks", "CO", "bank", None, "", lambda bank: {"name": bank}),
    ("GET", "/v1/banks/{bank}", ALL, "bank", lambda bank: bank, "", None),
    ("PATCH", "/v1/banks/{bank}", "CO", "bank", lambda bank: bank, "", lambda bank: {"threshold": 30}),
    ("PATCH", "/v1/banks/{bank}", "CO", "bank", lambda bank: bank, "", lambda bank: {"name": bank, "threshold": 30}),
    ("DELETE", "/v1/banks/{bank}", "O", "bank", spare_bank, "", None),
    ("GET", "/v1/banks/{bank}/entries", "CROA", "bank", lambda bank: bank, "", None),
    ("POST", "/v1/banks/{bank}/entries", "CO", "bank", lambda bank: bank, "", lambda bank: signals()),
    ("POST", "/v1/banks/{bank}/import", "CO", "bank", lambda bank: bank, "", lambda bank: (f"md5 {random_hex(16)}\n", LINE)),
    ("GET", "/v1/banks/{bank}/export", "CROA", "bank", lambda bank: bank, "", None),
    ("GET", "/v1/entries", "CROA", "free", None, lambda: f"?type=pdq&value={random_pdq()}", None),
    ("GET", "/v1/entries/{entry}", "CROA", "bank", entry, "", None),
    ("PATCH", "/v1/entries/{entry}", "CO", "bank", entry, "", lambda bank: {"class": "threat"}),
    ("DELETE", "/v1/entries/{entry}", "CRO", "bank", entry, "", None),
    ("POST", "/v1/entries/{entry}/withdraw", "CRO", "bank", entry, "", lambda bank: {}),
    ("POST", "/v1/entries/{entry}/expire", "CO", "bank", entry, "", lambda bank: {}),
    ("POST", "/v1/entries/{entry}/mute", "CRO", "bank", entry, "", lambda bank: {"until": "1d"}),
    ("POST", "/v1/entries/{entry}/erase", "O", "bank", entry, "", lambda bank: {}),
    ("GET", "/v1/entries/{entry}/opinions", "CROA", "bank", entry, "", None),
    ("POST", "/v1/entries/{entry}/opinions", "CRO", "bank", entry, "", lambda bank: {"opinion": "confirm"}),
    ("GET", "/v1/feed", "COA", "never", None, "", None),
    ("GET", "/v1/feed", "O", "never", None, lambda: "?replica=1", None),
    ("GET", "/v1/keys", "OA", "free", None, "", None),
    ("POST", "/v1/keys", "O", "bank", None, "", lambda bank: {"name": "x", "role": "checker", "banks": [bank]}),
    ("POST", "/v1/keys", "O", "never", None, "", lambda bank: {"name": "x", "role": "checker"}),
    ("DELETE", "/v1/keys/{key}", "O", "bank", spare_key, "", None),
    ("GET", "/v1/webhooks", "OA", "free", None, "", None),
    ("POST", "/v1/webhooks", "O", "bank", None, "", lambda bank: {"url": "https://platform.example/x", "banks": [bank]}),
    ("POST", "/v1/webhooks", "O", "never", None, "", lambda bank: {"url": "https://platform.example/x"}),
    ("PATCH", "/v1/webhooks/{webhook}", "O", "bank", hook, "", lambda bank: {"enabled": False}),
    ("DELETE", "/v1/webhooks/{webhook}", "O", "bank", hook, "", None),
    ("GET", "/v1/webhooks/{webhook}/deliveries", "OA", "bank", hook, "", None),
    ("POST", "/v1/webhooks/{webhook}/replay", "O", "bank", hook, "", lambda bank: {}),
    ("POST", "/v1/webhooks/{webhook}/test", "O", "bank", hook, "", lambda bank: {}),
    ("GET", "/v1/insight/series", "CROA", "never", None, "", None),
    ("GET", "/v1/insight/sources", "CROA", "never", None, "", None),
    ("GET", "/v1/insight/health", "CROA", "never", None, "", None),
    ("GET", "/v1/banks/{bank}/effect", "CROA", "bank", lambda bank: bank, "", None),
    ("GET", "/v1/previews/{preview}", "RO", "bank", preview, lambda: f"?case={shown['case']}", None),
    ("PUT", "/v1/entries/{entry}/copy", "CRO", "bank", entry, "", lambda bank: ("x", {"Content-Type": "image/jpeg"})),
    ("GET", "/v1/entries/{entry}/copy", "RO", "bank", entry, "", None),
    ("POST", "/v1/entries/{entry}/exposure", "RO", "bank", entry, "", lambda bank: {"seconds": 1}),
    ("GET", "/v1/entries/{entry}/copy", "RO", "bank", entry, "", None),
    ("POST", "/v1/entries/{entry}/exposure", "RO", "bank", entry, "", lambda bank: {"seconds": 1}),
    ("POST", "/v1/cases/{case}/exposure", "RO", "bank", shown_case, "", lambda bank: {"seconds": 1}),
    ("GET", "/v1/exposure", "O", "never", None, "", None),
    ("GET", "/v1/cases", "ROA", "free", None, "", None),
    ("POST", "/v1/cases/next", "RO", "free", None, "", lambda bank: {"kind": "appeal"}),
    ("POST", "/v1/cases/next", "RO", "bank", None, "", lambda bank: {"kind": "appeal", "bank": bank}),
    ("GET", "/v1/cases/{case}", "ROA", "bank", plain_case, "", None),
    ("GET", "/v1/cases/{case}/clusters", "ROA", "bank", plain_case, "", None),
    ("GET", "/v1/cases/{case}/uploads", "ROA", "bank", plain_case, "", None),
    ("POST", "/v1/cases/{case}/lease", "RO", "bank", plain_case, "", lambda bank: {}),
    ("DELETE", "/v1/cases/{case}/lease", "RO", "bank", plain_case, "", None),
    ("POST", "/v1/cases/{case}/notes", "RO", "bank", plain_case, "", lambda bank: {"text": "x"}),
    ("POST", "/v1/reports", "KCRO", "free", None, "", lambda bank: {"content_id": "reported", "category": "other"}),
    ("POST", "/v1/cases/{case}/decisions", "RO", "bank", plain_case, "", lambda bank: {}),
    # It is no appeal, which is said only to who may decide on one.
    ("POST", "/v1/cases/{case}/appeal", "RO", "bank", plain_case, "", lambda bank: {"uphold": False}),
    ("POST", "/v1/cases/{case}/escalations", "RO", "bank", plain_case, "", lambda bank: threat()),
    ("GET", "/v1/decisions", "ROA", "free", None, "", None),
    ("GET", "/v1/decisions/{decision}", "ROA", "bank", decided, "", None),
    ("GET", "/v1/decisions/{decision}/contents", "ROA", "bank", decided, "", None),
    # Whoever did not make it is refused for that, so these two are asked with what makes no sense.
    ("POST", "/v1/decisions/{decision}/undo", "RO", "bank", decided, "", lambda bank: {"x": 1}),
    ("POST", "/v1/decisions/{decision}/second", "RO", "bank", decided, "", lambda bank: {}),
    ("POST", "/v1/decisions/{decision}/withhold", "RO", "bank", decided, "", lambda bank: {}),
    ("POST", "/v1/appeals", None, None, None, "", lambda bank: {"token": "x"}),
    ("POST", "/v1/appeals/status", None, None, None, "", lambda bank: {}),
    ("GET", "/appeal", None, None, None, "", None),
    ("POST", "/appeal", None, None, None, "",
     lambda bank: ("do=send&token=&text=", {"Content-Type": "application/x-www-form-urlencoded"})),
    ("GET", "/v1/exemptions", "ROA", "free", None, "", None),
    ("POST", "/v1/exemptions", "RO", "bank", None, "",
     lambda bank: {"uploader_ref": "u", "entry": str(entry(bank)), "purpose": "art", "until_ms": int(time.time() * 1000) + 60000}),
    ("DELETE", "/v1/exemptions/{exemption}", "RO", "bank", exemption, "", None),
    ("GET", "/v1/escalations", "ROA", "free", None, "", None),
    ("POST", "/v1/escalations/{escalation}/second", "RO", "bank", escalated, "", lambda bank: {}),
    ("GET", "/v1/stats", ALL, "free", None, "", None),
    ("GET", "/v1/settings", ALL, "free", None, "", None),
    ("PUT", "/v1/settings/private_basis", "O", "never", None, "", lambda bank: {"basis": ""}),
    ("PUT", "/v1/settings/desk/{name}", "O", "never", lambda bank: "undo_seconds", "", lambda bank: {"value": 8}),
    ("GET", "/v1/whoami", ALL, "free", None, "", None),
    ("GET", "/v1/session", None, None, None, "", None),
    # Nobody's: what is wrong in them is answered as such, which is none of the roles' business.
    ("POST", "/v1/session", None, None, None, "", lambda bank: {"name": "x"}),
    ("POST", "/v1/session/enrol", None, None, None, "", lambda bank: {"passphrase": "x"}),
    # A person's: a key is refused after its role was asked (people below).
    ("DELETE", "/v1/session", "", "never", None, "", None),
    ("GET", "/v1/me", "", "never", None, "", None),
    ("PATCH", "/v1/me", "", "never", None, "", lambda bank: {}),
    ("GET", "/v1/users", "OA", "never", None, "", None),
    ("POST", "/v1/users", "O", "never", None, "", lambda bank: {"name": "x", "role": "auditor"}),
    ("PATCH", "/v1/users/{user}", "O", "never", spare_user, "", lambda bank: {"language": "fr"}),
]


class Keys:
    """A key of each role, which a person holds where there are people of that role: of all banks, and limited to `mine` (and
    the bank that is removed)."""

    def __init__(self):
        self.mine, self.other = node().bank(), node().bank()
        some = [self.mine, self.mine + "_x"]
        self.whole = {letter: node().held_key(role) if letter != "K" else node().key_of(role) for letter, role in LETTERS.items()}
        self.limited = {letter: node().held_key(role, banks=some) if letter != "K" else node().key_of(role, banks=some)
                        for letter, role in LETTERS.items()}


def ask(row, bank, key, more=None):
    method, path, _, _, make, query, body = row
    if make:
        head, rest = path.split("{")
        path = head + str(make(bank)) + rest.split("}")[1]
    content, headers = (body(bank), {}) if body else (None, {})
    if isinstance(content, tuple):
        content, headers = content
    return node().ask(method, path + (query() if callable(query) else query), content, key=key, headers={**headers, **(more or {})})


def expect(row, who, bank, key, wanted, headers=None):
    answer = ask(row, bank, key, headers)
    # Whoever may do it may still be told that it is there already, or that this build cannot. Files of the console have
    # names of their making, and some builds have none: that nobody is asked who they are is all there is to see.
    if row[1] == "/assets/{file}" and answer.status == 404:
        return
    got = "403" if answer.status == 403 else "401" if answer.status == 401 else "yes" if answer.status != 404 and answer.status < 500 \
        or answer.status == 501 else str(answer.status)
    assert got == wanted, f"{row[0]} {row[1]} by {who}: {answer.status} where {wanted} was expected: {answer.body[:300]}"


@case
def every_role_may_what_the_table_says_and_nothing_else():
    keys = Keys()
    asked = 0
    for row in ROUTES:
        roles, limited = row[2], row[3]
        expect(row, "nobody", keys.mine, "", "yes" if roles is None else "401")
        for letter, role in LETTERS.items():
            allowed = roles is None or letter in roles
            expect(row, role, keys.mine, keys.whole[letter], "yes" if allowed else "403")
            within = allowed and limited != "never"
            expect(row, f"a limited {role}, its own bank", keys.mine, keys.limited[letter], "yes" if within else "403")
            without = allowed and (roles is None or limited == "free")
            expect(row, f"a limited {role}, another bank", keys.other, keys.limited[letter], "yes" if without else "403")
            asked += 3
    print(f"    {asked} requests over {len(ROUTES)} rows")


PERSONAL = {("GET", "/v1/me"), ("PATCH", "/v1/me")}


@case
def a_person_may_what_a_key_of_their_role_may():
    """The same table with sessions in the place of keys. Who signs out is asked elsewhere."""
    mine, other = node().bank(), node().bank()
    people = {letter: (Person(node(), LETTERS[letter]), Person(node(), LETTERS[letter], banks=[mine, mine + "_x"]))
              for letter in "CROA"}
    asked = 0
    for row in ROUTES:
        roles, limited = row[2], row[3]
        if row[:2] == ("DELETE", "/v1/session"):
            continue
        if row[:2] in PERSONAL:
            roles, limited = ALL, "free"
        for letter, (whole, some) in people.items():
            allowed = roles is None or letter in roles
            expect(row, f"a person, {LETTERS[letter]}", mine, "", "yes" if allowed else "403", whole.headers())
            within = allowed and limited != "never"
            expect(row, f"a limited person, {LETTERS[letter]}", mine, "", "yes" if within else "403", some.headers())
            without = allowed and (roles is None or limited == "free")
            expect(row, f"a limited person, {LETTERS[letter]}, another bank", other, "", "yes" if without else "403", some.headers())
            asked += 3
    print(f"    {asked} requests over {len(ROUTES)} rows")


@case
def every_route_has_a_row_and_every_row_a_route():
    paths = node().must("GET", "/v1/openapi.json").json["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert there == {(row[0], row[1]) for row in ROUTES}, there ^ {(row[0], row[1]) for row in ROUTES}


@case
def what_a_limited_key_lists_is_its_own_alone():
    keys = Keys()
    value = random_hex(32)
    for bank in (keys.mine, keys.other):
        node().add(bank, ("sha256", value))
        hook(bank)
        spare_key(bank)
    key = keys.limited["O"]
    assert {b["name"] for b in node().must("GET", "/v1/banks", key=key).json["banks"]} <= {keys.mine, keys.mine + "_x"}
    assert {e["bank"] for e in node().must("GET", f"/v1/entries?type=sha256&value={value}", key=key).json["entries"]} == {keys.mine}
    assert {e["bank"] for e in node().must("POST", "/v1/find", {"signals": [{"type": "sha256", "value": value}]}, key=key).json["entries"]} == \
        {keys.mine}
    assert {tuple(h["banks"]) for h in node().must("GET", "/v1/webhooks", key=key).json["webhooks"]} == {(keys.mine,)}
    assert all(set(k["banks"]) <= {keys.mine, keys.mine + "_x"} for k in node().must("GET", "/v1/keys", key=key).json["keys"])
    node().ask("POST", "/v1/banks", {"name": keys.mine + "_x"})
    for ask_key, banks in ((key, {keys.mine}), (keys.whole["O"], {keys.mine, keys.other})):
        answer = node().must("GET", f"/v1/lookup?type=sha256&value={value}", key=ask_key).json
        assert {match["bank"] for match in answer["matches"]} == banks
        answer = node().must("POST", "/v1/check/batch", {"sha256": [value]}, key=ask_key).json
        assert {match["bank"] for match in answer["results"][0]["matches"]} == banks
    node().refused(403, "denied", "GET", f"/v1/lookup?type=sha256&value={value}&banks={keys.mine},{keys.other}", key=key)


@case
def a_limited_key_reads_only_the_checks_that_it_made():
    keys = Keys()
    node().ask("POST", "/v1/banks", {"name": keys.mine + "_x"})
    value = random_hex(16)
    node().add(keys.mine, ("md5", value))
    names = [f"c{random.random()}" for _ in range(2)]
    for name, key in zip(names, (keys.whole["R"], keys.limited["R"])):
        node().must("POST", "/v1/check", {"signals": [{"type": "md5", "value": value}], "content_id": name}, key=key)
    own = [node().must("GET", f"/v1/checks?content_id={name}", key=keys.limited["R"]).json["checks"] for name in names]
    assert own[0] == [] and len(own[1]) == 1 and own[1][0]["actor"].startswith("key:"), own
    assert all(node().must("GET", f"/v1/checks?content_id={name}", key=keys.whole["R"]).json["checks"] for name in names)


@case
def a_key_of_one_bank_renames_it_to_nothing_that_others_have():
    bank = node().bank()
    key = node().key_of("curator", banks=[bank])
    node().refused(403, "denied", "PATCH", "/v1/banks/" + bank, {"name": "others"}, key=key)
    node().must("PATCH", "/v1/banks/" + bank, {"name": bank, "threshold": 20}, key=key)


@case
def no_role_makes_a_key_that_may_more_than_itself():
    keys = Keys()
    for letter in "KCRA":
        node().refused(403, "denied", "POST", "/v1/keys", {"name": "x", "role": "operator"}, key=keys.whole[letter])
    node().refused(403, "denied", "POST", "/v1/keys", {"name": "x", "role": "checker"}, key=keys.limited["O"])
    node().refused(403, "denied", "POST", "/v1/keys", {"name": "x", "role": "checker", "banks": [keys.mine, keys.other]},
                   key=keys.limited["O"])


main()
