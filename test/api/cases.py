#!/usr/bin/env python3
"""Cases: what opens one and what does not, how uploads are gathered and parted, the queue and its pages, taking and giving
back, notes, reports; who sees what; and script in every text field."""
import concurrent.futures
import json
import time
import urllib.parse
import uuid

from common import Node, Receiver, bytes_of, case, folder, form, hilf, main, near, node, random_hex, random_pdq, until

SCRIPT = "<script>alert(1)</script>\"'&\u202e\u0627\u0644\u0633\u0644\u0627\u0645"


def fresh(word="post"):
    return f"{word}-{uuid.uuid4().hex[:10]}"


def known(mode="review", content_class="incitement", **more):
    """A bank with one entry: its name, the value, the entry's number."""
    bank, value = node().bank(mode, **more), random_pdq()
    return bank, value, node().add(bank, ("pdq", value), **{"class": content_class})


def check(value, content_id, bank=None, **context):
    body = {"signals": [{"type": "pdq", "value": value}], "content_id": content_id, **context}
    if bank:
        body["banks"] = [bank]
    return node().must("POST", "/v1/check", body).json


def queue(bank, state="open", key=None, **query):
    return node().must("GET", "/v1/cases?" + urllib.parse.urlencode({"state": state, "bank": bank, **query}), key=key).json


def only(bank, state="open"):
    cases = queue(bank, state)["cases"]
    assert len(cases) == 1, cases
    return cases[0]


def show(case_id, key=None):
    return node().must("GET", f"/v1/cases/{case_id}", key=key).json


def reviewer(**more):
    return node().key_of("reviewer", **more)


# ------------------------------------------------------------------------------------------------- gathering


@case
def uploads_of_one_item_are_one_case_parted_by_what_matters():
    bank, value, _ = known()
    for number in range(12):
        check(value, fresh(), caption="Look at this", language="fr", evidence_url=f"https://e.example/{number}", reach=10 * number)
    check(near(value, 9), fresh(), caption="Never again: a report", language="fr")
    check(value, fresh(), caption="LOOK   at this", language="FR", surface="limited")
    brief = only(bank)
    assert (brief["kind"], brief["state"], brief["upload_count"], brief["cluster_count"]) == ("match", "open", 14, 3), brief
    assert brief["reach"] == 110 and brief["languages"] == ["fr"] and brief["surfaces"] == ["public", "limited"]
    assert brief["severity"] == "high" and brief["priority"] == "high"
    full = show(brief["id"])
    first = full["clusters"][0]
    assert first["upload_count"] == 12 and first["open_count"] == 12 and first["nearest"] == 0
    assert first["share"] == "whole" and first["orientation"] == "straight" and first["known"] is None
    assert len(first["uploads"]) == 3 and first["uploads"][0]["evidence_url"] == "https://e.example/0"
    assert full["clusters"][1]["nearest"] == 9 and full["clusters"][1]["caption"] == "Never again: a report"
    assert full["why"] == {"reason": "similar", "signal": "pdq", "threshold": 31, "distance": 0, "orientation": "original",
                           "share_percent": 100}
    info = full["entry_info"]
    assert info["bank"] == bank and info["mode"] == "review" and info["own"] and info["content_class"] == "incitement"
    assert full["copy"] == {"kept": False, "previews": []}
    assert full["can"]["confirm"] is False and full["can"]["confirm_why"] == "no_copy" and full["can"]["decide"] is True


@case
def a_content_counts_once_and_has_its_newest_address():
    bank, value, _ = known()
    name = fresh()
    check(value, name, evidence_url="https://e.example/old")
    check(value, name, evidence_url="https://e.example/new")
    brief = only(bank)
    assert brief["upload_count"] == 1
    assert show(brief["id"])["clusters"][0]["uploads"][0]["evidence_url"] == "https://e.example/new"


@case
def undecided_look_ups_blocks_and_nameless_content_open_nothing():
    bank, value, _ = known()
    blocking, blocked, _ = known("block")
    shadow, shadowed, _ = known("shadow")
    check(blocked, fresh())
    check(shadowed, fresh())
    node().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}]})
    node().must("GET", f"/v1/lookup?type=pdq&value={value}")
    node().must("POST", "/v1/check/batch", {"pdq": [value]})
    body, headers = form({"content_id": fresh()}, b"no picture at all")
    assert node().must("POST", "/v1/check", body, headers=headers).json["verdict"] == "undecided"
    for name in (bank, blocking, shadow):
        assert queue(name, "all")["cases"] == []


@case
def a_check_by_form_brings_caption_and_places():
    bank = node().bank("review")
    body, headers = form({}, bytes_of("hills.jpg"))
    node().must("POST", f"/v1/banks/{bank}/entries", body, headers=headers)
    places = [{"kind": "region", "x": 0.25, "y": 0, "w": 0.5, "h": 1}, {"kind": "time", "from_s": 3, "to_s": 4.5},
              {"kind": "page", "page": 2}, {"kind": "text", "quote": SCRIPT}]
    body, headers = form({"content_id": fresh(), "banks": bank, "caption": SCRIPT, "reach": "123", "places": json.dumps(places)},
                         bytes_of("hills.jpg"))
    node().must("POST", "/v1/check", body, headers=headers)
    upload = show(only(bank)["id"])["clusters"][0]["uploads"][0]
    assert upload["places"] == places and upload["caption"] == SCRIPT and upload["reach"] == 123


@case
def what_is_wrong_with_places_is_told_by_name():
    _, value, _ = known()
    thing = {"signals": [{"type": "pdq", "value": value}], "content_id": fresh()}
    for places in ([{"kind": "region", "x": 0.6, "y": 0, "w": 0.5, "h": 1}], [{"kind": "region", "x": 0, "y": 0, "w": 1}],
                   [{"kind": "time", "from_s": 5, "to_s": 4}], [{"kind": "page", "page": 0}], [{"kind": "page", "page": 1.5}],
                   [{"kind": "text", "quote": ""}], [{"kind": "text", "quote": "x" * 501}], [{"kind": "circle"}], [{}], ["x"],
                   [{"kind": "page", "page": 1, "x": 1}], [], "x", {"kind": "page"}, [{"kind": "page", "page": 1}] * 33):
        answer = node().ask("POST", "/v1/check", {**thing, "places": places})
        assert answer.status == 400 and "places" in answer.json["error"]["message"], (places, answer.body)
    node().refused(400, "invalid_field", "POST", "/v1/check", {**thing, "caption": "x" * 2001})
    node().refused(400, "invalid_field", "POST", "/v1/check", {**thing, "reach": -1})


# ------------------------------------------------------------------------------------------------- the queue


@case
def the_queue_is_in_order_of_severity_and_reach_and_never_of_reports():
    bank = node().bank("review")
    values = [random_pdq() for _ in range(3)]
    for value, name in zip(values, ("publication", "threat", "publication")):
        node().add(bank, ("pdq", value), **{"class": name})
    check(values[0], fresh())
    for _ in range(20):
        check(values[0], fresh())
    check(values[1], fresh())
    check(values[2], fresh(), reach=5_000_000)
    for _ in range(30):
        node().must("POST", "/v1/reports", {"content_id": fresh(), "category": "other", "signals": [{"type": "pdq", "value": values[0]}]})
    seen = [(c["kind"], c["content_class"], c["priority"]) for c in queue(bank)["cases"]]
    assert seen == [("match", "threat", "urgent"), ("match", "publication", "high"), ("match", "publication", "normal"),
                    ("report", "publication", "normal")], seen


@case
def pages_go_on_where_they_ended_and_filters_hold():
    bank = node().bank("review")
    for number in range(7):
        value = random_pdq()
        node().add(bank, ("pdq", value), **{"class": "threat" if number % 2 else "publication"})
        check(value, fresh())
    seen, cursor = [], None
    while True:
        page = queue(bank, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [c["id"] for c in page["cases"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == 7
    assert [c["content_class"] for c in queue(bank, **{"class": "threat"})["cases"]] == ["threat"] * 3
    assert queue(bank, kind="report")["cases"] == []
    assert queue("no_such_bank")["cases"] == []
    assert len(queue(bank, "all")["cases"]) == 7 and queue(bank, "decided")["cases"] == []
    for query in ("state=new", "kind=x", "cursor=abc", "cursor=1.x", "limit=0", "colour=red"):
        assert node().ask("GET", "/v1/cases?" + query).status == 400, query


@case
def counts_are_of_all_that_the_actor_may_see():
    bank, value, _ = known(content_class="threat")
    other, another, _ = known()
    check(value, fresh())
    check(another, fresh())
    limited = reviewer(banks=[bank])
    counts = node().must("GET", "/v1/cases", key=limited).json["counts"]
    assert counts == {"open": 1, "mine": 0, "second": 0, "appeals": 0, "urgent": 1}, counts
    assert [c["bank"] for c in node().must("GET", "/v1/cases?state=all", key=limited).json["cases"]] == [bank]
    case_id = only(other)["id"]
    for method, path, body in (("GET", "", None), ("GET", "/uploads", None), ("GET", "/clusters", None), ("POST", "/lease", {}),
                               ("DELETE", "/lease", None), ("POST", "/notes", {"text": "x"})):
        assert node().ask(method, f"/v1/cases/{case_id}{path}", body, key=limited).status == 403, path
    node().refused(403, "denied", "POST", "/v1/cases/next", {"bank": other}, key=limited)


# ------------------------------------------------------------------------------------------------- whose it is


@case
def two_reviewers_never_get_the_same_case():
    bank = node().bank("review")
    for _ in range(12):
        value = random_pdq()
        node().add(bank, ("pdq", value))
        check(value, fresh())
    keys = [reviewer(banks=[bank]) for _ in range(4)]

    def take(key):
        answer = node().ask("POST", "/v1/cases/next", {}, key=key)
        return answer.json["case"]["id"] if answer.status == 200 else None
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        first = list(pool.map(take, keys))
    assert None not in first and len(set(first)) == 4, first
    # Who goes on from a case gives it back and gets another one, and at the end of the queue the first again.
    held = keys[0]
    now = first[0]
    for _ in range(8):
        went = node().must("POST", "/v1/cases/next", {"after": now}, key=held).json["case"]["id"]
        assert went not in first and went != now
        now = went
    assert node().must("POST", "/v1/cases/next", {"after": now}, key=held).json["case"]["id"] == first[0]
    # Who asks again has not lost the one they hold.
    assert take(keys[0]) == first[0]
    mine = queue(bank, "mine", key=keys[0])
    assert [c["id"] for c in mine["cases"]] == [first[0]] and mine["counts"]["mine"] == 1 and mine["cases"][0]["lease"]["mine"]


@case
def a_lease_is_refused_to_others_given_back_and_taken_again():
    bank, value, _ = known()
    check(value, fresh())
    case_id, one, two = only(bank)["id"], reviewer(), reviewer()
    lease = node().must("POST", f"/v1/cases/{case_id}/lease", {}, key=one).json["lease"]
    assert lease["mine"] and lease["by"].startswith("r-") and lease["until_ms"] > time.time() * 1000 + 60_000
    node().refused(409, "leased", "POST", f"/v1/cases/{case_id}/lease", {}, key=two)
    seen = show(case_id, key=two)
    assert seen["lease"] == {"by": lease["by"], "mine": False, "until_ms": lease["until_ms"]}
    assert seen["can"]["decide"] is False and seen["can"]["decide_why"] == "leased"
    assert node().ask("DELETE", f"/v1/cases/{case_id}/lease", key=two).status == 204 and show(case_id)["lease"]
    assert node().ask("DELETE", f"/v1/cases/{case_id}/lease", key=one).status == 204 and show(case_id)["lease"] is None
    assert node().must("POST", f"/v1/cases/{case_id}/lease", key=two).json["lease"]["by"] != lease["by"]


@case
def next_says_when_there_is_none_and_takes_only_its_kind():
    bank, value, _ = known()
    check(value, fresh())
    key = reviewer(banks=[bank])
    assert node().ask("POST", "/v1/cases/next", {"kind": "appeal"}, key=key).status == 204
    node().refused(400, "invalid_field", "POST", "/v1/cases/next", {"kind": "x"}, key=key)
    node().refused(400, "unknown_field", "POST", "/v1/cases/next", {"colour": "x"}, key=key)
    assert node().must("POST", "/v1/cases/next", {"kind": "match", "bank": bank}, key=key).json["case"]["bank"] == bank


@case
def nobody_is_named():
    bank, value, _ = known()
    check(value, fresh())
    case_id = only(bank)["id"]
    keys = [reviewer(), reviewer()]
    ids = [node().must("GET", "/v1/whoami", key=key).json["actor"] for key in keys]
    node().must("POST", f"/v1/cases/{case_id}/lease", {}, key=keys[0])
    notes = [node().must("POST", f"/v1/cases/{case_id}/notes", {"text": SCRIPT}, key=key).json for key in keys]
    full = node().must("GET", f"/v1/cases/{case_id}", key=keys[1])
    assert not any(name.encode() in full.body or name.split(":")[1].encode() in full.body for name in ids)
    assert [n["by"] for n in full.json["notes"]] == [n["by"] for n in notes] and notes[0]["by"] != notes[1]["by"]
    assert [n["mine"] for n in full.json["notes"]] == [False, True]
    assert full.json["notes"][0]["text"] == SCRIPT and full.json["lease"]["by"] == notes[0]["by"]
    assert full.headers["Content-Type"].startswith("application/json") and full.headers["X-Content-Type-Options"] == "nosniff"


@case
def the_command_line_alone_tells_who_is_behind_a_name():
    bank, value, _ = known()
    check(value, fresh())
    case_id, key = only(bank)["id"], reviewer()
    by = node().must("POST", f"/v1/cases/{case_id}/lease", {}, key=key).json["lease"]["by"]
    actor = node().must("GET", "/v1/whoami", key=key).json["actor"]
    people = hilf(node().data, "case", "people", str(case_id), "--json").stdout
    assert json.loads(people) == {"alias": by, "actor": actor, "name": None}, people
    listed = [json.loads(line) for line in hilf(node().data, "case", "list", "--bank", bank, "--json").stdout.splitlines()]
    assert [one["case"] for one in listed] == [case_id]


@case
def notes_need_a_text_and_a_case():
    bank, value, _ = known()
    check(value, fresh())
    case_id = only(bank)["id"]
    node().refused(400, "missing_field", "POST", f"/v1/cases/{case_id}/notes", {})
    node().refused(400, "missing_field", "POST", f"/v1/cases/{case_id}/notes", {"text": ""})
    node().refused(400, "invalid_field", "POST", f"/v1/cases/{case_id}/notes", {"text": "x" * 4001})
    for number in ("0", "999999999", "x", "-1", "1e3", "99999999999999999999"):
        node().refused(404, "not_found", "POST", f"/v1/cases/{number}/notes", {"text": "x"})
        node().refused(404, "not_found", "GET", f"/v1/cases/{number}")


@case
def who_may_not_see_uploaders_does_not():
    bank, value, _ = known()
    check(value, fresh(), uploader_ref="user 7", evidence_url="https://e.example/secret")
    case_id = only(bank)["id"]
    auditor = node().key_of("auditor")
    for path in ("", "/uploads", "/clusters"):
        body = node().must("GET", f"/v1/cases/{case_id}{path}", key=auditor).body
        assert b"user 7" not in body and b"secret" not in body and b"uploader_ref" not in body
        assert b"user 7" in node().must("GET", f"/v1/cases/{case_id}{path}", key=reviewer(banks=[bank])).body
    for role in ("checker", "curator"):
        node().refused(403, "denied", "GET", f"/v1/cases/{case_id}", key=node().key_of(role))
    node().refused(403, "denied", "POST", f"/v1/cases/{case_id}/lease", {}, key=auditor)


# ------------------------------------------------------------------------------------------------- parts


@case
def many_clusters_and_uploads_come_in_pages():
    bank, value, _ = known()
    for number in range(7):
        for _ in range(2):
            check(value, fresh(), caption=f"caption {number}")
    case_id = only(bank)["id"]
    seen, cursor = [], ""
    while cursor is not None:
        page = node().must("GET", f"/v1/cases/{case_id}/clusters?limit=3" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [c["caption"] for c in page["clusters"]]
        cursor = page["cursor"]
    assert seen == [f"caption {n}" for n in range(7)]
    uploads, cursor = [], ""
    while cursor is not None:
        page = node().must("GET", f"/v1/cases/{case_id}/uploads?limit=5" + (f"&cursor={cursor}" if cursor else "")).json
        uploads += page["uploads"]
        cursor = page["cursor"]
    assert len(uploads) == len({u["id"] for u in uploads}) == 14
    part = node().must("GET", f"/v1/cases/{case_id}/uploads?cluster=3").json
    assert [u["cluster"] for u in part["uploads"]] == [3, 3] and part["cursor"] is None
    node().refused(400, "invalid_parameter", "GET", f"/v1/cases/{case_id}/clusters?cursor=q")
    node().refused(400, "invalid_parameter", "GET", f"/v1/cases/{case_id}/uploads?cluster=x")


# ------------------------------------------------------------------------------------------------- reports


@case
def a_report_opens_joins_and_never_counts_twice():
    name = fresh()
    sender = node().key_of("checker")
    first = node().must("POST", "/v1/reports", {"content_id": name, "category": "threat", "text": SCRIPT, "caption": SCRIPT,
                                                "language": "ar", "evidence_url": "https://e.example/'\"><script>", "uploader_ref": SCRIPT},
                        key=sender)
    assert first.status == 202
    for _ in range(4):
        assert node().must("POST", "/v1/reports", {"content_id": name, "category": "other"}).json == first.json
    full = show(first.json["case"])
    assert (full["kind"], full["upload_count"], full["report_count"], full["priority"]) == ("report", 1, 5, "urgent")
    upload = full["clusters"][0]["uploads"][0]
    assert [r["category"] for r in upload["reports"]] == ["threat"] + ["other"] * 4 and upload["reports"][0]["text"] == SCRIPT
    assert full["why"]["reason"] == "reported" and full["entry_info"] is None and full["can"]["confirm_why"] == "no_entry"


@case
def a_report_of_something_known_is_about_its_entry_and_of_something_open_joins_it():
    bank, value, _ = known()
    name = fresh()
    check(value, name)
    match = only(bank)["id"]
    assert node().must("POST", "/v1/reports", {"content_id": name, "category": "other"}).json["case"] == match
    assert show(match)["report_count"] == 1
    other, another, _ = known()
    report = node().must("POST", "/v1/reports", {"content_id": fresh(), "category": "other",
                                                 "signals": [{"type": "pdq", "value": near(another, 5)}]}).json["case"]
    brief = only(other)
    assert brief["id"] == report and brief["kind"] == "report" and show(report)["why"]["distance"] == 5


@case
def what_is_wrong_with_a_report_is_told():
    good = {"content_id": fresh(), "category": "threat"}
    node().refused(400, "missing_field", "POST", "/v1/reports", {"category": "threat"})
    node().refused(400, "missing_field", "POST", "/v1/reports", {"content_id": "", "category": "threat"})
    node().refused(400, "missing_field", "POST", "/v1/reports", {"content_id": "x"})
    _, hint = node().refused(400, "invalid_field", "POST", "/v1/reports", {**good, "category": "spam"})
    assert "threat" in hint
    node().refused(400, "unknown_field", "POST", "/v1/reports", {**good, "colour": "red"})
    node().refused(400, "invalid_field", "POST", "/v1/reports", {**good, "text": "x" * 2001})
    node().refused(400, "invalid_field", "POST", "/v1/reports", {**good, "surface": "secret"})
    node().refused(403, "private_surface", "POST", "/v1/reports", {**good, "surface": "private"})
    node().refused(403, "denied", "POST", "/v1/reports", good, key=node().key_of("auditor"))


@case
def one_sender_reports_as_often_as_the_node_takes():
    sender, other = node().key_of("checker"), node().key_of("checker")
    node().must("PUT", "/v1/settings/desk/reports_per_minute", {"value": 3})
    try:
        answers = [node().ask("POST", "/v1/reports", {"content_id": fresh(), "category": "other"}, key=sender) for _ in range(8)]
        refused = [a for a in answers if a.status == 429]
        assert refused and refused[0].json["error"]["code"] == "rate" and 1 <= int(refused[0].headers["Retry-After"]) <= 60
        assert node().ask("POST", "/v1/reports", {"content_id": fresh(), "category": "other"}, key=other).status == 202
    finally:
        node().must("PUT", "/v1/settings/desk/reports_per_minute", {"value": 600})


# ------------------------------------------------------------------------------------------------- what becomes of it


@case
def an_entry_that_ends_closes_its_case():
    bank, value, entry = known()
    check(value, fresh())
    case_id = only(bank)["id"]
    node().must("POST", f"/v1/entries/{entry}/withdraw", {"reason": "error"})
    full = show(case_id)
    assert (full["state"], full["closed_why"], full["can"]["decide_why"]) == ("closed", "error", "case_closed")
    assert queue(bank)["cases"] == [] and only(bank, "closed")["id"] == case_id
    assert full["entry_info"]["state"] == "withdrawn"


@case
def a_dispute_opens_a_case_and_taking_it_back_closes_it():
    bank, value, entry = known("block")
    names = [fresh() for _ in range(3)]
    for name in names:
        check(value, name, caption="beside it")
    node().must("POST", f"/v1/entries/{entry}/opinions", {"opinion": "dispute"})
    brief = only(bank)
    assert (brief["kind"], brief["upload_count"], brief["cluster_count"]) == ("dispute", 3, 1)
    full = show(brief["id"])
    assert full["why"]["reason"] == "disputed" and full["entry_info"]["dispute_count"] == 1
    assert full["entry_info"]["opinions"][0]["opinion"] == "dispute"
    assert full["clusters"][0]["caption"] == "beside it"
    node().must("POST", f"/v1/entries/{entry}/opinions", {"opinion": "none"})
    assert show(brief["id"])["closed_why"] == "undisputed"


@case
def opening_is_told_by_webhook_without_who_uploaded():
    receiver = Receiver()
    hook = node().ask("POST", "/v1/webhooks", {"url": receiver.url, "events": ["case.opened"]})
    assert hook.status == 201, hook.body
    bank, value, _ = known(content_class="threat")
    name = fresh()
    check(value, name, uploader_ref="user 7", evidence_url="https://e.example/secret", caption="hush")
    check(value, fresh())
    case_id = only(bank)["id"]

    def told():
        return [body["data"] for body in (json.loads(request["body"]) for request in list(receiver.got))
                if body["data"].get("case") == case_id]
    data = until("the event", told)
    assert len(data) == 1 and data[0]["content_id"] == name and data[0]["bank"] == bank and data[0]["priority"] == "urgent"
    assert "user 7" not in json.dumps(data) and "secret" not in json.dumps(data) and "hush" not in json.dumps(data)


@case
def a_bank_can_ask_for_second_eyes():
    bank, value, _ = known(second_eyes=True)
    check(value, fresh())
    assert only(bank)["second_needed"] is True
    assert node().must("GET", f"/v1/banks/{bank}").json["second_eyes"] is True
    assert node().must("PATCH", f"/v1/banks/{bank}", {"second_eyes": False}).json["second_eyes"] is False
    assert only(bank)["second_needed"] is False
    node().refused(400, "invalid_field", "PATCH", f"/v1/banks/{bank}", {"second_eyes": 1})


@case
def cases_outlive_a_restart():
    with folder() as data:
        one, value = Node(data), random_pdq()
        bank, key = one.bank("review"), one.key_of("reviewer")
        one.add(bank, ("pdq", value))
        one.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "a", "caption": "beside it"})
        case_id = one.must("POST", "/v1/cases/next", {}, key=key).json["case"]["id"]
        before = one.must("POST", f"/v1/cases/{case_id}/notes", {"text": "kept"}, key=key).json["by"]
        one.kill()
        two = Node(data)
        full = two.must("GET", f"/v1/cases/{case_id}", key=key).json
        assert full["notes"][0]["by"] == before == full["lease"]["by"] and full["lease"]["mine"]
        assert full["clusters"][0]["caption"] == "beside it" and full["clusters"][0]["uploads"][0]["content_id"] == "a"
        two.stop()


@case
def an_unknown_signal_in_a_report_is_about_its_content_alone():
    first = node().must("POST", "/v1/reports", {"content_id": fresh(), "category": "other",
                                                "signals": [{"type": "md5", "value": random_hex(16)}]}).json["case"]
    second = node().must("POST", "/v1/reports", {"content_id": fresh(), "category": "other"}).json["case"]
    assert first != second


_ = node("--webhook-allow", "127.0.0.1")
main()
