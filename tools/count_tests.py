#!/usr/bin/env python3
"""Counts the tests of the last runs in the build folders given: cmocka's own where a test program printed them, else
the program as one. The last line printed is 'N passed, N failed, N skipped'."""
import json
import re
import sys

COUNTS = re.compile(r"^\[\s*(PASSED|SKIPPED|FAILED)\s*\]\s+(\d+) test\(s\)|^(\d+) passed, (\d+) failed, (\d+) skipped$",
                    re.MULTILINE)


def count(result):
    text = (result.get("stdout") or "") + "\n" + (result.get("stderr") or "")
    passed = failed = skipped = 0
    for word, number, *line in COUNTS.findall(text):
        if word == "PASSED":
            passed += int(number)
        elif word == "FAILED":
            failed += int(number)
        elif word == "SKIPPED":
            skipped += int(number)
        else:
            passed, failed, skipped = passed + int(line[0]), failed + int(line[1]), skipped + int(line[2])
    if result["result"] == "SKIP":
        return 0, 0, max(skipped, 1)
    if result["result"] != "OK":
        return passed, max(failed, 1), skipped
    return (passed, failed, skipped) if passed + failed + skipped else (1, 0, 0)


def main():
    total = [0, 0, 0]
    skips = []
    for build in sys.argv[1:]:
        with open(f"{build}/meson-logs/testlog.json", encoding="utf-8") as log:
            for line in log:
                result = json.loads(line)
                for i, n in enumerate(count(result)):
                    total[i] += n
                text = (result.get("stdout") or "") + (result.get("stderr") or "")
                skips += [f"{build}: {s}" for s in re.findall(r"^SKIPPED: .*$", text, re.MULTILINE)]
    for line in skips:
        print(line)
    print("%d passed, %d failed, %d skipped" % tuple(total))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
