"""How long `usock status --wait` takes to see a change.

usage: status_wait.py USOCK

Prints "WHAT MILLISECONDS" for each thing that can be waited for: from the call that makes
it so to the end of usock, which is known to be waiting by then.
"""

import socket
import struct
import subprocess
import sys
import time

USOCK = sys.argv[1]


def rests(pid):
    """How often it has gone to sleep by itself."""
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("voluntary"):
            return int(line.split()[1])
    return 0


def timed(what, change, *arguments):
    p = subprocess.Popen([USOCK, "status", "--timeout", "20s", "--wait", what, *arguments])
    while True:
        before = rests(p.pid)
        time.sleep(0.05)
        if rests(p.pid) > before + 1:
            break
        if p.poll() is not None:
            sys.exit(f"{what}: ended too early with {p.returncode}")
    start = time.monotonic()
    change()
    p.wait()
    took = (time.monotonic() - start) * 1000
    if p.returncode != 0:
        sys.exit(f"{what}: {p.returncode}")
    print(f"{what} {took:.1f}", flush=True)


def name(s):
    return "%s:%d" % s.getsockname()


def main():
    idle = socket.socket()
    idle.bind(("127.0.0.1", 0))
    timed("listening", idle.listen, name(idle))

    client = socket.create_connection(idle.getsockname())
    server, _ = idle.accept()
    timed("close-wait", lambda: server.shutdown(socket.SHUT_WR), name(client), name(server))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    timed("gone", client.close, name(client), name(server))
    server.close()

    client = socket.socket()
    client.bind(("127.0.0.1", 0))
    timed("established", lambda: client.connect(idle.getsockname()), name(client), name(idle))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    port = name(client)
    timed("gone", client.close, port)

    other = socket.socket()
    other.bind(("127.0.0.1", 0))
    # of many, which cannot be looked up but have to be counted
    pairs = [socket.create_connection(idle.getsockname()) for _ in range(50)]
    more = socket.socket()
    timed(f"established={len(pairs) + 1}", lambda: more.connect(idle.getsockname()), "*", name(idle))
    timed("listening=1", lambda: other.listen(), name(other))


main()
