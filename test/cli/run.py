#!/usr/bin/env python3
"""Runs sessions with hilf and compares what they print with what the file says they print.

    run.py HILF CASE.t [--update]

A case reads like a manual. Lines of prose are passed over; an indented line is part of the session:

    Make a bank, and look at it.

        $ hilf bank create known
        ! hilf: bank 'known' is there, mode review; fill it with ...
        $ hilf bank list
        known	review	31	0	0	own	<date>
        $ hilf bank create known
        ! hilf: there is a bank 'known' already; 'hilf bank show known' shows it
        [2]

"$ " begins a command for bash ("> " goes on with it), "! " is a line on standard error, "[N]" an exit status other
than 0, anything else a line on standard output. Each command has a shell of its own; all have one folder, with HILF_DATA
in it, which is called DIR in what it prints. In expected lines <date>, <time>, <n>, <id>, <hex> and <any> stand for what differs from run to run.

The prose line "requires: WHAT" skips the case, aloud, where WHAT is missing: pictures (drawn by hilf-draw, linked to as
`pictures`), mount (the right to mount a small file system), setpriv."""
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile

HOLES = {
    "date": r"\d{4}-\d\d-\d\d",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "n": r"\d+",
    "id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.\d+)?",
    "hex": r"[0-9a-f]+",
    "any": r".*",
}
# What --update puts in place of text that differs from run to run.
DIFFERS = (
    (re.compile(HOLES["id"]), "<id>"),
    (re.compile(HOLES["time"]), "<time>"),
    (re.compile(HOLES["date"]), "<date>"),
    (re.compile(r"\b1[789]\d{11}\b"), "<n>"),
)
INDENT = "    "
TIMEOUT_S = 600


def matches(expected, line):
    pattern = "".join(
        HOLES[part[1:-1]] if part[:1] == "<" and part[1:-1] in HOLES else re.escape(part)
        for part in re.split(r"(<[a-z]+>)", expected))
    return re.fullmatch(pattern, line) is not None


class Command:
    """A command with what it is expected to print, and where it stands in the file."""

    def __init__(self, line, text):
        self.line, self.text = line, text
        self.out, self.err, self.status = [], [], 0
        self.end = line  # the last line of what is expected of it


def read_case(lines):
    commands = []
    for number, line in enumerate(lines):
        if not line.startswith(INDENT):
            continue
        line = line[len(INDENT):]
        if line.startswith("$ "):
            commands.append(Command(number, line[2:]))
            continue
        command = commands[-1]
        command.end = number
        if line.startswith("> ") and not command.out and not command.err:
            command.text += "\n" + line[2:]
        elif line.startswith("! "):
            command.err.append(line[2:])
        elif re.fullmatch(r"\[\d+\]", line):
            command.status = int(line[1:-1])
        else:
            command.out.append(line)
    return commands


def run(command, folder, environment):
    result = subprocess.run(["bash", "-c", command.text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
    def split(output):
        return output.decode("utf-8", "backslashreplace").replace(folder, "DIR").splitlines()

    status = result.returncode if result.returncode >= 0 else 128 - result.returncode
    return split(result.stdout), split(result.stderr), status


def same(expected, lines):
    return len(expected) == len(lines) and all(map(matches, expected, lines))


def keep_holes(expected, lines):
    """The new lines, but the old ones where they still match."""
    spare = list(expected)
    kept = []
    for line in lines:
        old = next((e for e in spare if matches(e, line)), None)
        if old is not None:
            spare.remove(old)
        if old is None:
            for pattern, hole in DIFFERS:
                line = pattern.sub(hole, line)
        kept.append(line if old is None else old)
    return kept


def session(command, out, err, status):
    lines = [f"{INDENT}{'$ ' if i == 0 else '> '}{text}" for i, text in enumerate(command.text.split("\n"))]
    lines += [INDENT + line for line in out] + [f"{INDENT}! {line}" for line in err]
    return lines + ([f"{INDENT}[{status}]"] if status else [])


def show(command, case, got):
    print(f"{case}:{command.line + 1}: not what was expected")
    expected = session(command, command.out, command.err, command.status)
    for line in expected:
        print(f"  - {line.strip() if line not in got else line[len(INDENT):]}")
    for line in got:
        print(f"  + {line[len(INDENT):]}")


def draw_pictures(build):
    """Pictures are drawn once for all cases of a build."""
    draw = next((p for p in (os.path.join(build, "hilf-draw"), os.path.join(build, "tools", "hilf-draw"))
                 if os.access(p, os.X_OK)), None)
    if not draw:
        return None
    where = os.path.join(build, "test-pictures")
    with open(where + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(where) or os.path.getmtime(draw) > os.path.getmtime(where):
            shutil.rmtree(where, ignore_errors=True)
            shutil.rmtree(where + ".new", ignore_errors=True)
            os.mkdir(where + ".new")
            subprocess.run([draw, where + ".new"], check=True, stdout=subprocess.DEVNULL)
            os.rename(where + ".new", where)
    return where


def missing(need, folder, build):
    """None where the need is met, else what is missing."""
    if need == "pictures":
        if not os.access(os.path.join(build, "src", "proc", "hilf-decode-image"), os.X_OK):
            return "hilf was built without the decoding helpers"
        pictures = draw_pictures(build)
        if not pictures:
            return "hilf-draw was not built"
        os.symlink(pictures, os.path.join(folder, "pictures"))
        return None
    if need == "mount":
        small = os.path.join(folder, "try")
        os.mkdir(small)
        test = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", small], check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.rmdir(small)
        return None if test.returncode == 0 else "no right to mount a small file system"
    return None if shutil.which(need) else f"{need} is not installed"


def main():
    hilf, case = os.path.abspath(sys.argv[1]), sys.argv[2]
    update = "--update" in sys.argv
    build = os.environ.get("HILF_BUILD") or os.path.dirname(hilf)
    with open(case, encoding="utf-8") as file:
        lines = file.read().split("\n")
    commands = read_case(lines)
    folder = tempfile.mkdtemp(prefix="hilf-cli-")
    os.chmod(folder, 0o755)
    tools = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin")
    programs = os.path.join(folder, ".bin")
    os.mkdir(programs)
    os.symlink(hilf, os.path.join(programs, "hilf"))
    environment = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS") or k == "HILF_SIMD"}
    environment.update(PATH=f"{programs}:{tools}:/usr/bin:/bin:/usr/sbin:/sbin", HOME=folder, LANG="C.UTF-8",
                       HILF_DATA=os.path.join(folder, "data"), HILF_HELPERS=os.path.join(build, "src", "proc"),
                       PYTHON=sys.executable, TMPDIR=os.environ.get("TMPDIR", "/tmp"))
    failed = 0
    try:
        for need in re.findall(r"^requires: (\w+)$", "\n".join(lines), re.MULTILINE):
            lack = missing(need, folder, build)
            if lack:
                print(f"SKIPPED: {os.path.basename(case)}: {lack}")
                print(f"0 passed, 0 failed, {len(commands)} skipped")
                return 0
        new = list(lines)
        for command in commands:
            out, err, status = run(command, folder, environment)
            if same(command.out, out) and same(command.err, err) and command.status == status:
                continue
            failed += 1
            got = session(command, keep_holes(command.out, out), keep_holes(command.err, err), status)
            show(command, case, got)
            new[command.line] = "\n".join(got)
            for i in range(command.line + 1, command.end + 1):
                new[i] = None
        if update:
            with open(case, "w", encoding="utf-8") as file:
                file.write("\n".join(line for line in new if line is not None))
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(commands) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
