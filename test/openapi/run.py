#!/usr/bin/env python3
"""The OpenAPI description, its examples, and every answer that the API's tests get, before public validators from npm
(package.json). Skipped, aloud, without npm or the network.

    run.py HILF API-TESTS-FOLDER
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from npm import modules  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("HILF_BUILD") or os.path.dirname(os.path.abspath(sys.argv[1]))
CASES = ["checks", "bad", "entries", "service", "matrix", "cases", "decisions", "insight", "session", "vault"]


def validators():
    place = os.path.join(BUILD, "test", "openapi")
    modules(HERE, place)
    shutil.copy(os.path.join(HERE, "check.mjs"), place)
    return place


def main():
    place = validators()
    with tempfile.TemporaryDirectory(prefix="hilf-openapi-") as folder:
        answers = os.path.join(folder, "answers.jsonl")
        env = {**os.environ, "HILF_ANSWERS": answers, "HILF_BUILD": BUILD}
        for name in CASES:
            result = subprocess.run([sys.executable, os.path.join(sys.argv[2], name + ".py"), sys.argv[1]], env=env,
                                    capture_output=True, text=True, timeout=1800, check=False)
            if result.returncode:
                print(f"{name}.py failed; its own test says how")
        openapi = os.path.join(folder, "openapi.json")
        extract(answers, openapi)
        sys.exit(subprocess.run(["node", os.path.join(place, "check.mjs"), openapi, answers], check=False).returncode)


def extract(answers, openapi):
    with open(answers, encoding="utf-8") as file:
        for line in file:
            answer = json.loads(line)
            if answer["path"] == "/v1/openapi.json" and answer["status"] == 200:
                with open(openapi, "w", encoding="utf-8") as to:
                    to.write(answer["body"])
                return
    sys.exit("no test read the description")


main()
