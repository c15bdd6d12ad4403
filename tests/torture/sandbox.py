#!/usr/bin/env python3
"""Random command lines of script commands, without permissions, in a folder that is watched.

    sandbox.py SECONDS USOCK [SEED]

Each script tries some twenty commands of the language and of the sockets with options, files and
descriptors drawn from what `usock help` offers and what lies in the folder. Nothing in the folder may
be made, changed or removed when it has ended but unix sockets, and nothing that its files hold may come out. Half of the
scripts run without the kernel's part, so that the interpreter's refusals are what holds. Exit status 1
and the script where something was found.
"""
import os
import random
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time

CANARY = "canary7361"
COMMANDS = ["connect", "listen", "sendto", "resolve", "status"]
PATHS = ["kept", "./kept", "link", "folder/inner", ".bashrc", "folder", "new", "folder/new", "pipe", "stale",
         "run.us", "lib.us", "/proc/self/environ", "/proc/self/fd/3", "/dev/fd/0", "../outside", "key.pem"]
FDS = list(range(0, 12))
LANGUAGE = ["open {P} {M}", "source {P}", "file delete {P}", "file rename {P} {P}", "file mkdir {P}", "file size {P}",
            "file exists {P}", "exec cat {P}", "exec touch {P}", "glob *", "cd folder", "pwd", "puts [info script]",
            "socket -fileno {F}", "set s [socket -family unix]; $s bind {P}", "set s [socket -family unix]; $s connect {P}",
            "set s [socket -family unix -type dgram]; $s bind {P}; $s close", "server unix:{P} {{h a p}} {{$h read}}",
            "server {P} {{h a p}} {{$h read}}", "server fd:{F} {{h a p}} {{}}", "puts $env(HOME)", "gets file{F}",
            "read file{F}", "puts file{F} x", "close file{F}", "fconfigure file{F}", "chan puts file{F} x",
            "set s [connect 127.0.0.1 9]; $s starttls -keylog {P}", "set s [socket]; $s starttls -session {P} -ca-file {P}",
            "set s [socket]; $s setsockopt SOL_SOCKET SO_BINDTODEVICE {P}", "save {P}", "getaddrinfo {P} 80",
            "regexp -- [source {P}] x", "expr {{[open {P}]}}", "subst {{[source {P}]}}", "eval source {P}",
            "uplevel #0 source {P}", "proc p a {{source $a}}; p {P}", "apply {{a {{source $a}}}} {P}", "after 1 source {P}"]


def options_of(usock, command):
    """--name and what its value is called."""
    text = subprocess.run([usock, "help", command], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  (?:-., |    )(--[a-z0-9-]+)(?:(?: (?! )|\[=)([^ \]\n]+))?", text, re.MULTILINE)


def make_folder(top):
    os.makedirs(os.path.join(top, "watched", "folder"))
    watched = os.path.join(top, "watched")
    for name in ("kept", ".bashrc", "folder/inner", "key.pem", "../outside"):
        with open(os.path.join(watched, name), "w", encoding="ascii") as f:
            os.chmod(f.fileno(), 0o600)
            f.write(CANARY + " one " + CANARY + "\n" + CANARY + "\n")
    os.symlink("../outside", os.path.join(watched, "link"))
    os.mkfifo(os.path.join(watched, "pipe"))
    here = os.getcwd()
    os.chdir(watched)
    socket.socket(socket.AF_UNIX).bind("stale")
    os.chdir(here)
    with open(os.path.join(watched, "lib.us"), "w", encoding="ascii") as f:
        f.write("set lib 1\n")
    return watched


def take_sockets(top):
    """A new unix socket may be made, and $s bind leaves its path as bind(2) does."""
    for folder, _, files in os.walk(os.path.join(top, "watched")):
        for name in files:
            path = os.path.join(folder, name)
            if name != "stale" and stat.S_ISSOCK(os.lstat(path).st_mode):
                os.unlink(path)


def snapshot(top):
    rows = []
    for folder, names, files in os.walk(os.path.join(top, "watched")):
        for name in sorted(names + files):
            path = os.path.join(folder, name)
            st = os.lstat(path)
            # a folder in which a socket was made and taken away has another time
            size, changed = (0, 0) if stat.S_ISDIR(st.st_mode) else (st.st_size, st.st_ctime_ns)
            rows.append((path, st.st_ino, st.st_mode, st.st_uid, size, changed, st.st_nlink))
    return sorted(rows)


class Writer:
    def __init__(self, usock, seed):
        self.random = random.Random(seed)
        self.options = {c: options_of(usock, c) for c in COMMANDS}

    def path(self):
        return self.random.choice(PATHS)

    def value(self, kind):
        r = self.random
        if r.random() < 0.5 and ("FILE" in kind or "DIR" in kind or "PATH" in kind):
            return self.path()
        return r.choice([self.path(), "fd:%d" % r.choice(FDS), str(r.choice(FDS)), "0", "10ms", "127.0.0.1", "777",
                         "x", "1.2", "line", "unix:" + self.path(), "'", "*"])

    def address(self):
        r = self.random
        return r.choice(["127.0.0.1 0", "127.0.0.1 9", "unix:" + self.path(), "unix:@x%d" % r.randrange(9),
                         "fd:%d" % r.choice(FDS), self.path(), "./" + self.path(), "localhost:0", "*:0", ""])

    def command(self):
        r = self.random
        if r.random() < 0.4:
            return r.choice(LANGUAGE).format(P=self.path(), F=r.choice(FDS), M=r.choice(["r", "w", "a", "rb", "wb", "r+"]))
        command = r.choice(COMMANDS)
        words = [command]
        for _ in range(r.randrange(4)):
            name, kind = r.choice(self.options[command])
            words.append("{%s%s}" % (name, "=" + self.value(kind) if kind else ""))
        words.append(self.address())
        if command == "sendto" or r.random() < 0.1:
            words.append("{" + self.value("") + "}")
        return " ".join(words)

    def script(self):
        lines = ["catch {%s} m; catch {puts $m}" % self.command() for _ in range(20)]
        return "\n".join(lines) + "\n"


def run(usock, watched, script, without_kernel, how):
    env = {"PATH": os.environ["PATH"], "HOME": watched, "SECRET": CANARY}
    if without_kernel:
        # as under valgrind, where the filters would hit valgrind
        env["LD_PRELOAD"] = "/nonexistent/vgpreload_none.so"
    argv = [usock, "run", "--timeout", "2s"]
    feed = None
    if how == 0:
        # in a folder of its own, as it may read what lies beside it
        os.makedirs("%s/../scripts" % watched, exist_ok=True)
        with open("%s/../scripts/run.us" % watched, "w", encoding="latin-1") as f:
            f.write(script)
        argv.append("../scripts/run.us")
    elif how == 1:
        argv += ["-c", script]
    else:
        feed = script.encode("latin-1")
    try:
        done = subprocess.run(argv, cwd=watched, env=env, input=feed, capture_output=True, timeout=20, check=False,
                              stdin=None if feed is not None else subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return b"", 999
    return done.stdout + done.stderr, done.returncode


def check(top, before, script, out, status):
    faults = []
    if CANARY.encode() in out:
        faults.append("what a file or the environment holds came out")
    take_sockets(top)
    after = snapshot(top)
    if after != before:
        faults += ["changed: %s" % (row,) for row in set(after) ^ set(before)]
    if status in (-11, -6, -7, 125, 999):
        faults.append("status %d" % status)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print(script, file=sys.stderr)
        print(out.decode("latin-1")[-2000:], file=sys.stderr)
    return not faults


def main():
    seconds, usock = float(sys.argv[1]), os.path.abspath(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    writer = Writer(usock, seed)
    top = tempfile.mkdtemp(prefix="usock-sandbox.")
    watched = make_folder(top)
    before = snapshot(top)
    end, n, status = time.monotonic() + seconds, 0, 0
    try:
        while status == 0 and time.monotonic() < end:
            script = writer.script()
            out, rc = run(usock, watched, script, n % 2 == 0, n % 3)
            n += 1
            if not check(top, before, script, out, rc):
                status = 1
    finally:
        shutil.rmtree(top)
    print("sandbox: %d scripts, %d commands, seed %d" % (n, 20 * n, seed))
    return status


if __name__ == "__main__":
    sys.exit(main())
