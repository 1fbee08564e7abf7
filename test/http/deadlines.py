"""Work that takes too long, and clients that do not wait for it."""
import socket

from common import Client, Served, check, code_of, finish

H = b"Host: a\r\n"


def get(path):
    return b"GET " + path + b" HTTP/1.1\r\n" + H + b"\r\n"


def deadlines():
    with Served("--workers", 4) as server:
        with server.connect() as sock:
            client = Client(sock)
            until, release = server.hold()
            sock.sendall(get(b"/slow-short?" + until))
            reply = client.reply()
            check("a deadline while a worker works", reply.status == 503 and code_of(reply) == "deadline" and client.closed(), reply)
            server.until("working", 1)  # it came to a worker only now, or is there still
            release()
        server.until("working", 0)
        server.until("active", 0)
        check("and is told once", server.gauges().get("s503") == 1, server.gauges())
        until, release = server.hold()
        reply = server.ask(get(b"/slow?shorten=100&" + until))
        check("shortened by its handler", reply.status == 503, reply)
        release()
        reply = server.ask(get(b"/slow?ms=1600&shorten=6000000"))
        check("never made longer", reply.status == 200, reply)
        reply = server.ask(get(b"/stubborn"))
        check("a deadline while it is parked", reply.status == 503 and code_of(reply) == "deadline", reply)
        # Its client leaves, too, after the deadline.
        with server.connect() as sock:
            until, release = server.hold()
            sock.sendall(get(b"/slow-short?" + until))
            Client(sock).reply()
        server.until("connections", 0)
        release()
        server.until("active", 0)


def gone():
    with Served("--workers", 4) as server:
        for path in (b"/slow?", b"/over?", b"/slow-short?", b"/source?count=1000000&size=10000&"):
            for reset in (b"\0", b"\1"):
                sock = server.connect()
                until, release = server.hold()
                sock.sendall(get(path + until))
                server.until("working", 1)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset + b"\0" * 7)
                sock.close()
                release()
                server.until("working", 0)
        server.until("connections", 0)
        server.until("active", 0)


deadlines()
gone()
finish()
