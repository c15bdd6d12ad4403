#!/usr/bin/env python3
"""Random dialogues between a client and a server: recorded by usock on its way, replayed as both sides, and with faults
that have to be found.

usage: dialogue.py [--tls CERT KEY AUTHORITY] [--largest BYTES] [--faults] USOCK FIRST COUNT

Each number from FIRST on is the seed of a dialogue. Runs in an empty folder. Prints what failed, and a line with counts.
"""

import json
import base64
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading

DEADLINE = 120  # seconds, for each step


class Dialogue:
    """What is said on each connection: turns of (side, bytes), and how it ends."""

    def __init__(self, seed, largest, tls):
        self.random = random.Random(seed)
        self.tls = tls
        n = self.random.choice([1, 1, 2, 3, 5])
        self.connections = [self.connection(i, largest, n) for i in range(n)]

    def size(self, largest):
        return int(2 ** self.random.uniform(0, largest.bit_length() - 1)) if self.random.random() > 0.1 else 0

    def data(self, n):
        if self.random.random() < 0.5:
            return self.random.randbytes(n)
        words = [b"hello", b"GET / HTTP/1.1\r\n", b"250 ok\r\n", b'"quoted\\"', b"\t", b"line\n"]
        text = b"".join(self.random.choice(words) for _ in range(min(n, 4096) // 4 + 1))
        return (text * (n // len(text) + 1))[:n]

    def connection(self, index, largest, n):
        turns = [("client", b"%04d" % index)]
        # one client alone may be greeted first
        if n == 1 and self.random.random() < 0.3:
            turns = [("server", b"220 hello\r\n"), *turns]
        for _ in range(self.random.choice([0, 1, 2, 4, 8])):
            turns.append((self.random.choice(["client", "server"]), self.data(self.size(largest))))
        turns = [turn for turn in turns if turn[1]]
        # who resets has heard all, so that nothing of it is lost
        end = self.random.choice(["client", "server", "client-first", "reset"])
        if self.tls and end in ("reset", "client-first"):
            end = "client"
        return {"turns": turns, "end": end}


def other(side):
    return "server" if side == "client" else "client"


class Fault(Exception):
    """The peer did not say what it was to say."""


def receive(sock, n):
    got = b""
    while len(got) < n:
        part = sock.recv(min(n - len(got), 1 << 20))
        if not part:
            raise Fault(f"the end after {len(got)} of {n} bytes")
        got += part
    return got


def expect_end(sock):
    if sock.recv(1):
        raise Fault("more than the end")


def speak(sock, side, connection, greeted=0):
    """plays a side; greeted: so many of the client's first bytes are read already"""
    for who, data in connection["turns"]:
        if who == side:
            sock.sendall(data)
            continue
        data = data[greeted:]
        greeted = 0
        if receive(sock, len(data)) != data:
            raise Fault("other data")
    end = connection["end"]
    if end == "reset":
        resets = other(connection["turns"][-1][0])
        if side == resets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            try:
                expect_end(sock)
            except ConnectionResetError:
                pass
    elif end == "client-first":
        if side == "client":
            sock.shutdown(socket.SHUT_WR)
            if receive(sock, 4) != b"bye\n":
                raise Fault("no farewell")
            expect_end(sock)
        else:
            expect_end(sock)
            sock.sendall(b"bye\n")
    elif side == end:
        if not isinstance(sock, ssl.SSLSocket):
            sock.shutdown(socket.SHUT_WR)
            expect_end(sock)
    else:
        expect_end(sock)
    if isinstance(sock, ssl.SSLSocket):
        sock = sock.unwrap()
    sock.close()


class Side:
    """Threads that each play one connection; the first fault is kept."""

    def __init__(self, dialogue):
        self.dialogue = dialogue
        self.faults = []
        self.threads = []

    def start(self, target, *args):
        def run():
            try:
                target(*args)
            except (Fault, OSError) as fault:
                self.faults.append(fault)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.threads.append(thread)

    def join(self):
        for thread in self.threads:
            thread.join(DEADLINE)
            if thread.is_alive():
                self.faults.append(Fault("it takes too long"))


class Server(Side):
    def __init__(self, dialogue, context=None):
        super().__init__(dialogue)
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.listener.settimeout(DEADLINE)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.start(self.accept)

    def accept(self):
        for _ in self.dialogue.connections:
            sock, _ = self.listener.accept()
            sock.settimeout(DEADLINE)
            self.start(self.serve, sock)
        self.listener.close()

    def serve(self, sock):
        if self.context is not None:
            sock = self.context.wrap_socket(sock, server_side=True)
        connections = self.dialogue.connections
        if connections[0]["turns"][0][0] == "server":
            speak(sock, "server", connections[0])
        else:
            speak(sock, "server", connections[int(receive(sock, 4))], 4)


class Client(Side):
    def __init__(self, dialogue, address, context=None):
        super().__init__(dialogue)
        host, port = address.rsplit(":", 1)
        for connection in dialogue.connections:
            sock = socket.create_connection((host, int(port)), DEADLINE)
            if context is not None:
                sock = context.wrap_socket(sock, server_hostname="localhost")
            self.start(speak, sock, "client", connection)


class Usock:
    """A server of usock; its address is read from the file of --ready-file."""

    def __init__(self, usock, *args):
        self.process = subprocess.Popen([usock, *args, "--quiet", "--ready-file", "ready"], stderr=subprocess.PIPE)
        while not os.path.exists("ready"):
            if self.process.poll() is not None:
                raise Fault(self.process.stderr.read().decode())
            threading.Event().wait(0.01)
        with open("ready", encoding="ascii") as file:
            self.address = file.read().strip()
        os.unlink("ready")

    def end(self):
        try:
            _, self.said = self.process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, self.said = self.process.communicate()
        self.said = self.said.decode(errors="replace")
        return self.process.returncode


class Contexts:
    def __init__(self, cert, key, authority):
        self.options = ["--tls", "--cert", cert, "--key", key]
        self.client = ssl.create_default_context(cafile=authority)


class Plain:
    options = []
    client = None


def record(usock, dialogue, tls):
    server = Server(dialogue)
    usock = Usock(usock, "listen", "-k", "--once", str(len(dialogue.connections)), "--forward", server.address,
                  "--record", "dialogue.rec", *tls.options, "127.0.0.1:0")
    client = Client(dialogue, usock.address, tls.client)
    client.join()
    server.join()
    usock.end()
    return [f"recording: {fault}" for fault in client.faults + server.faults]


def replay_server(usock, dialogue, tls, file="dialogue.rec"):
    usock = Usock(usock, "replay", "--speed", "max", file, *tls.options, "127.0.0.1:0")
    client = Client(dialogue, usock.address, tls.client)
    client.join()
    status = usock.end()
    return status, usock.said, client.faults


def replay_client(usock, dialogue, file="dialogue.rec"):
    server = Server(dialogue)
    done = subprocess.run([usock, "replay", "--quiet", "--as", "client", "--speed", "max", "--timeout", str(DEADLINE), file,
                           server.address], stderr=subprocess.PIPE, check=False)
    server.join()
    return done.returncode, done.stderr.decode(errors="replace"), server.faults


def round_trip(usock, dialogue, tls):
    problems = record(usock, dialogue, tls)
    for what, (status, said, faults) in (
        ("as a server", replay_server(usock, dialogue, tls)),
        ("as a client", replay_client(usock, dialogue)),
    ):
        problems += [f"{what}: the other side: {fault}" for fault in faults]
        if status != 0:
            problems.append(f"{what}: status {status}: {said.strip()}")
    return problems


# --- faults -------------------------------------------------------------------


def events_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def bytes_of(event):
    return base64.b64decode(event["base64"]) if "base64" in event else event["text"].encode()


def write_events(path, events):
    with open(path, "w", encoding="utf-8") as file:
        for event in events:
            file.write(json.dumps(event) + "\n")


def with_data(event, data):
    changed = {key: value for key, value in event.items() if key not in ("text", "base64")}
    return {**changed, "base64": base64.b64encode(data).decode()}


def received(events):
    """(index, offset in what the client sent) of the lines with data of clients"""
    offsets = {}
    for i, event in enumerate(events):
        if event.get("dir") == "received" and ("text" in event or "base64" in event) and bytes_of(event):
            offset = offsets.get(event["c"], 0)
            yield i, offset
            offsets[event["c"]] = offset + len(bytes_of(event))


def change_byte(events, rng):
    index, offset = rng.choice(list(received(events)))
    data = bytearray(bytes_of(events[index]))
    at = rng.randrange(len(data))
    data[at] ^= 1 + rng.randrange(255)
    events[index] = with_data(events[index], bytes(data))
    return events[index]["c"], offset + at


def swap_lines(events, rng):
    """two lines of one client that differ; None where there are none"""
    places = list(received(events))
    pairs = [(a, b) for n, a in enumerate(places) for b in places[n + 1 :]
             if events[a[0]]["c"] == events[b[0]]["c"] and bytes_of(events[a[0]]) != bytes_of(events[b[0]])]
    if not pairs:
        return None
    (i, offset), (j, _) = rng.choice(pairs)
    one, two = bytes_of(events[i]), bytes_of(events[j])
    # the first byte that is another in all that this client sends
    mine = [place for place in places if events[place[0]]["c"] == events[i]["c"]]
    before = b"".join(bytes_of(events[place[0]]) for place in mine)
    events[i], events[j] = with_data(events[i], two), with_data(events[j], one)
    after = b"".join(bytes_of(events[place[0]]) for place in mine)
    if before == after:
        return None
    return events[i]["c"], next(n for n, (a, b) in enumerate(zip(before, after)) if a != b)


def check_fault(usock, dialogue, what, fault, rng, first):
    events = events_of("dialogue.rec")
    expected = fault(events, rng)
    if expected is None:
        return []
    write_events("fault.rec", events)
    status, said, _ = replay_server(usock, dialogue, Plain, "fault.rec")
    connection, offset = expected
    # connections are known by what they say: then the first fault is about another one
    if connection == first and f"connection {connection} " not in said:
        return [f"{what}: connection {connection} is not named: {said.strip()}"]
    if status != 4 or f"byte {offset}:" not in said:
        return [f"{what}: status {status} where byte {offset} of connection {connection} is another: {said.strip()}"]
    return []


def check_missing_end(usock, dialogue, rng):
    """a client that was seen to half-close does not"""
    del rng
    if all(connection["end"] != "client-first" for connection in dialogue.connections):
        return []
    replay = Usock(usock, "replay", "--speed", "max", "--idle-timeout", "2", "dialogue.rec", "127.0.0.1:0")
    host, port = replay.address.rsplit(":", 1)
    socks = []
    for connection in dialogue.connections:
        sock = socket.create_connection((host, int(port)), DEADLINE)
        socks.append(sock)
        for who, data in connection["turns"]:
            if who == "client":
                sock.sendall(data)
            else:
                receive(sock, len(data))
        if connection["end"] != "client-first":
            sock.shutdown(socket.SHUT_WR)
    status = replay.end()
    for sock in socks:
        sock.close()
    if status != 4 or "the peer did not end" not in replay.said:
        return [f"a missing end: status {status}: {replay.said.strip()}"]
    return []


def faults_of(usock, dialogue, seed):
    rng = random.Random(seed)
    first = 1
    problems = check_fault(usock, dialogue, "a changed byte", change_byte, rng, first)
    problems += check_fault(usock, dialogue, "a wrong order", swap_lines, rng, first)
    if len(dialogue.connections) == 1:
        problems += check_missing_end(usock, dialogue, rng)
    return problems


def main(argv):
    tls, largest, faults = Plain, 1 << 16, False
    while argv[0].startswith("--"):
        option = argv.pop(0)
        if option == "--tls":
            tls = Contexts(argv.pop(0), argv.pop(0), argv.pop(0))
        elif option == "--largest":
            largest = int(argv.pop(0))
        elif option == "--faults":
            faults = True
    usock, first, count = argv[0], int(argv[1]), int(argv[2])
    failed = connections = 0
    for seed in range(first, first + count):
        dialogue = Dialogue(seed, largest, tls is not Plain)
        connections += len(dialogue.connections)
        try:
            problems = round_trip(usock, dialogue, tls)
            if faults and not problems:
                problems = faults_of(usock, dialogue, seed)
        except (Fault, OSError) as fault:
            problems = [str(fault)]
        for problem in problems:
            print(f"seed {seed}: {problem}")
        failed += bool(problems)
    print(f"{count} dialogues, {connections} connections, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
