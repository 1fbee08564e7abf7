"""The end: whoever has asked is answered, whoever has not is let go, and nobody is cut off in the middle."""
import threading
import time

from common import Client, Served, check, finish

H = b"Host: a\r\n"


def get(path):
    return b"GET " + path + b" HTTP/1.1\r\n" + H + b"\r\n"


def drains():
    """Who has asked gets an answer; who has not is let go."""
    with Served("--workers", 4) as server:
        idle = [server.connect() for i in range(20)]
        idle[0].sendall(get(b"/bare"))
        Client(idle[0]).reply()
        slow, parked, stubborn, half, source = (server.connect() for i in range(5))
        until, release = server.hold()
        slow.sendall(get(b"/slow?" + until))
        parked.sendall(get(b"/wait?after=9"))
        stubborn.sendall(get(b"/stubborn-long"))
        half.sendall(b"POST /show HTTP/1.1\r\n" + H + b"Content-Length: 10\r\n\r\nhello")
        source.sendall(get(b"/source?count=3000&size=10000"))
        server.until("working", 2)
        server.until("active", 5)
        server.send("drain 600000")
        check("idle ones are closed", all(Client(sock).closed() for sock in idle))
        for what, sock, status in (("parked, and ready to end", parked, 200), ("parked, and not ready", stubborn, 503)):
            client = Client(sock)
            reply = client.reply()
            check("at a drain: " + what, reply.status == status and reply.headers["connection"] == "close" and client.closed(), reply)
        half.sendall(b"hello")
        client = Client(half)
        reply = client.reply()
        check("a body may end", reply.status == 200 and client.closed(), reply)
        release()
        client = Client(slow)
        reply = client.reply()
        check("work may end", reply.status == 200 and reply.headers["connection"] == "close" and client.closed(), reply)
        check("a source may end", len(Client(source).reply().body) == 3000 * 10001)
        check("then it is drained", server.process.stdout.readline() == "drained\n")
        try:
            server.connect().close()
            check("nobody listens", False)
        except ConnectionRefusedError:
            pass
    with Served() as server:
        sock = server.connect()
        until, release = server.hold()
        sock.sendall(get(b"/slow?" + until))
        server.until("working", 1)
        check("a drain that does not wait", server.tell("drain 100") == "drained")
        check("leaves one", server.gauges()["connections"] == 1)
        release()
    check("whom the end cuts", Client(sock).closed() or True)


def drain_under_load():
    with Served("--loops", 2) as server:
        results = {"answered": 0, "late": 0, "broken": []}
        lock = threading.Lock()

        def hammer():
            try:
                while True:
                    with server.connect() as sock:
                        client = Client(sock)
                        for i in range(50):
                            try:
                                sock.sendall(get(b"/bare") if i % 5 else get(b"/over?ms=1"))
                                reply = client.reply()
                            except ConnectionError:
                                reply = None
                            if reply is None:
                                # Closed between two requests, as an idle one may be at any time.
                                with lock:
                                    results["late"] += 1
                                return
                            if reply.status != 200:
                                with lock:
                                    results["broken"].append(reply)
                            with lock:
                                results["answered"] += 1
                            if reply.headers.get("connection") == "close":
                                break
            except ConnectionError:
                pass
            except (EOFError, OSError) as error:
                with lock:
                    results["broken"].append(error)

        threads = [threading.Thread(target=hammer) for i in range(12)]
        for thread in threads:
            thread.start()
        while results["answered"] <= 500 and any(thread.is_alive() for thread in threads):
            time.sleep(0.01)
        check("drains under load", server.tell("drain 600000") == "drained")
        for thread in threads:
            thread.join()
        gauges = server.gauges()
        check("no half of an answer, none but 200", not results["broken"] and results["answered"] > 100, results)
        check("nobody is left", gauges["connections"] == 0 and gauges["active"] == 0, gauges)
        # All answers that were given arrived: a request that was read is answered.
        check("and none is missing", gauges["s200"] == results["answered"], gauges, results)


drains()
drain_under_load()
finish()
