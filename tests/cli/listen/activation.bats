# Socket activation both ways: sockets from systemd-socket-activate as systemd:NAME, and --listen-fds for
# programs that want one.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/listen

# activated ARG... starts systemd-socket-activate ARG... on a port of ours: $port, $server.
activated() {
	port=$(free_port)
	need systemd-socket-activate
	start server env -u LISTEN_FDS systemd-socket-activate -l "127.0.0.1:$port" "$@"
	server=$pid
	eventually has_line server.err 'Listening on'
}

# passes NAMES N COMMAND... runs COMMAND with N listening sockets as descriptors 3, 4, ...
passed=("$python" -IS "$peers/passed.py")

passes() {
	"${passed[@]}" "$@"
}

@test "systemd-socket-activate starts a server, which has the first client already" {
	activated "$USOCK" listen --once 2 --echo systemd:
	for n in one two; do
		usock connect 127.0.0.1 "$port" <<<"$n" >got
		text_is got "$n\n"
	done
	finish "$server"
	status_is 0
}

@test "systemd: serves one client as any address does" {
	activated "$USOCK" listen --recv-only systemd:
	usock connect --send-only 127.0.0.1 "$port" <<<hello
	finish "$server"
	status_is 0
	text_is server.out 'hello\n'
}

@test "a connection that systemd-socket-activate --accept passes is systemd: of connect" {
	activated --accept "$USOCK" connect systemd: -- tr a-z A-Z
	usock connect 127.0.0.1 "$port" <<<hello >got
	text_is got 'HELLO\n'
	kill -TERM "$server"
	finish "$server"
}

@test "sockets have names" {
	start server "${passed[@]}" web:log 2 "$USOCK" listen --ready-file server.ready --once 1 --echo systemd:log
	is_ready server
	usock connect 127.0.0.1 "$port" <<<hello >got
	text_is got 'hello\n'
	finish "$pid"
	status_is 0
}

@test "what is not passed is a usage error that says what is" {
	status=0
	usock listen systemd: 2>err || status=$?
	status_is 2
	says_exactly err 'usock: listen: systemd:: no socket was passed'
	LISTEN_FDS=1 LISTEN_PID=1 usock listen systemd: 2>err || says err 'no socket was passed'
	LISTEN_FDS=x LISTEN_PID=$$ usock listen systemd: 2>err || says err 'no socket was passed'
	passes web:log 2 "$USOCK" listen systemd: 2>err || status=$?
	says_exactly err 'usock: listen: systemd: 2 sockets were passed'
	says_exactly err 'usock: hint: systemd:NAME is one of them: web:log'
	passes '' 2 "$USOCK" listen systemd: 2>err || says_exactly err 'usock: hint: they have no names, but are fd:3 to fd:4'
	passes web:log 2 "$USOCK" listen systemd:mail 2>err || status=$?
	says_exactly err 'usock: listen: systemd:mail: no socket of that name was passed'
	says_exactly err 'usock: hint: LISTEN_FDNAMES is web:log'
	status=0
	usock status systemd: 2>err || status=$?
	status_is 2
}

@test "a server in the background gets the sockets that were passed to the first process" {
	passes web 1 "$USOCK" listen --background --once 1 --echo systemd:web >out 2>err
	read -r address server <out
	usock connect "$address" <<<hello >got
	text_is got 'hello\n'
	eventually is_over "$server"
}

@test "a script listens on a socket that was passed" {
	start server "${passed[@]}" web 1 "$USOCK" -c 'set l [listen --ready-fd 1 systemd:web]
		lassign [$l accept] c; $c sendall [$c readline]; $c close'
	eventually test -s server.out
	usock connect "$(cat server.out)" <<<hello >got
	text_is got 'hello\n'
	finish "$pid"
	status_is 0
}

# --- for programs -----------------------------------------------------------------

@test "--listen-fds gives a program the socket, with the environment of sd_listen_fds(3)" {
	usock listen --quiet --listen-fds=web 127.0.0.1 23456 -- sh -c 'echo "$LISTEN_FDS $LISTEN_FDNAMES $USOCK_ADDR $USOCK_PORT"
		[ "$LISTEN_PID" = $$ ] && readlink /proc/$$/fd/3; ls /proc/$$/fd' >out
	[ "$(head -n 1 out)" = '1 web 127.0.0.1 23456' ]
	says out '^socket:'
	[ "$(tail -n +3 out | paste -sd ' ')" = '0 1 2 3' ] || fail "$(cat out)"
	LISTEN_FDNAMES=old usock listen --quiet --listen-fds 127.0.0.1 23456 -- sh -c 'echo "${LISTEN_FDNAMES-none}"' >out
	text_is out 'none\n'
}

@test "the socket blocks, as a service manager's does, and clients wait for the program" {
	start server "$USOCK" listen --ready-file server.ready --listen-fds 127.0.0.1 0 -- "$python" -IS -c '
import os, socket
s = socket.socket(fileno=3)
print(os.environ["LISTEN_PID"] == str(os.getpid()), os.get_blocking(3))
c, _ = s.accept()
c.sendall(b"hello\n")
'
	is_ready server
	usock connect 127.0.0.1 "$port" </dev/null >got
	text_is got 'hello\n'
	finish "$pid"
	status_is 0
	text_is server.out 'True True\n'
}

@test "with --background the number is the program's, and a program that is missing is 127" {
	usock listen --background --listen-fds 127.0.0.1 0 -- "$USOCK" listen --once 1 --echo systemd: >out 2>err
	read -r address server <out
	[[ $(tr '\0' ' ' <"/proc/$server/cmdline") == *systemd:* ]]
	usock connect "$address" <<<hello >got
	text_is got 'hello\n'
	eventually is_over "$server"
	for run in "" --background; do
		status=0
		# shellcheck disable=SC2086
		usock listen --quiet $run --listen-fds 127.0.0.1 0 -- /no/such/program >out 2>err || status=$?
		status_is 127
		is_empty out
		text_is err 'usock: exec /no/such/program: No such file or directory\n'
	done
}

@test "programs of clients do not inherit LISTEN_FDS" {
	start server "${passed[@]}" web 1 "$USOCK" listen --ready-file server.ready --once 1 systemd:web \
		-- sh -c 'echo "${LISTEN_FDS-none} ${LISTEN_PID-none} ${LISTEN_FDNAMES-none}"'
	is_ready server
	usock connect 127.0.0.1 "$port" </dev/null >got
	text_is got 'none none none\n'
	finish "$pid"
}

@test "--listen-fds stands alone: no other option about clients is ignored" {
	local args
	for args in -k --echo "--once 2" "--timeout 1" "--tls --self-signed" "-C" "--framing line" "--max-clients 1 -k"; do
		status=0
		# shellcheck disable=SC2086
		usock listen --listen-fds $args 127.0.0.1 0 -- true 2>err || status=$?
		status_is 2
		says err '^usock: listen: --[a-z-]*: not together with --[a-z-]*$'
	done
	status=0
	usock listen --listen-fds tls:127.0.0.1:0 -- true 2>err || status=$?
	status_is 2
	usock listen --listen-fds 127.0.0.1 0 2>err || status=$?
	says_exactly err 'usock: listen: --listen-fds: no program is given'
	usock listen --listen-fds=a:b 127.0.0.1 0 -- true 2>err || status=$?
	says err "has a colon or a control character$"
}
