#!/usr/bin/env python3
"""Says which server name each client's first message asks for.

    hello.py              prints its port, then for each client the names of its ClientHello's server_name
                          extension (RFC 6066, 3), or "none" where there is no such extension; then closes
"""
import os
import socket
import struct

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))


def vector(data, n):
    """What a length of n bytes is in front of, and the rest."""
    length = int.from_bytes(data[:n], "big")
    return data[n : n + length], data[n + length :]


def read(conn, n):
    data = b""
    while len(data) < n:
        piece = conn.recv(n - len(data))
        if not piece:
            raise OSError("it has ended")
        data += piece
    return data


def names(hello):
    rest = hello[4 + 2 + 32 :]  # type and length, version, random
    for size in (1, 2, 1):  # session, ciphers, compressions
        _, rest = vector(rest, size)
    extensions, _ = vector(rest, 2)
    while extensions:
        kind = struct.unpack(">H", extensions[:2])[0]
        body, extensions = vector(extensions[2:], 2)
        if kind == 0:
            entries, _ = vector(body, 2)
            name, _ = vector(entries[1:], 2)
            return name.decode("latin-1")
    return "none"


def main():
    sock = socket.create_server(("127.0.0.1", 0))
    print(sock.getsockname()[1], flush=True)
    while True:
        conn = sock.accept()[0]
        conn.settimeout(LIMIT)
        try:
            print(names(read(conn, struct.unpack(">BHH", read(conn, 5))[2])), flush=True)
        except OSError as e:
            print(e, flush=True)
        conn.close()


main()
