#!/usr/bin/env python3
"""A suite of 50 tests in bats, eight at a time: with usock.bash, and with nc and polling.

usage: suites.py USOCK [RUNS [KIND...]]     KIND: usock nc

Each run prints its failures and its time; afterwards the sum, and how many processes are left.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
JOBS = 8

USOCK_HEAD = """
. "$HELPER"
say() { exec 5<>"/dev/tcp/$1/$2"; printf '%s\\n' "$3" >&5; }
"""

USOCK_TESTS = {
    "the server receives what the client says": """
	usock_serve --once 1 127.0.0.1 0 >"$BATS_TEST_TMPDIR/got"
	say $USOCK_ADDR $USOCK_PORT "hello {n}"; exec 5>&-
	assert_end peer-fin
	usock_join
	[ "$(cat "$BATS_TEST_TMPDIR/got")" = "hello {n}" ]""",
    "the client receives a file": """
	seq {n} >"$BATS_TEST_TMPDIR/file"
	usock_serve -k --send "$BATS_TEST_TMPDIR/file" 127.0.0.1 0
	exec 5<>"/dev/tcp/$USOCK_ADDR/$USOCK_PORT"
	cmp "$BATS_TEST_TMPDIR/file" - <&5""",
    "each of two clients is answered": """
	usock_serve -k --sh 'read -r line; echo "pong $line"' 127.0.0.1 0
	for i in 1 2; do
		say $USOCK_ADDR $USOCK_PORT "ping $i"
		[ "$(cat <&5)" = "pong ping $i" ]
	done""",
    "two servers in one test": """
	usock_serve -k --echo 127.0.0.1 0
	local first=$USOCK_PORT
	usock_serve -k --echo 127.0.0.1 0
	[ $first != $USOCK_PORT ]
	for port in $first $USOCK_PORT; do
		say 127.0.0.1 $port "hello {n}"
		read -r line <&5
		[ "$line" = "hello {n}" ]
	done""",
    "a server of another program on a port of its own": """
	local port=$(usock_reserve 1 127.0.0.1)
	python3 -IS -c 'import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
c, _ = s.accept()
c.sendall(b"here\\n")' "$port" 3>&- &
	usock_wait "$port"
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	[ "$(cat <&5)" = here ]
	wait $!""",
}

NC_HEAD = """
say() { exec 5<>"/dev/tcp/$1/$2"; printf '%s\\n' "$3" >&5; }
setup() { pids=(); }
teardown() { [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || :; }
pick() { port=$((20000 + RANDOM % 10000)); }
await() { for _ in $(seq 100); do ss -Hltn "sport = :$1" | grep -q . && return; sleep 0.1; done; return 1; }
"""

NC_TESTS = {
    "the server receives what the client says": """
	pick
	nc.openbsd -l 127.0.0.1 $port >"$BATS_TEST_TMPDIR/got" </dev/null 3>&- & pids+=($!)
	await $port
	say 127.0.0.1 $port "hello {n}"; exec 5>&-
	sleep 0.2
	[ "$(cat "$BATS_TEST_TMPDIR/got")" = "hello {n}" ]""",
    "the client receives a file": """
	seq {n} >"$BATS_TEST_TMPDIR/file"
	pick
	nc.openbsd -N -l 127.0.0.1 $port <"$BATS_TEST_TMPDIR/file" >/dev/null 3>&- & pids+=($!)
	await $port
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	cmp "$BATS_TEST_TMPDIR/file" - <&5""",
    "each of two clients is answered": """
	for i in 1 2; do
		pick
		echo "pong ping $i" | nc.openbsd -N -l 127.0.0.1 $port >/dev/null 3>&- & pids+=($!)
		await $port
		say 127.0.0.1 $port "ping $i"
		[ "$(cat <&5)" = "pong ping $i" ]
	done""",
    "two servers in one test": """
	pick; local first=$port
	echo "hello {n}" | nc.openbsd -l 127.0.0.1 $first >/dev/null 3>&- & pids+=($!)
	pick
	echo "hello {n}" | nc.openbsd -l 127.0.0.1 $port >/dev/null 3>&- & pids+=($!)
	await $first; await $port
	for port in $first $port; do
		say 127.0.0.1 $port "hello {n}"
		read -r line <&5
		[ "$line" = "hello {n}" ]
	done""",
    "a server of another program on a port of its own": """
	pick
	python3 -IS -c 'import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
c, _ = s.accept()
c.sendall(b"here\\n")' "$port" 3>&- & pids+=($!)
	await $port
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	[ "$(cat <&5)" = here ]""",
}

KINDS = {"usock": (USOCK_HEAD, USOCK_TESTS), "nc": (NC_HEAD, NC_TESTS)}


def write_suite(path, kind):
    head, tests = KINDS[kind]
    with open(path, "w") as f:
        f.write(head)
        for n in range(1, 11):
            for name, body in tests.items():
                f.write('\n@test "%s, %d" {%s\n}\n' % (name, n, body.replace("{n}", str(n))))


def left_over(mark):
    """the processes that a run has left behind: its mark is in their environment"""
    pids = []
    for environ in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environ.read_bytes():
                pids.append(int(environ.parent.name))
        except OSError:
            pass
    return pids


def run(folder, kind, number, usock):
    path = folder / f"{kind}.bats"
    write_suite(path, kind)
    mark = f"SUITE_RUN={kind}-{number}-{os.getpid()}"
    env = os.environ | {"USOCK": usock, "HELPER": str(TOP / "share/usock.bash"), "SUITE_RUN": mark[10:]}
    began = time.monotonic()
    p = subprocess.run(["bats", "--jobs", str(JOBS), "--tap", path], env=env, capture_output=True, text=True,
                       stdin=subprocess.DEVNULL, timeout=600)
    seconds = time.monotonic() - began
    failed = [line for line in p.stdout.splitlines() if line.startswith("not ok")]
    passed = sum(line.startswith("ok") for line in p.stdout.splitlines())
    left = left_over(mark.encode())
    print(f"{kind} {number}: {passed} passed, {len(failed)} failed, {seconds:.1f} s, {len(left)} processes left", flush=True)
    for line in failed if passed or failed else p.stderr.splitlines():
        print("   ", line)
    for pid in left:
        try:
            os.kill(pid, 9)
        except OSError:
            pass
    return len(failed), passed != 50, seconds, len(left)


def main():
    usock = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    for kind in sys.argv[3:] or KINDS:
        with tempfile.TemporaryDirectory() as folder:
            results = [run(pathlib.Path(folder), kind, n + 1, usock) for n in range(runs)]
        times = sorted(r[2] for r in results)
        print(f"{kind}: {runs} runs of 50 tests, {sum(r[0] for r in results)} failures in {sum(r[1] for r in results)} "
              f"runs, median {times[len(times) // 2]:.1f} s, {sum(r[3] for r in results)} processes left")


main()
