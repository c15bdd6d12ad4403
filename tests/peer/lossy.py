"""A network between datagram clients and a server that treats them badly: lossy.py PORT [KIND=PERCENT...] [seed=N]

KIND is loss, twice, late (behind the next one the same way). drop=N: the first N datagrams the server sends to each
client are lost as well, dropc=N those that each client sends. damage=PERCENT: a copy with a byte changed goes in
front, of DTLS records with data, as nothing protects those of the handshake. Prints its own port; counts go to
standard error at SIGTERM.
"""

import random
import select
import signal
import socket
import sys

server = ("127.0.0.1", int(sys.argv[1]))
how = dict(word.split("=") for word in sys.argv[2:])
dice = random.Random(int(how.pop("seed", 1)))
how = {kind: int(value) for kind, value in how.items()}
counts = {"passed": 0, "loss": 0, "twice": 0, "late": 0, "drop": 0, "damage": 0}


class Way:
    """One direction of one client."""

    def __init__(self, send, drop):
        self.send, self.drop, self.held = send, drop, []

    def happens(self, kind):
        hit = dice.randrange(100) < how.get(kind, 0)
        counts[kind] += hit
        return hit

    def take(self, data):
        if self.drop > 0:
            self.drop -= 1
            counts["drop"] += 1
            return
        if self.happens("loss"):
            return
        if self.happens("late"):
            self.held.append(data)
            return
        if data[:1] == b"\x17" and self.happens("damage"):
            at = dice.randrange(len(data))
            self.put(data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :])
        self.put(data)
        if self.happens("twice"):
            self.put(data)
        self.release()

    def release(self):
        for data in self.held:
            self.put(data)
        self.held = []

    def put(self, data):
        try:
            self.send(data)
            counts["passed"] += 1
        except ConnectionError:
            pass


class Client:
    def __init__(self, name):
        self.sock = socket.socket(type=socket.SOCK_DGRAM)
        self.sock.connect(server)
        self.up = Way(self.sock.send, how.get("dropc", 0))
        self.down = Way(lambda data: front.sendto(data, name), how.get("drop", 0))


def finish(*_):
    print(counts, file=sys.stderr)
    sys.exit(0)


signal.signal(signal.SIGTERM, finish)
front = socket.socket(type=socket.SOCK_DGRAM)
front.bind(("127.0.0.1", 0))
print(front.getsockname()[1], flush=True)
clients = {}
while True:
    ready = select.select([front] + [c.sock for c in clients.values()], [], [], 0.05)[0]
    if not ready:
        for client in clients.values():
            client.up.release()
            client.down.release()
    for sock in ready:
        try:
            data, name = sock.recvfrom(65536)
        except ConnectionError:
            continue
        if sock is front:
            clients.setdefault(name, None)
            clients[name] = clients[name] or Client(name)
            clients[name].up.take(data)
        else:
            next(c for c in clients.values() if c.sock is sock).down.take(data)
