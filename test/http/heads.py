"""Heads: what is understood, and what is refused because its end or its meaning could be read in two ways."""
from common import Client, Served, check, code_of, cut, finish

H = b"Host: a\r\n"


def line(target, method=b"GET", version=b"HTTP/1.1"):
    return method + b" " + target + b" " + version + b"\r\n"


# (what, request, status, code): the connection must be closed behind each.
REFUSED = [
    # where a message ends
    ("length and chunked", line(b"/show", b"POST") + H + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_length"),
    ("chunked and length", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, "bad_length"),
    ("two lengths", line(b"/show", b"POST") + H + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, "bad_length"),
    ("one length twice", line(b"/show", b"POST") + H + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, "bad_length"),
    ("a list of lengths", line(b"/show", b"POST") + H + b"Content-Length: 5, 5\r\n\r\nhello", 400, "bad_length"),
    ("+5", line(b"/show", b"POST") + H + b"Content-Length: +5\r\n\r\nhello", 400, "bad_length"),
    ("-5", line(b"/show", b"POST") + H + b"Content-Length: -5\r\n\r\nhello", 400, "bad_length"),
    ("0x5", line(b"/show", b"POST") + H + b"Content-Length: 0x5\r\n\r\nhello", 400, "bad_length"),
    ("5 5", line(b"/show", b"POST") + H + b"Content-Length: 5 5\r\n\r\nhello", 400, "bad_length"),
    ("an empty length", line(b"/show", b"POST") + H + b"Content-Length:\r\n\r\nhello", 400, "bad_length"),
    ("2^64 + 5", line(b"/show", b"POST") + H + b"Content-Length: 18446744073709551621\r\n\r\nhello", 400, "bad_length"),
    ("19 digits", line(b"/show", b"POST") + H + b"Content-Length: 9999999999999999999\r\n\r\nhello", 400, "bad_length"),
    ("gzip, chunked", line(b"/show", b"POST") + H + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, "bad_coding"),
    ("chunked, identity", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400, "bad_coding"),
    ("identity", line(b"/show", b"POST") + H + b"Transfer-Encoding: identity\r\n\r\n", 400, "bad_coding"),
    ("xchunked", line(b"/show", b"POST") + H + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, "bad_coding"),
    ("\"chunked\"", line(b"/show", b"POST") + H + b"Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400, "bad_coding"),
    ("chunked twice", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_coding"),
    ("chunked and \\x0b", line(b"/show", b"POST") + H + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400, None),
    ("chunked in HTTP/1.0", line(b"/show", b"POST", b"HTTP/1.0") + H + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_coding"),
    # lines
    ("a blank before the colon", line(b"/show", b"POST") + H + b"Content-Length : 5\r\n\r\nhello", 400, None),
    ("a tab before the colon", line(b"/show", b"POST") + H + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", 400, None),
    ("a blank in a name", line(b"/bare") + H + b"X Y: 1\r\n\r\n", 400, "bad_header"),
    ("no name", line(b"/bare") + H + b": 1\r\n\r\n", 400, "bad_header"),
    ("no colon", line(b"/bare") + H + b"Content-Length\r\n\r\n", 400, "bad_header"),
    ("a fold", line(b"/bare") + H + b"X: 1\r\n 2\r\n\r\n", 400, "bad_header"),
    ("a fold that hides chunked", line(b"/show", b"POST") + H + b"X: 1\r\n\tTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_header"),
    ("a folded coding", line(b"/show", b"POST") + H + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400, "bad_header"),
    ("a fold before any header", line(b"/bare") + b" X: 1\r\n" + H + b"\r\n", 400, "bad_header"),
    ("a bare CR in a value", line(b"/bare") + H + b"X: 1\rY: 2\r\n\r\n", 400, "bad_header"),
    ("a bare CR that would end a line", line(b"/bare") + H + b"X: 1\r\rTransfer-Encoding: chunked\r\n\r\n", 400, "bad_header"),
    ("a bare LF", line(b"/bare") + H + b"X: 1\nY: 2\r\n\r\n", 400, "bad_request"),
    ("bare LFs alone", b"GET /bare HTTP/1.1\nHost: a\n\n", 400, "bad_request"),
    ("a zero byte in a value", line(b"/bare") + H + b"X: 1\x002\r\n\r\n", 400, "bad_header"),
    ("a zero byte in a name", line(b"/bare") + H + b"X\x00Y: 1\r\n\r\n", 400, "bad_header"),
    ("a control in a value", line(b"/bare") + H + b"X: 1\x012\r\n\r\n", 400, "bad_header"),
    ("DEL in a value", line(b"/bare") + H + b"X: 1\x7f2\r\n\r\n", 400, "bad_header"),
    ("a name beyond ASCII", line(b"/bare") + H + b"X\xc3\xa9: 1\r\n\r\n", 400, "bad_header"),
    # the request line
    ("a control in the target", line(b"/ba\x01re") + H + b"\r\n", 400, "bad_request"),
    ("a tab in the target", line(b"/ba\tre") + H + b"\r\n", 400, "bad_request"),
    ("two blanks", b"GET  /bare HTTP/1.1\r\n" + H + b"\r\n", 400, "bad_request"),
    ("a blank at the end", b"GET /bare HTTP/1.1 \r\n" + H + b"\r\n", 400, "bad_request"),
    ("a third word", b"GET /bare and HTTP/1.1\r\n" + H + b"\r\n", 400, "bad_request"),
    ("HTTP/0.9", b"GET /bare\r\n\r\n", 400, "bad_request"),
    ("no target", b"GET HTTP/1.1\r\n" + H + b"\r\n", 400, "bad_request"),
    ("a blank first", b" GET /bare HTTP/1.1\r\n" + H + b"\r\n", 400, "bad_request"),
    ("a method that is no word", b"GE{T /bare HTTP/1.1\r\n" + H + b"\r\n", 400, "bad_request"),
    ("lower-case http", line(b"/bare", version=b"http/1.1") + H + b"\r\n", 400, "bad_request"),
    ("HTTP/1.10", line(b"/bare", version=b"HTTP/1.10") + H + b"\r\n", 400, "bad_request"),
    ("HTTP/1.2", line(b"/bare", version=b"HTTP/1.2") + H + b"\r\n", 505, "version_not_supported"),
    ("HTTP/2.0", line(b"/bare", version=b"HTTP/2.0") + H + b"\r\n", 505, "version_not_supported"),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version_not_supported"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500, 400, "bad_request"),
    ("an unknown method", line(b"/bare", b"BREW") + H + b"\r\n", 501, "method_not_known"),
    ("CONNECT", line(b"a:443", b"CONNECT") + H + b"\r\n", 501, "not_a_proxy"),
    ("a fragment", line(b"/bare#top") + H + b"\r\n", 400, "bad_target"),
    ("a fragment behind a host", line(b"http://a#top/bare") + H + b"\r\n", 400, "bad_target"),
    ("a relative path", line(b"bare") + H + b"\r\n", 400, "bad_target"),
    ("* of GET", line(b"*") + H + b"\r\n", 400, "bad_target"),
    ("another scheme", line(b"ftp://a/bare") + H + b"\r\n", 400, "bad_target"),
    ("no host in it", line(b"http:///bare") + H + b"\r\n", 400, "bad_target"),
    # hosts
    ("no Host", line(b"/bare") + b"\r\n", 400, "bad_host"),
    ("two Hosts", line(b"/bare") + b"Host: a\r\nHost: b\r\n\r\n", 400, "bad_host"),
    ("one Host twice", line(b"/bare") + b"Host: a\r\nhost: a\r\n\r\n", 400, "bad_host"),
    ("a Host with a path", line(b"/bare") + b"Host: a/b\r\n\r\n", 400, "bad_host"),
    ("a Host with a blank", line(b"/bare") + b"Host: a b\r\n\r\n", 400, "bad_host"),
    ("a Host with a fragment", line(b"/bare") + b"Host: a#b\r\n\r\n", 400, "bad_host"),
    ("a Host with a user", line(b"/bare") + b"Host: u@a\r\n\r\n", 400, "bad_host"),
    # others
    ("two keys", line(b"/bare") + H + b"Authorization: a\r\nAuthorization: b\r\n\r\n", 400, "bad_header"),
    ("two types", line(b"/show", b"POST") + H + b"Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n\r\n", 400, "bad_header"),
    ("a body that is compressed", line(b"/show", b"POST") + H + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", 415, "content_encoding"),
    ("chunks that are compressed", line(b"/show", b"POST") + H + b"Content-Encoding: identity, br\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 415, "content_encoding"),
    ("compressed as a second one says", line(b"/show", b"POST") + H + b"Content-Encoding: gzip\r\nContent-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", 415, "content_encoding"),
    ("an unknown expectation", line(b"/show", b"POST") + H + b"Expect: the-best\r\nContent-Length: 5\r\n\r\n", 417, "expectation_failed"),
    ("an upgrade", line(b"/bare") + H + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 501, "no_upgrade"),
    # text
    ("a path that is not UTF-8", line(b"/show/%ff") + H + b"\r\n", 400, "bad_target"),
    ("raw bytes that are not UTF-8", line(b"/show/\xff") + H + b"\r\n", 400, "bad_target"),
    ("an overlong slash", line(b"/show/%c0%af") + H + b"\r\n", 400, "bad_target"),
    ("a surrogate", line(b"/show/%ed%a0%80") + H + b"\r\n", 400, "bad_target"),
    ("an escaped slash", line(b"/show/a%2fb") + H + b"\r\n", 400, "bad_target"),
    ("an escaped zero", line(b"/show/a%00") + H + b"\r\n", 400, "bad_target"),
    ("half an escape", line(b"/show/a%2") + H + b"\r\n", 400, "bad_target"),
    ("no escape", line(b"/show/a%zz") + H + b"\r\n", 400, "bad_target"),
    ("a query that is not UTF-8", line(b"/show/a?x=%fe") + H + b"\r\n", 400, "bad_target"),
    ("a query with a zero", line(b"/show/a?x=%00") + H + b"\r\n", 400, "bad_target"),
    ("129 values", line(b"/show/a?" + b"&".join([b"x=1"] * 129)) + H + b"\r\n", 400, "bad_target"),
    # sizes
    ("a target of 9 kB", line(b"/show/" + b"a" * 9000) + H + b"\r\n", 414, "target_too_long"),
    ("a target without an end", b"GET /" + b"a" * 9000, 414, "target_too_long"),
    ("headers of 17 kB", line(b"/bare") + H + b"".join(b"X-%d: %s\r\n" % (i, b"x" * 190) for i in range(85)) + b"\r\n", 431, "headers_too_large"),
    ("headers without an end", line(b"/bare") + H + b"X: " + b"x" * 17000, 431, "headers_too_large"),
    ("101 headers", line(b"/bare") + H + b"X: 1\r\n" * 100 + b"\r\n", 431, "headers_too_large"),
    # chunks
    ("a chunk's size that is none", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\nx\r\n", 400, "bad_chunk"),
    ("0x in a chunk's size", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("a chunk's size of 17 digits", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("zeros before a chunk's size", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 20 + b"5\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("a blank behind a chunk's size", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("a bare LF behind a chunk's size", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("CR and another byte", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n5\rXhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("a chunk longer than it says", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("a chunk with an LF behind", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n", 400, "bad_chunk"),
    ("a chunk's long extension", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 300 + b"\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("an LF in an extension", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n5;x\nhello\r\n0\r\n\r\n", 400, "bad_chunk"),
    ("trailers without an end", line(b"/show", b"POST") + H + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 1000, 400, "bad_chunk"),
]

# (what, request, reply): to the letter.
SHOWN = """HTTP/1.1 200 OK\r
Date: <date>\r
Content-Type: text/plain\r
Content-Length: %d\r
X-Request-Id: <id>\r
Cache-Control: no-store\r
X-Content-Type-Options: nosniff\r
\r
"""
GOLDEN = [
    ("a bare answer", line(b"/bare") + H + b"\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 14\r\nX-Request-Id: <id>\r\n"
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n{\"matches\":[]}"),
    ("HEAD", line(b"/bare", b"HEAD") + H + b"\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 14\r\nX-Request-Id: <id>\r\n"
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"),
    ("HTTP/1.0", line(b"/bare", version=b"HTTP/1.0") + b"\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 14\r\nX-Request-Id: <id>\r\n"
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{\"matches\":[]}"),
    ("close", line(b"/bare") + H + b"Connection: keep-alive, Close\r\n\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 14\r\nX-Request-Id: <id>\r\n"
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{\"matches\":[]}"),
    ("nothing there", line(b"/nothing") + H + b"\r\n",
     "HTTP/1.1 404 Not Found\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 72\r\nX-Request-Id: <id>\r\n"
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
     "{\"error\":{\"code\":\"not_found\",\"message\":\"there is nothing at this path\"}}"),
    ("not with this method", line(b"/show", b"DELETE") + H + b"\r\n",
     "HTTP/1.1 405 Method Not Allowed\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 87\r\n"
     "X-Request-Id: <id>\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nAllow: GET, HEAD, POST\r\n\r\n"
     "{\"error\":{\"code\":\"method_not_allowed\",\"message\":\"this path does not have this method\"}}"),
    ("no content", line(b"/wake", b"POST") + H + b"\r\n",
     "HTTP/1.1 204 No Content\r\nDate: <date>\r\nX-Request-Id: <id>\r\nCache-Control: no-store\r\n"
     "X-Content-Type-Options: nosniff\r\n\r\n"),
    ("refused", b"GET /\r\n\r\n",
     "HTTP/1.1 400 Bad Request\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 93\r\nX-Request-Id: <id>\r\n"
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
     "{\"error\":{\"code\":\"bad_request\",\"message\":\"the request line is not 'METHOD target HTTP/1.1'\"}}"),
    ("headers of the app's own", line(b"/header?value=a%20b") + H + b"\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nX-Request-Id: <id>\r\n"
     "X-Content-Type-Options: nosniff\r\nX-Value: a b\r\nCache-Control: max-age=60\r\n\r\nfine"),
    ("a header that would be two", line(b"/header?value=a%0d%0aX-Evil:%201") + H + b"\r\n",
     "HTTP/1.1 500 Internal Server Error\r\nDate: <date>\r\nContent-Type: application/json\r\nContent-Length: 69\r\n"
     "X-Request-Id: <id>\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
     "{\"error\":{\"code\":\"internal\",\"message\":\"the reply could not be made\"}}"),
    ("a source", line(b"/source?count=2&size=3") + H + b"\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
     "X-Request-Id: <id>\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n4\r\nsss\n\r\n4\r\nsss\n\r\n0\r\n\r\n"),
    ("a source to HTTP/1.0", line(b"/source?count=2&size=3", version=b"HTTP/1.0") + b"\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/x-ndjson\r\nX-Request-Id: <id>\r\n"
     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nsss\nsss\n"),
    ("HEAD of a source", line(b"/source?count=2", b"HEAD") + H + b"\r\n",
     "HTTP/1.1 200 OK\r\nDate: <date>\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
     "X-Request-Id: <id>\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"),
]

# (what, request, lines that the server must have understood)
UNDERSTOOD = [
    ("parameters", line(b"/show/one/of/two") + H, ["a=one", "b=two", "host=a"]),
    ("spelt out goes first", line(b"/show/plain") + H, ["a=(none)", "path=/show/plain"]),
    ("escapes", line(b"/show/%c3%a9%20x") + H, ["a=é x"]),
    ("raw UTF-8", line("/show/é".encode()) + H, ["a=é"]),
    ("a query", line(b"/show/a?x=1&y=a+b%2b&&z&x=2&=e") + H, ["query x=1", "query y=a b+", "query z=", "query x=2", "query =e"]),
    ("slashes", line(b"//show///a") + H, ["path=/show/a"]),
    ("a rewritten path", line(b"/k/secret//show/a") + H, ["path=/show/a"]),
    ("an absolute target", line(b"http://b:80/show/a?x=1") + H, ["host=b:80", "a=a", "query x=1"]),
    ("blanks around a value", line(b"/show/a") + H + b"X-Test: \t one  two \t \r\n", ["x-test=one  two"]),
    ("a value of nothing", line(b"/show/a") + H + b"X-Test:\r\n", ["x-test="]),
    ("a value beyond ASCII", line(b"/show/a") + H + b"X-Test: \xc3\xa9\r\n", ["x-test=é"]),
    ("capitals", line(b"/show/a") + b"HOST: a\r\nx-TeSt: Y\r\n", ["x-test=Y"]),
    ("an empty line first", b"\r\n" + line(b"/show/a") + H, ["a=a"]),
    ("a coding that is none", line(b"/show/a") + H + b"Content-Encoding: Identity\r\nContent-Encoding:\r\n", ["a=a"]),
    ("a coding of nothing", line(b"/show/a") + H + b"Content-Encoding: gzip\r\n", ["a=a"]),
    ("an empty Host", line(b"/show/a") + b"Host:\r\n", ["host="]),
    ("h2c, which may be ignored", line(b"/show/a") + H + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n", ["a=a"]),
    ("100 headers", line(b"/show/a") + H + b"X: 1\r\n" * 99, ["a=a"]),
    ("a long target", line(b"/show/" + b"a" * 8000) + H, ["b=(none)"]),
    ("long headers", line(b"/show/a") + H + b"".join(b"X-%d: %s\r\n" % (i, b"x" * 180) for i in range(80)), ["a=a"]),
]


def in_pieces(server, request, step):
    """The same, but a few bytes at a time."""
    with server.connect() as sock:
        for at in range(0, len(request), step):
            sock.sendall(request[at:at + step])
        return Client(sock).reply()


with Served() as server:
    for what, request, status, code in REFUSED:
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(request + b"GET /bare HTTP/1.1\r\nHost: hidden\r\n\r\n")
            reply = client.reply()
            check("%s: %d %s" % (what, status, code), reply and reply.status == status and code in (None, code_of(reply)), reply)
            check("%s: closed" % what, reply and reply.headers.get("connection") == "close" and client.closed(), client.data)
    for what, request, expected in GOLDEN:
        with server.connect() as sock:
            client = Client(sock)
            sock.sendall(request)
            reply = client.reply(head_only=True)
            if "chunked" in expected and "HEAD" not in what:
                body = b""
                while not (client.data.endswith(b"0\r\n\r\n")):
                    client.more()
            elif "Content-Length" in expected and what != "HEAD":
                while len(client.data) < int(reply.headers["content-length"]):
                    client.more()
            elif "HTTP/1.0" in what:
                while client.more():
                    pass
            seen = cut((reply.head + client.data).decode())
            check("golden: " + what, seen == expected, seen, expected)
    for what, request, lines in UNDERSTOOD:
        for step in (len(request) + 2, 7, 1):
            if step == 1 and len(request) > 1000:
                continue
            reply = in_pieces(server, request + b"\r\n", step)
            seen = reply.body.decode().split("\n") if reply else None
            check("%s, %d bytes at a time" % (what, step), reply and reply.status == 200 and all(l in seen for l in lines), reply)
    # OPTIONS is a method like any other.
    for target in (b"/bare", b"*"):
        reply = server.ask(line(target, b"OPTIONS") + H + b"\r\n")
        check("OPTIONS %r" % target, reply.status == (404 if target == b"*" else 405), reply)
    # One behind the other, in one piece and bytewise.
    many = b"".join(line(b"/show/%d" % i) + H + b"\r\n" for i in range(200))
    for step in (len(many), 97):
        with server.connect() as sock:
            client = Client(sock)
            for at in range(0, len(many), step):
                sock.sendall(many[at:at + step])
            bodies = [client.reply().body for i in range(200)]
            check("200 in a row, in order", all(b"\na=%d\n" % i in body for i, body in enumerate(bodies)))
    with server.connect() as sock:
        client = Client(sock)
        sock.sendall(b"".join(line(path) + H + b"\r\n" for path in (b"/slow?ms=30", b"/show/1", b"/over?ms=30", b"/source", b"/nothing", b"/show/2")))
        check("fast ones wait behind slow ones", [client.reply().status for i in range(6)] == [200, 200, 200, 200, 404, 200])
    gauges = server.gauges()
    check("faults are counted", gauges["protocol"] >= 80 and gauges["words"] >= len(REFUSED), gauges)
    server.until("connections", 0)
    server.until("active", 0)
finish()
