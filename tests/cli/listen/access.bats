# Who may come to `usock listen`: --allow and --deny.

load ../lib/listen

# from ADDRESS WORD: a client with this address gets its WORD back.
served() { # ADDRESS WORD
	[ "$(usock connect --source "$1" "$(where)" <<<"$2")" = "$2" ] || fail "$1 is not served"
}

# A client with this address is reset, whether it sends anything or not.
denied() { # ADDRESS
	run -1 usock connect --recv-only --source "$1" "$(where)"
	[[ $output == *"Connection reset by peer"* ]] || fail "$1: $output"
}

@test "--allow serves these, and denies all others" {
	serve -k --echo --allow 127.0.0.2 --allow 127.0.1.0/24 --allow 127.0.2.1-127.0.2.5 127.0.0.1 0
	served 127.0.0.2 one
	served 127.0.1.200 two
	served 127.0.2.5 three
	denied 127.0.0.1
	denied 127.0.2.6
	events_are 3 accepted
	events_are 2 denied reason 'not in --allow'
	server_ends_by TERM 143
	says server.err '^usock: 2 clients denied \(--allow\)$'
}

@test "--deny wins over --allow, and alone serves all others" {
	serve -k --echo --allow 127.0.0.0/8 --deny 127.0.0.66 127.0.0.1 0
	served 127.0.0.1 one
	denied 127.0.0.66
	events_are 1 denied reason --deny
	server_ends_by TERM 143
	serve -k --echo --deny 127.0.0.66 127.0.0.1 0
	served 127.0.0.1 one
	denied 127.0.0.66
	server_ends_by TERM 143
	says server.err '^usock: 1 client denied \(--deny\)$'
}

@test "a client of a dual-stack socket is its IPv4 address" {
	need_ipv6
	serve -k --echo --allow 127.0.0.2 --allow ::1 0
	address=127.0.0.1:$port
	served 127.0.0.2 one
	denied 127.0.0.1
	address="[::1]:$port"
	served ::1 two
}

@test "a name stands for its addresses" {
	serve -k --echo --allow localhost 127.0.0.1 0
	served 127.0.0.1 one
	denied 127.0.0.2
}

@test "a name without an address is a failure at the start" {
	run -3 usock listen --allow nosuch.invalid 127.0.0.1 0
	[[ $output == "usock: --allow: resolve nosuch.invalid: "* ]]
}

@test "@FILE has an entry a line" {
	printf '# ours\n127.0.0.2 # one\n\n127.0.1.0/24\r\n' >list
	serve -k --echo --allow @list 127.0.0.1 0
	served 127.0.0.2 one
	served 127.0.1.9 two
	denied 127.0.0.1
	server_ends_by TERM 143
	: >list
	serve -k --echo --allow @list 127.0.0.1 0
	denied 127.0.0.2
}

@test "@FILE may be a pipe, and a FIFO without a writer is a wait that --timeout ends" {
	serve -k --echo --allow @<(echo 127.0.0.2) 127.0.0.1 0
	served 127.0.0.2 one
	denied 127.0.0.1
	endless fifo
	on_time 300 usock listen --timeout 300ms --allow @fifo 127.0.0.1 0 2>err
	says err '^usock: --allow: read fifo: timed out|^usock: --allow: .*timed out'
}

@test "an entry that does not parse is told with its place" {
	printf '127.0.0.1\n\n10.0.0.0/33\n' >list
	run -2 usock listen --allow @list 127.0.0.1 0
	[ "${lines[0]}" = "usock: listen: --allow: list:3: '10.0.0.0/33': a prefix of this address is 0 to 32" ]
	run -2 usock listen --deny 010.0.0.1 127.0.0.1 0
	[ "${lines[0]}" = "usock: listen: --deny: '010.0.0.1' is not an address, a range or a name" ]
	run -2 usock listen --deny '*.example.org' 127.0.0.1 0
	[[ ${lines[0]} == *"names are not looked up for them" ]]
	run -8 usock listen --deny @nosuch 127.0.0.1 0
	[ "${lines[0]}" = "usock: --deny: open nosuch: No such file or directory" ]
}

@test "without -k the wait goes on after a client that is denied" {
	serve --echo --allow 127.0.0.2 127.0.0.1 0
	denied 127.0.0.1
	denied 127.0.0.3
	server_lives
	served 127.0.0.2 one
	server_ends 0
	events_are 2 denied
	says server.err '^usock: 2 clients denied'
}

@test "-v tells each, and SIGUSR1 how many" {
	serve -v -k --echo --allow 127.0.0.2 127.0.0.1 0
	denied 127.0.0.1
	eventually has_line server.err "^usock: denied 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:$port: not in --allow$"
	kill -USR1 "$server"
	eventually has_line server.err '^usock: 1 client denied'
}

@test "a client that is denied takes no room of --max-clients, and is not counted as accepted" {
	serve -k --echo --max-clients 1 --allow 127.0.0.2 127.0.0.1 0
	denied 127.0.0.1
	served 127.0.0.2 one
	denied 127.0.0.1
	served 127.0.0.2 two
	[ "$(field events accepted id)" = 2 ]
}

@test "a thousand denied clients disturb none that is served" {
	serve -k --echo --deny 127.0.0.1 127.0.0.1 0
	start held "$USOCK" connect --source 127.0.0.2 "$(where)"
	"$python" -IS -c '
import socket, sys
host, port = sys.argv[1].split(":")
for n in range(1000):
    s = socket.create_connection((host, int(port)))
    try:
        assert s.recv(1) == b"", "an answer"
    except ConnectionResetError:
        pass
    s.close()
' "$(where)"
	served 127.0.0.2 one
	events_are 1000 denied
	server_ends_by TERM 143
	says server.err '^usock: 1000 clients denied'
}

# --- TLS and datagrams ----------------------------------------------------------

@test "with TLS a client is denied before the handshake" {
	serve -k --tls --self-signed --echo --deny 127.0.0.66 127.0.0.1 0
	run ! usock connect --tls --insecure --source 127.0.0.66 "$(where)" <<<hello
	[[ $output == *"Connection reset by peer"* || $output == *"Broken pipe"* ]] || fail "$output"
	[ "$(usock connect --quiet --tls --insecure "$(where)" <<<hello)" = hello ]
	events_are 1 tls
}

@test "with DTLS a sender that is denied gets no answer" {
	serve -k --dtls --self-signed --echo --deny 127.0.0.66 127.0.0.1 0
	run -124 usock connect --dtls --insecure --source 127.0.0.66 --handshake-timeout 300ms "$(where)"
	[ "$(usock connect --quiet --dtls --insecure "$(where)" <<<hello)" = hello ]
	server_ends_by TERM 143
	says server.err '^usock: [0-9]+ clients? denied'
}

@test "datagrams of senders that are denied are dropped and counted" {
	serve -u -k --echo --allow 127.0.0.2 127.0.0.1 0
	run -0 usock connect -u --source 127.0.0.3 --after-eof 200ms "$(where)" <<<hello
	[ -z "$output" ]
	[ "$(usock connect -u --source 127.0.0.2 "$(where)" <<<hello)" = hello ]
	events_are 1 accepted
	server_ends_by TERM 143
	says server.err '^usock: 1 datagram denied \(--allow\)$'
}

@test "a denied sender is no client of a server for one" {
	serve -u --max-bytes 6 --print-sender --allow 127.0.0.2 127.0.0.1 0
	usock sendto --source 127.0.0.3 "$(where)" no
	usock sendto --source 127.0.0.2 "$(where)" 'hello!'
	server_ends 0
	says server.out '^127\.0\.0\.2:[0-9]+: hello!$'
	has_no_line server.out no
}

# --- users and groups -----------------------------------------------------------

@test "uid: and gid: are those of the process that connected" {
	serve -k --echo --allow "uid:$(id -u)" unix:path
	[ "$(usock connect unix:path <<<hello)" = hello ]
	server_ends_by TERM 143
	serve -k --echo --deny "gid:$(id -g)" --deny uid:4242 unix:path
	run -1 usock connect unix:path <<<hello
	eventually has_events 1 denied uid "$(id -u)"
	server_ends_by TERM 143
	says server.err '^usock: 1 client denied'
}

@test "names and supplementary groups count" {
	[ "$(id -u)" = 0 ] || skip "only root can be another user"
	need setpriv
	serve -k --echo --allow uid:daemon --allow gid:54321 "unix:@usock-access-$$"
	as() { setpriv "$@" "$USOCK" connect "$address" <<<hello; }
	[ "$(as --reuid=daemon --clear-groups)" = hello ]
	[ "$(as --reuid=4242 --regid=4242 --groups 54320,54321)" = hello ]
	run -1 as --reuid=4242 --regid=4242 --clear-groups
	run -1 as --clear-groups
	eventually has_events 1 denied uid 4242
}

@test "a user that does not exist is a usage error" {
	run -2 usock listen --allow uid:no-such-user unix:path
	[ "${lines[0]}" = "usock: listen: --allow: no user 'no-such-user'" ]
	[ ! -e path ]
}

# --- where it makes no sense ----------------------------------------------------

@test "lists that cannot match anybody are refused" {
	run -2 usock listen --allow uid:0 127.0.0.1 0
	[ "${lines[0]}" = "usock: listen: --allow: uid: and gid: are for unix sockets" ]
	run -2 usock listen --deny 10.0.0.0/8 unix:path
	[ "${lines[0]}" = "usock: listen: --deny: clients of a unix socket have no address: uid: and gid: are for them" ]
	run -2 usock listen -u --deny uid:0 unix:path
	[ "${lines[0]}" = "usock: listen: --deny: not with datagrams of a unix socket" ]
	run -2 usock listen --deny 10.0.0.1 vsock:any:0
	[ "${lines[0]}" = "usock: listen: --deny: only for IP and unix sockets" ]
	[ ! -e path ]
	run -2 usock -c 'listen --allow 10.0.0.1 127.0.0.1 0'
	[[ $output == *"--allow"* ]]
}
