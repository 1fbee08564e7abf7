#!/usr/bin/env python3
"""Cuts the power at every sync, and in between.

    powercut.py HILF RECORDER [CUTS]

Commands are run one after the other while record.c writes down what they do to the files. Then, for a moment in that
log, a folder is made as a power cut could have left it: what was synced is there; of what was not, each write may have
reached the disk or not, or in part (whole sectors of 512 bytes), in any order, and of the changes to the folder itself
the first so many. Opened again, hilf must be content with it, with all that was acknowledged by then, and with nothing
half done.

The key is made by a helper before the recording begins. An ordinary run makes some 60 cuts, $HILF_LONG 5,000."""
import hashlib
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

SECTOR = 512
FEW, MANY = 60, 5000


def value(number):
    return hashlib.sha256(b"powercut %d" % number).hexdigest()


def lines(first, count):
    return "".join(f"pdq {value(n)} n={n}\n" for n in range(first, first + count))


def script():
    """Commands, with what the bank holds after each: (arguments, stdin, values)."""
    there, steps = {value(0)}, []

    def step(arguments, stdin="", add=(), remove=()):
        there.update(add)
        there.difference_update(remove)
        steps.append((arguments, stdin, frozenset(there)))

    for n in range(1, 8):
        step(["add", "known", "--signal", "pdq:" + value(n)], add=[value(n)])
    step(["import", "known", "-"], lines(100, 900), add=[value(n) for n in range(100, 1000)])
    step(["withdraw", "3", "--reason", "error: cut"], remove=[value(2)])
    step(["bank", "create", "other"])
    for n in range(8, 14):
        step(["add", "known", "--signal", "pdq:" + value(n)], add=[value(n)])
    step(["import", "known", "-"], lines(2000, 3000), add=[value(n) for n in range(2000, 5000)])
    step(["bank", "remove", "other"])
    step(["withdraw", "50", "--reason", "error: cut"], remove=[value(141)])
    return steps


class Disk:
    """What is durable, and what is only on its way: contents by file, names by folder."""

    def __init__(self, folder):
        self.files, self.names, self.renaming = {}, {}, []
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                self.names[path] = path
                self.files[path] = [open(path, "rb").read(), []]
        self.live = dict(self.names)  # as the programs see it
        self.made = 0

    def apply(self, kind, path, offset, data):
        if kind == "C":
            self.made += 1
            inode = f"{path}#{self.made}"
            self.files[inode] = [b"", []]
            self.live[path] = inode
            self.renaming.append(("C", path, inode))
        elif kind == "N":
            self.live[data.decode()] = self.live.pop(path)
            self.renaming.append(("N", path, data.decode()))
        elif kind == "U":
            self.live.pop(path, None)
            self.renaming.append(("U", path, None))
        elif path not in self.live:
            if kind == "S":  # the folder itself
                self.names, self.renaming = self.named(len(self.renaming)), []
        elif kind == "S":
            inode = self.live[path]
            content, waiting = self.files[inode]
            self.files[inode] = [written(content, waiting), []]
        else:
            self.files[self.live[path]][1].append((kind, offset, data))

    def named(self, count):
        names = dict(self.names)
        for kind, path, to in self.renaming[:count]:
            if kind == "C":
                names[path] = to
            elif kind == "N" and path in names:
                names[to] = names.pop(path)
            elif kind == "U":
                names.pop(path, None)
        return names

    def cut(self, chance):
        """One of the folders that the power could leave: path to content."""
        left = {}
        for path, inode in self.named(chance.randint(0, len(self.renaming))).items():
            content, waiting = self.files[inode]
            kept = [torn(one, chance) for one in waiting if chance.random() < 0.5]
            if chance.random() < 0.3:  # orderly: the first so many
                kept = waiting[:chance.randint(0, len(waiting))]
            left[path] = written(content, kept)
        return left


def torn(change, chance):
    kind, offset, data = change
    if kind != "W" or len(data) <= SECTOR or chance.random() < 0.7:
        return change
    return kind, offset, data[:SECTOR * chance.randint(0, len(data) // SECTOR)]


def written(content, changes):
    if not changes:
        return content
    content = bytearray(content)
    for kind, offset, data in changes:
        if kind == "T":
            del content[offset:]
            content.extend(bytes(max(0, offset - len(content))))
        else:
            content.extend(bytes(max(0, offset - len(content))))
            content[offset:offset + len(data)] = data
    return bytes(content)


def read_log(path):
    data, at, entries = open(path, "rb").read(), 0, []
    while at < len(data):
        kind, path_size, offset, size = struct.unpack_from("<cHQI", data, at)
        at += 15
        name = data[at:at + path_size].decode()
        at += path_size
        if not name.endswith(("-shm", "hilf.lock")):  # nothing rests on these
            entries.append((kind.decode(), name, offset, data[at:at + size]))
        at += size
    return entries


def run(hilf, data, arguments, stdin="", **more):
    return subprocess.run([hilf, *arguments], input=stdin, capture_output=True, text=True, timeout=300,
                          env=dict(os.environ, HILF_DATA=data, LC_ALL="C.UTF-8", **more))


def record(hilf, recorder, work):
    """Runs the script; the disk before it, the log, and where in the log each command had ended."""
    data, log = os.path.join(work, "data"), os.path.join(work, "log")
    assert run(hilf, data, ["bank", "create", "known"]).returncode == 0
    assert run(hilf, data, ["add", "known", "--signal", "pdq:" + value(0)]).returncode == 0
    disk, ends = Disk(data), [0]
    shutil.copytree(os.path.join(data, "key"), os.path.join(work, "key"))
    for arguments, stdin, _ in script():
        done = run(hilf, data, arguments, stdin, LD_PRELOAD=recorder, HILF_RECORD=log)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        ends.append(len(read_log(log)))
    return disk, read_log(log), ends


def look(hilf, folder, expected):
    checked = run(hilf, folder, ["fsck"])
    if checked.returncode != 0:
        return f"fsck: {checked.stdout}{checked.stderr}"
    exported = run(hilf, folder, ["export", "known"])
    if exported.returncode != 0:
        return f"export: {exported.stderr}"
    there = frozenset(line.split()[1] for line in exported.stdout.splitlines())
    if there not in expected:
        return "what is there is neither what was acknowledged nor what was on its way: " + ", ".join(
            f"{len(there - one)} too many and {len(one - there)} missing" for one in expected)
    return None


def main():
    hilf, recorder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    cuts = int(sys.argv[3]) if len(sys.argv) > 3 else MANY if "HILF_LONG" in os.environ else FEW
    work = tempfile.mkdtemp(prefix="hilf-powercut-")
    troubles = 0
    try:
        disk, log, ends = record(hilf, recorder, work)
        states = [frozenset([value(0)])] + [values for _, _, values in script()]
        syncs = [i for i, entry in enumerate(log) if entry[0] == "S"]
        chance = random.Random(20261121)
        moments = sorted(chance.choice(syncs) + chance.choice([0, 0, 1]) if chance.random() < 0.5
                         else chance.randint(0, len(log)) for _ in range(cuts))
        applied = 0
        for number, moment in enumerate(moments):
            while applied < moment:
                disk.apply(*log[applied])
                applied += 1
            done = max(i for i, end in enumerate(ends) if end <= moment)
            folder = os.path.join(work, f"cut{number}")
            os.makedirs(folder, 0o700)
            shutil.copytree(os.path.join(work, "key"), os.path.join(folder, "key"))
            for path, content in disk.cut(chance).items():
                with open(os.path.join(folder, os.path.basename(path)), "wb") as file:
                    file.write(content)
            trouble = look(hilf, folder, states[done:done + 2])
            if trouble:
                troubles += 1
                print(f"cut {number} after {moment} of {len(log)} steps, {done} commands done: {trouble}", flush=True)
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(work)
    print(f"{cuts} power cuts among {len(syncs)} syncs and {len(log)} steps, {troubles} in trouble")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
