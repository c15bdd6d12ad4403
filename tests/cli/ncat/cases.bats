# What ncat(1) promises, each case with the ncat of the Nmap project and with usock under its name: the
# same bytes, status and messages. tests/peer/ncat_cases.py has the cases, and what usock does otherwise
# and why.

load ../lib/common
start_fast

cases() { # PART...
	need ncat
	"$python" -BIS "$peers/netcat.py" "$(command -v ncat)" "$USOCK" ncat_cases "$@" >log || fail "$(tail -c 20000 log)"
	tail -n 1 log
}

@test "words: what is wrong with them, before anything is tried" {
	cases words
}

@test "a client: input, output, ends, addresses, times, files and messages" {
	cases client
}

@test "ports are tested" {
	cases scan
}

@test "programs of clients and servers, and their environment" {
	cases exec
}

@test "a server: one client, many clients, input and output" {
	cases server
}

@test "who may come: addresses, networks, octets, names and files" {
	cases access
}

@test "a broker" {
	cases broker
}

@test "datagrams of a client and of a server" {
	cases udp
}

@test "unix sockets" {
	cases unix
}

@test "proxies: HTTP with Basic and Digest, SOCKS4 and SOCKS5" {
	cases proxy
}

@test "an HTTP proxy" {
	cases "proxy server"
}

@test "TLS: clients and servers, certificates, names and protocols" {
	cases tls
}

@test "there are 250 cases and more" {
	"$python" -BIS -c "import sys; sys.path.insert(0, '$peers'); import ncat_cases; sys.exit(len(ncat_cases.CASES) < 250)"
}
