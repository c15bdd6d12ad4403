#!/usr/bin/env python3
"""Echoed WebSocket messages a second, of servers beside each other: usock, python3-websockets, npm's ws.

usage: websocket.py USOCK [SECONDS]

One client in plain Python sends messages of 64 bytes and of 16 KiB, several at a time, to each server in turn, three
times; the median of each is printed, and how many times that of the others usock is.
"""
import os
import socket
import statistics
import subprocess
import sys
import time

SIZES = {64: 128, 16384: 8}  # messages on their way at a time
ROUNDS = 3
REQUEST = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PYTHON = """
import asyncio, websockets
async def echo(ws, *_):
    async for message in ws:
        await ws.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, compression=None) as s:
        print(s.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
"""
NODE = """
const { WebSocketServer } = require('ws');
const s = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
s.on('listening', () => console.log(s.address().port));
s.on('connection', c => c.on('message', (m, binary) => c.send(m, { binary })));
"""


def started(*command, err=False):
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE if err else None,
        env={**os.environ, "NODE_PATH": "/usr/share/nodejs"},
    )
    line = (process.stderr if err else process.stdout).readline()
    return process, int(line.rsplit(b":", 1)[-1])


def python_with_websockets():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import websockets"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return python
    sys.exit("no python has websockets")


def framed(size):
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return b"\x82" + length + b"\1\2\3\4" + b"x" * size


def echoes_a_second(port, size, seconds):
    conn = socket.create_connection(("127.0.0.1", port), 10)
    conn.sendall(REQUEST)
    rest = b""
    while b"\r\n\r\n" not in rest:
        rest += conn.recv(4096)
    count = SIZES[size]
    window = framed(size) * count
    expected = (size + (2 if size < 126 else 4)) * count
    n, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        conn.sendall(window)
        got = 0
        while got < expected:
            more = len(conn.recv(1 << 16))
            if more == 0:
                sys.exit("the server has ended")
            got += more
        n += count
    return n / (time.monotonic() - began)


def main():
    usock, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 2
    servers = {
        "usock": started(usock, "listen", "-k", "--ws", "--echo", "127.0.0.1", "0", err=True),
        "python3-websockets": started(python_with_websockets(), "-c", PYTHON),
        "npm ws": started("node", "-e", NODE),
    }
    for size in SIZES:
        rates = {name: [] for name in servers}
        for _ in range(ROUNDS):
            for name, (_, port) in servers.items():
                rates[name].append(echoes_a_second(port, size, seconds))
        best = statistics.median(rates["usock"])
        for name in servers:
            rate = statistics.median(rates[name])
            print("%5d bytes %-20s %9.0f messages/s   usock: %.2f times" % (size, name, rate, best / rate))
    for process, _ in servers.values():
        process.kill()
        process.wait()


main()
