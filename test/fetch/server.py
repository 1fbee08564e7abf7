#!/usr/bin/env python3
"""Servers for the fetch test, all on loopback: good ones, slow ones, liars. Every path is a deed.

  server.py FOLDER      makes certificates in FOLDER, prints "READY key=port ..." and serves until standard input ends
"""
import gzip
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

folder = sys.argv[1]
ports = {}
seen = []  # what each request said, for /seen
lock = threading.Lock()


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def certificate(name, subject, days="2", extra=()):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key",
            "-subj", "/CN=" + name, "-out", name + ".csr")
    with open(os.path.join(folder, name + ".ext"), "w") as file:
        file.write("subjectAltName=" + subject + "\n")
    openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", days, "-extfile",
            name + ".ext", "-out", name + ".pem", *extra)


def certificates():
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority")
    certificate("good", "IP:127.0.0.1,DNS:localhost")
    certificate("other", "DNS:elsewhere.example")
    certificate("expired", "IP:127.0.0.1", days="-1")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-keyout", "self.key", "-out", "self.pem", "-subj", "/CN=self", "-addext", "subjectAltName=IP:127.0.0.1")


def head_of(connection):
    """The request's head and what came behind it; None where it never ended."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None, b""
        data += part
        if not data[:1].isupper():
            return None, b""  # as when TLS is spoken
    head, rest = data.split(b"\r\n\r\n", 1)
    return head.decode("latin-1"), rest


def body_of(connection, head, rest):
    size = 0
    for line in head.split("\r\n")[1:]:
        if line.lower().startswith("content-length:"):
            size = int(line.split(":")[1])
    while len(rest) < size:
        part = connection.recv(65536)
        if not part:
            break
        rest += part
    return rest


def answer(connection, body, status="200 OK", headers=()):
    head = "HTTP/1.1 %s\r\nContent-Length: %d\r\n" % (status, len(body))
    head += "".join(line + "\r\n" for line in headers)
    connection.sendall(head.encode("latin-1") + b"\r\n" + body)


def redirect(connection, to, status="302 Found", body=b"not what was asked for"):
    answer(connection, body, status, ["Location: " + to])


def pattern(size):
    return bytes(i * 7 % 251 for i in range(251)) * (size // 251 + 1)


def slow(connection, data, pause):
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(pause)


def deed(connection, method, path, head, body):
    name, _, argument = path[1:].partition("/")
    here = "http://127.0.0.1:%d" % ports["http"]
    if name == "hello":
        answer(connection, b"hello", headers=["Content-Type: text/plain; charset=utf-8"])
    elif name == "status":
        answer(connection, b"told", argument + " Told")
    elif name == "size":
        size = int(argument)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        connection.sendall(pattern(size)[:size])
    elif name == "endless":
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
    elif name == "endless-chunks":
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
    elif name == "chunks":
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n"
                           b"Trailer: x\r\n\r\n")
    elif name == "chunk-lie":
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nhello\r\n0\r\n\r\n")
    elif name == "chunk-word":
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzebra\r\nhello\r\n0\r\n\r\n")
    elif name == "packed":
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(50 << 20)))
    elif name == "packed-chunks":
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
    elif name == "cut":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
    elif name == "headers":
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")
    elif name == "one-header":
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-More: ")
        while True:
            connection.sendall(b"y" * 65536)
    elif name == "interim":
        while True:
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    elif name == "some-interim":
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLocation: http://127.0.0.1/\r\n\r\n")
        answer(connection, b"hello")
    elif name == "drip":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n")
        slow(connection, b"x" * 50000, 0.02)
    elif name == "drip-head":
        slow(connection, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100000, 0.02)
    elif name == "silent":
        time.sleep(60)
    elif name == "close":
        pass
    elif name == "nonsense":
        connection.sendall(b"\x00\xff\xfe SSH-2.0 hello\r\n\r\n")
    elif name == "old":
        connection.sendall(b"hello, this is HTTP/0.9")
    elif name == "gzip":
        answer(connection, b"\x1f\x8b not really", headers=["Content-Encoding: gzip"])
    elif name == "type":
        answer(connection, b"x", headers=["Content-Type: a/b\x01\x7f\xff" + "c" * 300])
    elif name == "echo":
        answer(connection, (method + "\n" + head + "\n\n").encode("latin-1") + body)
    elif name == "to":
        redirect(connection, argument)
    elif name == "to-status":
        status, _, to = argument.partition("/")
        redirect(connection, to, status + " Moved")
    elif name == "to-here":
        redirect(connection, here + "/" + argument)
    elif name == "to-echo-elsewhere":
        redirect(connection, "http://127.0.0.1:%d/echo" % ports["second"])
    elif name == "to-tls":
        redirect(connection, "https://127.0.0.1:%d/%s" % (ports["good"], argument))
    elif name == "to-plain":
        redirect(connection, here + "/hello")
    elif name == "hops":
        count = int(argument)
        if count:
            redirect(connection, "/hops/%d" % (count - 1))
        else:
            answer(connection, b"arrived")
    elif name == "loop":
        redirect(connection, "/loop")
    elif name == "endless-redirect":
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /hello\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
    elif name == "two-locations":
        answer(connection, b"", "302 Found", ["Location: /hello", "Location: http://10.0.0.1/"])
    elif name == "long-location":
        redirect(connection, "/" + "a" * 20000)
    elif name == "no-location":
        answer(connection, b"nowhere", "302 Found")
    elif name == "hold":  # until the test says so, with a file
        while not os.path.exists(os.path.join(folder, argument)):
            time.sleep(0.01)
        answer(connection, b"waited")
    elif name == "wait":
        time.sleep(float(argument))
        answer(connection, b"waited")
    elif name == "seen":
        with lock:
            answer(connection, "\n".join(seen).encode())
    else:
        answer(connection, b"", "404 Not Found")


def serve_one(connection, context):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        head, rest = head_of(connection)
        if head is None:
            return
        method, path, _ = head.split("\r\n")[0].split(" ", 2)
        with lock:
            seen.append(method + " " + path)
        body = body_of(connection, head, rest)
        deed(connection, method, path.partition("?")[0], head, body)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    finally:
        connection.close()


def serve(listener, context):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_one, args=(connection, context), daemon=True).start()


def listen(key, family=socket.AF_INET, host="127.0.0.1", context=None):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, 0))
    listener.listen(128)
    ports[key] = listener.getsockname()[1]
    threading.Thread(target=serve, args=(listener, context), daemon=True).start()


def main():
    certificates()
    listen("http")
    listen("second")
    try:
        listen("six", socket.AF_INET6, "::1")
    except OSError:
        ports["six"] = 0
    for name in ["good", "other", "expired", "self"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
        listen(name, context=context)
    # A port on which nobody listens.
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    ports["closed"] = closed.getsockname()[1]
    # One that listens and never accepts.
    print("READY " + " ".join("%s=%d" % item for item in ports.items()), flush=True)
    sys.stdin.read()


main()
