#!/usr/bin/env python3
"""Everything in the console is in the API, and in the OpenAPI: each path that web/ asks for is one that the service
describes. It reads the sources, so that also what no other test presses is looked at.

    asked.py HILF API-TESTS-FOLDER WEB-SOURCES
"""
import os
import re
import sys

sys.path.insert(0, sys.argv[2])
from common import Node, folder  # noqa: E402

PATH = re.compile(r"""["'`](/v1/[^"'`\s?]*)""")


def asked(sources):
    """Each path with the file that has it; what is put in at run time is X."""
    for place, _, names in sorted(os.walk(sources)):
        for name in sorted(names):
            if name.endswith((".ts", ".tsx")):
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    for found in PATH.finditer(file.read()):
                        yield name, re.sub(r"\$\{[^}]*\}", "X", found[1])


def main():
    with folder() as data:
        node = Node(data)
        described = node.must("GET", "/v1/openapi.json").json["paths"]
        node.stop()
    shapes = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in described]
    paths = list(asked(sys.argv[3]))
    # A path that ends in a slash is put together with a name.
    missing = [(name, path) for name, path in paths
               if not any(shape.fullmatch(path + "X" if path.endswith("/") else path) for shape in shapes)]
    assert len(paths) > 50, "the sources were not found"
    for name, path in missing:
        print(f"FAILED: {name} asks for {path}, which the service does not describe")
    print(f"{len(paths) - len(missing)} of {len(paths)} paths")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
