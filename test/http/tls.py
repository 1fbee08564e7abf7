"""TLS: versions, protocols, certificates of clients, certificates that are made anew."""
import os
import socket
import ssl
import subprocess
import tempfile

from common import PATIENCE_S, Client, Served, check, finish

H = b"Host: a\r\n"
BARE = b"GET /bare HTTP/1.1\r\n" + H + b"\r\n"


def openssl(folder, *arguments):
    subprocess.run(("openssl",) + arguments, cwd=folder, check=True, capture_output=True)


def certificate(folder, name, common_name, signed_by=None):
    if signed_by is None:
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", name + ".key", "-out", name + ".pem", "-subj", "/CN=" + common_name,
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        return
    openssl(folder, "req", "-utf8", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key",
            "-out", name + ".csr", "-subj", "/CN=" + common_name)
    openssl(folder, "x509", "-req", "-in", name + ".csr", "-CA", signed_by + ".pem", "-CAkey", signed_by + ".key",
            "-CAcreateserial", "-days", "2", "-out", name + ".pem")


def context_for(folder, trust, client=None):
    context = ssl.create_default_context(cafile=os.path.join(folder, trust + ".pem"))
    if client:
        context.load_cert_chain(os.path.join(folder, client + ".pem"), os.path.join(folder, client + ".key"))
    return context


def connect(server, context):
    sock = socket.create_connection(("127.0.0.1", server.ports[1]), PATIENCE_S)
    return context.wrap_socket(sock, server_hostname="localhost")


def ask(server, context, request):
    with connect(server, context) as sock:
        sock.sendall(request)
        return Client(sock).reply()


def plain(folder, pem, key):
    context = context_for(folder, "server")
    with Served("--tls", pem, key) as server:
        with connect(server, context) as sock:
            client = Client(sock)
            for i in range(3):
                sock.sendall(BARE * 10)
                check("ten in a row", [client.reply().status for k in range(10)] == [200] * 10)
            slow = b"POST /show-worker HTTP/1.1\r\n" + H + b"Content-Length: 10\r\n\r\n"
            sock.sendall(slow)
            sock.sendall(b"x" * 10 + BARE)  # in one record, of which a worker's request takes a part
            check("what TLS holds behind a body is answered", [client.reply().status for k in range(2)] == [200, 200])
            data = os.urandom(1 << 20)
            sock.sendall(b"POST /file HTTP/1.1\r\n" + H + b"Content-Length: %d\r\n\r\n" % len(data) + data)
            check("a large body", b"size=1048576 read=1048576" in client.reply().body)
            sock.sendall(b"GET /big?size=5000000 HTTP/1.1\r\n" + H + b"\r\n")
            check("a large reply", client.reply().body == b"b" * 5000000)
            sock.sendall(b"GET /source?count=300&size=10000 HTTP/1.1\r\n" + H + b"\r\n")
            check("a source", len(client.reply().body) == 300 * 10001)
            sock.sendall(b"GET /slow?ms=50 HTTP/1.1\r\n" + H + b"\r\n")
            check("a worker", client.reply().status == 200)
        reply = ask(server, context, b"GET /bare HTTP/1.1\r\n" + H + b"Connection: close\r\n\r\n")
        check("close", reply.headers["connection"] == "close")
        reply = ask(server, context, b"GET /show/a HTTP/1.1\r\n" + H + b"\r\n")
        check("no client's name", b"client=(none)\n" in reply.body, reply)
        reply = ask(server, context, b"POST /file HTTP/1.1\r\n" + H + b"Authorization: Bearer wrong\r\nContent-Length: 30000\r\n\r\n" + b"x" * 30000)
        check("refused with a body", reply.status == 401, reply)
        for what, version in (("1.2", ssl.TLSVersion.TLSv1_2), ("1.3", ssl.TLSVersion.TLSv1_3)):
            one = context_for(folder, "server")
            one.minimum_version = one.maximum_version = version
            with connect(server, one) as sock:
                check("TLS " + what, sock.version() == "TLSv" + what)
        run = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % server.ports[1], "-tls1_1", "-cipher",
                              "ALL:@SECLEVEL=0"], input=b"", capture_output=True)
        check("nothing older", run.returncode != 0 and b"Cipher is (NONE)" in run.stdout, run.stdout[-500:])
        for offered, picked in ((["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"), ([], None)):
            one = context_for(folder, "server")
            if offered:
                one.set_alpn_protocols(offered)
            with connect(server, one) as sock:
                check("ALPN %r" % offered, sock.selected_alpn_protocol() == picked)
        one = context_for(folder, "server")
        one.set_alpn_protocols(["h2"])
        try:
            connect(server, one)
            check("h2 alone", False)
        except ssl.SSLError:
            pass
        # Not TLS, or half of it.
        with socket.create_connection(("127.0.0.1", server.ports[1]), PATIENCE_S) as sock:
            sock.sendall(BARE)
            try:
                while sock.recv(1000):
                    pass
            except ConnectionResetError:
                pass
        # An end without the alert is an end.
        sock = connect(server, context)
        sock.sendall(BARE)
        Client(sock).reply()
        socket.socket(fileno=sock.detach()).close()
        # curl, as people use it.
        run = subprocess.run(["curl", "-sS", "--cacert", pem, "https://localhost:%d/bare" % server.ports[1], "--resolve",
                              "localhost:%d:127.0.0.1" % server.ports[1]], capture_output=True)
        check("curl", run.stdout == b'{"matches":[]}', run)
        server.until("connections", 0)
        server.until("active", 0)


def impatient(pem, key):
    with Served("--tls", pem, key, "--header-ms", "400") as server:
        with socket.create_connection(("127.0.0.1", server.ports[1]), PATIENCE_S) as sock:
            sock.sendall(b"\x16\x03\x01\x02\x00\x01")
            try:
                check("half a handshake", sock.recv(1000) == b"")
            except ConnectionResetError:
                pass
        server.until("connections", 0)


def reload(folder, pem, key):
    with Served("--tls", pem, key) as server:
        old = connect(server, context_for(folder, "server"))
        certificate(folder, "fresh", "other")
        for end in (".pem", ".key"):
            os.replace(os.path.join(folder, "fresh" + end), os.path.join(folder, "server" + end))
        old.sendall(BARE)
        check("made anew, not loaded", Client(old).reply().status == 200)
        check("loads", server.tell("reload") == "reloaded")
        with connect(server, context_for(folder, "server")) as sock:
            check("a new one is shown", dict(pair[0] for pair in sock.getpeercert()["subject"])["commonName"] == "other")
        old.sendall(BARE)
        check("old connections go on", Client(old).reply().status == 200)
        old.close()
        with open(pem, "w") as file:
            file.write("nothing\n")
        text = server.tell("reload")
        check("one that is none", "certificate" in text and pem in text, text)
        sock = socket.create_connection(("127.0.0.1", server.ports[1]), PATIENCE_S)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(sock) as sock:
            sock.sendall(BARE)
            check("leaves the one before", Client(sock).reply().status == 200)


def clients(folder, pem, key):
    certificate(folder, "ca", "the authority")
    certificate(folder, "other-ca", "another authority")
    certificate(folder, "alice", "platform éins", "ca")
    certificate(folder, "mallory", "platform", "other-ca")
    with Served("--tls", pem, key, os.path.join(folder, "ca.pem")) as server:
        reply = ask(server, context_for(folder, "server", "alice"), b"GET /show/a HTTP/1.1\r\n" + H + b"\r\n")
        check("a client that is known", "client=platform éins\n".encode() in reply.body, reply)
        for name in ("mallory", None):
            try:
                ask(server, context_for(folder, "server", name), BARE)
                check("a client that is not: %s" % name, False)
            except (ssl.SSLError, ConnectionError):
                pass
        server.until("connections", 0)


def refused(folder, pem, key):
    for arguments, text in (((pem, "/nowhere"), "/nowhere"), (("/nowhere", key), "/nowhere"),
                            ((key, key), "certificate"), ((pem, os.path.join(folder, "ca.key")), "key"),
                            ((pem, key, "/nowhere"), "/nowhere")):
        try:
            with Served("--tls", *arguments):
                check("starts with %r" % (arguments,), False)
        except RuntimeError as error:
            check("says what is wrong with %r" % (arguments,), text in str(error), error)


with tempfile.TemporaryDirectory() as folder:
    pem, key = os.path.join(folder, "server.pem"), os.path.join(folder, "server.key")
    certificate(folder, "server", "localhost")
    plain(folder, pem, key)
    impatient(pem, key)
    clients(folder, pem, key)
    refused(folder, pem, key)
    reload(folder, pem, key)
finish()
