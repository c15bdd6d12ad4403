#!/usr/bin/env python3
"""Echoed WebSocket messages a second, of servers beside each other: usock, python3-websockets, npm's ws.

usage: websocket.py USOCK [SECONDS]

One client in plain Python sends messages of 64 bytes, WINDOW at a time, to each server in turn, three times; the
median of each is printed, and how many times that of the others usock is.
"""
import os
import socket
import statistics
import subprocess
import sys
import time

WINDOW = 128
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


def echoes_a_second(port, seconds):
    conn = socket.create_connection(("127.0.0.1", port), 10)
    conn.sendall(REQUEST)
    rest = b""
    while b"\r\n\r\n" not in rest:
        rest += conn.recv(4096)
    frame = b"\x82\xc0\1\2\3\4" + b"x" * 64
    window = frame * WINDOW
    size = 66 * WINDOW
    n, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        conn.sendall(window)
        got = 0
        while got < size:
            more = len(conn.recv(1 << 16))
            if more == 0:
                sys.exit("the server has ended")
            got += more
        n += WINDOW
    return n / (time.monotonic() - began)


def main():
    usock, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 2
    servers = {
        "usock": started(usock, "listen", "-k", "--ws", "--echo", "127.0.0.1", "0", err=True),
        "python3-websockets": started(python_with_websockets(), "-c", PYTHON),
        "npm ws": started("node", "-e", NODE),
    }
    rates = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, (_, port) in servers.items():
            rates[name].append(echoes_a_second(port, seconds))
    best = statistics.median(rates["usock"])
    for name, (process, _) in servers.items():
        process.kill()
        process.wait()
        rate = statistics.median(rates[name])
        print("%-20s %9.0f messages/s   usock: %.2f times" % (name, rate, best / rate))


main()
