#!/usr/bin/env python3
"""A sender of datagrams, to the letter.

    senders.py WHERE STEP...            one sender; what does not come from WHERE is not heard
    senders.py WHERE many N             N senders at once, each of which wants its datagram back
    senders.py WHERE burst N SIZE RATE  N numbered datagrams of SIZE bytes, RATE a second
    senders.py FILE check N SIZE        FILE holds those, in order

WHERE is HOST:PORT, [HOST]:PORT, unix:PATH or unix:@NAME. Steps, in order:

    bind:WHERE        our own address
    deaf:N            N small datagrams from a socket that is not connected; it stays, and reads none
    send:TEXT         one datagram, with the escapes of Python's bytes literals
    size:N            one of N bytes
    recv:TEXT         the next one that comes is this
    recv-size:N       ... is what size:N sends
    none:SECONDS      none comes for so long
    pause:SECONDS
    file:FILE         until FILE exists

What was promised and did not happen: one line on stderr, exit status 1.
"""
import ast
import os
import resource
import select
import socket
import sys
import time

LIMIT = 20 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))  # seconds that any one step may take


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


def text_of(value):
    return ast.literal_eval('b"' + value.replace('"', '\\"') + '"')


def of_size(size):
    return bytes(i % 251 for i in range(size))


def fail(text):
    sys.exit("senders.py: " + text)


def receive(sock, seconds):
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    if not poll.poll(seconds * 1000):
        return None
    return sock.recv(1 << 20)


def step(sock, name, value):
    if name == "send":
        sock.send(text_of(value))
    elif name == "size":
        sock.send(of_size(int(value)))
    elif name in ("recv", "recv-size"):
        want = text_of(value) if name == "recv" else of_size(int(value))
        got = receive(sock, LIMIT)
        if got != want:
            fail(f"{str(got)[:200]} came, not {str(want)[:200]}")
    elif name == "none":
        got = receive(sock, float(value))
        if got is not None:
            fail(f"{got[:200]!r} came")
    elif name == "pause":
        time.sleep(float(value))
    elif name == "file":
        end = time.monotonic() + LIMIT
        while not os.path.exists(value):
            if time.monotonic() > end:
                fail(f"there is no {value}")
            time.sleep(0.01)
    else:
        fail(f"what is {name}?")


def one(where, steps):
    family, address = parse(where)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if steps and steps[0].startswith("bind:"):
        sock.bind(parse(steps.pop(0)[5:])[1])
    if steps and steps[0].startswith("deaf:"):
        for _ in range(int(steps.pop(0)[5:])):
            sock.sendto(b"x", address)
        time.sleep(10 * LIMIT)
    sock.connect(address)
    for word in steps:
        step(sock, *word.partition(":")[::2])


def many(where, n):
    family, address = parse(where)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    socks = []
    for i in range(n):
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.connect(address)
        socks.append(sock)
        sock.send(b"%d" % i)
        # no more on their way than a receive buffer holds
        if i >= 50 and receive(socks[i - 50], LIMIT) != b"%d" % (i - 50):
            fail(f"sender {i - 50} has no answer")
    for i in range(max(0, n - 50), n):
        if receive(socks[i], LIMIT) != b"%d" % i:
            fail(f"sender {i} has no answer")


def numbered(i, size):
    return b"%08d" % i + b"x" * (size - 8)


def burst(where, n, size, rate):
    family, address = parse(where)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.connect(address)
    begin = time.monotonic()
    for i in range(n):
        sock.send(numbered(i, size))
        ahead = begin + i / rate - time.monotonic()
        if ahead > 0.001:
            time.sleep(ahead)
    print(f"{n / (time.monotonic() - begin):.0f} a second")


def check(path, n, size):
    with open(path, "rb") as file:
        for i in range(n):
            got = file.read(size)
            if got != numbered(i, size):
                fail(f"number {i} is {got[:20]!r}")
        if file.read(1):
            fail("there is more")


def main(where, *words):
    if words and words[0] == "many":
        many(where, int(words[1]))
    elif words and words[0] == "burst":
        burst(where, *map(int, words[1:]))
    elif words and words[0] == "check":
        check(where, *map(int, words[1:]))
    else:
        one(where, list(words))


main(*sys.argv[1:])
