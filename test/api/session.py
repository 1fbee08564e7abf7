#!/usr/bin/env python3
"""People: invited, enrolled, signed in and out; what a browser may do with their cookie; who is told what of a failure."""
import os
import re
import threading
import time

from common import Node, case, folder, hilf, main, node, until
from signed import PASSPHRASE, Person, totp

LOCKED_S = 15


def is_over(person):
    return person.ask("GET", "/v1/me").status == 401


@case
def an_invitation_leads_to_a_passphrase_a_code_and_a_session():
    person = Person(node(), "reviewer", enrol=False, language="ar")
    listed = [user for user in node().must("GET", "/v1/users").json["users"] if user["user"] == person.id][0]
    assert not listed["enrolled"] and listed["invited_until_ms"] and listed["language"] == "ar", listed
    shown = [node().must("POST", "/v1/session/enrol", {"invitation": person.invitation}, key="").json for _ in range(2)]
    assert shown[0] == shown[1]
    entered = person.enrol()
    assert shown[0]["totp"] == person.enrolled["totp"]
    uri = f"otpauth://totp/hilf:{person.name}?secret={person.secret}&issuer=hilf"
    assert shown[0]["totp"]["uri"] == uri and re.fullmatch("[A-Z2-7]{32}", person.secret), shown[0]
    assert shown[0]["totp"]["svg"].startswith("<svg ") and "script" not in shown[0]["totp"]["svg"]
    assert entered.json["signed_in"] and entered.json["user"]["name"] == person.name and len(person.csrf) == 32, entered.body
    assert entered.headers["Cache-Control"] == "no-store"
    me = person.must("GET", "/v1/me").json
    assert (me["name"], me["role"], me["language"], me["declined"]) == (person.name, "reviewer", "ar", [])
    assert me["exposure"] == {"today": {"reveals": 0, "seconds": 0}, "week": {"reveals": 0, "seconds": 0}}
    assert person.must("GET", "/v1/whoami").json["actor"] == "user:" + person.id
    session = person.must("GET", "/v1/session").json
    assert session["signed_in"] and session["csrf"] == person.csrf and not session["open"] and session["until_ms"], session
    assert person.must("DELETE", "/v1/session").status == 204
    person.refused(401, "session_ended", "GET", "/v1/me")
    assert not person.must("GET", "/v1/session").json["signed_in"]
    assert person.sign_in().json["signed_in"] and person.must("GET", "/v1/me").json["name"] == person.name
    listed = [user for user in node().must("GET", "/v1/users").json["users"] if user["user"] == person.id][0]
    assert listed["enrolled"] and listed["invited_until_ms"] is None
    assert not set(listed) & {"declined", "used_ms", "last_ms", "exposure"}, "nothing of what they do is anybody's to see"


@case
def what_a_person_asked_is_told_to_that_person_alone():
    first, second, bank, value = Person(node()), Person(node(), "auditor"), node().bank("review"), "5" * 32
    node().add(bank, ("md5", value))
    first.must("POST", "/v1/check", {"signals": [{"type": "md5", "value": value}], "content_id": "asked"})
    asked = lambda who: who.must("GET", "/v1/checks?content_id=asked").json["checks"][0]["actor"]
    assert asked(first) == "user:" + first.id
    assert asked(second) is None and asked(node()) is None


@case
def an_invitation_is_good_once():
    person = Person(node())
    for body in ({}, {"passphrase": PASSPHRASE, "code": person.code()}):
        node().refused(404, "invitation_void", "POST", "/v1/session/enrol", {"invitation": person.invitation, **body}, key="")
    node().refused(404, "invitation_void", "POST", "/v1/session/enrol", {"invitation": "a" * 32}, key="")
    node().refused(404, "invitation_void", "POST", "/v1/session/enrol", {"invitation": "short"}, key="")
    node().refused(400, "missing_field", "POST", "/v1/session/enrol", {"invitation": "a" * 32, "code": "123456"}, key="")
    other = Person(node(), enrol=False)
    other.secret = node().must("POST", "/v1/session/enrol", {"invitation": other.invitation}, key="").json["totp"]["secret"]
    ask = {"invitation": other.invitation, "code": totp(other.secret, 1)}
    node().refused(400, "wrong_code", "POST", "/v1/session/enrol", {**ask, "passphrase": PASSPHRASE}, key="")
    for passphrase in ("eleven char", "aaaaaaaaaaaaaaaa", other.name):
        message, _ = node().refused(400, "invalid", "POST", "/v1/session/enrol", {**ask, "passphrase": passphrase}, key="")
        assert "passphrase" in message, message
    assert other.enrol().status == 200


@case
def whatever_is_wrong_is_answered_with_the_same_words():
    person = Person(node())
    disabled, never = Person(node()), Person(node(), enrol=False)
    node().must("PATCH", f"/v1/users/{disabled.id}", {"enabled": False})
    never.secret = person.secret
    answers = [person.sign_in(passphrase=PASSPHRASE + "!"), person.sign_in(code="000000"), person.sign_in(code="not a code"),
               person.sign_in(name="nobody at all"), person.sign_in(name="\u200bnobody"), disabled.sign_in(), never.sign_in()]
    bodies = {(answer.status, answer.json["error"]["code"], answer.json["error"]["message"], answer.json["error"]["hint"])
              for answer in answers}
    assert len(bodies) == 1 and next(iter(bodies))[:2] == (401, "wrong_credentials"), bodies
    assert all("Set-Cookie" not in answer.headers for answer in answers)
    assert person.sign_in(name=person.name.upper()).status == 200, "upper and lower case are one name"


@case
def a_code_counts_once():
    person = Person(node())
    code = person.code()
    assert person.sign_in(code=code).status == 200
    assert person.sign_in(code=code).status == 401
    assert person.sign_in().status == 200


@case
def what_changes_something_needs_the_token_of_the_session():
    person, other = Person(node(), "operator"), Person(node(), "operator")
    body = {"name": "x" + person.name, "role": "auditor"}
    person.refused(403, "csrf", "POST", "/v1/users", body, csrf=False)
    for wrong in ("", "x" * 32, other.csrf, person.csrf[:-1], person.csrf + "0"):
        person.refused(403, "csrf", "POST", "/v1/users", body, csrf=False, headers={"X-CSRF-Token": wrong})
    person.refused(403, "csrf", "DELETE", "/v1/session", csrf=False)
    person.must("GET", "/v1/users", csrf=False)
    assert person.must("POST", "/v1/users", body).status == 201


@case
def a_page_of_another_site_gets_nowhere():
    person = Person(node(), "operator")
    host = f"127.0.0.1:{node().port}"
    bad = [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
           {"Origin": f"http://{host}.evil.example"}, {"Origin": f"http://{host}", "Sec-Fetch-Site": "cross-site"}]
    good = [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": f"http://{host}"}, {},
            {"Origin": "https://through.a.proxy", "Sec-Fetch-Site": "same-origin"}]
    for headers in bad:
        person.refused(403, "foreign_site", "PATCH", "/v1/me", {"language": "fr"}, headers=headers)
        person.refused(403, "foreign_site", "GET", "/v1/me", headers=headers)
        for path, body in (("/v1/session", {"name": "x", "passphrase": "y", "code": "1"}), ("/v1/session/enrol", {"invitation": "x"})):
            node().refused(403, "foreign_site", "POST", path, body, key="", headers=headers)
    for headers in good:
        person.must("GET", "/v1/me", headers=headers)
        person.must("PATCH", "/v1/me", {"language": "fr"}, headers=headers)


@case
def the_cookie_is_the_browsers_alone():
    person = Person(node())
    cookie = person.sign_in().headers["Set-Cookie"]
    token, *attributes = cookie.split("; ")
    assert re.fullmatch("hilf_session=[a-z2-7]{32}", token), cookie
    assert set(attributes) == {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"}, cookie
    cleared = person.must("DELETE", "/v1/session").headers["Set-Cookie"]
    assert cleared.startswith("hilf_session=;") and "Max-Age=0" in cleared
    with folder() as data, Node(data, "--public-url", "https://hilf.example/") as secure:
        made = secure.must("POST", "/v1/users", {"name": "amal", "role": "reviewer"}).json["invitation"]
        assert made["url"] == "https://hilf.example/enrol#" + made["code"]
        other = Person(secure)
        assert other.sign_in().headers["Set-Cookie"].endswith("; Secure")
        other.must("PATCH", "/v1/me", {"language": "fr"}, headers={"Origin": "https://hilf.example", "Host": "inside:1"})
        other.refused(403, "foreign_site", "PATCH", "/v1/me", {}, headers={"Origin": "https://hilf.example.org", "Host": "inside:1"})


@case
def two_cookies_of_the_name_are_none_and_a_key_goes_first():
    person = Person(node(), "auditor")
    twice = {"Cookie": f"hilf_session={person.cookie}; hilf_session={'a' * 32}"}
    node().refused(401, "unauthorized", "GET", "/v1/me", key="", headers=twice)
    node().refused(401, "session_ended", "GET", "/v1/me", key="", headers={"Cookie": "hilf_session=short"})
    node().refused(401, "session_ended", "GET", "/v1/me", key="", headers={"Cookie": "hilf_session=" + "a" * 32})
    node().refused(401, "unauthorized", "GET", "/v1/me", key="", headers={"Cookie": "other=1"})
    both = person.headers()
    assert node().must("GET", "/v1/whoami", headers=both).json["actor"].startswith("key:")
    node().refused(401, "unauthorized", "GET", "/v1/whoami", key="no key at all", headers=both)
    node().refused(403, "not_a_person", "GET", "/v1/me")
    node().refused(403, "not_a_person", "PATCH", "/v1/me", {"language": "fr"})
    node().refused(403, "not_a_person", "DELETE", "/v1/session")


@case
def a_session_survives_a_restart():
    with folder() as data:
        with Node(data) as first:
            person = Person(first)
            stays, gone = person.headers(), Person(first)
            gone.must("DELETE", "/v1/session")
        with Node(data) as second:
            assert second.must("GET", "/v1/me", key="", headers=stays).json["name"] == person.name
            second.refused(401, "session_ended", "GET", "/v1/me", key="", headers=gone.headers())
            person.node = second
            person.must("PATCH", "/v1/me", {"language": "fr"})
            assert person.sign_in(code=totp(person.secret, person.step)).status == 401, "a code counts once, also then"


@case
def disabling_and_another_role_end_all_sessions_at_once():
    for change in ({"enabled": False}, {"role": "auditor"}, {"banks": ["some"]}, {"reset": True}):
        person = Person(node())
        first = dict(person.headers())
        person.sign_in()
        answer = node().must("PATCH", f"/v1/users/{person.id}", change).json
        assert (answer["invitation"] is not None) == ("reset" in change), answer
        for headers in (first, person.headers()):
            node().refused(401, "session_ended", "GET", "/v1/me", key="", headers=headers)
    again = Person(node())
    node().must("PATCH", f"/v1/users/{again.id}", {"role": "reviewer", "language": "fr"})
    assert again.must("GET", "/v1/me").json["language"] == "fr", "the same role ends nothing"


@case
def the_command_line_ends_sessions_of_a_node_that_runs():
    person = Person(node())
    hilf(node().data, "user", "disable", person.name)
    until("the session is over", lambda: is_over(person))
    hilf(node().data, "user", "enable", person.name)
    until("signing in is possible", lambda: person.sign_in().status == 200)
    hilf(node().data, "user", "set", person.name, "--role", "auditor")
    until("the session is over", lambda: is_over(person))
    reset = hilf(node().data, "user", "reset", person.name)
    person.invitation = reset.stdout.strip().removeprefix("/enrol#")
    assert person.enrol().json["user"]["role"] == "auditor"
    made = hilf(node().data, "user", "create", "made beside", "--role", "curator").stdout.strip()
    until("the invitation is good",
          lambda: node().ask("POST", "/v1/session/enrol", {"invitation": made.removeprefix("/enrol#")}, key="").status == 200)


@case
def a_reset_voids_passphrase_and_authenticator():
    person = Person(node())
    old = person.secret
    person.invitation = node().must("PATCH", f"/v1/users/{person.id}", {"reset": True}).json["invitation"]["code"]
    assert person.sign_in().status == 401
    person.passphrase = "another heron by another ford"
    assert person.enrol().status == 200 and person.secret != old
    assert person.sign_in().status == 200


@case
def another_passphrase_ends_every_other_session():
    person = Person(node())
    other = dict(person.headers())
    person.sign_in()
    person.refused(403, "wrong_passphrase", "PATCH", "/v1/me", {"passphrase": {"old": "not the passphrase", "new": "x" * 5 + " long enough"}})
    person.refused(400, "invalid", "PATCH", "/v1/me", {"passphrase": {"old": PASSPHRASE, "new": "short"}})
    person.refused(400, "invalid", "PATCH", "/v1/me", {"passphrase": {"old": PASSPHRASE, "new": PASSPHRASE}})
    person.refused(400, "missing_field", "PATCH", "/v1/me", {"passphrase": {"old": PASSPHRASE}})
    person.refused(400, "unknown_field", "PATCH", "/v1/me", {"passphrase": {"old": "a", "new": "b", "newer": "c"}})
    changed = person.take(person.must("PATCH", "/v1/me", {"passphrase": {"old": PASSPHRASE, "new": "a heron of another colour"}}))
    assert changed.json["csrf"] == person.csrf
    node().refused(401, "session_ended", "GET", "/v1/me", key="", headers=other)
    person.must("PATCH", "/v1/me", {"language": "en"})
    assert person.sign_in().status == 401
    person.passphrase = "a heron of another colour"
    assert person.sign_in().status == 200


@case
def who_gets_it_wrong_too_often_waits_whoever_they_are():
    person = Person(node())
    for name in (person.name, "nobody of that name", "\u200bof no form"):
        for count in range(1, 40):
            began = time.monotonic()
            answer = person.sign_in(name=name, passphrase="wrong, but long enough", code="123456")
            seen = (answer.status, answer.json["error"]["code"])
            if seen == (429, "locked"):
                break
            # On a machine that stands still the wait may be over when the next one comes.
            assert seen == (401, "wrong_credentials"), (name, count, seen)
            assert count <= 5 or time.monotonic() - last > LOCKED_S, (name, count, seen)
            last = began
        assert count > 5 and 0 < int(answer.headers["Retry-After"]) and (count > 6 or int(answer.headers["Retry-After"]) <= LOCKED_S)
        if name == person.name:
            waits = person.sign_in().status == 429
            assert waits or time.monotonic() - last > LOCKED_S, "also who is right has to wait"
    assert person.must("GET", "/v1/me").status == 200, "but nobody is signed out by it"
    node().must("PATCH", f"/v1/users/{person.id}", {"unlock": True})
    assert person.sign_in().status == 200


@case
def nobody_changes_their_own_role_or_access():
    person = Person(node(), "operator")
    for change in ({"role": "auditor"}, {"enabled": False}, {"reset": True}, {"banks": ["some"]}):
        person.refused(403, "oneself", "PATCH", f"/v1/users/{person.id}", change)
    person.must("PATCH", f"/v1/users/{person.id}", {"language": "fr"})
    assert person.must("GET", "/v1/me").json["language"] == "fr"


@case
def what_is_declined_is_known_to_oneself_alone():
    person = Person(node(), "reviewer")
    names = ["instruction", "threat"]
    assert person.must("PATCH", "/v1/me", {"declined": names}).json["declined"] == names
    assert person.must("GET", "/v1/session").json["user"]["declined"] == names
    assert all(name not in node().must("GET", "/v1/users").body.decode() for name in names)
    person.refused(400, "invalid", "PATCH", "/v1/me", {"declined": ["no such class"]})
    person.refused(400, "invalid", "PATCH", "/v1/me", {"language": "xx"})
    assert person.must("PATCH", "/v1/me", {"declined": [], "language": None}).json["declined"] == []


@case
def people_are_made_with_care():
    for body, code in (({"name": "x"}, "missing_field"), ({"role": "reviewer"}, "missing_field"), ({"name": "x", "role": "checker"}, "invalid"),
                       ({"name": "x", "role": "root"}, "invalid_field"), ({"name": "a\u202eb", "role": "reviewer"}, "invalid"),
                       ({"name": " x", "role": "reviewer"}, "invalid"), ({"name": "x", "role": "reviewer", "language": "de"}, "invalid"),
                       ({"name": "x" * 65, "role": "reviewer"}, "invalid_field"), ({"name": "x", "role": "reviewer", "passphrase": "y"}, "unknown_field")):
        node().refused(400, code, "POST", "/v1/users", body)
    name = "\u0623\u0645\u0644 <script>alert(1)</script>"
    made = node().must("POST", "/v1/users", {"name": name, "role": "reviewer"}).json
    assert made["user"]["name"] == name
    node().refused(409, "exists", "POST", "/v1/users", {"name": name.upper(), "role": "auditor"})
    node().refused(404, "not_found", "PATCH", "/v1/users/aaaaaaaaaa", {"enabled": True})
    assert "%3Cscript%3E" in node().must("POST", "/v1/session/enrol", {"invitation": made["invitation"]["code"]}, key="").json["totp"]["uri"]


@case
def the_list_of_people_comes_in_pages():
    names = {Person(node(), enrol=False).name for _ in range(5)}
    seen, cursor = [], ""
    while cursor is not None:
        page = node().must("GET", f"/v1/users?limit=2&cursor={cursor}").json
        assert len(page["users"]) <= 2
        seen += [user["name"] for user in page["users"]]
        cursor = page["next"]
    assert names <= set(seen) and len(seen) == len(set(seen)) and seen == sorted(seen, key=lambda name: name.lower().encode())


@case
def an_invitation_is_told_once_also_to_who_repeats_the_request():
    headers = {"Idempotency-Key": "invite-" + Person(node(), enrol=False).name}
    first = node().must("POST", "/v1/users", {"name": "twice asked", "role": "auditor"}, headers=headers).json
    again = node().must("POST", "/v1/users", {"name": "twice asked", "role": "auditor"}, headers=headers).json
    assert first["invitation"]["code"] and again["invitation"] is None and first["user"] == again["user"]


@case
def what_happens_at_the_door_is_counted_and_who_may_enter_is_in_the_log():
    def signs(result):
        text = node().must("GET", "/metrics").body.decode()
        return int(re.search(rf'hilf_sign_ins_total{{result="{result}"}} (\d+)', text).group(1))

    before = {result: signs(result) for result in ("good", "wrong", "locked")}
    person = Person(node(), "operator")
    assert person.sign_in().status == 200
    for _ in range(6):
        person.sign_in(passphrase="wrong, but long enough", code="123456")
    assert {result: signs(result) - before[result] for result in before} == {"good": 1, "wrong": 5, "locked": 1}
    made = person.must("POST", "/v1/users", {"name": "by " + person.name, "role": "auditor"}).json["user"]["user"]
    person.must("PATCH", f"/v1/users/{made}", {"enabled": False})
    for event in ("user.invited", "user.changed"):
        until(event, lambda wanted=event: any(line["text"] == f"user:{person.id} did it to user:{made}" for line in node().said(wanted)))
    said = " ".join(str(line) for line in node().lines)
    assert node().said("people.none") and person.name not in said and person.cookie not in said and person.passphrase not in said


@case
def with_open_access_nobody_signs_in():
    with folder() as data, Node(data, "--open") as free:
        session = free.must("GET", "/v1/session").json
        assert session["open"] and not session["signed_in"] and session["user"] is None, session
        assert free.must("GET", "/v1/me").json["role"] == "operator"
        assert free.must("GET", "/v1/me", headers={"Cookie": "hilf_session=" + "a" * 32}).json["name"] == "open"
        assert not free.must("GET", "/v1/session", headers={"Host": "evil.example"}).json["open"]
        person = Person(free, "auditor")
        assert person.must("GET", "/v1/me").json["name"] == person.name, "who signs in is who they say"
        person.refused(403, "denied", "POST", "/v1/users", {"name": "y", "role": "reviewer"})


@case
def the_desks_settings_have_bounds_and_help():
    desk = {row["name"]: row for row in node().must("GET", "/v1/settings").json["desk"]}
    for row in desk.values():
        assert row["min"] <= row["default"] <= row["max"] and row["value"] == row["default"] and row["help"].endswith("."), row
    changed = node().must("PUT", "/v1/settings/desk/undo_seconds", {"value": 12}).json["desk"]
    assert {row["name"]: row["value"] for row in changed}["undo_seconds"] == 12
    for value in (-1, 61, "8", 8.5, None):
        node().refused(400, "missing_field" if value is None else "invalid_field", "PUT", "/v1/settings/desk/undo_seconds", {"value": value})
    message, _ = node().refused(404, "not_found", "PUT", "/v1/settings/desk/undo_second", {"value": 1})
    assert "'undo_seconds'" in message
    cookie = Person(node(), "operator")
    cookie.must("PUT", "/v1/settings/desk/session_hours", {"value": 1})
    assert "Max-Age=3600" in cookie.sign_in().headers["Set-Cookie"]
    cookie.must("PUT", "/v1/settings/desk/session_hours", {"value": 12})


@case
def a_flood_of_signing_in_takes_no_memory_and_lets_people_in():
    person = Person(node())
    answers, lock = [], threading.Lock()

    def knock(number):
        for turn in range(2):
            answer = node().ask("POST", "/v1/session", {"name": f"nobody {number} {turn}", "passphrase": "wrong, but long enough",
                                                        "code": "123456"}, key="")
            with lock:
                answers.append(answer.status)

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    signed = until("somebody who is right is let in, once there is a place",
                   lambda: (status := person.sign_in().status) != 503 and status)
    for thread in threads:
        thread.join()
    assert signed == 200 and 401 in answers and set(answers) <= {401, 503}, (signed, answers)  # 503: too many at once
    with open(f"/proc/{node().process.pid}/status", encoding="ascii") as file:
        most_kb = int(re.search(r"VmHWM:\s*(\d+)", file.read()).group(1))
    if not os.environ.get("HILF_SANITIZED"):
        assert most_kb < 400 * 1024, most_kb


main()
