#!/usr/bin/env python3
"""The other side of a connection, to the letter.

    peer.py listen WHERE STEP...      one client (`times:N` first: N clients, one after the other)
    peer.py connect WHERE STEP...
    peer.py full WHERE [WHERE...]     a listener whose backlog is full: connecting to it takes for ever;
                                      further WHEREs are listened on with the same port, and not full
    peer.py bound WHERE               a port that is taken, but nobody listens: connecting is refused
    peer.py free                      prints a port that is not in use, and that the kernel never picks

WHERE is HOST:PORT, [HOST]:PORT, unix:PATH or unix:@NAME. Steps, in order, on the connection:

    send:TEXT         with the escapes of Python's bytes literals
    send-file:FILE
    zeros:N           sends N zero bytes
    recv:N            reads exactly N bytes
    save:FILE         reads to the end, into FILE
    eof               reads to the end, drops it
    none:SECONDS      nothing comes, nor the end, for so long
    after-reset       reads until the connection is reset
    stream:TEXT       sends TEXT every 20 ms until the connection fails
    pause:SECONDS
    acked             until the other side's kernel has all we sent
    file:FILE         until FILE exists
    touch:FILE        makes FILE
    shut              ends our side
    reset             ends with a reset
    close

What was promised and did not happen: one line on stderr, exit status 1.
"""
import array
import ast
import errno
import fcntl
import os
import random
import select
import socket
import struct
import sys
import termios
import time

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))  # seconds that any one step may take


def parse(where):
    """The family and the address of WHERE."""
    if where.startswith("unix:@"):
        return socket.AF_UNIX, "\0" + where[6:]
    if where.startswith("unix:"):
        return socket.AF_UNIX, where[5:]
    host, port = where.rsplit(":", 1)
    if host.startswith("["):
        return socket.AF_INET6, (host[1:-1], int(port))
    return socket.AF_INET, (host, int(port))


def open_listener(where, backlog):
    family, address = parse(where)
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind(address)
    if backlog is not None:
        listener.listen(backlog)
    return listener


def text_of(value):
    return ast.literal_eval('b"' + value.replace('"', '\\"') + '"')


class Failure(Exception):
    pass


class Steps:
    def __init__(self, conn):
        self.conn = conn
        conn.settimeout(LIMIT)

    def run(self, step):
        name, _, value = step.partition(":")
        getattr(self, "do_" + name.replace("-", "_"))(value)

    def do_send(self, value):
        self.conn.sendall(text_of(value))

    def do_send_file(self, value):
        with open(value, "rb") as source:
            self.conn.sendfile(source)

    def do_zeros(self, value):
        self.conn.sendall(bytes(int(value)))

    def do_recv(self, value):
        left = int(value)
        while left > 0:
            data = self.conn.recv(min(left, 1 << 16))
            if not data:
                raise Failure(f"the end came {left} bytes early")
            left -= len(data)

    def do_save(self, value):
        with open(value, "wb", buffering=0) as sink:
            while data := self.conn.recv(1 << 16):
                sink.write(data)

    def do_eof(self, _):
        while self.conn.recv(1 << 16):
            pass

    def do_none(self, value):
        if not select.select([self.conn], [], [], float(value))[0]:
            return
        data = self.conn.recv(100)
        raise Failure(f"came too early: {data!r}" if data else "the end came too early")

    def do_after_reset(self, _):
        try:
            self.do_eof(None)
        except ConnectionResetError:
            return
        raise Failure("the end came, not a reset")

    def do_stream(self, value):
        try:
            while True:
                self.conn.sendall(text_of(value))
                time.sleep(0.02)
        except ConnectionError:
            pass

    def do_pause(self, value):
        time.sleep(float(value))

    def do_acked(self, _):
        unsent = array.array("i", [1])
        end = time.monotonic() + LIMIT
        while unsent[0] > 0:
            fcntl.ioctl(self.conn, termios.TIOCOUTQ, unsent)
            if time.monotonic() > end:
                raise Failure(f"{unsent[0]} bytes were never taken")
            time.sleep(0.005)

    def do_file(self, value):
        end = time.monotonic() + LIMIT
        while not os.path.exists(value):
            if time.monotonic() > end:
                raise Failure(f"no {value} appeared")
            time.sleep(0.005)

    def do_touch(self, value):
        with open(value, "wb"):
            pass

    def do_shut(self, _):
        self.conn.shutdown(socket.SHUT_WR)

    def do_reset(self, _):
        self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.conn.close()

    def do_close(self, _):
        self.conn.close()


def run_listen(where, steps):
    times = 1
    if steps and steps[0].startswith("times:"):
        times = int(steps[0][6:])
        steps = steps[1:]
    listener = open_listener(where, 128)
    listener.settimeout(LIMIT)
    for _ in range(times):
        conn, _ = listener.accept()
        with conn:
            actor = Steps(conn)
            for step in steps:
                actor.run(step)


def run_connect(where, steps):
    family, address = parse(where)
    with socket.socket(family, socket.SOCK_STREAM) as conn:
        conn.settimeout(LIMIT)
        conn.connect(address)
        actor = Steps(conn)
        for step in steps:
            actor.run(step)


def fill(listener):
    """Connects until the kernel no longer answers."""
    held = []
    while True:
        filler = socket.socket(listener.family, socket.SOCK_STREAM)
        filler.setblocking(False)
        held.append(filler)
        result = filler.connect_ex(listener.getsockname())
        if result == errno.EAGAIN:  # a unix listener says so
            return held
        if result == errno.EINPROGRESS and not select.select([], [filler], [], 0.2)[1]:
            return held


def run_full(where, others):
    listener = open_listener(where, 0)
    held = fill(listener)
    port = listener.getsockname()[1] if listener.family != socket.AF_UNIX else 0
    for other in others:
        held.append(open_listener(other.rsplit(":", 1)[0] + f":{port}", 128))
    print(port, flush=True)
    while True:
        time.sleep(LIMIT)


def run_bound(where, _):
    taken = open_listener(where, None)
    print(taken.getsockname()[1], flush=True)
    while True:
        time.sleep(LIMIT)


def run_free():
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as limits:
        top = min(int(limits.read().split()[0]), 32768)
    for _ in range(1000):
        port = random.randrange(10000, top) if top > 10001 else 0
        with socket.socket(socket.AF_INET6 if socket.has_ipv6 else socket.AF_INET) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
            print(probe.getsockname()[1])
            return
    raise Failure("no port is free")


def main():
    role, *rest = sys.argv[1:]
    try:
        if role == "free":
            run_free()
        else:
            roles = {"listen": run_listen, "connect": run_connect, "full": run_full, "bound": run_bound}
            roles[role](rest[0], rest[1:])
    except (Failure, OSError) as problem:
        sys.exit(f"peer.py: {role}: {problem}")


main()
