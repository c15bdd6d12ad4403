# The system calls that nc is known by, in their order, beside the real one.

load ../lib/common

setup_file() {
	need strace nc.openbsd
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace"
}

# The calls of a program about sockets, without descriptors and ports. With an expression, those that match.
calls() { # REGEX FILE
	sed -E 's/^[0-9]+ +//; s/\(([0-9]+),/(FD,/; s/htons\([0-9]+\)/PORT/; s/ += .*//' "$2" | grep -E -e "$1" | uniq
}

# same_calls REGEX COMMAND: both make the same calls. {} is nc.
same_calls() {
	local tool
	mkdir -p theirs ours
	ln -sf "$(command -v nc.openbsd)" theirs/nc
	ln -sf "$USOCK" ours/nc
	for tool in theirs ours; do
		ASAN_OPTIONS=detect_leaks=0 timeout "$patience" strace -f -o "$tool.trace" \
			-e trace=bind,listen,accept,accept4,connect,shutdown,setsockopt "$tool/nc" "${@:2}" <input >/dev/null 2>&1 || :
		calls "$1" "$tool.trace" >"$tool.calls"
	done
	[ -s theirs.calls ] || fail "nc makes no such calls: $(cat theirs.trace)"
	diff theirs.calls ours.calls
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	: >input
}

@test "a client: connect, and shutdown with -N" {
	usock_listens server -k --discard
	same_calls '^(connect.*AF_INET|shutdown.*SHUT_WR)' -N 127.0.0.1 "$port"
	same_calls '^(connect.*AF_INET|shutdown.*SHUT_WR)' -w 1 127.0.0.1 "$port"
}

@test "a source address and port are bound before connect" {
	usock_listens server -k --discard
	same_calls '^(bind|connect).*AF_INET' -N -s 127.0.0.2 127.0.0.1 "$port"
}

@test "options of the socket, with their values" {
	usock_listens server -k --discard
	local option
	for option in '-T lowdelay' '-T ef' '-M 9' '-m 5' '-I 70000' '-O 70000' -b -D; do
		# shellcheck disable=SC2086 # an option and its value
		same_calls '^setsockopt.*(IP_TOS|IP_TTL|IP_MINTTL|SO_RCVBUF|SO_SNDBUF|SO_BROADCAST|SO_DEBUG)' \
			-N $option 127.0.0.1 "$port" || fail "$option"
	done
}

@test "options of an IPv6 socket" {
	usock listen --ready-file ready -k --discard ::1 0 &
	pids+=($!)
	eventually test -s ready
	port=$(sed 's/.*://' ready)
	local option
	for option in '-T lowdelay' '-M 9' '-m 5'; do
		# shellcheck disable=SC2086 # an option and its value
		same_calls '^setsockopt.*(IPV6_TCLASS|IPV6_UNICAST_HOPS|IPV6_MINHOPCOUNT)' -N $option ::1 "$port" || fail "$option"
	done
}

@test "a server: bind, listen, accept" {
	local tool
	mkdir -p theirs ours
	ln -sf "$(command -v nc.openbsd)" theirs/nc
	ln -sf "$USOCK" ours/nc
	for tool in theirs ours; do
		port=$((20000 + RANDOM % 10000))
		start "$tool" env ASAN_OPTIONS=detect_leaks=0 strace -f -o "$tool.trace" -e trace=bind,listen,accept,accept4 \
			"$tool/nc" -l 127.0.0.1 "$port"
		eventually usock connect --send-only 127.0.0.1 "$port"
		finish "$pid"
		sed -E 's/^[0-9]+ +//; s/\(.*//' "$tool.trace" | grep -E '^(bind|listen|accept)' | uniq >"$tool.calls"
	done
	diff <(sed 's/accept4*/accept/' theirs.calls) <(sed 's/accept4*/accept/' ours.calls)
}

@test "-F passes the connected socket" {
	usock_listens server -k --sh 'echo from the server'
	for tool in nc.openbsd "$USOCK nc"; do
		# shellcheck disable=SC2086 # a program and its first argument
		run -0 "$python" -IS -c '
import array, socket, subprocess, sys
ours, theirs = socket.socketpair()
p = subprocess.Popen(sys.argv[1:], stdout=theirs)
theirs.close()
data, rights, *_ = ours.recvmsg(1, socket.CMSG_SPACE(4))
fds = array.array("i", rights[0][2])
s = socket.socket(fileno=fds[0])
s.setblocking(True)
print(data, p.wait(), s.recv(100, socket.MSG_WAITALL))' $tool -F 127.0.0.1 "$port"
		[ "$output" = "b'\\x00' 0 b'from the server\\n'" ] || fail "$tool: $output"
	done
}

@test "-F does not pass a descriptor to a terminal" {
	on_terminal nc -F 127.0.0.1 1 >out 2>&1 || :
	grep -q "Cannot pass file descriptor to tty" out
}
