#!/usr/bin/env python3
"""TLS servers and clients to the letter, of OpenSSL and not of ours.

    tls.py serve [OPTION...] FILE.pem...   each file, key and chain, on a port of its own of 127.0.0.1;
                                           prints `FILE PORT` lines. A client gets `ok` and a close_notify.
        --cut          ends without a close_notify
        --leave        closes behind its close_notify, without waiting for the client's
        --echo         sends back what comes before the client's end, then a close_notify
        --first N      sends only the first N bytes of what the server says, then nothing
        --once         ends after one client
    tls.py relay PORT N                    a port before PORT that lets N bytes of the server through, then
                                           stalls; prints it
    tls.py client PORT [close|cut] TEXT    sends TEXT, ends so, prints what comes, then how it ended
"""
import os
import socket
import ssl
import sys
import threading

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))


def listener():
    sock = socket.create_server(("127.0.0.1", 0))
    return sock, sock.getsockname()[1]


def context(file):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.set_ciphers("ALL:@SECLEVEL=0")
    ctx.load_cert_chain(file)
    return ctx


def echo(tls):
    while True:
        data = tls.recv(1 << 16)
        if not data:
            return
        tls.sendall(data)


def converse(conn, ctx, options):
    conn.settimeout(LIMIT)
    try:
        tls = ctx.wrap_socket(conn, server_side=True)
        if "--echo" in options:
            echo(tls)
        else:
            tls.sendall(b"ok\n")
        tls.settimeout(0 if "--leave" in options else LIMIT)
        if "--cut" in options:
            tls.shutdown(socket.SHUT_RDWR)
        else:
            tls.unwrap()
    except (OSError, ValueError):
        pass
    conn.close()


def serve_port(sock, ctx, options):
    while True:
        conn = sock.accept()[0]
        threading.Thread(target=converse, args=(conn, ctx, options), daemon=True).start()


def serve(args):
    options = [a for a in args if a.startswith("--")]
    threads = []
    for file in [a for a in args if not a.startswith("--")]:
        ctx = context(file)
        sock, port = listener()
        print(os.path.basename(file), port)
        threads.append(threading.Thread(target=serve_port, args=(sock, ctx, options), daemon=True))
    print("ready", flush=True)
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def pump(source, sink, limit):
    while limit is None or limit > 0:
        data = source.recv(1 << 16 if limit is None else limit)
        if not data:
            return
        sink.sendall(data)
        if limit is not None:
            limit -= len(data)
    source.recv(1, socket.MSG_PEEK)
    threading.Event().wait()


def stall(conn, port, limit):
    server = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=pump, args=(conn, server, None), daemon=True).start()
    pump(server, conn, limit)


def relay(port, limit):
    sock, own = listener()
    print(own, flush=True)
    while True:
        conn = sock.accept()[0]
        threading.Thread(target=stall, args=(conn, int(port), int(limit)), daemon=True).start()


def client(port, how, text):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    # with OpenSSL 3 a cut is an end by default, and without that an error without a class of its own
    ctx.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    conn = socket.create_connection(("127.0.0.1", int(port)))
    conn.settimeout(LIMIT)
    tls = ctx.wrap_socket(conn, suppress_ragged_eofs=False)
    tls.sendall(text.encode())
    if how == "cut":
        socket.socket.shutdown(tls, socket.SHUT_WR)
    try:
        while True:
            data = tls.recv(1 << 16)
            if not data:
                break
            sys.stdout.write(data.decode())
            sys.stdout.flush()
            if how == "close":
                tls.unwrap()
                break
        print("closed")
    except ssl.SSLError as e:
        if not isinstance(e, ssl.SSLEOFError) and e.reason != "UNEXPECTED_EOF_WHILE_READING":
            raise
        print("cut")
    except (ConnectionResetError, BrokenPipeError):
        # newer ones answer a close_notify while they read
        print("reset")


{"serve": lambda *a: serve(a), "relay": relay, "client": client}[sys.argv[1]](*sys.argv[2:])
