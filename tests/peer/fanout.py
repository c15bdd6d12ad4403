#!/usr/bin/env python3
"""Many clients of one broker: some say numbered lines, and each checks what it hears of each of the others.

    fanout.py PORT CLIENTS SPEAKERS LINES SIZE [SECONDS]

The first SPEAKERS of CLIENTS say LINES lines of SIZE bytes each, "SPEAKER NUMBER xxx...". The end is when each client
has heard all lines of all other speakers. Prints one line: bytes heard, seconds. A line that is lost, changed, or
out of order for its speaker is one line on stderr, and exit status 1; so is silence for SECONDS (20).
"""
import os
import selectors
import socket
import sys
import time

ROOM = 1 << 18
CALL = b".\n"


class Client:
    def __init__(self, number, port, speakers, lines, size):
        self.number = number
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setblocking(False)
        self.expected = {i: 0 for i in range(speakers) if i != number}
        self.left = lines * len(self.expected)
        self.rest = b""
        self.say = b""
        self.heard = 0
        if number < speakers:
            self.say = b"".join(line_of(number, i, size) for i in range(lines))

    def hear(self, size):
        data = self.sock.recv(ROOM)
        if not data:
            raise ValueError(f"client {self.number}: the end, and {self.left} lines are missing")
        self.heard += len(data)
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            if line + b"\n" != CALL:
                self.check(line + b"\n", size)

    def check(self, line, size):
        speaker, number = (int(word) for word in line.split(b" ", 2)[:2])
        if number != self.expected[speaker]:
            raise ValueError(f"client {self.number}: {number} of {speaker}, not {self.expected[speaker]}")
        if line != line_of(speaker, number, size):
            raise ValueError(f"client {self.number}: {number} of {speaker} is changed: {line[:60]!r}")
        self.expected[speaker] += 1
        self.left -= 1


def line_of(speaker, number, size):
    return (b"%d %d " % (speaker, number)).ljust(size - 1, b"x") + b"\n"


def run(port, n, speakers, lines, size, patience):
    clients = [Client(i, port, speakers, lines, size) for i in range(n)]
    waiting = selectors.DefaultSelector()
    for client in clients:
        waiting.register(client.sock, selectors.EVENT_READ, client)
    # what is said before a client is there it does not hear
    meet(clients, waiting, size, patience)
    for client in clients[:speakers]:
        waiting.modify(client.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, client)
    began = time.monotonic()
    busy = sum(client.left > 0 for client in clients)
    while busy:
        ready = waiting.select(patience)
        if not ready:
            raise ValueError(f"{busy} clients hear nothing more")
        for key, events in ready:
            client = key.data
            if events & selectors.EVENT_READ:
                had = client.left
                client.hear(size)
                busy -= had > 0 and client.left == 0
            if events & selectors.EVENT_WRITE:
                client.say = client.say[client.sock.send(client.say[:ROOM]) :]
                if not client.say:
                    waiting.modify(client.sock, selectors.EVENT_READ, client)
    return sum(client.heard for client in clients), time.monotonic() - began


def meet(clients, waiting, size, patience):
    """the last client calls until all others have heard it"""
    missing = {client.number for client in clients[:-1]}
    end = time.monotonic() + patience
    while missing:
        if time.monotonic() > end:
            raise ValueError(f"{len(missing)} clients are not there")
        clients[-1].sock.send(CALL)
        for key, _ in waiting.select(0.05):
            key.data.hear(size)
            missing.discard(key.data.number)


def main():
    port, n, speakers, lines, size = (int(word) for word in sys.argv[1:6])
    patience = float(sys.argv[6]) if len(sys.argv) > 6 else 20 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))
    heard, seconds = run(port, n, speakers, lines, size, patience)
    print(heard, f"{seconds:.3f}")


if __name__ == "__main__":
    try:
        main()
    except (ValueError, OSError) as failure:
        sys.exit(f"fanout: {failure}")
