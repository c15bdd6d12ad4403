#!/usr/bin/env python3
"""Fan-out of a broker: usock listen -k --broker beside ncat --broker, with clients that check what they hear.

    broker.py USOCK [CLIENTS [SPEAKERS [LINES [SIZE]]]]    1000 clients, of which 10 say 200 lines of 100 bytes

Prints for each server what all clients heard a second, its processor time and its largest memory. A line that is lost,
changed or out of order for its speaker is said instead. ncat uses select(2), so it gets at most 90 clients, and usock is
measured with as many once more.
"""
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

FANOUT = pathlib.Path(__file__).parents[1] / "peer" / "fanout.py"
NCAT_MAX = 90


def start_usock(usock, where):
    ready = os.path.join(where, "ready")
    server = subprocess.Popen(
        [usock, "listen", "-k", "--broker", "--framing", "line", "--ready-file", ready, "127.0.0.1", "0"],
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    while not os.path.exists(ready):
        time.sleep(0.01)
    with open(ready, encoding="ascii") as file:
        return server, int(file.read().rsplit(":", 1)[1])


def start_ncat(_, where):
    del where
    server = subprocess.Popen(["ncat", "-l", "--broker", "127.0.0.1", "0"], stdin=subprocess.DEVNULL)
    while True:
        found = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
        port = re.search(rf":(\d+) .*pid={server.pid},", found)
        if port:
            return server, int(port.group(1))
        time.sleep(0.01)


def measure(name, start, usock, numbers):
    with tempfile.TemporaryDirectory() as where:
        server, port = start(usock, where)
        words = [str(number) for number in (port, *numbers)]
        run = subprocess.run([sys.executable, "-IS", FANOUT, *words], capture_output=True, text=True, check=False)
        with open(f"/proc/{server.pid}/status", encoding="ascii") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        server.terminate()
        server.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if run.returncode != 0:
        print(f"{name:6} {numbers[0]:5} clients: {run.stderr.strip()}")
        return
    heard, seconds = (float(word) for word in run.stdout.split())
    lines = heard / numbers[3]
    print(
        f"{name:6} {numbers[0]:5} clients: {lines / seconds:9.0f} lines/s, {heard / seconds / 1e6:6.1f} MB/s,"
        f" {spent / lines * 1e6:5.2f} us of processor a line, {peak} KiB"
    )


def main():
    numbers = [1000, 10, 200, 100]
    for i, word in enumerate(sys.argv[2:6]):
        numbers[i] = int(word)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    measure("usock", start_usock, sys.argv[1], numbers)
    few = [min(numbers[0], NCAT_MAX), *numbers[1:]]
    measure("usock", start_usock, sys.argv[1], few)
    if shutil.which("ncat"):
        measure("ncat", start_ncat, sys.argv[1], few)


if __name__ == "__main__":
    main()
