#!/usr/bin/env python3
"""Runs sessions with the drop-in, request by request, over a socket, and compares the answers to the letter.

    run.py SERVER HELPERS DRAW SESSION.http [--update]

A session reads like a manual. Lines of prose are passed over; an indented line is part of it:

    A bank is made.

        > POST /c/banks {"name":"MY_BANK"}
        < 201 application/json
        {"matching_enabled_ratio":1.0,"name":"MY_BANK"}

"> " begins a request: method, path, and a JSON body if there is one. "+ Name: value" adds a header, "+ file FIELD=PATH TYPE"
a file and "+ form FIELD=VALUE" a field of multipart/form-data, "+ body TEXT" a raw body. "< " is the status and the media
type of the answer, "< Name: value" one of its headers; what follows is its body. "* NAME=PATTERN" takes a variable out of
the last body, which {NAME} then stands for. "$ server OPTION..." starts a server, on the same data; "$ turn" has it look
at its exchanges, "$ keep NAME TEXT" writes DATA/exchanges/NAME.

In expected lines <n>, <hex> and <any> stand for what differs. {KEY} is a key that an option made; {DATA} the data folder.
Pictures are those of hilf-draw (known/, uploads/) and a few made here: plain.png, cut.jpg, text.txt, clip.mp4. URL is a
server beside that has them, too."""
import http.server
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

HOLES = {"n": r"\d+", "hex": r"[0-9a-f]+", "any": r".*"}
INDENT = "        "


def matches(expected, line):
    parts = re.split(r"(<[a-z]+>)", expected)
    pattern = "".join(HOLES[p[1:-1]] if p[:1] == "<" and p[1:-1] in HOLES else re.escape(p) for p in parts)
    return re.fullmatch(pattern, line) is not None


# ---------------------------------------------------------------------------------------------- pictures

def png(width, height, pixel):
    """A grey PNG of pixel(x, y)."""
    rows = b"".join(b"\0" + bytes(pixel(x, y) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def draw_pictures(draw, folder):
    subprocess.run([draw, folder], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "plain.png"), "wb") as file:
        file.write(png(200, 200, lambda x, y: 255))
    with open(os.path.join(folder, "known", "hills.jpg"), "rb") as whole:
        data = whole.read()
    with open(os.path.join(folder, "cut.jpg"), "wb") as file:
        file.write(data[:200])
    with open(os.path.join(folder, "text.txt"), "wb") as file:
        file.write(b"this is no picture\n")
    with open(os.path.join(folder, "clip.mp4"), "wb") as file:
        file.write(b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 40)


def make_pictures(draw, folder):
    """A link to pictures that are drawn once for all tests, which takes seconds."""
    build = os.environ.get("HILF_BUILD")
    if not build:
        draw_pictures(draw, folder)
        return
    kept = os.path.join(build, "test", "hma", "pictures-%d" % os.stat(draw).st_mtime_ns)
    if not os.path.isdir(kept):
        half = tempfile.mkdtemp(prefix="pictures-", dir=os.path.dirname(kept))
        draw_pictures(draw, half)
        try:
            os.rename(half, kept)
        except OSError:  # another test was quicker
            shutil.rmtree(half)
    os.symlink(kept, folder)


class Files(http.server.BaseHTTPRequestHandler):
    """What a platform's storage is to the node."""
    TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4"}

    def do_GET(self):
        path = self.path.lstrip("/").split("?")[0]
        kind = None
        if path.startswith("blob/"):
            path, kind = path[len("blob/"):], "application/octet-stream"
        if path.startswith("status/"):
            self.send_error(int(path[len("status/"):]))
            return
        full = os.path.join(self.server.folder, path)
        if not os.path.isfile(full):
            self.send_error(404)
            return
        with open(full, "rb") as file:
            data = file.read()
        self.send_response(200)
        self.send_header("Content-Type", kind or self.TYPES.get(os.path.splitext(path)[1], "text/plain"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def serve_files(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    server.folder = folder
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


# ---------------------------------------------------------------------------------------------- the node

class Node:
    """hma-server on a data folder; ends with its standard input."""

    def __init__(self, program, helpers, data, options):
        self.process = subprocess.Popen([program, data, helpers] + options, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.keys, self.port = {}, None
        for line in self.process.stdout:
            words = line.split()
            if words[0] == "key":
                self.keys[words[1]] = words[2]
            elif words[0] == "port":
                self.port = int(words[1])
                break
        if not self.port:
            raise SystemExit("hma-server %s did not start" % " ".join(options))

    def turn(self):
        self.process.stdin.write("t")
        self.process.stdin.flush()

    def stop(self):
        if self.process.stdin.closed:
            return
        self.process.stdin.close()
        status = self.process.wait(timeout=120)
        self.process.stdout.close()
        if status:
            raise SystemExit("hma-server ended with %d" % status)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


def ask(port, method, path, headers=(), body=None):
    """One request on a connection of its own, headers as given."""
    head = ["%s %s HTTP/1.1" % (method, path), "Host: 127.0.0.1:%d" % port, "Connection: close"]
    given = {name.lower() for name, _ in headers}
    if "host" in given:
        del head[1]
    head += ["%s: %s" % pair for pair in headers]
    if body is not None and "content-length" not in given:
        head.append("Content-Length: %d" % len(body))
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + (body or b""))
        data = b""
        while True:
            piece = connection.recv(65536)
            if not piece:
                break
            data += piece
    top, _, rest = data.partition(b"\r\n\r\n")
    lines = top.decode("latin-1").split("\r\n")
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    return Answer(int(lines[0].split()[1]), fields, rest.decode())


BOUNDARY = "hilf-test-boundary"


def multipart(parts):
    """parts: (field, file name or None, type or None, bytes)."""
    body = b""
    for field, name, kind, data in parts:
        body += ("--%s\r\nContent-Disposition: form-data; name=\"%s\"" % (BOUNDARY, field)).encode()
        if name is not None:
            body += ("; filename=\"%s\"" % name).encode()
        body += b"\r\n"
        if kind:
            body += ("Content-Type: %s\r\n" % kind).encode()
        body += b"\r\n" + data + b"\r\n"
    return body + ("--%s--\r\n" % BOUNDARY).encode()


# ---------------------------------------------------------------------------------------------- sessions

class Step:
    def __init__(self, number, text):
        self.number, self.text = number, text
        self.adds, self.expected, self.takes = [], [], []
        self.end = number


def read_session(lines):
    steps = []
    for number, line in enumerate(lines):
        if not line.startswith(INDENT):
            continue
        line = line[len(INDENT):].rstrip("\n")
        if line.startswith(("> ", "$ ")):
            steps.append(Step(number, line))
        elif line.startswith("+ "):
            steps[-1].adds.append(line[2:])
        elif line.startswith("* "):
            steps[-1].takes.append(line[2:])
        else:
            steps[-1].expected.append(line)
        steps[-1].end = number if not line.startswith("* ") else steps[-1].end
    return steps


class Session:
    def __init__(self, program, helpers, draw, folder):
        self.program, self.helpers = program, helpers
        self.pictures, self.data = os.path.join(folder, "pictures"), os.path.join(folder, "data")
        make_pictures(draw, self.pictures)
        os.makedirs(os.path.join(self.data, "exchanges"), mode=0o700)
        os.chmod(self.data, 0o700)
        self.files = serve_files(self.pictures)
        self.node = None
        self.names = {"DATA": self.data, "URL": "http://127.0.0.1:%d" % self.files.server_address[1],
                      "HOST": "127.0.0.1:%d" % self.files.server_address[1], "LONG": "x" * 256}

    def fill(self, text):
        for name, value in self.names.items():
            text = text.replace("{%s}" % name, value)
        return text

    def hide(self, text):
        for name, value in self.names.items():
            text = text.replace(value, "{%s}" % name)
        return text

    def command(self, text):
        words = self.fill(text).split(" ")
        if words[0] == "server":
            if self.node:
                self.node.stop()
            self.node = Node(self.program, self.helpers, self.data, words[1:])
            self.names.update(self.node.keys)
            self.names["PORT"] = str(self.node.port)
        elif words[0] == "turn":
            self.node.turn()
        elif words[0] == "keep":
            with open(os.path.join(self.data, "exchanges", words[1]), "w", encoding="utf-8") as file:
                file.write(" ".join(words[2:]).replace("\\n", "\n"))
        else:
            raise SystemExit("an unknown command: %s" % text)

    def request(self, step):
        method, path, *rest = self.fill(step.text[2:]).split(" ", 2)
        headers, parts, body = [], [], None
        if rest:
            body = rest[0].encode()
            headers.append(("Content-Type", "application/json"))
        for add in step.adds:
            add = self.fill(add)
            if add.startswith("file "):
                field, _, place = add[len("file "):].partition("=")
                place, _, kind = place.partition(" ")
                with open(os.path.join(self.pictures, place), "rb") as file:
                    parts.append((field, os.path.basename(place), kind, file.read()))
            elif add.startswith("form "):
                field, _, value = add[len("form "):].partition("=")
                parts.append((field, None, None, value.encode()))
            elif add.startswith("body "):
                body = add[len("body "):].encode()
            else:
                name, _, value = add.partition(":")
                headers.append((name, value.strip()))
        if parts:
            body = multipart(parts)
            headers.append(("Content-Type", "multipart/form-data; boundary=" + BOUNDARY))
        if body is None and method in ("POST", "PUT"):
            body = b""
        return ask(self.node.port, method, path, headers, body)

    def told(self, answer, expected):
        """The answer as a session writes it; of its headers those that are expected."""
        kind = answer.headers.get("content-type", "").split(";")[0]
        lines = ["< %d %s" % (answer.status, kind) if kind else "< %d" % answer.status]
        for line in expected:
            header = re.fullmatch(r"< ([A-Za-z-]+): .*", line)
            if header:
                lines.append("< %s: %s" % (header[1], self.hide(answer.headers.get(header[1].lower(), ""))))
        return lines + self.hide(answer.body).splitlines()

    def run(self, steps):
        """Yields each step that went otherwise, with what came."""
        for step in steps:
            if step.text.startswith("$ "):
                self.command(step.text[2:])
                continue
            answer = self.request(step)
            got = self.told(answer, step.expected)
            for take in step.takes:
                name, _, pattern = take.partition("=")
                found = re.search(pattern, answer.body)
                self.names[name] = found[1] if found else "(nothing)"
            if len(got) != len(step.expected) or not all(map(matches, step.expected, got)):
                yield step, got


def update(path, lines, wrong):
    for step, got in reversed(wrong):
        first = step.number + 1 + len(step.adds)
        lines[first:first + len(step.expected)] = [INDENT + line + "\n" for line in got]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)


def main():
    program, helpers, draw, path = sys.argv[1:5]
    with open(path, encoding="utf-8") as file:
        lines = file.readlines()
    folder = tempfile.mkdtemp(prefix="hilf-hma-")
    try:
        session = Session(os.path.abspath(program), os.path.abspath(helpers), os.path.abspath(draw), folder)
        wrong = list(session.run(read_session(lines)))
        if session.node:
            session.node.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if "--update" in sys.argv:
        update(path, lines, wrong)
        return 0
    for step, got in wrong:
        print("%s:%d: %s" % (path, step.number + 1, step.text))
        print("".join("  -%s\n" % line for line in step.expected) + "".join("  +%s\n" % line for line in got))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
