#!/usr/bin/env python3
"""The one rule of the house: a file includes from its own room, hilf.h, or a room of a lower layer; never from a sibling,
never upward. And each room says in a README who may use it and what it may use.

    check_layers.py ROOT                 prints each breach, exits 1 if there is one
    check_layers.py ROOT --expect FILE   the breaches must be exactly the lines of FILE (the checker's own test)
"""
import pathlib
import re
import sys

LAYER = {
    "base": 0,
    "wire": 1, "os": 1, "simd": 1,
    "signal": 2, "index": 2, "text": 2, "url": 2, "store": 2, "ledger": 2, "exchange": 2,
    "engine": 3, "media": 3,  # media: what the decoding helpers are made of, and a stranger to libhilf
    "http": 4, "proc": 5, "cli": 6,
}
ONLY_FOR = {"media": {"proc"}}  # rooms that not every higher one may use
FOR_TESTS = {"test", "bench"}  # folders outside src/ that *_test files may use
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def breach_of(room, is_test, quote, target):
    """What is wrong with an include of target in a file of room; None when nothing is."""
    first, slash, _ = target.partition("/")
    if target == "hilf.h" or (quote == "<" and first not in LAYER):
        return None
    if room == "include":
        return "the public header includes nothing of the project"
    if quote == "<":
        return 'write it in quotes: "%s"' % target
    if not slash or first in (".", ".."):
        return 'write it as "room/file.h"'
    if first in FOR_TESTS:
        return None if is_test else "%s/ is for *_test files only" % first
    if first not in LAYER:
        return "there is no room %s/; a new one gets a line in tools/check_layers.py" % first
    if first == room or LAYER[first] < LAYER[room]:
        allowed = ONLY_FOR.get(first, {room}) | {first}
        return None if room in allowed else "%s/ is for %s/ only" % (first, "/ and ".join(sorted(ONLY_FOR[first])))
    return "%s/ is a sibling of %s/" % (first, room) if LAYER[first] == LAYER[room] else \
        "%s/ is above %s/" % (first, room)


def breaches(root):
    for room in sorted(path for path in (root / "src").iterdir() if path.is_dir()):
        if room.name not in LAYER:
            yield "src/%s: an unknown room; give it a layer in tools/check_layers.py" % room.name
        if not (room / "README.md").is_file():
            yield "src/%s: has no README.md that says who may use it and what it may use" % room.name
    for path in sorted(root.glob("src/**/*.[ch]")) + sorted(root.glob("include/**/*.h")):
        where = path.relative_to(root)
        room = where.parts[1] if where.parts[0] == "src" and len(where.parts) > 2 else "include"
        if where.parts[0] == "src" and room not in LAYER:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            what = found and breach_of(room, path.stem.endswith("_test"), *found.groups())
            if what:
                yield "%s:%d: includes %s: %s" % (where.as_posix(), number, found.group(2), what)


def main(arguments):
    if len(arguments) not in (1, 3) or (len(arguments) == 3 and arguments[1] != "--expect"):
        sys.exit(__doc__)
    root = pathlib.Path(arguments[0])
    if not (root / "src").is_dir():
        sys.exit("check_layers.py: there is no src/ in %s" % root)
    found = list(breaches(root))
    wanted = pathlib.Path(arguments[2]).read_text(encoding="utf-8").splitlines() if len(arguments) == 3 else []
    if found != wanted:
        print("\n".join(found) or "no breach was found, though some were expected")
        sys.exit(1)


main(sys.argv[1:])
