#!/usr/bin/env python3
"""Banks, entries and opinions: made, changed, listed while they change, ended, taken in and out as text."""
import threading

from common import bytes_of, case, form, hilf, main, near, node, random_hex, random_pdq


@case
def a_bank_is_made_changed_renamed_and_removed():
    name = node().bank("shadow", threshold=20, sample_ppm=500000)
    bank = node().must("GET", f"/v1/banks/{name}").json
    assert (bank["name"], bank["mode"], bank["threshold"], bank["sample_ppm"], bank["own"], bank["entries"]) == \
        (name, "shadow", 20, 500000, True, 0), bank
    changed = node().must("PATCH", f"/v1/banks/{name}", {"mode": "block"}).json
    assert changed == {**bank, "mode": "block"}
    changed = node().must("PATCH", f"/v1/banks/{name}", {"name": name + "2", "threshold": 0}).json
    assert (changed["name"], changed["threshold"], changed["gid"]) == (name + "2", 0, bank["gid"])
    node().refused(404, "not_found", "GET", f"/v1/banks/{name}")
    entry = node().add(name + "2", ("md5", random_hex(16)))
    assert node().must("DELETE", f"/v1/banks/{name}2").status == 204
    node().refused(404, "not_found", "GET", f"/v1/banks/{name}2")
    assert node().must("GET", f"/v1/entries/{entry}").json["state"] == "withdrawn"


@case
def banks_are_listed_in_pages_while_they_come_and_go():
    wanted = sorted(node().bank() for _ in range(7))
    seen, cursor, extra = [], "", 0
    while cursor is not None:
        page = node().must("GET", f"/v1/banks?limit=2&cursor={cursor}").json
        seen += [bank["name"] for bank in page["banks"]]
        cursor, extra = page["next"], extra + 1
        gone = f"B{extra:04d}"
        node().must("POST", "/v1/banks", {"name": gone})
        if extra % 2:
            node().must("DELETE", f"/v1/banks/{gone}")
    assert [name for name in seen if name in wanted] == wanted and len(seen) == len(set(seen))


@case
def entries_are_listed_in_pages_while_they_come_and_go():
    bank = node().bank()
    first = [node().add(bank, ("md5", random_hex(16))) for _ in range(9)]
    seen, cursor = [], "0"
    while cursor is not None:
        page = node().must("GET", f"/v1/banks/{bank}/entries?limit=2&cursor={cursor}").json
        seen += [entry["entry"] for entry in page["entries"]]
        cursor = page["next"]
        if len(seen) < 8:
            node().add(bank, ("md5", random_hex(16)))
        if len(seen) == 4:
            node().must("DELETE", f"/v1/entries/{first[2]}")
            node().must("DELETE", f"/v1/entries/{first[7]}")
    assert seen == sorted(set(seen)) and set(first) - {first[7]} <= set(seen) and first[7] not in seen, (first, seen)
    gone = node().must("GET", f"/v1/banks/{bank}/entries?gone=true&limit=1000").json["entries"]
    assert {e["entry"] for e in gone if e["state"] == "withdrawn"} == {first[2], first[7]}
    node().refused(400, "invalid_parameter", "GET", f"/v1/banks/{bank}/entries?cursor=x")
    node().refused(400, "invalid_parameter", "GET", f"/v1/banks/{bank}/entries?limit=1001")


@case
def many_entries_are_added_at_once_and_what_is_there_answers_with_its_number():
    bank, value = node().bank(), random_hex(16)
    entries = [{"signals": [{"type": "md5", "value": random_hex(16)}], "labels": {"n": str(i)}} for i in range(100)]
    entries[50] = {"signals": [{"type": "pdq", "value": "0" * 64}]}
    entries[60] = {"signals": [{"type": "md5", "value": value}, {"type": "pdq", "value": random_pdq(), "quality": 90}]}
    answer = node().must("POST", f"/v1/banks/{bank}/entries", {"entries": entries, "labels": {"event": "x"}, "class": "threat"})
    assert answer.status == 201 and (answer.json["added"], answer.json["degenerate"]) == (99, 1)
    assert answer.json["results"][50] == {"result": "degenerate"}
    entry = node().must("GET", f"/v1/entries/{answer.json['results'][60]['entry']}").json
    assert entry["labels"] == {"event": "x"} and entry["class"] == "threat" and entry["source"] == "human"
    assert {s["type"]: s.get("quality") for s in entry["signals"]} == {"md5": None, "pdq": 90}
    assert node().must("GET", f"/v1/entries/{answer.json['results'][3]['entry']}").json["labels"] == {"event": "x", "n": "3"}
    again = node().must("POST", f"/v1/banks/{bank}/entries", {"signals": [{"type": "md5", "value": value}]})
    assert again.status == 200 and again.json["results"] == [{"result": "already", "entry": entry["entry"]}]
    node().refused(400, "too_many", "POST", f"/v1/banks/{bank}/entries", {"entries": entries * 11})
    full = {"signals": [{"type": "sha256", "value": random_hex(32)} for _ in range(16)]}
    most = [{"signals": [{"type": "sha256", "value": random_hex(32)} for _ in range(16)]} for _ in range(999)] + [full]
    assert node().must("POST", f"/v1/banks/{bank}/entries", {"entries": most}).json["added"] == 1000
    pages, cursor = 0, "0"
    while cursor is not None:
        cursor, pages = node().must("GET", f"/v1/banks/{bank}/entries?limit=1000&cursor={cursor}").json["next"], pages + 1
    assert pages >= 2


@case
def an_entry_is_changed_by_number_and_by_global_id():
    bank = node().bank()
    number = node().add(bank, ("md5", random_hex(16)), labels={"a": "1"}, expires="90d")
    entry = node().must("GET", f"/v1/entries/{number}").json
    changed = node().must("PATCH", f"/v1/entries/{entry['gid']}", {"class": "incitement", "labels": {"b": "2"}, "ground": "TCO Art. 2(7)(a)"}).json
    assert (changed["class"], changed["labels"], changed["ground"], changed["expires"]) == \
        ("incitement", {"b": "2"}, "TCO Art. 2(7)(a)", entry["expires"])
    nearer = node().must("PATCH", f"/v1/entries/{number}", {"expires": "30d"}).json
    assert nearer["expires"] < entry["expires"] and nearer["class"] == "incitement"
    assert node().ask("PATCH", f"/v1/entries/{number}", {"expires": "60d"}).status >= 400
    assert node().ask("PATCH", f"/v1/entries/{number}", {}).status == 400


@case
def what_ends_an_entry_counts_at_once():
    bank = node().bank("block")

    def verdict(value):
        return node().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": near(value, 4)}], "banks": [bank]}).json["verdict"]
    for path, body, state in (("withdraw", {"reason": "court", "note": "order of 3 May"}, "withdrawn"), ("expire", {}, "expired")):
        value = random_pdq()
        number = node().add(bank, ("pdq", value))
        assert verdict(value) == "block"
        assert node().must("POST", f"/v1/entries/{number}/{path}", body).json["state"] == state
        assert verdict(value) == "no_match"
    node().refused(400, "invalid_field", "POST", f"/v1/entries/{number}/withdraw", {"reason": "whim"})
    value = random_pdq()
    number = node().add(bank, ("pdq", value))
    assert node().must("POST", f"/v1/entries/{number}/mute", {"until": "7d"}).json["muted_until"]
    assert verdict(value) == "no_match"
    assert node().must("POST", f"/v1/entries/{number}/mute", {"muted": False}).json["muted_until"] is None
    assert verdict(value) == "block"
    node().must("POST", f"/v1/entries/{number}/opinions", {"opinion": "dispute"})
    assert verdict(value) == "review"
    node().must("DELETE", f"/v1/entries/{number}?reason=error&note=gone")
    node().refused(409, "withdrawn", "POST", f"/v1/entries/{number}/withdraw")


@case
def an_entry_is_erased():
    bank, value = node().bank(), random_pdq()
    number = node().add(bank, ("pdq", value))
    assert node().must("POST", f"/v1/entries/{number}/erase", {"reason": "court"}).json["erased"] == 1
    entry = node().must("GET", f"/v1/entries/{number}").json
    assert entry["state"] == "erased" and entry["signals"] == []
    assert node().must("GET", f"/v1/lookup?type=pdq&value={value}").json["verdict"] == "no_match"
    lines = node().must("GET", "/v1/feed?after=0&limit=10000").lines
    assert [line for line in lines if "seq" in line and line["record"] is None] and value not in str(lines)


@case
def opinions_stand_one_for_each_member():
    number = node().add(node().bank(), ("md5", random_hex(16)))
    for opinion in ("confirm", "dispute", "seen"):
        answer = node().must("POST", f"/v1/entries/{number}/opinions", {"opinion": opinion}).json["opinions"]
        assert [(row["opinion"], row["own"]) for row in answer] == [(opinion, True)]
    assert node().must("GET", f"/v1/entries/{number}").json["opinions"] == {"confirm": 0, "dispute": 0, "seen": 1}
    node().must("POST", f"/v1/entries/{number}/opinions", {"opinion": "none"})
    assert node().must("GET", f"/v1/entries/{number}").json["opinions"]["seen"] == 0
    node().refused(400, "invalid_field", "POST", f"/v1/entries/{number}/opinions", {"opinion": "maybe"})


@case
def a_file_carries_what_is_said_of_it_in_the_form_or_the_query():
    bank = node().bank()
    body, headers = form({"class": "threat", "labels": '{"event":"x"}', "expires": "30d", "source": "automated"}, bytes_of())
    number = node().must("POST", f"/v1/banks/{bank}/entries", body, headers=headers).json["results"][0]["entry"]
    entry = node().must("GET", f"/v1/entries/{number}").json
    assert (entry["class"], entry["labels"], entry["source"]) == ("threat", {"event": "x"}, "automated")
    number = node().must("POST", f"/v1/banks/{bank}/entries?class=publication&labels=%7B%22a%22%3A%22b%22%7D", bytes_of("crowd.jpg"),
                         headers={"Content-Type": "image/jpeg"}).json["results"][0]["entry"]
    entry = node().must("GET", f"/v1/entries/{number}").json
    assert (entry["class"], entry["labels"]) == ("publication", {"a": "b"})


@case
def a_bank_goes_out_and_in_again_with_all_that_is_said_of_it():
    bank, copies = node().bank(), {form: node().bank() for form in ("lines", "csv", "jsonl")}
    node().add(bank, ("pdq", random_pdq()), ("md5", random_hex(16)), labels={"event": "paris", "who": "a,\"b\""}, ground="TCO Art. 2(7)(a)")
    node().add(bank, ("sha256", random_hex(32)), expires="1d", **{"class": "incitement"})
    for _ in range(600):
        pass
    node().must("POST", f"/v1/banks/{bank}/entries",
                {"entries": [{"signals": [{"type": "md5", "value": random_hex(16)}]} for _ in range(700)]})

    def held(name):
        rows = []
        cursor = ""
        while cursor is not None:
            page = node().must("GET", f"/v1/banks/{name}/entries?limit=1000&cursor={cursor}").json
            rows += page["entries"]
            cursor = page["next"]
        return sorted((sorted((s["type"], s["value"]) for s in e["signals"]), e["class"], e["ground"], e["labels"], e["expires"][:10])
                      for e in rows)
    for form_name, copy in copies.items():
        answer = node().must("GET", f"/v1/banks/{bank}/export?format={form_name}")
        text = {"lines": "text/plain", "csv": "text/csv", "jsonl": "application/jsonl"}[form_name]
        assert answer.headers["Content-Type"].startswith(text)
        done = node().must("POST", f"/v1/banks/{copy}/import", answer.body, headers={"Content-Type": text}).json
        assert (done["added"], done["bad"], done["problems"]) == (702, 0, []), done
        assert held(copy) == held(bank), form_name
        done = node().must("POST", f"/v1/banks/{copy}/import", answer.body, headers={"Content-Type": text}).json
        assert (done["added"], done["already"]) == (0, 702)
    lines = node().must("GET", f"/v1/banks/{bank}/export").lines
    assert len(lines) == 703 and lines[0]["labels"]["hilf.entry"]
    node().refused(400, "invalid_parameter", "GET", f"/v1/banks/{bank}/export?format=xml")


@case
def bad_lines_are_named_and_the_good_ones_are_added_unless_it_is_strict():
    bank, good = node().bank(), random_hex(16)
    text = f"md5 {good} event=x\nnonsense\nmd5 12\n" + "sha1 00\n" * 30
    done = node().must("POST", f"/v1/banks/{bank}/import?labels=%7B%22from%22%3A%22a%22%7D&class=threat", text, headers={"Content-Type": "text/plain"}).json
    assert (done["added"], done["bad"], len(done["problems"])) == (1, 32, 20) and done["problems"][0].startswith("line 2: "), done
    entry = node().must("GET", f"/v1/banks/{bank}/entries").json["entries"][0]
    assert (entry["labels"], entry["class"], entry["source"]) == ({"event": "x", "from": "a"}, "threat", "import")
    message, _ = node().refused(422, "bad_lines", "POST", f"/v1/banks/{bank}/import?strict=true", f"md5 {random_hex(16)}\n" + text,
                                headers={"Content-Type": "text/plain"})
    assert "32 lines are bad, so nothing was added; the first: line 3: " in message, message
    assert node().must("GET", f"/v1/banks/{bank}").json["entries"] == 1
    node().refused(400, "invalid", "POST", f"/v1/banks/{bank}/import", "text,novalue\n1,2\n", headers={"Content-Type": "text/csv"})
    node().refused(400, "no_file", "POST", f"/v1/banks/{bank}/import", b"", headers={"Content-Type": "text/csv"})
    text = "".join('{"type":"md5","value":"%s"}\n' % random_hex(16) + ("{broken\n" if i == 1 else "") for i in range(3))
    done = node().must("POST", f"/v1/banks/{bank}/import", text, headers={"Content-Type": "application/x-ndjson"}).json
    assert (done["added"], done["bad"]) == (3, 1) and done["problems"][0].startswith("line 3: character 2: "), done


@case
def what_the_command_line_exports_the_service_imports():
    bank, other = node().bank(), node().bank()
    node().add(bank, ("md5", random_hex(16)), labels={"a": "b"})
    text = hilf(node().data, "export", bank).stdout
    assert node().must("POST", f"/v1/banks/{other}/import", text, headers={"Content-Type": "text/plain"}).json["added"] == 1
    assert hilf(node().data, "export", other).stdout.split()[:2] == text.split()[:2]


@case
def a_hundred_thousand_lines_come_in_while_others_ask():
    bank, known = node().bank(), random_pdq()
    text = "".join(f"sha256 {random_hex(32)}\n" for _ in range(100000))
    node().add(bank, ("pdq", known))
    done = []
    thread = threading.Thread(target=lambda: done.append(
        node().must("POST", f"/v1/banks/{bank}/import", text, headers={"Content-Type": "text/plain"}).json))
    thread.start()
    asked = 0
    while thread.is_alive():
        assert node().must("GET", f"/v1/lookup?type=pdq&value={known}").json["verdict"] == "review"
        asked += 1
    thread.join()
    assert done[0]["added"] == 100000 and asked > 0


@case
def entries_are_found_by_what_is_said_of_them_newest_first():
    bank, other, mark = node().bank(), node().bank(), random_hex(8)
    numbers = [node().add(bank, ("md5", random_hex(16)), labels={"run": mark, "n": str(i)},
                          **{"class": "threat" if i % 2 else "incitement"}) for i in range(6)]
    node().add(other, ("md5", random_hex(16)), labels={"run": mark})

    def found(query):
        entries, cursor = [], ""
        while cursor is not None:
            page = node().must("GET", f"/v1/entries?{query}&limit=2{cursor and '&cursor=' + cursor}").json
            assert page["more"] == (page["next"] is not None)
            entries += page["entries"]
            cursor = page["next"]
        return [entry["entry"] for entry in entries]
    assert found(f"label=run%3D{mark}&bank={bank}") == numbers[::-1]
    assert len(found(f"label={mark}")) == 7
    assert found(f"label=run&bank={bank}&class=threat") == [n for i, n in reversed(list(enumerate(numbers))) if i % 2]
    assert found(f"label=n%3D3&bank={bank}") == [numbers[3]] and found(f"label=n%3D33&bank={bank}") == []
    node().must("POST", f"/v1/entries/{numbers[0]}/withdraw")
    node().must("POST", f"/v1/entries/{numbers[1]}/expire")
    node().must("POST", f"/v1/entries/{numbers[2]}/mute", {"until": "7d"})
    node().must("POST", f"/v1/entries/{numbers[3]}/opinions", {"opinion": "dispute"})
    for state, wanted in (("any", numbers), ("in_force", numbers[2:]), ("withdrawn", numbers[:1]), ("expired", numbers[1:2]),
                          ("muted", numbers[2:3]), ("disputed", numbers[3:4]), ("erased", [])):
        assert found(f"bank={bank}&state={state}") == wanted[::-1], state
    owner = node().must("GET", f"/v1/banks/{bank}").json["member"]
    assert found(f"bank={bank}&member={owner}") == numbers[::-1]
    assert found(f"bank={bank}&member=0193a7c2-5d0e-7b64-9c1f-2f6a4e8d3b71") == []
    entry = node().must("GET", f"/v1/entries/{numbers[4]}").json
    assert (entry["member"], entry["own"]) == (owner, True)
    node().refused(400, "invalid", "GET", "/v1/entries?class=nonsense")
    node().refused(400, "invalid_parameter", "GET", "/v1/entries?state=nonsense")
    node().refused(400, "invalid", "GET", "/v1/entries?member=me")
    node().refused(404, "not_found", "GET", "/v1/entries?bank=nowhere")
    node().refused(400, "ambiguous", "GET", f"/v1/entries?type=md5&value={'0' * 32}&bank={bank}")


@case
def who_is_limited_to_banks_finds_nothing_of_others():
    bank, other, mark = node().bank(), node().bank(), random_hex(8)
    mine = node().add(bank, ("md5", random_hex(16)), labels={"run": mark})
    node().add(other, ("md5", random_hex(16)), labels={"run": mark})
    key = node().key_of("curator", banks=[bank])
    page = node().must("GET", f"/v1/entries?label={mark}", key=key).json
    assert [entry["entry"] for entry in page["entries"]] == [mine]
    assert node().must("GET", f"/v1/entries?bank={other}", key=key).json["entries"] == []


@case
def what_rests_on_an_entry_is_listed_until_it_ends():
    bank, value = node().bank("block"), random_pdq()
    number = node().add(bank, ("pdq", value))
    names = [f"rests-{random_hex(4)}" for _ in range(3)]
    for name in names:
        node().must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": name, "banks": [bank]})
    first = node().must("GET", f"/v1/checks?entry={number}&limit=2").json
    rest = node().must("GET", f"/v1/checks?entry={number}&limit=2&cursor={first['next']}").json
    assert [row["content_id"] for row in first["checks"] + rest["checks"]] == names[::-1] and rest["next"] is None
    node().refused(400, "ambiguous", "GET", f"/v1/checks?entry={number}&content_id=x")
    node().refused(400, "invalid_parameter", "GET", "/v1/checks?entry=x")
    node().must("POST", f"/v1/entries/{number}/withdraw")
    assert node().must("GET", f"/v1/checks?entry={number}").json["checks"] == []


@case
def a_look_at_an_entry_without_a_case_counts():
    number = node().add(node().bank(), ("md5", random_hex(16)))
    assert node().must("GET", f"/v1/entries/{number}/copy").json == {"kept": False, "vault": False, "previews": []}
    assert node().ask("POST", f"/v1/entries/{number}/exposure", {"seconds": 3}).status == 204
    node().refused(400, "missing_field", "POST", f"/v1/entries/{number}/exposure", {})
    node().refused(404, "not_found", "POST", "/v1/entries/99999999/exposure", {"seconds": 1})
    preview = "0193a7c2-5d0e-7b64-9c1f-2f6a4e8d3b71"
    node().refused(404, "not_found", "GET", f"/v1/previews/{preview}?entry={number}")
    node().refused(400, "ambiguous", "GET", f"/v1/previews/{preview}?entry={number}&case=1")
    node().refused(400, "missing_field", "GET", f"/v1/previews/{preview}")


main()
