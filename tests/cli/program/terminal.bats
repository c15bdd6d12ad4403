# Standard input that is a terminal: of a background job, which comes to the foreground or not, and one
# that controls nobody.
#
# shellcheck disable=SC2016 # scripts and shells have $ in them
# shellcheck disable=SC2154 # from lib: pid, status, peers, python, patience, port

load ../lib/common

# job STEP... -- ARG... runs usock as a background job.
job() {
	local steps=()
	while [ "$1" != -- ]; do
		steps+=("$1")
		shift
	done
	shift
	status=0
	timeout --foreground -s KILL $((2 * patience)) "$python" -IS "$peers/job.py" "${steps[@]}" -- "$USOCK" "$@" \
		>out 2>err 3>&- || status=$?
}

listener() { # STEP...
	start_peer peer listen 127.0.0.1:0 "$@"
	peer=$pid
	listening
}

@test "connect: a terminal that is not our controlling one is read" {
	listener save:got
	job --other 'type:hello\n\4' -- connect 127.0.0.1 "$port"
	status_is 0
	finish "$peer"
	text_is got 'hello\n'
}

@test "listen: a terminal that is not our controlling one is read" {
	start client bash -c 'until [ -s ready ]; do sleep 0.05; done; exec "$0" connect "$(cat ready)"' "$USOCK"
	job --other 'type:hello\n\4' -- listen --ready-file ready 127.0.0.1 0
	status_is 0
	finish "$pid"
	text_is client.out 'hello\n'
}

@test "connect: a background job reads its terminal once it is in the foreground, and is not stopped" {
	listener 'send:hi\n' save:got
	job asleep has:out:hi 'type:not ours\n' asleep fg 'type:hello\n\4' -- connect 127.0.0.1 "$port"
	status_is 0
	finish "$peer"
	# what was typed for the shell and not read by it is ours then
	text_is got 'not ours\nhello\n'
}

@test "... also where the terminal is given to it without a signal" {
	listener 'send:hi\n' save:got
	job has:out:hi fg-silent 'type:hello\n\4' -- connect 127.0.0.1 "$port"
	status_is 0
	finish "$peer"
	text_is got 'hello\n'
}

@test "... and goes on when it is put into the background again" {
	listener 'send:hi\n' 'recv:4' 'send:one\n' save:got
	job has:out:hi fg 'type:one\n' has:out:one bg 'type:two\n' asleep fg 'type:\4' -- connect 127.0.0.1 "$port"
	status_is 0
	finish "$peer"
	text_is got 'two\n'
}

@test "connect: a background job sleeps while others type" {
	listener 'send:hi\n' pause:1 close
	job has:out:hi 'type:not ours\n' idle:0.5 -- connect 127.0.0.1 "$port"
	status_is 0
}

@test "listen: a background job reads its terminal once it is in the foreground" {
	start client bash -c 'until [ -s ready ]; do sleep 0.05; done; echo hi | exec "$0" connect "$(cat ready)"' "$USOCK"
	job has:out:hi fg 'type:hello\n\4' -- listen --ready-file ready --half-open 127.0.0.1 0
	status_is 0
	finish "$pid"
	text_is client.out 'hello\n'
}

@test "datagrams: a background job reads its terminal once it is in the foreground" {
	start server "$USOCK" listen -u --ready-file ready --idle-timeout 5 127.0.0.1 0
	eventually test -s ready
	job asleep fg 'type:hello\n' has:server.out:hello signal:TERM -- connect -u "$(cat ready)"
	status_is 143
}

@test "the prompt waits for the foreground and is not stopped" {
	job asleep asleep fg 'type:puts [expr {6 * 7}]\n' has:out:42 'type:exit\n' -- shell --norc
	status_is 0
}

@test "-v says that /dev/null is no input, and what a background job will do" {
	listener close
	usock connect -v 127.0.0.1 "$port" 2>err
	says_exactly err 'usock: standard input is /dev/null: only receiving'
	listener 'send:hi\n' close
	job -- connect -v 127.0.0.1 "$port"
	says err '^usock: standard input is the terminal of another job'
}

# --- SIGUSR1 before there is anybody ---------------------------------------------

# Where it waits for a client, the handler is there.
is_asleep() {
	[[ $(<"/proc/$pid/stat") == *') S '* ]]
}

signalled() { # PID REGEX
	kill -USR1 "$1"
	has_line it.err "$2"
}

@test "SIGUSR1 says what is waited for: a client" {
	usock_listens it
	eventually is_asleep
	eventually signalled "$pid" '^usock: waiting for a client, [0-9.]+ s$'
	usock connect --send-only 127.0.0.1 "$port" </dev/null
	finish "$pid"
	status_is 0
}

@test "SIGUSR1 says what is waited for: a connection" {
	start_peer full full 127.0.0.1:0
	printed full
	start it "$USOCK" connect -v 127.0.0.1 "$port"
	eventually has_line it.err '^usock: trying '
	eventually signalled "$pid" '^usock: connecting, [0-9.]+ s$'
}

@test "SIGUSR1 ends nothing, however early it comes" {
	local i
	for i in {1..10}; do
		usock_listens "it$i"
		kill -USR1 "$pid"
		usock connect --send-only 127.0.0.1 "$port" </dev/null
		finish "$pid"
		status_is 0
	done
	start datagrams "$USOCK" listen -u --discard --ready-file datagrams.ready 127.0.0.1 0
	is_ready datagrams
	kill -USR1 "$pid"
	usock sendto 127.0.0.1 "$port" x
	finish "$pid"
	status_is 0
}

# From then on it is usock, and no shell that becomes it.
has_socket() { # PID
	ss -Hanup | grep -q "pid=$1,"
}

@test "SIGUSR1 says how far sendto is" {
	usock_listens server -uk --discard
	start it "$USOCK" sendto -v --count 0 --interval 20ms 127.0.0.1 "$port" hello
	eventually has_socket "$pid"
	eventually signalled "$pid" '^sent [0-9]+ B \([0-9.]+ B/s\) [0-9.]+ s'
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
}
