#!/usr/bin/env python3
"""What people decide: decisions and their undoing, second words, statements and their withholding, appeals, exemptions,
escalations; and what the platform is told of each."""
import concurrent.futures
import json
import os
import re
import time
import urllib.parse
import uuid

from common import (Node, Receiver, case, folder, hilf, main, node, random_hex, random_pdq, until)

LAW = {"basis": "law", "article": "Regulation (EU) 2021/784, article 5", "text": ""}
TERMS = {"basis": "terms", "article": "", "text": "Praise of an attack."}
SCRIPT = "<script>alert(1)</script>\"'&\u0627\u0644\u0633\u0644\u0627\u0645"
DAY_MS = 24 * 3600 * 1000
hooked = []


def now_ms():
    return int(time.time() * 1000)


def told(name=None, **wanted):
    """What the webhook was told, of one name, whose data has these members."""
    bodies = [json.loads(request["body"]) for request in list(hooked[0].got)]
    return [body["data"] for body in bodies if name in (None, body["type"])
            and all(body["data"].get(key) == value for key, value in wanted.items())]


def desk():
    """The file's node, with a webhook, and undo switched off but where a case switches it on."""
    if not hooked:
        hooked.append(Receiver())
        shared_node = node("--webhook-allow", "127.0.0.1", "--public-url", "https://hilf.example/")
        shared_node.must("POST", "/v1/webhooks", {"url": hooked[0].url})
        shared_node.must("PUT", "/v1/settings/desk/undo_seconds", {"value": 0})
    return node()


def person(role="reviewer", **more):
    """The key of a person, who is another one each time; of a checker, a machine's."""
    return desk().held_key(role, **more) if role != "checker" else desk().key_of(role)


class Question:
    """A case that a check opened, with some uploads in one cluster."""

    def __init__(self, contents=1, mode="review", **context):
        self.value, self.bank = random_pdq(), desk().bank(mode)
        self.entry = desk().add(self.bank, ("pdq", self.value), **{"class": "incitement"})
        self.gid = desk().must("GET", f"/v1/entries/{self.entry}").json["gid"]
        self.contents = [f"post-{uuid.uuid4().hex[:10]}" for _ in range(contents)]
        for content_id in self.contents:
            self.check(content_id, **context)
        if mode == "review":
            self.read()

    def check(self, content_id, **context):
        return desk().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": self.value}], "content_id": content_id,
                                                 **context}).json

    def read(self):
        listed = desk().must("GET", f"/v1/cases?state=all&bank={self.bank}").json["cases"]
        assert len(listed) == 1, listed
        self.id = listed[0]["id"]
        self.case = desk().must("GET", f"/v1/cases/{self.id}").json
        return self.case

    def body(self, **more):
        return {"cluster": 1, "actions": ["remove"], "ground": LAW, "territory": [], "duration_days": 0,
                "version": self.case["version"], **more}

    def decide(self, key=None, **more):
        return desk().must("POST", f"/v1/cases/{self.id}/decisions", self.body(**more), key=key or person()).json["decision"]

    def refused(self, status, code, key=None, **more):
        return desk().refused(status, code, "POST", f"/v1/cases/{self.id}/decisions", self.body(**more), key=key)


def shown(decision):
    return desk().must("GET", f"/v1/decisions/{decision['id']}").json["decision"]


def stands(decision):
    until("it stands", lambda: shown(decision)["state"] == "standing")


def tokens(decision):
    until("it is told", lambda: told("decision.made", decision=decision["id"]))
    made = told("decision.made", decision=decision["id"])
    return {content["content_id"]: content["appeal_token"] for part in made for content in part["contents"]}


# ------------------------------------------------------------------------------------------ decisions


@case
def a_decision_stands_and_the_platform_is_told_with_a_statement_and_codes():
    asked = Question(3, language="fr", uploader_ref="u-1", evidence_url="https://platform.example/x")
    made = asked.decide(ground=TERMS, territory=["FR", "DE", "FR"], duration_days=30)
    assert (made["case"], made["cluster"], made["upload_count"], made["actions"], made["automated"], made["mine"]) == \
        (asked.id, 1, 3, ["remove"], False, True), made
    assert made["territory"] == ["DE", "FR"] and made["bank"] == asked.bank and made["entry"] == asked.gid
    assert re.fullmatch(r"r-[a-z0-9]+", made["by"]), made
    assert abs(made["until_ms"] - made["made_ms"] - 30 * DAY_MS) < 1000
    assert made["appeal_until_ms"] - made["made_ms"] >= 184 * DAY_MS
    text = made["statement"]["text"]
    assert made["statement"]["language"] == "fr" and "Ce contenu a été retiré." in text and "Praise of an attack." in text
    assert "incitation au terrorisme" in text and "DE, FR" in text and "https://hilf.example/appeal" in text
    assert "u-1" not in text and asked.bank not in text
    stands(made)
    codes = tokens(made)
    assert sorted(codes) == sorted(asked.contents) and len(set(codes.values())) == 3
    assert all(re.fullmatch(r"appeal_[a-z2-7]{40}", code) for code in codes.values())
    event = told("decision.made", decision=made["id"])[0]
    assert (event["actions"], event["automated"], event["case"], event["part"], event["parts"], event["territory"]) == \
        (["remove"], False, asked.id, 1, 1, ["DE", "FR"]), event
    assert event["appeal_url"] == "https://hilf.example/appeal" and event["withheld_until_ms"] is None
    assert event["statement"]["text"] == text and event["ground"]["text"] == "Praise of an attack."
    assert "u-1" not in json.dumps(event) and made["by"] not in json.dumps(event)
    assert asked.read()["state"] == "decided"
    listed = desk().must("GET", f"/v1/decisions?content_id={asked.contents[1]}").json["decisions"]
    assert [one["id"] for one in listed] == [made["id"]]
    contents = desk().must("GET", f"/v1/decisions/{made['id']}/contents?limit=2").json
    assert [one["content_id"] for one in contents["contents"]] == asked.contents[:2] and contents["cursor"]
    rest = desk().must("GET", f"/v1/decisions/{made['id']}/contents?limit=2&cursor={contents['cursor']}").json
    assert [one["content_id"] for one in rest["contents"]] == asked.contents[2:] and rest["cursor"] is None


@case
def a_preview_is_the_statement_to_come_and_stores_nothing():
    asked, key = Question(2, language="fr"), person()
    before = asked.read()
    path = f"/v1/cases/{asked.id}/decisions"
    seen = desk().must("POST", path, asked.body(actions=["suspend"], ground=TERMS, preview=True), key=key)
    assert seen.status == 200 and seen.json["preview"]["second_needed"], seen.body
    none = desk().must("POST", path, asked.body(actions=["none"], preview=True), key=key).json["preview"]
    assert none == {"second_needed": False, "statement": None}
    after = asked.read()
    assert (after["version"], after["open_count"], after["decisions"], after["lease"]) == (before["version"], 2, [], None)
    told_first = seen.json["preview"]["statement"]
    made = asked.decide(key, actions=["suspend"], ground=TERMS)
    without = lambda text: re.sub(r"[0-9a-f-]{36}", "", text)
    assert told_first["language"] == "fr" and without(told_first["text"]) == without(made["statement"]["text"])


@case
def of_two_who_decide_at_once_one_learns_of_it_and_nothing_is_lost():
    asked = Question(2)
    keys = [person(), person()]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda key: desk().ask("POST", f"/v1/cases/{asked.id}/decisions", asked.body(), key=key), keys))
    assert sorted(answer.status for answer in answers) == [201, 409], [answer.body for answer in answers]
    won = next(answer for answer in answers if answer.status == 201).json["decision"]
    lost = next(answer for answer in answers if answer.status == 409).json
    assert lost["error"]["code"] == "decided_meanwhile", lost
    assert lost["decision"]["id"] == won["id"] and not lost["decision"]["mine"]
    assert len(desk().must("GET", f"/v1/cases/{asked.id}").json["decisions"]) == 1


@case
def what_came_since_it_was_seen_is_not_decided():
    asked, key = Question(1), person()
    late = "post-late-" + uuid.uuid4().hex[:6]
    asked.check(late)
    made = asked.decide(key)
    assert made["upload_count"] == 1
    assert asked.read()["state"] == "open"
    again = asked.decide(key, cluster=[one["id"] for one in asked.case["clusters"] if one["open_count"]][0])
    stands(again)
    assert list(tokens(again)) == [late] and list(tokens(made)) == asked.contents


@case
def a_decision_is_undone_in_time_and_nobody_learns_of_it():
    asked, key, other = Question(2), person(), person()
    desk().must("PUT", "/v1/settings/desk/undo_seconds", {"value": 60})
    try:
        made = asked.decide(key)
        assert made["state"] == "pending" and made["undo_until_ms"] > made["made_ms"]
        desk().refused(403, "denied", "POST", f"/v1/decisions/{made['id']}/undo", key=other)
        back = desk().must("POST", f"/v1/decisions/{made['id']}/undo", key=key).json["decision"]
        assert back["state"] == "undone"
        assert desk().must("POST", f"/v1/decisions/{made['id']}/undo", key=key).json["decision"]["state"] == "undone"
    finally:
        desk().must("PUT", "/v1/settings/desk/undo_seconds", {"value": 0})
    assert asked.read()["state"] == "open" and asked.case["clusters"][0]["open_count"] == 2
    again = asked.decide(key)
    stands(again)
    desk().refused(409, "too_late", "POST", f"/v1/decisions/{again['id']}/undo", key=key)
    assert not told("decision.made", decision=made["id"])


@case
def suspending_waits_for_a_second_person_who_is_another():
    asked, first, second = Question(1), person(), person()
    made = asked.decide(first, actions=["remove", "suspend"])
    assert made["state"] == "waiting_second" and made["second"] == \
        {"needed": True, "by": None, "mine": False, "agreed": None, "text": None}, made
    assert asked.read()["state"] == "second"
    desk().refused(403, "same_person", "POST", f"/v1/decisions/{made['id']}/second", {"agree": True}, key=first)
    desk().refused(400, "missing_field", "POST", f"/v1/decisions/{made['id']}/second", {}, key=second)
    agreed = desk().must("POST", f"/v1/decisions/{made['id']}/second", {"agree": True}, key=second).json["decision"]
    assert agreed["second"]["agreed"] is True and agreed["second"]["mine"] and agreed["second"]["by"] not in (None, made["by"])
    stands(made)
    desk().refused(409, "not_waiting", "POST", f"/v1/decisions/{made['id']}/second", {"agree": True}, key=person())
    assert told("decision.made", decision=made["id"]) or tokens(made)


@case
def a_second_person_who_disagrees_opens_the_case_again():
    asked, first, second = Question(1), person(), person()
    made = asked.decide(first, actions=["refer"])
    assert made["statement"] is None and made["appeal_until_ms"] == 0
    no = desk().must("POST", f"/v1/decisions/{made['id']}/second", {"agree": False, "text": SCRIPT}, key=second).json["decision"]
    assert no["state"] == "refused" and no["second"]["text"] == SCRIPT
    assert asked.read()["state"] == "open"


@case
def a_bank_with_second_eyes_always_asks_a_second_person():
    asked = Question(1)
    desk().must("PATCH", f"/v1/banks/{asked.bank}", {"second_eyes": True})
    assert desk().must("GET", f"/v1/banks/{asked.bank}").json["second_eyes"] is True
    made = asked.decide(actions=["none"])
    assert made["state"] == "waiting_second"
    desk().must("PATCH", f"/v1/banks/{asked.bank}", {"second_eyes": False})
    assert desk().must("GET", f"/v1/banks/{asked.bank}").json["second_eyes"] is False


@case
def a_decision_has_an_end_and_the_end_is_told():
    asked = Question(1)
    made = asked.decide(duration_days=1)
    stands(made)
    # A day does not pass in a test: that it waits for it is all that can be seen here. The engine's own test goes on.
    assert shown(made)["until_ms"] > now_ms()
    assert not told("decision.ended", decision=made["id"])


@case
def a_decision_of_none_leaves_the_content_and_tells_nobody_but_the_platform():
    asked = Question(1)
    made = asked.decide(actions=["none"], ground={"basis": "terms", "article": "", "text": ""})
    assert made["statement"] is None
    stands(made)
    until("it is told", lambda: told("decision.made", decision=made["id"]))
    event = told("decision.made", decision=made["id"])[0]
    assert event["actions"] == ["none"] and event["statement"] is None
    assert event["contents"] == [{"appeal_token": None, "content_id": asked.contents[0]}]


@case
def what_makes_no_sense_is_refused_by_its_name():
    asked, key = Question(1), person()
    for more, what in (({"actions": []}, "actions"), ({"actions": ["explode"]}, "explode"), ({"actions": ["none", "remove"]}, "none"),
                       ({"ground": {"basis": "whim"}}, "whim"), ({"ground": {"basis": "law", "article": "", "text": ""}}, "ground.text"),
                       ({"territory": ["fr"]}, "fr"), ({"territory": ["FRA"]}, "FRA"), ({"territory": ["DE,FR"]}, "DE,FR"),
                       ({"duration_days": -1}, "duration_days"), ({"duration_days": 100000}, "duration_days"),
                       ({"entry_opinion": "seen"}, "entry_opinion"), ({"uploads": []}, "uploads"), ({"uploads": ["x"]}, "uploads[0]"),
                       ({"language": "x!"}, "language"), ({"cluster": 0}, "cluster"), ({"who": "me"}, "who"),
                       ({"ground": {"basis": "law", "article": "a\u0007", "text": ""}}, "U+0007"),
                       ({"ground": {"basis": "law", "article": "\u202egnp.exe", "text": ""}}, "U+202E"),
                       ({"actions": ["none"], "duration_days": 3}, "duration"),
                       ({"withhold": {"until_ms": 5, "authority": "a", "ground": "b"}}, "withhold.until_ms"),
                       ({"withhold": {"until_ms": now_ms() + 43 * DAY_MS, "authority": "a", "ground": "b"}}, "42 days"),
                       ({"withhold": {"until_ms": now_ms() + DAY_MS, "authority": "", "ground": "b"}}, "withhold.authority")):
        answer = desk().ask("POST", f"/v1/cases/{asked.id}/decisions", asked.body(**more), key=key)
        assert answer.status in (400, 422), (more, answer.body)
        assert what in answer.json["error"]["message"], (more, answer.body)
    desk().refused(404, "not_found", "POST", f"/v1/cases/{asked.id}/decisions", asked.body(cluster=99), key=key)
    desk().refused(404, "not_found", "POST", f"/v1/cases/{asked.id}/decisions", asked.body(uploads=[999999]), key=key)
    desk().refused(404, "not_found", "POST", "/v1/cases/999999/decisions", asked.body(), key=key)
    desk().refused(404, "not_found", "POST", "/v1/cases/x/decisions", asked.body(), key=key)
    desk().refused(404, "not_found", "GET", "/v1/decisions/x", key=key)
    desk().refused(404, "not_found", "GET", f"/v1/decisions/{uuid.uuid4()}", key=key)
    assert asked.read()["state"] == "open" and not asked.case["decisions"]


@case
def an_entry_is_confirmed_only_by_who_looked_at_a_copy():
    asked, key = Question(1), person()
    asked.refused(409, "no_copy", key=key, entry_opinion="confirm")
    made = asked.decide(key, actions=["none"], entry_opinion="dispute")
    stands(made)
    until("the dispute is given", lambda: any(one["opinion"] == "dispute" for one in
                      desk().must("GET", f"/v1/entries/{asked.entry}/opinions").json["opinions"]))


@case
def script_in_every_text_comes_back_as_it_was():
    asked = Question(1, caption=SCRIPT)
    made = asked.decide(ground={"basis": "terms", "article": SCRIPT, "text": SCRIPT},
                        withhold={"until_ms": now_ms() + DAY_MS, "authority": SCRIPT, "ground": SCRIPT})
    assert made["ground"] == {"basis": "terms", "article": SCRIPT, "text": SCRIPT}
    assert made["withheld"]["authority"] == made["withheld"]["ground"] == SCRIPT
    assert SCRIPT in made["statement"]["text"]


# ------------------------------------------------------------------------------------------ withholding


@case
def a_withheld_statement_waits_and_then_goes_out_by_itself():
    asked, key = Question(2), person()
    until_ms = now_ms() + 3000
    made = asked.decide(key, withhold={"until_ms": until_ms, "authority": "Court", "ground": "order 1"})
    assert made["withheld"]["until_ms"] == until_ms and not made["withheld"]["extended"]
    assert made["appeal_until_ms"] >= until_ms + 184 * DAY_MS
    stands(made)
    until("it is told", lambda: told("decision.made", decision=made["id"]))
    event = told("decision.made", decision=made["id"])[0]
    assert event["statement"] is None and event["withheld_until_ms"] == until_ms and event["actions"] == ["remove"]
    assert all(content["appeal_token"] is None for content in event["contents"])
    until("it is released", lambda: told("statement.released", decision=made["id"]), 20)
    released = told("statement.released", decision=made["id"])[0]
    assert released["statement"]["text"] == made["statement"]["text"]
    assert all(content["appeal_token"].startswith("appeal_") for content in released["contents"])
    assert shown(made)["withheld"]["released"]
    desk().refused(409, "too_late", "POST", f"/v1/decisions/{made['id']}/withhold",
                   {"until_ms": now_ms() + DAY_MS, "authority": "Court", "ground": "late"}, key=key)


@case
def withholding_is_extended_once():
    asked, key = Question(1), person()
    first = now_ms() + 40 * DAY_MS
    made = asked.decide(key, withhold={"until_ms": first, "authority": "Court", "ground": "order 1"})
    stands(made)
    path = f"/v1/decisions/{made['id']}/withhold"
    desk().refused(400, "invalid", "POST", path, {"until_ms": first - 1, "authority": "Court", "ground": "x"}, key=key)
    desk().refused(400, "invalid", "POST", path, {"until_ms": first + 43 * DAY_MS, "authority": "Court", "ground": "x"}, key=key)
    longer = desk().must("POST", path, {"until_ms": first + 42 * DAY_MS, "authority": "Court", "ground": "order 2"}, key=key)
    assert longer.json["decision"]["withheld"] == {"until_ms": first + 42 * DAY_MS, "authority": "Court", "ground": "order 2",
                                                   "extended": True, "released": False}
    desk().refused(409, "extended_already", "POST", path, {"until_ms": first + 43 * DAY_MS, "authority": "Court", "ground": "x"},
                   key=key)


# ------------------------------------------------------------------------------------------ appeals


def appeal(token, text="It is a report.", **more):
    return desk().ask("POST", "/v1/appeals", {"token": token, "text": text, **more}, key="")


def appeal_case(content_id):
    listed = desk().must("GET", "/v1/cases?kind=appeal&state=all&limit=200").json["cases"]
    for one in listed:
        full = desk().must("GET", f"/v1/cases/{one['id']}").json
        if full["appeal"] and full["clusters"][0]["uploads"][0]["content_id"] == content_id:
            return full
    raise AssertionError("no case for the appeal of " + content_id)


@case
def an_appeal_is_made_once_and_another_person_upholds_it():
    asked, first = Question(2), person()
    made = asked.decide(first)
    codes = tokens(made)
    content, other = asked.contents
    status = desk().must("POST", "/v1/appeals/status", {"token": codes[content]}, key="").json
    assert status["appeal"] is None and status["until_ms"] == made["appeal_until_ms"]
    answer = appeal(codes[content], SCRIPT, language="ar")
    assert answer.status == 201 and answer.json["appeal"]["state"] == "open", answer.body
    assert set(answer.json["appeal"]) == {"id", "state", "made_ms", "outcome", "answer", "decided_ms"}
    again = appeal(codes[content])
    assert again.status == 409 and again.json["error"]["code"] == "token_used" and "decision" not in again.json, again.body
    about = appeal_case(content)
    assert about["appeal"]["text"] == SCRIPT and about["appeal"]["decision"]["id"] == made["id"]
    path = f"/v1/cases/{about['id']}/appeal"
    desk().refused(403, "same_person", "POST", path, {"uphold": True, "text": "no"}, key=first)
    second = person()
    desk().refused(400, "invalid", "POST", f"/v1/cases/{about['id']}/decisions", asked.body(), key=second)
    desk().refused(400, "missing_field", "POST", path, {"uphold": True}, key=second)
    desk().refused(400, "invalid", "POST", path, {"uphold": False, "text": "no", "entry": "mute"}, key=second)
    done = desk().must("POST", path, {"uphold": True, "text": SCRIPT, "entry": "keep"}, key=second).json["appeal"]
    assert (done["state"], done["outcome"], done["answer"], done["mine"]) == ("decided", "upheld", SCRIPT, True)
    third = desk().ask("POST", path, {"uphold": False, "text": "no"}, key=person())
    assert third.status == 409 and third.json["error"]["code"] in ("decided_meanwhile", "leased"), third.body
    until("it is told", lambda: told("content.restored", decision=made["id"]))
    assert told("content.restored", decision=made["id"])[0]["contents"] == [{"content_id": content}]
    until("that is told", lambda: told("appeal.decided", appeal=done["id"]))
    assert told("appeal.decided", appeal=done["id"])[0]["outcome"] == "upheld"
    # The other content stays as it was decided.
    assert shown(made)["state"] == "standing" and not told("decision.reversed", decision=made["id"])
    states = {one["content_id"]: one["state"] for one in
              desk().must("GET", f"/v1/decisions/{made['id']}/contents").json["contents"]}
    assert states == {content: "restored", other: "decided"}
    status = desk().must("POST", "/v1/appeals/status", {"token": codes[content]}, key="").json["appeal"]
    assert (status["outcome"], status["answer"]) == ("upheld", SCRIPT)
    assert appeal(codes[other]).status == 201


@case
def an_appeal_against_the_only_content_reverses_the_decision():
    asked = Question(1)
    made = asked.decide()
    code = tokens(made)[asked.contents[0]]
    assert appeal(code).status == 201
    about = appeal_case(asked.contents[0])
    desk().must("POST", f"/v1/cases/{about['id']}/appeal", {"uphold": True, "text": "It is a report.", "entry": "mute"},
                key=person())
    assert shown(made)["state"] == "reversed"
    until("told", lambda: told("content.restored", decision=made["id"]) and told("decision.reversed", decision=made["id"]))
    assert desk().must("GET", f"/v1/entries/{asked.entry}").json["muted_until"]


@case
def all_contents_come_back_where_the_whole_decision_falls():
    asked = Question(3)
    made = asked.decide()
    codes = tokens(made)
    assert appeal(codes[asked.contents[1]]).status == 201
    about = appeal_case(asked.contents[1])
    key = person()
    desk().must("POST", f"/v1/cases/{about['id']}/appeal", {"uphold": True, "text": "All of it.", "all": True, "entry": "dispute"},
                key=key)
    until("told", lambda: told("content.restored", decision=made["id"]))
    restored = [one["content_id"] for part in told("content.restored", decision=made["id"]) for one in part["contents"]]
    assert sorted(restored) == sorted(asked.contents)
    gone = appeal(codes[asked.contents[0]])
    assert gone.status == 410 and gone.json["error"]["code"] == "appeal_over", gone.body


@case
def an_automated_block_is_appealed_with_the_code_that_came_with_it():
    asked = Question(0, mode="block")
    content = "auto-" + uuid.uuid4().hex[:8]
    answer = asked.check(content)
    decision = answer["decision"]
    assert answer["verdict"] == "block" and decision["appeal_url"] == "https://hilf.example/appeal"
    assert "https://hilf.example/appeal" in decision["statement"]
    full = desk().must("GET", f"/v1/decisions/{decision['id']}").json["decision"]
    assert full["automated"] and full["case"] is None and full["content_id"] == content and full["state"] == "standing"
    assert appeal(decision["appeal_token"]).status == 201
    about = appeal_case(content)
    assert about["appeal"]["automated"] and about["appeal"]["decision"]["id"] == decision["id"]
    # Its own bank: the entry falls, and what else rested on it is told.
    beside = asked.check("beside-" + content)
    assert beside["verdict"] == "block"
    desk().must("POST", f"/v1/cases/{about['id']}/appeal", {"uphold": True, "text": "Wrong entry.", "entry": "withdraw"}, key=person())
    until("told", lambda: told("content.restored", decision=decision["id"]))
    assert told("content.restored", decision=decision["id"])[0]["contents"] == [{"content_id": content}]
    until("told", lambda: told("entry.reversed", entry=asked.gid))
    reversed_ = told("entry.reversed", entry=asked.gid)[0]
    assert [one["content_id"] for one in reversed_["contents"]] == ["beside-" + content] and reversed_["reason"] == "appeal"
    assert shown(decision)["state"] == "reversed"
    assert asked.check("after-" + content)["verdict"] == "no_match"


@case
def an_automated_block_without_a_content_id_can_be_appealed_too():
    asked = Question(0, mode="block")
    decision = desk().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": asked.value}]}).json["decision"]
    assert appeal(decision["appeal_token"]).status == 201
    assert told("appeal.made", decision=decision["id"]) or until("told", lambda: told("appeal.made", decision=decision["id"]))
    assert told("appeal.made", decision=decision["id"])[0]["content_id"] == decision["id"]


@case
def codes_that_are_none_are_refused_alike():
    asked = Question(1)
    made = asked.decide()
    code = tokens(made)[asked.contents[0]]
    changed = code[:-1] + ("a" if code[-1] != "a" else "b")
    for token in ("", "appeal_", "appeal_" + "a" * 40, "appeal_" + "a" * 32, changed, code + "a", code.upper(), "x" * 200, SCRIPT):
        answer = appeal(token)
        assert (answer.status, answer.json["error"]["code"]) == (404, "token_unknown"), (token, answer.body)
        status = desk().ask("POST", "/v1/appeals/status", {"token": token}, key="")
        assert (status.status, status.json["error"]["code"]) == (404, "token_unknown"), status.body
    desk().refused(400, "missing_field", "POST", "/v1/appeals", {"token": code}, key="")
    desk().refused(400, "invalid", "POST", "/v1/appeals", {"token": code, "text": "  \n"}, key="")
    assert desk().ask("POST", "/v1/appeals", {"token": code, "text": "x" * 5001}, key="").status in (400, 422)
    # What one stranger sent is not in another's way.
    once, answers = {"Idempotency-Key": "the same"}, []
    for token in (code, code, changed):
        asked = {"token": token, "text": "Why?"}
        answers.append(desk().ask("POST", "/v1/appeals", asked, key="", headers=once).status)
    assert answers == [201, 409, 404], answers


# ------------------------------------------------------------------------------------------ the page


def page(path="/appeal", body=None, **headers):
    if body is None:
        return desk().ask("GET", path, key="", headers=headers)
    return desk().ask("POST", path, urllib.parse.urlencode(body).encode(), key="",
                      headers={"Content-Type": "application/x-www-form-urlencoded", **headers})


@case
def the_page_speaks_three_languages_and_runs_nothing():
    for asked, language, direction in (("en-GB,en;q=0.8", "en", "ltr"), ("fr-CA, en", "fr", "ltr"), ("de, ar;q=0.5", "ar", "rtl"),
                                       ("tlh", "en", "ltr")):
        answer = page(**{"Accept-Language": asked})
        text = answer.body.decode()
        assert answer.status == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f'<html lang="{language}" dir="{direction}">' in text
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "<script" not in text and "http" not in re.sub(r"<a [^>]*>", "", text)
        assert answer.headers["Content-Language"] == language
    assert 'lang="fr"' in page("/appeal?lang=fr", **{"Accept-Language": "ar"}).body.decode()


@case
def the_page_makes_an_appeal_and_says_what_became_of_it():
    asked = Question(1)
    made = asked.decide()
    code = tokens(made)[asked.contents[0]]
    empty = page(body={"token": code, "text": " ", "lang": "fr", "do": "send"})
    assert empty.status == 400 and code in empty.body.decode() and 'role="alert"' in empty.body.decode()
    wrong = page(body={"token": SCRIPT, "text": SCRIPT, "lang": "en", "do": "send"})
    assert wrong.status == 404 and "<script" not in wrong.body.decode() and "&lt;script&gt;" in wrong.body.decode()
    before = page(body={"token": code, "text": "", "lang": "en", "do": "status"})
    assert before.status == 200 and "You can until" in before.body.decode()
    sent = page(body={"token": f"  {code}\n", "text": "one\r\ntwo", "lang": "ar", "do": "send"})
    assert sent.status == 200 and 'dir="rtl"' in sent.body.decode() and "وصل اعتراضك" in sent.body.decode()
    about = appeal_case(asked.contents[0])
    assert about["appeal"]["text"] == "one\ntwo" and about["appeal"]["language"] == "ar"
    assert page(body={"token": code, "text": "again", "do": "send"}).status == 409
    desk().must("POST", f"/v1/cases/{about['id']}/appeal", {"uphold": False, "text": SCRIPT}, key=person())
    after = page(body={"token": code, "do": "status", "lang": "en"}).body.decode()
    assert "Your appeal was rejected" in after and "&lt;script&gt;" in after and "<script" not in after


def uphold(code, entry, everything=False):
    made = desk().must("POST", "/v1/appeals", {"token": code, "text": "It is a report."}, key="").json["appeal"]
    open_ones = desk().must("GET", "/v1/cases?kind=appeal").json["cases"]
    about = [one["id"] for one in open_ones if desk().must("GET", f"/v1/cases/{one['id']}").json["appeal"]["id"] == made["id"]][0]
    desk().must("POST", f"/v1/cases/{about}/appeal", {"uphold": True, "text": "So it is.", "entry": entry, "all": everything}, key=person())


@case
def a_decision_counts_for_the_contents_that_it_was_right_about():
    def counted():
        sources = desk().must("GET", "/v1/insight/sources").json["sources"]
        return [sources[0][name] if sources else 0 for name in ("decisions", "decided", "upheld")]

    def since(before):
        return tuple(now - then for now, then in zip(counted(), before))

    before = counted()
    asked, beside = Question(2), Question(3)
    early, other = asked.decide(), beside.decide()
    stands(early)
    stands(other)
    for content_id in ("c", "d", "e"):
        asked.check(content_id)
    asked.id = desk().must("GET", f"/v1/cases?state=open&bank={asked.bank}").json["cases"][0]["id"]
    asked.case = desk().must("GET", f"/v1/cases/{asked.id}").json
    late = asked.decide()
    stands(late)
    codes = {**tokens(early), **tokens(late), **tokens(other)}
    assert since(before) == (3, 8, 8)
    uphold(codes["c"], "keep")
    assert since(before) == (3, 8, 7), "one content fell"
    uphold(codes["d"], "withdraw")
    assert since(before) == (3, 8, 3), "with the entry all that rested on it fell, of both decisions, each content once"
    uphold(codes[asked.contents[0]], "keep")
    assert since(before) == (3, 8, 3), "what fell with the entry does not fall again"
    uphold(codes[beside.contents[0]], "keep")
    assert since(before) == (3, 8, 2)
    uphold(codes[beside.contents[1]], "keep", everything=True)
    assert since(before) == (3, 8, 0), "the whole decision"
    assert shown(other)["state"] == "reversed" and shown(late)["state"] == "standing"


@case
def the_command_line_tells_what_the_api_tells():
    def lines(*words):
        return [json.loads(line) for line in hilf(desk().data, *words, "--json").stdout.splitlines()]

    asked, key = Question(2, language="fr"), person()
    made = asked.decide(key=key, territory=["FR"], duration_days=30)
    stands(made)
    code = tokens(made)[asked.contents[0]]
    uphold(code, "keep")
    same = shown(made)
    assert lines("decision", "show", made["id"]) == [same]
    for how in (("--case", str(asked.id)), ("--content", asked.contents[1]), ("--state", "standing", "--limit", "100000")):
        listed = [one for one in lines("decision", "list", *how) if one["id"] == made["id"]]
        assert listed == [same], (how, listed)
    assert lines("decision", "list", "--case", str(asked.id), "--state", "undone") == []
    text = hilf(desk().data, "decision", "show", made["id"]).stdout
    for part in (f"decision {made['id']}: remove, standing", f"by {made['by']}", f"about: case {asked.id}, cluster 1, 2 contents",
                 "where: FR, until ", f"  {asked.contents[0]}  restored", f"  {asked.contents[1]}\n", "statement to who is concerned, in fr"):
        assert part in text, (part, text)
    row = [line.split("\t") for line in hilf(desk().data, "decision", "list", "--case", str(asked.id)).stdout.splitlines()]
    assert [cells[:5] + cells[6:] for cells in row] == \
        [[made["id"], "standing", "remove", "law", "2", made["by"], str(asked.id), asked.bank]], row
    appeal = [one for one in lines("appeal", "list", "--state", "decided", "--limit", "100000") if one["decision"]["id"] == made["id"]]
    assert [(one["outcome"], one["content_id"], one["decision"]) for one in appeal] == [("upheld", asked.contents[0], same)]
    assert lines("appeal", "show", str(appeal[0]["case"])) == appeal
    text = hilf(desk().data, "appeal", "show", str(appeal[0]["case"])).stdout
    assert "upheld" in text and "  It is a report." in text and "  So it is." in text and f"decision {made['id']}" in text, text


# ------------------------------------------------------------------------------------------ exemptions


@case
def an_exemption_is_told_and_raises_no_verdict():
    asked = Question(0, mode="block")
    key = person()
    made = desk().must("POST", "/v1/exemptions", {"uploader_ref": "newsroom", "entry": asked.gid, "purpose": "journalism",
                                                  "until_ms": now_ms() + DAY_MS, "note": SCRIPT}, key=key).json["exemption"]
    assert (made["uploader_ref"], made["url"], made["entry"], made["bank"], made["purpose"], made["note"]) == \
        ("newsroom", None, asked.gid, asked.bank, "journalism", SCRIPT)
    theirs = asked.check("n-1", uploader_ref="newsroom")
    assert theirs["verdict"] == "no_match" and theirs["matches"][0]["exempt"] == made["id"], theirs
    assert "decision" not in theirs or theirs["decision"] is None
    assert asked.check("n-2", uploader_ref="newsroom2")["verdict"] == "block"
    assert asked.check("n-3")["verdict"] == "block"
    # Look-ups compare and know nobody.
    assert desk().must("GET", f"/v1/lookup?type=pdq&value={asked.value}").json["verdict"] == "review"
    auditor = [one for one in desk().must("GET", "/v1/exemptions", key=person("auditor")).json["exemptions"]
               if one["id"] == made["id"]]
    assert (auditor[0]["for"], auditor[0]["uploader_ref"], auditor[0]["url"]) == ("uploader", None, None)
    desk().must("DELETE", f"/v1/exemptions/{made['id']}", key=key)
    assert asked.check("n-4", uploader_ref="newsroom")["verdict"] == "block"
    desk().refused(404, "not_found", "DELETE", f"/v1/exemptions/{made['id']}", key=key)


@case
def an_exempt_address_is_compared_segment_by_segment():
    asked = Question(0, mode="block")
    made = desk().must("POST", "/v1/exemptions", {"url": "https://news.example/archive/", "entry": str(asked.entry),
                                                  "purpose": "research", "until_ms": now_ms() + DAY_MS}).json["exemption"]
    for url, exempt in (("https://news.example/archive/2026/x.jpg?size=1", True), ("https://NEWS.example:443/archive", True),
                        ("https://news.example/archives/x.jpg", False), ("https://news.example/other", False),
                        ("http://news.example/archive/x.jpg", False), ("https://news.example.evil.example/archive/x", False),
                        ("https://news.example/archive/../evil.jpg", False), ("https://news.example/archive/%2e%2e/evil.jpg", False),
                        ("https://other.example/https://news.example/archive/x", False)):
        answer = asked.check("u-" + uuid.uuid4().hex[:8], evidence_url=url)
        assert (answer["verdict"] == "no_match") == exempt, (url, answer["verdict"])
    assert asked.check("u-x", evidence_url="https://news.example/archive/a")["matches"][0]["exempt"] == made["id"]


@case
def an_upload_tells_the_exemption_that_it_has():
    asked = Question(1, uploader_ref="studio")
    asked.check("in the museum", evidence_url="https://museum.example/rooms/3/x.jpg")
    asked.check("elsewhere", uploader_ref="studio2", evidence_url="https://museum.example/roomsful/x.jpg")

    def exempt(key=None):
        uploads = desk().must("GET", f"/v1/cases/{asked.id}/uploads", key=key).json["uploads"]
        return [upload["exempt"] for upload in uploads if key is None or "uploader_ref" not in upload]

    assert exempt() == [None, None, None]
    made = [desk().must("POST", "/v1/exemptions", {**whom, "entry": asked.gid, "purpose": "art",
                                                   "until_ms": now_ms() + DAY_MS}).json["exemption"]
            for whom in ({"uploader_ref": "studio"}, {"url": "https://museum.example/rooms"})]
    theirs = [made[0]["id"], made[1]["id"], None]
    assert exempt() == theirs and exempt(person("auditor")) == theirs
    assert [upload["exempt"] for upload in asked.read()["clusters"][0]["uploads"]] == theirs
    listed = {one["id"]: one for one in desk().must("GET", "/v1/exemptions", key=person("auditor")).json["exemptions"]}
    assert [(listed[one["id"]]["for"], listed[one["id"]]["url"]) for one in made] == [("uploader", None), ("url", None)]
    for one in made:
        desk().must("DELETE", f"/v1/exemptions/{one['id']}")
    assert exempt() == [None, None, None]


@case
def exemptions_that_make_no_sense_are_refused():
    asked = Question(0, mode="block")
    good = {"uploader_ref": "u", "entry": asked.gid, "purpose": "art", "until_ms": now_ms() + DAY_MS}
    for more in ({"purpose": "fun"}, {"until_ms": now_ms() - 1}, {"until_ms": now_ms() + 367 * DAY_MS}, {"url": "https://x.example/"},
                 {"uploader_ref": None}, {"uploader_ref": None, "url": "ftp://x.example/"}, {"uploader_ref": None, "url": "x"},
                 {"uploader_ref": None, "url": "https://x.example/a?b"}, {"uploader_ref": None, "url": "https://x.example/a/../b"},
                 {"uploader_ref": None, "url": "https://u:p@x.example/"}, {"note": "\u0001"}, {"entry": None}, {"more": 1}):
        answer = desk().ask("POST", "/v1/exemptions", {**good, **more})
        assert answer.status in (400, 422), (more, answer.body)
    desk().refused(404, "not_found", "POST", "/v1/exemptions", {**good, "entry": "999999999"})


# ------------------------------------------------------------------------------------------ escalations


@case
def an_escalation_is_told_at_once_and_confirmed_by_another_person():
    asked, first, second = Question(1), person(), person()
    made = desk().must("POST", f"/v1/cases/{asked.id}/escalations", {"authority": "Police", "contact": SCRIPT, "told_ms": now_ms(),
                                                                     "sent": SCRIPT}, key=first).json["escalation"]
    assert (made["case"], made["state"], made["contact"], made["sent"], made["mine"]) == \
        (asked.id, "waiting_second", SCRIPT, SCRIPT, True)
    until("told", lambda: told("threat.escalated", escalation=made["id"]))
    assert told("threat.escalated", escalation=made["id"])[0] == {
        "authority": "Police", "case": asked.id, "escalation": made["id"], "state": "waiting_second", "told_ms": made["told_ms"]}
    path = f"/v1/escalations/{made['id']}/second"
    desk().refused(403, "same_person", "POST", path, {"agree": True}, key=first)
    done = desk().must("POST", path, {"agree": True}, key=second).json["escalation"]
    assert done["state"] == "done" and done["second"]["agreed"] is True and done["second"]["mine"]
    desk().refused(409, "not_waiting", "POST", path, {"agree": True}, key=person())
    assert [one["id"] for one in desk().must("GET", f"/v1/escalations?case={asked.id}").json["escalations"]] == [made["id"]]
    assert desk().must("GET", f"/v1/cases/{asked.id}").json["escalations"][0]["id"] == made["id"]
    for more in ({"authority": " "}, {"told_ms": now_ms() + 3600000}, {"told_ms": 1}, {"sent": "x" * 5001}):
        answer = desk().ask("POST", f"/v1/cases/{asked.id}/escalations",
                            {"authority": "a", "contact": "b", "told_ms": now_ms(), "sent": "c", **more}, key=first)
        assert answer.status in (400, 422), (more, answer.body)


# ------------------------------------------------------------------------------------------ who may


@case
def whoever_is_limited_to_other_banks_sees_and_decides_nothing_here():
    asked = Question(1)
    made = asked.decide()
    other = person(banks=[desk().bank()])
    own = person(banks=[asked.bank])
    desk().refused(403, "denied", "GET", f"/v1/decisions/{made['id']}", key=other)
    desk().refused(403, "denied", "POST", f"/v1/cases/{asked.id}/decisions", asked.body(), key=other)
    desk().refused(403, "denied", "POST", "/v1/exemptions", {"uploader_ref": "u", "entry": asked.gid, "purpose": "art",
                                                            "until_ms": now_ms() + DAY_MS}, key=other)
    assert desk().must("GET", "/v1/decisions", key=other).json["decisions"] == []
    assert [one["id"] for one in desk().must("GET", "/v1/decisions", key=own).json["decisions"]] == [made["id"]]
    for role in ("checker", "curator", "auditor"):
        desk().refused(403, "denied", "POST", f"/v1/cases/{asked.id}/decisions", asked.body(), key=person(role))
    assert desk().must("GET", f"/v1/decisions/{made['id']}", key=person("auditor")).json["decision"]["mine"] is False


# ------------------------------------------------------------------------------------------ durability


@case
def after_a_crash_what_was_decided_is_told_and_codes_still_hold():
    with folder() as data, Receiver() as receiver:
        with Node(data, "--webhook-allow", "127.0.0.1") as serve:
            serve.must("POST", "/v1/webhooks", {"url": receiver.url})
            serve.must("PUT", "/v1/settings/desk/undo_seconds", {"value": 2})
            bank, value = serve.bank(), random_pdq()
            serve.add(bank, ("pdq", value))
            serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "c-1"})
            about = serve.must("GET", "/v1/cases").json["cases"][0]
            key = serve.key_of("reviewer")
            made = serve.must("POST", f"/v1/cases/{about['id']}/decisions",
                              {"cluster": 1, "actions": ["remove"], "ground": LAW, "version": about["version"]}, key=key).json["decision"]
            exempt = serve.must("POST", "/v1/exemptions", {"uploader_ref": "u", "entry": str(1), "purpose": "art",
                                                           "until_ms": now_ms() + DAY_MS}).json["exemption"]
            assert made["state"] == "pending"
            serve.kill()
        with Node(data, "--webhook-allow", "127.0.0.1") as serve:
            until("it is told after the crash", lambda: [r for r in receiver.got if b"decision.made" in r["body"]], 20)
            body = json.loads([r for r in receiver.got if b"decision.made" in r["body"]][0]["body"])["data"]
            assert body["decision"] == made["id"]
            code = body["contents"][0]["appeal_token"]
            assert serve.ask("POST", "/v1/appeals", {"token": code, "text": "Why?"}, key="").status == 201
            answer = serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "c-2",
                                                      "uploader_ref": "u"}).json
            assert answer["verdict"] == "no_match" and answer["matches"][0]["exempt"] == exempt["id"]
            serve.kill()
        with Node(data, "--webhook-allow", "127.0.0.1") as serve:
            again = serve.ask("POST", "/v1/appeals", {"token": code, "text": "Why?"}, key="")
            assert again.status == 409 and again.json["error"]["code"] == "token_used"


main()
