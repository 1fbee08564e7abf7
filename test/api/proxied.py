#!/usr/bin/env python3
"""Behind a proxy: limits of signing in are the client's where the proxy is trusted, and nobody's word counts otherwise."""
import http.client
import os
import signal
import socket
import subprocess

from common import HILF, Node, case, environment, folder, main, until
from signed import PASSPHRASE, Person

TRIES = 40  # a slow machine may let a wait pass, but each is twice as long as the one before
LOOPBACK = ("--trusted-proxy", "127.0.0.1")


def knock(node, name, forwarded=None, **headers):
    """What somebody is answered who gets it wrong, asked for by a proxy that says this."""
    lines = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    while True:
        answer = node.ask("POST", "/v1/session", {"name": name, "passphrase": "wrong, but long enough", "code": "123456"}, key="",
                          headers={**lines, **headers})
        if answer.status != 503:
            return answer.status


def locked(node, name, forwarded):
    """Whether whoever comes so has to wait in the end; forwarded: of the number of the try."""
    return any(knock(node, name, forwarded(number)) == 429 for number in range(TRIES))


@case
def the_client_waits_and_nobody_else():
    with folder() as data, Node(data, *LOOPBACK) as node:
        # Whoever keeps saying something else is known by what the proxy adds behind it.
        spoofs = ["unknown", "_x", "999.1.1.1", "'; --", "[::", ",,,", "1" * 4000, "10.0.0.1, " * 300, "\t \t", "for=192.0.2.1"]
        assert locked(node, "amal", lambda number: f"{spoofs[number % len(spoofs)]},203.0.113.7")
        assert knock(node, "amal", "203.0.113.8") == 401, "another client"
        assert knock(node, "amal", "203.0.113.7, 2001:db8::8") == 401
        node.stop()


@case
def many_lines_are_read_from_the_last():
    with folder() as data, Node(data, *LOOPBACK) as node:
        # The proxy's is a line of its own behind the others, as HAProxy adds one; what a client says in other headers is nothing.
        for number in range(TRIES):
            status = raw(node, "basma", ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 192.0.2.2, 192.0.2.3",
                                         f"Forwarded: for=192.0.2.{number}", f"X-Real-IP: 192.0.2.{number}",
                                         "x-forwarded-for: 203.0.113.7"])
            if status == 429:
                break
        assert status == 429
        assert raw(node, "basma", ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 192.0.2.1"]) == 401
        node.stop()


def raw(node, name, lines):
    body = f'{{"name":"{name}","passphrase":"wrong, but long enough","code":"123456"}}'
    while True:
        with socket.create_connection(("127.0.0.1", node.port)) as client:
            head = [f"POST /v1/session HTTP/1.1", "Host: hilf.example", "Content-Type: application/json",
                    f"Content-Length: {len(body)}", "Connection: close", *lines]
            client.sendall(("\r\n".join(head) + "\r\n\r\n" + body).encode())
            answer = http.client.HTTPResponse(client)
            answer.begin()
            if answer.status != 503:
                return answer.status


@case
def without_a_trusted_proxy_headers_say_nothing():
    with folder() as data, Node(data, "--trusted-proxy", "192.0.2.0/24") as node:
        assert locked(node, "amal", lambda number: f"203.0.113.{number}"), "whatever they say, they come from here"
        cookie = entered(node, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"})
        assert "Secure" not in cookie, cookie
        node.stop()


def entered(node, headers):
    """The cookie that somebody is given who signs in so."""
    person = Person(node)
    answer = node.ask("POST", "/v1/session", {"name": person.name, "passphrase": PASSPHRASE, "code": person.code()}, key="",
                      headers=headers)
    assert answer.status == 200, answer.body
    return answer.headers["Set-Cookie"]


@case
def a_cookie_is_secure_where_the_proxy_speaks_https():
    with folder() as data, Node(data, *LOOPBACK) as node:
        for protocol, secure in (("HTTPS ", True), ("http, https", True), ("https, http", False), ("httpsx", False)):
            cookie = entered(node, {"X-Forwarded-Proto": protocol, "X-Forwarded-For": "203.0.113.7"})
            assert ("; Secure" in cookie) == secure, (protocol, cookie)
        node.stop()


@case
def what_a_proxy_passes_on_is_never_of_this_machine():
    with folder() as data, Node(data, "--trusted-proxy", "unix", *LOOPBACK, "--listen", f"unix:{data}/api.sock", "--listen",
                                "127.0.0.1:0") as node:
        assert by_socket(data, {}) == 200, "who owns the data comes in without a key"
        for name, value in (("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Server", "a.example")):
            assert by_socket(data, {name: value}) == 401, name
        node.stop()


def by_socket(data, headers):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(os.path.join(data, "api.sock"))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        client.sendall(f"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\n{lines}Connection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status


@case
def what_is_no_proxy_is_refused_by_name_and_a_reload_changes_the_list():
    with folder() as data:
        for wrong in ("proxy.example", "10.0.0.0/33", "10.0.0.1:80", "*"):
            result = subprocess.run([HILF, "serve", "--data", data, "--listen", "127.0.0.1:0", "--trusted-proxy", wrong],
                                    env=environment(), capture_output=True, text=True, timeout=120, check=False)
            assert result.returncode != 0 and "trusted-proxy: " in result.stderr and wrong in result.stderr, result.stderr
        path = os.path.join(data, "hilf.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("[access]\n")
        with Node(data, "--config", path) as node:
            assert "Secure" not in entered(node, {"X-Forwarded-Proto": "https"})
            with open(path, "w", encoding="ascii") as file:
                file.write("[access]\ntrusted-proxy = 127.0.0.1\ntrusted-proxy = 10.0.0.0/8\n")
            node.process.send_signal(signal.SIGHUP)
            until("it is trusted", lambda: "Secure" in entered(node, {"X-Forwarded-Proto": "https"}))
            node.stop()


if __name__ == "__main__":
    main()
