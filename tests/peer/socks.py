#!/usr/bin/env python3
"""Datagrams through SOCKS5 (RFC 1928, 7), to the letter, of either side.

    socks.py client HOST:PORT STEP...     a client of the proxy at HOST:PORT
    socks.py proxy STEP...                a proxy for one client; prints its port first

Steps of a client, in order:

    send:HOST:PORT:TEXT   sends TEXT (with the escapes of Python's bytes literals); HOST may be a name
    raw:HEX               sends these bytes
    stranger:HOST:PORT:TEXT   the same from another port
    from:ADDRESS          sends from another address from now on
    get:TEXT              receives TEXT, from anybody
    sender:HOST:PORT      the sender of what was received last
    quiet:SECONDS         nothing comes for so long
    end                   closes the connection; file:FILE, touch:FILE as in dgram.py
    greet                 connects and agrees on the method, before the request (first of all)
    refused:CODE          the association is refused with this code (first of all)
    port:N                tells the proxy this port (0), bound to it (first of all)

Steps of a proxy:

    echo:N       sends N datagrams back, with the headers they came with
    show         receives a datagram, prints the header in hexadecimal and the rest as text
    from:HOST:PORT:TEXT   sends TEXT to the client as from there
    raw:HEX      sends these bytes to the client
    say:TEXT     sends TEXT over the connection
    end          closes the connection
    wait         until the client closes it; file:FILE, touch:FILE

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


def exactly(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        assert more, f"the connection ended after {data.hex()}"
        data += more
    return data


def header(host, port):
    try:
        address = b"\1" + socket.inet_pton(socket.AF_INET, host)
    except OSError:
        try:
            address = b"\4" + socket.inet_pton(socket.AF_INET6, host)
        except OSError:
            address = b"\3" + bytes([len(host)]) + host.encode()
    return b"\0\0\0" + address + int(port).to_bytes(2, "big")


def split(data):
    """sender as (host, port), and the rest"""
    size = {1: 4, 4: 16}.get(data[3], None)
    at = 4
    if size is None:
        size, at = data[4], 5
    raw = data[at : at + size]
    host = raw.decode() if at == 5 else socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, raw)
    return (host, int.from_bytes(data[at + size : at + size + 2], "big")), data[at + size + 2 :], data[: at + size + 2]


class Side:
    def __init__(self):
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.settimeout(LIMIT)
        self.control = None

    def do_file(self, path):
        end = time.monotonic() + LIMIT
        while not os.path.exists(path):
            assert time.monotonic() < end, f"{path} never came"
            time.sleep(0.01)

    def do_touch(self, path):
        open(path, "w").close()

    def do_end(self, _):
        self.control.close()

    def run(self, steps):
        for step in steps:
            name, _, rest = step.partition(":")
            try:
                getattr(self, "do_" + name)(rest)
            except (AssertionError, OSError) as e:
                sys.exit(f"{step}: {e}")


class Client(Side):
    def __init__(self, where):
        super().__init__()
        self.where = where
        self.relay = None

    def do_greet(self, _):
        host, number = self.where.rsplit(":", 1)
        self.control = socket.create_connection((host.strip("[]"), int(number)), LIMIT)
        self.control.sendall(b"\5\1\0")
        assert exactly(self.control, 2) == b"\5\0", "no method"

    def ask(self, port, want):
        if self.control is None:
            self.do_greet("")
        self.control.sendall(b"\5\3\0\1\0\0\0\0" + port.to_bytes(2, "big"))
        reply = exactly(self.control, 4)
        assert reply[:3] == bytes([5, want, 0]), reply.hex()
        size = 4 if reply[3] == 1 else 16
        address = socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, exactly(self.control, size))
        self.relay = (address, int.from_bytes(exactly(self.control, 2), "big"))
        if size == 16:
            self.udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            self.udp.settimeout(LIMIT)

    def do_refused(self, code):
        self.ask(0, int(code))

    def do_port(self, port):
        self.udp.bind(("127.0.0.1", int(port)))
        self.ask(self.udp.getsockname()[1], 0)

    def ready(self):
        if self.relay is None:
            self.ask(0, 0)

    def do_send(self, rest, sock=None):
        self.ready()
        host, port, text = rest.rsplit(":", 2) if rest.startswith("[") else rest.split(":", 2)
        (sock or self.udp).sendto(header(host.strip("[]"), port) + literal(text), self.relay)

    def do_raw(self, rest):
        self.ready()
        self.udp.sendto(bytes.fromhex(rest), self.relay)

    def do_stranger(self, rest):
        self.do_send(rest, socket.socket(type=socket.SOCK_DGRAM))

    def do_from(self, address):
        self.ready()
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.settimeout(LIMIT)
        self.udp.bind((address, 0))

    def do_get(self, text):
        self.ready()
        self.last, data, _ = split(self.udp.recv(70000))
        assert data == literal(text), data

    def do_sender(self, rest):
        host, port = rest.rsplit(":", 1)
        assert self.last == (host.strip("[]"), int(port)), self.last

    def do_quiet(self, seconds):
        self.udp.settimeout(float(seconds))
        try:
            data = self.udp.recv(70000)
        except TimeoutError:
            return
        finally:
            self.udp.settimeout(LIMIT)
        raise AssertionError(data)


class Proxy(Side):
    def __init__(self):
        super().__init__()
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        self.udp.bind(("127.0.0.1", 0))
        listener.settimeout(LIMIT)
        self.control, _ = listener.accept()
        self.control.settimeout(LIMIT)
        exactly(self.control, exactly(self.control, 2)[1])
        self.control.sendall(b"\5\0")
        assert exactly(self.control, 10)[:3] == b"\5\3\0", "no UDP ASSOCIATE"
        self.control.sendall(header("0.0.0.0", self.udp.getsockname()[1]).replace(b"\0\0\0", b"\5\0\0", 1))
        self.client = None

    def receive(self):
        data, self.client = self.udp.recvfrom(70000)
        return data

    def do_echo(self, n):
        for _ in range(int(n)):
            data = self.receive()
            self.udp.sendto(data, self.client)

    def do_show(self, _):
        _, data, head = split(self.receive())
        print(head.hex(), data, flush=True)

    def do_from(self, rest):
        host, port, text = rest.split(":", 2)
        self.udp.sendto(header(host, port) + literal(text), self.client)

    def do_raw(self, rest):
        self.udp.sendto(bytes.fromhex(rest), self.client)

    def do_say(self, text):
        self.control.sendall(literal(text))

    def do_wait(self, _):
        try:
            assert self.control.recv(1) == b"", "the client says something"
        except ConnectionResetError:
            pass


side = Client(sys.argv[2]) if sys.argv[1] == "client" else Proxy()
side.run(sys.argv[3:] if sys.argv[1] == "client" else sys.argv[2:])
