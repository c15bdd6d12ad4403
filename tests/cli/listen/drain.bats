# `usock listen --drain DUR`: SIGTERM lets the clients end.

load ../lib/listen

client() { # FD
	eval "exec $1<>/dev/tcp/127.0.0.1/$port"
	send_line "$1" hello
	receives "$1" hello
}

is_draining() {
	has_events 1 draining
}

@test "SIGTERM without clients ends the server with 0" {
	serve -k --echo --drain 30 127.0.0.1 0
	server_ends_by TERM 0
}

@test "clients that are connected are served to their end, and new ones refused" {
	serve -k --echo --drain 30 127.0.0.1 0
	client 5
	client 6
	kill -TERM "$server"
	eventually is_draining
	has_line server.err '^usock: draining: 2 connected, for at most 30\.0 s$'
	if usock connect --quiet 127.0.0.1 "$port" 2>refused.err; then false; fi
	has_line refused.err 'Connection refused'
	exec 5>&-
	send_line 6 again
	receives 6 again
	server_lives
	exec 6>&-
	server_ends 0
}

@test "who has not left in time is ended, with 143" {
	serve -k --echo --drain 100ms 127.0.0.1 0
	client 5
	kill -TERM "$server"
	server_ends 143
	has_line server.err '^usock: drain: timed out: 1 client had to be ended$'
	has_line server.err "^usock: drain: ended: $(field events accepted peer)$"
	events_are 1 end end signal
}

@test "a second SIGTERM ends it at once, as SIGINT and SIGHUP always do" {
	local signal
	serve -k --echo --drain none 127.0.0.1 0
	client 5
	kill -TERM "$server"
	eventually is_draining
	server_ends_by TERM 143
	exec 5>&-
	for signal in INT HUP; do
		serve -k --echo --drain none 127.0.0.1 0
		client 5
		server_ends_by $signal "$([ $signal = INT ] && echo 130 || echo 129)"
		exec 5>&-
	done
}

@test "without --drain SIGTERM ends all at once" {
	serve -k --echo 127.0.0.1 0
	client 5
	server_ends_by TERM 143
	receives_end 5
}

@test "a client that the kernel has answered is served before the socket closes" {
	serve -k --echo --drain 30 127.0.0.1 0
	kill -STOP "$server"
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 hello
	kill -TERM "$server"
	kill -CONT "$server"
	receives 5 hello
	exec 5>&-
	server_ends 0
}

@test "a program that outlives its client is waited for" {
	endless go
	serve -k --drain 30 127.0.0.1 0 --sh 'read -r _ <go; echo done >result'
	usock connect --send-only 127.0.0.1 "$port" <<<hello
	eventually has_events 1 accepted
	kill -TERM "$server"
	eventually is_draining
	server_lives
	echo >&8
	server_ends 0
	# shellcheck disable=SC1010
	[ "$(cat result)" = done ]
}

@test "the path of a unix socket goes when draining begins" {
	serve -k --echo --drain 30 unix:path
	start client "$USOCK" connect unix:path -- sh -c 'echo hello; read -r line; read -r line <go'
	endless go
	eventually has_events 1 accepted
	kill -TERM "$server"
	eventually is_draining
	[ ! -e path ]
	echo >&8
	server_ends 0
}

@test "--drain is refused without --keep-open and with datagrams" {
	run -2 --separate-stderr usock listen --drain 1 127.0.0.1 0
	[ "$stderr" = "usock: listen: --drain: needs --keep-open" ] || fail "$stderr"
	run -2 --separate-stderr usock listen -k -u --drain 1 127.0.0.1 0
	[ "$stderr" = "usock: listen: --drain: not with datagrams" ] || fail "$stderr"
}

@test "a client that has failed does not decide the status of a drained server" {
	serve -k --ws --echo --drain 30 127.0.0.1 0
	usock connect "$address" <<<'no request' >/dev/null 2>&1 || :
	eventually has_events 1 end
	server_ends_by TERM 0
	has_line server.err 'the client has ended before the WebSocket handshake'
	serve -k --drain 30 127.0.0.1 0 --sh 'exit 3'
	usock connect "$address" </dev/null
	eventually has_events 1 end
	server_ends_by TERM 0
}

@test "a drained server that could not write what clients have sent ends with 8" {
	to=/dev/full serve -k --drain 30 127.0.0.1 0
	usock connect --quiet "$address" <<<hello 2>/dev/null || :
	eventually has_events 1 end
	server_ends_by TERM 8
	has_line server.err 'write stdout: No space left on device'
	to=/dev/full serve -k --workers 2 --drain 30 127.0.0.1 0
	usock connect --quiet "$address" <<<hello 2>/dev/null || :
	eventually has_events 1 end
	server_ends_by TERM 8
}

accepted_or_waits() { # N
	has_line server.err 'the next client waits' || has_events "$1" accepted
}

@test "a client that waits for a descriptor when draining begins is served" {
	serve_with_few 24 -k --echo --drain 30 127.0.0.1 0
	local fd=19
	until has_line server.err 'the next client waits'; do
		fd=$((fd + 1))
		eval "exec $fd<>/dev/tcp/127.0.0.1/$port"
		eventually accepted_or_waits $((fd - 19))
	done
	kill -TERM "$server"
	eventually is_draining
	exec 20>&-
	send_line $fd hello
	receives $fd hello
	for ((; fd > 20; fd--)); do
		eval "exec $fd>&-"
	done
	server_ends 0
}

@test "a client that waits for a descriptor is reset by the end of the server" {
	serve_with_few 24 -k --echo --drain 200ms 127.0.0.1 0
	start filler "$python" -IS -c '
import socket, sys, time
clients = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(24)]
time.sleep(1000)' "$port"
	eventually has_line server.err 'the next client waits'
	start held "$USOCK" connect 127.0.0.1 "$port"
	kill -TERM "$server"
	server_ends 143
	has_line server.err '^usock: accept 127\.0\.0\.1:[0-9]+: clients that wait are not served$'
	has_line server.err '^usock: drain: timed out: [0-9]+ clients had to be ended$'
	finish "$pid"
	status_is 1
}
