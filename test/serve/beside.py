#!/usr/bin/env python3
"""The command line beside `hilf serve`, on the same data: what one writes the other sees at the next question."""
import os
import random
import subprocess
import threading

from serving import BUILD, HILF, Serve, Skip, case, environment, folder, hilf, main, random_pdq, until


def verdict(serve, value):
    return serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}]}).json["verdict"]


@case
def what_the_command_line_writes_the_next_request_sees():
    some = random.Random(2)
    with folder() as data, Serve(data, "--open") as serve:
        hilf(data, "bank", "create", "known")
        for _ in range(10):
            value = random_pdq(some)
            assert verdict(serve, value) == "no_match"
            hilf(data, "import", "known", "-", text=f"pdq {value}\n")
            assert verdict(serve, value) == "review"
        entry = str(serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}]}).json["matches"][0]["entry"])
        hilf(data, "withdraw", entry, "--reason", "error")
        assert verdict(serve, value) == "no_match"
        hilf(data, "bank", "set", "known", "--mode", "block")
        value = random_pdq(some)
        hilf(data, "import", "known", "-", text=f"pdq {value}\n")
        assert verdict(serve, value) == "block"


@case
def what_a_request_writes_the_command_line_sees():
    some = random.Random(3)
    with folder() as data, Serve(data, "--open") as serve:
        serve.must("POST", "/v1/banks", {"name": "known"})
        matching = subprocess.Popen([HILF, "match", "--data", data, "--signals", "-"], env=environment(), text=True,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(5):
            value = random_pdq(some)
            serve.must("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": value}]})
            matching.stdin.write(f"pdq {value}\n")
            matching.stdin.flush()
            assert "\treview\t" in matching.stdout.readline()
        matching.stdin.close()
        matching.wait(timeout=120)


@case
def a_long_poll_hears_of_what_the_command_line_writes():
    some = random.Random(4)
    with folder() as data, Serve(data, "--open") as serve:
        hilf(data, "bank", "create", "known")
        head = serve.must("GET", "/v1/feed?after=0").lines[-1]["head"]["seq"]
        got = []
        poll = threading.Thread(target=lambda: got.append(serve.must("GET", f"/v1/feed?after={head}&wait=50").lines))
        poll.start()
        until("it waits", lambda: "hilf_http_requests_parked 1" in serve.ask("GET", "/metrics").body.decode())
        hilf(data, "import", "known", "-", text=f"pdq {random_pdq(some)}\n")
        poll.join(timeout=120)
        assert got and got[0][0]["seq"] == head + 1, got


@case
def both_write_at_once_and_nothing_is_lost():
    some = random.Random(5)
    with folder() as data, Serve(data, "--open") as serve:
        serve.must("POST", "/v1/banks", {"name": "known"})
        ours, theirs = [random_pdq(some) for _ in range(150)], [random_pdq(some) for _ in range(150)]
        troubles = []

        def post():
            for value in ours:
                answer = serve.ask("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": value}]})
                while answer.status == 503:  # the other wrote for longer than one waits
                    answer = serve.ask("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": value}]})
                if answer.status not in (200, 201):
                    troubles.append((answer.status, answer.body))

        def run():
            for at in range(0, len(theirs), 30):
                hilf(data, "import", "known", "-", text="".join(f"pdq {value}\n" for value in theirs[at:at + 30]))

        threads = [threading.Thread(target=work) for work in (post, run)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not troubles, troubles[:3]
        assert all(verdict(serve, value) == "review" for value in ours + theirs)
        assert serve.must("GET", "/v1/stats").json["entries"] == 300
    assert "problem" not in hilf(data, "fsck", check=False).stdout if os.path.isdir(data) else True


@case
def a_key_made_by_one_process_counts_for_the_other():
    """A key that is revoked stops counting at once."""
    with folder() as data, Serve(data) as serve:
        serve.key = open(os.path.join(data, "first-key"), encoding="ascii").read().strip()
        made = serve.must("POST", "/v1/keys", {"name": "upload", "role": "checker"}).json
        assert serve.ask("GET", "/v1/whoami", key=made["key"]).json["role"] == "checker"
        serve.must("DELETE", f"/v1/keys/{made['id']}")
        assert serve.ask("GET", "/v1/whoami", key=made["key"]).status == 401


main()
