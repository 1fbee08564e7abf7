"""Bodies: to memory, to files and through forms; what is larger, broken or not wanted; what nobody was admitted to send."""
import os
import re
import tempfile

from common import SANITIZED, Client, Served, check, code_of, finish

H = b"Host: a\r\n"
CRLF = b"\r\n"


def post(path, body=b"", headers=b"", method=b"POST"):
    return method + b" " + path + b" HTTP/1.1\r\n" + H + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(path, chunks, headers=b"", trailer=b""):
    return b"POST " + path + b" HTTP/1.1\r\n" + H + headers + b"Transfer-Encoding: chunked\r\n\r\n" + \
        b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailer + b"\r\n"


def sum_of(data):
    total = 0
    for byte in data:
        total = (total * 31 + byte) & 0xffffffffffffffff
    return b"sum=%016x" % total


def part(name, value, more=b"", filename=None):
    head = b'Content-Disposition: form-data; name="%s"' % name
    if filename is not None:
        head += b'; filename="%s"' % filename
    return head + CRLF + more + CRLF + value


def form(parts, boundary=b"xYz", end=b"--\r\n", before=b""):
    delimiter = b"--" + boundary
    body = before + b"".join(delimiter + CRLF + one + CRLF for one in parts) + delimiter + end
    return body


def post_form(body, boundary=b"xYz", type=None, path=b"/file"):
    return post(path, body, b"Content-Type: " + (type or b"multipart/form-data; boundary=" + boundary) + CRLF)


TRICKY = b"\r\n--xYy but not quite\r\n--xY\r\n-\r\r\n--\r\n--xYZ" + bytes(range(256)) * 40 + b"\r\n--xY"


def in_pieces(server, request, step):
    with server.connect() as sock:
        client = Client(sock)
        try:
            for at in range(0, len(request), step):
                sock.sendall(request[at:at + step])
        except (BrokenPipeError, ConnectionResetError):
            pass
        return client.reply()


def shows(reply, *texts):
    return reply is not None and reply.status == 200 and all(text in reply.body for text in texts)


def plain_bodies(server):
    for step in (1 << 20, 1000, 3):
        body = b"hello" if step == 3 else b"h" * 70000
        for path in (b"/show", b"/show-worker"):
            reply = in_pieces(server, post(path, body), step)
            check("a body in pieces of %d" % step, shows(reply, b"body=%d:%s" % (len(body), body[:1000])), reply)
            reply = in_pieces(server, chunked(path, [body[:3], body[3:]], trailer=b"X-Sum: 1\r\n"), step)
            check("chunks in pieces of %d" % step, shows(reply, b"body=%d:%s" % (len(body), body[:1000])), reply)
    reply = server.ask(chunked(b"/show", [b"a"], b"").replace(b"1\r\na", b"1;x=y;z\r\na"))
    check("an extension", shows(reply, b"body=1:a"), reply)
    check("no body", shows(server.ask(post(b"/show")), b"body=0:"))
    check("no length", shows(server.ask(b"POST /show HTTP/1.1\r\n" + H + CRLF), b"body=0:"))
    for what, request in (
            ("too large by its length", post(b"/show", b"x" * 100001)),
            ("too large in chunks", chunked(b"/show", [b"x" * 60000, b"x" * 60000])),
            ("a huge length and nothing else", b"POST /show HTTP/1.1\r\n" + H + b"Content-Length: 999999999999999999\r\n\r\n"),
            ("a huge chunk", b"POST /show HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n" + b"x" * 200000),
            ("a file too large", post(b"/file", b"x" * (8 << 20 | 1))),
            ("a file too large in chunks", chunked(b"/file", [b"x" * (1 << 20)] * 9))):
        reply = in_pieces(server, request, 1 << 16)
        check(what, reply and reply.status == 413 and code_of(reply) == "too_large" and
              reply.headers.get("connection") == "close", reply)
    # Small and unwanted: passed over, and the connection goes on.
    with server.connect() as sock:
        client = Client(sock)
        sock.sendall(post(b"/bare", b"hello", method=b"GET") + post(b"/nothing", b"hello") + post(b"/bare", b"hello") +
                     post(b"/show", b"bye"))
        replies = [client.reply() for i in range(4)]
        check("unwanted bodies", [reply.status for reply in replies] == [400, 404, 405, 200], replies)
        check("of which the next is read well", b"body=3:bye" in replies[3].body, replies[3])
        check("says what is wrong", code_of(replies[0]) == "body_unexpected", replies[0])


def continues(server):
    with server.connect() as sock:
        client = Client(sock)
        sock.sendall(b"POST /show HTTP/1.1\r\n" + H + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        reply = client.reply()
        check("go on", reply.status == 100 and not reply.headers, reply)
        sock.sendall(b"hello")
        check("and then", shows(client.reply(), b"body=5:hello"))
    for what, request, status in (
            ("a wrong key", b"POST /file HTTP/1.1\r\n" + H + b"Authorization: Bearer wrong\r\nExpect: 100-continue\r\nContent-Length: 400000000\r\n\r\n", 401),
            ("nothing there", b"POST /nothing HTTP/1.1\r\n" + H + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", 404),
            ("too large", b"POST /show HTTP/1.1\r\n" + H + b"Expect: 100-continue\r\nContent-Length: 400000000\r\n\r\n", 413)):
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(request)
            reply = client.reply()
            check("refused before it is sent: " + what, reply.status == status and client.closed(), reply)


def keys(server):
    # The key faded while the body came.
    request = post(b"/show", b"x" * 50000, b"Authorization: Bearer fades\r\n")
    with server.connect() as sock:
        client = Client(sock)
        sock.sendall(request[:-1])
        server.until("active", 1)
        sock.sendall(request[-1:])
        reply = client.reply()
        check("a key that fades", reply.status == 401 and reply.body == b"no longer\n", reply)
    reply = server.ask(post(b"/show", b"x", b"Authorization: Bearer fades\r\n"))
    check("but not where nothing was awaited", reply.status == 200, reply)


def files(server):
    small, large = b"\xff\xd8picture", os.urandom(3 << 20)
    for data, step in ((small, 1), (large, 65536), (large, 1 << 24)):
        for method in (b"POST", b"PUT"):
            reply = in_pieces(server, post(b"/file", data, b"Content-Type: Image/JPEG; q=1\r\n", method), step)
            want = (b"size=%d read=%d" % (len(data), len(data)), b"field=\n", b"type=image/jpeg\n") + \
                ((sum_of(data),) if len(data) < 100 else ())
            check("a raw file of %d" % len(data), shows(reply, *want), reply)
    check("an empty one", shows(server.ask(post(b"/file", b"")), b"no file, 0 in memory"))
    check("JSON in a file's place", shows(server.ask(post(b"/file", b"{}", b"Content-Type: application/json\r\n")), b"no file, 2 in memory"))
    check("JSON where it is not listed", shows(server.ask(post(b"/file", b"{}", b"Content-Type: application/json\r\n", b"PUT")), b"size=2 read=2"))


def forms(server):
    good = form([part(b"x", b"one"), part(b"photo", TRICKY, b"Content-Type: Image/PNG; a=b\r\n", b"a.png"), part(b"y", "zwé".encode())])
    for step in (1 << 20, 1000, 7, 1):
        reply = in_pieces(server, post_form(good), step)
        check("a form in pieces of %d" % step, shows(reply, b"size=%d" % len(TRICKY), sum_of(TRICKY), b"field=photo\n",
              b"type=image/png\n", b"x=one\n", "y=zwé\n".encode()), reply)
    reply = server.ask(chunked(b"/file", [good[:100], good[100:101], good[101:]], b"Content-Type: multipart/form-data; boundary=xYz\r\n"))
    check("a form in chunks", shows(reply, sum_of(TRICKY), b"x=one\n"), reply)
    for what, body, type, lines in (
            ("a quoted boundary", good, b'multipart/form-data; charset=utf-8; boundary="xYz"', [b"x=one"]),
            ("capitals", good, b"Multipart/Form-Data; Boundary=xYz", [b"x=one"]),
            ("without a file", form([part(b"x", b"one")]), None, [b"no file", b"x=one"]),
            ("a preamble and an epilogue", form([part(b"x", b"one")], before=b"this is ignored\r\n", end=b"--\r\nand this"), None, [b"x=one"]),
            ("an end without a line end", form([part(b"x", b"one")], end=b"--"), None, [b"x=one"]),
            ("an empty field, an empty file", form([part(b"x", b""), part(b"f", b"", b"", b"")]), None, [b"size=0 read=0", b"x=\n"]),
            ("the first of two fields", form([part(b"x", b"1"), part(b"x", b"2")]), None, [b"x=1"]),
            ("a name in no quotes", form([b"content-disposition: FORM-DATA;name=x\r\n\r\n1"]), None, [b"x=1"]),
            ("a quote in a filename", form([part(b"f", b"1", b"", b'a\\"b; name=\\"y')]), None, [b"field=f\n"]),
            ("filename*", form([b"Content-Disposition: form-data; name=\"f\"; filename*=utf-8''%e2%82%ac\r\n\r\n1"]), None, [b"field=f\n"]),
            ("other headers of a part", form([b"X-A: b\r\nContent-Disposition: form-data; name=\"x\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n1"]), None, [b"x=1"]),
            ("blanks behind a boundary", form([part(b"x", b"1")]).replace(b"--xYz\r\n", b"--xYz \t\r\n"), None, [b"x=1"]),
            ("no part at all", b"--xYz--\r\n", None, [b"no file"])):
        reply = server.ask(post_form(body, type=type))
        check("form: " + what, shows(reply, *lines), reply)
    x = part(b"x", b"1")
    for what, body, type, status in (
            ("no boundary", good, b"multipart/form-data", 400),
            ("an empty boundary", good, b'multipart/form-data; boundary=""', 400),
            ("a boundary of 71", good, b"multipart/form-data; boundary=" + b"b" * 71, 400),
            ("another boundary", good, b"multipart/form-data; boundary=zYx", 400),
            ("a quote that does not end", good, b'multipart/form-data; boundary="xYz', 400),
            ("cut short", good[:-10], None, 400),
            ("nothing", b"", None, 400),
            ("bytes of another kind", b"\xff\xd8" * 1000, None, 400),
            ("two files", form([part(b"f", b"1", b"", b"a"), part(b"g", b"2", b"", b"b")]), None, 400),
            ("a part without a name", form([b"Content-Disposition: form-data\r\n\r\n1"]), None, 400),
            ("a part without a disposition", form([b"X: y\r\n\r\n1"]), None, 400),
            ("a part without headers", form([b"\r\n1"]), None, 400),
            ("two dispositions", form([b"Content-Disposition: form-data; name=x\r\n" + x]), None, 400),
            ("an attachment", form([b"Content-Disposition: attachment; name=x\r\n\r\n1"]), None, 400),
            ("base64", form([part(b"x", b"1", b"Content-Transfer-Encoding: base64\r\n")]), None, 400),
            ("a folded header", form([part(b"x", b"1", b" folded\r\n")]), None, 400),
            ("a name that is not UTF-8", form([part(b"\xff", b"1")]), None, 400),
            ("a name with a control", form([part(b"a\x01", b"1")]), None, 400),
            ("a name with a zero", form([part(b"a\0b", b"1")]), None, 400),
            ("a long name", form([part(b"n" * 65, b"1")]), None, 400),
            ("a field that is not UTF-8", form([part(b"x", b"\xfe")]), None, 400),
            ("a field with a zero", form([part(b"x", b"a\0b")]), None, 400),
            ("something behind a boundary", form([x]).replace(b"--xYz\r\n", b"--xYzz\r\n"), None, 400),
            ("long headers", form([part(b"x", b"1", b"X: " + b"y" * 3000 + CRLF)]), None, 413),
            ("65 fields", form([x] * 65), None, 413),
            ("a field of 257 kB", form([part(b"x", b"y" * (257 << 10))]), None, 413),
            ("fields of 1.1 MB", form([part(b"x", b"y" * (220 << 10))] * 5), None, 413),
            ("a file of 8 MB and a byte", form([part(b"f", b"y" * (8 << 20 | 1), b"", b"a")]), None, 413)):
        reply = in_pieces(server, post_form(body, type=type), 1 << 16)
        check("form: %s: %d" % (what, status), reply and reply.status == status and
              code_of(reply) in ("bad_form", "too_large"), reply)


def strangers(server):
    """400 MB that nobody asked for: they are not kept."""
    server.ask(b"GET /bare HTTP/1.1\r\n" + H + CRLF)
    before = int(server.tell("rss"))
    piece = b"x" * (1 << 20)
    for path, headers in ((b"/bare", b""), (b"/file", b"Authorization: Bearer wrong\r\n"), (b"/nothing", b""),
                          (b"/show", b"")):
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(b"POST " + path + b" HTTP/1.1\r\n" + H + headers + b"Content-Length: 419430400\r\n\r\n")
            sent = 0
            try:
                while sent < 400:
                    sock.sendall(piece)
                    sent += 1
            except (BrokenPipeError, ConnectionResetError):
                pass
            try:
                reply = client.reply()
            except ConnectionResetError:
                reply = None
            check("400 MB to %s are not taken" % path.decode(), sent < 150, sent)
            check("and their sender gets an answer", reply is None or reply.status in (401, 404, 405, 413), reply)
    grown = int(server.tell("rss")) - before
    check("the server has not grown", SANITIZED or grown < 2000, grown)


def answered_behind_all(server, request):
    with server.connect() as sock:
        client = Client(sock)
        try:
            sock.sendall(request)
            return client.reply()
        except (BrokenPipeError, ConnectionResetError):
            return None


def senders_first(server):
    """Who sends all before they look at the answer gets it; as much as no buffer of the kernel's takes."""
    before = int(server.tell("rss"))
    body = b"x" * (40 << 20)
    for path, headers, status in ((b"/file", b"Authorization: Bearer wrong\r\n", 401), (b"/nothing", b"", 404), (b"/show", b"", 413)):
        # A sender that stands still for seconds is given up, as a busy machine may make one: so there is more than one try.
        replies = []
        while len(replies) < 5 and not any(replies):
            replies.append(answered_behind_all(server, post(path, body, headers)))
        check("%d behind 40 MB to %s" % (status, path.decode()), replies[-1] and replies[-1].status == status, replies)
    grown = int(server.tell("rss")) - before
    check("nothing of it is kept", SANITIZED or grown < 2000, grown)


def memory():
    """All bodies together have a bound."""
    with Served("--memory", 1 << 20) as server:
        socks = []
        for i in range(3):
            sock = server.connect()
            sock.sendall(b"POST /show-worker HTTP/1.1\r\n" + H + b"Content-Length: 500000\r\n\r\n" + b"x" * 400000)
            socks.append(sock)
            if i < 2:
                server.until("memory", (i + 1) * 458752)
        reply = Client(socks[2]).reply()
        check("too many bodies at once", reply.status == 503 and reply.headers["retry-after"] == "1", reply)
        socks[0].sendall(b"x" * 100000)
        check("the first is served", Client(socks[0]).reply().status == 200)
        socks[1].close()
        server.until("memory", 0)
        check("one that has gone is told of", server.gauges()["gone"] == 1)
        check("and there is room again", server.ask(post(b"/show-worker", b"x" * 900000)).status == 200)


with Served() as server:
    plain_bodies(server)
    continues(server)
    keys(server)
    files(server)
    forms(server)
    strangers(server)
    senders_first(server)
    server.until("connections", 0)
    server.until("active", 0)
    server.until("memory", 0)
with tempfile.TemporaryDirectory() as spool:
    with Served("--spool", spool) as server:
        files(server)
        check("no file is left", os.listdir(spool) == [])
with Served("--spool", "/nowhere/at/all") as server:
    reply = server.ask(post(b"/file", b"x"))
    check("no place for files", reply.status == 503 and code_of(reply) == "no_room", reply)
    check("others are served", server.ask(post(b"/show", b"x")).status == 200)
def answers():
    """What is made for clients that do not take it is bounded as what they send."""
    with Served("--memory", 24 << 20) as server:
        ask = b"GET /big?size=10000000 HTTP/1.1\r\n" + H + b"\r\n"
        with server.connect() as one:
            one.sendall(ask)
            server.until("memory", 16 << 20)  # what its buffer has room for
            refused = server.ask(ask)
            check("a second one is refused", refused and refused.status == 503 and code_of(refused) == "busy", refused)
            check("small ones are not", server.ask(b"GET /big?size=4000 HTTP/1.1\r\n" + H + b"\r\n").status == 200)
            whole = Client(one).reply()
            check("the first comes whole", whole.status == 200 and len(whole.body) == 10000000, whole)
        server.until("memory", 0)
        check("then there is room again", server.ask(ask).status == 200)


memory()
answers()
finish()
