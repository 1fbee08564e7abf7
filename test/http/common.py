"""What the tests of the server share: the program that is served.c, and sockets that send what nobody should."""
import os
import re
import socket
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = sys.argv[1]
SANITIZED = os.environ.get("HILF_SANITIZED") or any(
    b"__asan_init" in line or b"__tsan_init" in line
    for line in subprocess.run(["nm", "-D", "--undefined-only", PROGRAM], capture_output=True).stdout.splitlines())
PATIENCE_S = 120  # for what must come; nothing is asserted of how long it took
# What a test does not set is long: a machine that stands still for a while is no client that is too slow.
USUAL = ("--header-ms", "120000", "--idle-ms", "600000", "--deadline-ms", "600000")
failures = []


def check(what, condition, *seen):
    """A failed check is told and counted, and the others go on."""
    if not condition:
        failures.append(what)
        print("FAILED: %s%s" % (what, "".join("\n    saw: %r" % (item,) for item in seen)), flush=True)


def finish():
    print("%d failed" % len(failures) if failures else "all fine", flush=True)
    sys.exit(1 if failures else 0)


class Served:
    """A running server; use it with `with`, and it must end well."""

    def __init__(self, *arguments, pass_fds=()):
        self.arguments, self.pass_fds = [str(argument) for argument in arguments], pass_fds
        self.place = None

    def __enter__(self):
        self.process = subprocess.Popen([PROGRAM, *USUAL, *self.arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, pass_fds=self.pass_fds)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("did not start: " + self.process.stderr.read())
        self.ports = [int(port) for port in line.split()]
        self.port = self.ports[0]
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            try:
                self.process.stdin.write("stop\n")
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "does not end"
        self.stderr = self.process.stderr.read()
        if self.place:
            shutil.rmtree(self.place, ignore_errors=True)
        check("the server ends well (%s)" % " ".join(self.arguments), status == 0, status, self.stderr[-4000:])

    def tell(self, line):
        self.send(line)
        return self.process.stdout.readline().rstrip("\n")

    def send(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def gauges(self):
        return {name: int(value) for name, value in (pair.split("=") for pair in self.tell("gauges").split())}

    def hold(self):
        """For a query: the work takes until what it returns, too, is called."""
        self.place = self.place or tempfile.mkdtemp(prefix="hilf-http-")
        path = os.path.join(self.place, str(len(os.listdir(self.place))) + ".end")
        open(path + ".held", "x").close()
        return b"until=" + path.encode(), lambda: open(path, "x").close()

    def until(self, name, value, seconds=PATIENCE_S):
        """Waits for a gauge to be this."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            gauges = self.gauges()
            if gauges.get(name, 0) == value:
                return True
            time.sleep(0.02)
        check("%s becomes %d" % (name, value), False, gauges)
        return False

    def connect(self, timeout=PATIENCE_S):
        sock = socket.create_connection(("127.0.0.1", self.port), timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def ask(self, request, timeout=PATIENCE_S):
        """Sends bytes, and reads all there is until the server closes (the end is b"") or nothing comes for a while."""
        with self.connect(timeout) as sock:
            sock.sendall(request)
            return Client(sock).reply()


class Reply:
    def __init__(self, status, headers, body, head):
        self.status, self.headers, self.body, self.head = status, headers, body, head

    def __repr__(self):
        return "%d %r %r" % (self.status, self.headers, self.body[:200])


class Client:
    """Reads replies from a socket, one after the other."""

    def __init__(self, sock):
        self.sock, self.data = sock, b""

    def more(self):
        data = self.sock.recv(65536)
        self.data += data
        return len(data) > 0

    def line(self):
        while b"\r\n" not in self.data:
            if not self.more():
                raise EOFError(self.data)
        line, self.data = self.data.split(b"\r\n", 1)
        return line

    def exactly(self, size):
        while len(self.data) < size:
            if not self.more():
                raise EOFError(self.data)
        body, self.data = self.data[:size], self.data[size:]
        return body

    def reply(self, head_only=False):
        """The next reply, or None where the server has closed before one."""
        if not self.data and not self.more():
            return None
        head = b""
        while True:
            line = self.line()
            head += line + b"\r\n"
            if not line:
                break
        first, *rest = head.decode("latin-1").split("\r\n")
        status = int(first.split()[1])
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest if line)}
        body = bytearray()
        if head_only or status in (204, 304) or status < 200:
            pass
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            while True:
                size = int(self.line(), 16)
                body += self.exactly(size)
                if self.exactly(2) != b"\r\n":
                    raise ValueError("a chunk does not end")
                if size == 0:
                    break
        else:
            while self.more():
                pass
            body, self.data = self.data, b""
        return Reply(status, headers, bytes(body), head)

    def closed(self):
        """Whether the server closes, with nothing more to say."""
        try:
            return not self.data and not self.more()
        except ConnectionResetError:
            return False


def cut(text):
    """A reply without what differs from run to run."""
    text = re.sub(r"Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "Date: <date>", text)
    return re.sub(r"X-Request-Id: [0-9A-HJKMNP-TV-Z]{26}", "X-Request-Id: <id>", text)


def code_of(reply):
    found = re.search(rb'"code":"([^"]*)"', reply.body) if reply else None
    return found.group(1).decode() if found else None
