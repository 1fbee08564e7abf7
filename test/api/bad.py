#!/usr/bin/env python3
"""Everything that is asked wrongly, with the exact code and words that say so; and a node that is none the worse for it."""
import http.client
import json
import select
import threading
import time

from common import PDQ, Node, bytes_of, case, folder, form, main, near, node, random_hex, random_pdq, until
from serving import before_midnight

JSON = {"Content-Type": "application/json"}


def says(answer, message, hint=None):
    assert message in answer[0], answer
    assert hint is None or hint in answer[1], answer


@case
def unknown_fields_are_refused_by_name():
    says(node().refused(400, "unknown_field", "POST", "/v1/check", {"text": "x", "sufrace": "public"}),
         "there is no field 'sufrace' here", "did you mean 'surface'?")
    says(node().refused(400, "unknown_field", "POST", "/v1/banks", {"name": "x", "zzzzzz": 1}), "'zzzzzz'", "there are: mode, name")
    says(node().refused(400, "unknown_field", "POST", "/v1/check", {"signals": [{"type": "pdq", "value": PDQ, "valeu": 1}]}),
         "'signals[0].valeu'", "did you mean 'value'?")
    body, headers = form({"contnet_id": "x"}, b"x")
    says(node().refused(400, "unknown_field", "POST", "/v1/check", body, headers=headers), "'contnet_id'", "did you mean 'content_id'?")
    says(node().refused(400, "unknown_parameter", "GET", f"/v1/lookup?typ=pdq&value={PDQ}"),
         "there is no query parameter 'typ' here", "did you mean 'type'?")
    says(node().refused(400, "unknown_parameter", "GET", "/v1/whoami?x=1"), "'x'", "takes none")


@case
def what_is_there_twice_is_refused():
    says(node().refused(400, "repeated_parameter", "GET", f"/v1/lookup?type=pdq&type=md5&value={PDQ}"), "'type' is there twice")
    says(node().refused(400, "invalid_json", "POST", "/v1/banks", '{"name":"a","name":"b"}', headers=JSON), "duplicate")
    says(node().refused(400, "repeated_field", "POST", "/v1/check?surface=public", {"text": "x", "surface": "public"}),
         "in the body and in the query")
    body, headers = form({"surface": "public"}, b"x")
    says(node().refused(400, "repeated_field", "POST", "/v1/check?surface=public", body, headers=headers), "in the form and in the query")
    node().refused(400, "two_keys", "GET", "/v1/whoami", headers={"X-API-Key": "one", "Authorization": "Bearer two"})


@case
def values_of_the_wrong_kind_are_refused_with_what_is_wanted():
    for field, value, words in (("limit", "5", "a whole number from 1 to 1000, not '5'"), ("limit", 5.5, "a whole number"),
                                ("limit", 0, "from 1 to 1000"), ("limit", 10**18, "a whole number"), ("limit", True, "a whole number"),
                                ("surface", 1, "'surface' is a text"), ("surface", "secret", "secret"), ("banks", "known", "a list of"),
                                ("banks", [], "a list of 1 to 64"), ("banks", [1], "a list of"), ("banks", [""], "a list of"),
                                ("content_id", "x" * 257, "at most 256 bytes"), ("content_id", {}, "a text"),
                                ("budget_ms", -1, "from 1 to 60000"), ("seed", ["x"], "a text"), ("language", "x" * 36, "35")):
        says(node().refused(400, "invalid_field", "POST", "/v1/check", {"text": "x", field: value}), words)
    for value, words in (([], "a list of 1 to 64"), ("x", "a list of"), ([1], "'signals[0]' is no object"), ([{}], "'signals[0].type' is missing"),
                         ([{"type": "pdq"}], "'signals[0].value' is missing"), ([{"type": "sha1", "value": "00"}], "sha1"),
                         ([{"type": "pdq", "value": "F" * 64}], "capital"), ([{"type": "pdq", "value": "f" * 63}], "64"),
                         ([{"type": "pdq", "value": PDQ, "quality": 101}], "'signals[0].quality' is a whole number from 0 to 100")):
        answer = node().ask("POST", "/v1/check", {"signals": value})
        assert answer.status == 400 and words in answer.json["error"]["message"], (value, answer.body)
    node().refused(400, "too_many", "POST", "/v1/check", {"signals": [{"type": "pdq", "value": PDQ}] * 65})


@case
def a_check_of_nothing_or_of_two_things_is_refused():
    node().refused(400, "missing_field", "POST", "/v1/check", {})
    node().refused(400, "ambiguous", "POST", "/v1/check", {"text": "x", "url": "http://x.example/"})
    node().refused(400, "no_file", "POST", "/v1/check", b"", headers={"Content-Type": "image/jpeg"})
    body, headers = form({"surface": "public"})
    node().refused(400, "no_file", "POST", "/v1/check", body, headers=headers)
    body, headers = form({}, b"x", name="picture")
    node().refused(400, "file_field", "POST", "/v1/check", body, headers=headers)
    node().refused(400, "missing_field", "POST", "/v1/check/batch", {})
    node().refused(400, "missing_field", "POST", "/v1/check/batch", "# nothing\n", headers={"Content-Type": "text/plain"})
    node().refused(400, "missing_field", "GET", "/v1/lookup?type=pdq")
    says(node().refused(400, "invalid_field", "GET", f"/v1/lookup?type=pdqq&value={PDQ}"), "'type': unknown signal type 'pdqq'")
    says(node().refused(400, "invalid_field", "GET", "/v1/entries?type=pdq&value=00"), "'value': a pdq value has 64")


@case
def json_that_is_none_is_refused_with_the_place():
    for body, status, code, words in ((b"{", 400, "invalid_json", "line 1"), (b"[1]", 400, "invalid_json", "no object"),
                                      (b'"x"', 400, "invalid_json", ""), (b'{"name":"\xff"}', 400, "invalid_json", "line 1"),
                                      (b'{"name":"a\\u0000b"}', 400, "invalid_json", ""), (b'{"name":1e999}', 400, "invalid_json", ""),
                                      (b'{"name":' + b"9" * 400 + b"}", 400, "invalid_json", ""),
                                      (b'{"name":"\\ud800"}', 400, "invalid_json", ""), (b'{"name":"x"} x', 400, "invalid_json", ""),
                                      (b"[" * 10000, 413, "json_too_large", "nested deeper"),
                                      (b'{"a":' * 10000, 413, "json_too_large", "nested deeper"),
                                      (b'{"name":[' + b"1," * 5000 + b"1]}", 413, "json_too_large", "more values")):
        says(node().refused(status, code, "POST", "/v1/banks", body, headers=JSON), words)
    says(node().refused(400, "missing_field", "POST", "/v1/banks", b"", headers=JSON), "'name' is missing")
    node().refused(413, "too_large", "POST", "/v1/banks", b'{"name":"' + b"x" * (300 * 1024) + b'"}', headers=JSON)


@case
def one_bad_signal_of_a_batch_is_named_and_nothing_is_compared():
    good = random_pdq()
    says(node().refused(400, "invalid_field", "POST", "/v1/check/batch", {"pdq": [good, "xyz"]}), "'pdq[1]'")
    says(node().refused(400, "invalid_field", "POST", "/v1/check/batch", {"pdq": [good, 7]}), "'pdq[1]' is no text")
    says(node().refused(400, "invalid_field", "POST", "/v1/check/batch", {"signals": [{"type": "pdq", "value": "zz"}]}), "signals[0]")
    says(node().refused(400, "invalid_line", "POST", "/v1/check/batch", f"pdq {good}\nmd5 12\n", headers={"Content-Type": "text/plain"}), "line 2")
    node().refused(400, "ambiguous", "POST", "/v1/check/batch", {"pdq": [good], "signals": [{"type": "pdq", "value": good}]})
    node().refused(400, "unknown_field", "POST", "/v1/check/batch", {"pdq": [good], "x": 1})


@case
def a_body_of_a_type_that_is_not_read_is_told_which_are():
    says(node().refused(415, "content_type", "POST", "/v1/banks", b"name=x", headers={"Content-Type": "application/x-www-form-urlencoded"}),
         "application/x-www-form-urlencoded", "application/json")
    says(node().refused(415, "content_type", "POST", "/v1/check", b"x", headers={"Content-Type": "video/mp4"}), "video/mp4", "image/*")
    node().refused(415, "content_type", "POST", "/v1/hash", {"signals": []})
    node().refused(415, "content_type", "POST", "/v1/banks/x/import", {"signals": []})


@case
def paths_and_methods_that_are_not_there_say_where_to_look():
    says(node().refused(404, "not_found", "GET", "/v1/nothing"), "", "openapi.json")
    answer = node().ask("DELETE", "/v1/banks")
    assert answer.status == 405 and "GET" in answer.headers["Allow"] and "POST" in answer.headers["Allow"], answer.headers
    says(node().refused(404, "not_found", "GET", "/v1/banks/none"), "there is no bank 'none'", "GET /v1/banks")
    for entry in ("999999", "0", "x", "-1", "1e9", "0193a7c2-5d0e-7b64-9c1f-2f6a4e8d3b71.0", "9" * 40, "%20", "1.1"):
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/withdraw"), ("GET", "/opinions")):
            answer = node().ask(method, f"/v1/entries/{entry}{path}")
            assert answer.status in (400, 404), (entry, answer.status, answer.body)
    node().refused(404, "not_found", "DELETE", "/v1/keys/nothing")
    node().refused(404, "not_found", "DELETE", "/v1/webhooks/0193a7c2-5d0e-7b64-9c1f-2f6a4e8d3b71")
    node().refused(404, "not_found", "GET", f"/v1/lookup?type=pdq&value={PDQ}&banks=none")


@case
def names_and_times_and_classes_are_looked_at():
    bank = node().bank()
    for name in ("9x", "", "a b", "x" * 65, "ä", "a/b"):
        assert node().ask("POST", "/v1/banks", {"name": name}).status == 400, name
    node().refused(409, "exists", "POST", "/v1/banks", {"name": bank})
    for change in ({"mode": "kill"}, {"threshold": 49}, {"threshold": -1}, {"sample_ppm": 1000001}, {"name": "9"}):
        assert node().ask("PATCH", f"/v1/banks/{bank}", change).status == 400, change
    entry = {"signals": [{"type": "md5", "value": random_hex(16)}]}
    for more, words in (({"class": "incitment"}, "did you mean 'incitement'?"), ({"expires": "yesterday"}, "a day such as"),
                        ({"expires": "2020-01-01"}, "a time to come"), ({"expires": "2026-02-30"}, "a day such as"),
                        ({"expires": "900d"}, ""), ({"source": "rumour"}, ""), ({"labels": {"Event": "x"}}, ""),
                        ({"labels": {"event": "two words"}}, ""), ({"labels": {"event": 1}}, "an object of texts"), ({"labels": []}, "an object"),
                        ({"ground": "x" * 97}, "96 bytes")):
        answer = node().ask("POST", f"/v1/banks/{bank}/entries", {**entry, **more})
        assert answer.status in (400, 422) and words in answer.json["error"]["message"], (more, answer.body)
    assert node().must("GET", f"/v1/banks/{bank}").json["entries"] == 0


@case
def a_file_that_cannot_be_read_is_not_added():
    bank = node().bank()
    answer = node().refused(422, "undecided", "POST", f"/v1/banks/{bank}/entries", b"text", headers={"Content-Type": "image/jpeg"})
    says(answer, "the file was not added: ")
    assert node().must("GET", f"/v1/banks/{bank}").json["entries"] == 0


@case
def keys_that_are_none_are_refused_and_never_passed_over():
    with folder() as data, Node(data, "--open") as serve:
        assert serve.must("GET", "/v1/whoami", key="").json["actor"] == "open"
        for headers in ({"Authorization": "Bearer nonsense"}, {"X-API-Key": "hilf_aaaaaaaaaa_bbbbbbbbbb"}, {"Authorization": "Basic eDp5"},
                        {"X-API-Key": ""}, {"Authorization": "Bearer "}, {"X-API-Key": "x" * 5000}):
            answer = serve.ask("GET", "/v1/whoami", key="", headers=headers)
            assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer"), (headers, answer.status)
        key = serve.must("POST", "/v1/keys", {"name": "short", "role": "checker"}, key="").json
        assert serve.must("GET", "/v1/whoami", key=key["key"]).json["role"] == "checker"
        serve.must("DELETE", f"/v1/keys/{key['id']}", key="")
        serve.refused(401, "key_revoked", "GET", "/v1/whoami", key=key["key"])


@case
def open_access_is_for_this_machine_alone():
    with folder() as data, Node(data, "--open") as serve:
        port = serve.port
        for headers in ({"Host": "evil.example"}, {"Host": f"127.0.0.1.evil.example:{port}"}, {"Host": f"localhost:{port}x"},
                        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": f"http://127.0.0.1:{port + 1}"},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Host": "169.254.169.254"}):
            serve.refused(403, "foreign_site", "GET", "/v1/whoami", key="", headers=headers)
        for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP", "Via"):
            serve.refused(403, "forwarded", "GET", "/v1/whoami", key="", headers={name: "192.0.2.1"})
            serve.refused(403, "foreign_site", "POST", "/v1/banks", {"name": "x"}, key="", headers=headers)
        for headers in ({"Host": f"localhost:{port}"}, {"Host": f"127.0.0.1:{port}", "Origin": f"http://127.0.0.1:{port}"}, {"Host": "localhost"},
                        {"Host": "[::1]:80"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}):
            serve.must("GET", "/v1/whoami", key="", headers=headers)
        serve.must("GET", "/docs", key="", headers={"Sec-Fetch-Site": "cross-site"})


def half_sent(serve, key, body, then):
    """A POST whose body comes in two halves; what happens between them is `then`."""
    connection = http.client.HTTPConnection("127.0.0.1", serve.port, timeout=60)
    connection.putrequest("POST", "/v1/banks")
    for name, value in (("Authorization", f"Bearer {key}"), ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body[:5])
    until("it is under way", lambda: b"hilf_http_requests_active 2" in serve.ask("GET", "/metrics").body or
          select.select([connection.sock], [], [], 0)[0])
    then()
    try:
        connection.send(body[5:])
    except OSError:
        pass  # on a slow machine it was refused at its head
    answer = connection.getresponse()
    result = answer.status, json.loads(answer.read())
    connection.close()
    return result


@case
def a_key_that_is_revoked_or_expires_while_its_body_comes_does_nothing():
    made = node().must("POST", "/v1/keys", {"name": "going", "role": "operator"}).json
    status, answer = half_sent(node(), made["key"], b'{"name":"never"}', lambda: node().must("DELETE", f"/v1/keys/{made['id']}"))
    assert (status, answer["error"]["code"]) == (401, "key_revoked"), answer
    for left_s in (3, 15, 60):
        ends = int(time.time()) + left_s
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))
        made = node().ask("POST", "/v1/keys", {"name": "short", "role": "operator", "expires": soon})
        if made.status < 300 or time.time() < ends:
            break
    status, answer = half_sent(node(), made.json["key"], b'{"name":"never"}',
                               lambda: until("its time is over", lambda: time.time() > ends + 0.1))
    assert (status, answer["error"]["code"]) == (401, "key_expired"), answer
    node().refused(404, "not_found", "GET", "/v1/banks/never")


@case
def a_key_that_is_revoked_while_it_waits_for_the_feed_is_told():
    made = node().must("POST", "/v1/keys", {"name": "reader", "role": "auditor"}).json
    head = node().must("GET", "/v1/feed?after=0&limit=1").lines[-1]["head"]["seq"]
    seen = []
    thread = threading.Thread(target=lambda: seen.append(node().ask("GET", f"/v1/feed?after={head}&wait=30", key=made["key"])))
    thread.start()
    time.sleep(0.3)
    node().must("DELETE", f"/v1/keys/{made['id']}")
    node().bank()
    thread.join(120)
    assert seen and seen[0].status == 401, seen and (seen[0].status, seen[0].body)


@case
def a_key_that_asks_too_much_is_told_when_to_come_again():
    made = node().must("POST", "/v1/keys", {"name": "eager", "role": "checker", "rate_per_s": 2}).json

    def eager():
        answer = node().ask("GET", "/v1/whoami", key=made["key"])
        return answer if answer.status == 429 else None
    refused = until("it is refused", eager, pause_s=0)
    assert refused.json["error"]["code"] == "rate" and int(refused.headers["Retry-After"]) >= 1
    before_midnight(60)
    made = node().must("POST", "/v1/keys", {"name": "poor", "role": "checker", "quota_per_day": 3}).json
    statuses = [node().ask("GET", f"/v1/lookup?type=pdq&value={PDQ}", key=made["key"]).status for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429], statuses
    node().refused(429, "quota", "GET", f"/v1/lookup?type=pdq&value={PDQ}", key=made["key"])
    told = int(node().ask("GET", f"/v1/lookup?type=pdq&value={PDQ}", key=made["key"]).headers["Retry-After"])
    assert 1 <= told <= 24 * 3600, told
    assert node().ask("GET", "/v1/whoami", key=made["key"]).status == 200
    made = node().must("POST", "/v1/keys", {"name": "batches", "role": "checker", "quota_per_day": 10}).json
    values = [random_pdq() for _ in range(6)]
    assert node().must("POST", "/v1/check/batch", {"pdq": values}, key=made["key"]).json["signals"] == 6
    node().refused(429, "quota", "POST", "/v1/check/batch", {"pdq": values}, key=made["key"])


@case
def after_all_of_this_the_node_is_well():
    value, bank = random_pdq(), node().bank()
    node().add(bank, ("pdq", value))
    assert node().must("GET", f"/v1/lookup?type=pdq&value={near(value, 5)}").json["verdict"] == "review"
    assert node().must("GET", "/readyz").json["status"] == "ready"
    until("no 500", lambda: not [line for line in node().lines if line.get("status") == 500])


main()
