#!/usr/bin/env python3
"""Webhooks to a real receiver, which checks signatures, is away, breaks down, is slow, and is gone for good."""
import base64
import hashlib
import hmac
import json
import random
import threading

from serving import PATIENCE_S, Receiver, Serve, case, folder, free_port, main, random_pdq, until

ALLOW = ("--webhook-allow", "127.0.0.1")


def subscribe(serve, receiver, events=("*",), **more):
    return serve.must("POST", "/v1/webhooks", {"url": receiver.url, "events": list(events), **more}).json


def check_signature(request, secret):
    """As https://github.com/standard-webhooks says, written anew from its text."""
    headers = request["headers"]
    assert secret.startswith("whsec_")
    key = base64.b64decode(secret[len("whsec_"):], validate=True)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request["body"]
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert expected in headers["webhook-signature"].split(" "), (expected, headers)
    assert abs(int(headers["webhook-timestamp"]) - request["time"]) < 300
    assert headers["content-type"] == "application/json"
    return json.loads(request["body"])


def add(serve, some):
    return serve.must("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": random_pdq(some)}]}).json


def ids(receiver):
    """What arrived, however often."""
    return {request["headers"]["webhook-id"] for request in list(receiver.got)}


def entries_told(receiver):
    return [json.loads(request["body"]) for request in list(receiver.got)
            if json.loads(request["body"])["type"] == "entry.added"]


@case
def events_arrive_signed_and_in_order():
    some = random.Random(21)
    with folder() as data, Receiver() as receiver, Serve(data, "--open", *ALLOW) as serve:
        serve.must("POST", "/v1/banks", {"name": "known"})
        hook = subscribe(serve, receiver, ["entry.added"])
        added = [add(serve, some)["results"][0]["entry"] for _ in range(8)]
        until("all arrived", lambda: len(receiver.got) >= len(added))
        told = [check_signature(request, hook["secret"]) for request in receiver.got]
        assert [event["type"] for event in told] == ["entry.added"] * len(added)
        assert len({request["headers"]["webhook-id"] for request in receiver.got}) == len(added)
        until("the outbox is empty", lambda: "hilf_outbox_waiting 0" in serve.ask("GET", "/metrics").body.decode())
        assert 'hilf_webhook_deliveries_total{result="delivered"} 8' in serve.ask("GET", "/metrics").body.decode()


@case
def a_receiver_that_breaks_down_is_asked_again():
    some = random.Random(22)
    with folder() as data, Receiver() as receiver, Serve(data, "--open", *ALLOW) as serve:
        serve.must("POST", "/v1/banks", {"name": "known"})
        hook = subscribe(serve, receiver, ["entry.added"])
        receiver.answer = lambda request: 500 if len(receiver.got) == 0 else 200
        add(serve, some)
        until("it was asked twice", lambda: len(receiver.got) >= 2)
        first, second = receiver.got[:2]
        assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
        check_signature(second, hook["secret"])
        assert serve.said("webhook.failed")[0]["status"] == 500


@case
def a_receiver_that_is_gone_is_left_alone_until_a_replay():
    some = random.Random(23)
    with folder() as data, Receiver() as receiver, Serve(data, "--open", *ALLOW) as serve:
        serve.must("POST", "/v1/banks", {"name": "known"})
        hook = subscribe(serve, receiver, ["entry.added"])
        receiver.answer = lambda request: 410
        add(serve, some)
        path = f"/v1/webhooks/{hook['id']}"
        dead = until("it is dead", lambda: [row for row in serve.must("GET", f"{path}/deliveries?state=dead").json["deliveries"]
                                            if row.get("last_status", row.get("status")) == 410])
        assert len(dead) == 1 and len(receiver.got) == 1
        assert 'hilf_webhook_deliveries_total{result="dead"} 1' in serve.ask("GET", "/metrics").body.decode()
        receiver.answer = lambda request: 204
        serve.must("PATCH", path, {"enabled": True})  # 410 had switched it off
        serve.must("POST", f"{path}/replay")
        until("it arrived after all", lambda: len(receiver.got) >= 2)
        until("nothing is dead", lambda: not serve.must("GET", f"{path}/deliveries?state=dead").json["deliveries"])


@case
def a_slow_receiver_holds_back_nobody_else():
    some = random.Random(24)
    hold = threading.Event()
    with folder() as data, Receiver() as slow, Receiver() as quick, Serve(data, "--open", *ALLOW) as serve:
        slow.answer = lambda request: 200 if hold.wait() else 500
        serve.must("POST", "/v1/banks", {"name": "known"})
        subscribe(serve, slow, ["entry.added"])
        subscribe(serve, quick, ["entry.added"])
        for _ in range(5):
            add(serve, some)
        until("the quick one has all", lambda: len(ids(quick)) == 5)
        assert not slow.got
        hold.set()
        until("so has the slow one", lambda: len(ids(slow)) == 5)


@case
def what_was_queued_arrives_after_a_kill():
    some = random.Random(25)
    port = free_port()
    with folder() as data:
        serve = Serve(data, "--open", *ALLOW)
        serve.must("POST", "/v1/banks", {"name": "known"})
        hook = serve.must("POST", "/v1/webhooks", {"url": f"http://127.0.0.1:{port}/hook", "events": ["entry.added"]}).json
        for _ in range(3):
            add(serve, some)
        serve.wait_said("webhook.failed")  # nobody is there
        serve.kill()
        with Receiver(port) as receiver, Serve(data, "--open", *ALLOW):
            until("all arrived", lambda: len({r["headers"]["webhook-id"] for r in receiver.got}) == 3)
            for request in receiver.got:
                check_signature(request, hook["secret"])


@case
def a_stop_waits_for_no_receiver():
    some = random.Random(26)
    begun, hold = threading.Event(), threading.Event()

    def answer(_):
        begun.set()
        hold.wait()
        return 200

    with folder() as data, Receiver() as receiver:
        receiver.answer = answer
        with Serve(data, "--open", *ALLOW) as serve:
            serve.must("POST", "/v1/banks", {"name": "known"})
            subscribe(serve, receiver, ["entry.added"])
            add(serve, some)
            assert begun.wait(PATIENCE_S), "the receiver is not asked"
            serve.stop()
        hold.set()
        with Serve(data, "--open", *ALLOW):
            until("it is delivered by the next one", lambda: len(receiver.got) >= 2)


@case
def private_receivers_need_to_be_allowed():
    some = random.Random(27)
    with folder() as data, Receiver() as receiver, Serve(data, "--open") as serve:
        serve.must("POST", "/v1/banks", {"name": "known"})
        answer = serve.ask("POST", "/v1/webhooks", {"url": receiver.url, "events": ["entry.added"]})
        if answer.status < 300:
            add(serve, some)
            said = serve.wait_said("webhook.failed")[0]
            assert said["status"] == 0, said
        assert not receiver.got


@case
def a_withdrawal_tells_which_contents_rested_on_the_entry():
    some = random.Random(28)
    with folder() as data, Receiver() as receiver, Serve(data, "--open", *ALLOW) as serve:
        serve.must("POST", "/v1/banks", {"name": "known", "mode": "block"})
        subscribe(serve, receiver, ["entry.reversed"])
        value = random_pdq(some)
        entry = serve.must("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": value}]}).json
        for name in ("one", "two"):
            answer = serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": name}).json
            assert answer["verdict"] == "block", answer
        serve.must("POST", f"/v1/entries/{entry['results'][0]['entry']}/withdraw", {"reason": "error"})
        until("the reversal arrived", lambda: receiver.got)
        event = json.loads(receiver.got[0]["body"])
        assert event["type"] == "entry.reversed"
        assert "one" in json.dumps(event) and "two" in json.dumps(event), event


@case
def looking_back_tells_of_older_content():
    some = random.Random(29)
    with folder() as data, Receiver() as receiver, Serve(data, "--open", *ALLOW, "--look-back-days", "2") as serve:
        serve.must("POST", "/v1/banks", {"name": "known"})
        hook = subscribe(serve, receiver, ["content.recognised"])
        value = random_pdq(some)
        body = {"signals": [{"type": "pdq", "value": value}], "content_id": "older"}
        assert serve.must("POST", "/v1/check", body).json["verdict"] == "no_match"
        serve.must("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": value}]})
        until("it was recognised", lambda: receiver.got)
        event = check_signature(receiver.got[0], hook["secret"])
        assert event["type"] == "content.recognised" and "older" in json.dumps(event), event
        assert b"hilf_look_back_contents 1" in serve.must("GET", "/metrics").body


main()
