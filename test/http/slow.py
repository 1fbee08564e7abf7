"""Those who take their time, or come in numbers: slow heads, slow bodies, slow readers, idle connections, limits."""
import select
import socket
import struct
import time

from common import SANITIZED, Client, Served, check, code_of, finish

H = b"Host: a\r\n"
BARE = b"GET /bare HTTP/1.1\r\n" + H + b"\r\n"


def drip(sock, data, seconds):
    """A byte now and then, until an answer comes or time is over."""
    end = time.monotonic() + seconds
    for i in range(len(data)):
        if time.monotonic() > end or select.select([sock], [], [], 0.05)[0]:
            break
        try:
            sock.sendall(data[i:i + 1])
        except (BrokenPipeError, ConnectionResetError):
            break


IDLE_MS = 2500


def now_and_then(sock):
    """False where this machine stood still, and an end was due."""
    client = Client(sock)
    for i in range(4):
        before = time.monotonic()
        sock.sendall(BARE)
        try:
            reply = client.reply()
        except ConnectionResetError:
            reply = None
        if reply is None and i > 0 and time.monotonic() - asked > IDLE_MS / 1000:
            return False
        check("now and then", reply and reply.status == 200, reply)
        asked = before
        time.sleep(1)
    check("and then no more", client.closed())
    return True


def slow_heads():
    with Served("--header-ms", 300, "--idle-ms", IDLE_MS) as server:
        with server.connect() as sock:
            client = Client(sock)
            drip(sock, b"GET /bare HTTP/1.1\r\nX: " + b"y" * 1000, 5)
            reply = client.reply()
            check("a head that never ends", reply and reply.status == 408 and code_of(reply) == "slow", reply)
        with server.connect() as sock:
            sock.sendall(b"GET /bare HT")
            client = Client(sock)
            reply = client.reply()
            check("half a head", reply and reply.status == 408 and client.closed(), reply)
        with server.connect() as sock:
            check("nothing at all", Client(sock).closed())
        for _ in range(20):
            with server.connect() as sock:
                if now_and_then(sock):
                    break
        else:
            check("this machine goes on for 4 seconds", False)
        with server.connect() as sock:
            sock.sendall(b"GET /bare HT")
            sock.close()
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(BARE + b"GET /ba")
            check("one and a half", client.reply().status == 200)
            reply = client.reply()
            check("of which the half is refused", reply and reply.status == 408, reply)
        server.until("connections", 0)


def slow_bodies():
    """The bound on a body's rate waits 10 s; the deadline does not."""
    with Served("--deadline-ms", 400) as server:
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(b"POST /show HTTP/1.1\r\n" + H + b"Content-Length: 50000\r\n\r\n")
            drip(sock, b"x" * 1000, 5)
            reply = client.reply()
            check("a body that takes too long", reply and reply.status == 503 and code_of(reply) == "deadline" and
                  reply.headers["retry-after"] == "1", reply)
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(b"POST /show HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n")
            drip(sock, b"1\r\nx\r\n" * 1000, 5)
            reply = client.reply()
            check("chunks that never end", reply and reply.status == 503, reply)
        server.until("connections", 0)
    with Served() as server:
        with server.connect() as sock:
            sock.sendall(b"POST /show HTTP/1.1\r\n" + H + b"Content-Length: 50000\r\n\r\nx")
            sock.shutdown(socket.SHUT_WR)
            check("half a body and an end", Client(sock).closed())
        server.until("connections", 0)
        check("is one who has gone", server.gauges()["gone"] == 1)


def who_reads_nothing(server):
    socks = []
    for i in range(8):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", server.port))
        sock.sendall(b"GET /source?count=100000&size=60000 HTTP/1.1\r\n" + H + b"\r\n")
        socks.append(sock)
    return socks


def slow_readers():
    """What is not taken waits in a bounded place, and not for ever."""
    with Served() as server:
        server.ask(BARE)
        before = int(server.tell("rss"))
        socks = who_reads_nothing(server)
        server.until("working", 8)
        time.sleep(0.3)
        grown = int(server.tell("rss")) - before
        check("sources wait for their readers", SANITIZED or grown < 8000, grown)
        for sock in socks:
            sock.close()
        server.until("working", 0)
    with Served("--deadline-ms", 3000) as server:
        server.ask(BARE)
        before = int(server.tell("rss"))
        socks = who_reads_nothing(server)
        for sock in socks:
            try:
                while sock.recv(1 << 20):
                    pass
                check("the cut is seen", False)
            except ConnectionResetError:
                pass
        server.until("working", 0)
        # Asking on and on without reading a byte.
        with server.connect() as sock:
            sock.setblocking(False)
            sent = 0
            try:
                while sent < 200 << 20:
                    sent += sock.send(BARE * 1000)
                    select.select([], [sock], [], 0.2) if sent % 7 == 0 else None
            except (BlockingIOError, ConnectionResetError, BrokenPipeError):
                pass
            check("whoever does not read is not read from", sent < 100 << 20, sent)
        server.until("connections", 0)
        grown = int(server.tell("rss")) - before
        check("and nothing is left of them", SANITIZED or grown < 8000, grown)


def cuts():
    with Served() as server:
        for version in (b"1.1", b"1.0"):
            with server.connect() as sock:
                sock.sendall(b"GET /source?count=5&fail=3 HTTP/" + version + b"\r\n" + H + b"\r\n")
                try:
                    data = b""
                    while True:
                        piece = sock.recv(65536)
                        if not piece:
                            break
                        data += piece
                    check("a source that fails is no whole (HTTP/%s)" % version.decode(), False, data)
                except ConnectionResetError:
                    pass
        server.until("working", 0)
        # Gone while it comes.
        with server.connect() as sock:
            sock.sendall(b"GET /source?count=1000000&size=60000 HTTP/1.1\r\n" + H + b"\r\n")
            sock.recv(100000)
        server.until("working", 0)
        # Gone in other ways, each of them at once.
        for data in (b"", b"GE", BARE[:-2], BARE, BARE * 3, b"POST /show HTTP/1.1\r\n" + H + b"Content-Length: 5\r\n\r\nhe",
                     b"GET /slow?ms=100 HTTP/1.1\r\n" + H + b"\r\n", b"GET /wait?after=9 HTTP/1.1\r\n" + H + b"\r\n"):
            for reset in (False, True):
                sock = server.connect()
                sock.sendall(data)
                if reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.close()
        server.until("connections", 0)
        server.until("active", 0)
        server.until("parked", 0)
        # Says that it has no more to say, and waits for its answers all the same.
        with server.connect() as sock:
            sock.sendall(BARE + b"GET /slow?ms=100 HTTP/1.1\r\n" + H + b"\r\n")
            sock.shutdown(socket.SHUT_WR)
            client = Client(sock)
            check("half a connection", [client.reply().status, client.reply().status] == [200, 200] and client.closed())


def limits():
    with Served("--connections", 20) as server:
        socks = [server.connect() for i in range(20)]
        server.until("connections", 20)
        with server.connect() as sock:
            reply = Client(sock).reply()
            check("one connection too many", reply and reply.status == 503, reply)
        check("is counted", server.until("refused", 1))
        socks.pop().close()
        server.until("connections", 19)
        check("and there is room again", server.ask(BARE).status == 200)
        for sock in socks:
            sock.close()
    with Served("--per-address", 5) as server:
        socks = [server.connect() for i in range(5)]
        server.until("connections", 5)
        with server.connect() as sock:
            reply = Client(sock).reply()
            check("one of an address too many", reply and reply.status == 503, reply)
        other = socket.socket()
        other.bind(("127.0.0.2", 0))
        other.connect(("127.0.0.1", server.port))
        other.sendall(BARE)
        check("but not of another's", Client(other).reply().status == 200)
        for sock in socks + [other]:
            sock.close()
        server.until("connections", 0)


slow_heads()
slow_bodies()
slow_readers()
cuts()
limits()
finish()
