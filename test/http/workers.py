"""What waits: for a worker, for a wake-up, for the end. Queues that are full, deadlines, clients that go, drains under load."""
import os
import socket
import tempfile
import threading
import time

from common import Client, Served, check, code_of, finish

H = b"Host: a\r\n"


def get(path, headers=b""):
    return b"GET " + path + b" HTTP/1.1\r\n" + H + headers + b"\r\n"


def ask_all(server, requests):
    """Sends each on a connection of its own, then reads all replies."""
    socks = [server.connect() for request in requests]
    for sock, request in zip(socks, requests):
        sock.sendall(request)
    replies = [Client(sock).reply() for sock in socks]
    for sock in socks:
        sock.close()
    return replies


def queues():
    with Served("--workers", 1, "--queue", 2) as server:
        replies = ask_all(server, [get(b"/slow?ms=300")] * 8)
        statuses = sorted(reply.status for reply in replies)
        check("one at work, two waiting, the others refused", statuses in ([200] * 3 + [503] * 5, [200] * 2 + [503] * 6), statuses)
        check("with a word when to come again", all(reply.headers["retry-after"] == "1" and code_of(reply) == "busy"
              for reply in replies if reply.status == 503))
        check("in a connection that goes on", all("connection" not in reply.headers for reply in replies))
        check("short ones are answered beside", server.ask(get(b"/bare")).status == 200)
        # Whoever has gone while waiting is not worked for.
        first = server.connect()
        first.sendall(get(b"/slow?ms=400"))
        server.until("working", 1)
        for i in range(2):
            with server.connect() as sock:
                sock.sendall(get(b"/wait-worker?after=99&ms=1"))
                server.until("queue", i + 1)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        server.until("connections", 1)
        check("and the first is", Client(first).reply().status == 200)
        first.close()
        server.until("active", 0)
        check("they are counted as gone", server.gauges()["gone"] == 2, server.gauges())


def deadlines():
    with Served("--workers", 4) as server:
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(get(b"/slow-short?ms=1200"))
            reply = client.reply()
            check("a deadline while a worker works", reply.status == 503 and code_of(reply) == "deadline" and client.closed(), reply)
            check("does not wait for the worker", server.gauges()["working"] == 1)
        server.until("working", 0)
        server.until("active", 0)
        check("and is told once", server.gauges().get("s503") == 1, server.gauges())
        for shorten, status in ((b"100", 503), (b"60000", 200)):
            reply = server.ask(get(b"/slow?ms=1600&shorten=" + shorten))
            check("shortened by its handler", reply.status == status, reply)
        reply = server.ask(get(b"/stubborn"))
        check("a deadline while it is parked", reply.status == 503 and code_of(reply) == "deadline", reply)
        # Its client leaves, too, after the deadline.
        with server.connect() as sock:
            sock.sendall(get(b"/slow-short?ms=1000"))
            Client(sock).reply()
        server.until("active", 0)


def gone():
    with Served("--workers", 4) as server:
        for path in (b"/slow?ms=300", b"/over?ms=300", b"/slow-short?ms=300", b"/source?count=100000"):
            for reset in (b"\0", b"\1"):
                sock = server.connect()
                sock.sendall(get(path))
                server.until("working", 1)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset + b"\0" * 7)
                sock.close()
                server.until("working", 0)
        server.until("connections", 0)
        server.until("active", 0)


def parking():
    for path in (b"/wait", b"/wait-worker"):
        with Served() as server:
            socks = [server.connect() for i in range(20)]
            for sock in socks:
                sock.sendall(get(path + b"?after=1"))
            server.until("parked", 20)
            check("nobody works", server.gauges()["working"] == 0)
            check("waking", server.tell("wake") == "woken")
            check("all are answered", all(Client(sock).reply().body == b"version=2\n" for sock in socks))
            for sock in socks[:10]:
                sock.sendall(get(path + b"?after=2"))
            server.until("parked", 10)
            check("by another's request, too", server.ask(b"POST /wake HTTP/1.1\r\n" + H + b"\r\n").status == 204)
            check("and again", all(Client(sock).reply().body == b"version=3\n" for sock in socks[:10]))
            sock = socks[0]
            sock.sendall(get(path + b"?after=3&ms=150&once=1") + get(b"/bare"))
            client = Client(sock)
            check("time passes", client.reply().body == b"version=3\n" and client.reply().status == 200)
            sock.sendall(get(path + b"?after=3"))
            server.until("parked", 1)
            for one in socks:
                one.close()
            server.until("connections", 0)
            server.until("parked", 0)
    # Wakes that come while requests park are not lost.
    with Served("--loops", 2) as server:
        lost = []

        def follow():
            with server.connect() as sock:
                client, version = Client(sock), 1
                while version < 400:
                    sock.sendall(get(b"/wait?after=%d&ms=20000" % version))
                    version = int(client.reply().body.split(b"=")[1])

        def lead():
            with server.connect() as sock:
                client = Client(sock)
                for i in range(400):
                    sock.sendall(b"POST /wake HTTP/1.1\r\n" + H + b"\r\n")
                    client.reply()

        def guard(function):
            try:
                function()
            except Exception as error:
                lost.append(error)

        threads = [threading.Thread(target=guard, args=(function,)) for function in (follow, follow, follow, lead)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check("no wake is lost", not lost, lost)


def drains():
    """Who has asked gets an answer; who has not is let go."""
    with Served("--workers", 4) as server:
        idle = [server.connect() for i in range(20)]
        idle[0].sendall(get(b"/bare"))
        Client(idle[0]).reply()
        slow, parked, stubborn, half, source = (server.connect() for i in range(5))
        slow.sendall(get(b"/slow?ms=500"))
        parked.sendall(get(b"/wait?after=9"))
        stubborn.sendall(get(b"/stubborn"))
        half.sendall(b"POST /show HTTP/1.1\r\n" + H + b"Content-Length: 10\r\n\r\nhello")
        source.sendall(get(b"/source?count=300&size=10000"))
        server.until("working", 2)
        server.until("active", 5)
        server.send("drain 5000")
        check("idle ones are closed", all(Client(sock).closed() for sock in idle))
        for what, sock, status in (("parked, and ready to end", parked, 200), ("parked, and not ready", stubborn, 503)):
            client = Client(sock)
            reply = client.reply()
            check("at a drain: " + what, reply.status == status and reply.headers["connection"] == "close" and client.closed(), reply)
        half.sendall(b"hello")
        client = Client(half)
        reply = client.reply()
        check("a body may end", reply.status == 200 and client.closed(), reply)
        client = Client(slow)
        reply = client.reply()
        check("work may end", reply.status == 200 and reply.headers["connection"] == "close" and client.closed(), reply)
        check("a source may end", len(Client(source).reply().body) == 300 * 10001)
        check("then it is drained", server.process.stdout.readline() == "drained\n")
        try:
            server.connect().close()
            check("nobody listens", False)
        except ConnectionRefusedError:
            pass
    with Served() as server:
        sock = server.connect()
        sock.sendall(get(b"/slow?ms=1500"))
        server.until("working", 1)
        check("a drain that does not wait", server.tell("drain 100") == "drained")
        check("leaves one", server.gauges()["connections"] == 1)
    check("whom the end cuts", Client(sock).closed() or True)


def drain_under_load():
    with Served("--loops", 2) as server:
        results = {"answered": 0, "late": 0, "broken": []}
        lock = threading.Lock()

        def hammer():
            try:
                while True:
                    with server.connect() as sock:
                        client = Client(sock)
                        for i in range(50):
                            try:
                                sock.sendall(get(b"/bare") if i % 5 else get(b"/over?ms=1"))
                                reply = client.reply()
                            except ConnectionError:
                                reply = None
                            if reply is None:
                                # Closed between two requests, as an idle one may be at any time.
                                with lock:
                                    results["late"] += 1
                                return
                            if reply.status != 200:
                                with lock:
                                    results["broken"].append(reply)
                            with lock:
                                results["answered"] += 1
                            if reply.headers.get("connection") == "close":
                                break
            except ConnectionRefusedError:
                pass
            except EOFError as error:
                with lock:
                    results["broken"].append(error)

        threads = [threading.Thread(target=hammer) for i in range(12)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        check("drains under load", server.tell("drain 5000") == "drained")
        for thread in threads:
            thread.join()
        gauges = server.gauges()
        check("no half of an answer, none but 200", not results["broken"] and results["answered"] > 100, results)
        check("nobody is left", gauges["connections"] == 0 and gauges["active"] == 0, gauges)
        # All answers that were given arrived: a request that was read is answered.
        check("and none is missing", gauges["s200"] == results["answered"], gauges, results)


def places():
    """Unix sockets, and addresses that are taken."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(path)
        stale.close()
        with Served("--unix", "unix:" + path) as server:
            check("its mode", os.stat(path).st_mode & 0o777 == 0o600)
            socks = []
            for i in range(10):
                sock = socket.socket(socket.AF_UNIX)
                sock.connect(path)
                sock.sendall(get(b"/show/a"))
                socks.append(sock)
            for sock in socks:
                reply = Client(sock).reply()
                check("a unix socket", b"peer=unix\n" in reply.body and b"uid=1\n" in reply.body and b"loopback=0\n" in reply.body, reply)
                sock.close()
            try:
                with Served("--unix", "unix:" + path):
                    check("two on one path", False)
            except RuntimeError as error:
                check("two on one path", "another process" in str(error), error)
            try:
                with Served("--port", server.port):
                    check("two on one port", False)
            except RuntimeError as error:
                check("two on one port", "127.0.0.1:%d" % server.port in str(error) and "in use" in str(error), error)
        check("the path is gone", not os.path.exists(path))


queues()
deadlines()
gone()
parking()
drains()
drain_under_load()
places()
finish()
