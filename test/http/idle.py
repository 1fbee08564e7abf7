"""Ten thousand connections that say nothing: neighbours are served, and each costs next to nothing."""
import resource
import socket

from common import PATIENCE_S, SANITIZED, Client, Served, check, finish

WANTED = 10000
BARE = b"GET /bare HTTP/1.1\r\nHost: a\r\n\r\n"

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
count = min(WANTED, hard - 600)
if count < WANTED:
    print("SKIPPED in part: %d descriptors allow for %d connections, not for %d" % (hard, count, WANTED))

with Served() as server:
    busy = server.connect()
    client = Client(busy)
    # Warm, so that what a first request allocates is not counted.
    busy.sendall(BARE)
    client.reply()
    before = int(server.tell("rss"))
    idle = []
    for i in range(count):
        idle.append(socket.create_connection(("127.0.0.1", server.port), PATIENCE_S))
        if i % 500 == 0:
            busy.sendall(BARE)
            check("a neighbour is served at %d" % i, client.reply().status == 200)
    server.until("connections", count + 1)
    each = (int(server.tell("rss")) - before) * 1024 // count
    print("%d idle connections, %d bytes each in the server" % (count, each))
    check("they cost little", SANITIZED or each < 2000, each)
    # Each has asked once, and is idle again.
    for sock in idle:
        sock.sendall(BARE)
    check("all are served", all(Client(sock).reply().status == 200 for sock in idle))
    each = (int(server.tell("rss")) - before) * 1024 // count
    print("%d bytes each when all have asked" % each)
    check("and cost little still", SANITIZED or each < 2000, each)
    busy.sendall(BARE)
    check("the neighbour is served", client.reply().status == 200)
    for sock in idle:
        sock.close()
    server.until("connections", 1)
    busy.close()
finish()
