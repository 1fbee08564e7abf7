#!/usr/bin/env python3
"""Text files as C strings: embed.py OUTPUT HEADER NAME=FILE ...   (HEADER declares the names)"""
import json
import pathlib
import sys


def literal(text):
    for line in text.splitlines(keepends=True):
        # json's escapes are C's, but for \u: these files are ASCII.
        yield "\t%s\n" % json.dumps(line)


def main(output, header, *pairs):
    parts = ["/* Made by tools/embed.py. */\n#include \"%s\"\n\n" % header,
             "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"]
    for pair in pairs:
        name, path = pair.split("=", 1)
        text = pathlib.Path(path).read_text(encoding="ascii")
        if path.endswith(".json"):  # no larger than need be, and checked
            text = json.dumps(json.loads(text), indent=0, separators=(",", ":")) + "\n"
        parts.append("\nconst char %s[] =\n%s\t;\n" % (name, "".join(literal(text)).rstrip("\n") + "\n"))
    pathlib.Path(output).write_text("".join(parts), encoding="ascii")


main(*sys.argv[1:])
