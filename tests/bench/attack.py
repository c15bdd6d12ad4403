#!/usr/bin/env python3
"""Clients that mean no good, and how a server of usock serves the others meanwhile.

    attack.py USOCK SECONDS [ATTACK...]   each ATTACK for SECONDS against each server that it fits, in turn;
                                          "all", the default: all of them at once against all servers
    attack.py USOCK count N               N connections in turn: descriptors, memory and children stay flat
    attack.py USOCK exhaust               more clients than descriptors: no busy loop, and all are served

A line for each: the round trips of a client beside the attack in ms, and what the server holds before and
after. Exit status 1 if a round trip takes longer than LIMIT ms (default 50, USOCK_ATTACK_LIMIT) or something
stays behind.
"""
import ctypes
import multiprocessing
import os
import pathlib
import random
import resource
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import time

LIMIT = float(os.environ.get("USOCK_ATTACK_LIMIT", "50")) / 1000
CLIENTS = 200  # of one attack at a time
PROXY_V1 = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n"
RESET = struct.pack("ii", 1, 0)
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


# --- servers -------------------------------------------------------------------

# name: options, and what a client sends first
SERVERS = {
    "echo": (["--echo"], b""),
    "tls": (["--tls", "--self-signed", "--echo"], b"tls"),
    "proxied": (["--proxy-protocol", "--echo"], PROXY_V1),
    "program": (["--max-children", "300", "--", "cat"], b""),
    "discard": (["--discard"], b""),
}


class Server:
    def __init__(self, usock, kind, folder, descriptors=None):
        self.kind = kind
        self.first = SERVERS[kind][1]
        ready = folder / (kind + ".ready")
        self.errors = open(folder / (kind + ".err"), "wb")

        def prepare():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # it never outlives the attacker
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self.process = subprocess.Popen(
            [usock, "listen", "-k", "--quiet", "--ready-file", ready, "127.0.0.1", "0", *SERVERS[kind][0]],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors, preexec_fn=prepare)
        until = time.monotonic() + 30
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{kind}: the server does not start")
            time.sleep(0.01)
        self.port = int(ready.read_text().rsplit(":", 1)[1])
        ready.unlink()

    def connect(self, speaks=True, timeout=30):
        s = socket.create_connection(("127.0.0.1", self.port), timeout)
        if not speaks:
            return s
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.first == b"tls":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context.wrap_socket(s)
        s.sendall(self.first)
        return s

    def answers(self):
        return self.kind != "discard"

    # what it holds: descriptors, KiB of memory, children
    def holds(self):
        proc = pathlib.Path(f"/proc/{self.process.pid}")
        memory = next(int(line.split()[1]) for line in (proc / "status").read_text().splitlines() if line.startswith("VmRSS"))
        children = (proc / "task" / str(self.process.pid) / "children").read_text().split()
        return len(list((proc / "fd").iterdir())), memory, len(children)

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None
        finally:
            self.errors.close()


# --- attacks: each runs in a process of its own, until the time is over ---------

def keep(conns, conn, limit=CLIENTS):
    conns.append(conn)
    if len(conns) > limit:
        conns.pop(random.randrange(limit)).close()


def half_open(server, until):
    """connections that say nothing, and stay"""
    conns = []
    while time.monotonic() < until:
        keep(conns, server.connect(speaks=False))
        time.sleep(0.002)


def trickle(server, until):
    """a byte now and then"""
    conns = [server.connect(speaks=False) for _ in range(CLIENTS)]
    while time.monotonic() < until:
        for conn in conns:
            try:
                conn.send(b"P")
            except OSError:
                pass
        time.sleep(min(1, max(0, until - time.monotonic())))


def resets(server, until):
    """a reset in every state: at once, after a byte, after a part, after the end, while receiving"""
    turn = 0
    while time.monotonic() < until:
        turn += 1
        try:
            conn = server.connect(speaks=turn % 2 == 0 and server.first != b"tls")
            if turn % 5 > 0:
                conn.send(b"x" * (1, 1, 1000, 100000, 1)[turn % 5])
            if turn % 5 == 2:
                conn.shutdown(socket.SHUT_WR)
            if turn % 5 == 3:
                conn.recv(10)
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            conn.close()
        except OSError:
            pass
        if turn % 20 == 0:
            time.sleep(0.005)


def deaf(server, until):
    """sends as much as is taken, and reads nothing"""
    conns, block = [], b"x" * 262144
    while time.monotonic() < until:
        if len(conns) < 8:
            conn = server.connect()
            conn.setblocking(False)
            conns.append(conn)
        for conn in conns:
            try:
                conn.send(block)
            except OSError:
                pass
        time.sleep(0.01)


def client_hello():
    inner, outer = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.wrap_bio(inner, outer).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outer.read()


def stall(server, until):
    """what comes first, up to each byte, and then silence"""
    opening = client_hello() if server.first == b"tls" else server.first
    conns, at = [], 0
    while time.monotonic() < until:
        conn = server.connect(speaks=False)
        conn.send(opening[:at % len(opening)])
        keep(conns, conn, 2 * CLIENTS)
        at += 1
        time.sleep(0.002)


def garbage(server, until):
    """anything but what comes first"""
    while time.monotonic() < until:
        try:
            conn = server.connect(speaks=False)
            conn.sendall(random.randbytes(random.choice((1, 20, 3000))))
            conn.settimeout(0.02)
            conn.recv(100)
        except OSError:
            pass
        conn.close()
        time.sleep(0.002)


def churn(server, until):
    """as many connections as it takes"""
    while time.monotonic() < until:
        for _ in range(50):
            try:
                server.connect(speaks=False).close()
            except OSError:
                pass
        time.sleep(0.005)


# attack: the servers that it is about
ATTACKS = {
    half_open: SERVERS,
    trickle: SERVERS,
    resets: SERVERS,
    deaf: ("echo", "tls", "proxied", "discard"),
    stall: ("tls", "proxied"),
    garbage: ("tls", "proxied"),
    churn: SERVERS,
}


# --- the others ----------------------------------------------------------------

def round_trips(server, until):
    """what a client beside the attack sees"""
    times = []
    conn = server.connect(timeout=300)  # where all children are taken, the next client waits until one is free
    while not times or time.monotonic() < until:
        began = time.monotonic()
        if server.answers():
            conn.sendall(b"ping" * 16)
            got = 0
            while got < 64:
                part = conn.recv(64 - got)
                if not part:
                    raise SystemExit(f"{server.kind}: the client beside the attack was ended")
                got += len(part)
        else:
            conn.sendall(b"ping" * 16)
        times.append(time.monotonic() - began)
        time.sleep(0.01)
    conn.close()
    return times


def start(attack, server, until):
    process = multiprocessing.get_context("fork").Process(target=attack, args=(server, until), daemon=True)
    process.start()
    return process


def settled(server, before, seconds=15):
    """waits until the server holds what it held; returns what it holds"""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        held = server.holds()
        if held[0] <= before[0] and held[2] <= before[2]:
            break
        time.sleep(0.05)
    return held


def report(what, server, times, before, after):
    times.sort()
    # all clients of an attack have buffers for a time, and the allocator keeps some of them
    flat = after[0] <= before[0] and after[2] <= before[2] and after[1] < 2 * before[1] + 30000
    worst = times[-1]
    print(f"{what:10} {server.kind:8} median {1000 * statistics.median(times):6.2f}  "
          f"p99 {1000 * times[len(times) * 99 // 100]:6.2f}  worst {1000 * worst:6.2f} ms  "
          f"descriptors {before[0]} {after[0]}  KiB {before[1]} {after[1]}  children {before[2]} {after[2]}", flush=True)
    return flat and worst < LIMIT and server.process.poll() is None


def run_attack(attack, server, seconds):
    round_trips(server, time.monotonic() + 0.1)
    before = settled(server, (4, 0, 0), 1)
    until = time.monotonic() + seconds
    attacker = start(attack, server, until)
    times = round_trips(server, until)
    attacker.terminate()
    attacker.join()
    return report(attack.__name__, server, times, before, settled(server, before))


def run_all(servers, seconds):
    for server in servers.values():
        round_trips(server, time.monotonic() + 0.1)
    before = {kind: settled(server, (4, 0, 0), 1) for kind, server in servers.items()}
    until = time.monotonic() + seconds
    attackers = [start(attack, servers[kind], until) for attack, kinds in ATTACKS.items() for kind in kinds if kind in servers]
    pool = multiprocessing.get_context("fork").Pool(len(servers))
    waiting = {kind: pool.apply_async(round_trips_of, (server.port, kind, until)) for kind, server in servers.items()}
    times = {kind: result.get() for kind, result in waiting.items()}
    pool.terminate()
    for attacker in attackers:
        attacker.terminate()
        attacker.join()
    return all([report("all", server, times[kind], before[kind], settled(server, before[kind])) for kind, server in servers.items()])


def round_trips_of(port, kind, until):
    server = Server.__new__(Server)
    server.port, server.kind, server.first = port, kind, SERVERS[kind][1]
    return round_trips(server, until)


# --- what is counted -----------------------------------------------------------

def count(usock, folder, n):
    good = True
    for kind in ("echo", "proxied"):
        server = Server(usock, kind, folder)
        held = []
        for i in range(n):
            conn = server.connect()
            if i % 3 == 0:
                conn.sendall(b"hello")
                conn.recv(5)
            if i % 3 != 1:
                conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            conn.close()
            if (i + 1) % max(1, n // 5) == 0:
                held.append(settled(server, held[0] if held else (4, 0, 0), 5))
        print(f"{kind}: {n} connections; descriptors, KiB, children: {held}", flush=True)
        good = good and held[-1][0] <= held[0][0] and held[-1][2] <= held[0][2] and held[-1][1] < held[0][1] + 4096
        server.stop()
    return good


def exhaust(usock, folder):
    server = Server(usock, "echo", folder, descriptors=32)
    conns = [server.connect() for _ in range(64)]
    first = conns[0]
    time.sleep(0.5)
    cpu, times = server.cpu(), []
    for _ in range(100):
        began = time.monotonic()
        first.sendall(b"ping")
        first.recv(4)
        times.append(time.monotonic() - began)
        time.sleep(0.01)
    cpu = server.cpu() - cpu
    for conn in conns[:40]:
        conn.close()
    last = conns[-1]
    last.sendall(b"last")
    served = last.recv(4) == b"last"
    print(f"exhaust: worst {1000 * max(times):.2f} ms, processor {100 * cpu:.0f} %, the last is served: {served}", flush=True)
    server.stop()
    return served and cpu < 0.5 and max(times) < LIMIT


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    usock = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if sys.argv[2] == "count":
            return count(usock, folder, int(sys.argv[3]))
        if sys.argv[2] == "exhaust":
            return exhaust(usock, folder)
        seconds = float(sys.argv[2])
        wanted = sys.argv[3:] or ["all"]
        unknown = set(wanted) - {attack.__name__ for attack in ATTACKS} - {"all"}
        if unknown:
            sys.exit(f"no such attack: {' '.join(unknown)}")
        servers = {kind: Server(usock, kind, folder) for kind in SERVERS}
        good = True
        for attack, kinds in ATTACKS.items():
            if attack.__name__ in wanted:
                for kind in kinds:
                    good = run_attack(attack, servers[kind], seconds) and good
        if "all" in wanted:
            good = run_all(servers, seconds) and good
        for server in servers.values():
            if server.stop() != 128 + signal.SIGTERM and server.process.returncode != -signal.SIGTERM:
                print(f"{server.kind}: status {server.process.returncode}")
                good = False
        return good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
