# listen --while: a server for as long as a command runs.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/listen

# serves_while COMMAND ARG... runs the server with COMMAND, and sets $status.
serves_while() {
	status=0
	usock listen --quiet --while "$1" "${@:2}" >out 2>err || status=$?
}

@test "the command of --while finds the server, and its status is ours" {
	serves_while '"$USOCK" connect "$USOCK_ADDR" "$USOCK_PORT" <<-END
		hello
		END
		exit 7' --echo 127.0.0.1 0
	status_is 7
	text_is out 'hello\n'
	is_empty err
	serves_while true --echo 0
	status_is 0
}

@test "a command that a signal ends is 128 and its number" {
	serves_while 'kill -KILL $$' --echo 127.0.0.1 0
	status_is 137
	serves_while 'kill -TERM $$' --echo 127.0.0.1 0
	status_is 143
	is_empty err
}

@test "a command that is not found is the shell's 127" {
	serves_while /no/such/program --echo 127.0.0.1 0
	status_is 127
}

@test "USOCK_ADDR is an address to connect to, or the path of a unix socket" {
	local show='echo "$USOCK_ADDR ${USOCK_PORT-none}"'
	serves_while "$show" --discard 0.0.0.0 23456
	text_is out '127.0.0.1 23456\n'
	serves_while "$show" --discard unix:socket
	text_is out 'socket none\n'
	serves_while "$show" --discard unix:@name
	text_is out '@name none\n'
	has_ipv6 || return 0
	serves_while "$show" --discard 23456
	text_is out '127.0.0.1 23456\n'
	serves_while "$show" --discard -6 23456
	text_is out '::1 23456\n'
	serves_while "$show" --discard ::1 23456
	text_is out '::1 23456\n'
}

@test "the command has our standard input, and the clients' data goes to our output" {
	status=0
	usock listen --quiet --while 'cat; echo client | "$USOCK" connect "$USOCK_ADDR" "$USOCK_PORT"' \
		127.0.0.1 0 <<<input >out 2>err || status=$?
	status_is 0
	text_is out 'input\nclient\n'
	is_empty err
}

@test "the command runs beside datagrams, and beside programs of clients" {
	# /dev/udp is of bash
	serves_while 'exec bash -c '\''exec 5<>"/dev/udp/$USOCK_ADDR/$USOCK_PORT"; echo hello >&5; head -n 1 <&5'\' \
		-u --echo 127.0.0.1 0
	status_is 0
	text_is out 'hello\n'
	serves_while '"$USOCK" connect "$USOCK_ADDR" "$USOCK_PORT" </dev/null' 127.0.0.1 0 -- echo "a program"
	text_is out 'a program\n'
}

@test "connections that are open when the command ends are ended" {
	mkfifo go
	start server "$USOCK" listen --ready-file server.ready --while 'read -r _ <go' --echo 127.0.0.1 0
	is_ready server
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	receives 5 one
	echo >go
	receives_end 5
	finish "$pid"
	status_is 0
}

@test "what clients have sent when the command ends is written, also to a slow reader" {
	local i size
	for i in 1 2 3; do
		size=$(usock listen --quiet --while \
			'exec bash -c "head -c 10000000 /dev/zero >/dev/tcp/$USOCK_ADDR/$USOCK_PORT"' 127.0.0.1 0 2>err | (
			sleep 0.3
			wc -c
		))
		[ "$size" = 10000000 ] || fail "$size bytes; $(cat err)"
	done
	is_empty err
	# one after the other: the second waits when the command ends
	size=$(usock listen --quiet --serial --while 'exec bash -c "
		head -c 5500000 /dev/zero >/dev/tcp/\$USOCK_ADDR/\$USOCK_PORT; echo more >/dev/tcp/\$USOCK_ADDR/\$USOCK_PORT"' \
		127.0.0.1 0 2>err | (
		sleep 0.3
		wc -c
	))
	[ "$size" = 5500005 ] || fail "$size bytes; $(cat err)"
	is_empty err
}

# slow_client STATUS OPTION... ends the command while a slow client of a server of these options reads.
slow_client() {
	local expected=$1
	shift
	# shellcheck disable=SC2016
	usock listen --quiet --while 'exec bash -c "
		exec 4<>/dev/tcp/\$USOCK_ADDR/\$USOCK_PORT; (sleep $slow; wc -c <&4 >received) >/dev/null 2>&1 & sleep 0.2"' \
		"$@" 127.0.0.1 0 2>err || status=$?
	status_is "$expected"
}

@test "what goes to a slow client when the command ends is sent" {
	local options
	export slow=0.5
	truncate -s 20000000 data
	for options in "--send data" "--sh 'exec cat data'" "--sh 'exec cat data' --pty" '--serial <data'; do
		status=0
		rm -f received
		eval "slow_client 0 $options"
		is_empty err
		eventually test -s received
		says_exactly received 20000000
	done
}

@test "what cannot be sent when the command has ended is a failure" {
	local options
	export slow=3
	truncate -s 20000000 data
	for options in "--send data" "--sh 'exec cat data'"; do
		status=0
		eval "slow_client 124 $options"
		says_exactly err 'usock: drain: timed out: 1 client had to be ended'
	done
}

@test "a receiver of a broker that has been sent everything is silent" {
	# shellcheck disable=SC2016
	usock listen --quiet --broker --while 'exec bash -c "
		exec 4<>/dev/tcp/\$USOCK_ADDR/\$USOCK_PORT; (exec cat <&4 >received) & sleep 0.2
		echo hello | \$USOCK connect --send-only \$USOCK_ADDR:\$USOCK_PORT
		until [ -s received ]; do sleep 0.05; done"' 127.0.0.1 0 2>err
	is_empty err
}

@test "what cannot be written when the command has ended is a failure" {
	local client='head -c 50000000 /dev/zero 2>/dev/null >/dev/tcp/$USOCK_ADDR/$USOCK_PORT'
	mkfifo slow
	exec 6<>slow
	status=0
	usock listen --quiet --while "exec bash -c '$client & sleep 0.3'" 127.0.0.1 0 >&6 2>err || status=$?
	status_is 124
	says_exactly err 'usock: drain: timed out: 1 client had to be ended'
	status=0
	usock listen --quiet --while "exec bash -c '$client & sleep 0.3; exit 7'" 127.0.0.1 0 >&6 2>err || status=$?
	status_is 7
	says_exactly err 'usock: drain: timed out: 1 client had to be ended'
	status=0
	usock listen --serial --quiet --while "exec bash -c '$client & sleep 0.3'" 127.0.0.1 0 >&6 2>err || status=$?
	status_is 124
	says_exactly err 'usock: drain: timed out: 1 client had to be ended'
}

# signalled SIGNAL COMMAND starts a server with a command that says "ready", sends it SIGNAL and sets $status.
signalled() {
	start server "$USOCK" listen --quiet --while "echo ready; $2" --echo 127.0.0.1 0
	server=$pid
	eventually has_line server.out ready
	kill "-$1" "$server"
	finish "$server"
}

@test "a signal is passed to the command, which may finish, and ends us" {
	mkfifo fifo
	signalled TERM 'trap "echo got it; exit 3" TERM; cat <>fifo & wait'
	status_is 143
	says_exactly server.out 'got it'
	signalled HUP 'read -r _ <>fifo'
	status_is 129
}

@test "all processes of the command get the signal" {
	mkfifo fifo
	signalled TERM '"$USOCK" listen --quiet --ready-file inner --echo 127.0.0.1 0 & wait'
	status_is 143
	[ ! -e inner ] || eventually usock status --wait gone --timeout 5 "$(cat inner)"
}

@test "a command that ignores the signal is killed by the next one" {
	mkfifo fifo
	start server "$USOCK" listen --quiet --while 'trap "" TERM; echo ready; read -r _ <>fifo' --echo 127.0.0.1 0
	eventually has_line server.out ready
	kill -TERM "$pid"
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
}

@test "--timeout ends the command, too" {
	mkfifo fifo
	serves_while 'trap "echo ended" TERM; cat <>fifo & wait' --timeout 0.3 --echo 127.0.0.1 0
	status_is 124
	text_is out 'ended\n'
	one_message err
	says err 'timed out'
}

@test "a server that fails tells of it, and the command goes on" {
	start server "$USOCK" listen --quiet --ready-file server.ready \
		--while '"$USOCK" status --kill --state LISTEN --port "$USOCK_PORT" >killed || exit 9; echo still here' --echo 127.0.0.1 0
	finish "$pid"
	[ "$status" != 9 ] || skip "$(cat server.err)"
	status_is 1
	text_is server.out 'still here\n'
	says server.err 'accept 127\.0\.0\.1:[0-9]*: Invalid argument$'
}

@test "a server that has failed when the command ends is a failure" {
	# shellcheck disable=SC2016
	usock listen --quiet --while 'kill -STOP "$PPID"
		"$USOCK" status --kill --state LISTEN --port "$USOCK_PORT" >killed || s=9
		(sleep 0.2; kill -CONT "$PPID") &
		exit "${s:-0}"' --echo 127.0.0.1 0 2>err || status=$?
	[ "${status:-0}" != 9 ] || skip "$(cat err)"
	status_is 1
	says err 'accept 127\.0\.0\.1:[0-9]*: Invalid argument$'
}

@test "--while conflicts with what has no use for it" {
	local args
	for args in "--background --echo" "--broadcast-input" "--progress" "--reserve" "--listen-fds" "--accept-timeout 1"; do
		status=0
		# shellcheck disable=SC2086
		usock listen --while true $args 127.0.0.1 0 2>err || status=$?
		status_is 2
		says err '^usock: listen: --[a-z-]*: not '
	done
}
