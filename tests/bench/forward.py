#!/usr/bin/env python3
"""Forwarders side by side, in one run: a stream through each, and small round trips.

usage: forward.py [--usock PATH] [--limit PATH] [--size BYTES] [--runs N] [--trips N] [TOOL...]

Each tool forwards 127.0.0.1 to a server of this program. Printed for each: MB/s and nanoseconds of processor time of the
forwarder for each KiB, the median of the runs; and median and 99th percentile of 64-byte round trips. --limit is
tests/bench/limit.c, a loop of the same calls and nothing else. What is measured on a machine where others work says little:
compare within one run.
"""
import argparse
import os
import queue
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

CHUNK = 1 << 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(port):
    end = time.monotonic() + 10
    while True:
        try:
            conn = socket.create_connection(("127.0.0.1", port))
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return conn
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def haproxy(port, target, splice):
    config = tempfile.NamedTemporaryFile("w", suffix=".cfg", delete=False)
    config.write(f"""
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    {"option splice-auto" if splice else ""}
listen forward
    bind 127.0.0.1:{port}
    server target 127.0.0.1:{target}
""")
    config.close()
    return ["haproxy", "-db", "-q", "-f", config.name]


def commands(args, port, target):
    found = {
        "usock": [args.usock, "listen", "-k", "--quiet", "--forward", f"127.0.0.1:{target}", "127.0.0.1", str(port)],
        "socat": ["socat", "-b262144", f"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,nodelay",
                  f"TCP4:127.0.0.1:{target},nodelay"],
        "ncat": ["ncat", "-k", "-l", "127.0.0.1", str(port), "--sh-exec", f"ncat 127.0.0.1 {target}"],
        "haproxy": haproxy(port, target, True),
    }
    if args.limit:
        found["plain C"] = [args.limit, "forward", str(port), str(target)]
    return {name: command for name, command in found.items() if shutil.which(command[0])}


def session_cpu(group):
    """Processor seconds of all processes of this group, and of their children that are reaped."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            total += sum(map(int, fields[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


arrived = queue.Queue()  # how many bytes each sink got: not every tool passes an answer on after our end


def sink(conn):
    data = bytearray(CHUNK)
    total = 0
    while n := conn.recv_into(data):
        total += n
    arrived.put(total)
    conn.close()


def echo(conn):
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := conn.recv(65536):
        conn.sendall(data)
    conn.close()


def serve(listener, handle):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=handle, args=(conn,), daemon=True).start()


def server(handle):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=serve, args=(listener, handle), daemon=True).start()
    return listener.getsockname()[1]


def bulk(port, size):
    data = bytes(CHUNK)
    conn = connect(port)
    begin = time.monotonic()
    for _ in range(size // CHUNK):
        conn.sendall(data)
    conn.shutdown(socket.SHUT_WR)
    if arrived.get(timeout=60) != size // CHUNK * CHUNK:
        raise RuntimeError("the stream was cut")
    took = time.monotonic() - begin
    conn.close()
    return took


def trips(port, n):
    conn = connect(port)
    message = b"x" * 64
    seen = []
    for _ in range(n):
        begin = time.perf_counter_ns()
        conn.sendall(message)
        left = 64
        while left:
            left -= len(conn.recv(left))
        seen.append((time.perf_counter_ns() - begin) / 1000)
    conn.close()
    seen.sort()
    return seen[n // 2], seen[n * 99 // 100]


class Forwarder:
    def __init__(self, command):
        self.process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def measure(args, name):
    rates, costs = [], []
    target = server(sink)
    port = free_port()
    with Forwarder(commands(args, port, target)[name]) as forwarder:
        bulk(port, CHUNK)
        for _ in range(args.runs):
            before = session_cpu(forwarder.process.pid)
            took = bulk(port, args.size)
            rates.append(args.size / took / 1e6)
            costs.append((session_cpu(forwarder.process.pid) - before) * 1e9 / (args.size / 1024))
    target = server(echo)
    port = free_port()
    with Forwarder(commands(args, port, target)[name]):
        median, late = trips(port, args.trips)
    print(f"{name:10} {statistics.median(rates):8.0f} MB/s {statistics.median(costs):8.0f} ns/KiB"
          f" {median:8.1f} us {late:8.1f} us (99 %)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--usock", default="usock")
    parser.add_argument("--limit", help="the program of limit.c")
    parser.add_argument("--size", type=int, default=1 << 30)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--trips", type=int, default=20000)
    parser.add_argument("tools", nargs="*")
    args = parser.parse_args()
    for name in args.tools or commands(args, 1, 1):
        measure(args, name)


if __name__ == "__main__":
    sys.exit(main())
