#!/usr/bin/env python3
"""The vault through the service: off unless somebody turns it on; on, what matched and what was added can be looked at, each
view for its own case and recorded; what ends takes its previews along; and what looking costs is shown to nobody else."""
import concurrent.futures
import datetime
import json
import os
import stat
import subprocess
import uuid

from common import BUILD, HILF, Node, bytes_of, case, environment, folder, form, main, node
from signed import Person

LAW = {"basis": "law", "article": "Regulation (EU) 2021/784, article 5", "text": ""}


def vault(on, of=None):
    (of or node()).must("PUT", "/v1/settings/desk/vault", {"value": int(on)})


def add(bank, name="hills.jpg", of=None):
    body, headers = form({}, bytes_of(name))
    return (of or node()).must("POST", f"/v1/banks/{bank}/entries", body, headers=headers).json["results"][0]["entry"]


def check(bank, name="hills.jpg", of=None, **fields):
    fields.setdefault("content_id", "post-" + uuid.uuid4().hex[:10])
    body, headers = form({**fields, "banks": bank}, bytes_of(name))
    return (of or node()).must("POST", "/v1/check", body, headers=headers).json


def only_case(bank, of=None):
    listed = (of or node()).must("GET", f"/v1/cases?bank={bank}&state=all").json["cases"]
    assert len(listed) == 1, listed
    return (of or node()).must("GET", f"/v1/cases/{listed[0]['id']}").json


def look(one, preview, **more):
    return node().ask("GET", f"/v1/previews/{preview['id']}?case={one['id']}", **more)


def upload_of(one):
    return one["clusters"][0]["uploads"][0]


def open_case(name="hills.jpg"):
    bank = node().bank("review")
    entry = add(bank, name)
    check(bank, name)
    return entry, only_case(bank)


def views(data, case_id):
    run = subprocess.run([HILF, "vault", "views", "--case", str(case_id), "--json", "--data", data], env=environment(),
                         capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


@case
def nothing_is_kept_while_it_is_off():
    assert not os.path.exists(os.path.join(node().data, "vault.key"))
    _, one = open_case()
    assert one["copy"] == {"kept": False, "previews": []}, one["copy"]
    assert upload_of(one)["previews"] == []
    assert one["can"]["confirm"] is False and one["can"]["confirm_why"] == "no_copy", one["can"]
    assert not os.path.exists(os.path.join(node().data, "vault.key"))


@case
def what_matched_and_what_was_added_can_be_looked_at():
    vault(True)
    _, one = open_case()
    key = node().held_key("operator")
    assert one["copy"]["kept"] and one["can"]["confirm_why"] == "not_viewed", (one["copy"], one["can"])
    for preview in (one["copy"]["previews"][0], upload_of(one)["previews"][0]):
        assert preview["kind"] == "page" and max(preview["width"], preview["height"]) == 320, preview
        answer = look(one, preview, key=key)
        assert answer.status == 200 and answer.body[:2] == b"\xff\xd8" and answer.body[-2:] == b"\xff\xd9"
        assert len(answer.body) == preview["size"] <= 32768
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = node().must("GET", f"/v1/cases/{one['id']}", key=key).json
    assert again["can"]["confirm"] is True, again["can"]
    seen = views(node().data, one["id"])
    assert [view["of"] for view in seen] == ["upload", "entry"], seen
    assert all(view["actor"].startswith("user:") and view["case"] == one["id"] for view in seen), seen
    assert stat.S_IMODE(os.stat(os.path.join(node().data, "vault.key")).st_mode) == 0o600
    # No view is told by the API, and no actor.
    assert "key:" not in json.dumps(again) and "user:" not in json.dumps(again), again
    # Who it was that looked is not known of a key that nobody holds.
    look(one, one["copy"]["previews"][0])
    machine = node().must("GET", f"/v1/cases/{one['id']}").json
    assert machine["can"]["confirm_why"] == "person_needed", machine["can"]


@case
def confirm_asks_for_a_view_of_ones_own():
    vault(True)
    _, one = open_case()
    first, second = node().held_key(), node().held_key()
    assert look(one, one["copy"]["previews"][0], key=first).status == 200
    decision = {"cluster": 1, "actions": ["remove"], "ground": LAW, "duration_days": 0,
                "entry_opinion": "confirm", "withhold": None, "version": one["version"]}
    node().refused(409, "not_viewed", "POST", f"/v1/cases/{one['id']}/decisions", decision, key=second)
    node().must("POST", f"/v1/cases/{one['id']}/decisions", decision, key=first)


@case
def a_preview_is_shown_for_its_own_case_alone():
    vault(True)
    _, one = open_case()
    _, other = open_case("crowd.jpg")
    for preview in (one["copy"]["previews"][0], upload_of(one)["previews"][0]):
        node().refused(404, "not_found", "GET", f"/v1/previews/{preview['id']}?case={other['id']}")
        node().refused(404, "not_found", "GET", f"/v1/previews/{preview['id']}?case=987654")
        node().refused(400, "missing_field", "GET", f"/v1/previews/{preview['id']}")
        node().refused(400, "invalid_parameter", "GET", f"/v1/previews/{preview['id']}?case=x")
    for bad in ("x", "0190a000-0000-7000-8000-000000000000", "a" * 400):
        node().refused(404, "not_found", "GET", f"/v1/previews/{bad}?case={one['id']}")
    assert not views(node().data, other["id"])


@case
def who_has_no_business_with_the_case_sees_nothing():
    vault(True)
    entry, one = open_case()
    preview = one["copy"]["previews"][0]
    elsewhere = node().bank("review")
    for role in ("checker", "curator", "auditor"):
        assert look(one, preview, key=node().key_of(role)).status == 403, role
    assert look(one, preview, key=node().key_of("reviewer", banks=[elsewhere])).status == 403
    assert look(one, preview, key="").status == 401
    assert look(one, preview, key=node().key_of("reviewer", banks=[one["bank"]])).status == 200
    assert len(views(node().data, one["id"])) == 1


@case
def a_block_keeps_it_for_the_sample_and_the_appeal():
    vault(True)
    bank = node().bank("block")
    add(bank)
    answer = check(bank)
    assert answer["verdict"] == "block", answer["verdict"]
    node().must("POST", "/v1/appeals", {"token": answer["decision"]["appeal_token"], "text": "This is a report about it."}, key="")
    one = only_case(bank)
    assert one["kind"] == "appeal" and len(upload_of(one)["previews"]) == 1, upload_of(one)
    assert look(one, upload_of(one)["previews"][0]).status == 200


@case
def what_matches_nothing_or_has_no_name_is_not_kept():
    vault(True)
    bank = node().bank("review")
    add(bank)
    count = held(node().data)["previews"]
    assert check(bank, "crowd.jpg")["verdict"] == "no_match"
    body, headers = form({"banks": bank}, bytes_of())
    assert node().must("POST", "/v1/check", body, headers=headers).json["verdict"] == "review"
    shadow = node().bank("shadow")
    add(shadow)
    added = held(node().data)["previews"]
    assert added == count + 1  # the copy of the entry
    check(shadow)
    assert held(node().data)["previews"] == added


def held(data):
    run = subprocess.run([HILF, "vault", "show", "--json", "--data", data], env=environment(), capture_output=True, text=True, check=False)
    return json.loads(run.stdout)


@case
def an_entry_that_ends_takes_its_copy_along():
    vault(True)
    for how in ("withdraw", "erase"):
        entry, one = open_case()
        kept, came = one["copy"]["previews"][0], upload_of(one)["previews"][0]
        assert look(one, kept).status == 200
        node().must("POST", f"/v1/entries/{entry}/{how}", {"reason": "error"})
        assert look(one, kept).status == 404, how
        assert look(one, came).status == (404 if how == "erase" else 200), how
        after = node().must("GET", f"/v1/cases/{one['id']}").json
        assert after["copy"] == {"kept": False, "previews": []}, (how, after["copy"])


@case
def adding_a_file_again_gives_an_entry_its_copy():
    vault(False)
    bank = node().bank("review")
    entry = add(bank)
    vault(True)
    check(bank)
    assert only_case(bank)["copy"]["kept"] is False
    assert add(bank) == entry
    assert only_case(bank)["copy"]["kept"] is True


@case
def content_that_comes_again_gets_its_preview_then():
    vault(False)
    bank = node().bank("review")
    add(bank)
    check(bank, content_id="again-" + bank)
    assert upload_of(only_case(bank))["previews"] == []
    vault(True)
    for _ in range(2):
        check(bank, content_id="again-" + bank)
        assert len(upload_of(only_case(bank))["previews"]) == 1


@case
def a_copy_can_be_added_to_an_entry_that_has_none():
    bank = node().bank("review")
    vault(False)
    entry = add(bank)
    path = f"/v1/entries/{entry}/copy"
    body, headers = form({}, bytes_of())
    node().refused(409, "vault_off", "PUT", path, body, headers=headers)
    vault(True)
    check(bank)
    other, other_headers = form({}, bytes_of("crowd.jpg"))
    node().refused(422, "another_content", "PUT", path, other, headers=other_headers)
    node().refused(404, "not_found", "PUT", "/v1/entries/987654321/copy", body, headers=headers)
    assert only_case(bank)["copy"]["kept"] is False
    reviewer = node().key_of("reviewer", banks=[bank])
    assert node().must("PUT", path, body, headers=headers, key=reviewer).json == {"kept": True, "previews": 1}
    assert only_case(bank)["copy"]["kept"] is True
    # The whole body may be the file, and what is there is replaced.
    assert node().must("PUT", path, bytes_of(), headers={"Content-Type": "image/jpeg"}).json["kept"] is True
    assert node().ask("PUT", path, body, headers=headers, key=node().key_of("auditor")).status == 403


@case
def many_look_at_once_and_each_is_recorded():
    vault(True)
    _, one = open_case()
    preview = one["copy"]["previews"][0]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: look(one, preview).status, range(40)))
    assert answers == [200] * 40
    assert len(views(node().data, one["id"])) == 40


@case
def without_its_key_nothing_is_shown_and_that_is_said():
    with folder() as data:
        own = Node(os.path.join(data, "d"))
        vault(True, own)
        bank = own.bank("review")
        add(bank, of=own)
        check(bank, of=own)
        one = only_case(bank, own)
        preview = one["copy"]["previews"][0]
        path = os.path.join(data, "d", "vault.key")
        os.rename(path, path + ".aside")
        own.refused(409, "preview_locked", "GET", f"/v1/previews/{preview['id']}?case={one['id']}")
        after = only_case(bank, own)
        assert after["copy"] == {"kept": False, "previews": []} and after["can"]["confirm_why"] == "no_copy", after["can"]
        os.rename(path + ".aside", path)
        assert own.ask("GET", f"/v1/previews/{preview['id']}?case={one['id']}").status == 200
        # A restart changes nothing of it.
        own.stop()
        own = Node(os.path.join(data, "d"))
        assert own.ask("GET", f"/v1/previews/{preview['id']}?case={one['id']}").status == 200
        own.stop()


@case
def exposure_is_shown_to_oneself_alone():
    _, one = open_case()
    mine, other = Person(node(), "reviewer"), Person(node(), "reviewer")
    path = f"/v1/cases/{one['id']}/exposure"
    assert mine.ask("POST", path, {"seconds": 12}).status == 204
    assert mine.ask("POST", path, {"seconds": 86400}).status == 204
    seen = mine.must("GET", "/v1/me").json["exposure"]
    assert seen == {"today": {"reveals": 2, "seconds": 3612}, "week": {"reveals": 2, "seconds": 3612}}, seen
    assert other.must("GET", "/v1/me").json["exposure"]["today"] == {"reveals": 0, "seconds": 0}
    reviewer = node().key_of("reviewer")
    for bad in ({}, {"seconds": -1}, {"seconds": "12"}, {"seconds": 86401}, {"seconds": 1, "actor": "key:x"}):
        assert node().ask("POST", path, bad, key=reviewer).status == 400, bad
    assert node().ask("POST", "/v1/cases/987654/exposure", {"seconds": 1}, key=reviewer).status == 404
    assert node().ask("POST", path, {"seconds": 1}, key=node().key_of("auditor")).status == 403
    group = node().must("GET", "/v1/exposure").json
    assert group["group"] is None and "five" in group["why"], group
    monday = datetime.datetime.fromtimestamp(group["from_ms"] / 1000, datetime.timezone.utc)
    assert monday.weekday() == 0 and monday.hour == 0 and group["to_ms"] - group["from_ms"] == 7 * 86400 * 1000
    for role in ("checker", "curator", "reviewer", "auditor"):
        assert node().ask("GET", "/v1/exposure", key=node().key_of(role)).status == 403, role


main()
