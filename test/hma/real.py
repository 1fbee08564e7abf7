#!/usr/bin/env python3
"""The drop-in as people run it: `hilf serve --hma`, its clients, what docs/from-hma.md says to type, and what is on the disk.

    real.py HILF HILF-DRAW FROM-HMA.MD"""
import contextlib
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "serve")]
import run  # noqa: E402
import serving  # noqa: E402
from replicas import Coop, Failed, Policyserv, Ruby  # noqa: E402
from serving import Serve, case, folder, hilf  # noqa: E402

DRAW, PAGE = os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3])
del sys.argv[2:]


@contextlib.contextmanager
def place():
    """A data folder, pictures, and a server that has them."""
    with folder() as path:
        pictures, data = os.path.join(path, "pictures"), os.path.join(path, "data")
        run.make_pictures(DRAW, pictures)
        files = run.serve_files(pictures)
        try:
            yield path, data, pictures, files.server_address[1]
        finally:
            files.shutdown()
            files.server_close()


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def make_key(serve, role, name):
    """With the first key, an operator's, that the node left in its data folder."""
    serve.key = serve.key or read(serve.data, "first-key").decode().strip()
    made = serve.must("POST", "/v1/keys", {"name": name, "role": role}).json
    return made["key"], made["id"]


def hma(serve):
    return serve.ports["hma"][0]


@case
def clients_find_what_they_added_and_so_does_the_command_line():
    with place() as (_, data, pictures, port):
        with Serve(data, "--hma", "127.0.0.1:0", "--hma-open", "--fetch-allow", "127.0.0.1:%d" % port) as serve:
            coop, ruby = Coop(hma(serve)), Ruby(hma(serve))
            coop.create_bank("COOP_1_OURS", 1.0)
            added = coop.add_blob("COOP_1_OURS", read(pictures, "known/hills.jpg"), "photo", [("note", "first")])
            url = "http://127.0.0.1:%d/uploads/hills--half-size.jpg" % port
            assert coop.matched_banks(["COOP_1_OURS"], "pdq", coop.hash_url(url)["pdq"]) == ["COOP_1_OURS"]
            found = hilf(data, "match", os.path.join(pictures, "uploads/hills--grey.jpg")).stdout.split("\t")
            assert found[1:4] == ["review", "COOP_1_OURS", str(added["id"])], found
            # What the command line adds and withdraws counts for the next look-up.
            entry = int(hilf(data, "add", "COOP_1_OURS", os.path.join(pictures, "known/map.png")).stdout.split("\t")[0])
            whole = read(pictures, "known/map.png")
            assert ruby.lookup_file(whole, "photo") == [("COOP_1_OURS", entry, 0)]
            hilf(data, "withdraw", str(entry), "--reason", "error")
            assert ruby.lookup_file(whole, "photo") == []
            hilf(data, "bank", "set", "COOP_1_OURS", "--mode", "shadow")
            assert coop.lookup("pdq", added["signals"]["pdq"]) == {}
            assert ruby.get("/c/bank/COOP_1_OURS")["matching_enabled_ratio"] == 0.0


@case
def a_key_in_the_url_opens_the_door_and_is_in_no_log():
    with place() as (_, data, pictures, _):
        hilf(data, "bank", "create", "KNOWN")
        hilf(data, "add", "KNOWN", os.path.join(pictures, "known/hills.jpg"))
        with Serve(data, "--hma", "127.0.0.1:0", "--log-level", "debug", "--log-requests") as serve:
            key, number = make_key(serve, "checker", "scanner")
            scanner = Policyserv(hma(serve), key)
            assert scanner.scan("photo", read(pictures, "uploads/hills--grey.jpg"), ["KNOWN"]) == ["KNOWN"]
            ruby = Ruby(hma(serve), "/k/" + key)
            assert len(ruby.lookup_file(read(pictures, "known/hills.jpg"), "photo")) == 1
            assert run.ask(hma(serve), "GET", "/c/banks").status == 401
            assert run.ask(hma(serve), "GET", "/k/%sx/c/banks" % key).status == 401
            assert run.ask(hma(serve), "GET", "/k/%s/nowhere" % key).status == 404
            assert run.ask(hma(serve), "GET", "/k/%s/c/bank/KNOWN?q=%s" % (key, "x" * 10)).status == 200
            serve.must("DELETE", "/v1/keys/" + number)
            serving.until("the key is no more", lambda: run.ask(
                hma(serve), "GET", "/k/%s/c/banks" % key).status == 401)
            lines = list(serve.lines)
        assert not [line for line in lines if key in str(line) or key[-20:] in str(line)], lines


@case
def what_was_acknowledged_is_there_after_a_kill():
    with place() as (_, data, pictures, _):
        with Serve(data, "--hma", "127.0.0.1:0", "--hma-open", "--hma-role", "operator") as serve:
            ruby = Ruby(hma(serve))
            ruby.create_bank("KEPT")
            added = ruby.post_file("/c/bank/KEPT/content", "photo", read(pictures, "known/hills.jpg"), "image/jpeg",
                                   metadata='{"content_id":"c-1"}', note="kept")
            ruby.post("/c/exchanges", {"bank": "SAMPLES", "api": "sample"})
            serve.kill()
        with Serve(data, "--hma", "127.0.0.1:0", "--hma-open") as serve:
            ruby = Ruby(hma(serve))
            item = ruby.get("/c/bank/KEPT/content/%d" % added["id"])
            assert (item["note"], item["metadata"]["content_id"]) == ("kept", "c-1"), item
            assert ruby.lookup_signal(added["signals"]["pdq"], "pdq") == [("KEPT", added["id"], 0)] + [
                match for match in ruby.lookup_signal(added["signals"]["pdq"], "pdq") if match[0] != "KEPT"]
            assert ruby.get("/c/exchange/SAMPLES/status")["fetched_items"] == 20
            try:
                ruby.handle(run.ask(hma(serve), "DELETE", "/c/bank/KEPT"))
                raise AssertionError("a curator removed a bank")
            except Failed as failure:
                assert failure.args[0] == "PermissionError", failure


@case
def a_follower_answers_and_never_says_that_a_bank_is_not_there():
    with place() as (path, data, pictures, _):
        with Serve(data, "--hma", "127.0.0.1:0", "--hma-open") as leader:
            make_key(leader, "checker", "of no use here")
            with open(os.path.join(path, "leader-key"), "w", encoding="utf-8", opener=lambda name, flags: os.open(
                    name, flags, 0o600)) as file:
                file.write(leader.key)
            to_leader = Ruby(hma(leader))
            to_leader.create_bank("OURS")
            to_leader.post_file("/c/bank/OURS/content", "photo", read(pictures, "known/hills.jpg"), "image/jpeg")
            with Serve(os.path.join(path, "second"), "--hma", "127.0.0.1:0", "--hma-open", "--follow",
                       "http://127.0.0.1:%d" % leader.port, "--follow-key", os.path.join(path, "leader-key"),
                       wait=False) as second:
                second.wait_said("listens", 3)
                serving.until("the follower is there", lambda: run.ask(hma(second), "GET", "/status").status == 200)
                found = Ruby(hma(second)).lookup_file(read(pictures, "uploads/hills--grey.jpg"), "photo")
                assert [match[0] for match in found] == ["OURS"], found
                assert Coop(hma(second)).get_bank("OURS") == "COOP_1_OURS"
                assert run.ask(hma(second), "GET", "/c/bank/OURS").status == 200
                assert run.ask(hma(second), "GET", "/c/bank/NEVER").status == 503
                assert run.ask(hma(second), "DELETE", "/c/bank/OURS").status == 403
                to_leader.create_bank("LATER")
                serving.until("the follower has it", lambda: run.ask(
                    hma(second), "GET", "/c/bank/LATER").status == 200)


def sections(page):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    return dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.M | re.S))


@case
def the_page_says_what_happens():
    with place() as (path, data, pictures, _):
        for name, picture in (("known.jpg", "known/hills.jpg"), ("upload.jpg", "uploads/hills--jpeg-q20.jpg")):
            os.symlink(os.path.join(pictures, picture), os.path.join(path, name))
        lines = [line[4:] for line in sections(PAGE)["Try it"].splitlines() if line.startswith("    ")]
        assert len(lines) == 8, lines
        with open(PAGE, encoding="utf-8") as file:
            make = re.search(r"^    (curl --unix-socket .*)$", file.read(), re.M)[1]
        with Serve(data, "--hma", "127.0.0.1:0", "--hma-open") as serve:
            result = subprocess.run(["sh", "-c", make.replace("DATA/", data + "/")], capture_output=True, text=True, timeout=300,
                                    check=True)
            key = re.search(r"hilf_[a-z0-9_]+", result.stdout)[0]
            assert run.ask(hma(serve), "GET", "/k/%s/c/banks" % key).status == 200
            for command, said in zip(lines[::2], lines[1::2]):
                command = command.replace("127.0.0.1:5101", "127.0.0.1:%d" % hma(serve))
                result = subprocess.run(["sh", "-c", command], cwd=path, capture_output=True, text=True, timeout=300, check=True)
                pattern = re.escape(said).replace(re.escape("..."), "[0-9a-f]*").replace('"4"', r'"\d+"')
                assert re.fullmatch(pattern, result.stdout.strip()), (command, said, result.stdout)


if __name__ == "__main__":
    serving.main()
