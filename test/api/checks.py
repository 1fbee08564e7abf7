#!/usr/bin/env python3
"""Checks, look-ups, batches and hashes, asked in every way and answered."""
import hashlib
import socket
import threading
import time

from common import (PDQ, Node, Receiver, bytes_of, case, folder, form, hilf, main, near, node, random_hex, random_pdq, until)


BAD_EVIDENCE = ("javascript:alert(1)", "JavaScript:alert(1)//https://e.example/", "data:text/html,<script>", "file:///etc/passwd",
                "blob:https://e.example/1", "ftp://e.example/x", "//e.example/x", "e.example/x", " https://e.example/x",
                "\thttps://e.example/", "java\nscript:alert(1)", "https:/e.example", "https:e.example", "https://", "https:///x",
                "http://?x", "https://e.example/a b", "https://e.example/\x7f")


@case
def evidence_is_at_an_address_of_the_web_or_refused():
    signals = [{"type": "pdq", "value": random_pdq()}]
    for url in BAD_EVIDENCE:
        for path, body in (("/v1/check", {"signals": signals, "content_id": "e"}),
                           ("/v1/reports", {"content_id": "e", "category": "other"})):
            message, _ = node().refused(400, "invalid_field", "POST", path, {**body, "evidence_url": url})
            assert "evidence_url" in message, message
        body, headers = form({"evidence_url": url, "content_id": "e"}, file=b"no picture")
        message, _ = node().refused(400, "invalid_field", "POST", "/v1/check", body, headers=headers)
        assert "evidence_url" in message, message
    node().refused(400, "unknown_field", "POST", "/v1/check/batch", {"pdq": [random_pdq()], "evidence_url": "javascript:alert(1)"})
    for url in ("https://e.example/x", "HTTP://e.example:8080/a?b=%20#c", "https://[2001:db8::1]/x", ""):
        node().must("POST", "/v1/check", {"signals": signals, "content_id": "e", "evidence_url": url})
        node().must("POST", "/v1/reports", {"content_id": "e", "category": "other", "evidence_url": url})


@case
def what_is_not_known_is_no_match():
    answer = node().must("GET", f"/v1/lookup?type=pdq&value={random_pdq()}").json
    assert (answer["verdict"], answer["shadow_verdict"], answer["matches"], answer["more"], answer["undecided"]) == \
        ("no_match", "no_match", [], 0, []), answer
    assert isinstance(answer["took_ms"], float)


@case
def a_match_says_what_it_is_and_how_near():
    value, bank = random_pdq(), node().bank()
    entry = node().add(bank, ("pdq", value), labels={"event": "paris"}, **{"class": "incitement"})
    for bits in (0, 1, 31):
        answer = node().must("GET", f"/v1/lookup?type=pdq&value={near(value, bits)}").json
        match = answer["matches"][0]
        assert answer["verdict"] == "review" and len(answer["matches"]) == 1
        assert (match["entry"], match["bank"], match["mode"], match["signal"], match["distance"], match["threshold"],
                match["orientation"], match["variant"], match["share"], match["class"], match["labels"]) == \
            (entry, bank, "review", "pdq", bits, 31, "original", "as_is", 1.0, "incitement", {"event": "paris"}), match
        assert match["reason"] == f"looks like entry {entry} of bank {bank}: {bits} of 256 bits differ, and up to 31 count " \
                                  "as the same picture"
    assert node().must("GET", f"/v1/lookup?type=pdq&value={near(value, 32)}").json["verdict"] == "no_match"


@case
def a_look_up_decides_nothing_and_leaves_no_trace():
    value, bank = random_hex(16), node().bank("block")
    node().add(bank, ("md5", value))
    before = node().must("GET", "/v1/checks?limit=1").json
    answer = node().must("GET", f"/v1/lookup?type=md5&value={value}").json
    assert answer["verdict"] == answer["shadow_verdict"] == "review" and answer["matches"][0]["mode"] == "block"
    batch = node().must("POST", "/v1/check/batch", {"md5": [value]}).json
    assert batch["results"][0]["verdict"] == "review"
    assert node().must("GET", "/v1/checks?limit=1").json == before


@case
def a_block_is_recorded_with_its_reasons_and_a_way_to_appeal():
    value, bank = random_hex(16), node().bank("block")
    entry = node().add(bank, ("md5", value))
    asked = {"signals": [{"type": "md5", "value": value}], "content_id": "post-1", "uploader_ref": "u-77", "language": "de",
             "evidence_url": "https://platform.example/e/1", "surface": "limited"}
    answer = node().must("POST", "/v1/check", asked)
    decision = answer.json["decision"]
    assert answer.json["verdict"] == "block" and decision["automated"] is True and not decision["repeated"]
    assert len(decision["statement"]) > 200 and decision["appeal_token"].startswith("appeal_")
    assert answer.headers["Cache-Control"] == "no-store"
    row = node().must("GET", "/v1/checks?content_id=post-1").json["checks"][0]
    gid = node().must("GET", f"/v1/entries/{entry}").json["gid"]
    assert (row["verdict"], row["surface"], row["language"], row["uploader_ref"], row["evidence_url"], row["decision"],
            row["entries"], row["reversed"]) == \
        ("block", "limited", "de", "u-77", "https://platform.example/e/1", decision["id"], [gid], None), row
    again = node().must("POST", "/v1/check", asked).json["decision"]
    assert again["id"] == decision["id"] and again["repeated"] and again["appeal_token"] is None
    node().must("POST", f"/v1/entries/{entry}/withdraw", {"reason": "error"})
    assert node().must("GET", "/v1/checks?content_id=post-1").json["checks"][0]["reversed"]


@case
def who_uploaded_is_not_told_to_auditors():
    value, bank = random_hex(16), node().bank("block")
    node().add(bank, ("md5", value))
    node().must("POST", "/v1/check", {"signals": [{"type": "md5", "value": value}], "content_id": "post-2", "uploader_ref": "u-78"})
    rows = node().must("GET", "/v1/checks?content_id=post-2", key=node().key_of("auditor")).json["checks"]
    assert rows and "uploader_ref" not in rows[0] and "u-78" not in str(rows)


@case
def shadow_never_raises_the_verdict_and_says_what_it_would_have_been():
    value, bank = random_pdq(), node().bank("shadow")
    node().add(bank, ("pdq", value))
    answer = node().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}]}).json
    assert (answer["verdict"], answer["shadow_verdict"]) == ("no_match", "review")
    assert answer["matches"][0]["mode"] == "shadow" and "shadow" in answer["matches"][0]["reason"]


@case
def a_picture_is_checked_as_a_form_and_as_a_body():
    bank, data = node().bank(), bytes_of()
    body, headers = form({"class": "incitement", "labels": '{"event":"rome"}'}, data)
    added = node().must("POST", f"/v1/banks/{bank}/entries", body, headers=headers)
    assert added.status == 201 and added.json["added"] == 1 and added.json["content"]["format"] == "jpeg"
    body, headers = form({"banks": bank}, data)
    by_form = node().must("POST", "/v1/check", body, headers=headers).json
    raw = node().must("POST", f"/v1/check?banks={bank}", data, headers={"Content-Type": "image/jpeg"}).json
    plain = node().must("POST", f"/v1/check?banks={bank}", data, headers={"Content-Type": "application/octet-stream"}).json
    for answer in (by_form, raw, plain):
        assert answer["verdict"] == "review" and not answer["undecided"]
        assert {match["signal"] for match in answer["matches"]} == {"pdq", "sha256", "md5"}
        assert answer["content"]["sha256"] == hashlib.sha256(data).hexdigest()
        assert answer["content"]["md5"] == hashlib.md5(data).hexdigest()
        assert answer["content"]["width"] > 0 and answer["content"]["size"] == len(data)
    assert "very file" in by_form["matches"][0]["reason"]


@case
def a_mirrored_copy_is_found_and_said_to_be_one():
    bank = node().bank()
    hashed = node().must("POST", "/v1/hash?orientations=true", bytes_of("skyline.jpg"), headers={"Content-Type": "image/jpeg"}).json
    node().add(bank, ("pdq", hashed["pictures"][0]["pdq"]["flipy"]))
    answer = node().must("POST", f"/v1/check?banks={bank}", bytes_of("skyline.jpg"), headers={"Content-Type": "image/jpeg"}).json
    assert answer["matches"][0]["orientation"] != "original" and "mirrored" in answer["matches"][0]["reason"], answer["matches"]


@case
def what_cannot_be_read_is_undecided_and_never_no_match():
    for body, code in ((b"no picture at all", "unsupported"), (bytes_of()[:2000], "corrupt")):
        answer = node().must("POST", "/v1/check", body, headers={"Content-Type": "image/jpeg"}).json
        assert answer["verdict"] == "undecided", answer
        assert answer["undecided"][0]["part"] == "picture" and answer["undecided"][0]["code"] == code, answer["undecided"]
        assert answer["content"]["sha256"] == hashlib.sha256(body).hexdigest()
    body, headers = form({}, b"")
    assert node().must("POST", "/v1/check", body, headers=headers).json["verdict"] == "undecided"


@case
def the_very_file_is_found_even_when_it_cannot_be_read():
    data, bank = b"no picture, but known" + random_hex(8).encode(), node().bank("block")
    node().add(bank, ("sha256", hashlib.sha256(data).hexdigest()))
    answer = node().must("POST", "/v1/check", data, headers={"Content-Type": "application/octet-stream"}).json
    assert answer["verdict"] == "block" and answer["undecided"] and answer["matches"][0]["signal"] == "sha256"


@case
def text_and_urls_are_undecided_where_nothing_looks_at_them():
    answer = node().must("POST", "/v1/check", {"text": "Guten Tag"}).json
    assert (answer["verdict"], answer["undecided"][0]["code"]) == ("undecided", "unsupported")
    answer = node().must("POST", "/v1/check", {"url": "https://platform.example/a.jpg"}).json
    assert (answer["verdict"], answer["undecided"][0]["code"]) == ("undecided", "fetch_off")


@case
def time_that_ran_out_is_undecided_with_a_code_of_its_own():
    data = bytes_of("mosaic.jpg")
    answer = node().must("POST", "/v1/check?budget_ms=1", data, headers={"Content-Type": "image/jpeg"}).json
    if answer["undecided"]:
        assert answer["undecided"][0]["code"] == "budget" and answer["verdict"] == "undecided", answer
    assert answer["content"]["sha256"] == hashlib.sha256(data).hexdigest()


@case
def a_private_surface_wants_a_recorded_basis():
    with folder() as data, Node(data) as serve:
        asked = {"signals": [{"type": "pdq", "value": PDQ}], "surface": "private"}
        serve.refused(403, "private_surface", "POST", "/v1/check", asked)
        assert serve.must("GET", "/v1/settings").json["private_basis"] is None
        basis = "Regulation (EU) 2021/784, Art. 5"
        assert basis in serve.must("PUT", "/v1/settings/private_basis", {"basis": basis}).json["private_basis"]
        assert serve.must("POST", "/v1/check", asked).json["verdict"] == "no_match"
        serve.must("PUT", "/v1/settings/private_basis", {"basis": ""})
        serve.refused(403, "private_surface", "POST", "/v1/check", asked)


@case
def several_signals_are_one_content():
    first, second, bank = random_pdq(), random_hex(16), node().bank()
    one = node().add(bank, ("pdq", first), ("md5", second))
    other = node().add(bank, ("pdq", near(first, 9)))
    asked = {"signals": [{"type": "pdq", "value": first}, {"type": "pdq", "value": near(first, 3)}, {"type": "md5", "value": second}]}
    answer = node().must("POST", "/v1/check", asked).json
    found = sorted((match["entry"], match["signal"], match["distance"]) for match in answer["matches"])
    assert found == sorted([(one, "md5", 0), (one, "pdq", 0), (other, "pdq", 6)]), found
    answer = node().must("POST", "/v1/check", {**asked, "limit": 1}).json
    assert len(answer["matches"]) == 1 and answer["more"] >= 2 and answer["verdict"] == "review"


@case
def banks_can_be_named_and_limit_what_is_asked():
    value, one, two = random_hex(32), node().bank(), node().bank("block")
    for bank in (one, two):
        node().add(bank, ("sha256", value))
    for banks, verdict, count in (([one], "review", 1), ([two], "block", 1), ([one, two], "block", 2)):
        answer = node().must("POST", "/v1/check", {"signals": [{"type": "sha256", "value": value}], "banks": banks}).json
        assert (answer["verdict"], len(answer["matches"])) == (verdict, count)
        answer = node().must("GET", f"/v1/lookup?type=sha256&value={value}&banks={','.join(banks)}").json
        assert len(answer["matches"]) == count


@case
def a_batch_answers_by_position_whichever_way_it_is_written():
    known, bank = [random_pdq() for _ in range(3)], node().bank()
    digest = random_hex(16)
    for value in known:
        node().add(bank, ("pdq", value))
    node().add(bank, ("md5", digest))
    values = [random_pdq(), known[0], random_pdq(), known[2]]
    wanted = {1, 3, 4}
    lines = "".join(f"pdq {value} event=x\n" for value in values[:2]) + "# a remark\r\n\n" + \
        "".join(f"  pdq\t{value}\r\n" for value in values[2:]) + f"md5 {digest}"
    objects = [{"type": "pdq", "value": value} for value in values] + [{"type": "md5", "value": digest}]
    asked = [({"pdq": values, "md5": [digest]}, {}), ({"md5": [digest], "pdq": values}, {}), ({"signals": objects}, {}),
             ({"pdq": values, "md5": [digest], "limit": 5, "banks": [bank]}, {}), (lines, {"Content-Type": "text/plain"})]
    for body, headers in asked:
        answer = node().must("POST", "/v1/check/batch", body, headers=headers).json
        assert {result["index"] for result in answer["results"]} == wanted, (body, answer)
        assert (answer["signals"], answer["matched"]) == (5, 3)
        answer = node().must("POST", "/v1/check/batch?all=true", body, headers=headers).json
        assert [result["index"] for result in answer["results"]] == [0, 1, 2, 3, 4]
        assert answer["results"][0]["verdict"] == "no_match"


@case
def a_batch_of_ten_thousand_is_answered_at_once():
    known, bank = random_pdq(), node().bank()
    node().add(bank, ("pdq", known))
    values = [random_pdq() for _ in range(9999)] + [known]
    answer = node().must("POST", "/v1/check/batch", {"pdq": values}).json
    assert [result["index"] for result in answer["results"]] == [9999] and answer["signals"] == 10000
    node().refused(400, "too_many", "POST", "/v1/check/batch", {"pdq": values + [known]})
    node().refused(400, "too_many", "POST", "/v1/check/batch?limit=11", {"pdq": values})


@case
def a_file_is_hashed_without_being_compared_or_kept():
    answer = node().must("POST", "/v1/hash", bytes_of(), headers={"Content-Type": "image/jpeg"}).json
    assert [signal["type"] for signal in answer["signals"]] == ["pdq", "sha256", "md5"]
    assert answer["signals"][0]["quality"] == 100 and list(answer["pictures"][0]["pdq"]) == ["original"]
    answer = node().must("POST", "/v1/hash?orientations=1", bytes_of(), headers={"Content-Type": "image/jpeg"}).json
    assert len(answer["pictures"][0]["pdq"]) == 8
    answer = node().must("POST", "/v1/hash", b"x", headers={"Content-Type": "image/jpeg"}).json
    assert answer["undecided"] and len(answer["signals"]) == 2


@case
def what_we_know_of_a_file_is_found_gone_or_not():
    data, bank = bytes_of("crowd.jpg"), node().bank()
    body, headers = form({}, data)
    entry = node().must("POST", f"/v1/banks/{bank}/entries", body, headers=headers).json["results"][0]["entry"]
    node().must("POST", f"/v1/entries/{entry}/withdraw")
    found = node().must("POST", "/v1/find", data, headers={"Content-Type": "image/jpeg"}).json
    assert [(e["entry"], e["state"]) for e in found["entries"]] == [(entry, "withdrawn")], found
    assert found["undecided"] == [], found
    unread = node().must("POST", "/v1/find", b"no picture", headers={"Content-Type": "image/jpeg"}).json
    assert not unread["entries"] and unread["undecided"], unread
    digest = hashlib.md5(data).hexdigest()
    assert node().must("POST", "/v1/find", {"signals": [{"type": "md5", "value": digest}]}).json["entries"][0]["entry"] == entry
    assert node().must("GET", f"/v1/entries?type=md5&value={digest}").json["entries"][0]["entry"] == entry


@case
def a_decision_rests_on_all_that_blocks_however_few_are_shown():
    value, shadow, bank = random_pdq(), node().bank("shadow"), node().bank("block")
    near = [f"{int(value, 16) ^ bits:064x}" for bits in (0, 1, 3)]
    node().add(shadow, ("pdq", near[0]))
    first, second = (node().add(bank, ("pdq", one)) for one in near[1:])
    body = {"signals": [{"type": "pdq", "value": value}], "content_id": "rests-" + value, "limit": 1}
    answer = node().must("POST", "/v1/check", body).json
    assert answer["verdict"] == "block" and [m["bank"] for m in answer["matches"]] == [shadow] and answer["more"], answer

    def kept():
        return node().must("GET", "/v1/checks?content_id=" + body["content_id"]).json["checks"][0]
    assert len(kept()["entries"]) == 2, kept()
    node().must("POST", f"/v1/entries/{first}/withdraw")
    assert kept()["reversed"] is None, kept()
    node().must("POST", f"/v1/entries/{second}/withdraw")
    assert kept()["reversed"], kept()


@case
def servers_that_hang_leave_workers_to_others():
    with folder() as data, socket.socket() as hangs, Node(data, "--workers", "4", "--fetch-allow", "127.0.0.1") as serve:
        hangs.bind(("127.0.0.1", 0))
        hangs.listen(64)
        url, answers = f"http://127.0.0.1:{hangs.getsockname()[1]}/x", []

        def check():
            answers.append(serve.ask("POST", "/v1/check", {"url": url, "budget_ms": 25000}))
        threads = [threading.Thread(target=check) for _ in range(12)]
        for thread in threads:
            thread.start()
        held = [hangs.accept()[0] for _ in range(3)]
        serve.must("GET", "/v1/banks")
        assert not answers, answers
        hangs.close()
        for sock in held:
            sock.close()
        for thread in threads:
            thread.join()
        codes = {answer.json["undecided"][0]["code"] for answer in answers}
        assert codes == {"fetch_failed"}, codes


@case
def a_key_of_banks_that_are_gone_compares_with_nothing_and_says_so():
    bank, other = node().bank(), node().bank()
    one, both = node().key_of("checker", banks=[bank]), node().key_of("checker", banks=[bank, other])
    ask = {"signals": [{"type": "pdq", "value": random_pdq()}]}
    assert node().must("POST", "/v1/check", ask, key=one).json["verdict"] == "no_match"
    node().must("DELETE", "/v1/banks/" + bank)
    node().refused(404, "not_found", "POST", "/v1/check", ask, key=one)
    node().refused(404, "not_found", "POST", "/v1/check/batch", {"pdq": [random_pdq()]}, key=one)
    assert node().must("POST", "/v1/check", ask, key=both).json["verdict"] == "no_match"


@case
def signals_are_kept_for_a_look_back_where_it_is_on():
    with folder() as data, Node(data, "--look-back-days", "7") as serve:
        value = random_pdq()
        serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "old-1"})
        serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": random_pdq()}], "content_id": "old-2"})
        assert serve.must("DELETE", "/v1/lookback/old-1").json["erased"] == 1
        assert serve.must("DELETE", "/v1/lookback").json["erased"] == 1


@case
def looking_back_finds_mirrored_copies_and_files_that_were_checked_before():
    with folder() as data, Receiver() as receiver, Node(data, "--look-back-days", "7", "--webhook-allow", "127.0.0.1") as serve:
        image = {"Content-Type": "image/jpeg"}
        serve.must("POST", "/v1/webhooks", {"url": receiver.url, "events": ["content.recognised"]})
        for name in ("skyline.jpg", "hills.jpg", "crowd.jpg"):
            serve.must("POST", "/v1/check?content_id=old-" + name, bytes_of(name), headers=image)
        hashed = serve.must("POST", "/v1/hash?orientations=true", bytes_of("skyline.jpg"), headers=image).json
        bank = serve.bank()
        serve.add(bank, ("pdq", hashed["pictures"][0]["pdq"]["flipy"]))
        serve.add(bank, ("sha256", hashlib.sha256(bytes_of("hills.jpg")).hexdigest()))
        until("both are told", lambda: len(receiver.got) >= 2)
        told = b" ".join(got["body"] for got in receiver.got)
        assert b"old-skyline.jpg" in told and b"old-hills.jpg" in told and b"old-crowd.jpg" not in told, told


@case
def a_review_of_content_without_a_name_is_told_but_not_kept():
    with folder() as data, Receiver() as receiver, Node(data, "--webhook-allow", "127.0.0.1") as serve:
        value, bank = random_pdq(), serve.bank()
        serve.add(bank, ("pdq", value))
        asked = {"signals": [{"type": "pdq", "value": value}], "uploader_ref": "u-79"}
        assert serve.must("POST", "/v1/check", asked).json["verdict"] == "review"
        serve.must("POST", "/v1/webhooks", {"url": receiver.url, "events": ["check.matched"]})
        assert serve.must("POST", "/v1/check", asked).json["verdict"] == "review"
        until("it is told", lambda: receiver.got)
        event = receiver.got[0]["body"].decode()
        assert bank in event and '"content_id":null' in event and "u-79" not in event, event
        assert len(receiver.got) == 1 and not serve.must("GET", "/v1/checks").json["checks"]


@case
def another_process_adds_and_the_next_look_up_sees_it():
    value, bank = random_hex(32), node().bank()
    hilf(node().data, "add", bank, "--signal", f"sha256:{value}")
    assert node().must("GET", f"/v1/lookup?type=sha256&value={value}").json["matches"]
    value = random_pdq()
    hilf(node().data, "add", bank, "--signal", f"pdq:{value}")
    end = time.monotonic() + 60
    while not node().must("GET", f"/v1/lookup?type=pdq&value={value}").json["matches"]:
        assert time.monotonic() < end


main()
