#!/usr/bin/env python3
"""Fails one call after the other in the shipped program, and looks what is left.

    torture.py HILF SHIM [SCENARIO[/KIND[/K]]]

For every scenario below and every kind of call that preload.c knows, the command runs with its k-th call failing, on a
fresh copy of prepared data. It must not crash or hang; it ends with 0 or 1 only when it did all it was asked, as the
same command does without a fault, and else with 2 and a message. Whatever happened, 'hilf fsck' is content afterwards,
what was there before is there still, and what was acknowledged is there too.

A few k of each are tried; all of them with $HILF_LONG. Naming a scenario (kind, k) tries only that, and tells."""
import concurrent.futures
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile

KINDS = ["malloc", "read", "write", "enospc", "enospc+", "short+", "fsync", "open", "mmap"]
FEW = 3  # of each scenario and kind, in an ordinary run
TIMEOUT_S = 300


def value(number):
    return hashlib.sha256(b"torture %d" % number).hexdigest()


BEFORE = [value(n) for n in range(20)]
IMPORTED = [value(n) for n in range(1000, 3000)]
STRANGERS = [value(n) for n in range(5000, 5010)]


class Scenario:
    """A command, and what of the bank's values must, may and must not be there after it."""

    def __init__(self, name, arguments, stdin="", prepared=True, after=None, reads_only=False, saved=False):
        self.name, self.arguments, self.stdin, self.prepared = name, arguments, stdin, prepared
        self.saved = saved  # begins with a snapshot of the index
        self.after = BEFORE if after is None else after
        self.reads_only = reads_only


SCENARIOS = [
    Scenario("create", ["bank", "create", "first"], prepared=False, after=[]),
    Scenario("create-another", ["bank", "create", "another"]),
    Scenario("add", ["add", "known", "--signal", "pdq:" + STRANGERS[0]], after=BEFORE + STRANGERS[:1]),
    Scenario("import", ["import", "known", "-"], stdin="".join(f"pdq {v} set=torture\n" for v in IMPORTED),
             after=BEFORE + IMPORTED),
    Scenario("withdraw", ["withdraw", "7", "--reason", "error: torture"], after=BEFORE[:6] + BEFORE[7:]),
    Scenario("remove", ["bank", "remove", "known"], after=[]),
    Scenario("erase", ["entry", "erase", "7", "--reason", "court"], after=BEFORE[:6] + BEFORE[7:]),
    Scenario("erase-saved", ["entry", "erase", "7", "--reason", "court"], after=BEFORE[:6] + BEFORE[7:], saved=True),
    Scenario("match", ["match", "--signals", "-"], stdin="".join(f"pdq {v}\n" for v in BEFORE[:5] + STRANGERS),
             reads_only=True),
    Scenario("save", ["index", "--save"]),
    Scenario("save-again", ["index", "--save"], saved=True),
    Scenario("match-saved", ["match", "--signals", "-"],
             stdin="".join(f"pdq {v}\n" for v in BEFORE[:5] + STRANGERS), reads_only=True, saved=True),
    Scenario("add-saved", ["add", "known", "--signal", "pdq:" + STRANGERS[0]], after=BEFORE + STRANGERS[:1], saved=True),
    Scenario("export", ["export", "known"], reads_only=True),
    Scenario("list", ["bank", "list"], reads_only=True),
    Scenario("fsck", ["fsck"]),
    Scenario("backup", ["backup", "DATA-backup"]),
    Scenario("restore", ["restore", "BACKUP"], prepared=False),
]


class Torture:
    def __init__(self, hilf, shim, work):
        self.hilf, self.shim, self.work = hilf, shim, work
        self.prepared = os.path.join(work, "prepared")
        self.empty = os.path.join(work, "empty")
        os.mkdir(self.empty, 0o700)
        self.run(self.prepared, ["bank", "create", "known"])
        lines = "".join(f"pdq {v} set=before\n" for v in BEFORE)
        done = self.run(self.prepared, ["import", "known", "-"], stdin=lines)
        assert done.returncode == 0, done.stderr
        self.saved = os.path.join(work, "saved")
        shutil.copytree(self.prepared, self.saved)
        done = self.run(self.saved, ["index", "--save"])
        assert done.returncode == 0, done.stderr
        self.backup = os.path.join(work, "backup")
        done = self.run(self.prepared, ["backup", self.backup])
        assert done.returncode == 0, done.stderr

    def begin(self, scenario):
        return self.saved if scenario.saved else self.prepared if scenario.prepared else self.empty

    def run(self, data, arguments, stdin="", fault=None, report=None):
        environment = dict(os.environ, HILF_DATA=data, LC_ALL="C.UTF-8")
        arguments = [one.replace("DATA", data).replace("BACKUP", getattr(self, "backup", "")) for one in arguments]
        if fault:
            environment.update(LD_PRELOAD=self.shim, HILF_FAULT=fault, HILF_FAULT_REPORT=report)
        return subprocess.run([self.hilf, *arguments], input=stdin, capture_output=True, text=True, env=environment,
                              timeout=TIMEOUT_S)

    def try_one(self, scenario, kind, k):
        """Runs once; (fired, calls, trouble)."""
        folder = tempfile.mkdtemp(dir=self.work)
        try:
            data, report = os.path.join(folder, "data"), os.path.join(folder, "report")
            shutil.copytree(self.begin(scenario), data)
            os.chmod(data, 0o700)
            fault = f"{kind.rstrip('+')}:{k}{'+' if kind.endswith('+') else ''}"
            done = self.run(data, scenario.arguments, scenario.stdin, fault, report)
            text = open(report).read() if os.path.exists(report) else ""
            calls = int(text.split("calls ")[1]) if "calls " in text else 0
            return "fired" in text, calls, self.judge(scenario, data, done, k)
        except subprocess.TimeoutExpired as late:
            return True, 0, f"{late.cmd[1]} did not end"
        finally:
            shutil.rmtree(folder)

    def judge(self, scenario, data, done, k):
        if done.returncode < 0 or done.returncode > 2:
            return f"ended with {done.returncode}: {done.stderr[-500:]}"
        if done.returncode == 2 and not done.stderr.strip():
            return "failed without a word"
        reference = self.references.get(scenario.name)
        if reference and done.returncode != 2 and done.returncode != reference.returncode:
            return f"answered {done.returncode}, not {reference.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}"
        if reference and scenario.reads_only and done.returncode != 2 and done.stdout != reference.stdout:
            return "answered something else, and called it good"
        return self.look(scenario, data, done)

    def matches_as_exported(self, data):
        """Whether the index, from a snapshot or not, knows what the store knows."""
        exported = self.run(data, ["export", "known"])
        there = {line.split()[1] for line in exported.stdout.splitlines()} if exported.returncode == 0 else set()
        asked = BEFORE[:5] + STRANGERS
        answers = self.run(data, ["match", "--signals", "-"], stdin="".join(f"pdq {v}\n" for v in asked))
        known = [line.split("\t")[1] == "review" for line in answers.stdout.splitlines()]
        return known == [value in there for value in asked]

    def look_into_backup(self, data):
        """What has the name of a backup is one, also when the last sync of its folder failed."""
        restored = self.run(data + "-restored", ["restore", "DATA-backup".replace("DATA", data)])
        if restored.returncode != 0:
            return f"a backup that cannot be restored: {restored.stderr}"
        exported = self.run(data + "-restored", ["export", "known"])
        there = {line.split()[1] for line in exported.stdout.splitlines()}
        return None if there == set(BEFORE) else "a backup without all that was there"

    def look(self, scenario, data, done):
        complete = done.returncode != 2
        if not os.path.exists(os.path.join(data, "hilf.db")):
            return "the store is gone" if complete or scenario.prepared else None
        if scenario.name == "backup" and os.path.exists(data + "-backup"):
            return self.look_into_backup(data)
        if scenario.name == "backup" and complete:
            return "said it was done, but there is no backup"
        if not self.matches_as_exported(data):
            return "what matches is not what is there"
        checked = self.run(data, ["fsck"])
        if checked.returncode != 0:
            return f"fsck afterwards: {checked.stdout}{checked.stderr}"
        exported = self.run(data, ["export", "known"])
        there = {line.split()[1] for line in exported.stdout.splitlines()} if exported.returncode == 0 else set()
        before, after = set(BEFORE if scenario.prepared else []), set(scenario.after)
        if complete and there != after:
            return f"said it was done, but {len(there ^ after)} values are not as they should be"
        if there != before and there != after:
            return f"half done: {len(there ^ before)} values differ from before, {len(there ^ after)} from after"
        return None

    def prepare_references(self):
        """What each command does without a fault, and how many calls of each kind it makes."""
        self.references = {}
        for scenario in SCENARIOS:
            folder = tempfile.mkdtemp(dir=self.work)
            data = os.path.join(folder, "data")
            shutil.copytree(self.begin(scenario), data)
            self.references[scenario.name] = self.run(data, scenario.arguments, scenario.stdin)
            assert self.references[scenario.name].returncode in (0, 1), self.references[scenario.name].stderr


def choose(count, everything):
    if everything or count <= FEW:
        return range(1, count + 1)
    chance = random.Random(count)  # the same ones each time
    return sorted({1 + chance.randrange(count) for _ in range(FEW)})


def main():
    hilf, shim = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    only = (sys.argv[3].split("/") + [None, None])[:3] if len(sys.argv) > 3 else [None] * 3
    work = tempfile.mkdtemp(prefix="hilf-torture-")
    tried, troubles = 0, []
    try:
        torture = Torture(hilf, shim, work)
        torture.prepare_references()
        todo = []
        for scenario in SCENARIOS:
            for kind in KINDS:
                if only[0] not in (None, scenario.name) or only[1] not in (None, kind):
                    continue
                _, count, trouble = torture.try_one(scenario, kind, 10**9)
                assert not trouble, f"{scenario.name} without a fault: {trouble}"
                ks = [int(only[2])] if only[2] else choose(count, "HILF_LONG" in os.environ or only[1])
                todo += [(scenario, kind, k) for k in ks]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for (scenario, kind, k), (_, _, trouble) in zip(todo, pool.map(lambda one: torture.try_one(*one), todo)):
                tried += 1
                if trouble:
                    troubles.append(f"{scenario.name}/{kind}/{k}: {trouble}")
                    print(troubles[-1], flush=True)
    finally:
        shutil.rmtree(work)
    print(f"{tried} failing calls tried, {len(troubles)} in trouble")
    return 1 if troubles or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
