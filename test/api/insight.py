#!/usr/bin/env python3
"""What was counted, as the API tells it: series, effects of modes and thresholds, sources, the node's health; and that all of
it is there again after a restart."""
import time

from common import HILF, Node, case, folder, main, near, node, random_hex, random_pdq, subprocess, until

DAY = 24 * 3600 * 1000


def now_ms():
    return int(time.time() * 1000)


def series(of, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return of.must("GET", "/v1/insight/series" + ("?" + text if text else "")).json


def total(of, name):
    return sum(value or 0 for value in series(of)["series"][name])


def restarted(one):
    """The same node; what it counted is stored at its end, at the latest."""
    one.stop()
    return Node(one.data)


@case
def checks_are_counted_by_verdict():
    with folder() as data:
        one = Node(data)
        loud, quiet = one.bank("review"), one.bank("shadow")
        known, shadowed = random_pdq(), random_pdq()
        one.add(loud, ("pdq", known))
        one.add(quiet, ("pdq", shadowed))
        for value in (known, shadowed, random_pdq(), random_pdq()):
            one.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}]})
        one.must("GET", f"/v1/lookup?type=pdq&value={known}")
        one.must("POST", "/v1/check/batch", {"signals": [{"type": "pdq", "value": random_pdq()} for _ in range(7)]})
        one = restarted(one)
        assert total(one, "checks") == 4
        assert [total(one, name) for name in ("review", "no_match", "shadow", "block", "undecided")] == [1, 3, 1, 0, 0]
        assert [total(one, name) for name in ("lookups", "lookup_hits")] == [8, 1]
        metrics = one.ask("GET", "/metrics").body.decode()
        for line in ("hilf_decisions_total 0", "hilf_appeals_total 0", "hilf_reversals_total 0", "hilf_lookback_hits_total 0",
                     'hilf_cases_open{kind="match"} 0', 'hilf_cases_opened_total{kind="appeal"} 0'):
            assert line + "\n" in metrics, (line, metrics[:3000])
        one.stop()


@case
def a_series_is_aligned_and_filled():
    one, now = node(), now_ms()
    hours = series(one, step="hour", from_ms=now - 5 * 3600 * 1000, to_ms=now)
    assert hours["step_s"] == 3600 and hours["from_ms"] % 3600000 == 0 and hours["from_ms"] <= now - 5 * 3600 * 1000
    assert hours["points"] == len(hours["series"]["checks"]) in (5, 6)
    assert all(len(values) == hours["points"] for values in hours["series"].values())
    days = series(one)
    assert days["step_s"] == 86400 and days["from_ms"] % DAY == 0 and days["points"] in (30, 31)
    assert days["series"]["checks"][0] == 0 and days["series"]["queue"][0] is None and days["series"]["decide_median_s"][0] is None


@case
def what_is_no_series_is_refused():
    one, now = node(), now_ms()
    for query in ("step=week", "from_ms=5&to_ms=5", f"step=hour&from_ms={now - 30 * DAY}", "from_ms=-1", "to_ms=x", "form_ms=1"):
        answer = one.ask("GET", "/v1/insight/series?" + query)
        assert answer.status == 400, (query, answer.status, answer.body)
    message, _ = one.refused(400, "invalid_parameter", "GET", "/v1/insight/series?step=week")
    assert "hour" in message
    answer = one.ask("GET", "/v1/insight/series?from_ms=0&to_ms=999999999999999999")
    assert answer.status in (413, 422) and "10000" in answer.json["error"]["message"], answer.body
    answer = one.ask("GET", f"/v1/insight/series?from_ms=0&to_ms={9999 * DAY}")
    assert answer.status == 200 and answer.json["points"] == 9999


@case
def an_effect_says_what_would_have_been_and_what_nobody_knows():
    with folder() as data:
        one = Node(data)
        bank = one.bank("shadow", threshold=24)
        known = random_pdq()
        one.add(bank, ("pdq", known))
        one.add(bank, ("sha256", random_hex(32)))
        for bits in (0, 10, 20, 30):
            one.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": near(known, bits)}]})
        one = restarted(one)
        effect = one.must("GET", f"/v1/banks/{bank}/effect?mode=block&pdq_radius=12").json
        assert (effect["checks"], effect["matches"], effect["digests"]) == (4, 3, 0), effect
        assert effect["now"] == {"mode": "shadow", "pdq_radius": 24, "shadow": 3, "review": 0, "block": 0}
        assert effect["would"] == {"mode": "block", "pdq_radius": 12, "shadow": 0, "review": 0, "block": 2}
        assert [effect["by_distance"][bits] for bits in (0, 10, 20, 30)] == [1, 1, 1, 0]
        assert effect["unknown_above"] == 24 and effect["at_least"] is False
        wider = one.must("GET", f"/v1/banks/{bank}/effect?mode=review&pdq_radius=40").json
        assert wider["would"]["review"] == 3 and wider["at_least"] is True and wider["unknown_above"] == 24
        same = one.must("GET", f"/v1/banks/{bank}/effect").json
        assert same["would"]["shadow"] == 3
        one.must("PATCH", f"/v1/banks/{bank}", {"threshold": 48})
        assert one.must("GET", f"/v1/banks/{bank}/effect").json["unknown_above"] == 24
        fresh = one.bank("shadow", threshold=48)
        assert one.must("GET", f"/v1/banks/{fresh}/effect").json["unknown_above"] is None
        one.refused(404, "not_found", "GET", "/v1/banks/none/effect")
        one.refused(400, "invalid_parameter", "GET", f"/v1/banks/{bank}/effect?mode=loud")
        one.refused(400, "invalid_parameter", "GET", f"/v1/banks/{bank}/effect?pdq_radius=49")
        told = subprocess.run([HILF, "--data", data, "bank", "effect", bank, "--mode", "block", "--threshold", "pdq=12"],
                              capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert told.stdout.splitlines() == ["now\tshadow\t48\t3\t0\t0", "would\tblock\t12\t0\t0\t2"], told.stdout
        assert "3 matches in 4 checks" in told.stderr, told.stderr
        one.stop()


def opened(one, bank, value, content_id):
    """The case of a review."""
    one.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": content_id})
    return one.must("GET", f"/v1/cases?bank={bank}").json["cases"][0]


def decided(one, about, actions):
    body = {"cluster": 1, "actions": actions, "ground": {"basis": "terms", "article": "", "text": "It is one."}, "territory": [],
            "duration_days": 0, "version": about["version"]}
    return one.must("POST", f"/v1/cases/{about['id']}/decisions", body, key=one.held_key()).json["decision"]["id"]


def stands(one, decision):
    until("it stands", lambda: one.must("GET", f"/v1/decisions/{decision}").json["decision"]["state"] == "standing")


@case
def a_member_is_judged_by_what_people_decided():
    with folder() as data:
        one = Node(data)
        one.must("PUT", "/v1/settings/desk/undo_seconds", {"value": 0})
        member = one.must("GET", "/v1/stats").json["member"]
        for actions in (["remove"] * 9, ["none"] * 2):
            made = []
            for action in actions:
                bank, value = one.bank("review"), random_pdq()
                one.add(bank, ("pdq", value))
                made.append(decided(one, opened(one, bank, value, "content " + value), [action]))
            for decision in made:
                stands(one, decision)
            if len(made) == 9:
                source = one.must("GET", "/v1/insight/sources").json["sources"]
                assert source == [{"member": member or source[0]["member"], "own": True, "decisions": 9, "decided": 9, "upheld": 9, "precision": None}], source
        source = one.must("GET", "/v1/insight/sources").json["sources"][0]
        assert (source["decided"], source["upheld"]) == (11, 9) and abs(source["precision"] - 9 / 11) < 1e-5, source
        one = restarted(one)
        counts = series(one)["series"]
        assert [sum(counts[name]) for name in ("decisions", "cases_opened", "cases_match", "review")] == [11, 11, 11, 11], counts
        assert counts["decide_median_s"][-1] is not None and counts["decide_median_s"][-1] <= 15
        assert "hilf_decisions_total 11\n" in one.ask("GET", "/metrics").body.decode()
        one.stop()


@case
def what_is_reversed_counts_no_more_for_its_member():
    with folder() as data:
        one = Node(data)
        one.must("PUT", "/v1/settings/desk/undo_seconds", {"value": 0})
        bank, value = one.bank("block"), random_pdq()
        one.add(bank, ("pdq", value))
        answer = one.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "c"}).json
        made = one.must("POST", "/v1/appeals", {"token": answer["decision"]["appeal_token"], "text": "It is a report."}, key="").json
        assert made["appeal"]["state"] == "open"
        about = one.must("GET", "/v1/cases?kind=appeal").json["cases"][0]
        one.must("POST", f"/v1/cases/{about['id']}/appeal", {"uphold": True, "text": "So it is.", "entry": "withdraw"},
                 key=one.held_key())
        source = one.must("GET", "/v1/insight/sources").json["sources"][0]
        assert (source["decided"], source["upheld"]) == (1, 0), source
        other = one.bank("review")
        one.add(other, ("pdq", value))
        one.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "d"})
        disputed = one.must("GET", f"/v1/banks/{other}/entries").json["entries"][0]["entry"]
        one.must("POST", f"/v1/entries/{disputed}/opinions", {"opinion": "dispute"})
        one.must("POST", f"/v1/entries/{disputed}/withdraw", {"reason": "error"})
        one = restarted(one)
        counts = {name: sum(value or 0 for value in values) for name, values in series(one)["series"].items()}
        assert [counts[name] for name in ("block", "appeals", "appeals_upheld", "cases_appeal", "cases_dispute", "disputes", "reversals")] == [1] * 7, counts
        one.stop()


@case
def sources_begin_with_nobody():
    answer = node().must("GET", "/v1/insight/sources").json
    assert answer["sources"] == [] and answer["decided_min"] == 10


@case
def health_tells_how_the_node_is():
    one = node()
    health = one.must("GET", "/v1/insight/health").json
    assert health["state"] == "ready" and health["follower"] is False and health["heard_ms"] is None
    assert health["disk"]["free"] <= health["disk"]["size"] and health["index"]["lag"] == 0
    assert health["outbox"] == {"waiting": 0, "dead": 0, "oldest_ms": None}
    one.ask("POST", "/v1/check", b"no picture at all", headers={"Content-Type": "image/jpeg"})
    reasons = one.must("GET", "/v1/insight/health").json["decode_failures"]
    assert reasons and all(reason["count"] >= 1 and reason["reason"] for reason in reasons), reasons
    assert 'hilf_disk_free_bytes ' in one.ask("GET", "/metrics").body.decode()


@case
def who_only_checks_or_has_some_banks_sees_no_counts_of_the_node():
    one = node()
    bank, other = one.bank(), one.bank()
    checker, limited = one.key_of("checker"), one.key_of("curator", banks=[bank])
    for path in ("series", "sources", "health"):
        assert one.ask("GET", f"/v1/insight/{path}", key=checker).status == 403
        assert one.ask("GET", f"/v1/insight/{path}", key=limited).status == 403
        for role in ("curator", "reviewer", "auditor"):
            assert one.ask("GET", f"/v1/insight/{path}", key=one.key_of(role)).status == 200
    assert one.ask("GET", f"/v1/banks/{bank}/effect", key=checker).status == 403
    assert one.ask("GET", f"/v1/banks/{bank}/effect", key=limited).status == 200
    assert one.ask("GET", f"/v1/banks/{other}/effect", key=limited).status == 403


main()
