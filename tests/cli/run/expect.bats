# expect and faults from outside: against peers that are programs of their own, and how failures look.
#
# shellcheck disable=SC2016 # scripts have $ in them
# shellcheck disable=SC2154 # from lib: fresh, patience, python, status, pid, elapsed

load ../lib/common

# peer CODE: a Python program with a connected socket s for the first client; its port in $port.
peer() {
	rm -f port
	"$python" -c '
import socket, sys, time
l = socket.create_server(("127.0.0.1", 0))
print(l.getsockname()[1], flush=True)
s = l.accept()[0]
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
try:
    exec(sys.argv[1])
except OSError:
    pass
' "$1" >port 2>peer.err &
	peer=$!
	until_true test -s port
	port=$(cat port)
}

until_true() {
	local _
	for _ in $(seq 1000); do
		! "$@" || return 0
		read -r -t 0.02 <> <(:) || :
	done
	fail "never: $*"
}

# runs SCRIPT: with s connected to the peer. $status, out, err.
runs() {
	printf '%s\n' "set s [socket]; \$s connect 127.0.0.1 $port" "$1" >script.us
	status=0
	usock run "${@:2}" script.us >out 2>err || status=$?
}

teardown() {
	[ -z "${peer-}" ] || kill "$peer" 2>/dev/null || :
	wait
}

@test "what comes byte by byte matches as if it came at once" {
	peer '
for b in b"220-first\r\n220 \0\xff second\r\nrest":
    s.sendall(bytes([b]))
s.shutdown(1); s.recv(1)'
	runs 'puts [expect -re {220 (..) [^\r]*\r\n} {binary encode hex $expect(1)}]; puts [expect eof]'
	[ "$status" = 0 ]
	[ "$(cat out)" = $'00ff\nrest' ]
}

@test "a failure says the place, the pattern, what came and how long it took; status 4" {
	peer 's.sendall(b"550 \x1b[31mno\r\n"); s.recv(1)'
	runs 'expect -timeout 0.3 -re {^250 }'
	[ "$status" = 4 ]
	grep -E '^usock: script.us:2: expect sock1 127\.0\.0\.1:[0-9]+: no match for -re "\^250 " in 0\.[3-9][0-9]* s; got "550 \\x1b\[31mno\\r\\n"$' err
}

@test "an end that nobody asked for is a failure with status 4, and so is a reset" {
	peer 's.sendall(b"bye"); s.close()'
	runs 'expect hello'
	[ "$status" = 4 ]
	grep 'the peer closed the connection, no match for "hello" in .*; got "bye"$' err
	peer 'import struct
s.recv(1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); s.close()'
	runs 'send x; expect hello'
	[ "$status" = 4 ]
	grep 'the peer reset the connection, no match for "hello" in .*; got nothing$' err
}

@test "with -v all that came is shown in hexadecimal" {
	peer 's.sendall(b"\0\1\2abc"); s.recv(1)'
	runs 'expect -timeout 0.3 foo' -v
	[ "$status" = 4 ]
	grep -E '000000  00 01 02 61 62 63 +[|][.]{3}abc[|]' err || fail "$(cat err)"
}

@test "a gigabyte without a newline takes little memory, and is an error" {
	local patience=$((5 * patience))
	not_counted "a gigabyte takes too long"
	peer '
x = b"x" * 1000000
for i in range(1000): s.sendall(x)'
	runs 'expect -re {^[^\n]*\n}'
	[ "$status" = 4 ]
	grep 'match_max of 1048576 bytes is full, no match for -re' err
	peer '
x = b"x" * 1000000
for i in range(1000): s.sendall(x)'
	# it can also be read away
	runs 'set n 0; expect {
		"\n" {} -len 65536 {incr n 65536; exp_continue} eof {puts [expr {$n + [string length $expect(buffer)]}]} }'
	[ "$(cat out)" = 1000000000 ] || fail "$(cat out err)"
}

@test "pieces of split are read one by one" {
	peer '
got = []
while True:
    d = s.recv(100)
    if not d: break
    got.append(d.decode())
print("|".join(got), file=open("got", "w"))'
	runs '$s split "HELLO WORLD" 4 -delay 0.3; $s close'
	[ "$status" = 0 ]
	wait "$peer"
	[ "$(cat got)" = 'HELL|O WO|RLD' ]
}

@test "stall closes the window: the peer cannot send on" {
	peer '
s.settimeout(1)
try:
    for i in range(100): s.sendall(b"x" * 1000000)
except TimeoutError:
    print("stuck", file=open("got", "w"), flush=True)
s.settimeout(None); s.recv(1)'
	runs '$s stall 3; puts [string length [$s recv 1]]'
	[ "$status" = 0 ] || fail "$(cat err)"
	[ "$(cat got)" = stuck ]
}
