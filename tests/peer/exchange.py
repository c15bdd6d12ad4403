#!/usr/bin/env python3
"""Two programs that are connected to each other, with random bytes into each and a hash of what comes out.

usage: exchange.py [--up SIZE] [--down SIZE] [--last client|server] [--hold client|server] [--status N,...]
                   SERVER... -- CLIENT...

PORT in a command is the port, of 127.0.0.1. A command `python` is a peer of our own: it sends, half-closes and reads to
the end. --up goes from the client to the server, --down back; a side without bytes has /dev/null as its input, or with
--hold one that says nothing and does not end. --last pauses while it sends, so that the other one has ended its input
long before. Prints what is wrong: bytes that are missing or others, a program that does not end, a status of usock that
is not 0, or none of N. What a tool says with its status is its own affair. Exits with 1 then, with 75 where an input stood
still for so long that usock may have taken it for one that says no more: the machine is too busy for a verdict.
"""
import argparse
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

HOST = "127.0.0.1"
SILENCE = 0.4  # usock waits for half a second
PATIENCE = 60 * float(os.environ.get("USOCK_TEST_SLOWNESS", "1"))


longest_silence = 0.0


def watch_machine():
    """How long who wants the processor has to wait for it counts as silence: a write may stand still for that."""
    global longest_silence
    while True:
        before = time.monotonic()
        time.sleep(0.01)
        longest_silence = max(longest_silence, time.monotonic() - before - 0.01)


def produce(into, size, seed, pauses, total):
    """size random bytes in pieces of random lengths, with pauses now and then."""
    global longest_silence
    r = random.Random(seed)
    left = size
    spoke = time.monotonic()
    try:
        while left > 0:
            piece = r.randbytes(min(left, r.choice((1, 1000, 65536, 300_000, 1_000_000))))
            left -= len(piece)
            total.update(piece)
            longest_silence = max(longest_silence, time.monotonic() - spoke)
            into.write(piece)
            into.flush()
            spoke = time.monotonic()
            if pauses and r.random() < 0.5:
                time.sleep(r.random() * 0.05)
        into.close()
    except OSError:
        pass


class Side:
    def __init__(self, name, command, port, size, seed, pauses, hold=False):
        self.name, self.size = name, size
        self.sent, self.got, self.n_got = hashlib.sha256(), hashlib.sha256(), 0
        self.program = None
        if command == ["python"]:
            self.connect(name, port)
        else:
            self.program = subprocess.Popen(
                [w.replace("PORT", str(port)) for w in command],
                stdin=subprocess.PIPE if size or hold else subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            )
        self.seed, self.pauses = seed, pauses

    def connect(self, name, port):
        if name == "server":
            self.listener = socket.create_server((HOST, port))
            self.socket = None
        else:
            self.socket = socket.create_connection((HOST, port), timeout=PATIENCE)

    def start(self):
        self.threads = [threading.Thread(target=self.work_program if self.program else self.work_socket, daemon=True)]
        if self.program and self.size:
            self.threads.append(
                threading.Thread(
                    target=produce, args=(self.program.stdin, self.size, self.seed, self.pauses, self.sent), daemon=True
                )
            )
        for t in self.threads:
            t.start()

    def work_program(self):
        while data := self.program.stdout.read1(1 << 16):
            self.got.update(data)
            self.n_got += len(data)

    def work_socket(self):
        if self.socket is None:
            self.socket, _ = self.listener.accept()
            self.socket.settimeout(PATIENCE)
        sender = threading.Thread(target=self.send_socket, daemon=True)
        sender.start()
        try:
            while data := self.socket.recv(1 << 16):
                self.got.update(data)
                self.n_got += len(data)
        except OSError as e:
            print("python peer: %s" % e)
        sender.join(PATIENCE)
        self.socket.close()

    def send_socket(self):
        with self.socket.makefile("wb", buffering=0) as into:
            produce(Whole(into), self.size, self.seed, self.pauses, self.sent)
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def end(self, until):
        """The status, or None where it had to be killed."""
        for t in self.threads:
            t.join(max(0.0, until - time.monotonic()))
        if self.program is None:
            return 0 if not self.threads[0].is_alive() else None
        try:
            return self.program.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.program.pid, signal.SIGKILL)
            self.program.wait()
            return None


class Whole:
    """Writes all of it; closing is the shutdown's affair."""

    def __init__(self, into):
        self.into = into

    def write(self, data):
        view = memoryview(data)
        while view:
            view = view[self.into.write(view) :]

    def flush(self):
        pass

    def close(self):
        pass


def await_listen(port, side):
    want = ":%04X" % port
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for name in ("/proc/net/tcp", "/proc/net/tcp6"):
            with open(name, encoding="ascii") as f:
                if any(p[1].endswith(want) and p[3] == "0A" for p in map(str.split, f)):
                    return
        if side.program is not None and side.program.poll() is not None:
            raise SystemExit("the server ended: %s" % side.program.stderr.read().decode())
        time.sleep(0.01)
    raise SystemExit("no listener")


def free_port():
    with socket.socket() as s:
        s.bind((HOST, 0))
        return s.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--up", type=int, default=0)
    parser.add_argument("--down", type=int, default=0)
    parser.add_argument("--last", choices=("client", "server"))
    parser.add_argument("--hold", choices=("client", "server"))
    parser.add_argument("--status", type=lambda text: [int(n) for n in text.split(",")], default=[0])
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    split = len(sys.argv) - 1 - sys.argv[::-1].index("--")
    options, server = parser.parse_known_args(sys.argv[1:split])
    client = sys.argv[split + 1 :]
    port = free_port()
    s = Side("server", server, port, options.down, options.seed, options.last == "server", options.hold == "server")
    await_listen(port, s)
    c = Side("client", client, port, options.up, options.seed + 1, options.last == "client", options.hold == "client")
    threading.Thread(target=watch_machine, daemon=True).start()
    s.start()
    c.start()
    until = time.monotonic() + PATIENCE
    status = {side.name: side.end(until) for side in (c, s)}
    wrong = []
    for side, other in ((c, s), (s, c)):
        if other.size and side.got.digest() != other.sent.digest():
            wrong.append("%s: %d of %d bytes, or others" % (side.name, side.n_got, other.size))
        if not other.size and side.n_got:
            wrong.append("%s: %d bytes that nobody sent" % (side.name, side.n_got))
    for side, command in ((c, client), (s, server)):
        ours = os.path.basename(command[0]) == "usock"
        if status[side.name] is None:
            wrong.append("%s: does not end" % side.name)
        elif ours and status[side.name] not in options.status:
            wrong.append("%s: status %d" % (side.name, status[side.name]))
        if wrong and side.program is not None:
            wrong.append("%s said: %s" % (side.name, side.program.stderr.read().decode(errors="replace").strip()[:500]))
    for line in wrong:
        print(line)
    if wrong:
        print("seed %d, an input was silent for %.3f s" % (options.seed, longest_silence))
    return 0 if not wrong else 75 if longest_silence >= SILENCE else 1


if __name__ == "__main__":
    sys.exit(main())
