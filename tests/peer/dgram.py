#!/usr/bin/env python3
"""The other side of datagrams, to the letter.

    dgram.py WHERE STEP...

WHERE is HOST:PORT, [HOST]:PORT, unix:PATH or seqpacket:PATH (one client); the port is printed first.
Steps, in order:

    show:N            receives N datagrams, prints each as Python bytes
    sizes:N           ... prints their lengths
    numbered:N:SIZE   ... each of SIZE bytes that begin with its number, in order
    quiet:SECONDS     nothing comes for so long
    echo:N            sends N datagrams back to their sender; 0: for ever
    reply:TEXT        sends TEXT (with the escapes of Python's bytes literals) to the last sender
    zeros:N           sends N zero bytes to the last sender
    other:TEXT        the same from another socket
    flood:N:SIZE      sends N datagrams to the last sender as fast as it goes
    connect:HOST:PORT sends to there from now on
    file:FILE         until FILE exists
    touch:FILE        makes FILE

What was promised and did not happen: one line on stderr, exit status 1.
"""
import ast
import os
import socket
import sys
import time

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))  # seconds that any one step may take


def literal(text):
    return ast.literal_eval("b'" + text.replace("'", "\\'") + "'")


class Peer:
    def __init__(self, where):
        self.last = None
        if where.startswith(("unix:", "seqpacket:")):
            kind, path = where.split(":", 1)
            self.open_unix(kind, path)
        else:
            host, port = where.rsplit(":", 1)
            family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
            self.sock = socket.socket(family, socket.SOCK_DGRAM)
            self.grow_buffer()
            self.sock.bind((host.strip("[]"), int(port)))
            print(self.sock.getsockname()[1], flush=True)
        self.sock.settimeout(LIMIT)

    def grow_buffer(self):
        try:  # as root beyond the system's limit
            self.sock.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), 128 << 20)
        except OSError:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

    def open_unix(self, kind, path):
        if kind == "unix":
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.sock.bind(path)
            print(path, flush=True)
            return
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(path)
        listener.listen(1)
        print(path, flush=True)
        listener.settimeout(LIMIT)
        self.sock = listener.accept()[0]

    def recv(self):
        data, self.last = self.sock.recvfrom(1 << 20)
        return data

    def send(self, data, sock=None):
        if self.sock.type == socket.SOCK_SEQPACKET:
            self.sock.send(data)
        else:
            (sock or self.sock).sendto(data, self.last)

    def show(self, n):
        for _ in range(int(n)):
            print(self.recv(), flush=True)

    def sizes(self, n):
        for _ in range(int(n)):
            print(len(self.recv()), flush=True)

    def numbered(self, n, size):
        for i in range(int(n)):
            data = self.recv()
            if len(data) != int(size) or int(data[:10]) != i:
                raise ValueError("datagram %d: %d bytes, %r" % (i, len(data), data[:10]))

    def quiet(self, seconds):
        self.sock.settimeout(float(seconds))
        try:
            raise ValueError("came: %r" % self.recv())
        except TimeoutError:
            self.sock.settimeout(LIMIT)

    def echo(self, n):
        i = 0
        if int(n) == 0:
            self.sock.settimeout(None)
        while int(n) == 0 or i < int(n):
            self.send(self.recv())
            i += 1

    def reply(self, text):
        self.send(literal(text))

    def zeros(self, n):
        self.send(bytes(int(n)))

    def other(self, text):
        self.send(literal(text), socket.socket(self.sock.family, socket.SOCK_DGRAM))

    def flood(self, n, size):
        for _ in range(int(n)):
            self.send(bytes(int(size)))

    def connect(self, host, port):
        self.last = (host, int(port))

    def file(self, name):
        end = time.monotonic() + LIMIT
        while not os.path.exists(name):
            if time.monotonic() > end:
                raise TimeoutError(name)
            time.sleep(0.01)

    def touch(self, name):
        open(name, "w").close()


def main():
    peer = Peer(sys.argv[1])
    for step in sys.argv[2:]:
        name, *args = step.split(":", 1 if step.startswith(("reply:", "other:", "file:", "touch:")) else -1)
        try:
            getattr(peer, name)(*args)
        except (OSError, ValueError) as e:
            sys.exit("%s: %s: %s" % (step, type(e).__name__, e))


main()
