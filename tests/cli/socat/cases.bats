# The line that `usock socat --explain` prints does what the real socat does with the same words.
# tests/peer/socat_cases.py has the cases, and what usock does otherwise and why.

load ../lib/common
start_fast

# A socat that runs what is explained.
explained() {
	mkdir -p bin
	ln -sf "$USOCK" bin/usock
	cat >explained <<-END
		#!/bin/sh
		PATH=$PWD/bin:\$PATH
		line=\$(usock socat --explain "\$@") || exit
		eval "exec \$line"
	END
	chmod +x explained
}

cases() { # PART...
	need socat
	explained
	"$python" -BIS "$peers/netcat.py" "$(command -v socat)" "$PWD/explained" socat_cases "$@" >log ||
		fail "$(tail -c 20000 log)"
	tail -n 1 log
}

@test "clients: TCP, UNIX, OPENSSL, proxies, and their options" {
	cases client
}

@test "datagrams: UDP and UNIX" {
	cases udp
}

@test "programs and files at the other end" {
	cases local
}

@test "servers: TCP-LISTEN, UNIX-LISTEN, OPENSSL-LISTEN, and their options" {
	cases server
}

@test "two sockets" {
	cases relay
}
