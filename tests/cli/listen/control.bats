# `usock listen --control PATH`: commands on a unix socket while clients are served.

load ../lib/listen

# Sends lines to the control socket and prints the answers.
control() { # LINE...
	printf '%s\n' "$@" | usock connect ./control
}

# client FD opens a connection on that descriptor and waits until the server has it.
client() { # FD
	eval "exec $1<>/dev/tcp/127.0.0.1/$port"
	send_line "$1" hello
	receives "$1" hello
}

serve_echo() {
	serve -k --echo --control ./control "$@" 127.0.0.1 0
}

# --- what it tells -------------------------------------------------------------

@test "the socket is there when the server is ready, for its owner alone, and gone at the end" {
	umask 000
	serve_echo
	[ "$(stat -c %A control)" = srw------T ]
	[ "$(control stats | head -n 1)" = "state serving" ]
	server_ends_by TERM 143
	[ ! -e control ]
}

@test "list has each client with its number, address and bytes" {
	serve_echo
	client 5
	client 6
	control list >out
	has_line out '^ *ID PEER +SECONDS +SENT +RECEIVED +STATE +WHAT$'
	has_line out '^ *1 127\.0\.0\.1:[0-9]+ +[0-9.]+ +6 +6 open +echo$'
	has_line out '^ *2 127\.0\.0\.1:[0-9]+ +[0-9.]+ +6 +6 open +echo$'
	[ "$(tail -n 1 out)" = ok ]
	[ "$(wc -l <out)" = 4 ]
	[ "$(control 'list -no-header' | wc -l)" = 3 ]
}

@test "with -json each line is an object, the last says ok" {
	serve_echo
	client 5
	control 'list -json' 'stats -json' 'kick 9 -json' >out
	"$python" -IS - <<-'END'
		import json
		rows = [json.loads(line) for line in open("out")]
		assert [r.get("ok") for r in rows] == [None, True, None, True, False], rows
		assert rows[0]["id"] == 1 and rows[0]["received"] == 6 and rows[0]["what"] == "echo", rows
		assert rows[2]["connected"] == 1 and rows[2]["sent"] == 6, rows
		assert rows[4]["error"] == "kick: no client has the number 9", rows
	END
}

@test "stats add up what clients did that have left" {
	serve_echo --max-clients 2 --refuse
	client 5
	client 6
	! echo lost | usock connect --quiet 127.0.0.1 "$port" 2>refused.err || true
	exec 5>&-
	eventually has_events 2 end
	control stats >out
	diff out - <<-'END'
		state serving
		connected 1
		accepted 3
		refused 1
		denied 0
		failed 0
		kicked 0
		sent 12
		received 12
		ok
	END
}

@test "a client's program is listed with its process" {
	serve -k --control ./control 127.0.0.1 0 -- cat
	client 5
	control list >out
	local pid
	pid=$(sed -n 's/.* program \([0-9]*\)$/\1/p' out)
	[ "$(cat "/proc/$pid/comm")" = cat ]
	has_line out ' 6 +6 open '
}

@test "a client in its handshake is negotiating" {
	serve -k --echo --quiet --tls --self-signed --control ./control 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	eventually listed negotiating
}

listed() { # WORD
	control list | grep -q -w -e "$1"
}

@test "help lists the commands" {
	serve_echo
	control help >out
	local word
	for word in list stats kick drain pause resume reload help; do
		has_line out "^$word "
	done
}

# --- what it does --------------------------------------------------------------

@test "kick resets one client, and the others stay" {
	serve_echo
	client 5
	client 6
	[ "$(control 'kick 1')" = ok ]
	if cat <&5 2>reset.err; then false; fi
	has_line reset.err 'reset by peer'
	send_line 6 again
	receives 6 again
	eventually has_events 1 end end kicked
	[ "$(control stats | grep kicked)" = "kicked 1" ]
}

@test "kick all ends every client, and the server goes on" {
	serve_echo
	client 5
	client 6
	[ "$(control 'kick all')" = ok ]
	[ "$(control 'kick all')" = ok ]
	eventually has_events 2 end end kicked
	client 7
	exec 7>&-
}

@test "kick ends a program's client and its program" {
	serve -k --control ./control 127.0.0.1 0 -- sh -c 'cat; echo "$$ has ended" >ended'
	client 5
	[ "$(control 'kick 1')" = ok ]
	eventually has_line ended 'has ended'
}

@test "a client that is being sent to is kicked" {
	serve -k --send /dev/zero --control ./control 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	head -c 1000000 <&5 >zeros
	[ "$(control 'kick all')" = ok ]
	eventually has_events 1 end end kicked
	client_of_zeros=$(stat -c %s zeros)
	[ "$client_of_zeros" = 1000000 ]
}

@test "after pause clients wait, after resume they are served" {
	serve_echo
	[ "$(control pause)" = ok ]
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 hello
	receives_nothing 5 0.3
	[ "$(control stats | head -n 2 | paste -sd ' ')" = "state paused connected 0" ]
	[ "$(control resume)" = ok ]
	receives 5 hello
}

@test "reload reads the access lists again, and keeps them where it fails" {
	echo 127.0.0.0/8 >list
	serve_echo --deny @list
	[ -z "$(usock connect --quiet 127.0.0.1 "$port" </dev/null 2>&1)" ] || true
	eventually denied 1
	echo 10.0.0.0/8 >list
	[ "$(control reload)" = ok ]
	client 5
	echo nonsense/99 >list
	[[ $(control reload) == "error: "*"nonsense/99"* ]]
	client 6
	server_lives
}

denied() { # N
	control stats | grep -q -x "denied $1"
}

@test "reload without access lists is an error" {
	serve_echo
	[ "$(control reload)" = "error: reload: there is no --allow and no --deny" ]
}

@test "drain without clients ends the server with 0" {
	serve_echo
	[ "$(control drain)" = ok ]
	server_ends 0
	[ ! -e control ]
}

@test "drain lets the clients end, and refuses new ones" {
	serve_echo
	client 5
	[ "$(control 'drain 30')" = ok ]
	if usock connect --quiet 127.0.0.1 "$port" 2>refused.err; then false; fi
	has_line refused.err 'Connection refused'
	[ "$(control stats | head -n 1)" = "state draining" ]
	[ "$(control pause)" = "error: pause: the server drains" ]
	send_line 5 again
	receives 5 again
	exec 5>&-
	server_ends 0
}

@test "drain with a limit of time ends who is left, with 124" {
	serve_echo
	client 5
	[ "$(control 'drain 100ms')" = ok ]
	server_ends 124
	has_line server.err '^usock: drain: timed out: 1 client had to be ended$'
	events_are 1 end end deadline
	events_are 1 draining seconds 0.1
}

# --- many and hostile ones -----------------------------------------------------

@test "several control connections are open at a time" {
	serve_echo
	"$python" -IS - <<-'END'
		import socket
		conns = []
		for i in range(20):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect("./control")
		    conns.append(s.makefile("rw"))
		for c in conns:
		    c.write("pause\nresume\n")
		    c.flush()
		for c in conns:
		    assert c.readline() == "ok\n"
		    assert c.readline() == "ok\n"
	END
}

@test "the 33rd control connection closes the most silent one" {
	serve_echo
	"$python" -IS - <<-'END'
		import socket
		conns = []
		def ask(c, line):
		    c.sendall(line)
		    return c.recv(1000)
		for i in range(32):
		    s = socket.socket(socket.AF_UNIX)
		    s.settimeout(20)
		    s.connect("./control")
		    assert ask(s, b"resume\n") == b"ok\n"
		    conns.append(s)
		# the first is not the most silent any more
		assert ask(conns[0], b"resume\n") == b"ok\n"
		last = socket.socket(socket.AF_UNIX)
		last.settimeout(20)
		last.connect("./control")
		assert ask(last, b"resume\n") == b"ok\n"
		assert conns[1].recv(10) == b""
		assert ask(conns[0], b"resume\n") == b"ok\n"
	END
}

@test "a control client that reads nothing costs one answer, and nobody waits for it" {
	serve_echo
	client 5
	"$python" -IS - <<-'END' &
		import socket, time
		s = socket.socket(socket.AF_UNIX)
		s.connect("./control")
		s.setblocking(False)
		sent = 0
		try:
		    while True:
		        sent += s.send(b"help\n" * 1000)
		except BlockingIOError:
		    open("stuck", "w").write(str(sent))
		time.sleep(60)
	END
	pids+=($!)
	eventually test -s stuck
	[ "$(control stats | head -n 1)" = "state serving" ]
	send_line 5 again
	receives 5 again
	[ "$(cat stuck)" -lt 2000000 ]
}

@test "a line without an end, or of NUL bytes, is an error, and the connection ends" {
	serve_echo
	"$python" -IS - <<-'END'
		import socket
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(20)
		s.connect("./control")
		s.sendall(b"x" * 1030)
		f = s.makefile("rb")
		assert f.readline() == b"error: the line is longer than 1024 bytes\n"
		try:
		    assert f.readline() == b""
		except ConnectionResetError:
		    pass
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(20)
		s.connect("./control")
		s.sendall(b"li\0st\nresume\n")
		f = s.makefile("rb")
		assert f.readline() == b"error: the line contains a NUL byte\n"
		assert f.readline() == b"ok\n"
	END
	server_lives
}

@test "a control client may close before its answer" {
	serve_echo
	client 5
	"$python" -IS - <<-'END'
		import socket
		for i in range(200):
		    s = socket.socket(socket.AF_UNIX)
		    s.connect("./control")
		    s.sendall(b"list\nstats\nhelp\nlist -json\n")
		    s.close()
	END
	[ "$(control resume)" = ok ]
	client 6
}

@test "a command may come byte by byte, and the last without a newline" {
	serve_echo
	"$python" -IS - <<-'END'
		import socket
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(20)
		s.connect("./control")
		for byte in b"\r\n \nresume\r\nresume":
		    s.send(bytes([byte]))
		s.shutdown(socket.SHUT_WR)
		assert s.makefile("rb").read() == b"ok\nok\n"
	END
}

# --- usock status --------------------------------------------------------------

@test "usock status shows the server behind a control socket" {
	serve_echo
	client 5
	usock status control >out
	[ "$(head -n 1 out)" = "state serving  connected 1  accepted 1  refused 0  denied 0  failed 0  kicked 0  sent 6  received 6" ]
	has_line out '^ *1 127\.0\.0\.1:[0-9]+ .* open +echo$'
	usock status --json ./control >out
	"$python" -IS -c '
import json
stats, client = [json.loads(line) for line in open("out")]
assert stats["connected"] == 1 and client["id"] == 1, (stats, client)'
	[ "$(usock status --no-header ./control | wc -l)" = 2 ]
}

@test "usock status --watch prints the counts until the server ends" {
	serve_echo
	start watch "$USOCK" status --watch=50ms ./control
	local watch=$pid
	eventually has_line watch.out ' connected 0 '
	client 5
	eventually has_line watch.out ' connected 1 '
	server_ends_by TERM 143
	finish "$watch"
	status_is 0
}

@test "usock status does not connect to another server's socket" {
	serve --echo unix:path
	run ! usock status --state established unix:path
	usock status unix:path >out
	has_line out LISTEN
	[ "$(usock connect unix:path <<<hello)" = hello ]
	server_ends 0
}

@test "usock status with another option is about the socket itself" {
	serve_echo
	usock status --unix ./control >out
	has_line out 'LISTEN.*control'
	[ "$(usock status --count unix:./control)" = 1 ]
}

@test "usock status names a control socket on which nobody listens" {
	serve_echo
	kill -KILL "$server"
	finish "$server"
	run -1 --separate-stderr usock status ./control
	[ "$stderr" = "usock: connect unix:./control: Connection refused" ] || fail "$stderr"
	serve -k --echo --unlink --control ./control 127.0.0.1 0
	[ "$(control resume)" = ok ]
}

# --- where it cannot be ---------------------------------------------------------

@test "--control is refused without --keep-open and with datagrams, and where the path is taken" {
	run -2 --separate-stderr usock listen --control ./control 127.0.0.1 0
	[ "$stderr" = "usock: listen: --control: needs --keep-open" ] || fail "$stderr"
	run -2 --separate-stderr usock listen -k -u --control ./control 127.0.0.1 0
	[ "$stderr" = "usock: listen: --control: not with datagrams" ] || fail "$stderr"
	: >control
	run -1 --separate-stderr usock listen -k --control ./control 127.0.0.1 0
	[[ $stderr == *"bind unix:./control: Address already in use"* ]] || fail "$stderr"
	[ -f control ]
}

@test "a DTLS server has a control socket, too" {
	serve -k --quiet --dtls --self-signed --echo --control ./control 127.0.0.1 0
	start client "$USOCK" connect --quiet --dtls --insecure 127.0.0.1 "$port"
	eventually listed open
	[ "$(control 'kick all')" = ok ]
	eventually has_events 1 end end kicked
	[ "$(control drain)" = ok ]
	server_ends 0
}
