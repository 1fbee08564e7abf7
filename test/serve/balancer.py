#!/usr/bin/env python3
"""Two nodes behind nginx and HAProxy, with the very configurations of docs/two-nodes.md; the leader is killed meanwhile."""
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time

from serving import Answer, Serve, Skip, case, folder, free_port, hilf, main, random_pdq, until

CHECKED = re.compile(r'hilf_http_requests_total\{app="api",method="POST",route="/v1/check",status="2xx"\} [1-9]')
DOCS = os.path.join(os.environ.get("HILF_SOURCE") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                    "docs", "two-nodes.md")


def configuration(kind, leader, follower, front):
    with open(DOCS, encoding="utf-8") as file:
        text = re.search(rf"```{kind}\n(.*?)```", file.read(), re.S)[1]
    for address, port in (("10.0.0.1:5100", leader), ("10.0.0.2:5100", follower), ("10.0.0.10:80", front)):
        assert address in text
        text = text.replace(address, f"127.0.0.1:{port}")
    return text


def program(name):
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        raise Skip(f"{name} is not installed")
    return found


def nginx(place, leader, follower, front):
    text = configuration("nginx", leader, follower, front)
    paths = " ".join(f"{kind}_temp_path {place}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = os.path.join(place, "nginx.conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"daemon off; worker_processes 1; pid {place}/pid; error_log stderr crit;\n"
                   f"events {{}}\nhttp {{ access_log off; {paths}\n{text}\n}}\n")
    return [program("nginx"), "-p", place, "-c", path, "-e", "stderr"]


def haproxy(place, leader, follower, front):
    path = os.path.join(place, "haproxy.cfg")
    with open(path, "w", encoding="ascii") as file:
        file.write("global\n    maxconn 200\n" + configuration("haproxy", leader, follower, front))
    return [program("haproxy"), "-q", "-db", "-f", path]


def key_of(data):
    return open(os.path.join(data, "first-key"), encoding="ascii").read().strip()


def try_it(make, lost_most=0):
    """lost_most: requests that were under way when the leader was killed and may be answered 502."""
    some = random.Random(51)
    one_port, two_port, front = free_port(), free_port(), free_port()
    with folder() as one, folder() as two, folder() as place:
        command = make(place, one_port, two_port, front)
        first_key = os.path.join(place, "one.key")

        def lead():
            node = Serve(one, listen=f"127.0.0.1:{one_port}")
            if not os.path.exists(first_key):
                os.rename(os.path.join(one, "first-key"), first_key)
            with open(first_key, encoding="ascii") as file:
                node.key = file.read().strip()
            return node
        leader = lead()
        follower = Serve(two, "--follow", f"http://127.0.0.1:{one_port}", "--follow-key", first_key, "--lag-max", "1d",
                         listen=f"127.0.0.1:{two_port}")
        # Whoever asks sends one key, whichever node the balancer sends it to.
        hilf(two, "key", "create", "both", "--role", "operator", "--same-as", first_key)
        follower.key = leader.key
        balancer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            leader.must("POST", "/v1/banks", {"name": "known"})
            until("the follower is ready", lambda: follower.ask("GET", "/readyz").status == 200)
            until("it knows the key", lambda: follower.ask("GET", "/v1/whoami").status == 200)

            def ask(method, path, body=None):
                try:
                    return leader.ask(method, path, body, port=front, host="127.0.0.1")
                except OSError as error:
                    return Answer(0, {}, str(error).encode())

            def appeal(token):
                """Where the balancer has just lost sight of a node that stood still, it is asked again."""
                return until("an answer of a node", lambda: (lambda got: got if 0 < got.status < 500 else None)(
                    ask("POST", "/v1/appeals", {"token": token, "text": "It is a report."})))

            value = random_pdq(some)
            added = until("the balancer is there", lambda: (lambda got: got if got.status in (200, 201) else None)(
                ask("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": value}]})))
            assert added.json["results"][0]["result"] in ("added", "already")

            def verdict():
                got = ask("POST", "/v1/check", {"signals": [{"type": "pdq", "value": value}]})
                return got.json["verdict"] if got.status == 200 else f"{got.status} {got.body[:80]}"

            def both():
                counted = [node.ask("GET", "/metrics").body.decode() for node in (leader, follower)]
                return all(verdict() == "review" for _ in range(8)) and all(CHECKED.search(text) for text in counted)
            until("both have it, and both are asked", both)

            # A code of whichever node is found, and one that is nobody's is refused as ever.
            leader.must("PATCH", "/v1/banks/known", {"mode": "block"})
            signals = [{"type": "pdq", "value": value}]
            for node in (leader, follower):
                until("it blocks", lambda at=node: at.must("POST", "/v1/check", {"signals": signals}).json["verdict"] == "block")
                for i in range(2):
                    made = node.must("POST", "/v1/check", {"signals": signals, "content_id": f"post-{i}"}).json["decision"]
                    got = appeal(made["appeal_token"])
                    # 409: it had arrived when the balancer gave up on a node that stood still.
                    assert got.status in (201, 409), (node is follower, got.status, got.body)
            assert appeal("appeal_" + "a" * 40).status == 404
            leader.must("PATCH", "/v1/banks/known", {"mode": "review"})
            until("both review again", lambda: all(verdict() == "review" for _ in range(8)))

            # Requests go on while the leader is killed: each is answered, some by the other node. A balancer may believe that
            # nobody is there where this machine stood still: then it is tried again.
            for tries in range(5):
                answers, stop = [], threading.Event()

                def go_on(told=answers, ends=stop):
                    while not ends.is_set():
                        told.append(verdict())
                threads = [threading.Thread(target=go_on) for _ in range(3)]
                for thread in threads:
                    thread.start()
                until("checks are under way", lambda: len(answers) > 30)  # pylint: disable=cell-var-from-loop
                leader.kill()
                so_far = len(answers)
                until("they go on", lambda: len(answers) > so_far + 60)  # pylint: disable=cell-var-from-loop
                stop.set()
                for thread in threads:
                    thread.join()
                wrong = [answer for answer in answers if answer != "review"]
                if len(wrong) <= lost_most and all(answer.startswith("502 ") for answer in wrong):
                    break
                print(f"    of {len(answers)} answers {len(wrong)} were wrong: {wrong[:3]}")
                assert tries < 4, "requests are lost whenever the leader is killed"
                leader = lead()
                until("both are asked again", both)
            got = ask("POST", "/v1/banks", {"name": "other"})
            assert got.status >= 500, (got.status, got.body)

            leader = lead()
            until("writes work again", lambda: ask("POST", "/v1/banks", {"name": "other"}).status in (200, 201, 409))
            until("the follower hears of it", lambda: len(follower.must("GET", "/v1/banks").json["banks"]) == 2)
        finally:
            balancer.terminate()
            said = balancer.communicate(timeout=120)[1]
            for node in (leader, follower):
                if node.process.poll() is None:
                    node.process.terminate()
                    node.wait_end()
            if sys.exc_info()[0]:
                print(said[-2000:], *leader.lines[-20:], "", *follower.lines[-20:], sep="\n    ")


@case
def nginx_sends_checks_to_both_nodes_and_goes_on_when_the_leader_is_killed():
    try_it(nginx)


@case
def haproxy_sends_checks_to_both_nodes_and_goes_on_when_the_leader_is_killed():
    try_it(haproxy, lost_most=3)


main()
