# nc -w: silence is a good end, and a side that takes nothing of what waits for it is none.

# shellcheck disable=SC2154 # from lib: port, status, stderr

load ../lib/common

# A pipe that nobody reads, as descriptor 7.
setup_pipe() {
	mkfifo stuck
	exec 7<>stuck
	truncate -s 20000000 data
}

@test "silence is status 0, over TCP and UDP" {
	usock_listens server -k --echo
	mkfifo input
	exec 7<>input
	usock nc -w 1 127.0.0.1 "$port" <input 2>err
	[ ! -s err ] || fail "$(cat err)"
	usock_listens sink -u -k --discard
	usock nc -u -w 1 127.0.0.1 "$port" <<<hello 2>err
	[ ! -s err ] || fail "$(cat err)"
}

@test "what could not be sent, or not be written, is status 1" {
	setup_pipe
	to=stuck usock_listens server --recv-only
	run -1 --separate-stderr usock nc -w 1 -N 127.0.0.1 "$port" <data
	[[ $stderr == "nc: send 127.0.0.1:$port: timed out: idle for 1 s, and not all was sent" ]] || fail "$stderr"
	usock_listens source --send data
	status=0
	timeout -s KILL "$patience" "$USOCK" nc -w 1 -d 127.0.0.1 "$port" >stuck 2>err || status=$?
	status_is 1
	text_is err "nc: recv 127.0.0.1:$port: timed out: idle for 1 s, and not all was written\n"
}
