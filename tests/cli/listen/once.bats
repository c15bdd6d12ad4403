# listen --once: so many clients, then the end, with the status of the first that failed.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/listen

@test "--once serves so many clients at the same time, refuses the next and exits with 0" {
	serve --once 2 --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	send_line 6 two
	receives 6 two
	receives 5 one
	status=0
	usock connect 127.0.0.1 "$port" 2>err || status=$?
	status_is 1
	says err 'Connection refused$'
	server_lives
	exec 5>&- 6>&-
	server_ends 0
	events_are 2 accepted
	events_are 2 end
}

@test "--once exits with the status of the first client that failed, and tells of it" {
	serve --once 3 127.0.0.1 0 --sh 'read -r n; exit "$n"'
	for n in 0 5 6; do
		usock connect 127.0.0.1 "$port" <<<"$n"
		has_ended() { has_events "$1" end; }
		eventually has_ended $((n == 0 ? 1 : n - 3))
	done
	server_ends 5
}

@test "a reset is a failure of --once" {
	serve --once 2 --discard 127.0.0.1 0
	peer send:hello reset
	peer send:hello shut eof
	server_ends 1
}

@test "--once with --max-clients serves one client after the other" {
	serve --once 2 --max-clients 1 --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 6 two
	send_line 5 one
	receives 5 one
	receives_nothing 6 0.2
	exec 5>&-
	receives 6 two
	exec 6>&-
	server_ends 0
}

@test "clients that --refuse turns away do not count" {
	serve --once 2 --max-clients 1 --refuse --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	receives 5 one
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	receives_end 6
	exec 5>&- 6>&-
	is_free() { has_events 2 end; }
	eventually is_free
	usock connect 127.0.0.1 "$port" <<<two >out
	text_is out 'two\n'
	server_ends 0
}

@test "--accept-timeout limits the wait for each client of --once" {
	status=0
	usock listen --once 2 --accept-timeout 0.2 --echo 127.0.0.1 12345 2>err || status=$?
	status_is 124
	one_message err
	says_exactly err 'usock: accept 127.0.0.1:12345: timed out: 0 of 2 clients came'
	serve --once 2 --accept-timeout $((4 * slowness)) --echo 127.0.0.1 0
	usock connect 127.0.0.1 "$port" <<<one >out
	text_is out 'one\n'
	server_ends 124
	says server.err '1 of 2 clients came$'
}

@test "--once works with unix sockets, TLS and DTLS" {
	serve --once 1 --echo unix:socket
	usock connect unix:socket <<<hello >out
	text_is out 'hello\n'
	server_ends 0
	[ ! -e socket ] || fail "the path is still there"
	serve --once 2 --tls --self-signed --echo 127.0.0.1 0
	for _ in 1 2; do
		usock connect --tls --insecure 127.0.0.1 "$port" <<<hello >out
		text_is out 'hello\n'
	done
	server_ends 0
	serve --once 1 --dtls --self-signed --echo 127.0.0.1 0
	usock connect --dtls --insecure --after-eof 1 127.0.0.1 "$port" <<<hello >out
	text_is out 'hello\n'
	server_ends 0
}

@test "a client whose handshake fails is one of --once, and its failure the status" {
	serve --once 1 --tls --self-signed --echo 127.0.0.1 0
	usock connect 127.0.0.1 "$port" <<<'GET / HTTP/1.0' >out || :
	server_ends 5
}

@test "--once conflicts with what has no clients to count" {
	local args
	for args in "-u --echo" "--progress" "--while true" "--reserve" "--listen-fds"; do
		status=0
		# shellcheck disable=SC2086
		usock listen --once 1 $args 127.0.0.1 0 2>err || status=$?
		status_is 2
		[ "$(wc -l <err)" -le 2 ] || fail "$(cat err)"
		says err '^usock: listen: --[a-z-]*: not '
	done
}
