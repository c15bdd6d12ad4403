#!/usr/bin/env python3
"""Cases of another netcat, each run with the real one and with usock under its name.

usage: netcat.py TOOL USOCK TABLE [PART...]

TABLE is a module beside this one with the list CASES, and the NAME of the netcat. Both must give the same standard output, status and bytes at the
peer, and the same messages up to numbers, unless a case says what usock does instead and why. Prints what failed, then
one line with the counts.
"""

import base64
import concurrent.futures
import contextlib
import dataclasses
import fcntl
import hashlib
import importlib
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

SLOWNESS = int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))
PATIENCE = 20 * SLOWNESS
PARALLEL = max(4, 24 // SLOWNESS)
NAME = "nc"  # of the other netcat; the table says another
VERSION = ""  # of the other netcat that the table describes: its cases hold with newer ones, too
COMPARED = ("status", "stdout", "stderr", "peer", "failure")  # or fewer


@dataclasses.dataclass
class Case:
    part: str
    name: str
    args: str  # {port} {port2} {closed} {dir} are filled in; {some}: seconds in which a program starts and acts
    stdin: bytes | None = b""  # None: an open pipe; "null": /dev/null; "closed"
    peer: str = ""  # what the other end does, a function of Peer and its arguments
    shell: str = ""  # a line of shell in which nc runs, instead of the arguments
    differs: str = ""  # why usock gives something else
    ours: dict = dataclasses.field(default_factory=dict)  # and what
    newer: dict | None = None  # what usock gives where the original is newer than VERSION, and gives something else
    sometimes: bool = False  # the original gives that, too, where the machine is slow


def case(part, name, args, **how):
    return Case(part, name, args, **how)


# --- ports ---------------------------------------------------------------------

_ports = itertools.count(20000 + os.getpid() % 100 * 100)
_lock = threading.Lock()


def has_service(port):
    """the port has a name, which messages would tell"""
    with contextlib.suppress(OSError):
        return bool(socket.getservbyport(port))
    return False


def free_port():
    """a port without a name that nobody has, for streams and datagrams, and that the kernel does not pick"""
    with _lock:
        for port in _ports:
            port = 20000 + port % 12000
            if has_service(port):
                continue
            with contextlib.suppress(OSError), socket.socket() as s, socket.socket(type=socket.SOCK_DGRAM) as d:
                s.bind(("", port))
                d.bind(("", port))
                return port


def is_listening(port, udp=False):
    """someone has bound the port; looks without knocking"""
    wanted = f":{port:04X}"
    for name in ("udp", "udp6") if udp else ("tcp", "tcp6"):
        for line in open(f"/proc/net/{name}", encoding="ascii").readlines()[1:]:
            fields = line.split()
            if fields[1].endswith(wanted) and (udp or fields[3] == "0A"):
                return True
    return False


def _queued(tables, port, wanted=lambda peer, state: True):
    """what waits in the receive queues of sockets on a port: bytes, or clients of a listener"""
    count = 0
    for table in tables:
        for line in open(f"/proc/net/{table}", encoding="ascii").readlines()[1:]:
            local, peer, state, queues = line.split()[1:5]
            if local.endswith(f":{port:04X}") and wanted(int(peer.split(":")[1], 16), state):
                count += int(queues.split(":")[1], 16)
    return count


# --- the other end ----------------------------------------------------------------


class Peer:
    """the other end of one run; what it saw is compared"""

    def __init__(self, port, port2, folder, process):
        self.port, self.port2, self.folder, self.process = port, port2, folder, process
        self.seen = b""
        self.thread = None
        self.ready = threading.Event()
        self.open = []

    # servers: before nc is started

    def listener(self, port=None, family=socket.AF_INET, host="127.0.0.1", backlog=16, kind=socket.SOCK_STREAM):
        s = socket.socket(family, kind)
        s.settimeout(PATIENCE)
        if family != socket.AF_UNIX:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # a program that is being started has the sockets of this one for a moment
            until(lambda: _bound_to(s, host, port or self.port), "no port")
        else:
            s.bind(host)
        if kind == socket.SOCK_STREAM:
            s.listen(backlog)
        self.open.append(s)
        return s

    def accept(self, listener):
        conn, name = listener.accept()
        conn.settimeout(PATIENCE)
        self.open.append(conn)
        return conn, name

    def drain(self, conn):
        with contextlib.suppress(OSError):
            while data := conn.recv(65536):
                self.seen += data

    def close(self):
        for s in self.open:
            s.close()


def until(condition, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.003)


def until_ended(peer):
    """longer than run() lets a process live: that it stays is a status"""
    until(lambda: peer.process.poll() is not None, "it stays", 2 * PATIENCE)


def _bound_to(s, host, port):
    with contextlib.suppress(OSError):
        s.bind((host, port))
        return True
    return False


def decode(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def server(run):
    """a peer that listens before nc starts, and then runs"""
    run.starts_first = True
    return run


# --- peers of clients: name(peer, argument) ---


def _serve(peer, talk, **how):
    listener = peer.listener(**how)

    def serve():
        conn, name = peer.accept(listener)
        talk(conn, name)

    return serve


@server
def sink(peer, _):
    """reads to the end, and ends"""

    def talk(conn, _):
        peer.drain(conn)
        conn.close()

    return _serve(peer, talk)


@server
def sink6(peer, _):
    def talk(conn, _):
        peer.drain(conn)
        conn.close()

    return _serve(peer, talk, family=socket.AF_INET6, host="::1")


@server
def sink_after(peer, text):
    """sends twice, and reads to the end"""

    def talk(conn, _):
        for _ in range(2):
            conn.sendall(decode(text))
            time.sleep(0.1)
        peer.drain(conn)
        conn.close()

    return _serve(peer, talk)


@server
def echo(peer, _):
    def talk(conn, _):
        while data := conn.recv(65536):
            peer.seen += data
            conn.sendall(data)
        conn.close()

    return _serve(peer, talk)


@server
def sends(peer, text):
    """sends, ends its side, reads to the end"""

    def talk(conn, _):
        conn.sendall(decode(text))
        conn.shutdown(socket.SHUT_WR)
        peer.drain(conn)

    return _serve(peer, talk)


@server
def sends_much(peer, size):
    def talk(conn, _):
        conn.sendall(bytes(i * 7 % 251 for i in range(int(size))))
        conn.close()

    return _serve(peer, talk)


@server
def sends_and_waits(peer, text):
    """sends, and stays until the other end leaves"""

    def talk(conn, _):
        conn.sendall(decode(text))
        peer.drain(conn)

    return _serve(peer, talk)


@server
def answers(peer, text):
    """reads a line, answers, ends"""

    def talk(conn, _):
        while not peer.seen.endswith(b"\n"):
            data = conn.recv(65536)
            if not data:
                break
            peer.seen += data
        conn.sendall(decode(text))
        conn.close()

    return _serve(peer, talk)


@server
def answers_end(peer, text):
    """reads to the end, and only then answers"""

    def talk(conn, _):
        peer.drain(conn)
        conn.sendall(decode(text))
        conn.close()

    return _serve(peer, talk)


@server
def answers_late(peer, text):
    """reads to the end, and answers half a second later"""

    def talk(conn, _):
        peer.drain(conn)
        time.sleep(0.5)
        conn.sendall(decode(text))
        conn.close()

    return _serve(peer, talk)


@server
def answers_slowly(peer, text):
    """reads to the end, and answers in parts, with pauses"""

    def talk(conn, _):
        peer.drain(conn)
        for part in text.split("|"):
            time.sleep(0.6)
            conn.sendall(decode(part))
        conn.close()

    return _serve(peer, talk)


@server
def resets(peer, _):
    def talk(conn, _):
        conn.recv(1)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.close()

    return _serve(peer, talk)


@server
def names(peer, what):
    """what the address of the client is: host or port"""

    def talk(conn, name):
        peer.seen = str(name[0] if what == "host" else name[1] == peer.port2).encode()
        conn.close()

    return _serve(peer, talk)


@server
def answers_at_once(peer, text):
    """sends, ends both sides"""

    def talk(conn, _):
        conn.sendall(decode(text))
        conn.close()
        until_ended(peer)

    return _serve(peer, talk)


@server
def lines_apart(peer, _):
    """whether half a second and more passed between two lines"""

    def talk(conn, _):
        times, data = [], b""
        while more := conn.recv(65536):
            data += more
            times.append(time.monotonic())
        peer.seen = data + (b" apart" if len(times) > 1 and times[-1] - times[0] > 0.5 else b" together")
        conn.close()

    return _serve(peer, talk)


@server
def telnet(peer, _):
    """asks for an option, and keeps the answer"""

    def talk(conn, _):
        conn.sendall(b"\xff\xfd\x18\xff\xfb\x01login: ")
        peer.seen = exactly(conn, 6)
        # nc answers once more, and fails, where it has not written what came before the end
        time.sleep(0.3 * SLOWNESS)
        conn.close()

    return _serve(peer, talk)


@server
def full(peer, _):
    """has no room for a client: nobody answers"""
    listener = peer.listener(backlog=0)
    for _ in range(4):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", peer.port))
        peer.open.append(s)
    time.sleep(0.05)
    return lambda: listener


@server
def two(peer, _):
    """two ports, a client each"""
    first, second = peer.listener(), peer.listener(port=peer.port2)

    def serve():
        for listener in (first, second):
            conn, _ = peer.accept(listener)
            conn.sendall(b"port ")
            peer.drain(conn)
            conn.close()

    return serve


@server
def accepts(peer, count):
    """accepts so many connections, and reads them"""
    listener = peer.listener()

    def serve():
        for _ in range(int(count or 1)):
            conn, _ = peer.accept(listener)
            peer.drain(conn)
            peer.seen += b"."

    return serve


@server
def taken(peer, _):
    """port2 is taken, and nobody shares it"""
    s = socket.socket()
    s.bind(("0.0.0.0", peer.port2))
    s.listen()
    peer.open.append(s)
    return lambda: None


@server
def udp_sink(peer, size):
    """keeps datagrams, each behind its length, until so many bytes have come"""
    s = peer.listener(kind=socket.SOCK_DGRAM)

    def serve():
        count = 0
        while count < int(size):
            data = s.recv(65536)
            peer.seen += b"%d:%s;" % (len(data), data)
            count += len(data)

    return serve


@server
def udp_keeps(peer, _):
    """keeps what comes until nc has left"""
    s = peer.listener(kind=socket.SOCK_DGRAM)

    def serve():
        until(lambda: peer.process is not None and peer.process.poll() is not None, "nc stays", 2 * PATIENCE)
        s.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                peer.seen += s.recv(65536)

    return serve


@server
def udp_last(peer, _):
    """keeps the datagrams that are no probes"""
    s = peer.listener(kind=socket.SOCK_DGRAM)

    def serve():
        while not peer.seen:
            peer.seen = s.recv(65536).replace(b"X", b"")

    return serve


@server
def udp_answers(peer, text):
    s = peer.listener(kind=socket.SOCK_DGRAM)

    def serve():
        data, name = s.recvfrom(65536)
        peer.seen = data
        for part in text.split("|"):
            s.sendto(decode(part), name)

    return serve


@server
def unix_sink(peer, name):
    listener = peer.listener(family=socket.AF_UNIX, host=_unix(peer, name))

    def serve():
        conn, _ = peer.accept(listener)
        with contextlib.suppress(OSError):
            conn.sendall(b"hello from unix\n")
            conn.shutdown(socket.SHUT_WR)
        peer.drain(conn)

    return serve


@server
def unix_stale(peer, name):
    peer.listener(family=socket.AF_UNIX, host=_unix(peer, name)).close()
    return lambda: None


@server
def unix_dgram(peer, name):
    s = peer.listener(family=socket.AF_UNIX, host=_unix(peer, name), kind=socket.SOCK_DGRAM)

    def serve():
        data, who = s.recvfrom(65536)
        peer.seen = data
        if who:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):  # one that only sends is gone
                s.sendto(b"answer\n", who)

    return serve


def _unix(peer, name):
    return "\0" + name[1:] if name.startswith("@") else f"{peer.folder}/{name}"


@server
def socks5(peer, how):
    """a SOCKS5 proxy that connects to nobody, and says what it was asked for"""

    def talk(conn, _):
        peer.seen = conn.recv(3)[:1]
        conn.sendall(b"\x05\x00")
        head = exactly(conn, 4)
        kind = head[3]
        size = {1: 4, 4: 16}.get(kind) or conn.recv(1)[0]
        peer.seen += head + exactly(conn, size + 2)
        code = int(how or 0)
        conn.sendall(bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0)))
        if code == 0:
            conn.sendall(b"through\n")
            conn.shutdown(socket.SHUT_WR)
            peer.drain(conn)
        conn.close()

    return _serve(peer, talk)


@server
def socks4(peer, how):
    def talk(conn, _):
        head = exactly(conn, 8)
        peer.seen = head
        while conn.recv(1) not in (b"\0", b""):
            pass
        conn.sendall(bytes((0, int(how or 90), 0, 0, 0, 0, 0, 0)))
        if not how:
            conn.sendall(b"through\n")
            conn.shutdown(socket.SHUT_WR)
            peer.drain(conn)
        conn.close()

    return _serve(peer, talk)


@server
def http_proxy(peer, status):
    def talk(conn, _):
        head = b""
        while b"\r\n\r\n" not in head:
            more = conn.recv(65536)
            if not more:
                return
            head += more
        peer.seen = head.split(b" HTTP")[0]
        conn.sendall(f"HTTP/1.0 {status or '200 OK'}\r\n\r\n".encode())
        if not status:
            conn.sendall(b"through\n")
            conn.shutdown(socket.SHUT_WR)
            head = peer.seen
            peer.drain(conn)
        conn.close()

    return _serve(peer, talk)


def _read_head(conn):
    head = b""
    while b"\r\n\r\n" not in head:
        more = conn.recv(65536)
        if not more:
            break
        head += more
    return head


def _lets_through(peer, conn):
    conn.sendall(b"HTTP/1.0 200 OK\r\n\r\nthrough\n")
    conn.shutdown(socket.SHUT_WR)
    peer.drain(conn)
    conn.close()


@server
def http_basic(peer, login):
    """an HTTP proxy that asks for a login, and keeps whether it got that one"""
    listener = peer.listener()
    wanted = b"Basic " + base64.b64encode(login.encode())

    def serve():
        for _ in range(2):
            conn, _ = peer.accept(listener)
            head = _read_head(conn)
            if wanted in head:
                peer.seen += b"right "
                _lets_through(peer, conn)
                return
            conn.sendall(b'HTTP/1.0 407 No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n')
            conn.close()

    return serve


@server
def http_digest(peer, _):
    """an HTTP proxy that asks for Digest, and keeps which fields the answer has"""
    listener = peer.listener()

    def serve():
        for _ in range(2):
            conn, _ = peer.accept(listener)
            head = _read_head(conn)
            if b"Digest" in head:
                fields = dict(re.findall(rb'(\w+)="?([^",\r]*)', head.split(b"Digest ")[1]))
                peer.seen += b"%s %s %s " % (fields[b"username"], fields[b"realm"], fields[b"nonce"])
                a1 = hashlib.md5(b"me:x:secret").hexdigest()
                a2 = hashlib.md5(b"CONNECT:" + fields[b"uri"]).hexdigest()
                parts = [a1, *(fields[k].decode() for k in (b"nonce", b"nc", b"cnonce", b"qop")), a2]
                right = hashlib.md5(":".join(parts).encode()).hexdigest().encode() == fields[b"response"]
                peer.seen += b"right " if right else b"wrong "
                _lets_through(peer, conn)
                return
            conn.sendall(b'HTTP/1.0 407 No\r\nProxy-Authenticate: Digest realm="x", nonce="abc", qop="auth"\r\n\r\n')
            conn.close()

    return serve


# --- peers of servers: nc listens, then they come ---


def _connect(peer, host="127.0.0.1", source=None):
    made = []

    def tried():
        # a program may listen for one family before it does for the other
        with contextlib.suppress(ConnectionRefusedError if peer.process.poll() is None else ()):
            made.append(socket.create_connection((host, peer.port), PATIENCE, (source, 0) if source else None))
        return made

    until(lambda: is_listening(peer.port) or peer.process.poll() is not None, "nobody listens")
    until(tried, "nobody listens")
    peer.open.append(made[0])
    return made[0]


def _is_read(peer, s):
    """nc has read what s has sent"""
    me = s.getsockname()[1]
    until(lambda: not _queued(("tcp", "tcp6"), peer.port, lambda port, state: port == me and state != "0A"), "it does not read")
    time.sleep(0.05 * SLOWNESS)


def _are_accepted(peer):
    """nc has accepted all that are connected"""
    until(lambda: not _queued(("tcp", "tcp6"), peer.port, lambda _, state: state == "0A"), "it does not accept")
    time.sleep(0.05 * SLOWNESS)


def _are_received(peer):
    """nc has read all datagrams"""
    until(lambda: not _queued(("udp", "udp6"), peer.port) or peer.process.poll() is not None, "it does not receive")
    time.sleep(0.1 * SLOWNESS)


def _end(peer):
    """ends nc, which may be about to end by itself"""
    with contextlib.suppress(subprocess.TimeoutExpired):
        peer.process.wait(0.6 * SLOWNESS)
    peer.process.terminate()


def comes(peer, text):
    """sends, ends its side, reads to the end"""
    s = _connect(peer)
    s.sendall(decode(text))
    s.shutdown(socket.SHUT_WR)
    peer.drain(s)
    s.close()


def comes6(peer, text):
    s = _connect(peer, "::1")
    s.sendall(decode(text))
    s.shutdown(socket.SHUT_WR)
    peer.drain(s)
    s.close()


def comes_with_much(peer, size):
    s = _connect(peer)
    s.sendall(bytes(i * 7 % 251 for i in range(int(size))))
    s.shutdown(socket.SHUT_WR)
    peer.drain(s)
    s.close()


def reads(peer, size):
    """reads so many bytes, and leaves"""
    s = _connect(peer)
    while len(peer.seen) < int(size):
        data = s.recv(65536)
        if not data:
            peer.seen += b"<end>"
            break
        peer.seen += data
    s.close()


def reads_to_end(peer, _):
    s = _connect(peer)
    peer.drain(s)
    peer.seen += b"<end>"
    s.close()


def reads_twice(peer, _):
    """two clients, one after the other, that read four bytes; then the server is ended"""
    for _ in range(2):
        s = _connect(peer)
        peer.seen += exactly(s, 4) + b"."
        s.close()
    peer.process.terminate()


def reads_and_stays(peer, _):
    """reads to the end, and leaves only when the other end is over"""
    s = _connect(peer)
    peer.drain(s)
    peer.seen += b"<end>"
    until_ended(peer)
    s.close()


def asks_and_reads_to_end(peer, text):
    """sends, and leaves only when the other end has ended its side, as curl does"""
    s = _connect(peer)
    s.sendall(decode(text))
    peer.drain(s)
    peer.seen += b"<end>"
    s.close()


def asks_for_no_end(peer, text):
    """sends; the other end does not end its side; then the server is ended"""
    s = _connect(peer)
    s.sendall(decode(text))
    _is_read(peer, s)
    s.settimeout(0.6)
    try:
        peer.seen += s.recv(65536) or b"<end>"
    except TimeoutError:
        peer.seen += b"<open>"
    peer.process.terminate()


def reads_to_end_of_many(peer, _):
    """a client of many that reads to the end; then the server is ended"""
    reads_to_end(peer, "")
    peer.process.terminate()


def waits(peer, text):
    """sends, and stays until the other end leaves"""
    s = _connect(peer)
    s.sendall(decode(text))
    peer.drain(s)


def comes_twice(peer, text):
    """two clients, one after the other; then the server is ended"""
    for part in text.split("|"):
        s = _connect(peer)
        s.sendall(decode(part))
        s.shutdown(socket.SHUT_WR)
        peer.drain(s)
        s.close()
    peer.seen += b"."
    time.sleep(0.1)
    peer.process.terminate()


def comes_together(peer, text, serial=True):
    """two clients at a time, the second speaks first: one after the other is served"""
    first, second = _connect(peer), _connect(peer)
    one, other = text.split("|")
    second.sendall(decode(other))
    second.shutdown(socket.SHUT_WR)
    time.sleep(0.1)
    if not serial:
        _is_read(peer, second)
    first.sendall(decode(one))
    first.shutdown(socket.SHUT_WR)
    peer.drain(first)
    first.close()
    peer.drain(second)
    time.sleep(0.1)
    peer.process.terminate()


def comes_side_by_side(peer, text):
    """the same where both are served: the second has been heard when the first speaks"""
    comes_together(peer, text, serial=False)


def exactly(conn, n):
    """reads n bytes, fewer at the end; with a time-out, MSG_WAITALL does not wait"""
    data = b""
    while len(data) < n and (part := conn.recv(n - len(data))):
        data += part
    return data


def _ask(peer, s, text):
    """sends, and waits for as many bytes"""
    s.sendall(decode(text))
    answer = exactly(s, len(decode(text)))
    peer.seen += answer


def asks(peer, text):
    """sends, reads an answer of the same length, leaves"""
    s = _connect(peer)
    _ask(peer, s, text)
    s.close()


def asks_twice(peer, text):
    """two clients, one after the other; then the server is ended"""
    for part in text.split("|"):
        s = _connect(peer)
        _ask(peer, s, part)
        s.close()
    peer.process.terminate()


def asks_together(peer, text):
    """two clients at a time, the second speaks first"""
    first, second = _connect(peer), _connect(peer)
    one, other = text.split("|")
    _ask(peer, second, other)
    _ask(peer, first, one)
    first.close()
    second.close()
    peer.process.terminate()


def is_turned_away(peer, text):
    """a client that is not served; then the server is ended"""
    with contextlib.suppress(OSError):
        s = _connect(peer)
        s.sendall(decode(text))
        s.shutdown(socket.SHUT_WR)
        peer.drain(s)
    peer.seen += b"<end>"
    peer.process.terminate()


def talk_together(peer, text):
    """two clients; what the first sends the second reads"""
    first, second = _connect(peer), _connect(peer)
    _are_accepted(peer)
    first.sendall(decode(text))
    with contextlib.suppress(OSError):
        peer.seen = second.recv(65536)
    peer.process.terminate()


def _origin(peer):
    """a web server behind the proxy, for one client"""
    listener = peer.listener(port=peer.port2)

    def serve():
        with contextlib.suppress(OSError):
            conn, _ = peer.accept(listener)
            head = conn.recv(65536)
            peer.seen += head.split(b"\r\n")[0] + b"|"
            body = b"" if head.startswith(b"HEAD") else b"origin"
            conn.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\n" + body)
            conn.close()

    threading.Thread(target=serve, daemon=True).start()


def _proxy_answer(peer, request):
    s = _connect(peer)
    s.sendall(request)
    data = b""
    with contextlib.suppress(OSError):
        while more := s.recv(65536):
            data += more
            # the connection stays, for another attempt
            if b"\r\n\r\n" in data and b" 407 " in data.split(b"\r\n")[0]:
                break
            if data.endswith(b"\r\n\r\n") and b" 200 " in data and request.startswith(b"CONNECT"):
                s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    head, _, body = data.partition(b"\r\n\r\n")
    status = head.split(b" ")[1] if b" " in head else head
    schemes = [name for name in (b"Basic", b"Digest") if re.search(rb"(?im)^proxy-authenticate:.*" + name, head)]
    peer.seen += status + b" " + b",".join(schemes) + (b" " + body[-6:] if status == b"200" else b"")
    peer.process.terminate()


def asks_proxy(peer, how):
    """a request with a method, and maybe a login; keeps the status and the body"""
    method, _, login = how.partition(" ")
    _origin(peer)
    target = f"127.0.0.1:{peer.port2}" if method == "CONNECT" else f"http://127.0.0.1:{peer.port2}/"
    head = f"{method} {target} HTTP/1.0\r\n"
    if login:
        head += f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}\r\n"
    if method == "POST":
        head += "Content-Length: 2\r\n\r\nhi"
    else:
        head += "\r\n"
    _proxy_answer(peer, head.encode())
    peer.seen = re.sub(rb"[0-9]{5}", b"N", peer.seen)


def asks_proxy_raw(peer, text):
    _proxy_answer(peer, decode(text))
    peer.seen = peer.seen[:4]


def resets_server(peer, text):
    s = _connect(peer)
    s.sendall(decode(text))
    _is_read(peer, s)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def looks(peer, _):
    """listens nc at all? then it is ended"""
    until(lambda: is_listening(peer.port) or peer.process.poll() is not None, "nobody listens")
    peer.seen = b"listens" if is_listening(peer.port) else b"does not"
    peer.process.terminate()


def _bound(peer):
    until(lambda: is_listening(peer.port, udp=True) or peer.process.poll() is not None, "nobody is bound")


def _send_datagram(s, data):
    """also where nc is bound for IPv6 a moment before it is for IPv4"""

    def tried():
        with contextlib.suppress(ConnectionRefusedError):
            s.send(data)
            return s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0

    until(tried, "nobody receives")


def udp_comes(peer, text):
    """sends datagrams from one socket, reads answers until nc leaves, or is ended"""
    _bound(peer)
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", peer.port))
        for part in text.split("|"):
            _send_datagram(s, decode(part))
        _are_received(peer)
        s.settimeout(0.4 * SLOWNESS)
        with contextlib.suppress(OSError):
            while True:
                peer.seen += s.recv(65536)
    _end(peer)


def udp_asks(peer, text):
    """sends a datagram, reads one, each behind its length; then nc is ended"""
    _bound(peer)
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", peer.port))
        _send_datagram(s, decode(text))
        s.settimeout(PATIENCE)
        data = s.recv(65536)
        peer.seen = b"%d:%s" % (len(data), data)
    os.killpg(peer.process.pid, signal.SIGTERM)


def udp_comes_and_waits(peer, text):
    _bound(peer)
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", peer.port))
        for part in text.split("|"):
            _send_datagram(s, decode(part))
        until_ended(peer)


def udp_two_senders(peer, text):
    """datagrams of two sockets, in turn"""
    _bound(peer)
    socks = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
    for s in socks:
        s.connect(("127.0.0.1", peer.port))
    for i, part in enumerate(text.split("|")):
        if i == 0:
            _send_datagram(socks[0], decode(part))
        else:
            with contextlib.suppress(ConnectionRefusedError):
                socks[i % 2].send(decode(part))
        _are_received(peer)
    for s in socks:
        s.close()
    peer.process.terminate()


def _unix_connect(peer, name, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_UNIX, kind)
    s.settimeout(PATIENCE)
    peer.open.append(s)

    def tried():
        if peer.process.poll() is not None:
            return True
        with contextlib.suppress(OSError):
            peer.mode = os.stat(_unix(peer, name)).st_mode & 0o777
            s.connect(_unix(peer, name))
            return True
        return False

    until(tried, "nobody listens")
    return s


def unix_comes(peer, text):
    name, text = text.split("|")
    s = _unix_connect(peer, name)
    s.sendall(decode(text))
    s.shutdown(socket.SHUT_WR)
    peer.drain(s)


def unix_reads(peer, name):
    s = _unix_connect(peer, name)
    peer.drain(s)


def unix_comes_twice(peer, text):
    name, *parts = text.split("|")
    for part in parts:
        s = _unix_connect(peer, name)
        s.sendall(decode(part))
        s.shutdown(socket.SHUT_WR)
        peer.drain(s)
        s.close()
    time.sleep(0.1)
    peer.process.terminate()


def unix_dgram_comes(peer, text):
    name, text = text.split("|")
    s = _unix_connect(peer, name, socket.SOCK_DGRAM)
    s.send(decode(text))
    until(lambda: not fcntl.ioctl(s, termios.TIOCOUTQ, b"\0\0\0\0").strip(b"\0"), "it does not receive")
    time.sleep(0.2)
    _end(peer)


def unix_mode(peer, name):
    """the mode of a path at the moment it could be connected to: a server of one client removes it then"""
    s = _unix_connect(peer, name)
    peer.seen = oct(peer.mode).encode()
    s.close()


def ends(peer, seconds):
    """ends nc after a while"""
    with contextlib.suppress(subprocess.TimeoutExpired):
        peer.process.wait(float(seconds))
        return
    peer.seen = b"still there"
    peer.process.terminate()


def _echo_at(peer, **how):
    """an echo for one client, at another address"""
    listener = peer.listener(**how)

    def serve():
        with contextlib.suppress(OSError):
            conn, _ = peer.accept(listener)
            while data := conn.recv(65536):
                conn.sendall(data)
            conn.close()

    threading.Thread(target=serve, daemon=True).start()


def relays(peer, text):
    """there is an echo at port2; a client asks it through us"""
    _echo_at(peer, port=peer.port2)
    asks_twice(peer, text)


def relays_unix(peer, text):
    _echo_at(peer, family=socket.AF_UNIX, host=_unix(peer, "s"))
    asks_twice(peer, text)


def relays_udp(peer, text):
    with peer.listener(port=peer.port2, kind=socket.SOCK_DGRAM) as echo:

        def serve():
            with contextlib.suppress(OSError):
                data, name = echo.recvfrom(65536)
                echo.sendto(data, name)

        threading.Thread(target=serve, daemon=True).start()
        udp_comes(peer, text)


# --- TLS ---


def _certificate(top):
    """makes cert.pem and key.pem for localhost, where openssl is installed"""
    if shutil.which("openssl"):
        words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 9 -subj /CN=localhost"
        words += f" -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout {top}/key.pem -out {top}/cert.pem"
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True)


def _tls_serve(peer, talk):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    top = pathlib.Path(peer.folder).parent
    context.load_cert_chain(top / "cert.pem", top / "key.pem")
    context.set_alpn_protocols(["one", "two"])
    names = []
    context.sni_callback = lambda _, name, __: names.append(name)

    def secured(conn, _):
        with context.wrap_socket(conn, server_side=True, suppress_ragged_eofs=True) as s:
            talk(s, names)

    return _serve(peer, secured)


@server
def tls_answers(peer, text):
    """reads a line, answers, ends"""

    def talk(s, _):
        while not peer.seen.endswith(b"\n"):
            peer.seen += s.recv(65536)
        s.sendall(decode(text))
        with contextlib.suppress(OSError):
            s.unwrap()

    return _tls_serve(peer, talk)


@server
def tls_names(peer, _):
    """keeps which name and protocol the client asks for"""

    def talk(s, names):
        s.recv(65536)
        peer.seen = f"{names} {s.selected_alpn_protocol()}".encode()
        with contextlib.suppress(OSError):
            s.unwrap()

    return _tls_serve(peer, talk)


@server
def tls_refused(peer, _):
    """the client does not like the certificate"""

    def talk(s, _):
        peer.drain(s)

    serve = _tls_serve(peer, talk)

    def refused():
        with contextlib.suppress(OSError):
            serve()

    return refused


def tls_asks(peer, text):
    """sends a line, reads a line, leaves"""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(_connect(peer)) as s:
        s.sendall(decode(text))
        while not peer.seen.endswith(b"\n"):
            data = s.recv(65536)
            if not data:
                break
            peer.seen += data
        with contextlib.suppress(OSError):
            s.unwrap()


# --- a run ---------------------------------------------------------------------


def command_of(c, folder, tool, fill):
    env = {"PATH": f"{tool}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LC_ALL": "C"}
    env |= {k: os.environ[k] for k in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if k in os.environ}
    if c.shell:
        return ["/bin/bash", "-c", c.shell.format(**fill)], env
    return [NAME, *(word.format(**fill).replace("\\_", " ") for word in c.args.split())], env


def stdin_of(c):
    if c.stdin == "null":
        return subprocess.DEVNULL
    return subprocess.PIPE


def normalize(text, port_words):
    text = text.decode("latin-1")
    text = re.sub(r"usage: nc .*?\n(?=\S|\Z)", "USAGE\n", text, flags=re.S)
    text = re.sub(r"OpenBSD netcat.*", "HELP\n", text, flags=re.S)
    text = re.sub(r"SHA-\d+ fingerprint: .*", "FINGERPRINT", text)
    for word in port_words:
        text = text.replace(word, "DIR")
    return re.sub(r"[0-9]+", "N", text)


def run(c, tool, folder):
    ports = {"port": free_port(), "port2": free_port(), "closed": free_port(), "dir": folder}
    ports |= {"some": 3 * SLOWNESS}
    ports |= {"cert": f"{pathlib.Path(folder).parent}/cert.pem", "key": f"{pathlib.Path(folder).parent}/key.pem"}
    peer_name, _, argument = c.peer.format(**ports).replace("\\_", " ").partition(" ")
    function = globals()[peer_name] if peer_name else None
    peer = Peer(ports["port"], ports["port2"], folder, None)
    first = function is not None and getattr(function, "starts_first", False)
    serve = function(peer, argument) if first else None
    words, env = command_of(c, folder, tool, ports)
    # until it runs, a child has the sockets that others are about to close: a port would be taken, a path not stale
    with _lock:
        process = subprocess.Popen(
            words,
            executable=f"{tool}/{NAME}" if words[0] == NAME else None,
            env=env,
            cwd=folder,
            stdin=stdin_of(c),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    peer.process = process
    failure = []

    def work():
        try:
            (serve if first else (lambda: function(peer, argument)))()
        except Exception as e:  # the result of the case
            failure.append(f"{type(e).__name__}: {e}")

    thread = threading.Thread(target=work)
    if function is not None:
        thread.start()
    held = None
    if c.stdin is None:
        held = os.dup(process.stdin.fileno())
    try:
        data = c.stdin if isinstance(c.stdin, bytes) else b""
        out, err = process.communicate(data, timeout=PATIENCE)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        status = "stays"
    if held is not None:
        os.close(held)
    if function is not None:
        thread.join(0 if status == "stays" else 2)
        for s in list(peer.open) if thread.is_alive() else ():
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)
    peer.close()
    return {
        "status": status,
        "stdout": out,
        "stderr": normalize(err, [folder]),
        "peer": peer.seen,
        "failure": failure[0] if failure else "",
    }


def is_newer(tool):
    """the original is newer than the table"""
    if not VERSION:
        return False
    words = [tool, "-h"] if NAME == "nc" else [tool, "--version"]
    text = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, check=False).stderr.decode()
    found = re.search(r"(?:patchlevel|Version) (\d+)\.(\d+)", text)
    return found is not None and tuple(map(int, found.groups())) > tuple(map(int, VERSION.split(".")))


def judge(c, tool, ours, top, newer=False):
    """what is wrong with a case, or nothing"""
    other = c.newer if newer else None
    results = []
    for i, which in enumerate((tool, ours)):
        folder = tempfile.mkdtemp(dir=top)
        try:
            results.append(run(c, which, folder))
        except OSError as e:
            return f"  the peer could not be made: {e}"
        shutil.rmtree(folder, ignore_errors=True)
    theirs, got = results
    wanted = {key: (theirs | (other or {}) | c.ours)[key] for key in COMPARED}
    wrong = [f"  {key}: {wanted[key]!r:.600}\n    not: {got[key]!r:.600}" for key in wanted if got[key] != wanted[key]]
    if c.differs and not c.sometimes and other is None and not wrong and all(theirs[key] == got[key] for key in COMPARED):
        wrong = ["  it says that usock differs, and it does not"]
    return "\n".join(wrong)


def main():
    tool, ours, table, *parts = sys.argv[1:]
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    sys.dont_write_bytecode = True
    sys.modules["netcat"] = sys.modules["__main__"]
    module = importlib.import_module(table)
    globals()["NAME"] = getattr(module, "NAME", NAME)
    globals()["COMPARED"] = getattr(module, "COMPARED", COMPARED)
    globals()["VERSION"] = getattr(module, "VERSION", VERSION)
    cases = [c for c in module.CASES if not parts or c.part in parts]
    if os.environ.get("CASE"):
        cases = [c for c in cases if os.environ["CASE"] in c.name]
    top = tempfile.mkdtemp()
    for name, path in (("theirs", tool), ("ours", ours)):
        os.mkdir(f"{top}/{name}")
        os.symlink(os.path.realpath(path), f"{top}/{name}/{NAME}")
    _certificate(top)
    newer = is_newer(tool)
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        faults = list(pool.map(lambda c: judge(c, f"{top}/theirs", f"{top}/ours", top, newer), cases))
    # The original loses races, too, where the machine is busy: what failed counts if it fails alone.
    again = [i for i, fault in enumerate(faults) if fault]
    for i in again if len(again) <= 5 else []:
        print(f"{cases[i].part}: {cases[i].name}: once more, alone\n{faults[i]}")
        faults[i] = judge(cases[i], f"{top}/theirs", f"{top}/ours", top, newer)
    shutil.rmtree(top, ignore_errors=True)
    for c, fault in zip(cases, faults):
        if fault:
            print(f"{c.part}: {c.name}: {NAME} {c.args}{c.shell}\n{fault}")
    failed = sum(bool(f) for f in faults)
    print(f"{len(cases)} cases, {failed} failed, {sum(bool(c.differs) for c in cases)} differ on purpose")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
