#!/usr/bin/env python3
"""How `hilf serve` comes up: settings, first key, sockets, what systemd hears, and what stops it."""
import os
import pty
import re
import signal
import socket
import stat
import subprocess

from serving import BUILD, HILF, Serve, Skip, case, environment, folder, hilf, main, until


def serve_fails(data, *options, env=None):
    result = subprocess.run([HILF, "serve", "--data", data, "--log-format", "json", *options], env=env or environment(),
                            text=True, capture_output=True, timeout=120, check=False)
    assert result.returncode == 2, (result.returncode, result.stderr)
    return [line for line in result.stderr.splitlines() if line.startswith("hilf: ")][-1]


@case
def a_first_key_goes_to_a_file_that_only_its_owner_reads():
    with folder() as data, Serve(data) as serve:
        path = os.path.join(data, "first-key")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        key = open(path, encoding="ascii").read().strip()
        assert key.startswith("hilf_"), key
        assert serve.ask("GET", "/v1/whoami").status == 401
        answer = serve.must("GET", "/v1/whoami", key=key).json
        assert answer["role"] == "operator", answer
        assert not any(key in str(line) for line in serve.lines), "the key is in the log"
        assert serve.said("key.first")


@case
def the_next_start_makes_no_other_key():
    with folder() as data:
        with Serve(data):
            os.rename(os.path.join(data, "first-key"), os.path.join(data, "kept"))
        with Serve(data) as serve:
            assert not os.path.exists(os.path.join(data, "first-key"))
            assert not serve.said("key.first")
            serve.must("GET", "/v1/whoami", key=open(os.path.join(data, "kept"), encoding="ascii").read().strip())


@case
def on_a_terminal_the_key_is_shown_once():
    with folder() as data:
        ours, theirs = pty.openpty()
        process = subprocess.Popen([HILF, "serve", "--data", data, "--listen", "127.0.0.1:0"], env=environment(),
                                   stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL)
        os.close(theirs)
        shown = b""
        try:
            while b"is ready at http://127.0.0.1:" not in shown:
                shown += os.read(ours, 4096)
        finally:
            process.terminate()
            process.wait(timeout=120)
            os.close(ours)
        assert len(re.findall(rb"hilf_[a-z0-9]+_[A-Za-z0-9]+", shown)) == 1, shown
        assert not os.path.exists(os.path.join(data, "first-key"))
        assert process.returncode == 0


@case
def open_access_is_for_the_loopback_alone():
    with folder() as data:
        for address in ("0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:5100"):
            said = serve_fails(data, "--open", "--listen", address)
            assert "every address must be of the loopback" in said and address in said, said
        said = serve_fails(data, "--open", "--listen", "127.0.0.1:0", "--hma", "0.0.0.0:0")
        assert "every address must be of the loopback" in said, said
        with Serve(data, "--open") as serve:
            assert serve.must("GET", "/v1/whoami").json["role"] == "operator"
            assert not os.path.exists(os.path.join(data, "first-key"))


@case
def one_data_folder_has_one_serve():
    with folder() as data, Serve(data):
        said = serve_fails(data, "--listen", "127.0.0.1:0")
        assert f"another 'hilf serve' runs on '{data}' already" in said, said


@case
def a_port_that_is_taken_is_named():
    with folder() as data, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = serve_fails(data, "--listen", address)
        assert address in said, said


@case
def what_is_wrong_with_the_settings_is_said_before_anything_is_made():
    with folder() as place:
        data, config = os.path.join(place, "data"), os.path.join(place, "hilf.conf")
        for text, says in (("[server]\nworkers = many\n", ":2: workers is a whole number from 1 to 1024, not 'many'"),
                           ("[server]\nwrkers = 1\n", ":2: there is no setting 'wrkers'; did you mean 'workers', in section [server]?"),
                           ("[listen]\ntls-cert = x.pem\n", "tls-cert is set and tls-key is not")):
            with open(config, "w", encoding="ascii") as file:
                file.write(text)
            said = serve_fails(data, "--config", config)
            assert says in said, said
        said = serve_fails(data, "--follow", "ftp://x.example")
        assert "follow" in said, said
        said = serve_fails(data, "--follow", "http://user:secret@x.example")
        assert "secret" not in said, said
        said = serve_fails(data, "--fetch-allow", "not a host")
        assert "not a host" in said, said
        assert not os.path.exists(data)


@case
def the_printed_file_is_one_that_is_read():
    with folder() as data:
        printed = subprocess.run([HILF, "serve", "--print-config"], env=environment(), text=True, capture_output=True,
                                 timeout=120, check=True).stdout
        config = os.path.join(data, "hilf.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(printed)
        for name in ("listen", "tls-cert", "rate-limit", "drain-time", "log-requests"):
            assert f"\n#{name} =" in printed, name
        with Serve(data, config=config) as serve:
            assert serve.ask("GET", "/readyz").status == 200


@case
def its_own_user_needs_no_key_on_the_socket_in_the_data_folder():
    with folder() as data, Serve(data):
        path = os.path.join(data, "hilf.sock")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            client.sendall(b"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while chunk := client.recv(4096):
                answer += chunk
        assert answer.startswith(b"HTTP/1.1 200") and b'"operator"' in answer, answer


@case
def systemd_hears_of_it():
    with folder() as data, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = os.path.join(data, "notify")
        manager.bind(path)
        manager.settimeout(120)
        heard = []

        def hear(word):
            while not any(word in text for text in heard):
                heard.append(manager.recv(4096).decode())

        with Serve(data, env=environment(NOTIFY_SOCKET=path, WATCHDOG_USEC="400000")) as serve:
            hear("READY=1")
            hear("WATCHDOG=1")
            heard.clear()
            serve.signal(signal.SIGHUP)
            hear("RELOADING=1")
            hear("READY=1")
            assert any("MONOTONIC_USEC=" in text for text in heard)
        hear("STOPPING=1")


@case
def sockets_are_taken_over():
    with folder() as data, socket.socket() as api, socket.socket() as hma:
        for listener in (api, hma):
            listener.bind(("127.0.0.1", 0))
            listener.listen()

        def hand_over():
            # From where they are to 3 and 4, past each other.
            first, second = os.dup2(api.fileno(), 20), os.dup2(hma.fileno(), 21)
            os.dup2(first, 3)
            os.dup2(second, 4)
            os.environ["LISTEN_PID"] = str(os.getpid())

        starter = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh"]
        with Serve(data, "--hma-open", listen=None, prefix=starter, preexec=hand_over, pass_fds=(3, 4),
                   env=environment(LISTEN_FDS="2", LISTEN_FDNAMES="api:hma")) as serve:
            assert serve.ask("GET", "/healthz", port=api.getsockname()[1]).status == 200
            assert serve.ask("GET", "/status", port=hma.getsockname()[1]).status == 200
            assert len(serve.said("listens")) == 3, serve.said("listens")


@case
def what_it_gave_up_shows():
    with folder() as data, Serve(data) as serve:
        status = open(f"/proc/{serve.process.pid}/status", encoding="ascii").read()
        assert re.search(r"^NoNewPrivs:\t1$", status, re.M), status
        promise = serve.said("promise")[0]["text"]
        if "Landlock" in promise:
            raise Skip("this kernel has no Landlock")
        # A folder that it is not told of stays closed, also to its helpers: a spool elsewhere is fine, for it is told.
    with folder() as data, folder() as spool, Serve(data, "--spool", spool) as serve:
        assert serve.ask("GET", "/readyz").status == 200


@case
def a_long_path_is_no_trouble():
    with folder() as place:
        data = os.path.join(place, "x" * 120)
        with Serve(data) as serve:
            assert serve.said("socket.none")
            assert serve.ask("GET", "/readyz").status == 200


@case
def logs_come_in_three_dresses():
    with folder() as data:
        for form, begins in (("logfmt", r"time=\S+ level=info event=promise text="),
                             ("journal", r"<6>event=promise text="),
                             ("json", r'\{"time":"[^"]+","level":"info","event":"promise","text":')):
            process = subprocess.Popen([HILF, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-format", form],
                                       env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            process.stdout.readline()
            process.terminate()
            _, said = process.communicate(timeout=120)
            assert process.returncode == 0, said
            assert re.match(begins, said), said


@case
def data_that_cannot_be_opened_ends_it_with_the_reason():
    with folder() as data:
        with open(os.path.join(data, "hilf.db"), "wb") as file:
            file.write(b"this is no database" * 1000)
        said = serve_fails(data, "--listen", "127.0.0.1:0")
        assert "hilf.db" in said, said


main()
