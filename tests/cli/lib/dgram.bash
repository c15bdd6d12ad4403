# Shared by the tests of datagrams, in addition to common.bash.
#
# shellcheck shell=bash
# shellcheck disable=SC2154 # python, peers, pid and patience come from common.bash

# dgram_peer NAME WHERE STEP... starts tests/peer/dgram.py; sets $port (or the path) and $pid.
dgram_peer() {
	start "$1" "$python" -IS "$peers/dgram.py" "${@:2}"
	printed "$1"
}

# The peer has run all its steps.
is_content() { # PID NAME
	finish "$1"
	[ "$status" = 0 ] || fail "$(cat "$2.err")"
}

# Prints the output of dgram.py after the port.
got() { # NAME
	tail -n +2 "$1.out"
}

# Prints the UDP port of a process.
udp_port_of() { # PID
	local port
	port=$(ss -Hanup | awk -v pid="pid=$1," 'index($0, pid) { sub(/.*:/, "", $4); print $4; exit }')
	[ -n "$port" ] && echo "$port"
}

# Waits for that port and sets $port.
has_udp_port() { # PID
	eventually udp_port_of "$1" >port
	port=$(tail -n 1 port)
}

# Prints a free UDP port.
free_udp_port() {
	"$python" -IS -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# c_peer NAME ARG... starts the peer that is written in C.
c_peer() {
	start "$1" "$USOCK_BUILD/tests/peer/datagrams" "${@:2}"
}

# Prints records of these sizes, each after its length.
len16() { # SIZE...
	"$python" -IS -c '
import sys
for n in map(int, sys.argv[1:]):
    sys.stdout.buffer.write(n.to_bytes(2, "big") + bytes(i % 251 for i in range(n)))' "$@"
}
