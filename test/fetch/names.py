#!/usr/bin/env python3
"""Names and public addresses, in a network and a file system of our own: a name server that lies, and a web server that
has an address of the public Internet. Run as the first process of fresh user, mount and network namespaces.

  names.py FETCH-ONCE HELPERS
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

once, helpers = sys.argv[1:3]
PUBLIC, OTHER = "93.184.216.34", "93.184.216.35"
asked = []  # names, in order
passed = failed = 0


def address(alias, text):
    """Gives the loopback interface another address (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = alias.encode().ljust(16, b"\0")
        where = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))
        fcntl.ioctl(control, 0x8916, name + where)  # SIOCSIFADDR
        mask = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton("255.255.255.255"))
        fcntl.ioctl(control, 0x891C, name + mask)  # SIOCSIFNETMASK
        fcntl.ioctl(control, 0x8914, name + struct.pack("H22x", 1))  # SIOCSIFFLAGS: up


def question_of(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    kind = struct.unpack(">H", packet[at + 1:at + 3])[0]
    return ".".join(labels), kind, packet[12:at + 5]


def record(kind, data):
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(data)) + data


def reply(packet, question, records=(), code=0, flags=0x8180):
    return packet[:2] + struct.pack(">HHHHH", flags | code, 1, len(records), 0, 0) + question + b"".join(records)


def a(*addresses):
    return [record(1, socket.inet_aton(each)) for each in addresses]


def aaaa(*addresses):
    return [record(28, socket.inet_pton(socket.AF_INET6, each)) for each in addresses]


def answer(packet):
    name, kind, question = question_of(packet)
    first = name.split(".")[0]
    times = asked.count((name, kind))
    asked.append((name, kind))
    four = {
        "public": a(PUBLIC), "private": a("10.1.2.3"), "metadata": a("169.254.169.254"), "zero": a("0.0.0.0"),
        "mixed": a(PUBLIC, "127.0.0.1"), "two": a("93.184.216.99", PUBLIC),
        # Rebinding: good when it is looked at, ours when it is looked at again.
        "rebinding": a(PUBLIC) if times == 0 else a("127.0.0.1"),
        "many": a(*("93.184.%d.%d" % (i // 250, i % 250 + 1) for i in range(65))),
        "mapped": [], "nat": [], "sixtofour": [],
    }
    six = {
        "mapped": aaaa("::ffff:127.0.0.1"), "nat": aaaa("64:ff9b::7f00:1"), "sixtofour": aaaa("2002:7f00:1::"),
    }
    if first == "silent":
        return None
    if first == "garbage":
        return packet[:2] + os.urandom(60)
    if first == "cut":
        return reply(packet, question, a(PUBLIC))[:-3]
    if first == "loop":  # a name that stands for itself
        return reply(packet, question, [record(5, b"\xc0\x0c")])
    if first == "refuse":
        return reply(packet, question, code=5)
    if first not in four:
        return reply(packet, question, code=3)
    return reply(packet, question, (four if kind == 1 else six).get(first, []) if kind in (1, 28) else [])


def serve_names(server):
    while True:
        packet, sender = server.recvfrom(4096)
        said = answer(packet)
        if said:
            server.sendto(said, sender)


def serve_web(listener):
    while True:
        connection, _ = listener.accept()
        with connection:
            head = connection.recv(65536).decode("latin-1")
            path = head.split(" ")[1]
            if path.startswith("/to/"):
                said = "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % path[4:]
            else:
                host = head.split("Host: ")[1].split("\r\n")[0]
                body = "%s at %s" % (host, connection.getsockname()[0])
                said = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            connection.sendall(said.encode())


def patience(conf, seconds):
    """For how long a name server is waited for; read by each fetch anew."""
    conf.seek(0)
    conf.truncate()
    conf.write("nameserver 127.0.0.1\noptions timeout:%d attempts:1\n" % seconds)
    conf.flush()


def expect(url, text, *allow, within_ms=120000):
    global failed, passed
    said = subprocess.run([once, helpers, url, *allow], capture_output=True, text=True,
                          env={**os.environ, "FETCH_ONCE_MS": str(within_ms)})
    if text in said.stdout:
        passed += 1
    else:
        failed += 1
        print("FAILED: %s %s\n  %s%s  instead of %s" % (url, allow, said.stdout, said.stderr, text))


def main():
    address("lo", "127.0.0.1")
    address("lo:1", PUBLIC)
    address("lo:2", OTHER)
    # In the process's own mount namespace alone.
    conf = tempfile.NamedTemporaryFile("w", suffix=".conf")  # pylint: disable=consider-using-with
    os.chmod(conf.name, 0o644)
    subprocess.run(["mount", "--bind", conf.name, "/etc/resolv.conf"], check=True)
    patience(conf, 30)
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    threading.Thread(target=serve_names, args=(names,), daemon=True).start()
    for host in [PUBLIC, OTHER, "127.0.0.1"]:
        listener = socket.socket()
        listener.bind((host, 80))
        listener.listen(64)
        threading.Thread(target=serve_web, args=(listener,), daemon=True).start()

    # The public Internet needs no permission, by name and by address.
    expect("http://%s/" % PUBLIC, "200: %s at %s" % (PUBLIC, PUBLIC))
    expect("http://public.example/", "200: public.example at " + PUBLIC)
    # The first address does not answer: the second does.
    expect("http://two.example/", "200: two.example at " + PUBLIC)
    # It is looked up once, and what was looked at is what is connected to.
    expect("http://rebinding.example/", "200: rebinding.example at " + PUBLIC)
    assert [name for name, kind in asked if kind == 1].count("rebinding.example") == 1
    # And so for each redirect: now it is ours, and refused.
    expect("http://public.example/to/http://rebinding.example/", "127.0.0.1 of rebinding.example is refused (loopback)")
    expect("http://public.example/to/http://public.example/x", "200: public.example at " + PUBLIC)
    expect("http://public.example/to/http://private.example/", "10.1.2.3 of private.example is refused (private use)")
    # One address that is refused is enough.
    expect("http://mixed.example/", "127.0.0.1 of mixed.example is refused (loopback)")
    expect("http://metadata.example/", "169.254.169.254 of metadata.example is refused (link-local)")
    expect("http://zero.example/", "0.0.0.0 of zero.example is refused (this network)")
    expect("http://mapped.example/", "denied: 'mapped.example' has an address that is refused")
    expect("http://nat.example/", "is refused (NAT64)")
    expect("http://sixtofour.example/", "is refused (6to4)")
    expect("http://many.example/", "denied: 'many.example' has more than 64 addresses")
    # By name it may be wherever it is.
    expect("http://mixed.example/", "200: mixed.example at ", "mixed.example")
    expect("http://mixed.example/", "200: mixed.example at ", "*.example")
    expect("http://mixed.example/", "is refused (loopback)", "*.other.example", "10.0.0.0/8", "mixed.example:8080")
    expect("http://mixed.example/", "200: mixed.example at ", "127.0.0.0/8")
    # Names that lead nowhere.
    expect("http://none.example/", "not_found: there is no host 'none.example'")
    expect("http://refuse.example/", "io: the name 'refuse.example' cannot be resolved now")
    expect("http://loop.example/", "o")
    expect("http://silent.example/", "io: ", within_ms=2000)
    patience(conf, 1)
    expect("http://silent.example/", "io: ")
    expect("http://garbage.example/", "io: ")
    expect("http://cut.example/", "cut.example'")
    conf.close()
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    sys.stdout.flush()
    os._exit(1 if failed else 0)


main()
