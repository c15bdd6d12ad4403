#!/usr/bin/env python3
"""10,000 questions and answers on loopback: a script of usock beside a plain Python loop, and expect driving nc.

    roundtrips.py USOCK [ROUNDS]    prints the median of ROUNDS (7) of each in ms, measured in turns, ratios,
                                    the fastest, and the processor time with the start

Each client measures itself, without its start. The server is one for all: `usock listen -k --echo`.
"""
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

N = 10000

USOCK = """
set s [connect 127.0.0.1 $argv]
set began [clock microseconds]
for {set i 0} {$i < %d} {incr i} {
	$s send "ping\\n"
	$s expect "ping\\n"
}
puts [expr {[clock microseconds] - $began}]
"""

PYTHON = """
import socket, sys, time
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
began = time.perf_counter()
for i in range(%d):
    s.sendall(b"ping\\n")
    data = s.recv(4096)
    while not data.endswith(b"ping\\n"):
        data += s.recv(4096)
print(int((time.perf_counter() - began) * 1e6))
"""

EXPECT = """
log_user 0
spawn -noecho nc 127.0.0.1 [lindex $argv 0]
stty raw -echo < $spawn_out(slave,name)
set began [clock microseconds]
for {set i 0} {$i < %d} {incr i} {
	send "ping\\n"
	expect "ping\\n"
}
puts [expr {[clock microseconds] - $began}]
"""


def clients(usock, where):
    found = {}
    for name, text, command in (
        ("usock", USOCK, [usock, "run"]),
        ("python", PYTHON, [sys.executable, "-IS"]),
        ("expect", EXPECT, ["expect", "-f"]),
    ):
        if shutil.which(command[0]) is None:
            continue
        path = os.path.join(where, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text % N)
        found[name] = command + [path]
    return found


def processor_ms():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000


def main():
    usock, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory() as where:
        ready, told = os.pipe()
        server = subprocess.Popen(
            [usock, "listen", "-k", "--ready-fd", str(told), "127.0.0.1", "0", "--echo"], pass_fds=[told]
        )
        os.close(told)
        with open(ready, encoding="ascii") as file:
            port = file.readline().strip().rsplit(":", 1)[1]
        took, used = {}, {}
        try:
            for _ in range(rounds):
                for name, command in clients(usock, where).items():
                    before = processor_ms()
                    done = subprocess.run(command + [port], capture_output=True, timeout=120, check=True)
                    used.setdefault(name, []).append(processor_ms() - before)
                    took.setdefault(name, []).append(int(done.stdout.split()[-1]) / 1000)
        finally:
            server.terminate()
            server.wait()
    medians = {name: statistics.median(times) for name, times in took.items()}
    for name, ms in medians.items():
        print(
            f"{name:7} {ms:8.1f} ms  {N / ms * 1000:8.0f}/s  {ms / medians['usock']:5.2f} x usock"
            f"  fastest {min(took[name]):8.1f} ms  processor {statistics.median(used[name]):8.1f} ms"
        )


if __name__ == "__main__":
    main()
