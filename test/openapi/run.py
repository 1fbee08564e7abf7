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

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("HILF_BUILD") or os.path.dirname(os.path.abspath(sys.argv[1]))
CASES = ["checks", "bad", "entries", "service", "matrix", "insight"]


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def modules():
    """The validators, installed once into the build folder, as the lock file has them."""
    place = os.path.join(BUILD, "test", "openapi")
    os.makedirs(place, exist_ok=True)
    if not shutil.which("npm"):
        skip("there is no npm")
    lock = open(os.path.join(HERE, "package-lock.json"), encoding="utf-8").read()
    there = os.path.join(place, "package-lock.json")
    if not (os.path.isdir(os.path.join(place, "node_modules")) and os.path.exists(there) and open(there, encoding="utf-8").read() == lock):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(HERE, name), place)
        result = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, capture_output=True,
                                text=True, timeout=120, check=False)
        if result.returncode:
            os.unlink(there)
            skip("npm ci: " + (result.stderr.strip().splitlines() or ["failed"])[-1])
    shutil.copy(os.path.join(HERE, "check.mjs"), place)
    return place


def main():
    place = modules()
    with tempfile.TemporaryDirectory(prefix="hilf-openapi-") as folder:
        answers = os.path.join(folder, "answers.jsonl")
        env = {**os.environ, "HILF_ANSWERS": answers, "HILF_BUILD": BUILD}
        for name in CASES:
            result = subprocess.run([sys.executable, os.path.join(sys.argv[2], name + ".py"), sys.argv[1]], env=env,
                                    capture_output=True, text=True, timeout=240, check=False)
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
