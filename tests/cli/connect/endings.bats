# How connections end: against usock itself, the other netcats, and a peer that
# does to the letter what no tool can be made to do.

load ../lib/common
start_fast

# Made once, by the first that needs it: what differs between a and b is where each byte is.
bulk() { # MEBIBYTES: in $data
	data=$BATS_FILE_TMPDIR/$1
	[ ! -e "$data/b.sum" ] || return 0
	mkdir "$data"
	head -c "$1M" /dev/urandom >"$data/a"
	(printf b && head -c $((($1 << 20) - 1)) "$data/a") >"$data/b"
	(cd "$data" && sha256sum <a >a.sum && sha256sum <b >b.sum)
}

client() { # ARG...
	start client "$USOCK" connect "$@"
	client=$pid
}

server() { # ARG... of peer.py, after the address
	start_peer server listen 127.0.0.1:0 "$@"
	server=$pid
	listening
}

# The peer has kept to its steps.
server_is_content() {
	finish "$server"
	[ "$status" = 0 ] || fail "$(cat server.err)"
}

# Opens descriptor 8 or 7 on a fifo, at both ends: who reads it finds nothing and no end, who writes to
# it gets stuck.
endless() { # NAME [DESCRIPTOR]
	[ -p "$1" ] || mkfifo "$1"
	if [ "${2-8}" = 7 ]; then
		exec 7<>"$1"
	else
		exec 8<>"$1"
	fi
}

size_is() { # FILE BYTES
	[ "$(stat -c %s "$1")" = "$2" ]
}

# The connection of the events lasted so many seconds, and hardly longer.
waited() { # SECONDS
	awk -v is="$(field events end seconds)" -v due="$1" -v slack="$slowness" \
		'BEGIN { exit !(is >= due && is < slack * (due + 1)) }'
}

# --- the peer answers after our end -------------------------------------------

# The three of a test wait at the same time, each in its own folder.

# bats test_tags=netem
@test "what the server answers 2 s after our end arrives: socat, usock, to the letter" {
	local script='cat >got; sleep 2; echo answer' name clients=() home=$PWD
	need socat
	echo question >question
	for name in socat usock letter; do
		mkdir "$home/$name"
		cd "$home/$name"
		case $name in
		socat) start server socat -t "$patience" TCP4-LISTEN:0,bind=127.0.0.1 "SYSTEM:$script" ;;
		usock) start server "$USOCK" listen 127.0.0.1 0 --sh "$script" ;;
		letter) start_peer server listen 127.0.0.1:0 save:got pause:2 'send:answer\n' close ;;
		esac
		listening
		from=$home/question client --events events 127.0.0.1 "$port"
		clients+=("$client")
	done
	for name in socat usock letter; do
		cd "$home/$name"
		finish "${clients[0]}"
		clients=("${clients[@]:1}")
		status_is 0
		text_is client.out 'answer\n'
		text_is got 'question\n'
		is_empty client.err
		waited 2 || fail "$name: $(cat events)"
	done
}

@test "what the client answers 2 s after our end arrives: nc.openbsd, ncat, socat" {
	local name servers=() home=$PWD
	need nc.openbsd ncat socat
	echo question >question
	for name in nc.openbsd ncat socat; do
		mkdir "$home/$name"
		cd "$home/$name"
		from=$home/question usock_listens server --quiet --events events
		servers+=("$pid")
		mkfifo answer
		from=answer tool_connects $name client "$port"
		(eventually has_tcp close-wait "dport = :$port" && sleep 2 && echo answer) >answer 3>&- &
		pids+=($!)
	done
	for name in nc.openbsd ncat socat; do
		cd "$home/$name"
		finish "${servers[0]}"
		servers=("${servers[@]:1}")
		status_is 0
		text_is server.out 'answer\n'
		eventually text_is client.out 'question\n'
		is_empty server.err
		waited 2 || fail "$name: $(cat events)"
	done
}

# --- the peer ends while our input stays open ---------------------------------

bye_from() { # TOOL
	echo bye >bye
	from=bye tool_listens "$1" server
}

leaves_with_open_fifo() { # TOOL
	local flags
	bye_from "$1"
	endless input
	flags=$(grep flags "/proc/$$/fdinfo/8")
	timed usock connect 127.0.0.1 "$port" <&8 >out 2>err
	status_is 0
	text_is out 'bye\n'
	is_empty err
	within 1500
	[ "$(grep flags "/proc/$$/fdinfo/8")" = "$flags" ]
}

leaves_with_open_terminal() { # TOOL
	bye_from "$1"
	endless keys
	timed on_terminal connect 127.0.0.1 "$port" <&8 >screen 2>err
	status_is 0
	text_is screen 'bye\r\n'
	within 1500
}

@test "the server's end is ours though a fifo stays open: nc.openbsd" { leaves_with_open_fifo nc.openbsd; }
@test "the server's end is ours though a fifo stays open: ncat" { leaves_with_open_fifo ncat; }
@test "the server's end is ours though a fifo stays open: socat" { leaves_with_open_fifo socat; }
# bats test_tags=netem
@test "the server's end is ours though a fifo stays open: usock" { leaves_with_open_fifo usock; }
@test "the server's end is ours though a terminal stays open: nc.openbsd" { leaves_with_open_terminal nc.openbsd; }
@test "the server's end is ours though a terminal stays open: ncat" { leaves_with_open_terminal ncat; }
@test "the server's end is ours though a terminal stays open: socat" { leaves_with_open_terminal socat; }
@test "the server's end is ours though a terminal stays open: usock" { leaves_with_open_terminal usock; }

ends_with_client() { # TOOL
	endless input
	from=input usock_listens server --quiet
	server=$pid
	echo bye >bye
	from=bye tool_connects "$1" client "$port"
	finish "$server"
	status_is 0
	text_is server.out 'bye\n'
	is_empty server.err
}

@test "the client's end is ours though our input stays open: nc.openbsd" { ends_with_client nc.openbsd; }
@test "the client's end is ours though our input stays open: ncat" { ends_with_client ncat; }
@test "the client's end is ours though our input stays open: socat" { ends_with_client socat; }

@test "what the peer's end finds in our input is sent before we leave" {
	server shut save:got
	head -c 1000000 /dev/urandom >data
	usock connect 127.0.0.1 "$port" <data >out 2>err
	server_is_content
	cmp data got
}

# --- resets -------------------------------------------------------------------

# A process that is killed with bytes unread resets its connection. It leaves them unread
# where its own output is stuck.
reset_while_sending() { # TOOL
	endless server.in 7
	endless server.out
	from=server.in tool_listens "$1" server
	server=$pid
	from=/dev/zero client 127.0.0.1 "$port"
	eventually has_unread "sport = :$port"
	kill -KILL "$server"
	finish "$client"
	status_is 1
	says client.err "^usock: (send|recv) 127\.0\.0\.1:$port: Connection reset by peer$"
	one_message client.err
}

@test "a reset while we send is 1 with the address: nc.openbsd" { reset_while_sending nc.openbsd; }
@test "a reset while we send is 1 with the address: ncat" { reset_while_sending ncat; }
@test "a reset while we send is 1 with the address: socat" { reset_while_sending socat; }
# bats test_tags=netem
@test "a reset while we send is 1 with the address: usock" { reset_while_sending usock; }

client_resets_while_we_send() { # TOOL
	from=/dev/zero usock_listens server
	server=$pid
	endless client.in 7
	endless client.out
	from=client.in tool_connects "$1" client "$port"
	eventually has_unread "dport = :$port"
	kill -KILL "$pid"
	finish "$server"
	status_is 1
	says server.err '^usock: (send|recv) 127\.0\.0\.1:[0-9]+: Connection reset by peer$'
}

@test "a client's reset while we send is 1 with the address: nc.openbsd" { client_resets_while_we_send nc.openbsd; }
@test "a client's reset while we send is 1 with the address: ncat" { client_resets_while_we_send ncat; }
@test "a client's reset while we send is 1 with the address: socat" { client_resets_while_we_send socat; }

# The whole data has come when the server, with our bytes unread, is killed.
reset_after_data() { # TOOL
	head -c 300000 /dev/urandom >data
	endless server.in
	from=server.in tool_listens "$1" server
	server=$pid
	endless client.in 7
	from=client.in client 127.0.0.1 "$port"
	cat data >&8
	eventually size_is client.out 300000
	kill -STOP "$server"
	echo unread >&7
	eventually has_unread "sport = :$port"
	kill -KILL "$server"
	finish "$client"
	status_is 1
	cmp data client.out
	says client.err "^usock: recv 127\.0\.0\.1:$port: Connection reset by peer$"
}

@test "a reset after the data delivers it and is 1: nc.openbsd" { reset_after_data nc.openbsd; }
@test "a reset after the data delivers it and is 1: ncat" { reset_after_data ncat; }
@test "a reset after the data delivers it and is 1: socat" { reset_after_data socat; }
@test "a reset after the data delivers it and is 1: usock" { reset_after_data usock; }

# Data and reset are both there when usock looks.
reset_behind_data() { # ARG...
	head -c 60000 /dev/urandom >data
	server file:go send-file:data acked reset
	client -v 127.0.0.1 "$port" "$@"
	eventually has_line client.err 'connected to'
	kill -STOP "$client"
	touch go
	server_is_content
	kill -CONT "$client"
	finish "$client"
	status_is 1
	cmp data client.out || fail "$(cat client.err)" || return
	says client.err "^usock: (recv|send) 127\.0\.0\.1:$port: Connection reset by peer$"
}

@test "data that a reset overtakes in the kernel is delivered" {
	endless input
	from=input reset_behind_data
}

@test "data that a reset overtakes is delivered with --recv-only" {
	reset_behind_data --recv-only
}

@test "data that a reset overtakes is delivered after our end" {
	echo question >question
	from=question reset_behind_data
}

@test "data that a reset overtakes is delivered while we send" {
	from=/dev/zero reset_behind_data
}

@test "a reset at once, before anything moved, is 1" {
	server reset
	endless input
	usock connect 127.0.0.1 "$port" <&8 >out 2>err || status=$?
	status_is 1
	says err "^usock: (recv|send|connect) 127\.0\.0\.1:$port: Connection reset by peer$"
}

# --- refused ------------------------------------------------------------------

# bats test_tags=netem
@test "refused is 1 with the address" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	run -1 --separate-stderr usock connect 127.0.0.1 "$port"
	[ "$stderr" = "usock: connect 127.0.0.1:$port: Connection refused" ]
	[ -z "$output" ]
}

@test "refused by a name is 1 with address and name" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	run -1 --separate-stderr usock connect -4 "localhost:$port"
	[ "$stderr" = "usock: connect 127.0.0.1:$port (localhost): Connection refused" ]
}

@test "refused by IPv6 is 1 with the address in brackets" {
	has_ipv6 || skip "no IPv6 here"
	start_peer bound bound "[::1]:0"
	printed bound
	run -1 --separate-stderr usock connect ::1 "$port"
	[ "$stderr" = "usock: connect [::1]:$port: Connection refused" ]
}

@test "a unix path without a server is 1 with the path" {
	run -1 --separate-stderr usock connect "unix:$PWD/none"
	[ "$stderr" = "usock: connect unix:$PWD/none: No such file or directory" ]
	start_peer bound bound unix:stale
	eventually test -S stale
	kill -KILL "$pid"
	finish "$pid"
	run -1 --separate-stderr usock connect unix:stale
	[[ ${stderr_lines[0]} == "usock: connect unix:stale: Connection refused" ]]
}

# --- time-outs ----------------------------------------------------------------

idle_timeout() { # TOOL
	need "$1"
	tool=$1
	endless server.in
	before=silent_server on_time 500 idle_client
	says err "^usock: wait 127\.0\.0\.1:$port: timed out: idle for 0\.5 s$"
	one_message err
}

silent_server() {
	from=server.in tool_listens "$tool" server
}

idle_client() {
	usock connect -i 500ms 127.0.0.1 "$port" <&8 >out 2>err
}

@test "an idle time-out is 124 and on time: nc.openbsd" { idle_timeout nc.openbsd; }
@test "an idle time-out is 124 and on time: ncat" { idle_timeout ncat; }
@test "an idle time-out is 124 and on time: socat" { idle_timeout socat; }
@test "an idle time-out is 124 and on time: usock" { idle_timeout usock; }

@test "what comes in between puts the idle time-out off" {
	server send:a pause:0.3 send:b pause:0.3 send:c none:1
	timed usock connect --recv-only -i 500ms 127.0.0.1 "$port" >out 2>err
	status_is 124
	text_is out abc
	((elapsed >= 1100))
}

@test "a listener's idle time-out is 124 and on time" {
	local try seen=()
	endless input
	timed usock --version >/dev/null
	# from the accept on, so that what counts is the session's own time
	for try in 1 2 3; do
		from=input usock_listens server -i 500ms --events events
		server=$pid
		from=input tool_connects socat client "$port"
		finish "$server"
		status_is 124
		says server.err '^usock: wait 127\.0\.0\.1:[0-9]+: timed out: idle for 0\.5 s$'
		seen+=("$(field events end seconds)")
		awk -v s="${seen[-1]}" 'BEGIN { exit s < 0.5 }' || fail "too early: ${seen[-1]} s" || return
		awk -v s="${seen[-1]}" -v slack="$elapsed" 'BEGIN { exit s > 0.6 + slack * 0.003 }' && return
		rm server.ready
	done
	fail "after ${seen[*]} s"
}

@test "an accept time-out is 124 and on time, with the address" {
	on_time 500 accept_nobody --accept-timeout 500ms 127.0.0.1 0
	says err '^usock: accept 127\.0\.0\.1:[0-9]+: timed out: no client came$'
	on_time 500 accept_nobody --accept-timeout 0.5 "unix:$PWD/path"
	says_exactly err "usock: accept unix:$PWD/path: timed out: no client came"
	[ ! -e path ]
}

accept_nobody() {
	usock listen "$@" >out 2>err
}

# bats test_tags=netem
@test "a connect time-out is 124 and on time, with the address" {
	start_peer full full 127.0.0.1:0
	printed full
	on_time 500 connect_in_vain -w 500ms 127.0.0.1 "$port"
	says err "^usock: connect 127\.0\.0\.1:$port: timed out after 0\.5 s$"
	one_message err
}

@test "a connect time-out works for a unix path too" {
	start_peer full full unix:path
	printed full
	on_time 500 connect_in_vain -w 500ms unix:path
	says err '^usock: connect unix:path: timed out after 0\.5 s$'
}

@test "a connect time-out does not count once connected" {
	server pause:0.8 send:late close
	usock connect -w 300ms 127.0.0.1 "$port" >out 2>err
	text_is out late
}

connect_in_vain() {
	usock connect "$@" >out 2>err
}

total_timeout() { # TOOL
	need "$1"
	tool=$1
	endless server.in
	(while sleep 0.05; do echo tick; done) >&8 3>&- &
	pids+=($!)
	before=silent_server on_time 700 total_client
	says err "^usock: wait 127\.0\.0\.1:$port: timed out \(--timeout\)$"
	one_message err
	has_line out '^tick$'
}

total_client() {
	usock connect --timeout 700ms 127.0.0.1 "$port" >out 2>err
}

@test "a total time-out is 124 and on time though bytes come: nc.openbsd" { total_timeout nc.openbsd; }
@test "a total time-out is 124 and on time though bytes come: ncat" { total_timeout ncat; }
@test "a total time-out is 124 and on time though bytes come: socat" { total_timeout socat; }
@test "a total time-out is 124 and on time though bytes come: usock" { total_timeout usock; }

@test "a total time-out holds while nobody comes, and with -k" {
	on_time 500 accept_nobody --quiet --timeout 500ms 127.0.0.1 0
	one_message err
	on_time 500 accept_nobody --quiet --timeout 500ms -k 127.0.0.1 0
	one_message err
}

@test "a total time-out holds while connecting and between tries" {
	start_peer full full 127.0.0.1:0
	printed full
	on_time 500 connect_in_vain --timeout 500ms 127.0.0.1 "$port"
	says err "^usock: connect 127\.0\.0\.1:$port: timed out"
	start_peer bound bound 127.0.0.1:0
	printed bound
	on_time 500 connect_in_vain --timeout 500ms --retry 100 --retry-interval 60ms 127.0.0.1 "$port"
	says err "^usock: connect 127\.0\.0\.1:$port: Connection refused; gave up after 0\.[45]"
	on_time 500 connect_in_vain --timeout 500ms --retry 1 --retry-interval 60 127.0.0.1 "$port"
}

# bats test_tags=netem
@test "--after-eof running out is 124 and on time" {
	endless server.in
	tool=socat before=silent_server on_time 500 after_eof_client
	says err "^usock: wait 127\.0\.0\.1:$port: timed out: after the end of input, silent for 0\.5 s$"
	one_message err
}

after_eof_client() {
	usock connect --after-eof 500ms 127.0.0.1 "$port" <<<question >out 2>err
}

@test "--after-eof is put off by what comes" {
	server eof send:a pause:0.3 send:b pause:0.3 send:c close
	usock connect --after-eof 500ms 127.0.0.1 "$port" <<<question >out
	text_is out abc
	server_is_content
}

# --- nothing on standard input ------------------------------------------------

# Our side is not ended early, and what comes arrives.
receives() { # COMMAND...
	server none:0.3 'send:answer\n' close
	"$@" 127.0.0.1 "$port" 2>err || status=$?
	[ -z "${status-}" ] || status_is 0
	server_is_content
}

receives_from() { # TOOL
	endless server.in
	from=server.in tool_listens "$1" server
	server=$pid
	client 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
	echo answer >&8
	eventually size_is client.out 7
	kill "$server"
	finish "$client"
	status_is 0
	text_is client.out 'answer\n'
}

closed_input() {
	usock "$@" <&- >out
}

null_input() {
	usock "$@" </dev/null >out
}

@test "closed input is no early end" {
	not_counted "a closed descriptor is its own"
	receives closed_input connect
	text_is out 'answer\n'
}

@test "/dev/null as input is no early end" {
	receives null_input connect
	text_is out 'answer\n'
}

@test "/dev/null as input is no early end: nc.openbsd" { receives_from nc.openbsd; }
@test "/dev/null as input is no early end: ncat" { receives_from ncat; }
@test "/dev/null as input is no early end: socat" { receives_from socat; }
@test "/dev/null as input is no early end: usock" { receives_from usock; }

background_terminal() {
	on_terminal --background --out out "$@" >screen
}

@test "a terminal in whose background we are is no early end, and stays untouched" {
	receives background_terminal connect
	text_is out 'answer\n'
	is_empty screen
}

@test "closed input is no early end for a listener" {
	not_counted "a closed descriptor is its own"
	(eventually test -e ready && exec "$python" -IS "$peers/peer.py" connect "$(cat ready)" \
		none:0.3 'send:answer\n' close) 3>&- 2>client.err &
	client=$!
	closed_input listen --ready-file ready 127.0.0.1 0
	text_is out 'answer\n'
	wait "$client" || fail "$(cat client.err)"
}

@test "/dev/null as input is no early end for a listener" {
	usock_listens server
	server=$pid
	"$python" -IS "$peers/peer.py" connect "127.0.0.1:$port" none:0.3 'send:answer\n' close
	finish "$server"
	status_is 0
	text_is server.out 'answer\n'
}

@test "an empty file as input is an end" {
	: >empty
	server eof send:answer close
	usock connect 127.0.0.1 "$port" <empty >out
	text_is out answer
	server_is_content
}

# --- terminals ----------------------------------------------------------------

@test "Ctrl-D on a terminal is the end of input" {
	server save:got 'send:answer\n' close
	printf 'question\n\004' | on_terminal connect 127.0.0.1 "$port" >screen
	server_is_content
	text_is got 'question\n'
	says screen answer
}

@test "Ctrl-C on a terminal is 130" {
	endless keys
	server touch:connected eof
	(eventually test -e connected && printf '\003') >&8 3>&- &
	on_terminal connect 127.0.0.1 "$port" <&8 >screen || status=$?
	status_is 130
	server_is_content
}

# --- standard output ----------------------------------------------------------

closed_by_head() { # TOOL
	seq 1000000 >lines
	from=lines tool_listens "$1" server
	usock connect 127.0.0.1 "$port" 2>err | head -n 1 >first
	status=${PIPESTATUS[0]}
	status_is 141
	is_empty err
	text_is first '1\n'
}

@test "output closed by head is 141, in silence: nc.openbsd" { closed_by_head nc.openbsd; }
@test "output closed by head is 141, in silence: ncat" { closed_by_head ncat; }
@test "output closed by head is 141, in silence: socat" { closed_by_head socat; }
@test "output closed by head is 141, in silence: usock" { closed_by_head usock; }

@test "output closed by head is 141 also where the peer stays silent, once all is sent" {
	usock_listens server -k --sh 'echo one; sleep 600'
	usock connect --events events 127.0.0.1 "$port" <<<x 2>err | head -n 1 >first
	status=${PIPESTATUS[0]}
	status_is 141
	is_empty err
	text_is first 'one\n'
	[ "$(field events end end)" = stdout-closed ]
	usock_listens sink -u -k --discard
	usock connect --udp --after-eof none 127.0.0.1 "$port" <<<x 2>err | true
	status=${PIPESTATUS[0]}
	status_is 141
}

@test "a listener's output closed by head is 141, in silence" {
	seq 1000000 >lines
	(eventually test -s ready && exec "$python" -IS "$peers/peer.py" connect "$(cat ready)" \
		send-file:lines close) 3>&- >/dev/null 2>&1 &
	pids+=($!)
	usock listen --quiet --ready-file ready 127.0.0.1 0 2>err | head -n 1 >first
	status=${PIPESTATUS[0]}
	status_is 141
	is_empty err
	text_is first '1\n'
}

lines_from() { # TOOL
	seq 10000 >lines
	from=lines tool_listens "$1" server
}

full_output() { # TOOL
	lines_from "$1"
	usock connect 127.0.0.1 "$port" >/dev/full 2>err || status=$?
	status_is 8
	says err '^usock: .*: No space left on device$'
	one_message err
}

@test "a full output is 8 with a message: nc.openbsd" { full_output nc.openbsd; }
@test "a full output is 8 with a message: ncat" { full_output ncat; }
@test "a full output is 8 with a message: socat" { full_output socat; }
@test "a full output is 8 with a message: usock" { full_output usock; }

@test "a closed output is 8 with a message" {
	not_counted "a closed descriptor is its own"
	lines_from socat
	usock connect 127.0.0.1 "$port" >&- 2>err || status=$?
	status_is 8
	says err '^usock: .*: Bad file descriptor$'
	one_message err
}

@test "a listener's full output is 8 with a message" {
	seq 10000 >lines
	to=/dev/full usock_listens server
	server=$pid
	from=lines tool_connects socat client "$port"
	finish "$server"
	status_is 8
	says server.err '^usock: .*: No space left on device$'
}

@test "a full output is each client's trouble with -k, not the server's end" {
	seq 10000 >lines
	to=/dev/full usock_listens server -k
	server=$pid
	for _ in 1 2; do
		"$python" -IS "$peers/peer.py" connect "127.0.0.1:$port" send-file:lines eof || :
	done
	eventually has_lines server.err 2 'No space left on device$'
	! is_over "$server" || fail "$(cat server.err)"
}

has_lines() { # FILE NUMBER REGEX
	[ "$(grep -c -E -e "$3" "$1")" = "$2" ]
}

@test "output closed by head is the end of listen -k, 141, in silence" {
	seq 1000000 >lines
	(eventually test -s ready && exec "$python" -IS "$peers/peer.py" connect "$(cat ready)" \
		send-file:lines close) 3>&- >/dev/null 2>&1 &
	pids+=($!)
	usock listen -k --quiet --ready-file ready 127.0.0.1 0 2>err | head -n 1 >first
	status=${PIPESTATUS[0]}
	status_is 141
	text_is first '1\n'
}

# --- both ways at once --------------------------------------------------------

# Fifos: NAME.in gives the data of FILE, NAME.out takes what arrives. Both random, in pieces.
trickled() { # NAME SEED FILE
	mkfifo "$1.in" "$1.out"
	from=$3 to=$1.in start "feed-$1" "$python" -IS "$peers/trickle.py" "$2"
	from=$1.out start "drain-$1" sh -c "$python -IS '$peers/trickle.py' $2 | sha256sum"
	drain=$pid
}

both_ways() { # TOOL server|client [MEBIBYTES]
	local drains=() data
	need "$1"
	bulk "${3-64}"
	trickled server 1 "$data/b"
	drains+=("$drain")
	trickled client 2 "$data/a"
	drains+=("$drain")
	if [ "$1" = usock ]; then
		from=server.in to=server.out usock_listens server --half-open
		from=client.in to=client.out client --half-open 127.0.0.1 "$port"
	elif [ "$2" = server ]; then
		from=server.in to=server.out tool_listens "$1" server
		from=client.in to=client.out client --half-open 127.0.0.1 "$port"
	else
		from=server.in to=server.out usock_listens server --half-open
		from=client.in to=client.out tool_connects "$1" client "$port"
		client=$pid
	fi
	finish "$client"
	status_is 0
	finish "${drains[0]}"
	finish "${drains[1]}"
	cmp drain-server.out "$data/a.sum"
	cmp drain-client.out "$data/b.sum"
}

@test "64 MiB both ways at once arrive whole: server nc.openbsd" { both_ways nc.openbsd server; }
@test "64 MiB both ways at once arrive whole: server socat" { both_ways socat server; }
# bats test_tags=netem
@test "2 MiB both ways at once arrive whole: server usock" { both_ways usock server 2; }
@test "64 MiB both ways at once arrive whole: server usock" { both_ways usock server; }
@test "64 MiB both ways at once arrive whole: client nc.openbsd" { both_ways nc.openbsd client; }
@test "64 MiB both ways at once arrive whole: client ncat" { both_ways ncat client; }
@test "64 MiB both ways at once arrive whole: client socat" { both_ways socat client; }

# --- signals ------------------------------------------------------------------

ends_by() { # SIGNAL STATUS
	kill "-$1" "$pid"
	finish "$pid"
	status_is "$2"
	is_empty "$3"
}

connected_client() { # TOOL
	endless server.in
	from=server.in tool_listens "$1" server
	client 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
}

@test "SIGINT ends a connection with 130: nc.openbsd" { connected_client nc.openbsd; ends_by INT 130 client.err; }
@test "SIGINT ends a connection with 130: ncat" { connected_client ncat; ends_by INT 130 client.err; }
@test "SIGINT ends a connection with 130: socat" { connected_client socat; ends_by INT 130 client.err; }
@test "SIGTERM ends a connection with 143: usock" { connected_client usock; ends_by TERM 143 client.err; }
@test "SIGHUP ends a connection with 129: usock" { connected_client usock; ends_by HUP 129 client.err; }

@test "SIGTERM ends the wait for a connection with 143" {
	start_peer full full 127.0.0.1:0
	printed full
	client 127.0.0.1 "$port"
	eventually is_connecting "$pid"
	ends_by TERM 143 client.err
}

is_connecting() { # PID
	ss -Htnp state syn-sent | grep -q "pid=$1,"
}

listener_ends_by() { # SIGNAL STATUS ARG...
	start server "$USOCK" listen --ready-file server.ready "${@:3}" "unix:$PWD/path"
	server=$pid
	is_ready server
	[ -S path ]
	ends_by "$1" "$2" server.err
	[ ! -e path ]
	rm -f server.ready
}

@test "SIGINT ends a waiting listener with 130, and its path is gone" { listener_ends_by INT 130; }
@test "SIGTERM ends a waiting listener with 143, and its path is gone" { listener_ends_by TERM 143; }
@test "SIGINT ends listen -k with 130, and its path is gone" { listener_ends_by INT 130 -k --echo; }
@test "SIGTERM ends listen -k with 143, and its path is gone" { listener_ends_by TERM 143 -k --echo; }

@test "SIGTERM ends listen -k with clients, their connections and its path" {
	start server "$USOCK" listen --ready-file server.ready -k --echo "unix:$PWD/path"
	server=$pid
	is_ready server
	for name in one two; do
		start_peer "$name" connect unix:path send:x recv:1 "touch:$name.served" eof
		clients+=("$pid")
	done
	eventually test -e one.served -a -e two.served
	pid=$server
	ends_by TERM 143 server.err
	[ ! -e path ]
	finish "${clients[0]}"
	[ "$status" = 0 ]
	finish "${clients[1]}"
	[ "$status" = 0 ]
}

@test "SIGTERM ends the one client's connection, and the path is gone" {
	start server "$USOCK" listen --ready-file server.ready "unix:$PWD/path"
	server=$pid
	is_ready server
	start_peer client connect unix:path send:x eof
	eventually size_is server.out 1
	pid=$server
	ends_by TERM 143 server.err
	[ ! -e path ]
}

@test "an ignored SIGINT stays ignored" {
	server touch:connected file:go send:answer close
	start client "$python" -IS -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$USOCK" connect 127.0.0.1 "$port"
	client=$pid
	eventually test -e connected
	kill -INT "$client"
	touch go
	finish "$client"
	status_is 0
	text_is client.out answer
}

# --- who is on the port -------------------------------------------------------

port_is_held() { # TOOL
	tool_listens "$1" holder
	run -1 --separate-stderr usock listen 127.0.0.1 "$port"
	[ "${stderr_lines[0]}" = "usock: listen 127.0.0.1:$port: Address already in use" ] ||
		[ "${stderr_lines[0]}" = "usock: bind 127.0.0.1:$port: Address already in use" ]
	[[ ${stderr_lines[1]} =~ ^"usock: hint: port $port is held by "(.*)", pid $pid"$ ]]
	[ -n "${VALGRIND-}" ] || [ "$1" = usock ] || [ "${BASH_REMATCH[1]}" = "$1" ]
	[ ${#stderr_lines[@]} = 2 ]
}

@test "a second listener on a port is told who holds it: nc.openbsd" { port_is_held nc.openbsd; }
@test "a second listener on a port is told who holds it: ncat" { port_is_held ncat; }
@test "a second listener on a port is told who holds it: socat" { port_is_held socat; }
@test "a second listener on a port is told who holds it: usock" { port_is_held usock; }

@test "a unix path with a live server is refused, and both stay" {
	start holder "$USOCK" listen --ready-file holder.ready "unix:$PWD/path"
	holder=$pid
	is_ready holder
	patience=5
	for option in --quiet --unlink; do
		run -1 --separate-stderr usock listen "$option" "unix:$PWD/path"
		[[ ${stderr_lines[0]} =~ ^"usock: "(bind|listen)" unix:$PWD/path: Address already in use"$ ]]
		[ "${stderr_lines[1]}" = "usock: hint: a server answers there" ]
	done
	usock connect "unix:$PWD/path" <<<hello
	finish "$holder"
	text_is holder.out 'hello\n'
}

# --- a client's own port ------------------------------------------------------

echo_server() { # TOOL
	need "$1"
	case $1 in
	nc.openbsd) start server nc.openbsd -l -k -N 127.0.0.1 0 ;;
	ncat) start server ncat -l -k --exec /bin/cat 127.0.0.1 0 ;;
	socat) start server socat TCP4-LISTEN:0,bind=127.0.0.1,fork,reuseaddr EXEC:cat ;;
	usock) start server "$USOCK" listen -k --echo 127.0.0.1 0 ;;
	esac
	listening
}

from_fixed_port() { # TOOL
	local own
	echo_server "$1"
	own=$(free_port)
	for _ in 1 2 3; do
		usock connect -p "$own" 127.0.0.1 "$port" <<<hello >out 2>err || fail "$(cat err)" || return
		# what comes back is no matter here: nc does not echo, ncat loses it
		[[ $1 == nc* ]] || text_is out 'hello\n'
	done
}

@test "a fixed port connects to the same server three times in a row: nc.openbsd" { from_fixed_port nc.openbsd; }
@test "a fixed port connects to the same server three times in a row: ncat" { from_fixed_port ncat; }
@test "a fixed port connects to the same server three times in a row: socat" { from_fixed_port socat; }
@test "a fixed port connects to the same server three times in a row: usock" { from_fixed_port usock; }

# USOCK_TEST_CONNECTS=1000 makes more of it.
@test "hundreds of connections from one fixed port" {
	local own n
	echo_server usock
	own=$(free_port)
	for ((n = 1; n <= ${USOCK_TEST_CONNECTS:-200}; n++)); do
		[ "$("$USOCK" connect -p "$own" 127.0.0.1 "$port" <<<"$n" 3>&-)" = "$n" ] || fail "connection $n" || return
	done
}

# --- the end as a record ------------------------------------------------------

# ended END STATUS ARG...: usock's status, and the reason in the event.
ended() {
	local end=$1 expected=$2
	shift 2
	rm -f events
	status=0
	usock "$1" --events events "${@:2}" >out 2>err || status=$?
	status_is "$expected"
	[ "$(field events end end)" = "$end" ] || fail "not $end: $(cat events)"
}

@test "the record says how it ended, how much went, and the kernel's state" {
	server 'recv:5' 'send:hello' eof close
	usock connect -v 127.0.0.1 "$port" <<<ping >out 2>err
	says err "^usock: 127\.0\.0\.1:[0-9]+ > 127\.0\.0\.1:$port: end=peer-fin sent=5 received=5 seconds=[0-9]+\.[0-9]{3} state=10/TIME_WAIT left=(60\.0|59\.[0-9])s$"
}

@test "the record of the side that ended last shows no TIME_WAIT" {
	endless input
	server shut eof close
	usock connect -v 127.0.0.1 "$port" <&8 >out 2>err
	says err 'end=peer-fin sent=0 received=0 seconds=[0-9.]+ state=(9/LAST_ACK|0/CLOSED)$'
	server_is_content
}

# bats test_tags=netem
@test "reason peer-fin" {
	server send:x close
	ended peer-fin 0 connect 127.0.0.1 "$port"
	[ "$(field events end received)" = 1 ]
	[ "$(field events end sent)" = 0 ]
	[ "$(field events end peer)" = "127.0.0.1:$port" ]
	[[ $(field events end local) =~ ^127\.0\.0\.1:[0-9]+$ ]]
	[[ $(field events connected peer) == "127.0.0.1:$port" ]]
	[[ $(field events end code) =~ ^[0-9]+$ ]]
	[[ $(field events end state) =~ ^[A-Z] ]]
	[[ $(field events end seconds) =~ ^[0-9.e-]+$ ]]
}

@test "reason local-eof" {
	server eof
	ended local-eof 0 connect --send-only 127.0.0.1 "$port" <<<ping
	[ "$(field events end sent)" = 5 ]
}

@test "reason peer-reset" {
	server recv:1 reset
	endless input
	echo ping >&8
	ended peer-reset 1 connect 127.0.0.1 "$port" <&8
	[ "$(field events error error)" = network ]
	[ "$(field events error message)" = "recv 127.0.0.1:$port: Connection reset by peer" ]
}

# bats test_tags=netem
@test "reason idle-timeout" {
	server none:5
	ended idle-timeout 124 connect -i 100ms 127.0.0.1 "$port"
	[ "$(field events error error)" = timeout ]
}

@test "reason deadline" {
	server none:5
	ended deadline 124 connect --timeout 200ms 127.0.0.1 "$port"
}

@test "reason limit" {
	server zeros:1000 eof
	ended limit 0 connect --max-bytes 100 127.0.0.1 "$port"
	size_is out 100
}

@test "reason stdout-closed" {
	local statuses
	server zeros:10000000
	usock connect --events events 127.0.0.1 "$port" 2>err | head -c 1 >out
	[ "${PIPESTATUS[0]}" = 141 ]
	[ "$(field events end end)" = stdout-closed ]
}

@test "reason child-exit" {
	server eof
	ended child-exit 3 connect 127.0.0.1 "$port" -- sh -c 'exit 3'
	[ "$(field events end exit)" = 3 ]
}

@test "reason signal" {
	server touch:connected eof
	client --events events 127.0.0.1 "$port"
	eventually test -e connected
	kill -TERM "$client"
	finish "$client"
	status_is 143
	[ "$(field events end end)" = signal ]
}

@test "reason refused" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	usock connect --events events 127.0.0.1 "$port" 2>err || status=$?
	status_is 1
	[ "$(field events error message)" = "connect 127.0.0.1:$port: Connection refused" ]
}

# --- standard output ----------------------------------------------------------

@test "a signal that interrupts poll(2) of standard output is no failure and no end" {
	bulk 2
	usock_listens server --send "$data/a"
	server=$pid
	# a slow reader, so that the pipe is full again and again
	injected poll:error=EINTR:when=1+2 connect 127.0.0.1 "$port" </dev/null 2>err | {
		while head -c 100000 >piece && [ -s piece ]; do cat piece >>out; done
	}
	[ "${PIPESTATUS[0]}" = 0 ] || fail "ended with ${PIPESTATUS[0]}: $(cat err)"
	grep -q INJECTED injected.trace || fail "poll(2) was not called"
	[ "$(sha256sum <out)" = "$(cat "$data/a.sum")" ]
	finish "$server"
}

@test "the peer's half-close reaches a standard output that is a socket, and the other way goes on" {
	server 'send:answer\n' shut save:got
	start between "$USOCK" listen --ready-file between.ready 127.0.0.1:0 -- \
		"$USOCK" connect --half-open 127.0.0.1 "$port"
	is_ready between
	start_peer client connect "127.0.0.1:$port" save:answer send:more close
	finish "$pid"
	[ "$status" = 0 ] || fail "$(cat client.err)"
	text_is answer 'answer\n'
	server_is_content
	text_is got more
}

# Reads one message, closes in order, and then lets the input deliver more.
@test "what a peer that has closed does not take any more is a reset, and never status 0" {
	local peer='
import socket, subprocess, sys
l = socket.socket()
l.bind(("127.0.0.1", 0))
l.listen(1)
p = subprocess.Popen(sys.argv[1:] + ["127.0.0.1", str(l.getsockname()[1])], stdin=subprocess.PIPE)
c = l.accept()[0]
p.stdin.write(b"one")
p.stdin.flush()
assert c.recv(10) == b"one"
c.close()
p.stdin.write(b"two")
p.stdin.close()
sys.exit(p.wait())
'
	run -1 "$python" -IS -c "$peer" "$USOCK" connect
	[[ $output =~ ^"usock: send 127.0.0.1:"[0-9]+": Connection reset by peer"$ ]] || fail "$output"
}

# The process stands still, so that both are seen at the same time: the peer's end first.
@test "input that came before the peer's end was seen is sent, though it was silent for long before" {
	mkfifo input question
	exec 7<>input 8<>question
	from=input usock_listens server
	server=$pid
	from=question start client "$USOCK" connect 127.0.0.1 "$port"
	client=$pid
	echo first >&7
	eventually has_line client.out first
	kill -STOP "$server"
	echo question >&8
	exec 8>&-
	eventually has_tcp close-wait "sport = :$port"
	echo second >&7
	sleep 0.7 # longer than an input is waited for after the peer's end
	kill -CONT "$server"
	finish "$client"
	status_is 0
	text_is client.out 'first\nsecond\n'
	finish "$server"
	status_is 0
	exec 7>&-
}

# A server that sends 300000 bytes, and urgent ones before the second and the third 100000. Sets $port.
sends_urgent() {
	start urgent "$python" -IS -c '
import socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
conn = listener.accept()[0]
conn.sendall(b"a" * 100000)
conn.send(b"!", socket.MSG_OOB)
conn.sendall(b"b" * 100000)
conn.send(b"!", socket.MSG_OOB)
conn.sendall(b"c" * 100000)
conn.shutdown(socket.SHUT_WR)
while conn.recv(4096):
    pass'
	printed urgent
}

@test "urgent data is data: through a pipe, to a file, to a program and to another connection" {
	sends_urgent
	usock connect 127.0.0.1 "$port" | cat >got
	[ "$(wc -c <got)" = 300002 ]
	sends_urgent
	usock connect 127.0.0.1 "$port" >got
	[ "$(wc -c <got)" = 300002 ]
	sends_urgent
	usock connect --rate 1G 127.0.0.1 "$port" --sh 'cat >got'
	[ "$(wc -c <got)" = 300002 ]
	sends_urgent
	usock_listens forward --forward "127.0.0.1:$port"
	usock connect 127.0.0.1 "$port" >got
	[ "$(wc -c <got)" = 300002 ]
}

@test "urgent data that is left out is no end of the data" {
	sends_urgent
	usock connect -o SO_OOBINLINE=0 127.0.0.1 "$port" | cat >got
	[ "$(tr -d '!' <got | wc -c)" = 300000 ]
	sends_urgent
	usock connect -o SO_OOBINLINE=0 127.0.0.1 "$port" >got
	[ "$(tr -d '!' <got | wc -c)" = 300000 ]
}
