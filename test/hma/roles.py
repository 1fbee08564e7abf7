#!/usr/bin/env python3
"""Every route of the drop-in with every role, on a bank of one's own, one of nobody's, and one outside a key's banks.

    roles.py SERVER HELPERS ROUTES.EXPECTED [--update]

Prints what differs from the expected table: a line for each route, with the roles that are let in (neither 401 nor 403) with
"+" where that holds for a key that is limited to the bank, too. The routes are those of /openapi/openapi.json, so that a new
one is a line that nobody has looked at."""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402

ROLES = ("checker", "curator", "reviewer", "operator", "auditor")
PDQ = "0123456789abcdef" * 4
BODIES = {
    "/c/banks": {"name": "OURS"}, "/c/exchanges": {"bank": "OURS", "api": "sample"},
    "/c/bank/{bank}/signal": {"pdq": PDQ}, "/m/compare": {"pdq": [PDQ, PDQ]},
}
QUERIES = {"/m/lookup": "?signal_type=pdq&signal=" + PDQ, "/m/raw_lookup": "?signal_type=pdq&signal=" + PDQ}


def routes(node):
    paths = json.loads(run.ask(node.port, "GET", "/openapi/openapi.json").body)["paths"]
    return sorted((path, method.upper()) for path, methods in paths.items() for method in methods)


def send(node, key, method, path, bank):
    """With what gets past the rules and then fails or does nothing."""
    target = path.replace("{bank}", bank).replace("{exchange}", bank).replace("{content}", "999")
    target = target.replace("{api}", "sample").replace("{type}", "nonsense")
    headers, body = [], None
    if method in ("POST", "PUT"):
        body = json.dumps(BODIES.get(path, {})).replace("OURS", bank).encode()
        headers.append(("Content-Type", "application/json"))
    if path in ("/h/hash", "/m/lookup") and method == "POST":
        body = run.multipart([("nonsense", "x", "text/plain", b"x")])
        headers = [("Content-Type", "multipart/form-data; boundary=" + run.BOUNDARY)]
    prefix = "/k/" + key if key else ""
    return run.ask(node.port, method, prefix + target + QUERIES.get(path, ""), headers, body).status


def main():
    program, helpers, expected = sys.argv[1:4]
    lines = []
    with tempfile.TemporaryDirectory(prefix="hilf-hma-") as folder:
        data = os.path.join(folder, "data")
        options = ["%s=%s" % (role, role) for role in ROLES] + ["ours-%s=%s:OURS" % (role, role) for role in ROLES]
        node = run.Node(os.path.abspath(program), os.path.abspath(helpers), data, options)
        for path, method in routes(node):
            let_in = []
            for role in ROLES:
                # Made anew each time: some routes remove it.
                for bank in ("OURS", "THEIRS"):
                    run.ask(node.port, "POST", "/k/%s/c/banks" % node.keys["operator"],
                            [("Content-Type", "application/json")], json.dumps({"name": bank}).encode())
                whole = send(node, node.keys[role], method, path, "OURS") not in (401, 403)
                ours = send(node, node.keys["ours-" + role], method, path, "OURS")
                theirs = send(node, node.keys["ours-" + role], method, path, "THEIRS")
                # The name of a bank that is there is refused with 403, too, after the rules.
                taken = path in ("/c/banks", "/c/exchanges") and method == "POST"
                if taken:
                    run.ask(node.port, "DELETE", "/k/%s/c/bank/OURS" % node.keys["operator"])
                    whole = send(node, node.keys[role], method, path, "OURS") not in (401, 403)
                    run.ask(node.port, "DELETE", "/k/%s/c/bank/OURS" % node.keys["operator"])
                    run.ask(node.port, "DELETE", "/k/%s/c/exchange/OURS" % node.keys["operator"])
                    ours = send(node, node.keys["ours-" + role], method, path, "OURS")
                    run.ask(node.port, "DELETE", "/k/%s/c/exchange/OURS" % node.keys["operator"])
                if "{bank}" in path or "{exchange}" in path or taken:
                    assert theirs == 403, (method, path, role, theirs)
                if whole:
                    let_in.append(role + ("+" if ours not in (401, 403) else ""))
            nobody = send(node, None, method, path, "OURS")
            assert let_in or nobody == 401
            lines.append("%s %s: %s%s\n" % (method, path, "nobody " if nobody not in (401, 403) else "", " ".join(let_in)))
        node.stop()
    if "--update" in sys.argv:
        with open(expected, "w", encoding="utf-8") as file:
            file.writelines(lines)
        return 0
    with open(expected, encoding="utf-8") as file:
        known = file.readlines()
    for line in sorted(set(known) - set(lines)):
        print("-" + line, end="")
    for line in sorted(set(lines) - set(known)):
        print("+" + line, end="")
    return 1 if known != lines else 0


if __name__ == "__main__":
    sys.exit(main())
