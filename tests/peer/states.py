"""One TCP connection in each state, on loopback, without root or a packet filter.

usage: states.py [4|6|mapped]

Prints "STATE LOCAL PEER" for each as soon as it is so, then "ready"; holds them until
its input ends, and resets them: only TIME_WAIT stays, without an owner. It trusts
/proc/net alone.
"""

import select
import socket
import struct
import sys
import time

KIND = sys.argv[1] if len(sys.argv) > 1 else "4"
CLIENT_FAMILY = socket.AF_INET6 if KIND == "6" else socket.AF_INET
SERVER_FAMILY = socket.AF_INET if KIND == "4" else socket.AF_INET6
LOOPBACK = "::1" if KIND == "6" else "127.0.0.1"
ANY = "::"
NUMBERS = {
    "ESTABLISHED": 1, "SYN_SENT": 2, "SYN_RCVD": 3, "FIN_WAIT_1": 4, "FIN_WAIT_2": 5, "TIME_WAIT": 6,
    "CLOSE_WAIT": 8, "LAST_ACK": 9, "LISTEN": 10, "CLOSING": 11,
}  # fmt: skip
keep = []


def small(s):
    """Little to send until a buffer is full."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    keep.append(s)
    return s


def listener(backlog=8):
    s = small(socket.socket(SERVER_FAMILY))
    if KIND == "mapped":
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind((ANY if KIND == "mapped" else LOOPBACK, 0))
    s.listen(backlog)
    return s


def port(s):
    return s.getsockname()[1]


def pair():
    l = listener()
    a = small(socket.socket(CLIENT_FAMILY))
    a.connect((LOOPBACK, port(l)))
    b, _ = l.accept()
    keep.append(b)
    l.close()
    keep.remove(l)
    return a, b


def state_of(local, peer):
    """Of the connection with these ports, as /proc/net says; 7, closed, where there is none."""
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = open(name).readlines()[1:]
        except OSError:
            continue
        for line in lines:
            word = line.split()
            if int(word[1].split(":")[1], 16) == local and int(word[2].split(":")[1], 16) == peer:
                return int(word[3], 16)
    return 7


def text(p):
    return f"[::1]:{p}" if KIND == "6" else f"127.0.0.1:{p}"


def say(state, local, peer):
    end = time.monotonic() + 20
    while state_of(local, peer) != NUMBERS[state]:
        if time.monotonic() > end:
            sys.exit(f"{state}: is {state_of(local, peer)}")
        time.sleep(0.002)
    print(state, text(local), text(peer) if peer else "*", flush=True)


def fill(s):
    """Until nothing more fits for good."""
    s.setblocking(False)
    while True:
        try:
            s.send(bytes(65536))
        except BlockingIOError:
            if not select.select([], [s], [], 0.05)[1]:
                return


def ends(a, b):
    return port(a), port(b)


def main():
    l = listener()
    say("LISTEN", port(l), 0)

    free = socket.socket(CLIENT_FAMILY)
    free.bind((LOOPBACK, 0))
    print("CLOSED", text(port(free)), text(port(l)), flush=True)
    keep.append(free)

    a, b = pair()
    say("ESTABLISHED", *ends(a, b))

    full = listener(0)
    one = small(socket.socket(CLIENT_FAMILY))
    one.connect((LOOPBACK, port(full)))
    late = small(socket.socket(CLIENT_FAMILY))
    late.setblocking(False)
    late.connect_ex((LOOPBACK, port(full)))
    say("SYN_SENT", port(late), port(full))

    lazy = listener()
    lazy.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)
    silent = small(socket.socket(CLIENT_FAMILY))
    silent.connect((LOOPBACK, port(lazy)))
    say("SYN_RCVD", port(lazy), port(silent))

    a, b = pair()
    fill(a)
    a.shutdown(socket.SHUT_WR)
    say("FIN_WAIT_1", *ends(a, b))

    a, b = pair()
    a.shutdown(socket.SHUT_WR)
    say("FIN_WAIT_2", *ends(a, b))
    say("CLOSE_WAIT", port(b), port(a))

    a, b = pair()
    fill(a)
    fill(b)
    a.shutdown(socket.SHUT_WR)
    b.shutdown(socket.SHUT_WR)
    a.settimeout(20)
    while a.recv(65536):
        pass
    say("CLOSING", *ends(a, b))

    a, b = pair()
    a.shutdown(socket.SHUT_WR)
    fill(b)
    b.shutdown(socket.SHUT_WR)
    say("LAST_ACK", port(b), port(a))

    a, b = pair()
    names = ends(a, b)
    a.shutdown(socket.SHUT_WR)
    b.recv(1)
    b.close()
    a.recv(1)
    a.close()
    keep.remove(a)
    keep.remove(b)
    say("TIME_WAIT", *names)

    print("ready", flush=True)
    sys.stdin.read()
    for s in keep:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()


main()
