#!/usr/bin/env python3
"""Runs every block of code of a page of the documentation against a real node, in the page's order:

    run.py BUILD-FOLDER PAGE

Blocks are fenced with sh, python or js; what is merely indented is not run. They share a folder with known/ and uploads/
and a node of their own; "127.0.0.1:5100" becomes its address, and HILF_KEY an operator's key. Then calls what Python blocks
define, where CHECKS has something to say about them."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "serve"))
import serving  # noqa: E402

FENCE = re.compile(r"^```(sh|python|js)\n(.*?)^```$", re.M | re.S)
CHECKS = {
    "is_genuine": """
body = b'{"type":"entry.reversed","data":{"contents":[{"content_id":"a","was":"review","now":"no_match"},{"content_id":"b","was":"block","now":"review"}]}}'
signed = b"id.1700000000." + body
good = {"webhook-id": "id", "webhook-timestamp": "1700000000",
        "webhook-signature": "v1," + base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()}
assert is_genuine(good, body, 1700000100)
assert not is_genuine(good, body + b" ", 1700000100), "a changed body"
assert not is_genuine(good, body, 1700009999), "an old one"
assert reversed_contents(body) == ["a"]
""",
    "def check": """
assert found["verdict"] == "no_match" and not found["undecided"], found
assert check("uploads/banner--half-size.jpg", "again")["shadow_verdict"] == "review"
assert check("key.json", "no picture")["verdict"] == "undecided"
hilf.close()
hilf.port = 9
assert check("uploads/banner--half-size.jpg", "nobody there")["verdict"] == "undecided"
""",
}


def run(kind, code, folder, environment):
    if kind == "python":
        code += "".join(check for name, check in CHECKS.items() if name in code)
    command = {"sh": ["sh", "-eu", "-c", code], "python": [sys.executable, "-c", code],
               "js": ["node", "--input-type=module", "-e", code]}[kind]
    return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, timeout=300, check=False)


def main():
    build, page = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    serving.HILF = os.path.join(build, "hilf")
    blocks = FENCE.findall(page.read_text(encoding="utf-8"))
    status = 0 if blocks else 1
    with tempfile.TemporaryDirectory(prefix="hilf-docs-") as folder:
        subprocess.run([os.path.join(build, "tools", "hilf-draw"), folder], check=True)
        data = os.path.join(folder, "data")
        environment = dict(os.environ, HILF_DATA=data)
        node = serving.Serve(data, env=environment)
        port = node.port
        environment["HILF_KEY"] = pathlib.Path(data, "first-key").read_text(encoding="ascii").strip()
        said = ""
        for number, (kind, code) in enumerate(blocks, 1):
            if kind == "js" and not shutil.which("node"):
                print(f"SKIP block {number}: there is no node")
                continue
            said += code if kind == "sh" and code.startswith("KEY=") else ""
            if kind == "sh" and "$KEY" in code and not code.startswith("KEY="):
                code = said.split("\n", 1)[0] + "\n" + code
            code = code.replace("127.0.0.1:5100", f"127.0.0.1:{port}").replace("127.0.0.1\", 5100", f"127.0.0.1\", {port}")
            result = run(kind, code, folder, environment)
            good = result.returncode == 0
            print(f"{'ok' if good else 'FAILED'} block {number} ({kind})")
            if not good:
                print(code, result.stdout, result.stderr, sep="\n----\n")
                status = 1
        node.stop()
    sys.exit(status)


main()
