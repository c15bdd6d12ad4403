#!/usr/bin/env python3
"""Side-by-side measurements of usock and its peers, all on loopback, in one run.

usage: tests/bench/peers.py [--usock PATH] [--against PATH] [--only-usock] [--runs N] [SCENARIO ...]

Every figure is a median over --runs runs, the tools taken in turn (A B C A B C, every
second round backwards), and printed beside the ratio to the best peer of that scenario.
A tool that is not installed or that fails a run is printed as such, never skipped in silence.

"plain C" is tests/bench/limit.c: the same system calls and no more. --against names an
older usock, which is "usock before". "usock as nc" and "usock as ncat" are usock under their
names, with their words; their ratios are to the original and to usock's own words. The ratios to all of these are printed as times faster,
above 1 is better whatever the unit: of the medians, of the best runs, which a busy
machine disturbs less, and of the CPU time of all processes, which it disturbs least. --only-usock leaves out the other tools.
"""
import argparse, os, resource, select, shutil, signal, socket, ssl, statistics, subprocess, sys, threading, time

HOST = "127.0.0.1"
CERT = "/dev/shm/usock-bench.pem"
DEV = subprocess.DEVNULL


def free_port():
    with socket.socket() as s:
        s.bind((HOST, 0))
        return s.getsockname()[1]


def wait_listen(port, proc=None, limit=5.0):
    """Wait, without connecting, until something listens on port."""
    want = ":%04X" % port
    end = time.monotonic() + limit
    while time.monotonic() < end:
        for f in ("/proc/net/tcp", "/proc/net/tcp6"):
            with open(f) as h:
                for line in h:
                    p = line.split()
                    if len(p) > 3 and p[1].endswith(want) and p[3] == "0A":
                        return
        if proc is not None and proc.poll() is not None:
            raise RuntimeError("listener exited %s" % proc.returncode)
        time.sleep(0.002)
    raise RuntimeError("no listener")


def stop(*procs):
    for p in procs:
        if p is None:
            continue
        if p.poll() is None:
            try:
                os.killpg(p.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        p.wait()


def spawn(cmd, **kw):
    return subprocess.Popen(cmd, shell=isinstance(cmd, str), start_new_session=True, **kw)


def cpu_children():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


# ---------------------------------------------------------------- tools
class Tool:
    name = "?"
    listen_input = subprocess.PIPE  # most listeners end when their input does
    def ok(self): return shutil.which(self.bin) is not None


class Usock(Tool):
    name = "usock"
    def __init__(self, path): self.bin = path
    def listen(self, p): return [self.bin, "listen", HOST, str(p)]
    def connect(self, p): return [self.bin, "connect", HOST, str(p)]
    def execd(self, p): return [self.bin, "listen", "--keep-open", HOST, str(p), "--", "/bin/echo", "hi"]
    def hold(self, p): return [self.bin, "listen", "--keep-open", "--echo", HOST, str(p)]
    def tls_listen(self, p): return [self.bin, "listen", "--tls", "--cert", CERT, HOST, str(p)]
    def tls_connect(self, p): return [self.bin, "connect", "--tls", "--ca-file", CERT, HOST, str(p)]
    def version(self): return [self.bin, "--version"]
    def resolve(self, name): return [self.bin, "resolve", name]
    def exact(self, c, p): return [self.bin, "status", f"{HOST}:{c}", f"{HOST}:{p}", "--code"]
    def table(self, c, p): return [self.bin, "status"]
    def ping(self, p, n): return [self.bin, "-c", PING % n, str(p)]
    listen_input = DEV  # a pipe that says nothing is waited for, half a second from the start
    udp_input = "file"
    def udp_send(self, p): return [self.bin, "sendto", "--framing", "chunk=64", HOST, str(p)]
    def udp_recv(self, p, q): return [self.bin, "connect", "-u", "--recv-only", "-p", str(p), HOST, str(q)]


class UsockBefore(Usock):
    name = "usock before"


class PlainC(Tool):
    """tests/bench/limit.c, where there is a compiler."""
    name, bin = "plain C", "/dev/shm/usock-bench-limit"
    def ok(self):
        if getattr(self, "built", None) is None:
            src = os.path.join(os.path.dirname(os.path.abspath(__file__)), "limit.c")
            self.built = subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-o", self.bin, src]).returncode == 0
        return self.built
    def listen(self, p): return [self.bin, "listen", str(p)]
    def connect(self, p): return [self.bin, "connect", str(p)]
    def hold(self, p): return [self.bin, "echo", str(p)]
    def version(self): return [self.bin, "nothing"]
    def ping(self, p, n): return [self.bin, "ping", str(p), str(n)]


class Openssl(Tool):
    name, bin = "openssl", "openssl"
    version = None
    def tls_listen(self, p): return [self.bin, "s_server", "-quiet", "-naccept", "1", "-cert", CERT, "-accept", f"{HOST}:{p}"]
    def tls_connect(self, p): return [self.bin, "s_client", "-quiet", "-verify_return_error", "-CAfile", CERT, "-connect", f"{HOST}:{p}"]


class Ss(Tool):
    name, bin = "ss", "ss"
    execd = hold = version = None
    def exact(self, c, p): return ["sh", "-c", f"ss -tan | grep -q '127.0.0.1:{c} .*127.0.0.1:{p} '"]
    def table(self, c, p): return [self.bin, "-tan"]


class SsFilter(Ss):
    name = "ss (filter)"
    def exact(self, c, p): return [self.bin, "-Htan", f"sport = :{c} and dport = :{p}"]
    table = None


class NcOpenbsd(Tool):
    name, bin = "nc.openbsd", "nc.openbsd"
    # it has no size of records: a pipe that keeps packets apart (pipe(2), O_DIRECT) gives it one at a time
    udp_input = "packets"
    def udp_send(self, p): return [self.bin, "-u", "-q", "0", HOST, str(p)]
    def udp_recv(self, p, q): return [self.bin, "-u", "-d", "-p", str(p), HOST, str(q)]
    def listen(self, p): return [self.bin, "-l", "-N", HOST, str(p)]
    def connect(self, p): return [self.bin, "-N", HOST, str(p)]
    def version(self): return [self.bin, "-h"]


class NcTrad(Tool):
    name, bin = "nc.traditional", "nc.traditional"
    def listen(self, p): return [self.bin, "-l", "-p", str(p), "-q", "0"]
    def connect(self, p): return [self.bin, "-q", "0", HOST, str(p)]
    def version(self): return [self.bin, "-h"]


class Ncat(Tool):
    name, bin = "ncat", "ncat"
    def listen(self, p): return [self.bin, "-l", HOST, str(p)]
    def connect(self, p): return [self.bin, HOST, str(p)]
    def execd(self, p): return [self.bin, "-lk", "--exec", "/bin/echo hi", HOST, str(p)]
    def hold(self, p): return [self.bin, "-lk", "--broker", "--max-conns", "20000", HOST, str(p)]
    def tls_listen(self, p): return [self.bin, "-l", "--ssl", "--ssl-cert", CERT, "--ssl-key", CERT, HOST, str(p)]
    def tls_connect(self, p): return [self.bin, "--ssl", "--ssl-verify", "--ssl-trustfile", CERT, HOST, str(p)]
    def version(self): return [self.bin, "--version"]


def link_to(usock, name):
    """usock under the name of another program"""
    folder = "/dev/shm/usock-bench-links"; os.makedirs(folder, exist_ok=True)
    path = f"{folder}/{name}"
    if os.path.lexists(path): os.unlink(path)
    os.symlink(os.path.abspath(shutil.which(usock)), path)
    return path


class UsockNc(NcOpenbsd):
    """usock as nc, with the words that the original gets"""
    name, original = "usock as nc", "nc.openbsd"
    def __init__(self, path): self.bin = link_to(path, "nc")


class UsockNcat(Ncat):
    """usock as ncat; its broker holds clients as the original's does"""
    name, original = "usock as ncat", "ncat"
    def __init__(self, path): self.bin = link_to(path, "ncat")


class Socat(Tool):
    name, bin = "socat", "socat"
    def listen(self, p): return [self.bin, "-u", f"TCP4-LISTEN:{p},bind={HOST},reuseaddr", "STDOUT"]
    def connect(self, p): return [self.bin, "-u", "STDIN", f"TCP4:{HOST}:{p}"]
    def execd(self, p): return [self.bin, f"TCP4-LISTEN:{p},bind={HOST},reuseaddr,fork,backlog=128", "EXEC:/bin/echo hi"]
    def hold(self, p): return [self.bin, f"TCP4-LISTEN:{p},bind={HOST},reuseaddr,fork,backlog=4096", "PIPE"]
    def tls_listen(self, p): return [self.bin, "-u", f"OPENSSL-LISTEN:{p},bind={HOST},cert={CERT},verify=0,reuseaddr", "STDOUT"]
    def tls_connect(self, p): return [self.bin, "-t", "5", "STDIO", f"OPENSSL:{HOST}:{p},cafile={CERT}"]
    def version(self): return [self.bin, "-V"]


    udp_input = "file"
    def udp_send(self, p): return [self.bin, "-u", "-b64", "STDIN", f"UDP4-SENDTO:{HOST}:{p}"]
    def udp_recv(self, p, q): return [self.bin, "-u", "-b65536", f"UDP4-RECV:{p},bind={HOST}", "STDOUT"]


class Socat64k(Socat):
    name = "socat -b256k"
    def listen(self, p): r = Socat.listen(self, p); return [r[0], "-b262144"] + r[1:]
    def connect(self, p): r = Socat.connect(self, p); return [r[0], "-b262144"] + r[1:]
    execd = hold = version = udp_send = udp_recv = tls_listen = tls_connect = None


class MbedAlone(Tool):
    """tests/bench/mbed_bulk.c, where there is a compiler and the library."""
    name, bin, version = "mbedTLS alone", "/dev/shm/usock-mbed-bulk", None
    def ok(self):
        src = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mbed_bulk.c")
        cmd = ["cc", "-O2", "-o", self.bin, src, "-lmbedtls", "-lmbedx509", "-lmbedcrypto"]
        return os.path.exists(self.bin) or subprocess.run(cmd, stderr=DEV).returncode == 0


class Getent(Tool):
    name, bin = "getent", "getent"
    version = None
    def resolve(self, name): return [shutil.which(self.bin), "ahosts", name]


# ---------------------------------------------------------------- scenarios
def transfer(listen_cmd, connect_cmd, port, src, dst, size, listen_input):
    """Bytes per second from src (shell producer or file) through the pair to dst."""
    c0 = cpu_children()
    out = open("/dev/null", "wb") if dst == "null" else subprocess.PIPE
    lis = spawn(listen_cmd, stdin=DEV if "-u" in listen_cmd else listen_input, stdout=out, stderr=DEV)
    drain = None
    if dst == "pipe":
        drain = spawn(["cat"], stdin=lis.stdout, stdout=DEV)
        lis.stdout.close()
    try:
        wait_listen(port, lis)
        t0 = time.monotonic()
        if src == "file":
            con = spawn(connect_cmd, stdin=open("/dev/shm/usock-bench.bin", "rb"), stdout=DEV, stderr=DEV)
            prod = None
        else:
            prod = spawn(["head", "-c", str(size), "/dev/zero"], stdout=subprocess.PIPE)
            con = spawn(connect_cmd, stdin=prod.stdout, stdout=DEV, stderr=DEV)
            prod.stdout.close()
        con_done = False
        end = t0 + 60
        while lis.poll() is None and time.monotonic() < end:
            if not con_done and con.poll() is not None:
                con_done = True
                if lis.stdin:
                    lis.stdin.close()
            time.sleep(0.001)
        if drain:
            drain.wait(10)
        dt = time.monotonic() - t0
        if lis.poll() is None:
            raise RuntimeError("did not end")
    finally:
        stop(lis, *( [con] if "con" in locals() else []), *([prod] if "prod" in locals() and prod else []), drain)
    return size / dt / 1e6, cpu_children() - c0


def sc_transfer(src, dst):
    def run(t, a):
        p = free_port()
        if not hasattr(t, "listen"): return None
        return transfer(t.listen(p), t.connect(p), p, src, dst, a.size, t.listen_input)
    return run, "MB/s", max


def sc_rate(t, a):
    if not hasattr(t, "execd") or t.execd is None: return None
    p = free_port(); pr = spawn(t.execd(p), stdin=DEV, stdout=DEV, stderr=DEV); n = 2000
    try:
        wait_listen(p, pr); t0 = time.monotonic()
        for _ in range(n):
            c = socket.create_connection((HOST, p)); d = b""
            while True:
                x = c.recv(100)
                if not x: break
                d += x
            c.close()
            if d != b"hi\n": raise RuntimeError("answer %r" % d)
        dt = time.monotonic() - t0
    finally: stop(pr)
    return n / dt, 0


def sc_hold(t, a):
    """How many of 10,000 clients are held at once by a --broker-like listener, and memory per client."""
    if not hasattr(t, "hold") or t.hold is None: return None
    p = free_port(); pr = spawn(t.hold(p), stdin=DEV, stdout=DEV, stderr=DEV); n = 10000; cs = []
    def rss():
        tot = 0
        for pid in subprocess.run(["pgrep", "-g", str(pr.pid)], capture_output=True, text=True).stdout.split():
            try:
                tot += int(next(l for l in open(f"/proc/{pid}/smaps_rollup") if l.startswith("Pss:")).split()[1])
            except Exception: pass
        return tot
    try:
        wait_listen(p, pr); base = rss(); t0 = time.monotonic()
        for i in range(n):
            try:
                c = socket.socket(); c.settimeout(2); c.connect((HOST, p)); cs.append(c)
            except OSError: break
            if time.monotonic() - t0 > 30: break
        time.sleep(0.5); alive = 0
        for c in cs:
            c.setblocking(False)
            try:
                if c.recv(1) == b"": continue
            except BlockingIOError: alive += 1
            except OSError: pass
        # only those accepted count: ask the kernel for the listener's queue
        q = subprocess.run(["ss", "-Hltn", f"sport = :{p}"], capture_output=True, text=True).stdout.split()
        alive -= int(q[1]) if len(q) > 1 else 0
        per = (rss() - base) / max(alive, 1)
        print(f"    {t.name}: {alive} of {n} held, {per:.2f} KiB each (PSS)")
    finally:
        for c in cs: c.close()
        stop(pr)
    return alive, 0


def sc_startup(t, a):
    if t.version is None: return None
    t0 = time.monotonic(); n = 100
    for _ in range(n): subprocess.run(t.version(), stdin=DEV, stdout=DEV, stderr=DEV)
    return (time.monotonic() - t0) / n * 1e3, 0


def sc_oneshot(t, a):
    """One whole shell one-liner: connect, exchange a line with an echo server, exit; ms each."""
    if not hasattr(t, "connect"): return None
    p = free_port(); srv = socket.create_server((HOST, p), backlog=64); go = [True]
    def serve():
        while go[0]:
            try: c, _ = srv.accept()
            except OSError: return
            while True:
                d = c.recv(4096)
                if not d: break
                c.sendall(d)
            c.close()
    threading.Thread(target=serve, daemon=True).start()
    cmd = t.connect(p)
    if t.name == "socat": cmd = ["socat", "STDIO", f"TCP4:{HOST}:{p}"]
    n = 100; t0 = time.monotonic()
    for _ in range(n):
        r = subprocess.run(cmd, input=b"ping\n", capture_output=True, timeout=10)
        if r.stdout != b"ping\n": raise RuntimeError("echo %r" % r.stdout)
    dt = time.monotonic() - t0; go[0] = False; srv.close()
    return dt / n * 1e3, 0


PING = """
set s [connect 127.0.0.1 [lindex $argv 0]]
set began [clock microseconds]
for {set i 0} {$i < %d} {incr i} {
	$s send "ping\\n"
	$s expect "ping\\n"
}
puts [expr {[clock microseconds] - $began}]
"""


def sc_ping(t, a):
    """A line there and back, of a script of usock and of plain C, with the same server; microseconds each."""
    if not hasattr(t, "ping"): return None
    p = free_port(); n = 20000; c0 = cpu_children()
    srv = spawn(PlainC().hold(p) if os.path.exists(PlainC.bin) else Usock(a.usock).hold(p), stdin=DEV, stdout=DEV, stderr=DEV)
    try:
        wait_listen(p, srv)
        r = subprocess.run(t.ping(p, n), stdin=DEV, capture_output=True, timeout=60, check=True)
    finally: stop(srv)
    return int(r.stdout) / n, cpu_children() - c0


def make_cert():
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-keyout", CERT + ".key", "-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{HOST},DNS:{HOST}"],
        capture_output=True, check=True)
    with open(CERT + ".key") as k, open(CERT, "wb") as f: f.write(made.stdout + k.read().encode())
    os.unlink(CERT + ".key")


def tls_answer(ctx, conn):
    """A line back, a close_notify, and all that a client may still say; not all answer a close_notify, or send one."""
    tls = ctx.wrap_socket(conn, server_side=True)
    try: tls.sendall(tls.recv(4096)); tls.settimeout(0); tls.unwrap()
    except OSError: pass
    raw = socket.socket(fileno=tls.detach()); raw.settimeout(10)
    try:
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(4096): pass
    except OSError: pass
    raw.close()


def sc_tls_connect(t, a):
    """The same over TLS, the certificate checked: handshake, a line, its answer, close_notify; ms each."""
    if getattr(t, "tls_connect", None) is None: return None
    make_cert(); ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); ctx.load_cert_chain(CERT)
    srv = socket.create_server((HOST, 0), backlog=64); cmd = t.tls_connect(srv.getsockname()[1])
    def serve():
        while True:
            try: c, _ = srv.accept()
            except OSError: return
            try: tls_answer(ctx, c)
            except OSError: c.close()
    threading.Thread(target=serve, daemon=True).start()
    n = 50; c0 = cpu_children(); null = os.open("/dev/null", os.O_RDWR); t0 = time.monotonic(); exe = shutil.which(cmd[0])
    try:
        for _ in range(n):
            # without subprocess: it costs as much as what is measured
            (qr, qw), (ar, aw) = os.pipe(), os.pipe()
            acts = [(os.POSIX_SPAWN_DUP2, qr, 0), (os.POSIX_SPAWN_DUP2, aw, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
            pid = os.posix_spawn(exe, cmd, os.environ, file_actions=acts); os.close(qr); os.close(aw)
            os.write(qw, b"ping\n"); os.close(qw); got = b""
            while select.select([ar], [], [], 10)[0]:
                d = os.read(ar, 100); got += d
                if not d: break
            else: os.kill(pid, signal.SIGKILL)
            os.close(ar); os.waitpid(pid, 0)
            if got != b"ping\n": raise RuntimeError("echo %r" % got)
        dt = time.monotonic() - t0
    finally: srv.shutdown(socket.SHUT_RDWR); srv.close(); os.close(null)
    return dt / n * 1e3, cpu_children() - c0


def sc_tls_bulk(t, a):
    """A file through a pair of the same tool over TLS, to nowhere."""
    if getattr(t, "tls_listen", None) is None: return None
    make_cert(); p = free_port(); connect = t.tls_connect(p)
    if t.name == "openssl": connect += ["-no_ign_eof", "-nocommands"]
    if isinstance(t, Ncat): connect.append("--send-only")
    # the end of the input is told at once, as the other tools do
    if isinstance(t, Usock): connect.insert(2, "--send-only")
    return transfer(t.tls_listen(p), connect, p, "file", "null", a.size, t.listen_input)


def sc_tls_core(t, a):
    """The same by the CPU of the busier side: what one core each would give on a machine of its own."""
    if t.name == "mbedTLS alone":
        make_cert(); r = subprocess.run([t.bin, CERT, str(a.size >> 20)], capture_output=True, text=True, check=True, timeout=120)
        return float(r.stdout.split()[0]), 0
    if getattr(t, "tls_listen", None) is None: return None
    make_cert(); p = free_port(); connect = t.tls_connect(p); procs = []
    if t.name == "openssl": connect += ["-no_ign_eof", "-nocommands"]
    if isinstance(t, Ncat): connect.append("--send-only")
    def cpu(pr):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            pid, status, r = os.wait4(pr.pid, os.WNOHANG)
            if pid: pr.returncode = status; return r.ru_utime + r.ru_stime
            time.sleep(0.01)
        raise RuntimeError("did not end")
    try:
        cmd = t.tls_listen(p); procs.append(spawn(cmd, stdin=DEV if "-u" in cmd else subprocess.PIPE, stdout=DEV, stderr=DEV)); wait_listen(p, procs[0])
        with open("/dev/shm/usock-bench.bin", "rb") as f: procs.append(spawn(connect, stdin=f, stdout=DEV, stderr=DEV))
        used = [cpu(procs[1])]
        if procs[0].stdin: procs[0].stdin.close()
        used.append(cpu(procs[0]))
    finally: stop(*procs)
    return a.size / max(used) / 1e6, sum(used)


def sc_resolve(t, a):
    """The addresses of a name in the hosts file; ms each."""
    if not hasattr(t, "resolve"): return None
    cmd = t.resolve("localhost"); n = 200; null = os.open("/dev/null", os.O_RDWR); c0 = cpu_children()
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in range(3)]
    t0 = time.monotonic()
    for _ in range(n):
        pid = os.posix_spawn(cmd[0], cmd, os.environ, file_actions=actions)
        if os.waitpid(pid, 0)[1] != 0: raise RuntimeError("failed")
    dt = time.monotonic() - t0; os.close(null)
    return dt / n * 1e3, cpu_children() - c0


def hold_sockets(n):
    """A process with n connected TCP sockets; its first pair of ports."""
    code = ("import socket,sys\nl=socket.create_server(('127.0.0.1',0),backlog=4096)\nkeep=[]\n"
            "for i in range(%d//2):\n c=socket.create_connection(l.getsockname());keep+=[c,l.accept()[0]]\n"
            "print(keep[0].getsockname()[1],l.getsockname()[1],flush=True)\nsys.stdin.read()\n" % n)
    pr = spawn([sys.executable, "-IS", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return pr, pr.stdout.readline().split()


def sc_status(method):
    """A whole command beside 20,000 open sockets; ms each."""
    def run(t, a):
        if getattr(t, method, None) is None: return None
        held = [hold_sockets(10000), hold_sockets(10000)]
        try:
            cmd = getattr(t, method)(*held[1][1]); n = 20; t0 = time.monotonic()
            for _ in range(n):
                status = subprocess.run(cmd, stdin=DEV, stdout=DEV, stderr=DEV).returncode
                if status != 0: raise RuntimeError("status %d" % status)
            dt = time.monotonic() - t0
        finally: stop(*[h[0] for h in held])
        return dt / n * 1e3, 0
    return run, "ms", min


def udp_counts(port):
    """Of a UDP socket that nobody reads: datagrams dropped."""
    with open("/proc/net/udp") as f:
        for line in f:
            p = line.split()
            if len(p) > 3 and p[1].endswith(":%04X" % port): return int(p[-1])
    raise RuntimeError("no socket on %d" % port)


def sc_udp_send(t, a):
    """Datagrams of 64 bytes a second, counted where they arrive; nobody reads them, so no reader slows it."""
    if getattr(t, "udp_send", None) is None: return None
    n = 500000; c0 = cpu_children()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((HOST, 0)); p = s.getsockname()[1]
    t0 = time.monotonic()
    if t.udp_input == "file":
        con = spawn(t.udp_send(p), stdin=open("/dev/shm/usock-bench.64", "rb"), stdout=DEV, stderr=DEV)
    else:
        r, w = os.pipe2(os.O_DIRECT); con = spawn(t.udp_send(p), stdin=r, stdout=DEV, stderr=DEV); os.close(r)
        for _ in range(n): os.write(w, b"x" * 64)
        os.close(w)
    try:
        status = con.wait(60); dt = time.monotonic() - t0
    finally: stop(con)
    s.setblocking(False); arrived = udp_counts(p)
    while True:
        try: s.recv(100); arrived += 1
        except BlockingIOError: break
    s.close()
    if status != 0: raise RuntimeError("status %d" % status)
    if arrived < n: print(f"    {t.name}: {arrived} datagrams came of {n} records")
    return arrived / dt, cpu_children() - c0


def sc_udp_recv(t, a):
    """Datagrams of 64 bytes a second that come out of a tool, while usock sends as fast as it goes."""
    if getattr(t, "udp_recv", None) is None: return None
    n = 500000; c0 = cpu_children(); got = [0]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((HOST, 0)); p = s.getsockname()[1]
    o = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); o.bind((HOST, 0)); q = o.getsockname()[1]
    s.close(); o.close()
    pr = spawn(t.udp_recv(p, q), stdin=DEV, stdout=subprocess.PIPE, stderr=DEV)
    def drain():
        while True:
            d = pr.stdout.read1(1 << 20)
            if not d: return
            got[0] += len(d)
    th = threading.Thread(target=drain, daemon=True); th.start()
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try: udp_counts(p); break
        except RuntimeError: time.sleep(0.01)
    try:
        t0 = time.monotonic()
        subprocess.run([a.usock, "sendto", "-s", HOST, "-p", str(q), "--framing", "chunk=64", HOST, str(p)],
            stdin=open("/dev/shm/usock-bench.64", "rb"), stdout=DEV, stderr=DEV, check=True, timeout=60)
        dt = time.monotonic() - t0; time.sleep(0.3)
    finally: stop(pr)
    th.join(5)
    return got[0] / 64 / dt, cpu_children() - c0


SCEN = {
    "zero-null": sc_transfer("pipe", "null"),
    "zero-pipe": sc_transfer("pipe", "pipe"),
    "file-null": sc_transfer("file", "null"),
    "file-pipe": sc_transfer("file", "pipe"),
    "exec-rate": (sc_rate, "conn/s", max),
    "hold-10000": (sc_hold, "clients", max),
    "udp-send": (sc_udp_send, "datagrams/s", max),
    "udp-recv": (sc_udp_recv, "datagrams/s", max),
    "startup": (sc_startup, "ms", min),
    "oneshot": (sc_oneshot, "ms", min),
    "ping": (sc_ping, "us", min),
    "tls-connect": (sc_tls_connect, "ms", min),
    "tls-bulk": (sc_tls_bulk, "MB/s", max),
    "tls-core": (sc_tls_core, "MB/s", max),
    "resolve": (sc_resolve, "ms", min),
    "status-exact": sc_status("exact"),
    "status-list": sc_status("table"),
}


def ratio(other, mine, theirs, best, name="usock"):
    """Times faster than the other one."""
    medians = [statistics.median(x[0] for x in v) for v in (mine, theirs)]
    bests = [best(x[0] for x in v) for v in (mine, theirs)]
    fast = [x / y if best is max else y / x for x, y in (medians, bests)]
    used = [statistics.median(x[1] for x in v) for v in (mine, theirs)]
    cpu = f", {used[1] / used[0]:.3f} by CPU" if min(used) > 0.05 else ""
    return f"{name} / {other}: {fast[0]:.3f} of medians, {fast[1]:.3f} of the best{cpu}"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--against"); ap.add_argument("--only-usock", action="store_true")
    ap.add_argument("--usock", default="usock"); ap.add_argument("--runs", type=int, default=5)
    ap.add_argument("--size", type=int, default=1 << 30); ap.add_argument("scenario", nargs="*")
    a = ap.parse_args()
    d = "/tmp/usock-bench"; os.makedirs(d, exist_ok=True)
    if not os.path.exists("/dev/shm/usock-bench.bin") or os.path.getsize("/dev/shm/usock-bench.bin") != a.size:
        with open("/dev/shm/usock-bench.bin", "wb") as f:
            for _ in range(a.size >> 20): f.write(os.urandom(1 << 20))
    with open("/dev/shm/usock-bench.64", "wb") as f: f.write(b"x" * (64 * 500000))
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    names = [UsockNc(a.usock), UsockNcat(a.usock)]
    ours = [Usock(a.usock), PlainC()] + names + ([UsockBefore(a.against)] if a.against else [])
    tools = ours if a.only_usock else ours + [NcOpenbsd(), NcTrad(), Ncat(), Socat(), Socat64k(), Openssl(), MbedAlone(), Getent(), Ss(), SsFilter()]
    for name in a.scenario or SCEN:
        fn, unit, best = SCEN[name]; got = {}; bad = {}
        for turn in range(1 if name == "hold-10000" else a.runs):
            for t in tools[::-1 if turn % 2 else 1]:
                if not t.ok(): bad[t.name] = "not installed"; continue
                try:
                    v = fn(t, a)
                    if v is not None: got.setdefault(t.name, []).append(v)
                except Exception as e:
                    bad[t.name] = f"{type(e).__name__}: {e}"
        print(f"{name} ({unit}, median of {a.runs}; whole-process CPU s)")
        peers = {k: statistics.median(x[0] for x in v) for k, v in got.items() if k not in [t.name for t in ours]}
        top = best(peers.values()) if peers else None
        for k, v in got.items():
            m = statistics.median(x[0] for x in v); lo, hi = min(x[0] for x in v), max(x[0] for x in v)
            rel = f"{m/top:5.2f}x of best peer" if top else ""
            print(f"  {k:15s} {m:10.2f} [{lo:.2f} {hi:.2f}]  cpu {statistics.median(x[1] for x in v):.2f}  {rel}")
        for k in ("plain C", "usock before"):
            if k in got and "usock" in got: print("  " + ratio(k, got["usock"], got[k], best))
        for t in names:
            for k in (t.original, "usock"):
                if t.name in got and k in got: print("  " + ratio(k, got[t.name], got[k], best, t.name))
        for k, v in bad.items(): print(f"  {k:15s} FAILED: {v}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
