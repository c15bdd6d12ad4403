#!/usr/bin/env python3
"""Many clients at once, or one after the other.

    many.py hold WHERE N             N connections to an echo server; "held N" once each had its answer, and
                                     after a line on stdin "served N" once each had another
    many.py queue WHERE N SECONDS    N connections that send a line each; those that are answered within
                                     SECONDS stay until then: "first M"; each ends with its answer: "served N"
    many.py load WHERE N             N connections that send and receive until the server ends them all:
                                     "loaded", and at last "ended N"
    many.py sequence WHERE N SEND EXPECT
                                     N connections in turn, each sends SEND and its end, and reads to the end: "right N"
    many.py resets WHERE N           N connections in turn, each has to be reset by the server: "right N"
    many.py reset WHERE N SEND       N connections in turn, each sends SEND and is reset

WHERE is HOST:PORT, [HOST]:PORT, unix:PATH or unix:@NAME. SEND and EXPECT have the escapes of Python's
bytes literals. What was promised and did not happen: one line on stderr, exit status 1.
"""
import ast
import os
import resource
import selectors
import socket
import struct
import sys
import time

LIMIT = 60 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))  # seconds for the whole


def parse(where):
    if where.startswith("unix:@"):
        return socket.AF_UNIX, "\0" + where[6:]
    if where.startswith("unix:"):
        return socket.AF_UNIX, where[5:]
    host, port = where.rsplit(":", 1)
    if host.startswith("["):
        return socket.AF_INET6, (host[1:-1], int(port))
    return socket.AF_INET, (host, int(port))


def text_of(value):
    return ast.literal_eval('b"' + value.replace('"', '\\"') + '"')


class Failure(Exception):
    pass


def connect(where):
    family, address = parse(where)
    conn = socket.socket(family, socket.SOCK_STREAM)
    conn.settimeout(LIMIT)
    conn.connect(address)
    return conn


class Client:
    """One of many, by number; what it has not been answered is missing."""

    def __init__(self, conn, number):
        self.conn = conn
        self.number = number
        self.missing = b""

    def ask(self, question):
        self.missing = b"%s %d\n" % (question, self.number)
        self.conn.sendall(self.missing)

    def take(self):
        """Reads a part of the answer. True when that was all of it."""
        data = self.conn.recv(len(self.missing))
        if not data or not self.missing.startswith(data):
            raise Failure(f"client {self.number} got {data!r}, not {self.missing!r}")
        self.missing = self.missing[len(data) :]
        return not self.missing


def connect_all(where, n):
    # three for stdio, one for the selector
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < n + 8:
        raise Failure("this host allows too few descriptors")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return [Client(connect(where), number) for number in range(n)]


def answers(clients, until):
    """The clients whose answer is complete, as it comes, up to a point in time."""
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.conn, selectors.EVENT_READ, client)
        while selector.get_map() and time.monotonic() < until:
            for key, _ in selector.select(until - time.monotonic()):
                if key.data.take():
                    selector.unregister(key.data.conn)
                    yield key.data


def ask_all(clients, question, until):
    for client in clients:
        client.ask(question)
    n = sum(1 for _ in answers(clients, until))
    if n < len(clients):
        raise Failure(f"{n} of {len(clients)} clients were answered")


def run_hold(where, n):
    until = time.monotonic() + LIMIT
    clients = connect_all(where, int(n))
    ask_all(clients, b"first", until)
    print("held", n, flush=True)
    sys.stdin.readline()
    ask_all(clients, b"second", until)
    print("served", n, flush=True)


def run_queue(where, n, seconds):
    until = time.monotonic() + LIMIT
    clients = connect_all(where, int(n))
    for client in clients:
        client.ask(b"question")
    first = list(answers(clients, time.monotonic() + float(seconds)))
    print("first", len(first), flush=True)
    for client in first:
        client.conn.close()
    served = len(first)
    for client in answers([client for client in clients if client.missing], until):
        client.conn.close()
        served += 1
    print("served", served, flush=True)


def send_some(conn):
    try:
        conn.send(bytes(4096))
    except BlockingIOError:
        pass


def run_load(where, n):
    until = time.monotonic() + LIMIT
    clients = connect_all(where, int(n))
    received = set()
    ended = 0
    with selectors.DefaultSelector() as selector:
        for client in clients:
            client.conn.setblocking(False)
            selector.register(client.conn, selectors.EVENT_READ | selectors.EVENT_WRITE, client)
        while selector.get_map() and time.monotonic() < until:
            for key, events in selector.select(until - time.monotonic()):
                try:
                    over = events & selectors.EVENT_READ and not key.fileobj.recv(65536)
                    if events & selectors.EVENT_WRITE and not over:
                        send_some(key.fileobj)
                except ConnectionError:
                    over = True
                if events & selectors.EVENT_READ and len(received) < len(clients):
                    received.add(key.data.number)
                    if len(received) == len(clients):
                        print("loaded", flush=True)
                if over:
                    selector.unregister(key.fileobj)
                    ended += 1
    print("ended", ended, flush=True)


def run_sequence(where, n, send, expect):
    send, expect = text_of(send), text_of(expect)
    for number in range(int(n)):
        with connect(where) as conn:
            conn.sendall(send)
            conn.shutdown(socket.SHUT_WR)
            got = b""
            while data := conn.recv(65536):
                got += data
        if got != expect:
            raise Failure(f"connection {number}: {got!r}, not {expect!r}")
    print("right", n, flush=True)


def run_resets(where, n):
    for number in range(int(n)):
        try:
            with connect(where) as conn:
                raise Failure(f"connection {number}: {conn.recv(1)!r}, and no reset")
        except ConnectionResetError:
            pass
    print("right", n, flush=True)


def run_reset(where, n, send):
    for _ in range(int(n)):
        with connect(where) as conn:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            conn.sendall(text_of(send))


def main():
    role, *rest = sys.argv[1:]
    roles = {
        "hold": run_hold,
        "queue": run_queue,
        "load": run_load,
        "sequence": run_sequence,
        "reset": run_reset,
        "resets": run_resets,
    }
    try:
        roles[role](*rest)
    except (Failure, OSError) as problem:
        sys.exit(f"many.py: {role}: {problem}")


main()
