# What nc(1) promises, each case with the nc of OpenBSD, as Debian has it, and with usock under its
# name: the same bytes, status and messages. tests/peer/nc_cases.py has the cases, and what usock does
# otherwise and why.

load ../lib/common
start_fast

theirs() {
	need nc.openbsd
	command -v nc.openbsd
}

cases() { # PART...
	"$python" -BIS "$peers/netcat.py" "$(theirs)" "$USOCK" nc_cases "$@" >log || fail "$(tail -c 20000 log)"
	tail -n 1 log
}

@test "words: what is wrong with them, before anything is tried" {
	cases words
}

@test "a client: input, output, ends, addresses, times and messages" {
	cases client
}

@test "ports are tested: open, closed, silent, and the order" {
	cases scan
}

@test "datagrams of a client and of a server" {
	cases udp "udp server"
}

@test "a server: one client, one after the other, input and output" {
	cases server
}

@test "unix sockets: streams and datagrams, paths and abstract names" {
	cases unix
}

@test "proxies: SOCKS4, SOCKS5 and CONNECT" {
	cases proxy
}

@test "there are 150 cases and more" {
	"$python" -BIS -c "import sys; sys.path.insert(0, '$peers'); import nc_cases; sys.exit(len(nc_cases.CASES) < 150)"
}
