#!/usr/bin/env python3
"""What signals do: new settings without a gap, an end that loses nothing, an end at once."""
import http.client
import os
import random
import signal
import socket
import ssl
import threading
import time

from serving import Serve, case, certificate, folder, hilf, main, random_pdq, until


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


@case
def new_settings_count_without_a_start():
    with folder() as data:
        config = os.path.join(data, "hilf.conf")
        write(config, "[log]\nlog-requests = no\n")
        with Serve(data, "--open", config=config) as serve:
            serve.must("GET", "/v1/whoami")
            assert not serve.said("request")
            write(config, "[log]\nlog-requests = yes\n[checks]\nbatch-max = 2\n[server]\nworkers = 3\n")
            serve.signal(signal.SIGHUP)
            serve.wait_said("reload")
            assert "workers" in serve.wait_said("reload.partly")[0]["text"]
            serve.must("GET", "/v1/checks?content_id=secret")
            line = until("the line of the request",
                         lambda: [line for line in serve.said("request") if line["route"] == "/v1/checks"])[0]
            assert line["route"] == "/v1/checks" and line["status"] == 200 and line["method"] == "GET", line
            assert "secret" not in str(serve.lines) and "127.0.0.1" not in str(line), line
            signals = [{"type": "md5", "value": "0" * 32}] * 3
            answer = serve.ask("POST", "/v1/check/batch", {"signals": signals})
            assert answer.status == 400 and b"too_many" in answer.body, (answer.status, answer.body)
            assert serve.ask("POST", "/v1/check/batch", {"signals": signals[:2]}).status == 200


@case
def wrong_settings_change_nothing():
    with folder() as data:
        config = os.path.join(data, "hilf.conf")
        write(config, "[log]\nlog-requests = yes\n")
        with Serve(data, "--open", config=config) as serve:
            write(config, "[log]\nlog-requests = no\nlog-level = loud\n")
            serve.signal(signal.SIGHUP)
            said = serve.wait_said("reload.failed")[0]["text"]
            assert "hilf.conf:3: log-level is error, warning, info or debug, not 'loud'" in said, said
            serve.must("GET", "/v1/whoami")
            serve.wait_said("request")
            os.remove(config)
            serve.signal(signal.SIGHUP)
            serve.wait_said("reload.failed", 2)
            serve.must("GET", "/v1/whoami")


def shown_certificate(port):
    context = ssl._create_unverified_context()  # pylint: disable=protected-access
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as secure:
        return secure.getpeercert(True)


@case
def a_new_certificate_is_shown_after_a_reload():
    with folder() as data:
        cert, key = certificate(data, "first")
        other_cert, other_key = certificate(data, "second")
        with Serve(data, "--tls-cert", cert, "--tls-key", key) as serve:
            before = shown_certificate(serve.port)
            os.replace(other_cert, cert)
            os.replace(other_key, key)
            serve.signal(signal.SIGHUP)
            serve.wait_said("reload")
            assert shown_certificate(serve.port) != before
            write(cert, "this is no certificate\n")
            serve.signal(signal.SIGHUP)
            serve.wait_said("reload.failed")
            assert shown_certificate(serve.port)


@case
def a_client_certificate_is_somebody():
    with folder() as data:
        cert, key = certificate(data, "server")
        client_cert, client_key = certificate(data, "uploads")
        with Serve(data, "--tls-cert", cert, "--tls-key", key, "--tls-client-ca", client_cert, "--cert-role", "checker") as serve:
            context = ssl._create_unverified_context()  # pylint: disable=protected-access
            context.load_cert_chain(client_cert, client_key)
            connection = http.client.HTTPSConnection("127.0.0.1", serve.port, context=context, timeout=120)
            connection.request("GET", "/v1/whoami")
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200 and b'"checker"' in body, (answer.status, body)
            connection.request("GET", "/v1/keys")
            answer = connection.getresponse()
            assert answer.status == 403, answer.read()
            connection.close()
            try:
                shown_certificate(serve.port)
                with socket.create_connection(("127.0.0.1", serve.port)) as plain:
                    stranger = ssl._create_unverified_context().wrap_socket(plain)  # pylint: disable=protected-access
                    stranger.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                    assert not stranger.recv(100), "a stranger was answered"
            except OSError:
                pass


@case
def what_is_under_way_is_answered_and_nothing_new_is_taken():
    with folder() as data, Serve(data, "--open", "--drain-time", "1h") as serve:
        body = b'{"signals":[]}'
        slow = socket.create_connection(("127.0.0.1", serve.port))
        slow.sendall(b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (len(body), body[:5]))
        until("the request is seen", lambda: "hilf_http_requests_active 2" in serve.ask("GET", "/metrics").body.decode())
        serve.signal(signal.SIGTERM)
        serve.wait_said("stops")

        def refused():
            try:
                socket.create_connection(("127.0.0.1", serve.port)).close()
                return False
            except OSError:
                return True
        until("no new connection is taken", refused)
        slow.sendall(body[5:])
        answer = slow.recv(4096)
        assert answer.startswith(b"HTTP/1.1 400"), answer  # no signals: an answer all the same
        slow.close()
        assert serve.wait_end() == 0
        assert serve.said("ends")


@case
def a_long_poll_ends_when_it_stops():
    with folder() as data, Serve(data, "--open") as serve:
        got = []

        def poll():
            got.append(serve.ask("GET", "/v1/feed?after=0&wait=50").status)
        waiting = threading.Thread(target=poll)
        waiting.start()
        until("it waits", lambda: "hilf_http_requests_parked 1" in serve.ask("GET", "/metrics").body.decode())
        serve.stop()
        waiting.join(timeout=120)
        assert got and got[0] in (200, 503), got


@case
def a_request_that_never_ends_is_not_waited_for_longer_than_the_drain_time():
    with folder() as data, Serve(data, "--open", "--drain-time", "200ms") as serve:
        with socket.create_connection(("127.0.0.1", serve.port)) as slow:
            slow.sendall(b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                         b"Content-Length: 100\r\n\r\n{")
            until("the request is seen", lambda: "hilf_http_requests_active 2" in serve.ask("GET", "/metrics").body.decode())
            serve.stop()


@case
def a_second_signal_ends_it_at_once():
    with folder() as data, Serve(data, "--open", "--drain-time", "1h") as serve:
        with socket.create_connection(("127.0.0.1", serve.port)) as slow:
            slow.sendall(b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                         b"Content-Length: 100\r\n\r\n{")
            until("the request is seen", lambda: "hilf_http_requests_active 2" in serve.ask("GET", "/metrics").body.decode())
            serve.signal(signal.SIGTERM)
            serve.wait_said("stops")
            time.sleep(0.7)  # what comes at once is taken for the same
            serve.signal(signal.SIGTERM)
            assert serve.wait_end() == 128 + signal.SIGTERM


@case
def the_end_writes_a_snapshot():
    with folder() as data:
        with Serve(data, "--open") as serve:
            some = random.Random(1)
            serve.must("POST", "/v1/banks", {"name": "known"})
            serve.must("POST", "/v1/banks/known/entries", {"signals": [{"type": "pdq", "value": random_pdq(some)}]})
        shown = hilf(data, "index", "--json").stdout
        assert '"snapshot_records":3' in shown.replace(" ", "") and '"read":0' in shown.replace(" ", ""), shown


@case
def a_stop_while_the_data_is_opened_is_a_stop():
    with folder() as data:
        for _ in range(5):
            serve = Serve(data, wait=False)
            serve.wait_said("listens")
            serve.signal(signal.SIGTERM)
            assert serve.wait_end() == 0, serve.lines


main()
