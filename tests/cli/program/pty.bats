# `usock connect` with a program that has a terminal.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016
# shellcheck disable=SC2154 # from lib: pid, status, port

load ../lib/common
load ../lib/tmux

listener() { # STEP...
	start_peer peer listen 127.0.0.1:0 "$@"
	peer=$pid
	listening
}

@test "connect --pty: the program has a terminal, and its status is ours" {
	listener 'send:word\n' save:got
	run -7 --separate-stderr usock connect --pty 127.0.0.1 "$port" --sh 'stty -echo; tty >/dev/null && read -r x; echo "got $x" >&2; stty size; exit 7'
	[ -z "$stderr" ]
	finish "$peer"
	sed 's/^word//' got | grep -v '^.$' >seen
	text_is seen 'got word\r\n24 80\r\n'
}

@test "connect --pty: the peer's end is a hang-up for a program that is silent" {
	listener shut eof
	run -129 usock connect --pty 127.0.0.1 "$port" -- sleep 1000
}

@test "connect --pty: a reset is a hang-up and status 1" {
	listener 'recv:7' reset
	run -1 usock connect --pty 127.0.0.1 "$port" --sh 'trap "echo hung up >hup; exit" HUP; echo ready; while :; do sleep 0.05; done'
	eventually test -s hup
}

@test "connect --pty: the size follows our terminal" {
	listener save:got
	in_terminal connect 127.0.0.1 "$port" --pty --sh "'trap \"stty size; exit 5\" WINCH; stty size; while :; do sleep 0.05; done'"
	eventually grep -q '30 80' got
	tm resize-window -x 90 -y 20
	shows 'status=5'
	finish "$peer"
	text_is got '30 80\r\n20 90\r\n'
}

@test "connect --pty: our own terminal keeps its modes" {
	listener 'send:hello\n' save:got
	on_terminal connect --pty 127.0.0.1 "$port" -- sh -c 'stty raw; read -r line; exit' </dev/null
	finish "$peer"
}

@test "connect --pty: signals and --timeout end it" {
	listener eof
	run -124 usock connect --pty --timeout 0.3 127.0.0.1 "$port" -- sleep 1000
	finish "$peer"
	listener 'recv:7' touch:came eof
	start client "$USOCK" connect --pty 127.0.0.1 "$port" --sh 'echo ready; sleep 1000'
	eventually test -e came
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
}

@test "connect --pty needs a program and a stream" {
	run -2 usock connect --pty 127.0.0.1 1
	[ "$output" = "usock: connect: --pty: no program is given" ]
	run -2 usock connect -u --pty 127.0.0.1 1 -- cat
	run -2 usock connect --pty --scan 127.0.0.1 1
	run -2 usock connect --scan --pty 127.0.0.1 1 -- cat
	run -2 usock connect --type seqpacket --pty unix:s -- cat
}
