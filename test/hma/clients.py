#!/usr/bin/env python3
"""HMA's known clients, as far as they go, against the drop-in in all its states: what would each of them do?

    clients.py SERVER HELPERS DRAW

What must hold: a failure is never taken for "no match", and nothing is deleted that is still there."""
import json
import os
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402
from replicas import Coop, Failed, Policyserv, Ruby  # noqa: E402

PROGRAM, HELPERS, DRAW = (os.path.abspath(path) for path in sys.argv[1:4])


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="hilf-hma-")
        cls.pictures = os.path.join(cls.folder.name, "pictures")
        run.make_pictures(DRAW, cls.pictures)
        cls.files = run.serve_files(cls.pictures)
        cls.url = "http://127.0.0.1:%d" % cls.files.server_address[1]

    @classmethod
    def tearDownClass(cls):
        cls.files.shutdown()
        cls.files.server_close()
        cls.folder.cleanup()

    def picture(self, name):
        with open(os.path.join(self.pictures, name), "rb") as file:
            return file.read()

    def node(self, data, *options):
        node = run.Node(PROGRAM, HELPERS, os.path.join(self.folder.name, data), list(options))
        self.addCleanup(node.stop)
        return node

    def open_node(self, data, *options):
        return self.node(data, "open", "fetch=127.0.0.1:%d" % self.files.server_address[1], *options)

    def test_coop_keeps_its_banks_and_finds_what_it_added(self):
        node = self.open_node("coop")
        coop = Coop(node.port)
        self.assertEqual(coop.create_bank("COOP_1_OURS", 1.0), {"matching_enabled_ratio": 1.0, "name": "COOP_1_OURS"})
        self.assertEqual(coop.get_bank("OURS"), "COOP_1_OURS")
        self.assertEqual(coop.create_bank("COOP_1_HALF", 0.5)["matching_enabled_ratio"], 0.5)
        self.assertEqual(coop.update_ratio("COOP_1_HALF", 1)["matching_enabled_ratio"], 1.0)
        added = coop.add_blob("COOP_1_OURS", self.picture("known/hills.jpg"), "photo",
                              [("content_id", "c1"), ("metadata", json.dumps({"k": "v"})), ("note", "n")])
        self.assertEqual(list(added["signals"]), ["pdq"])
        other = coop.add_url("COOP_1_HALF", self.url + "/known/map.png", {"content_id": "c2"}, "by address")
        hashes = coop.hash_url(self.url + "/uploads/hills--jpeg-q20.jpg")
        banks = ["COOP_1_OURS", "COOP_1_HALF"]
        self.assertEqual(coop.matched_banks(banks, "pdq", hashes["pdq"]), ["COOP_1_OURS"])
        self.assertEqual(coop.matched_banks(banks, "pdq", other["signals"]["pdq"]), ["COOP_1_HALF"])
        self.assertEqual(coop.hash_url(self.url + "/plain.png"), {})
        self.assertEqual(coop.exchanges(), [("local_file", False, False, ["filename", "signal_type"]),
                                            ("sample", False, False, [])])
        for gone in ("/cut.jpg", "/missing.jpg", "/text.txt", "/status/503"):
            self.assertRaises(Failed, coop.hash_url, self.url + gone)

    def test_coop_never_drops_a_bank_that_is_there(self):
        node = self.node("keys", "curator=curator", "operator=operator")
        key = "/k/%s/" % node.keys["curator"]
        Coop(node.port, key).create_bank("COOP_1_OURS", 1.0)
        wrong = ["/", "/k/wrong/", "/elsewhere/", "/k/%s/k/x/" % node.keys["curator"], "/k/%sx/" % node.keys["curator"]]
        for base in [key] + wrong:
            coop = Coop(node.port, base)
            self.assertEqual(coop.get_bank("OURS"), "COOP_1_OURS", base)
        node.stop()
        for state in ("state=loading", "state=behind", "state=failed", "follower=http://leader:5101"):
            node = self.node("keys-" + state.split("=")[1][:3], "open", state)
            self.assertEqual(Coop(node.port).get_bank("OURS"), "COOP_1_OURS", state)
        node = self.open_node("keys")
        Coop(node.port).fetch("DELETE", "/c/bank/COOP_1_OURS")
        self.assertIsNone(Coop(node.port).get_bank("OURS"))

    def test_ruby_reads_every_answer(self):
        node = self.open_node("ruby")
        ruby = Ruby(node.port)
        self.assertEqual(ruby.status(), "I-AM-ALIVE")
        self.assertFalse(ruby.bank_exists("TEST_BANK"))
        self.assertTrue(ruby.create_bank("TEST_BANK"))
        self.assertTrue(ruby.bank_exists("TEST_BANK"))
        with self.assertRaises(Failed) as caught:
            ruby.create_bank("TEST_BANK")
        self.assertEqual(caught.exception.args[0], "ResourceAlreadyExistsError")
        with self.assertRaises(Failed) as caught:
            ruby.create_bank("bad_name")
        self.assertEqual(caught.exception.args[0], "ValidationError")
        added = ruby.post_file("/c/bank/TEST_BANK/content", "photo", self.picture("known/hills.jpg"), "image/jpeg",
                               metadata=json.dumps({"content_id": "x", "json": {"a": 1}}))
        entry, pdq = added["id"], added["signals"]["pdq"]
        self.assertEqual(ruby.lookup_signal(pdq, "pdq"), [("TEST_BANK", entry, 0)])
        self.assertEqual(ruby.raw_lookup(pdq, "pdq", False), [entry])
        self.assertEqual(ruby.raw_lookup(pdq, "pdq", True), [{"bank_content_id": entry, "distance": "0"}])
        self.assertEqual(ruby.lookup_signal("2c8b8a05f302cbf219e06c95c73ec65f5868098d77327698d196da6d99e7d38a", "pdq"), [])
        found = ruby.lookup_file(self.picture("uploads/hills--half-size.jpg"), "photo")
        self.assertEqual([match[:2] for match in found], [("TEST_BANK", entry)])
        self.assertEqual(ruby.lookup_file(self.picture("known/map.png"), "photo"), [])
        self.assertEqual(ruby.lookup_file(self.picture("plain.png"), "photo"), [])
        # HMA's own "400" for a picture too plain is one that clients learn to pass over: a failure must not be it.
        for broken in ("cut.jpg", "text.txt"):
            with self.assertRaises(Failed) as caught:
                ruby.lookup_file(self.picture(broken), "photo")
            self.assertNotEqual(caught.exception.args[0], "ValidationError")

    def test_ruby_takes_no_state_for_an_answer(self):
        hills = self.picture("known/hills.jpg")
        for state in ("loading", "behind", "failed"):
            ruby = Ruby(self.node("states-" + state, "open", "state=" + state).port)
            self.assertRaises(Failed, ruby.lookup_signal, "0" * 64, "pdq")
            self.assertRaises(Failed, ruby.lookup_file, hills, "photo")
            self.assertRaises(Failed, ruby.bank_exists, "TEST_BANK")
        ruby = Ruby(self.node("states-closed").port)
        self.assertRaises(Failed, ruby.lookup_signal, "0" * 64, "pdq")
        ruby = Ruby(self.node("states-no-fetch", "open").port)
        with self.assertRaises(Failed) as caught:
            ruby.get("/h/hash", url=self.url + "/known/hills.jpg")
        self.assertEqual(caught.exception.args[0], "ConfigurationError")

    def test_policyserv_never_passes_what_was_not_looked_at(self):
        node = self.node("policyserv", "checker=checker", "curator=curator", "slow=checker@2")
        ruby = Ruby(node.port, "/k/" + node.keys["curator"])
        ruby.create_bank("KNOWN")
        ruby.post_file("/c/bank/KNOWN/content", "photo", self.picture("known/hills.jpg"), "image/jpeg")
        clip = self.picture("clip.mp4")
        ruby.post_file("/c/bank/KNOWN/content", "video", clip, "video/mp4")
        scanner = Policyserv(node.port, node.keys["checker"])
        self.assertEqual(scanner.scan("photo", self.picture("uploads/hills--grey.jpg"), ["KNOWN"]), ["KNOWN"])
        self.assertEqual(scanner.scan("photo", self.picture("known/map.png"), ["KNOWN"]), [])
        self.assertEqual(scanner.scan("photo", self.picture("plain.png"), ["KNOWN"]), [])
        self.assertEqual(scanner.scan("video", clip, ["KNOWN"]), ["KNOWN"])
        self.assertRaises(Failed, scanner.scan, "photo", self.picture("cut.jpg"), ["KNOWN"])
        # It may be told to wait after the hash, and then takes any object for a list of banks.
        scanner = Policyserv(node.port, node.keys["slow"])
        with self.assertRaises(Failed):
            for _ in range(20):
                scanner.scan("photo", self.picture("known/hills.jpg"), ["KNOWN"])
        slow = "/k/%s/m/lookup?signal_type=pdq&signal=%s" % (node.keys["slow"], "0" * 64)
        answers = [run.ask(node.port, "GET", slow) for _ in range(20)]
        self.assertIn(429, [answer.status for answer in answers])
        for answer in answers:
            if answer.status != 200:
                self.assertRaises(ValueError, json.loads, answer.body)
        for key in ("", "wrong"):
            self.assertRaises(Failed, Policyserv(node.port, key).scan, "photo", clip, ["KNOWN"])
        for state in ("loading", "behind", "failed"):
            scanner = Policyserv(self.node("policyserv-" + state, "open", "state=" + state).port)
            self.assertRaises(Failed, scanner.scan, "photo", self.picture("known/hills.jpg"), ["KNOWN"])


class Lists(unittest.TestCase):
    """What a session cannot say: times, and answers of hundreds of items."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="hilf-hma-")
        self.addCleanup(self.folder.cleanup)
        data = os.path.join(self.folder.name, "data")
        os.makedirs(os.path.join(data, "exchanges"), mode=0o700)
        os.chmod(data, 0o700)
        self.exchanges = os.path.join(data, "exchanges")
        self.node = run.Node(PROGRAM, HELPERS, data, ["open", "scoped=checker:NEAR"])
        self.addCleanup(self.node.stop)
        self.ruby = Ruby(self.node.port)

    @staticmethod
    def near(number):
        """Values a few bits from each other."""
        value = int("0123456789abcdef" * 4, 16)
        for bit in range(12):
            if number >> bit & 1:
                value ^= 1 << (bit * 17)
        return "%064x" % value

    def fill(self, bank, numbers, ratio=1.0):
        """By an exchange, which is the quickest."""
        with open(os.path.join(self.exchanges, bank), "w", encoding="utf-8") as file:
            file.writelines("pdq %s\n" % self.near(number) for number in numbers)
        self.ruby.post("/c/exchanges", {"bank": bank, "api": "local_file", "api_json": {"filename": bank}})
        status = self.ruby.get("/c/exchange/%s/status" % bank)
        self.assertEqual((status["fetched_items"], status["last_fetch_succeeded"]), (len(numbers), True))
        answer = run.ask(self.node.port, "PUT", "/c/bank/" + bank, [("Content-Type", "application/json")],
                         json.dumps({"enabled_ratio": ratio}).encode())
        self.assertEqual(answer.status, 200)

    def test_all_that_is_near_is_told_and_shadow_crowds_out_nothing(self):
        self.fill("CROWD", range(3000), ratio=0)
        self.fill("NEAR", range(1, 4096, 7))
        self.fill("FAR", range(2, 4096, 13))
        found = self.ruby.lookup_signal(self.near(0), "pdq")
        self.assertEqual(len([match for match in found if match[0] == "NEAR"]), len(range(1, 4096, 7)))
        self.assertEqual(len([match for match in found if match[0] == "FAR"]), len(range(2, 4096, 13)))
        self.assertEqual({match[0] for match in found}, {"NEAR", "FAR"})
        distances = [match[2] for match in found if match[0] == "NEAR"]
        self.assertEqual(distances, sorted(distances))
        self.assertEqual(len(self.ruby.raw_lookup(self.near(0), "pdq", True)), len(found))
        one = self.ruby.get("/m/lookup", signal=self.near(0), signal_type="pdq", banks="FAR,NONE")
        self.assertEqual((list(one), len(one["FAR"])), (["FAR"], len(range(2, 4096, 13))))
        self.assertEqual(self.ruby.get("/m/lookup", signal=self.near(0), signal_type="pdq", banks="CROWD"), {})
        scoped = Ruby(self.node.port, "/k/" + self.node.keys["scoped"]).lookup_signal(self.near(0), "pdq")
        self.assertEqual({match[0] for match in scoped}, {"NEAR"})

    def test_about_half_of_the_seeds_see_a_bank_of_half(self):
        self.fill("HALF", [0], ratio="0.5")
        seen = [bool(self.ruby.get("/m/lookup", signal=self.near(0), signal_type="pdq", seed="content-%d" % i))
                for i in range(400)]
        again = [bool(self.ruby.get("/m/lookup", signal=self.near(0), signal_type="pdq", seed="content-%d" % i))
                 for i in range(50)]
        self.assertTrue(120 < sum(seen) < 280, sum(seen))
        self.assertEqual(again, seen[:50])

    def test_a_disabled_item_comes_back_when_its_time_is_over(self):
        self.fill("SOON", [0])
        (_, entry, _), = self.ruby.lookup_signal(self.near(0), "pdq")
        item = "/c/bank/SOON/content/%d" % entry

        def disable(value):
            return json.loads(run.ask(self.node.port, "PUT", item, [("Content-Type", "application/json")], json.dumps(
                {"disable_until_ts": value}).encode()).body)
        for left_s in (2, 10, 60):  # where this machine stood still, it was back before it was looked for
            until = int(time.time()) + left_s
            self.assertEqual(disable(until + 1000)["disable_until_ts"], until + 1000)
            disabled = disable(until)["disable_until_ts"], self.ruby.get(item)["disable_until_ts"]
            found = self.ruby.lookup_signal(self.near(0), "pdq")
            if time.time() < until:
                break
        self.assertEqual(disabled, (until, until))
        self.assertEqual(found, [])
        while time.time() < until + 0.1:
            time.sleep(0.1)
        self.assertEqual(len(self.ruby.lookup_signal(self.near(0), "pdq")), 1)
        self.assertEqual(self.ruby.get(item)["disable_until_ts"], 1)

    def test_an_exchange_is_read_again_when_its_file_has_changed(self):
        self.fill("FILE", [0])
        self.assertEqual(self.ruby.get("/c/exchange/FILE/status")["up_to_date"], True)
        with open(os.path.join(self.exchanges, "FILE"), "a", encoding="utf-8") as file:
            file.write("pdq %s\nnonsense\n" % self.near(4095))
        self.assertEqual(self.ruby.get("/c/exchange/FILE/status")["up_to_date"], False)
        self.node.turn()
        for _ in range(2400):
            status = self.ruby.get("/c/exchange/FILE/status")
            if status["up_to_date"]:
                break
            time.sleep(0.05)
        self.assertEqual((status["fetched_items"], status["skipped_items"]), (2, 1))
        self.assertEqual(len(self.ruby.lookup_signal(self.near(4095), "pdq")), 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
