#!/usr/bin/env python3
"""What --record costs: bytes from a pipe through usock connect and usock listen to /dev/null, on loopback, without it
and with it at either side, in turns.

usage: record.py --usock PATH [--runs N] [--size BYTES] [--folder FOLDER] [KIND ...]

A KIND is random, zeros or text. Printed are medians: MB/s, the processor seconds of user and system of both processes,
and what of the rate is left. "a file" is no recording: usock listen writes the bytes to a file as they are, which is the
least that anything that keeps them can cost. Files are made in FOLDER (/dev/shm).
"""
import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import threading
import time

KINDS = ("random", "zeros", "text")
MODES = ("without", "listen", "connect", "a file")
DEADLINE = 120


def make_source(path, kind, size):
    rng = random.Random(1)
    words = [b"hello", b"GET", b"/index.html", b"HTTP/1.1", b'"quoted"', b"250", b"ok", b"a\tb", b"content", b"value"]
    text = b"".join(b" ".join(rng.choices(words, k=10)) + b"\r\n" for _ in range(20000))[:1 << 20]
    with open(path, "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20) if kind == "random" else bytes(1 << 20) if kind == "zeros" else text)


def feed(path, pipe, size):
    """pages of the file go into the pipe as they are, so that the source costs next to nothing"""
    with open(path, "rb") as file:
        left = size
        while left > 0:
            left -= os.splice(file.fileno(), pipe, left)
    os.close(pipe)


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime, usage.ru_stime


def transfer(usock, mode, source, folder, size):
    """seconds, user and system time of a transfer"""
    ready, kept = os.path.join(folder, "usock-bench-ready"), os.path.join(folder, "usock-bench-kept")
    record = ["--record", kept]
    before = used()
    with open(kept if mode == "a file" else os.devnull, "wb") as out:
        listen = subprocess.Popen(
            [usock, "listen", "--quiet", "--ready-file", ready, "--recv-only",
             *(record if mode == "listen" else []), "127.0.0.1", "0"], stdin=subprocess.DEVNULL, stdout=out)
    try:
        address = wait_ready(ready, listen)
        reader, writer = os.pipe()
        begun = time.monotonic()
        connect = subprocess.Popen(
            [usock, "connect", "--send-only", *(record if mode == "connect" else []), address],
            stdin=reader, stdout=subprocess.DEVNULL)
        os.close(reader)
        feeder = threading.Thread(target=feed, args=(source, writer, size))
        feeder.start()
        status = connect.wait(DEADLINE), listen.wait(DEADLINE)
        seconds = time.monotonic() - begun
        feeder.join()
        if status != (0, 0):
            raise SystemExit(f"{mode}: status {status}")
        if mode != "without" and os.path.getsize(kept) < size:
            raise SystemExit(f"{mode}: {os.path.getsize(kept)} bytes were kept of {size}")
    finally:
        listen.kill()
        listen.wait()
        if os.path.exists(kept):
            os.unlink(kept)
    after = used()
    return seconds, after[0] - before[0], after[1] - before[1]


def wait_ready(path, process):
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                address = file.read().strip()
            if address:
                os.unlink(path)
                return address
        time.sleep(0.002)
    raise SystemExit("usock listen does not start")


def report(kind, results, size, runs):
    print(f"{kind}, {size >> 20} MiB, medians of {runs}")
    base = statistics.median(r[0] for r in results["without"])
    for mode, got in results.items():
        seconds, user, system = (statistics.median(r[i] for r in got) for i in range(3))
        name = mode if mode in ("without", "a file") else f"by {mode}"
        print(f"  {name:10} {size / seconds / 1e6:8.0f} MB/s  user {user:5.2f} s  system {system:5.2f} s"
              f"  {100 * base / seconds:5.1f} %", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--usock", required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", type=int, default=1 << 30)
    parser.add_argument("--folder", default="/dev/shm")
    parser.add_argument("kind", nargs="*", choices=[*KINDS, []], default=list(KINDS))
    args = parser.parse_args()
    source = os.path.join(args.folder, "usock-bench-source")
    for kind in args.kind:
        make_source(source, kind, args.size)
        results = {mode: [] for mode in MODES}
        try:
            for turn in range(args.runs):
                for mode in MODES[:: -1 if turn % 2 else 1]:
                    results[mode].append(transfer(args.usock, mode, source, args.folder, args.size))
        finally:
            os.unlink(source)
        report(kind, results, args.size, args.runs)


if __name__ == "__main__":
    sys.exit(main())
