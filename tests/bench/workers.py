#!/usr/bin/env python3
"""Servers under many short connections: connect, 64 bytes there and back, close.

usage: workers.py [USOCK] [SECONDS] [WHAT...]

WHAT is one of: usock, usock-2 (two workers), tls, tls-2, epoll (plain C), ncat, socat, hold. The clients are two
(TLS: eight) processes for each processor. `hold` holds 15,000 connections and prints the memory of each. Clients without
TLS take as much of the processors as the server does, so that two workers cannot be faster on two processors; `tls` and
`tls-2` sign with an RSA key of 4096 bits, which costs the server far more than the client.
"""

import os
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parents[2]
EPOLL = r"""
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), ep = epoll_create1(0);
    struct epoll_event e = { .events = EPOLLIN, .data.fd = l }, ready[128];
    static char data[65536];
    bind(l, (void *)&a, len); listen(l, 4096); getsockname(l, (void *)&a, &len);
    printf("%d\n", ntohs(a.sin_port)); fflush(stdout);
    epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
    for (;;) {
        int n = epoll_wait(ep, ready, 128, -1);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd == l) {
                while ((fd = accept4(l, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    e.data.fd = fd;
                    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
                }
                continue;
            }
            ssize_t got = read(fd, data, sizeof data);
            if (got > 0)
                (void)!write(fd, data, got);
            else if (got == 0 || errno != EAGAIN)
                close(fd);
        }
    }
}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_port(port):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"nobody listens on {port}")


def build_epoll(folder):
    source, program = folder / "epoll.c", folder / "epoll"
    source.write_text(EPOLL)
    subprocess.run(["cc", "-O2", "-w", "-D_GNU_SOURCE", "-o", program, source], check=True)
    return [program]


def write_key(folder):
    """an RSA key of 4096 bits and its certificate"""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-subj", "/CN=localhost", "-days", "2",
                    "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
    return key, certificate


def context_of(what):
    """what a client needs for TLS, None without it; a key exchange by RSA, where the client has almost nothing to do"""
    if not what.startswith("tls"):
        return None
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256")
    return context


def command_of(what, usock, port, folder):
    address = ["127.0.0.1", str(port)]
    if what == "usock":
        return [usock, "listen", "-k", "--quiet", "--echo", *address]
    if what.startswith("usock-"):
        return [usock, "listen", "-k", "--quiet", "--workers", what[6:], "--echo", *address]
    if what in ("tls", "tls-2"):
        key, certificate = write_key(folder)
        workers = ["--workers", "2"] if what == "tls-2" else []
        return [usock, "listen", "-k", "--quiet", "--tls", "--key", key, "--cert", certificate, *workers, "--echo", *address]
    if what == "ncat":
        return ["ncat", "-l", "-k", *address, "-e", "/bin/cat"]
    if what == "socat":
        return ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,backlog=1024", "EXEC:cat"]
    return build_epoll(folder)


def open_client(port, context):
    s = socket.create_connection(("127.0.0.1", port))
    return context.wrap_socket(s) if context else s


def run_client(port, seconds, context):
    data, n, until = b"x" * 64, 0, time.monotonic() + seconds
    while time.monotonic() < until:
        with open_client(port, context) as s:
            s.sendall(data)
            got = 0
            while got < len(data):
                part = s.recv(64)
                if not part:
                    sys.exit("the server ended early")
                got += len(part)
            if context is None:
                s.shutdown(socket.SHUT_WR)
                while s.recv(64):
                    pass
        n += 1
    return n


def rate_of(port, seconds, context):
    """connections a second of several client processes"""
    clients = []
    # with few clients one worker often has none: the kernel deals them out by the hash of their ports
    for _ in range((8 if context else 2) * os.cpu_count()):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(writer, str(run_client(port, seconds, context)).encode())
            os._exit(0)
        os.close(writer)
        clients.append((pid, reader))
    total = 0
    for pid, reader in clients:
        total += int(os.read(reader, 32) or 0)
        os.waitpid(pid, 0)
        os.close(reader)
    return total / seconds


def start(what, usock, folder):
    port = free_port()
    server = subprocess.Popen(
        [str(word) for word in command_of(what, usock, port, folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if what == "epoll" else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if what.startswith("tls") else None,  # Python closes without close_notify
        start_new_session=True,
    )
    if what == "epoll":
        port = int(server.stdout.readline())
    await_port(port)
    return server, port


def stop(server):
    os.killpg(server.pid, signal.SIGTERM)
    server.wait()


def rss_of(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def hold(usock, folder, n=15000):
    server, port = start("usock", usock, folder)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    before = rss_of(server.pid)
    clients = []
    for i in range(min(n, limit - 100)):
        s = socket.socket()
        s.bind((f"127.0.0.{2 + i // 10000}", 0))
        s.connect(("127.0.0.1", port))
        clients.append(s)
    for s in clients:
        s.sendall(b"x" * 64)
    for s in clients:
        s.recv(64)
    print(f"hold     {len(clients)} clients, {(rss_of(server.pid) - before) / len(clients):.2f} KiB each")
    for s in clients:
        s.close()
    stop(server)


def main():
    arguments = sys.argv[1:]
    usock = arguments[0] if arguments else str(TREE / "build/release/usock")
    seconds = float(arguments[1]) if len(arguments) > 1 else 5
    wanted = arguments[2:] or ["usock", "usock-2", "tls", "tls-2", "epoll", "ncat", "socat", "hold"]
    with tempfile.TemporaryDirectory() as folder:
        for what in wanted:
            if what == "hold":
                hold(usock, pathlib.Path(folder))
                continue
            if what in ("ncat", "socat") and shutil.which(what) is None:
                print(f"{what:8} is not installed")
                continue
            server, port = start(what, usock, pathlib.Path(folder))
            print(f"{what:8} {rate_of(port, seconds, context_of(what)):9.0f} connections/s", flush=True)
            stop(server)


main()
