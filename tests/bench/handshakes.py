#!/usr/bin/env python3
"""Many TLS connections one after the other to one `usock listen -k --tls --echo`: do its descriptors
and its memory stay as they are?

usage: tests/bench/handshakes.py [--usock PATH] [N]

Prints both after each tenth of N (10,000). Status 1 when there are more than 4 descriptors more at the
end than at the first tenth, or more than 512 KiB.
"""
import argparse, os, socket, ssl, subprocess, sys, threading, time

HOST = "127.0.0.1"
CLIENTS = 2  # at a time


def state(pid):
    with open(f"/proc/{pid}/status") as f:
        rss = next(line for line in f if line.startswith("VmRSS")).split()[1]
    return len(os.listdir(f"/proc/{pid}/fd")), int(rss)


def clients(ctx, port, n, failed):
    try:
        for _ in range(n):
            tls = ctx.wrap_socket(socket.create_connection((HOST, port)))
            tls.sendall(b"hi\n")
            if tls.recv(10) != b"hi\n": raise RuntimeError("no echo")
            tls.unwrap().close()
    except Exception as e:
        failed.append(e)


def measure(server, port, total):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    begin, states, failed, step = time.monotonic(), [], [], total // 10
    for done in range(step, total + 1, step):
        threads = [threading.Thread(target=clients, args=(ctx, port, step // CLIENTS, failed)) for _ in range(CLIENTS)]
        for t in threads: t.start()
        for t in threads: t.join()
        if failed: raise failed[0]
        states.append(state(server.pid))
        print("%6d connections: %3d descriptors, %6d KiB, %4.0f/s" % (done, *states[-1], done / (time.monotonic() - begin)), flush=True)
    return states[-1][0] - states[0][0] <= 4 and states[-1][1] - states[0][1] <= 512


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--usock", default="usock"); ap.add_argument("n", type=int, nargs="?", default=10000)
    a = ap.parse_args()
    cmd = [a.usock, "listen", "-k", "--tls", "--self-signed", "--echo", "--ready-fd", "1", HOST, "0"]
    server = subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        flat = measure(server, int(server.stdout.readline().rsplit(":", 1)[1]), a.n)
    finally:
        server.terminate(); server.wait()
    sys.exit(not flat)


main()
