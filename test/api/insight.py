#!/usr/bin/env python3
"""What was counted, as the API tells it: series, effects of modes and thresholds, sources, the node's health; and that all of
it is there again after a restart."""
import time

from common import HILF, Node, case, folder, main, near, node, random_hex, random_pdq, subprocess

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
