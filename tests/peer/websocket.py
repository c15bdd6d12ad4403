#!/usr/bin/env python3
"""Peers of WebSocket: the package websockets, and bytes as no package sends them.

    websocket.py serve [SUBPROTOCOL]    an echo server of the package
    websocket.py push TEXT...           a server of the package that sends these, and closes with 4002
    websocket.py notes [SUBPROTOCOL]    a server of the package that prints each message and how the client closes,
                                        and answers with the message and "!"
    websocket.py says URL TEXT...       a client of the package: sends each, prints an answer for each, and what came
                                        of the close
    websocket.py exchange URL           a client of the package: text and binary of many sizes come back, pings are
                                        answered, it closes with 4001; prints what it got of the close
    websocket.py answers FIELDS HEX [WHEN]
                                        a server without a package: agrees, with these fields, too; sends HEX,
                                        and ends its direction; prints in hexadecimal what came after the request;
                                        WHEN: "then" sends when something has come, "open" does not end, "leaves" is as
                                        "then", and closes when the client's answer has come, without reading it;
                                        "late" sends when the client has ended, and says whether it was reset
    websocket.py alert PEM              a server without a package, with TLS: answers the first frame by a close frame,
                                        waits, and sends close_notify; says whether it was reset
    websocket.py refuses TEXT           a server that answers any request with TEXT, with the escapes of Python
    websocket.py ask PORT HEX...        a client without a package: agrees, and sends each HEX for itself; prints
                                        in hexadecimal what came after the answer
    websocket.py request PORT TEXT      sends TEXT, with the escapes of Python, byte for byte; prints the answer
    websocket.py stalls PORT            a client for each byte of a request: sends what is before it, and waits

What listens prints its port.
"""
import base64
import hashlib
import os
import socket
import sys

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SIZES = (0, 1, 125, 126, 65535, 65536, 1 << 20)
REQUEST = (
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def unescaped(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def listener():
    sock = socket.create_server(("127.0.0.1", 0))
    print(sock.getsockname()[1], flush=True)
    sock.settimeout(LIMIT)
    return sock


def read_head(conn):
    head = b""
    while b"\r\n\r\n" not in head:
        more = conn.recv(4096)
        if not more:
            sys.exit("the head is not complete: %r" % head)
        head += more
    return head.split(b"\r\n\r\n", 1)


def read_all(conn, data=b""):
    try:
        while more := conn.recv(1 << 16):
            data += more
    except ConnectionError as e:
        print(e.strerror)
    return data


def agree(conn, fields=""):
    head, rest = read_head(conn)
    key = next(l.split(b":")[1].strip() for l in head.split(b"\r\n") if l.lower().startswith(b"sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    conn.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + unescaped(fields) + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return rest


def answers(fields, data, when=""):
    conn = listener().accept()[0]
    conn.settimeout(LIMIT)
    rest = agree(conn, fields)
    if when in ("then", "leaves"):
        rest += conn.recv(1 << 16)
    if when == "late":
        rest = read_all(conn, rest)
    # what comes now is not acknowledged at once
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    conn.sendall(bytes.fromhex(data))
    if when == "late":
        print(os.strerror(conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))
    if when == "leaves":
        conn.recv(1, socket.MSG_PEEK)
        conn.close()
        return
    if when != "open":
        conn.shutdown(socket.SHUT_WR)
    print(read_all(conn, rest).hex())


def alert(certificate):
    import ssl
    import time

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with listener().accept()[0] as conn:
        conn.settimeout(LIMIT)
        with context.wrap_socket(conn, server_side=True) as secured:
            agree(secured) or secured.recv(1 << 16)
            secured.sendall(bytes.fromhex("880203e8"))
            read_all(secured)
            time.sleep(0.2)
            plain = secured.unwrap()
            print(os.strerror(plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)))


def refuses(text):
    conn = listener().accept()[0]
    conn.settimeout(LIMIT)
    read_head(conn)
    conn.sendall(unescaped(text))
    conn.shutdown(socket.SHUT_WR)
    read_all(conn)


def ask(port, *pieces):
    conn = socket.create_connection(("127.0.0.1", int(port)), LIMIT)
    conn.sendall(REQUEST.encode())
    _, rest = read_head(conn)
    for piece in pieces:
        conn.sendall(bytes.fromhex(piece))
    print(read_all(conn, rest).hex())


def request(port, text):
    conn = socket.create_connection(("127.0.0.1", int(port)), LIMIT)
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in unescaped(text):
        conn.sendall(bytes([byte]))
    print(read_all(conn).decode())


def stalls(port):
    conns = []
    for n in range(len(REQUEST)):
        conns.append(socket.create_connection(("127.0.0.1", int(port)), LIMIT))
        conns[-1].sendall(REQUEST[:n].encode())
    print(len(conns), flush=True)
    for conn in conns:
        read_all(conn)
    print("over", flush=True)


# --- the package -------------------------------------------------------------


def run_server(handler, **options):
    import asyncio
    import websockets

    async def main():
        async with websockets.serve(handler, "127.0.0.1", 0, max_size=1 << 25, **options) as server:
            print(server.sockets[0].getsockname()[1], flush=True)
            await asyncio.Future()

    asyncio.run(main())


def serve(*subprotocols):
    async def echo(ws, *_):
        async for message in ws:
            await ws.send(message)

    run_server(echo, subprotocols=list(subprotocols) or None)


def push(*texts):
    async def handler(ws, *_):
        for text in texts:
            await ws.send(text)
        await ws.close(4002, "enough")

    run_server(handler)


def notes(*subprotocols):
    import websockets

    async def handler(ws, *_):
        try:
            async for message in ws:
                binary = isinstance(message, bytes)
                print(*(("binary", message.hex()) if binary else ("text", message)), flush=True)
                await ws.send(message + (b"!" if binary else "!"))
        except websockets.ConnectionClosedError:
            pass  # the code is not 1000
        print("close", ws.close_code, ws.close_reason, flush=True)

    run_server(handler, subprotocols=list(subprotocols) or None)


def says(url, *texts):
    import asyncio
    import ssl
    import websockets

    async def main():
        options = {"ssl": ssl._create_unverified_context()} if url.startswith("wss:") else {}
        async with websockets.connect(url, **options) as ws:
            try:
                for text in texts:
                    await ws.send(text)
                    print(await ws.recv(), flush=True)
            except websockets.ConnectionClosed:
                pass
            await ws.close(4003, "done")
            print("close", ws.close_code, ws.close_reason, flush=True)

    asyncio.run(main())


def exchange(url):
    import asyncio
    import ssl
    import websockets

    async def main():
        options = {"max_size": 1 << 25}
        if url.startswith("wss:"):
            options["ssl"] = ssl._create_unverified_context()
        async with websockets.connect(url, **options) as ws:
            for size in SIZES:
                for message in (bytes(size), "é" * (size // 2) + "x" * (size % 2)):
                    await ws.send(message)
                    if await ws.recv() != message:
                        sys.exit("%d came back otherwise" % size)
            await (await ws.ping(b"are you there"))
            await ws.close(4001, "bye")
            print(ws.close_code)

    asyncio.run(main())


if __name__ == "__main__":
    {f.__name__: f for f in (serve, push, notes, says, exchange, answers, alert, refuses, ask, request, stalls)}[sys.argv[1]](*sys.argv[2:])
