#!/usr/bin/env python3
"""Text files as C strings: embed.py OUTPUT HEADER NAME=FILE ...   (HEADER declares the names)
JSON files of one name are one object: what each of them holds, and none holds what another does."""
import json
import pathlib
import sys


def literal(text):
    for line in text.splitlines(keepends=True):
        # json's escapes are C's, but for \u: these files are ASCII.
        yield "\t%s\n" % json.dumps(line)


def once(pairs):
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError("more than once: " + ", ".join(twice))
    return dict(pairs)


def joined(paths):
    """JSON is no larger than need be, and checked."""
    objects = [json.loads(path.read_text(encoding="ascii"), object_pairs_hook=once) for path in paths]
    whole = once([pair for one in objects for pair in one.items()])
    return json.dumps(whole, indent=0, separators=(",", ":")) + "\n"


def main(output, header, *pairs):
    parts = ["/* Made by tools/embed.py. */\n#include \"%s\"\n\n" % header,
             "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"]
    files = {}
    for pair in pairs:
        name, path = pair.split("=", 1)
        files.setdefault(name, []).append(pathlib.Path(path))
    for name, paths in files.items():
        json_files = all(path.suffix == ".json" for path in paths)
        text = joined(paths) if json_files else paths[0].read_text(encoding="ascii")
        parts.append("\nconst char %s[] =\n%s\t;\n" % (name, "".join(literal(text)).rstrip("\n") + "\n"))
    pathlib.Path(output).write_text("".join(parts), encoding="ascii")


main(*sys.argv[1:])
