#!/usr/bin/env python3
"""Who is on the way, or speaks TLS only so far.

    tls_hostile.py answers HEX...       a server: each client in turn gets the next of these for its first
                                        bytes, and the end; after them it begins anew
    tls_hostile.py ask PORT HEX...      a client for each: sends it and its end; waits for the other end
    tls_hostile.py rush PORT HEX        a client that sends HEX and 4 MiB behind it, and only then listens:
                                        prints what came, in hexadecimal, or the error
    tls_hostile.py stall PORT VERSION   a client for each byte of a client's handshake, all at once: sends what is
                                        before that byte and waits for the other end; prints how many they
                                        were, and how many seconds the first and the last were let wait
    tls_hostile.py spoil PORT N         before PORT: flips a bit of the first record of more than N bytes that
                                        the server sends
    tls_hostile.py pauses PORT SEED     before PORT: pieces of random lengths, with pauses here and there
    tls_hostile.py records FILE         a TLS server, FILE its certificate: LENGTHS, one record each, and back
    tls_hostile.py ask-records PORT     the same as a client
    tls_hostile.py glued PORT VERSION   a client, once to have a session, once to resume it: sends the end of its
                                        handshake, a record and half of the next at once, the rest when the
                                        first has come back; prints what came

What listens prints its port. LENGTHS are the odd and the round ones among 1 and 16384, densely.
"""
import os
import random
import socket
import ssl
import sys
import threading
import time

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))
LENGTHS = [*range(1, 66), *range(67, 16384, 94), 255, 256, 4095, 4096, 8191, 8192, 16382, 16383, 16384]


def listener():
    sock = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(sock.getsockname()[1], flush=True)
    return sock


def drain(conn):
    try:
        while conn.recv(1 << 16):
            pass
    except OSError:
        pass
    conn.close()


def answers(*texts):
    sock = listener()
    while True:
        for text in texts:
            conn = sock.accept()[0]
            conn.settimeout(LIMIT)
            conn.recv(1 << 16)
            conn.sendall(bytes.fromhex(text))
            conn.shutdown(socket.SHUT_WR)
            threading.Thread(target=drain, args=(conn,), daemon=True).start()


def ask(port, *texts):
    for text in texts:
        conn = socket.create_connection(("127.0.0.1", int(port)))
        conn.settimeout(LIMIT)
        conn.sendall(bytes.fromhex(text))
        conn.shutdown(socket.SHUT_WR)
        drain(conn)


def rush(port, text):
    conn = socket.create_connection(("127.0.0.1", int(port)))
    conn.settimeout(LIMIT)
    came = b""
    try:
        conn.sendall(bytes.fromhex(text) + bytes(4 << 20))
        while piece := conn.recv(1 << 16):
            came += piece
    except OSError as e:
        print(e)
    print(came.hex())


class Hello:
    """A client's handshake; what it sends ends after limit bytes."""

    def __init__(self, port, version, limit):
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        ctx.check_hostname = False
        ctx.verify_mode = ssl.CERT_NONE
        ctx.minimum_version = ctx.maximum_version = ssl.TLSVersion["TLSv1_" + version[2:]]
        self.conn = socket.create_connection(("127.0.0.1", port))
        self.begun = time.monotonic()
        self.conn.settimeout(LIMIT)
        self.heard, self.said = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = ctx.wrap_bio(self.heard, self.said)
        self.left, self.sent = limit, 0

    def step(self):
        """True once the handshake is over."""
        try:
            self.tls.do_handshake()
            over = True
        except ssl.SSLWantReadError:
            over = False
        data = self.said.read()[: self.left]
        self.conn.sendall(data)
        self.left -= len(data)
        self.sent += len(data)
        return over

    def run(self):
        while not self.step() and self.left > 0:
            self.heard.write(self.conn.recv(1 << 16))
        return self.sent


def stall_one(hello, waited):
    try:
        hello.run()
    except OSError:
        pass  # time is up before it has said all that it would
    drain(hello.conn)
    waited.append(time.monotonic() - hello.begun)


def stall(port, version):
    whole = Hello(int(port), version, 1 << 20)
    n = whole.run()
    whole.conn.close()
    waited = []
    threads = [threading.Thread(target=stall_one, args=(Hello(int(port), version, at), waited)) for at in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(n, "%.1f %.1f" % (min(waited), max(waited)))


def exactly(conn, n):
    data = b""
    while len(data) < n:
        piece = conn.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def spoil_one(source, sink, limit):
    """True once it is done."""
    head = exactly(source, 5)
    body = bytearray(exactly(source, int.from_bytes(head[3:], "big")))
    spoilt = len(body) > limit
    if spoilt:
        body[len(body) // 2] ^= 1
    sink.sendall(head + body)
    return spoilt


def forward(source, sink, move):
    try:
        while True:
            data = source.recv(1 << 16)
            if not data:
                break
            move(sink, data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def relay(port, to_server, to_client):
    sock = listener()
    while True:
        conn = sock.accept()[0]
        server = socket.create_connection(("127.0.0.1", int(port)))
        threading.Thread(target=to_server, args=(conn, server), daemon=True).start()
        threading.Thread(target=to_client, args=(server, conn), daemon=True).start()


def plainly(source, sink):
    forward(source, sink, socket.socket.sendall)


def spoil(port, limit):
    def to_client(source, sink):
        try:
            while not spoil_one(source, sink, int(limit)):
                pass
        except EOFError:
            pass
        plainly(source, sink)

    relay(port, plainly, to_client)


def pauses(port, seed):
    rng = random.Random(int(seed))

    def move(sink, data):
        at = 0
        while at < len(data):
            n = min(len(data) - at, int(2 ** rng.uniform(0, 17)) if rng.random() < 0.2 else len(data))
            sink.sendall(data[at : at + n])
            at += n
            if rng.random() < 0.02:
                time.sleep(rng.random() * 0.02)

    relay(port, lambda a, b: forward(a, b, move), lambda a, b: forward(a, b, move))


def exchange(tls):
    rng = random.Random(1)
    for n in LENGTHS:
        data = rng.randbytes(n)
        if tls.send(data) != n:
            raise RuntimeError("no record of %d bytes" % n)
        if exactly(tls, n) != data:
            raise RuntimeError("the %d bytes have changed" % n)
    tls.settimeout(LIMIT)
    try:
        tls.unwrap()
    except OSError:
        pass
    tls.close()


def records(file):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(file)
    conn = listener().accept()[0]
    conn.settimeout(LIMIT)
    exchange(ctx.wrap_socket(conn, server_side=True))


def ask_records(port):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    conn = socket.create_connection(("127.0.0.1", int(port)))
    conn.settimeout(LIMIT)
    exchange(ctx.wrap_socket(conn))


def converse(tls, come, go, conn, step, hold=False):
    """Repeats step until it is done. What is to be sent then is only left in go where it is held."""
    while True:
        try:
            done = step()
        except ssl.SSLWantReadError:
            conn.sendall(go.read())
            data = conn.recv(1 << 16)
            come.write(data) if data else come.write_eof()
        else:
            if not hold:
                conn.sendall(go.read())
            return done


def say_hello(ctx, port, session, pieces):
    conn = socket.create_connection(("127.0.0.1", port))
    conn.settimeout(LIMIT)
    come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ctx.wrap_bio(come, go, server_hostname="localhost", session=session)
    converse(tls, come, go, conn, tls.do_handshake, hold=True)
    tls.write(b"first\n")
    first = go.read()
    tls.write(b"second\n")
    second = go.read()
    half = len(second) // 2 if pieces else len(second)
    conn.sendall(first + second[:half])
    print(converse(tls, come, go, conn, lambda: tls.read(6)).decode(), end="")
    conn.sendall(second[half:])
    print(converse(tls, come, go, conn, lambda: tls.read(7)).decode(), end="", flush=True)
    session = tls.session
    try:
        converse(tls, come, go, conn, tls.unwrap)
    except ssl.SSLError:
        pass
    conn.close()
    return session


def glued(port, version):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    ctx.minimum_version = ctx.maximum_version = ssl.TLSVersion["TLSv" + version.replace(".", "_")]
    session = say_hello(ctx, int(port), None, False)
    say_hello(ctx, int(port), session, True)


MODES = {"answers": answers, "ask": ask, "rush": rush, "stall": stall, "spoil": spoil, "pauses": pauses, "records": records,
         "ask-records": ask_records, "glued": glued}
MODES[sys.argv[1]](*sys.argv[2:])
