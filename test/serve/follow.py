#!/usr/bin/env python3
"""Two nodes: one that is written to, and one that has all of it and answers the same."""
import os
import random
import shutil
import signal
import time

from serving import Serve, case, certificate, folder, free_port, hilf, main, random_pdq, until


def key_of(data):
    path = os.path.join(data, "first-key")
    until("a first key", lambda: os.path.exists(path))
    return open(path, encoding="ascii").read().strip()


def follow(data, leader, *options, **more):
    """A follower of the process `leader`, with the leader's operator's key in a file."""
    node = Serve(data, "--open", "--follow", f"http://127.0.0.1:{leader.port}", "--follow-key",
                 os.path.join(leader.data, "first-key"), *options, **more)
    return node


def ready(node):
    return until("the follower is ready", lambda: node.ask("GET", "/readyz").status == 200)


def lead(data, *options, **more):
    node = Serve(data, *options, **more)
    node.key = key_of(data)
    return node


def add(node, value, bank="known"):
    return node.must("POST", f"/v1/banks/{bank}/entries", {"signals": [{"type": "pdq", "value": value}]}).json


def answer(node, values):
    """What a node says of signals, without what is of the moment."""
    results = node.must("POST", "/v1/check/batch", {"signals": [{"type": "pdq", "value": value} for value in values]}).json
    found = {row["index"]: row for row in results["results"]}
    return [found.get(index, {"verdict": "no_match"}) for index in range(len(values))]


def head(node):
    return node.must("GET", "/v1/feed?after=0&limit=1").lines[-1]["head"]["seq"]


def caught_up(leader, follower):
    until("the follower has caught up", lambda: head(follower) == head(leader))


@case
def a_follower_says_what_its_leader_says():
    some = random.Random(31)
    values = [random_pdq(some) for _ in range(60)]
    with folder() as one, folder() as two, lead(one) as leader:
        leader.must("POST", "/v1/banks", {"name": "known", "mode": "block"})
        leader.must("POST", "/v1/banks", {"name": "seen", "mode": "shadow"})
        for value in values[:20]:
            add(leader, value)
        with follow(two, leader) as follower:
            ready(follower)
            assert answer(follower, values) == answer(leader, values)
            for value in values[20:40]:
                add(leader, value, "seen")
            # A withdrawal, a change of mode and threshold, a mute: each arrives by itself.
            entries = [row["entry"] for row in leader.must(
                "POST", "/v1/check", {"signals": [{"type": "pdq", "value": values[0]}]}).json["matches"]]
            leader.must("POST", f"/v1/entries/{entries[0]}/withdraw", {"reason": "error"})
            until("the withdrawal arrived", lambda: answer(follower, values[:1])[0]["verdict"] == "no_match")
            leader.must("PATCH", "/v1/banks/seen", {"mode": "review", "threshold": 20})
            until("the mode arrived", lambda: answer(follower, values[20:21])[0]["verdict"] == "review")
            entry = leader.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": values[1]}]}).json["matches"][0]["entry"]
            leader.must("POST", f"/v1/entries/{entry}/mute", {"until": "90d"})
            until("the mute arrived", lambda: answer(follower, values[1:2])[0]["verdict"] == "no_match")
            caught_up(leader, follower)
            assert answer(follower, values) == answer(leader, values)
            assert follower.must("GET", "/v1/banks").json == leader.must("GET", "/v1/banks").json
            said = follower.ask("POST", "/v1/banks", {"name": "mine"})
            assert said.status == 409 and str(leader.port) in said.json["error"]["hint"], said.body
        assert hilf(two, "fsck", "--check", check=False).returncode == 0


@case
def a_leader_that_dies_and_comes_back_is_followed_again():
    some = random.Random(32)
    port = free_port()
    with folder() as one, folder() as two:
        leader = lead(one, listen=f"127.0.0.1:{port}")
        leader.must("POST", "/v1/banks", {"name": "known"})
        first, second = random_pdq(some), random_pdq(some)
        add(leader, first)
        with follow(two, leader, "--lag-max", "5s") as follower:
            ready(follower)
            leader.kill()
            follower.wait_said("follow.failed")
            until("it is no longer ready", lambda: follower.ask("GET", "/readyz").status == 503)
            assert follower.ask("GET", "/readyz").json["status"] == "behind"
            assert answer(follower, [first])[0]["verdict"] == "review", "it answers from what it has"
            with lead(one, listen=f"127.0.0.1:{port}") as leader:
                add(leader, second)
                until("what is new arrived", lambda: answer(follower, [second])[0]["verdict"] == "review")
                ready(follower)


@case
def a_follower_keeps_up_with_a_busy_leader():
    some = random.Random(36)
    with folder() as one, folder() as two, lead(one) as leader:
        hilf(one, "bank", "create", "known")
        with follow(two, leader, "--lag-max", "1h") as follower:
            ready(follower)
            for _ in range(3):
                hilf(one, "import", "known", "-", text="".join(f"pdq {random_pdq(some)}\n" for _ in range(4000)))
                for _ in range(20):
                    add(leader, random_pdq(some))
            caught_up(leader, follower)
            values = [random_pdq(some) for _ in range(3)]
            for value in values:
                add(leader, value)
            until("the last ones arrived", lambda: all(row["verdict"] == "review" for row in answer(follower, values)))
            assert follower.must("GET", "/v1/stats").json["entries"] == leader.must("GET", "/v1/stats").json["entries"]
            assert not follower.said("follow.behind") and not follower.said("follow.diverged"), follower.lines


@case
def a_follower_that_dies_goes_on_where_it_was():
    some = random.Random(33)
    with folder() as one, folder() as two, lead(one) as leader:
        leader.must("POST", "/v1/banks", {"name": "known"})
        values = [random_pdq(some) for _ in range(90)]
        for at in range(0, 90, 30):
            with follow(two, leader) as follower:
                ready(follower)
                for value in values[at:at + 15]:
                    add(leader, value)
                until("some arrived", lambda: head(follower) > 3)
                follower.kill()
            for value in values[at + 15:at + 30]:
                add(leader, value)
        with follow(two, leader) as follower:
            ready(follower)
            caught_up(leader, follower)
            assert answer(follower, values) == answer(leader, values)
        assert hilf(two, "fsck", "--check", check=False).returncode == 0


@case
def another_leader_is_refused():
    some = random.Random(34)
    with folder() as one, folder() as other, folder() as two:
        value = random_pdq(some)
        with lead(one) as leader:
            leader.must("POST", "/v1/banks", {"name": "known"})
            add(leader, value)
            with follow(two, leader) as follower:
                ready(follower)
        with lead(other) as stranger:
            stranger.must("POST", "/v1/banks", {"name": "known"})
            for _ in range(5):
                add(stranger, random_pdq(some))
            with follow(two, stranger) as follower:
                said = follower.wait_said("follow.diverged")[0]["text"]
                assert "move its data folder away" in said, said
                assert follower.ask("GET", "/readyz").status == 503
                assert answer(follower, [value])[0]["verdict"] == "review"
                assert follower.must("GET", "/v1/stats").json["entries"] == 1


@case
def a_leader_put_back_from_a_backup_is_noticed():
    some = random.Random(35)
    port = free_port()
    with folder() as one, folder() as kept, folder() as two:
        with lead(one, listen=f"127.0.0.1:{port}") as leader:
            leader.must("POST", "/v1/banks", {"name": "known"})
            add(leader, random_pdq(some))
        shutil.rmtree(kept)
        shutil.copytree(one, kept, ignore=shutil.ignore_patterns("hilf.sock"))
        leader = lead(one, listen=f"127.0.0.1:{port}")
        for _ in range(3):
            add(leader, random_pdq(some))
        with follow(two, leader) as follower:
            ready(follower)
            caught_up(leader, follower)
            leader.kill()
            # It comes back as it was, and is then written to until it has more records than its follower.
            with lead(kept, listen=f"127.0.0.1:{port}") as leader:
                for _ in range(9):
                    add(leader, random_pdq(some))
                follower.wait_said("follow.diverged")
                assert follower.must("GET", "/v1/stats").json["entries"] == 4


@case
def a_folder_with_a_feed_of_its_own_follows_nobody():
    with folder() as one, folder() as two, lead(one) as leader:
        leader.must("POST", "/v1/banks", {"name": "known"})
        hilf(two, "bank", "create", "mine")
        with follow(two, leader) as follower:
            follower.wait_said("follow.diverged")
            assert [bank["name"] for bank in follower.must("GET", "/v1/banks").json["banks"]] == ["mine"]


@case
def without_the_right_key_it_says_what_is_missing():
    with folder() as one, folder() as two, lead(one) as leader:
        for role, ok in (("checker", False), ("operator", True)):
            key = leader.must("POST", "/v1/keys", {"name": role, "role": role}).json["key"]
            with open(os.path.join(one, "key-for-two"), "w", encoding="ascii") as file:
                file.write(key + "\n")
            with Serve(two, "--open", "--follow", f"http://127.0.0.1:{leader.port}/", "--follow-key",
                       os.path.join(one, "key-for-two")) as follower:
                if ok:
                    ready(follower)
                else:
                    said = follower.wait_said("follow.failed")[0]["text"]
                    assert "role operator" in said and key not in said, said
                assert not any(key in str(line) for line in follower.lines)


@case
def a_leader_is_known_by_its_certificate():
    some = random.Random(37)
    with folder() as one, folder() as two, folder() as three:
        cert, key = certificate(one, "leader")
        other_cert, _ = certificate(one, "other")
        hilf(one, "bank", "create", "known")
        value = random_pdq(some)
        hilf(one, "import", "known", "-", text=f"pdq {value}\n")
        with Serve(one, "--tls-cert", cert, "--tls-key", key) as leader:
            options = ("--open", "--follow", f"https://127.0.0.1:{leader.port}", "--follow-key", os.path.join(one, "first-key"))
            with Serve(two, *options, "--fetch-ca", cert) as follower:
                ready(follower)
                assert answer(follower, [value])[0]["verdict"] == "review"
            for trust in ((), ("--fetch-ca", other_cert)):
                with Serve(three, *options, *trust) as follower:
                    follower.wait_said("follow.failed")
                    assert follower.ask("GET", "/readyz").status == 503


@case
def a_follower_stops_at_once():
    with folder() as one, folder() as two, lead(one) as leader:
        leader.must("POST", "/v1/banks", {"name": "known"})
        with follow(two, leader) as follower:
            ready(follower)
            time.sleep(0.3)  # it waits for its leader now
            follower.stop()


@case
def a_follower_decides_what_was_checked_there_and_says_nothing_of_entries():
    some = random.Random(38)
    with folder() as one, folder() as two, lead(one) as leader:
        leader.must("POST", "/v1/banks", {"name": "known", "mode": "review"})
        value = random_pdq(some)
        add(leader, value)
        with follow(two, leader) as follower:
            ready(follower)
            assert follower.must("GET", "/v1/session").json["node"]["follower"] is True
            assert leader.must("GET", "/v1/session").json["node"]["follower"] is False
            follower.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}], "content_id": "post-1"})
            about = follower.must("GET", f"/v1/cases/{follower.must('GET', '/v1/cases').json['cases'][0]['id']}").json
            assert about["can"]["decide"] and about["can"]["confirm_why"] == "read_only_node", about["can"]
            body = {"cluster": 1, "actions": ["none"], "ground": {"basis": "terms", "article": "", "text": "No."},
                    "version": about["version"]}
            path = f"/v1/cases/{about['id']}/decisions"
            refused = follower.ask("POST", path, {**body, "entry_opinion": "dispute"})
            assert (refused.status, refused.json["error"]["code"]) == (409, "read_only_node"), refused.body
            assert follower.must("POST", path, body).json["decision"]["state"] == "pending"
            assert leader.must("GET", "/v1/cases").json["cases"] == []


main()
