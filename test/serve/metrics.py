#!/usr/bin/env python3
"""/metrics, read by a strict reader of Prometheus' text format (version 0.0.4), and compared with what was done."""
import json
import os
import random
import re
import tempfile

from serving import Receiver, Serve, case, folder, hilf, main, random_pdq, until

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
VALUE = re.compile(r"(?:[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}


def read_labels(text):
    labels = {}
    while text:
        found = LABEL.match(text)
        assert found, f"not labels: {text!r}"
        assert found[1] not in labels, f"{found[1]} twice"
        labels[found[1]] = found[2]
        text = text[found.end():]
        assert (found[3] == ",") == bool(text), "a comma too many"
    return labels


def read(text):
    """{family: (type, {(name, labels): value})}, or an assertion that says what is wrong."""
    assert text.endswith("\n"), "the last line has no end"
    families, current, helped = {}, None, None
    for number, line in enumerate(text[:-1].split("\n"), 1):
        where = f"line {number}: {line!r}"
        if line.startswith("# HELP "):
            found = re.fullmatch(rf"# HELP ({NAME}) (\S.*)", line)
            assert found and found[1] not in families, where
            helped, current = found[1], None
        elif line.startswith("# TYPE "):
            found = re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram|summary|untyped)", line)
            assert found and found[1] == helped, f"no help before it: {where}"
            current = found[1]
            families[current] = (found[2], {})
        else:
            found = re.fullmatch(rf"({NAME})(?:\{{(.*)\}})? (\S+)", line)
            assert found and current, where
            kind, samples = families[current]
            assert found[1] in [current + suffix for suffix in SUFFIXES.get(kind, ("",))], f"not of {current}: {where}"
            assert VALUE.match(found[3]), where
            key = (found[1], tuple(sorted(read_labels(found[2] or "").items())))
            assert key not in samples, f"twice: {where}"
            samples[key] = float(found[3])
            if kind == "counter":
                assert found[1].endswith("_total") and samples[key] >= 0, where
    for name, (kind, samples) in families.items():
        if kind == "histogram":
            check_histogram(name, samples)
    return families


def check_histogram(name, samples):
    series = {}
    for (part, labels), value in samples.items():
        rest = tuple(pair for pair in labels if pair[0] != "le")
        series.setdefault(rest, {}).setdefault(part[len(name):], []).append((dict(labels).get("le"), value))
    for rest, parts in series.items():
        buckets = parts["_bucket"]
        bounds = [float("inf") if bound == "+Inf" else float(bound) for bound, _ in buckets]
        counts = [value for _, value in buckets]
        assert bounds == sorted(set(bounds)) and bounds[-1] == float("inf"), rest
        assert counts == sorted(counts), rest
        assert counts[-1] == parts["_count"][0][1] and len(parts["_sum"]) == 1, rest


def value(families, name, **labels):
    family = next(found for found in families if name in (found, *(found + s for s in ("_bucket", "_sum", "_count"))))
    return families[family][1].get((name, tuple(sorted(labels.items()))), 0)


def scrape(serve):
    answer = serve.must("GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"), answer.headers
    return read(answer.body.decode("utf-8"))


@case
def the_reader_is_strict():
    good = "# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"1\"} 3\n"
    assert value(read(good), "a_total", x="1") == 3
    for bad in (good[:-1], good + good, "a 1\n", good.replace("3", "x"), good.replace('"1"', '"1'), good.replace("a_total{", "b{"),
                good.replace("# HELP a_total A.\n", ""), good.replace(" 3", " -3"), good + 'a_total{x="1"} 4\n'):
        try:
            read(bad)
        except AssertionError:
            continue
        raise AssertionError(f"taken for good: {bad!r}")


@case
def what_was_done_is_counted():
    some = random.Random(41)
    known, stranger = random_pdq(some), random_pdq(some)
    with folder() as data, Serve(data, "--open", "--look-back-days", "1") as serve:
        scrape(serve)
        serve.must("POST", "/v1/banks", {"name": "known"})
        serve.must("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": known}]})
        for signal, count in ((known, 3), (stranger, 5)):
            for _ in range(count):
                serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": signal}]})
        serve.must("POST", "/v1/check", b"this is no picture", headers={"Content-Type": "image/jpeg"})
        assert serve.ask("POST", "/v1/banks/known/entries", b"nor is this", headers={"Content-Type": "image/jpeg"}).status == 422
        assert serve.ask("GET", "/v1/nothing").status == 404
        assert serve.ask("POST", "/v1/check", {"nonsense": 1}).status == 400
        metrics = until("all is counted", lambda: (lambda found: found if value(
            found, "hilf_http_requests_total", app="api", method="POST", route="/v1/check", status="4xx") == 1 else None)(scrape(serve)))
        assert value(metrics, "hilf_checks_total", verdict="review") == 3
        assert value(metrics, "hilf_checks_total", verdict="no_match") == 5
        assert value(metrics, "hilf_checks_total", verdict="undecided") == 1
        assert value(metrics, "hilf_undecided_total", reason="unsupported") == 1, metrics["hilf_undecided_total"]
        assert value(metrics, "hilf_decode_failures_total", reason="unsupported") == 2, metrics["hilf_decode_failures_total"]
        assert value(metrics, "hilf_http_requests_total", app="api", method="POST", route="/v1/check", status="2xx") == 9
        assert value(metrics, "hilf_http_requests_total", app="api", method="", route="none", status="4xx") == 1
        assert value(metrics, "hilf_http_request_duration_seconds_count", app="api", method="POST", route="/v1/check") == 10
        assert value(metrics, "hilf_entries", state="in_force") == 1
        assert value(metrics, "hilf_signals", type="pdq") == 1
        assert value(metrics, "hilf_index_values") == 1
        assert value(metrics, "hilf_feed_seq") == 3
        assert value(metrics, "hilf_index_lag_records") == 0
        assert value(metrics, "hilf_state", state="ready") == 1
        assert value(metrics, "hilf_build_info", version=serve.must("GET", "/v1/stats").json["version"],
                     simd=serve.must("GET", "/v1/stats").json["index"]["simd"]) == 1
        assert value(metrics, "process_resident_memory_bytes") > 1e6
        assert value(metrics, "process_open_fds") > 5
        assert value(metrics, "hilf_http_connections") >= 1


@case
def strangers_add_no_series():
    with folder() as data, Serve(data, "--open", "--hma", "127.0.0.1:0", "--hma-open") as serve:
        for number in range(30):
            serve.ask("GET", f"/v1/banks/nobody{number}")
            serve.ask("GET", f"/{number}")
            serve.ask(f"METHOD{number}", "/v1/check")
            serve.ask("GET", f"/c/bank/{number}", port=serve.ports["hma"][0])
        scrape(serve)
        until("scrapes are counted", lambda: b'route="/metrics"' in serve.must("GET", "/metrics").body)
        before = len(serve.must("GET", "/metrics").body.split(b"\n"))
        for number in range(30, 90):
            serve.ask("GET", f"/v1/banks/nobody{number}")
            serve.ask("GET", f"/{number}")
            serve.ask(f"METHOD{number}", "/v1/check")
            serve.ask("GET", f"/c/bank/{number}", port=serve.ports["hma"][0])
        assert len(serve.must("GET", "/metrics").body.split(b"\n")) <= before + 2
        text = serve.must("GET", "/metrics").body.decode()
        assert "nobody" not in text and "METHOD1" not in text
        read(text)


main()
