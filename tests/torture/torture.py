#!/usr/bin/env python3
"""Every system call of usock fails once, or from some time on for ever, and usock has to end well.

usage: torture.py [--short N] [--jobs N] [--list] [CASE ...] USOCK

A case is SCENARIO/CALL/ERRNO/WHEN, as strace(1) injects it: connect-send/sendto/ENOBUFS/1+ makes each send(2) of that
scenario fail. CALL may also be malloc, which a preloaded library fails and the sanitizers do not have. SCENARIO, SCENARIO/CALL and so on stand for all cases that begin so. Without a CASE all are run: the
scenarios are traced first, so that a case exists for each call that they really make, but for those that the loader
makes before main(). --short N takes N of them, spread evenly.

Each case has a peer that is alive. usock fails it when it
  - ends by a signal that nobody sent, or a sanitizer speaks                   (crash)
  - does not end within its deadline                                           (hang)
  - says 0 though data is missing, or its answer is another                    (false 0)
  - fails without a message of the form "usock: what: reason" on stderr        (mute)
  - serves a client badly and does not say so                                  (silent)
Prints each case that failed, so that it can be given as CASE, and "N cases, N failed".
"""
import argparse
import base64
import concurrent.futures
import contextlib
import hashlib
import json
import multiprocessing
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

HOST = "127.0.0.1"
DEADLINE = 12.0 * float(os.environ.get("USOCK_TEST_SLOWNESS", "1"))
DATA = hashlib.shake_128(b"torture").digest(200_000)
USOCK = ""

# ---- what goes wrong -----------------------------------------------------------------------------

READS = "EINTR EAGAIN EIO ECONNRESET ENOMEM EBADF"
WRITES = "EINTR EAGAIN EPIPE ECONNRESET ENOBUFS ENOMEM EIO ENOSPC EBADF"
ERRNOS = {
    "read": READS, "readv": READS, "recvfrom": READS + " ENOBUFS",
    # a netlink socket of getaddrinfo(3), which aborts on EBADF
    "recvmsg": "EINTR EAGAIN EIO ENOMEM ENOBUFS",
    "recvmmsg": READS, "preadv2": READS + " ENOSYS EOPNOTSUPP", "pread64": READS,
    "write": WRITES, "writev": WRITES, "sendto": WRITES + " EPERM EACCES", "sendmsg": WRITES + " EPERM",
    "sendmmsg": WRITES + " EPERM", "pwritev2": WRITES + " ENOSYS EOPNOTSUPP",
    "sendfile": WRITES + " EINVAL ENOSYS", "splice": WRITES + " EINVAL ENOSYS", "tee": WRITES + " EINVAL ENOSYS",
    "connect": "EINTR EAGAIN ENOBUFS ENOMEM EPERM EACCES EADDRNOTAVAIL EBADF EINVAL ENETUNREACH ETIMEDOUT ECONNREFUSED",
    "socket": "EMFILE ENFILE ENOBUFS ENOMEM EPERM EACCES EAFNOSUPPORT EINVAL",
    "socketpair": "EMFILE ENFILE ENOBUFS ENOMEM",
    "bind": "EADDRINUSE EACCES EINVAL ENOMEM EADDRNOTAVAIL EPERM", "listen": "EADDRINUSE EINVAL EBADF ENOMEM",
    "accept4": "EINTR EAGAIN EMFILE ENFILE ENOBUFS ENOMEM ECONNABORTED EPERM EBADF EINVAL",
    "setsockopt": "EINVAL ENOPROTOOPT EPERM ENOMEM EBADF", "getsockopt": "EINVAL ENOPROTOOPT EPERM ENOMEM EBADF",
    "getsockname": "ENOBUFS EBADF EINVAL", "getpeername": "ENOBUFS EBADF ENOTCONN",
    "shutdown": "EBADF EINVAL ENOBUFS",  # ENOTCONN is of connections that are gone
    "fcntl": "EBADF EINVAL EPERM", "ioctl": "ENOTTY EINVAL EBADF EIO",
    "epoll_create1": "EMFILE ENFILE ENOMEM EINVAL ENOSYS", "epoll_ctl": "ENOMEM ENOSPC EPERM EBADF EINVAL",
    "epoll_wait": "EINTR EBADF EINVAL", "epoll_pwait": "EINTR EBADF EINVAL",
    "epoll_pwait2": "EINTR EBADF EINVAL ENOSYS", "poll": "EINTR ENOMEM EINVAL", "ppoll": "EINTR ENOMEM EINVAL",
    "openat": "EMFILE ENFILE ENOENT EACCES EINTR ENOMEM EIO EPERM", "newfstatat": "EIO ENOMEM EBADF EACCES ENOENT",
    "statx": "EIO ENOMEM ENOSYS", "fstat": "EIO ENOMEM EBADF", "lseek": "ESPIPE EINVAL EBADF",
    "pipe2": "EMFILE ENFILE ENOMEM", "eventfd2": "EMFILE ENOMEM ENOSYS", "timerfd_create": "EMFILE ENOMEM",
    "signalfd4": "EMFILE ENOMEM", "clone": "EAGAIN ENOMEM EPERM", "clone3": "EAGAIN ENOMEM ENOSYS EPERM",
    "getrandom": "EINTR EAGAIN ENOSYS", "readlink": "EACCES ENOENT ENOMEM",
    "readlinkat": "ENOMEM EIO",  # the others say that there is nothing to see
    "getdents64": "EIO ENOMEM EINTR", "mmap": "ENOMEM", "mprotect": "ENOMEM", "mremap": "ENOMEM",
    "dup": "EMFILE EBADF", "dup3": "EMFILE EBADF", "rename": "EIO ENOSPC EACCES",
    "renameat2": "EIO ENOSPC EACCES", "unlink": "ENOENT EACCES EIO", "chmod": "EPERM EIO", "fchmod": "EPERM EIO",
    "prlimit64": "EPERM EINVAL", "prctl": "EINVAL EPERM", "uname": "EFAULT", "setns": "EPERM EINVAL",
    "io_uring_setup": "ENOSYS EPERM ENOMEM", "statfs": "EIO ENOMEM", "ftruncate": "EIO EINTR", "fsync": "EIO",
    "pidfd_open": "EMFILE ENOSYS", "wait4": "EINTR ECHILD", "access": "ENOENT EACCES",
}
# What cannot fail, ends the program, or is the C library's own, which aborts. strace fails a call by not making it:
# close(2) would leave the peer waiting, and brk(2) fails by its result, which is no errno.
LEFT_OUT = set(
    "exit exit_group execve rt_sigreturn rt_sigprocmask rt_sigaction sigaltstack futex set_tid_address set_robust_list"
    " rseq munmap madvise getpid gettid getppid getuid geteuid getgid getegid sched_yield restart_syscall arch_prctl"
    " close brk clock_gettime clock_nanosleep sched_getaffinity tgkill umask personality".split()
)
# of a server that is ended by SIGTERM it is the handler's, which tells the loop through a pipe of its own
SERVERS = (
    "listen-echo listen-discard listen-broker listen-program listen-tls listen-ws listen-script listen-workers forward"
    " proxy-socks proxy-http"
).split()
NOT_IN = {(name, "write") for name in SERVERS}
# getaddrinfo(3) of glibc aborts without memory
NOT_IN |= {("resolve", "malloc")}
# strace(1) fails the calls of programs, too: these are usock's alone.
PROGRAMS = {"connect-program", "listen-program"}
NOT_OF_PROGRAMS = set(
    "malloc socket socketpair bind listen connect accept4 sendto recvfrom shutdown setsockopt getsockopt getsockname"
    " getpeername epoll_create1 epoll_ctl epoll_wait pipe2 clone clone3 eventfd2".split()
)
MEMORY = {"mmap", "mprotect", "mremap", "prlimit64", "prctl", "readlink"}  # a sanitizer aborts without
# For ever these say "ask again", which is what usock has to do.
AGAIN = {"EINTR", "EAGAIN"}
# Allocations of a scenario that fail, each once and from then on.
ALLOCATIONS = 40
# A listener that lacks these waits for better times, and so do datagrams whose queue is full.
WAITS = {("accept4", e) for e in ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED", "EPERM")}


def whens(call, errno, before, n):
    """WHENs for a call that comes n times after before times."""
    found = [str(before + i) for i in sorted({1, 2, n} if n > 1 else {1})]
    if errno in AGAIN:
        if call not in ("connect", "clone", "clone3"):
            return found + (["%d+2" % (before + 1)] if n > 1 else [])
    return found + (["%d+" % (before + 1)] if n > 1 and (call, errno) not in WAITS else [])


# ---- one run -------------------------------------------------------------------------------------


def allocations_seen(where):
    """How many there were, and how many of them failed."""
    try:
        with open(os.path.join(where, "allocations"), "rb") as f:
            return struct.unpack("ll", f.read(struct.calcsize("ll")))
    except (OSError, struct.error):
        return 0, 0


def injection(inject, where):
    """Options of strace(1)."""
    library = os.environ.get("TORTURE_LIBRARY")
    options = []
    if library and (inject is None or inject[0] == "malloc"):
        options += ["-E", "LD_PRELOAD=" + library, "-E", "TORTURE_MALLOC_SEEN=" + os.path.join(where, "allocations")]
    if inject is None:
        return options
    call, errno, when = inject
    if call == "malloc":
        return options + ["-E", "TORTURE_MALLOC=" + when, "-e", "trace=none"]
    return options + ["-e", "trace=" + call, "-e", "inject=%s:error=%s:when=%s" % (call, errno, when)]


class Run:
    """usock under strace, with its deadline; what it says."""

    def __init__(self, args, where, inject=None, stdin=None, tag="trace"):
        self.trace = os.path.join(where, tag)
        command = ["strace", "-f", "-qq", "-s", "0", "-o", self.trace] + injection(inject, where)
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": where, "TMPDIR": where}
        env["ASAN_OPTIONS"] = "detect_leaks=0"
        self.ended_by_us = None
        self.ready = ""  # what the ready file says
        self.out = b""
        self.err_file = open(os.path.join(where, tag + ".err"), "w+b")
        self.process = subprocess.Popen(
            command + [USOCK] + args, env=env, cwd=where, start_new_session=True,
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=self.err_file,
        )
        self.reader = threading.Thread(target=self.read_out, daemon=True)
        self.reader.start()

    def read_out(self):
        self.out = self.process.stdout.read()

    def over(self):
        return self.process.poll() is not None

    def term(self):
        """SIGTERM to usock, which is the child of strace."""
        self.ended_by_us = signal.SIGTERM
        try:
            with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid), encoding="ascii") as f:
                for pid in f.read().split():
                    os.kill(int(pid), signal.SIGTERM)
        except (OSError, ProcessLookupError):
            pass

    def wait(self, deadline):
        """True where it ended by itself."""
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
            ended = True
        except subprocess.TimeoutExpired:
            ended = False
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            # strace lets go of what it traced
            for pid in self.left():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.reader.join(2)
        self.process.stdout.close()
        self.err_file.seek(0)
        self.err = self.err_file.read().decode(errors="replace")
        self.err_file.close()
        return ended

    def left(self):
        found = []
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as f:
                    fields = f.read().rsplit(") ", 1)[1].split()
            except (OSError, IndexError):
                continue
            if int(fields[3]) == self.process.pid and fields[0] != "Z":
                found.append(int(pid))
        return found

    def calls(self):
        names = []
        with open(self.trace, encoding="utf-8", errors="replace") as f:
            for line in f:
                m = re.match(r"(?:\d+ +)?([a-z_0-9]+)\(", line)
                if m:
                    names.append(m.group(1))
        return names


# ---- peers ---------------------------------------------------------------------------------------


class Peer:
    """A thread with one role; `got` is what came."""

    def __init__(self, serve, listener):
        self.got, self.listener = b"", listener
        self.port = listener.getsockname()[1] if listener.family == socket.AF_INET else None
        listener.settimeout(DEADLINE)
        self.thread = threading.Thread(target=self.run, args=(serve,), daemon=True)
        self.thread.start()

    def run(self, serve):
        try:
            if self.listener.type == socket.SOCK_DGRAM:
                serve(self, self.listener)
                return
            while True:
                connection, _ = self.listener.accept()
                connection.settimeout(DEADLINE)
                threading.Thread(target=self.serve_one, args=(serve, connection), daemon=True).start()
        except OSError:
            pass

    def serve_one(self, serve, connection):
        try:
            with connection:
                serve(self, connection)
        except OSError:
            pass

    def end(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.thread.join(1)


def tcp():
    return socket.create_server((HOST, 0), backlog=8)


def sink(peer, c):
    data = b""
    while chunk := c.recv(65536):
        data += chunk
        peer.got = data


def source(peer, c):
    c.sendall(DATA)
    c.shutdown(socket.SHUT_WR)
    sink(peer, c)


def echo(peer, c):
    data = b""
    while chunk := c.recv(65536):
        data += chunk
        peer.got = data
        c.sendall(chunk)


def answer(peer, c):
    """All of the question first, then the answer: who is cut short is seen."""
    sink(peer, c)
    c.sendall(DATA)


def echo_datagrams(peer, c):
    while True:
        data, name = c.recvfrom(65536)
        peer.got += data
        c.sendto(data, name)


def file_of(where, data, name="data"):
    path = os.path.join(where, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def pipe_of(data):
    """The read end of a pipe into which data goes."""
    out, into = os.pipe()

    def fill():
        try:
            with os.fdopen(into, "wb") as f:
                f.write(data)
        except OSError:
            pass

    threading.Thread(target=fill, daemon=True).start()
    return out


def await_port(run, ready, deadline):
    while time.monotonic() < deadline and not run.over():
        try:
            with open(ready, encoding="ascii") as f:
                line = f.read()
            if line.endswith("\n"):
                run.ready = line
                return int(line.strip().rsplit(":", 1)[1])
        except OSError:
            pass
        except (IndexError, ValueError):
            return None
        time.sleep(0.004)
    return None


# ---- scenarios: (inject, where, deadline) -> Run, ended, complete, more -----------------------------


class Outcome:
    def __init__(self, run, ended, complete, badly=""):
        self.run, self.ended, self.complete, self.badly = run, ended, complete, badly


def soon(check, run):
    """What was sent may be under way yet when usock has ended."""
    end = time.monotonic() + 2
    while run.process.returncode == 0 and not check() and time.monotonic() < end:
        time.sleep(0.005)
    return check()


def client(args, serve, stdin, check, listener=tcp):
    def scenario(inject, where, deadline):
        peer = Peer(serve, listener())
        source_fd = None
        try:
            source_fd = stdin(where)
            run = Run([a.replace("PORT", str(peer.port)) for a in args], where, inject, source_fd)
            ended = run.wait(deadline)
            complete = soon(lambda: check(run, peer), run)
        finally:
            if source_fd is not None:
                os.close(source_fd)
            peer.end()
        return Outcome(run, ended, complete)

    return scenario


def from_pipe(_where):
    return pipe_of(DATA)


def from_file(where):
    return os.open(file_of(where, DATA), os.O_RDONLY)


def from_lines(_where):
    return pipe_of(b"one\ntwo\nthree\n")


def from_nothing(_where):
    return None


def tls_listener():
    """TLS 1.2 and 1.3; the certificate is made once for all."""
    return tcp()


def tls_answer(peer, c):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.environ["TORTURE_CERT"])
    with context.wrap_socket(c, server_side=True) as t:
        data = b""
        while len(data) < 5:
            chunk = t.recv(65536)
            if not chunk:
                return
            data += chunk
        peer.got = data
        t.sendall(DATA)
        t.unwrap()


def listen_one(inject, where, deadline):
    ready = os.path.join(where, "ready")
    fd = from_pipe(where)
    run = Run(["listen", "--ready-file", ready, HOST, "0"], where, inject, fd)
    os.close(fd)
    got = b""
    port = await_port(run, ready, deadline)
    if port is not None:
        try:
            with socket.create_connection((HOST, port), timeout=DEADLINE) as c:
                sender = threading.Thread(target=send_all, args=(c, len(DATA) // 2), daemon=True)
                sender.start()
                while len(got) < len(DATA) and (chunk := c.recv(65536)):
                    got += chunk
                sender.join(DEADLINE)
                send_all(c, 0, len(DATA) // 2)
                while chunk := c.recv(65536):
                    got += chunk
        except OSError:
            pass
    ended = run.wait(deadline)
    return Outcome(run, ended, got == DATA and run.out == DATA)


def send_all(c, n=0, skip=0):
    """The first n bytes, or all but skip of them and the end."""
    try:
        c.sendall(DATA[skip:n] if n else DATA[skip:])
        if not n:
            c.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def listen_keep(extra, stdin, serve):
    """A server for two clients, one after the other, then SIGTERM. serve: True where a client was served well."""

    def scenario(inject, where, deadline):
        ready = os.path.join(where, "ready")
        fd = stdin(where)
        run = Run(["listen", "-k", "--ready-file", ready] + extra + [HOST, "0"], where, inject, fd)
        badly = 0
        port = await_port(run, ready, deadline)
        stuck = False
        for _ in range(2):
            if port is None or run.over():
                break
            try:
                with socket.create_connection((HOST, port), timeout=5) as c:
                    badly += not serve(c)
            except TimeoutError:
                stuck = True
                badly += 1
            except OSError:
                badly += 1
        gone = run.over()
        if not gone:
            run.term()
        ended = run.wait(deadline)
        why = ""
        if stuck and not gone:
            why = "a client was left waiting"
        elif badly and (inject is None or "usock: " not in run.err.replace("usock: listening on ", "")):
            why = "%d clients served badly" % badly
        return Outcome(run, ended, False, why)

    return scenario


def echo_client(c):
    sender = threading.Thread(target=send_all, args=(c,), daemon=True)
    sender.start()
    got = b""
    while chunk := c.recv(65536):
        got += chunk
    sender.join(1)
    return got == DATA


def discarded_client(c):
    send_all(c)
    return c.recv(1) == b""


def status_of(args, volatile=None):
    """The table with one listener and one connection, compared with a run in which nothing fails."""

    def scenario(inject, where, deadline):
        listener = tcp()
        c = socket.create_connection(listener.getsockname())
        s, _ = listener.accept()
        try:
            words = [a.replace("PORT", str(listener.getsockname()[1])) for a in args]
            plain = subprocess.run(
                [USOCK] + words, capture_output=True, timeout=DEADLINE, check=False, stdin=subprocess.DEVNULL
            ).stdout
            run = Run(words, where, inject)
            ended = run.wait(deadline)
        finally:
            for one in (c, s, listener):
                one.close()
        seen = [re.sub(volatile, b"", o) if volatile else o for o in (plain, run.out)]
        return Outcome(run, ended, seen[0] == seen[1] and plain != b"")

    return scenario


SCRIPT = b"""set s [connect 127.0.0.1 $argv]
$s send "ping\\n"
$s expect "ping\\n"
$s close
puts ok
"""


def script(inject, where, deadline):
    peer = Peer(echo, tcp())
    try:
        run = Run(["run", file_of(where, SCRIPT, "script.us"), str(peer.port)], where, inject)
        ended = run.wait(deadline)
        complete = soon(lambda: run.out == b"ok\n" and peer.got == b"ping\n", run)
    finally:
        peer.end()
    return Outcome(run, ended, complete)


def through(extra, peer_serve, serve):
    """listen_keep for a server that goes on to a peer: PORT in extra is that of the peer; serve gets it, too."""

    def scenario(inject, where, deadline):
        peer = Peer(peer_serve, tcp())
        try:
            words = [a.replace("PORT", str(peer.port)) for a in extra]
            return listen_keep(words, from_nothing, lambda c: serve(c, peer.port))(inject, where, deadline)
        finally:
            peer.end()

    return scenario


def socks_client(c, port):
    c.sendall(b"\5\1\0")
    if received(c, 2) != b"\5\0":
        return False
    c.sendall(b"\5\1\0\1\x7f\0\0\1" + struct.pack(">H", port))
    return received(c, 10)[:2] == b"\5\0" and echo_client(c)


def http_proxy_client(c, port):
    c.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % port)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = c.recv(1)
        if not byte:
            return False
        head += byte
    return b" 200 " in head and echo_client(c)


def received(c, n):
    data = b""
    while len(data) < n and (chunk := c.recv(n - len(data))):
        data += chunk
    return data


WS_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
WS_ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, 1.3


def ws_client(c):
    """A message of 5 bytes there and back, and the close frame of 1000."""
    c.sendall(
        b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + WS_KEY +
        b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = c.recv(1)
        if not byte:
            return False
        head += byte
    c.sendall(b"\x82\x85\0\0\0\0hello")
    if received(c, 7) != b"\x82\x05hello":
        return False
    c.sendall(b"\x88\x82\0\0\0\0\x03\xe8")
    return received(c, 4) == b"\x88\x02\x03\xe8"


def ws_answer(peer, c):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += c.recv(1)
    key = re.search(rb"(?i)Sec-WebSocket-Key: (\S+)", head).group(1)
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    c.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        accept + b"\r\n\r\n"
    )
    head = received(c, 6)
    if len(head) < 6 or head[0] & 15 == 8:
        return
    length, mask = head[1] & 127, head[2:]
    peer.got = bytes(b ^ mask[i % 4] for i, b in enumerate(received(c, length)))
    c.sendall(b"\x82\x7f" + struct.pack(">Q", len(DATA)) + DATA + b"\x88\x02\x03\xe8")
    sink(Sunk(), c)


class Sunk:
    got = b""


def broker_client(c):
    """What one client says another gets; who is alone waits."""
    with socket.create_connection(c.getpeername(), timeout=1) as d:
        c.settimeout(1)
        try:
            d.sendall(b"there?")
            if received(c, 6) != b"there?":
                return False
            sender = threading.Thread(target=send_all, args=(c,), daemon=True)
            sender.start()
            got = received(d, len(DATA))
            sender.join(1)
        except TimeoutError:
            return False
    return got == DATA


def tls_client(c):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(c) as t:
        t.sendall(b"hello")
        return received(t, 5) == b"hello"


def socks_answer(peer, c):
    """A SOCKS5 proxy that answers as the target itself."""
    if len(received(c, 3)) < 3:
        return
    c.sendall(b"\5\0")
    if len(received(c, 10)) < 10:
        return
    c.sendall(b"\5\0\0\1\x7f\0\0\1\0\x09")
    answer(peer, c)


def tls_echo(extra):
    def scenario(inject, where, deadline):
        cert = os.environ["TORTURE_CERT"]
        return listen_keep(extra + ["--cert", cert, "--key", cert], from_nothing, tls_client)(inject, where, deadline)

    return scenario


SERVER_SCRIPT = rb"""expect -re {(.*)\n}
send "got $expect(1)\n"
"""


def script_server(inject, where, deadline):
    def serve(c):
        c.sendall(b"one\n")
        return received(c, 8) == b"got one\n"

    words = ["--script", file_of(where, SERVER_SCRIPT, "client.us")]
    return listen_keep(words, from_nothing, serve)(inject, where, deadline)


def recorded(inject, where, deadline):
    """A recording that is said to be whole has all that was sent and received."""
    record = os.path.join(where, "record.jsonl")

    def whole(run, peer):
        if run.process.returncode != 0:
            return True
        sums = {}
        with open(record, encoding="utf-8") as f:
            for line in f:
                said = json.loads(line)
                data = said["text"].encode() if "text" in said else base64.b64decode(said.get("base64", ""))
                sums[said.get("dir")] = sums.get(said.get("dir"), b"") + data
        return [peer.got, run.out, sums.get("sent"), sums.get("received")] == [DATA] * 4

    return client(["connect", "--record", record, HOST, "PORT"], answer, from_pipe, whole)(inject, where, deadline)


BACKLOG = rb"(?<=LISTEN) +[0-9]+ +[0-9]+"  # /proc does not tell it
TIMES = rb" +[0-9.]+( |$)"
SCENARIOS = {
    "connect-send": client(["connect", HOST, "PORT"], sink, from_pipe, lambda r, p: p.got == DATA),
    "connect-file": client(["connect", HOST, "PORT"], sink, from_file, lambda r, p: p.got == DATA),
    "connect-recv": client(["connect", HOST, "PORT"], source, from_nothing, lambda r, p: r.out == DATA),
    "connect-both": client(
        ["connect", HOST, "PORT"], answer, from_pipe, lambda r, p: p.got == DATA and r.out == DATA
    ),
    "connect-echo": client(["connect", HOST, "PORT"], echo, from_pipe, lambda r, p: p.got == DATA and r.out == DATA),
    "connect-crlf": client(
        ["connect", "-C", "-i", "60", HOST, "PORT"], echo, from_lines, lambda r, p: r.out == b"one\r\ntwo\r\nthree\r\n"
    ),
    "connect-scan": client(
        ["connect", "-z", HOST, "PORT"], sink, from_nothing, lambda r, p: re.search(rb" open ", r.out) is not None
    ),
    "connect-tls": client(
        ["connect", "--tls", "--insecure", HOST, "PORT"], tls_answer, lambda w: pipe_of(b"ping\n"),
        lambda r, p: p.got == b"ping\n" and r.out == DATA, tls_listener,
    ),
    "connect-udp": client(
        ["connect", "-u", "--after-eof", "300ms", "--timeout", "5", HOST, "PORT"], echo_datagrams, from_lines,
        lambda r, p: p.got == b"one\ntwo\nthree\n" and r.out == b"one\ntwo\nthree\n",
        lambda: bound_datagrams(),
    ),
    "sendto": client(
        ["sendto", "--timeout", "5", HOST, "PORT", "one", "two", "three"], echo_datagrams, from_nothing,
        lambda r, p: p.got == b"onetwothree", lambda: bound_datagrams(),
    ),
    "sendto-wait": client(
        ["sendto", "--wait", "300ms", "--timeout", "5", HOST, "PORT"], echo_datagrams, from_lines,
        lambda r, p: p.got == b"one\ntwo\nthree\n" and r.out == b"one\ntwo\nthree\n", lambda: bound_datagrams(),
    ),
    "listen": listen_one,
    "listen-echo": listen_keep(["--echo"], from_nothing, echo_client),
    "listen-discard": listen_keep(["--discard", "-v"], from_nothing, discarded_client),
    "connect-nc": client(["nc", "-v", "-N", HOST, "PORT"], answer, from_pipe, lambda r, p: p.got == DATA and r.out == DATA),
    "connect-ncat": client(["ncat", HOST, "PORT"], answer, from_pipe, lambda r, p: p.got == DATA and r.out == DATA),
    "connect-program": client(
        ["connect", HOST, "PORT", "--", "cat"], source, from_nothing, lambda r, p: p.got == DATA
    ),
    "connect-socks": client(
        ["connect", "--proxy", "socks5://127.0.0.1:PORT", "192.0.2.1", "9"], socks_answer, from_pipe,
        lambda r, p: p.got == DATA and r.out == DATA,
    ),
    "connect-ws": client(
        ["connect", "ws://127.0.0.1:PORT/"], ws_answer, lambda w: pipe_of(b"ping\n"),
        lambda r, p: p.got == b"ping" and r.out == DATA + b"\n",  # a message is a line
    ),
    "connect-record": recorded,
    "listen-broker": listen_keep(["--broker"], from_nothing, broker_client),
    "listen-program": listen_keep(["--sh", "cat"], from_nothing, echo_client),
    "listen-tls": tls_echo(["--tls", "--echo"]),
    "listen-ws": listen_keep(["--ws", "--echo"], from_nothing, ws_client),
    "listen-script": script_server,
    "listen-workers": listen_keep(["--workers", "2", "--echo"], from_nothing, echo_client),
    "forward": through(["--forward", "127.0.0.1:PORT"], echo, lambda c, port: echo_client(c)),
    "proxy-socks": through(["--proxy-server", "socks"], echo, socks_client),
    "proxy-http": through(["--proxy-server", "http"], echo, http_proxy_client),
    "status": status_of(["status", ":PORT"], BACKLOG),
    "status-proc": status_of(["status", "--via", "proc", "-4", ":PORT"], BACKLOG),
    "status-process": status_of(["status", "--process", ":PORT"], BACKLOG),
    "resolve": status_of(["resolve", "localhost", "80"]),
    "resolve-probe": status_of(["resolve", "--probe", HOST, "PORT"], TIMES),
    "run": script,
}


def bound_datagrams():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((HOST, 0))
    return s


# ---- verdicts ------------------------------------------------------------------------------------

MESSAGE = re.compile(r"^usock: (\S.*: \S|out of memory|[a-z]+: \S)|^nc: \S|^Ncat: \S", re.M)


def verdict(scenario, inject, outcome):
    """"" where all is well."""
    run, code = outcome.run, outcome.run.process.returncode
    if "AddressSanitizer" in run.err or "runtime error:" in run.err:
        return "crash: a sanitizer's report"
    # as for accept4 in WAITS; whose target lacks something waits, too
    if inject is not None and re.search("the next client waits|its client waits", run.err):
        return ""
    if not outcome.ended:
        return "hang: no end in %.0f s" % DEADLINE
    if code < 0 and -code not in (signal.SIGPIPE, run.ended_by_us):
        return "crash: %s" % signal.Signals(-code).name
    if run.ready and not re.fullmatch(r"[0-9.]+:[0-9]+\n", run.ready):
        return "false ready: %r" % run.ready
    if outcome.badly:
        return "silent: " + outcome.badly
    if code == 0 and not outcome.complete:
        return "false 0"
    if code <= 0 or run.ended_by_us is not None:
        return ""
    # no message can be written where no write works
    if inject is not None and inject[0] in ("write", "writev") and inject[2].endswith("+"):
        return ""
    # -z and --probe answer on standard output
    if code == 1 and re.search(rb"(?m) (closed|filtered) ", run.out):
        return ""
    if not MESSAGE.search(run.err):
        return "mute: status %d, stderr %r" % (code, run.err[:200])
    return ""


def was_injected(trace):
    try:
        with open(trace, encoding="utf-8", errors="replace") as f:
            return "(INJECTED)" in f.read()
    except OSError:
        return False


def run_case(case, factor=1.0):
    """(case, verdict, was the call reached)"""
    scenario, call, errno, when = case.split("/")
    with tempfile.TemporaryDirectory(prefix="torture.") as where:
        deadline = time.monotonic() + DEADLINE * factor
        outcome = SCENARIOS[scenario]((call, errno, when), where, deadline)
        said = verdict(scenario, (call, errno, when), outcome)
        reached = allocations_seen(where)[1] > 0 if call == "malloc" else was_injected(outcome.run.trace)
    if said and os.environ.get("TORTURE_VERBOSE"):
        said += "\n    status %s, stderr: %s" % (outcome.run.process.returncode, outcome.run.err.strip()[:500])
    return case, said, reached


# ---- which cases there are -----------------------------------------------------------------------


def traced(args):
    with tempfile.TemporaryDirectory(prefix="torture.") as where:
        run = Run(args, where)
        run.wait(time.monotonic() + 60)
        return run.calls()


def loader_calls():
    """How often each call is made before main(): what different commands have in common at the beginning."""
    traces = [traced(a) for a in (["--version"], ["status", "--count"], ["sendto", HOST, "9", "x"], ["connect"])]
    counts = {}
    for names in zip(*traces):
        if len(set(names)) > 1:
            break
        counts[names[0]] = counts.get(names[0], 0) + 1
    return counts


def learn(name, before, checked):
    with tempfile.TemporaryDirectory(prefix="torture.") as where:
        outcome = SCENARIOS[name](None, where, time.monotonic() + 60)
        said = verdict(name, None, outcome)
        if outcome.run.ended_by_us is None and not said and outcome.run.process.returncode != 0:
            said = "status %d: %s" % (outcome.run.process.returncode, outcome.run.err)
        if said:
            raise SystemExit("torture: %s fails without a fault: %s" % (name, said))
        counts = {}
        for call in outcome.run.calls():
            counts[call] = counts.get(call, 0) + 1
        allocations = allocations_seen(where)[0]
    cases = []
    if (name, "malloc") in NOT_IN:
        allocations = 0
    for i in sorted({1 + i * allocations // ALLOCATIONS for i in range(ALLOCATIONS)} if allocations else ()):
        cases += ["%s/malloc/ENOMEM/%d" % (name, i), "%s/malloc/ENOMEM/%d+" % (name, i)]
    for call, n in sorted(counts.items()):
        if call in LEFT_OUT or (name, call) in NOT_IN or (checked and call in MEMORY):
            continue
        if name in PROGRAMS and call not in NOT_OF_PROGRAMS:
            continue
        n -= before.get(call, 0)
        if n <= 0:
            continue
        for errno in ERRNOS.get(call, "EINVAL ENOMEM EPERM").split():
            for when in whens(call, errno, before.get(call, 0), n):
                cases.append("/".join((name, call, errno, when)))
    return cases


def is_checked():
    with open(USOCK, "rb") as f:
        return b"__asan_init" in f.read()


def make_certificate(where):
    path = os.path.join(where, "cert.pem")
    key = os.path.join(where, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", key, "-out", path],
        check=True, capture_output=True,
    )
    with open(path, "ab") as f, open(key, "rb") as k:
        f.write(k.read())
    os.environ["TORTURE_CERT"] = path


def make_library(where):
    """The sanitizers have allocators of their own."""
    path = os.path.join(where, "failing_malloc.so")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "failing_malloc.c")
    if not is_checked():
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", path, source], check=True)
        os.environ["TORTURE_LIBRARY"] = path


def all_cases(wanted):
    before, checked = loader_calls(), is_checked()
    cases = []
    for name in SCENARIOS:
        if not wanted or any(w.split("/")[0] == name for w in wanted):
            cases += learn(name, before, checked)
    if wanted:
        cases = [c for c in cases if any(c == w or c.startswith(w + "/") for w in wanted)]
    return cases


def torture(cases, jobs):
    failed, unreached = [], 0
    with concurrent.futures.ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run_case, c) for c in cases]):
            case, said, reached = done.result()
            unreached += not reached
            if said:
                failed.append((case, said))
    # a busy machine is no hang
    confirmed = []
    for case, said in sorted(failed):
        if said.startswith(("hang", "silent: a client was left waiting")):
            said = run_case(case, 2.0)[1]
        if said:
            confirmed.append(case)
            print("%s: %s" % (case, said), flush=True)
    if unreached:
        print("in %d cases the call did not come this time" % unreached)
    print("%d cases, %d failed" % (len(cases), len(confirmed)))
    return 1 if confirmed else 0


def main():
    global USOCK
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--short", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true")
    parser.add_argument("cases", nargs="*")
    parser.add_argument("usock")
    args = parser.parse_args()
    USOCK = os.path.abspath(args.usock)
    with tempfile.TemporaryDirectory(prefix="torture.") as where:
        make_certificate(where)
        make_library(where)
        if args.cases and all(c.count("/") == 3 for c in args.cases):
            cases = args.cases
            os.environ["TORTURE_VERBOSE"] = "1"
        else:
            cases = all_cases(args.cases)
        if args.short and args.short < len(cases):
            step = len(cases) / args.short
            cases = [cases[int(i * step)] for i in range(args.short)]
        if args.list:
            print("\n".join(cases))
            return 0
        return torture(cases, args.jobs)


if __name__ == "__main__":
    sys.exit(main())
