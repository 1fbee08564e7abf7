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
            sock.sendall(get(b"/slow-short?ms=5000"))
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
            sock.sendall(get(b"/slow-short?ms=600"))
            Client(sock).reply()
        server.until("active", 0)


def gone():
    with Served("--workers", 4) as server:
        for path in (b"/slow?ms=600", b"/over?ms=600", b"/slow-short?ms=600", b"/source?count=1000000&size=10000"):
            for reset in (b"\0", b"\1"):
                sock = server.connect()
                sock.sendall(get(path))
                server.until("working", 1)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset + b"\0" * 7)
                sock.close()
                server.until("working", 0)
        server.until("connections", 0)
        server.until("active", 0)


deadlines()
gone()
finish()
