#!/usr/bin/env python3
"""What is acknowledged stays, whatever happens to the process or the disk."""
import http.client
import json
import os
import random
import resource
import subprocess
import threading
import time

from serving import Serve, Skip, case, folder, hilf, main, random_pdq, until

WRITERS = 8


def add(connection, value):
    connection.request("POST", "/v1/banks/known/entries", json.dumps({"signals": [{"type": "pdq", "value": value}]}),
                       {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


@case
def a_kill_under_load_loses_nothing_acknowledged():
    some = random.Random(11)
    acknowledged, asked = [], set()
    lock = threading.Lock()
    with folder() as data:
        for round_ in range(4):
            serve = Serve(data, "--open")
            if round_ == 0:
                serve.must("POST", "/v1/banks", {"name": "known"})
            seeds = [some.random() for _ in range(WRITERS)]

            def write(seed, port=serve.port):
                mine = random.Random(seed)
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
                try:
                    while True:
                        value = random_pdq(mine)
                        with lock:
                            asked.add(value)
                        status, _ = add(connection, value)
                        if status in (200, 201):
                            with lock:
                                acknowledged.append(value)
                except (OSError, http.client.HTTPException):
                    pass
                finally:
                    connection.close()

            before = len(acknowledged)
            threads = [threading.Thread(target=write, args=(seed,)) for seed in seeds]
            for thread in threads:
                thread.start()
            until("some were acknowledged", lambda: len(acknowledged) > before + 30)  # pylint: disable=cell-var-from-loop
            time.sleep(some.random() * 0.2)
            serve.kill()
            for thread in threads:
                thread.join()
        with Serve(data, "--open") as serve:
            for at in range(0, len(acknowledged), 500):
                part = acknowledged[at:at + 500]
                answer = serve.must("POST", "/v1/check/batch",
                                    {"signals": [{"type": "pdq", "value": value} for value in part]}).json
                found = {row["index"] for row in answer["results"] if row["verdict"] == "review"}
                lost = [value for index, value in enumerate(part) if index not in found]
                assert not lost, f"{len(lost)} of {len(part)} acknowledged entries are lost: {lost[:3]}"
            entries = serve.must("GET", "/v1/stats").json["entries"]
            assert len(acknowledged) <= entries <= len(asked), (len(acknowledged), entries, len(asked))
        assert hilf(data, "fsck", "--check", check=False).returncode == 0


@case
def a_full_disk_is_said_and_got_over():
    """A small file system, where we may mount one; there is no other way to have one that is full."""
    some = random.Random(12)
    with folder() as place:
        small = os.path.join(place, "small")
        os.mkdir(small)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", small], check=False, capture_output=True)
        if mounted.returncode:
            raise Skip("no right to mount a small file system")
        try:
            data, filler = os.path.join(small, "data"), os.path.join(small, "filler")
            with Serve(data, "--open") as serve:
                serve.must("POST", "/v1/banks", {"name": "known"})
                value = random_pdq(some)
                serve.must("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": value}]})
                file = os.open(filler, os.O_WRONLY | os.O_CREAT)
                try:
                    while os.write(file, b"x" * 4096):
                        pass
                except OSError:
                    pass
                os.close(file)
                kept, refused = [], None
                for _ in range(3000):
                    other = random_pdq(some)
                    answer = serve.ask("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": other}]})
                    if answer.status >= 500:
                        refused = answer
                        break
                    kept.append(other)
                assert refused, "the disk is full, and nothing was refused"
                assert refused.status in (500, 503, 507), refused.status
                assert "error" in refused.json, refused.body

                def verdict(signal):
                    return serve.must("POST", "/v1/check", {"signals": [{"type": "pdq", "value": signal}]}).json["verdict"]
                assert verdict(value) == "review", "checks go on"
                assert verdict(other) == "no_match", "what was refused is not there"
                assert all(verdict(each) == "review" for each in kept)
                os.remove(filler)

                def adds():
                    return serve.ask("POST", "/v1/banks/known/entries",
                                     {"signals": [{"type": "pdq", "value": other}]}).status in (200, 201)
                until("adding works again", adds, pause_s=0.2)
                assert verdict(other) == "review"
            assert hilf(data, "fsck", "--check", check=False).returncode == 0
        finally:
            subprocess.run(["umount", "-l", small], check=False)


@case
def a_limit_on_the_size_of_files_is_an_error_and_not_the_end():
    some = random.Random(13)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    with folder() as data:
        with Serve(data, "--open", preexec=limit) as serve:
            serve.must("POST", "/v1/banks", {"name": "known"})
            refused = None
            for _ in range(400):
                batch = {"entries": [{"signals": [{"type": "pdq", "value": random_pdq(some)}]} for _ in range(100)]}
                answer = serve.ask("POST", "/v1/banks/known/entries", batch)
                if answer.status == 400:  # this build takes one entry at a time
                    answer = serve.ask("POST", "/v1/banks/known/entries", batch["entries"][0])
                if answer.status >= 500:
                    refused = answer
                    break
            assert refused is not None, "a megabyte was never full"
            assert serve.ask("GET", "/healthz").status == 200
            assert serve.must("GET", "/v1/stats").json["entries"] > 0
            answer = serve.ask("POST", "/v1/check", b"x" * (2 << 20), headers={"Content-Type": "application/octet-stream"})
            assert answer.status == 503 and answer.json["error"]["code"] == "no_room", answer.body
            assert "whether the disk is full" in answer.json["error"]["hint"] and int(answer.headers["Retry-After"]) >= 1, answer.body
        with Serve(data, "--open") as serve:
            assert serve.must("GET", "/v1/stats").json["entries"] > 0


main()
