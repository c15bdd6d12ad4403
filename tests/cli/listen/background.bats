# listen --background: returns when the server listens, and says where and who it is.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/listen

teardown() {
	[ -z "${server-}" ] || kill -KILL "$server" 2>/dev/null || :
}

# behind ARG... starts a server in the background: $address, $port, $server.
behind() {
	status=0
	usock listen --background "$@" >out 2>err || status=$?
	status_is 0 || return
	[ "$(wc -l <out)" = 1 ] || fail "$(cat out)" || return
	read -r address server <out
	port=${address##*:}
}

gone() {
	eventually is_over "$server"
	server=
}

@test "--background prints address and process number when it listens, and serves" {
	behind -k --echo 127.0.0.1 0
	[[ $(<out) =~ ^127\.0\.0\.1:[0-9]+\ [0-9]+$ ]]
	[ "$(port_of "$server")" = "$port" ]
	usock connect "$address" <<<hello >got
	text_is got 'hello\n'
	kill -TERM "$server"
	gone
	behind -k --echo unix:socket
	[ "$(<out)" = "unix:socket $server" ]
	kill -TERM "$server"
	gone
	[ ! -e socket ] || fail "the path is still there"
}

@test "it works in \$(...) and in run, whose pipes it does not keep open" {
	local text
	text=$(timeout -s KILL "$patience" "$USOCK" listen --background --once 1 --echo 127.0.0.1 0 2>&1)
	read -r address server <<<"${text##*$'\n'}"
	usock connect "$address" <<<hello >/dev/null
	gone
	run timeout -s KILL "$patience" "$USOCK" listen --background --once 1 --echo 127.0.0.1 0
	[ "$status" = 0 ]
	read -r address server <<<"${lines[-1]}"
	usock connect "$address" <<<hello >/dev/null
	gone
}

@test "it has a session of its own, /dev/null, and no descriptor that nobody named" {
	exec 5<>some 6>events
	usock listen --background -k --events fd:6 --echo 127.0.0.1 0 >out 2>err
	read -r address server <out
	[ "$(ps -o sid= -p "$server" | tr -d ' ')" = "$server" ]
	[ "$(readlink "/proc/$server/fd/0")" = /dev/null ]
	[ "$(readlink "/proc/$server/fd/1")" = /dev/null ]
	[ "$(readlink "/proc/$server/fd/2")" = "$PWD/err" ]
	[ ! -e "/proc/$server/fd/5" ] || [ "$(readlink "/proc/$server/fd/5")" != "$PWD/some" ]
	usock connect "$address" <<<hello >got
	eventually has_line events '"event":"end"'
	kill -TERM "$server"
	gone
}

@test "standard error stays where it is a file, and where it was asked for" {
	printf '#!/bin/sh\n' >program
	chmod 755 program
	behind -k 127.0.0.1 0 -- "$PWD/program"
	rm program
	usock connect "$address" </dev/null >got || :
	eventually has_line err '^usock: exec .*/program: No such file or directory$'
	kill -TERM "$server"
	gone
	mkfifo messages
	cat messages >copy &
	pids+=($!)
	usock listen --background -v --once 1 --echo 127.0.0.1 0 >out 2>messages
	read -r address server <out
	usock connect "$address" <<<hello >got
	eventually has_line copy ' end=peer-fin '
	gone
}

@test "what fails before it listens is reported, and is the status" {
	local args want
	while IFS='|' read -r want args; do
		status=0
		# shellcheck disable=SC2086
		usock listen --background $args >out 2>err || status=$?
		status_is "$want"
		is_empty out
		says err '^usock: '
	done <<-'END'
		2|--echo
		2|127.0.0.1 0
		2|--broadcast-input -k 127.0.0.1 0
		2|--while true 127.0.0.1 0
		2|--progress --echo 127.0.0.1 0
		3|--echo nosuch.invalid 0
		8|--send missing 127.0.0.1 0
	END
	behind -k --echo 127.0.0.1 0
	status=0
	usock listen --background --echo "$address" >out 2>err || status=$?
	status_is 1
	says err 'Address already in use'
}

@test "--ready-fd, --ready-file and --timeout work in the background" {
	mkfifo ready
	behind -k --ready-fd 5 --ready-file file --timeout 0.5 --echo 127.0.0.1 0 5<>ready
	text_is file "$address\n"
	gone
	exec 5<>ready
	behind --once 1 --ready-fd 5 --echo 127.0.0.1 0
	IFS= read -r -t "$patience" -u 5 line
	[ "$line" = "$address" ]
	usock connect "$address" <<<hello >got
	gone
}

@test "a signal while it starts ends both, and a closed standard output ends the server" {
	mkfifo key
	start first "$USOCK" listen --background --tls --cert key --key key --echo 127.0.0.1 0
	catches() { (((16#$(sed -n 's/^SigCgt:\t//p' "/proc/$1/status") & 16#4000) != 0)); }
	eventually catches "$pid"
	local first=$pid second
	second=$(pgrep -P "$first")
	eventually catches "$second"
	kill -TERM "$first"
	finish "$first"
	status_is 143
	eventually is_over "$second"
	status=0
	"$USOCK" listen --background -k --echo 127.0.0.1 12345 >/dev/full 2>err || status=$?
	status_is 8
	usock status --wait gone --timeout "$patience" --port 12345
}

@test "datagrams and programs are served in the background, too" {
	behind -u -k --echo 127.0.0.1 0
	usock sendto --wait 1 "$address" hello >got
	says got hello
	kill -TERM "$server"
	gone
	behind --once 1 127.0.0.1 0 -- sh -c 'echo "from $PPID"'
	usock connect "$address" </dev/null >got
	text_is got "from $server\n"
	gone
}

@test "--background without standard input and error prints where it listens" {
	run -0 timeout "$patience" sh -c '"$1" listen --background -k --echo 127.0.0.1 0 <&- 2>&-' sh "$USOCK"
	read -r address server <<<"$output"
	usock connect "$address" <<<hello >got
	text_is got 'hello\n'
	kill -TERM "$server"
	gone
}
