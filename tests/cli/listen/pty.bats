# Programs of `usock listen` that have a terminal.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016
# shellcheck disable=SC2154 # from lib: pid, status, port, address, peers, python, patience

load ../lib/listen
load ../lib/tmux

@test "--pty: the program has a controlling terminal of 24 lines and 80 columns, for its errors too" {
	serve 127.0.0.1 0 --pty --sh 'stty size; tty >/dev/tty && test -t 0 && test -t 1 && test -t 2 && echo all >&2'
	peer save:got
	server_ends 0
	sed 's/pts.*\r/pts\r/' got >seen
	text_is seen '24 80\r\n/dev/pts\r\nall\r\n'
}

@test "--pty: the size is that of our terminal" {
	start client bash -c 'until [ -s ready ]; do sleep 0.05; done; exec "$0" connect "$(cat ready)"' "$USOCK"
	on_terminal listen --ready-file ready 127.0.0.1 0 --pty --sh 'stty size' >/dev/null
	finish "$pid"
	text_is client.out '50 200\r\n'
}

@test "--pty: the size follows our terminal" {
	in_terminal listen --ready-file ready 127.0.0.1 0 --pty --sh "'echo \"\$(stty size)\"; trap \"stty size; exit\" WINCH; while :; do sleep 0.05; done'"
	eventually test -s ready
	start client "$USOCK" connect "$(cat ready)"
	eventually has_line client.out '30 80'
	tm resize-window -x 100 -y 40
	finish "$pid"
	text_is client.out '30 80\r\n40 100\r\n'
}

@test "--pty: the client's Ctrl-C interrupts what runs in the foreground" {
	serve 127.0.0.1 0 --pty -- sh -c 'stty -echo; trap "echo interrupted; exit 9" INT; echo ready; while :; do sleep 0.05; done'
	peer 'recv:7' 'send:\x03' save:got
	server_ends 9
	text_is got 'interrupted\r\n'
}

@test "--pty: the end of the client is the end of file, also in the middle of a line" {
	serve -k 127.0.0.1 0 --pty -- sh -c 'stty -echo -opost; echo ready; cat; echo over'
	peer 'recv:6' 'send:one\ntwo\n' shut save:lines
	text_is lines 'one\ntwo\nover\n'
	peer 'recv:6' 'send:one\ntwo' shut save:middle
	text_is middle 'one\ntwoover\n'
	peer 'recv:6' shut save:nothing
	text_is nothing 'over\n'
}

@test "--pty: what the client sent before its end is done, and answered" {
	serve -k 127.0.0.1 0 --pty -- sh
	printf 'stty -echo\necho $((40 + 2)); exit\n' | usock connect "$address" >got
	has_line got '42'
}

@test "--pty: a client that has ended and hears nothing more is a hang-up" {
	serve 127.0.0.1 0 --pty -- sleep 1000
	peer shut eof
	server_ends 129
}

@test "--pty: the output goes on after the end of the client, as long as it comes" {
	serve 127.0.0.1 0 --pty --sh 'stty raw -echo; for i in 1 2 3 4 5; do sleep 0.2; echo $i; done'
	peer shut save:got
	server_ends 0
	text_is got '1\n2\n3\n4\n5\n'
}

@test "--pty with --half-open: silence after the end of the client is no hang-up" {
	serve 127.0.0.1 0 --half-open --pty --sh 'stty raw -echo; sleep 2.5; echo late'
	peer shut save:got
	server_ends 0
	text_is got 'late\n'
}

@test "--pty: a reset is a hang-up, at once" {
	serve -k --half-open 127.0.0.1 0 --pty --sh 'trap "echo hung up >hup; exit" HUP; echo ready; while :; do sleep 0.05; done'
	peer 'recv:7' reset
	eventually test -s hup
	server_lives
}

@test "--pty: the end of the server is a hang-up" {
	serve -k 127.0.0.1 0 --pty --sh 'trap "" TERM; trap "echo hung up >hup; exit" HUP; echo ready; while :; do sleep 0.05; done'
	start_peer client connect "127.0.0.1:$port" 'recv:7' touch:came eof
	eventually test -e came
	server_ends_by TERM 143
	eventually test -s hup
}

@test "--pty: nothing of the output is lost at the end" {
	serve -k 127.0.0.1 0 --pty --sh 'stty -opost; exec seq 1 100000'
	seq 1 100000 >want
	usock connect "$address" >got
	cmp got want
	usock connect "$address" >got
	cmp got want
}

@test "--pty: a slow reader holds the program back, and gets everything" {
	serve 127.0.0.1 0 --pty --sh 'stty -opost; seq 1 300000; touch written'
	seq 1 300000 >want
	"$python" -IS "$peers/peer.py" connect "127.0.0.1:$port" pause:0.5 save:got 3>&-
	server_ends 0
	cmp got want
}

@test "--pty: raw bytes in reach the program when it reads slowly" {
	head -c 300000 /dev/urandom >want
	serve 127.0.0.1 0 --pty --sh 'stty raw -echo; echo ready; sleep 0.3; head -c 300000 >got'
	peer 'recv:6' send-file:want save:rest
	server_ends 0
	cmp got want
}

@test "--pty: the program's end is the end, whoever else has the terminal" {
	serve 127.0.0.1 0 --pty --sh 'sleep 1000 & echo $! >other; echo done; exit 4'
	peer save:got
	server_ends 4
	text_is got 'done\r\n'
	kill "$(cat other)" 2>/dev/null || :
}

@test "--pty: a program that cannot be started is reported, and its client is reset" {
	ln -s /bin/true program
	serve -k 127.0.0.1 0 --pty -- ./program
	rm program
	run -1 usock connect 127.0.0.1 "$port"
	[[ $output == *'Connection reset by peer'* ]] || fail "$output"
	eventually has_line server.err 'exec ./program: No such file or directory'
}

@test "--pty: clients are told apart: each has a terminal of its own" {
	serve -k 127.0.0.1 0 --pty --sh 'tty; read -r line'
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	IFS= read -r -t "$patience" -u 5 first
	IFS= read -r -t "$patience" -u 6 second
	[[ $first == /dev/pts/* && $second == /dev/pts/* && $first != "$second" ]]
}

@test "--pty with socat's raw terminal: a shell for hands" {
	need socat
	serve 127.0.0.1 0 --pty -- sh
	tmux_runs "socat -,raw,echo=0 TCP:127.0.0.1:$port"
	types 'echo $((6*7))' Enter
	shows '^42'
	types 'cat' Enter 'hello' Enter
	shows '^hello'
	types C-c
	types 'exit 3' Enter
	server_ends 3
}

# Runs a shell line in a terminal.
tmux_runs() { # LINE
	need tmux
	TMUX_TMPDIR=$PWD LC_ALL=C.UTF-8 TERM=screen tmux -u -f /dev/null -S "$PWD/tmux" new-session -d -x 80 -y 30 "$1"
	pids+=("$(tm display-message -p '#{pid}')")
}

@test "--pty with --tls: the same over TLS" {
	serve --tls --self-signed 127.0.0.1 0 --pty --sh 'stty -echo; echo ready; read -r line; echo "got $line"; exit 6'
	start client bash -c '{ until grep -q ready client.out; do sleep 0.05; done; echo word; } | "$0" connect --tls --insecure "$1"' "$USOCK" "$address"
	finish "$pid"
	server_ends 6
	text_is client.out 'ready\r\ngot word\r\n'
}

@test "--pty needs a program and a stream" {
	run -2 usock listen --pty 127.0.0.1 0
	[ "$output" = "usock: listen: --pty: no program is given" ]
	run -2 usock listen --pty --echo 127.0.0.1 0
	run -2 usock listen -u --pty 127.0.0.1 0 -- cat
	run -2 usock listen --type seqpacket --pty unix:s 0 -- cat
	run -2 usock listen --exec-stderr --pty 127.0.0.1 0 -- cat
	run -2 usock listen --pty --exec-stderr 127.0.0.1 0 -- cat
	run -2 usock listen --pty --dtls --self-signed 127.0.0.1 0 -- cat
}
