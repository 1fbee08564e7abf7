"""What waits: for a worker, for a wake-up. Queues that are full, wakes that come in between, addresses that are taken."""
import os
import socket
import tempfile
import threading

from common import PATIENCE_S, Client, Served, check, code_of, finish

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
        until, release = server.hold()
        taken = [server.connect() for i in range(3)]
        for sock, gauge, value in zip(taken, ("working", "queue", "queue"), (1, 1, 2)):
            sock.sendall(get(b"/slow?" + until))
            server.until(gauge, value)
        replies = ask_all(server, [get(b"/slow?" + until)] * 5)
        check("one at work, two waiting, the others refused", all(reply.status == 503 for reply in replies), replies)
        check("with a word when to come again", all(reply.headers["retry-after"] == "1" and code_of(reply) == "busy"
              for reply in replies))
        release()
        replies += [Client(sock).reply() for sock in taken]
        check("who was taken is served", all(reply.status == 200 for reply in replies[5:]), replies[5:])
        check("in a connection that goes on", all("connection" not in reply.headers for reply in replies))
        for sock in taken:
            sock.close()
        check("short ones are answered beside", server.ask(get(b"/bare")).status == 200)
        # Whoever has gone while waiting is not worked for.
        first = server.connect()
        until, release = server.hold()
        first.sendall(get(b"/slow?" + until))
        server.until("working", 1)
        for i in range(2):
            with server.connect() as sock:
                sock.sendall(get(b"/wait-worker?after=99&ms=1"))
                server.until("queue", i + 1)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        server.until("connections", 1)
        release()
        check("and the first is", Client(first).reply().status == 200)
        first.close()
        server.until("active", 0)
        check("they are counted as gone", server.gauges()["gone"] == 2, server.gauges())


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


def places():
    """Unix sockets, and addresses that are taken."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(path)
        stale.close()
        with Served("--listen", "unix:" + path) as server:
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
                with Served("--listen", "unix:" + path):
                    check("two on one path", False)
            except RuntimeError as error:
                check("two on one path", "another process" in str(error), error)
            try:
                with Served("--port", server.port):
                    check("two on one port", False)
            except RuntimeError as error:
                check("two on one port", "127.0.0.1:%d" % server.port in str(error) and "in use" in str(error), error)
        check("the path is gone", not os.path.exists(path))
    # A socket that somebody else listens on: it is theirs still when we have gone.
    with socket.socket() as handed:
        handed.bind(("127.0.0.1", 0))
        handed.listen(100)
        for turn in range(2):
            with Served("--fd", handed.fileno(), pass_fds=[handed.fileno()]) as server:
                check("the port of what was handed over", server.ports[1] == handed.getsockname()[1])
                server.port = server.ports[1]
                replies = ask_all(server, [get(b"/show/a")] * 10)
                check("is served", all(reply.status == 200 and b"loopback=1\n" in reply.body for reply in replies))
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        with Served("--listen", "[::1]:0") as server:
            with socket.create_connection(("::1", server.ports[1]), PATIENCE_S) as sock:
                sock.sendall(get(b"/show/a"))
                reply = Client(sock).reply()
                check("IPv6", b"peer=::1\n" in reply.body and b"loopback=1\n" in reply.body, reply)
        with Served("--listen", "[::]:0") as server:
            server.port = server.ports[1]
            reply = server.ask(get(b"/show/a"))
            check("IPv4 on both", b"peer=127.0.0.1\n" in reply.body and b"loopback=0\n" in reply.body, reply)
    else:
        print("SKIPPED: no IPv6 here")
    for address, text in (("nowhere", "no address"), ("127.0.0.1:99999", "no address"), ("::1:80", "no address"),
                          ("203.0.113.1:0", "203.0.113.1:0"), ("unix:/nowhere/s", "/nowhere/s"),
                          ("unix:/" + "x" * 200, "longer"), ("unix:/dev/null", "no socket")):
        try:
            with Served("--listen", address):
                check("listens on " + address, False)
        except RuntimeError as error:
            check("says what is wrong with " + address, text in str(error), error)


queues()
parking()
places()
finish()
