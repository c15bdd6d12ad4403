# What `usock listen` does over TCP: whom it serves, with what, and what it says about it.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016

load ../lib/listen

# --- one client ---------------------------------------------------------------

@test "one client gets our input, its bytes come out, and that is the end" {
	echo question >question
	from=question serve 127.0.0.1 0
	peer save:got 'send:answer\n' close
	server_ends 0
	text_is got 'question\n'
	text_is server.out 'answer\n'
}

@test "a second client is refused as soon as the first is accepted" {
	endless input
	from=input serve 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 first
	eventually has_line server.out '^first$'
	run -1 usock connect 127.0.0.1 "$port"
	[ "$output" = "usock: connect 127.0.0.1:$port: Connection refused" ]
	send_line 5 again
	exec 5>&-
	server_ends 0
	text_is server.out 'first\nagain\n'
}

@test "a second client that was waiting already is not parked" {
	endless input
	from=input serve 127.0.0.1 0
	kill -STOP "$server"
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	start_peer second connect "127.0.0.1:$port" after-reset
	eventually established 2
	kill -CONT "$server"
	finish "$pid"
	[ "$status" = 0 ] || fail "$(cat second.err)"
	exec 5>&-
	server_ends 0
}

established() { # AT-LEAST
	[ "$(ss -Htn state established "sport = :$port" | wc -l)" -ge "$1" ]
}

# --- many clients -------------------------------------------------------------

@test "-k serves many clients at once, and goes on" {
	local fd round
	serve -k --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port" 7<>"/dev/tcp/127.0.0.1/$port"
	for round in 1 2 3; do
		for fd in 7 5 6; do send_line "$fd" "$fd in round $round"; done
		for fd in 5 6 7; do receives "$fd" "$fd in round $round"; done
	done
	exec 6>&-
	send_line 5 "after one has left"
	receives 5 "after one has left"
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 6 "and another has come"
	receives 6 "and another has come"
	server_lives
}

@test "-k runs a program for each of many clients at once" {
	local fd round
	serve -k 127.0.0.1 0 -- cat
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port" 7<>"/dev/tcp/127.0.0.1/$port"
	for round in 1 2 3; do
		for fd in 7 5 6; do send_line "$fd" "$fd in round $round"; done
		for fd in 5 6 7; do receives "$fd" "$fd in round $round"; done
	done
}

@test "-k without more collects what all clients send" {
	serve -k 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	eventually has_line server.out '^one$'
	send_line 6 two
	eventually has_line server.out '^two$'
	send_line 5 three
	eventually has_line server.out '^three$'
	exec 5>&- 6>&-
	eventually has_events 2 end
	text_is server.out 'one\ntwo\nthree\n'
	server_lives
}

@test "-k collects from the other tools" {
	local tool tools=0
	need nc.openbsd ncat socat
	serve -k 127.0.0.1 0
	for tool in nc.openbsd ncat socat usock; do
		seq -f "$tool %g" 1000 >lines-$tool
		cat lines-$tool >>want
		tools=$((tools + 1))
		from=lines-$tool tool_connects $tool client-$tool "$port"
		finish "$pid"
		[ "$status" = 0 ]
	done
	eventually has_events $tools end
	cmp want server.out
}

@test "-k gives our input to nobody" {
	echo secret >input
	from=input serve -k 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	receives_nothing 5 0.3
	server_lives
}

@test "-k ends with 141 once its output is closed" {
	mkfifo out
	head -n 1 <out >first 3>&- &
	pids+=($!)
	to=out serve -k 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	finish "${pids[0]}"
	send_line 5 two
	server_ends 141
	text_is first 'one\n'
	has_no_line server.err 'pipe|stdout'
}

# --- where --------------------------------------------------------------------

answers() { # HOST
	[ "$(usock connect "$1" "$port" <<<ping)" = ping ] || fail "no answer from $1"
}

# Nobody is there, or somebody else, as two may have the same port at two addresses.
refuses() { # HOST
	run usock connect -z "$1" "$port"
	[ "$status" = 1 ] || [ "$(ss -Hltn "sport = :$port" | wc -l)" -gt 1 ] || fail "$1: $output"
}

@test "a port alone is listened on for both families" {
	need_ipv6
	serve -k --echo 0
	[ "$address" = "[::]:$port" ]
	answers 127.0.0.1
	answers ::1
}

@test ":0 and *:0 are as a port alone" {
	local word
	need_ipv6
	for word in :0 '*:0'; do
		serve -k --echo "$word"
		answers 127.0.0.1
		answers ::1
	done
}

@test "-4 listens on IPv4 only, -6 on IPv6 only" {
	need_ipv6
	serve -4 -k --echo 0
	[ "$address" = "0.0.0.0:$port" ]
	answers 127.0.0.1
	refuses ::1
	serve -6 -k --echo 0
	[ "$address" = "[::]:$port" ]
	refuses 127.0.0.1
	answers ::1
}

@test "an address is listened on alone, in every form" {
	local words
	for words in "127.0.0.2 0" 127.0.0.2:0 tcp:127.0.0.2:0 tcp://127.0.0.2:0; do
		# shellcheck disable=SC2086
		serve -k --echo $words
		[ "$address" = "127.0.0.2:$port" ]
		answers 127.0.0.2
		refuses 127.0.0.1
	done
}

@test "a port alone that somebody has on one family is taken" {
	need_ipv6
	serve -k --echo 127.0.0.1 0
	run -1 --separate-stderr usock listen "$port"
	[[ ${stderr_lines[0]} =~ ^"usock: "(listen|bind)" [::]:$port: Address already in use"$ ]]
}

@test "two listeners share a port with --reuse-port" {
	local first
	serve --reuse-port -k --echo 127.0.0.1 0
	first=$server
	serve --reuse-port -k --echo 127.0.0.1 "$port"
	answers 127.0.0.1
	kill "$first"
	finish "$first"
	answers 127.0.0.1
}

@test "fd:N is a listener that we were given" {
	serve_with "$python" -IS -c '
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
os.set_inheritable(listener.fileno(), True)
os.execv(sys.argv[1], sys.argv[1:] + ["fd:%d" % listener.fileno()])
' "$USOCK" listen --ready-file server.ready -k --echo
	[ "$address" = "127.0.0.1:$port" ]
	answers 127.0.0.1
	answers 127.0.0.1
}

# --- what is said about the address -------------------------------------------

@test "the port for a 0 is told on stderr, once" {
	serve -k --echo 127.0.0.1 0
	text_is server.err "usock: listening on 127.0.0.1:$port\n"
	[ "$(port_of "$server")" = "$port" ]
}

@test "a port that we chose is told only with -v" {
	local own
	own=$(free_port)
	serve -k --echo 127.0.0.1 "$own"
	[ "$port" = "$own" ]
	is_empty server.err
	server_ends_by TERM 143
	serve -v -k --echo 127.0.0.1 "$own"
	text_is server.err "usock: listening on 127.0.0.1:$own\n"
}

@test "--quiet tells not even the port for a 0" {
	serve --quiet -k --echo 127.0.0.1 0
	is_empty server.err
}

@test "--ready-file has the address, whole, in place of what was there" {
	local old
	echo old >server.addr
	exec 7<server.addr
	serve -k --echo 127.0.0.1 0
	start other "$USOCK" listen --ready-file server.addr -k --echo 127.0.0.1 0
	eventually grep -q ^127 server.addr
	text_is server.addr "127.0.0.1:$(port_of "$pid")\n"
	# a new file took the old one's name: nobody ever sees half of it
	IFS= read -r old <&7
	[ "$old" = old ]
	[ "$(echo server.addr*)" = server.addr ]
	text_is server.ready "127.0.0.1:$port\n"
}

@test "--ready-file is no FIFO nor device, which a file would replace" {
	mkfifo fifo
	run -8 --separate-stderr usock listen --quiet --ready-file fifo 127.0.0.1 0
	[[ $stderr == 'usock: --ready-file: fifo: it is a FIFO, which a file would replace'*'hint: --ready-fd '* ]]
	[ -p fifo ]
	run -8 --separate-stderr usock listen --quiet --ready-file /dev/null 127.0.0.1 0
	[[ $stderr == 'usock: --ready-file: /dev/null: it is a device, '* ]]
	[ -c /dev/null ]
}

@test "--ready-file that cannot be written is 8, with its name" {
	run -8 --separate-stderr usock listen --quiet --ready-file none/ready 127.0.0.1 0
	[ "$stderr" = "usock: --ready-file none/ready: No such file or directory" ]
	mkdir directory
	run -8 --separate-stderr usock listen --quiet --ready-file directory 127.0.0.1 0
	[[ $stderr == "usock: --ready-file directory: "* ]]
	[ "$(echo directory*)" = directory ]
}

@test "nothing is ready when the port is taken" {
	serve -k --echo 127.0.0.1 0
	run -1 usock listen --ready-file other 127.0.0.1 "$port"
	[ ! -e other ]
}

@test "--ready-fd gets the address and the end, at once" {
	mkfifo ready
	start server bash -c 'exec "$@" 4>ready' bash "$USOCK" listen --ready-fd 4 -k --echo 127.0.0.1 0
	server=$pid
	timeout "$patience" cat ready >got
	text_is got "127.0.0.1:$(port_of "$server")\n"
	server_lives
}

@test "--ready-fd may be standard output" {
	start server "$USOCK" listen --ready-fd 1 127.0.0.1 0
	server=$pid
	eventually test -s server.out
	address=$(cat server.out)
	peer 'send:hello\n' close
	server_ends 0
	text_is server.out "$address\nhello\n"
}

@test "--ready-fd that is not open is a failure, with its number" {
	local failure=0
	usock listen --quiet --ready-fd 77 --accept-timeout 5 127.0.0.1 0 2>err || failure=$?
	[ "$failure" = 8 ] || [ "$failure" = 2 ] || fail "exit status $failure"
	says err '^usock: .*--ready-fd.* 77.*'
}

@test "--ready-fd is not left open for programs" {
	mkfifo ready
	start server bash -c 'exec "$@" 4>ready' bash "$USOCK" listen --ready-fd 4 -k 127.0.0.1 0 -- cat
	address=$(timeout "$patience" cat ready)
	port=${address##*:}
	answers 127.0.0.1
}

@test "--json and --events tell the address, each client and each end" {
	serve_with "$USOCK" listen --ready-file server.ready --json --events fd:1 --echo 127.0.0.1 0
	peer send:hello recv:5 close
	server_ends 0
	mv server.out events
	[ "$(field events listening local)" = "127.0.0.1:$port" ]
	[ "$(field events listening port)" = "$port" ]
	[ "$(field events accepted id)" = 1 ]
	[ "$(field events accepted local)" = "127.0.0.1:$port" ]
	[ "$(field events accepted peer)" = "$(field events end peer)" ]
	[ "$(field events end end)" = peer-fin ]
	[ "$(field events end sent)" = 5 ]
	[ "$(field events end received)" = 5 ]
	events_are 1 listening
	events_are 1 accepted
	events_are 1 end
}

@test "--json alone has the events on stderr, one object a line" {
	serve_with "$USOCK" listen --ready-file server.ready --json --quiet --echo 127.0.0.1 0
	peer send:hello recv:5 close
	server_ends 0
	[ "$(field server.err listening port)" = "$port" ]
	[ "$(field server.err end end)" = peer-fin ]
}

# --- a program for the client -------------------------------------------------

# served ARG... runs `usock listen ARG...` for one client, which sends nothing and whose bytes are in got.
served() {
	rm -f got
	serve "$@"
	peer shut save:got
	finish "$server"
}

@test "a program's arguments arrive as they were given" {
	served 127.0.0.1 0 -- printf '[%s]' 'a b' c '' '*' '$HOME' '"q"' "it's" 'a\b' $'new\nline'
	status_is 0
	text_is got '[a b][c][][*][$HOME]["q"][it'"'"'s][a\\b][new\nline]'
}

@test "a program's arguments are not ours, whatever they look like" {
	served 127.0.0.1 0 -- sh -c 'printf "[%s]" "$0" "$@"' -k --echo -- -v --
	status_is 0
	text_is got '[-k][--echo][--][-v][--]'
}

@test "options may stand behind the address, up to the --" {
	served 127.0.0.1 0 --timeout 20 -- echo --timeout
	status_is 0
	text_is got '%s\n' --timeout || text_is got '\055-timeout\n'
}

@test "--sh is a line for the shell" {
	served --sh 'x="a  b"; echo "$x" | tr a-z A-Z; exit 3' 127.0.0.1 0
	status_is 3
	text_is got 'A  B\n'
}

@test "a program is told both ends, by our names and by UCSPI's" {
	local own line
	own=$(free_port)
	serve_with env KEPT=yes USOCK_ID=old TCPREMOTEIP=old "$USOCK" listen --ready-file server.ready 127.0.0.1 0 -- env
	usock connect -p "$own" 127.0.0.1 "$port" >got
	for line in USOCK_ID=1 USOCK_PROTO=tcp USOCK_PEER_ADDR=127.0.0.1 "USOCK_PEER_PORT=$own" \
		USOCK_LOCAL_ADDR=127.0.0.1 "USOCK_LOCAL_PORT=$port" PROTO=TCP TCPREMOTEIP=127.0.0.1 \
		"TCPREMOTEPORT=$own" TCPLOCALIP=127.0.0.1 "TCPLOCALPORT=$port" KEPT=yes; do
		grep -q -x -F "$line" got || fail "no $line in $(cat got)"
	done
	[ "$(grep -c -E '^(USOCK_ID|TCPREMOTEIP)=' got)" = 2 ]
}

@test "what another server has told us about its client is not passed on" {
	serve_with env TCPREMOTEHOST=old TCPREMOTEINFO=old UNIXREMOTEPID=1 UNIXREMOTEEUID=0 \
		"$USOCK" listen --ready-file server.ready 127.0.0.1 0 -- env
	usock connect 127.0.0.1 "$port" >got
	has_no_line got '^TCPREMOTEHOST|^TCPREMOTEINFO|^UNIXREMOTE'
}

@test "a program is told plain addresses on both families" {
	local script='echo $USOCK_PEER_ADDR $USOCK_LOCAL_ADDR $TCPREMOTEIP'
	need_ipv6
	serve -k --sh "$script" 0
	[ "$(usock connect 127.0.0.1 "$port")" = "127.0.0.1 127.0.0.1 127.0.0.1" ]
	[ "$(usock connect ::1 "$port")" = "::1 ::1 ::1" ]
}

@test "each client's program has the client's number" {
	serve -k --sh 'echo $USOCK_ID' 127.0.0.1 0
	[ "$(usock connect 127.0.0.1 "$port")" = 1 ]
	[ "$(usock connect 127.0.0.1 "$port")" = 2 ]
	events_are 1 end id 2
}

@test "a program has the connection itself as stdin and stdout" {
	serve -k --sh "$what_stdin_is" 127.0.0.1 0
	[ "$(usock connect 127.0.0.1 "$port")" = "the same tcp" ]
}

@test "a program has a socket of ours as stdin and stdout where something is between" {
	local option
	for option in "--idle-timeout 20" "--crlf" "--telnet" "--max-bytes 1M" "--rate 1G" "--after-eof 20" "-x" "--delay 0.001"; do
		# shellcheck disable=SC2086
		serve -k $option --sh "$what_stdin_is" 127.0.0.1 0
		[ "$(usock connect 127.0.0.1 "$port" | tr -d '\r')" = "the same unix" ] || fail "$option"
	done
}

what_stdin_is='
in=$(readlink /proc/self/fd/0)
out=$(readlink /proc/$$/fd/1)
[ "$in" = "$out" ] && same="the same" || same=different
number=${in#socket:[}
number=${number%]}
for table in tcp tcp6 unix; do
	grep -q -w "$number" /proc/net/$table && echo "$same $table"
done'

@test "a program starts as from a shell: signals, descriptors, blocking, limits" {
	local mode line
	not_counted "descriptors are others"
	local look='
	grep -E "^Sig(Blk|Ign)" /proc/self/status
	ls /proc/$$/fd >fds
	echo $(cat fds)
	grep ^flags /proc/$$/fdinfo/0
	ulimit -Sn
	ulimit -Hn'
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve_with bash -c 'ulimit -Sn 300; exec "$@"' bash \
			"$USOCK" listen --ready-file server.ready $mode -k --sh "$look" 127.0.0.1 0
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		usock connect 127.0.0.1 "$port" 5>&- >got
		mapfile -t line <got
		[ "${line[0]}" = $'SigBlk:\t0000000000000000' ] || fail "${line[0]}"
		# 32 and 33 are the C library's own, which its posix_spawn ignores
		(((16#${line[1]##*[!0-9a-f]} & ~16#180000000) == 0)) || fail "${line[1]}"
		# what we inherited ourselves besides is nothing for a client's program
		[ "${line[2]}" = "$(inherited)" ] || fail "descriptors ${line[2]} and not $(inherited)"
		(((8#${line[3]##*[!0-7]} & 8#4000) == 0)) || fail "not blocking"
		[ "${line[4]}" = 300 ] || fail "soft limit ${line[4]} of descriptors, not 300"
		[ "${line[5]}" = "$(ulimit -Hn)" ] || fail "hard limit ${line[5]} of descriptors"
		exec 5>&-
	done
}

# The descriptors that any program has that is started with the standard ones alone.
inherited() {
	(
		for fd in /proc/self/fd/*; do
			[ "${fd##*/}" -le 2 ] || eval "exec ${fd##*/}>&-"
		done
		sh -c 'ls /proc/$$/fd >fds'
	)
	# shellcheck disable=SC2005,SC2046
	echo $(cat fds)
}

@test "a program's status is ours, and in the end record" {
	local code mode
	for mode in "" "--idle-timeout 20"; do
		for code in 0 7 255; do
			# shellcheck disable=SC2086
			serve $mode --sh "exit $code" 127.0.0.1 0
			peer eof close
			server_ends $code
			[ "$(field events end end)" = child-exit ]
			[ "$(field events end exit)" = $code ]
		done
	done
}

@test "a program's end is a line with -v" {
	serve -v 127.0.0.1 0 -- sh -c 'echo hello; exit 7'
	peer shut save:got
	server_ends 7
	says server.err "^usock: 127\.0\.0\.1:[0-9]+ > 127\.0\.0\.1:$port: end=child-exit sent=6 received=0 seconds=[0-9.]+ .*exit=7$"
}

@test "a program that a signal ended is 128 and the signal's number" {
	served 127.0.0.1 0 --sh 'kill -TERM $$'
	status_is 143
	[ "$(field events end exit)" = 143 ]
}

@test "with -k a program's status is only in the end record" {
	serve -v -k --sh 'read code; exit $code' 127.0.0.1 0
	for code in 7 0 1; do
		usock connect 127.0.0.1 "$port" <<<$code
		eventually has_events 1 end exit $code
	done
	events_are 3 end
	events_are 3 end end child-exit
	server_lives
	says server.err ' exit=7$'
}

@test "bytes are counted for a program that has the connection itself" {
	head -c 100000 /dev/urandom >data
	serve 127.0.0.1 0 -- cat
	from=data tool_connects usock client "$port"
	finish "$pid"
	server_ends 0
	cmp data client.out
	[ "$(field events end sent)" = 100000 ]
	[ "$(field events end received)" = 100000 ]
}

@test "a program that is not there is 127 before a client comes, and one that may not be executed 126" {
	local words
	echo 'echo hello' >program
	chmod 644 program
	while read -r expected program reason; do
		for words in "listen --ready-file ready 127.0.0.1 0" "listen -k --ready-file ready 127.0.0.1 0" \
			"listen -u --ready-file ready 127.0.0.1 0" "connect 127.0.0.1 1"; do
			rm -f ready
			status=0
			# shellcheck disable=SC2086
			usock $words --quiet -- "$program" >out 2>err || status=$?
			status_is "$expected"
			text_is err "usock: exec $program: $reason\\n"
			[ ! -e ready ]
		done
	done <<-END
		127 no-such-program No such file or directory
		127 ./none/program No such file or directory
		126 ./program Permission denied
		126 $PWD Permission denied
	END
}

@test "a program is looked for as execvp does, and a line of the shell is no program" {
	mkdir -p bin/echoes not
	printf '#!/bin/sh\necho found\n' >bin/works
	echo >not/works
	chmod 755 bin/works
	PATH=$PWD/not:$PWD/bin:/nowhere:$PATH served 127.0.0.1 0 -- works
	text_is got 'found\n'
	PATH=$PATH:$PWD/not run -126 usock listen 127.0.0.1 0 -- works
	PATH=$PATH:$PWD/bin run -126 usock listen 127.0.0.1 0 -- echoes
	# an empty entry is the current folder
	PATH=$PATH:$PWD run -126 usock listen 127.0.0.1 0 -- not
	PATH=$PATH: run -126 usock listen 127.0.0.1 0 -- not
	run -127 usock listen 127.0.0.1 0 -- not
	run -127 usock listen 127.0.0.1 0 -- ''
	run -127 --separate-stderr usock listen 127.0.0.1 0 -- 'cat -n'
	[ "$stderr" = $'usock: exec cat -n: No such file or directory\nusock: hint: a line of the shell is given with --sh' ]
}

@test "with -k a program that is gone resets its client, and serving goes on" {
	not_counted "exec never fails"
	printf '#!/bin/sh\necho hello\n' >program
	chmod 755 program
	serve --quiet -k 127.0.0.1 0 -- ./program
	rm program
	run -1 --separate-stderr usock connect 127.0.0.1 "$port"
	[[ -z $output && $stderr == *'Connection reset by peer'* ]] || fail "$output $stderr"
	eventually has_line server.err '^usock: exec ./program: No such file or directory$'
	printf '#!/bin/sh\necho hello\n' >program
	run -1 usock connect 127.0.0.1 "$port"
	eventually has_line server.err '^usock: exec ./program: Permission denied$'
	chmod 755 program
	eventually executes_program
	[ "$(wc -l <server.err)" -ge 2 ]
	server_lives
}

# ETXTBSY goes by.
executes_program() {
	[ "$(usock connect 127.0.0.1 "$port" 2>/dev/null)" = hello ]
}

@test "a program's errors go where ours go" {
	served --quiet 127.0.0.1 0 --sh 'echo out; echo error >&2'
	text_is got 'out\n'
	text_is server.err 'error\n'
}

@test "a program's errors go to the client with --exec-stderr" {
	local mode
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		served --quiet $mode --exec-stderr 127.0.0.1 0 --sh 'echo out; echo error >&2; echo out'
		status_is 0
		text_is got 'out\nerror\nout\n'
		is_empty server.err
	done
}

# --- a program and the ends ---------------------------------------------------

@test "the client's end reaches the program, and what it says later the client" {
	local mode
	for mode in "" "--idle-timeout 20"; do
		rm -f got seen
		# shellcheck disable=SC2086
		serve $mode 127.0.0.1 0 --sh 'cat >seen; until [ -e go ]; do sleep 0.01; done; echo answer'
		(eventually test -s seen && touch go) 3>&- &
		peer 'send:question\n' shut save:got
		server_ends 0
		text_is seen 'question\n'
		text_is got 'answer\n'
		rm -f go
	done
}

@test "a program that closes its input goes on sending" {
	local mode
	head -c 5M /dev/urandom >data
	for mode in "" "--idle-timeout 20"; do
		rm -f got
		# shellcheck disable=SC2086
		serve $mode 127.0.0.1 0 --sh 'exec <&-; cat data; exit 5'
		peer 'send:nobody reads this' save:got
		server_ends 5
		cmp data got
	done
}

@test "a program that closes its output goes on reading" {
	local mode
	head -c 5M /dev/urandom >data
	for mode in "" "--idle-timeout 20"; do
		rm -f seen
		# shellcheck disable=SC2086
		serve $mode 127.0.0.1 0 --sh 'exec >&-; cat >seen; exit 5'
		peer send-file:data shut eof
		server_ends 5
		cmp data seen
	done
}

# The kernel resets a connection that is closed while unread bytes wait, and what was sent may be lost with it.
@test "a program that leaves without reading everything: the client has its answer and a clean end" {
	local mode round
	need curl
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve -k $mode 127.0.0.1 0 --sh 'read -r line; printf "HTTP/1.0 200 OK\r\n\r\n%s\n" "$line"'
		for round in {1..20}; do
			run -0 curl -sS --max-time "$patience" "http://127.0.0.1:$port/$round"
			[ "${output%% HTTP*}" = "GET /$round" ]
		done
	done
}

@test "a program that reads nothing: the client has its answer and a clean end" {
	local mode
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve $mode 127.0.0.1 0 --sh 'until [ -e go ]; do sleep 0.01; done; echo answer'
		peer send:question acked touch:go save:got
		server_ends 0
		text_is got 'answer\n'
		rm -f go
	done
}

@test "a client that sends on after the program's end does not keep us" {
	local mode
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve $mode 127.0.0.1 0 -- echo answer
		start_peer client connect "127.0.0.1:$port" 'stream:more '
		server_ends 0
		finish "$pid"
	done
}

@test "a process that a program leaves behind keeps the connection" {
	local mode
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve $mode 127.0.0.1 0 --sh 'exec 4<&0; (read -r line <&4; echo "late $line") & echo early; exit 3'
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		receives 5 early
		[ -n "$mode" ] || server_ends 3
		send_line 5 question
		receives 5 "late question"
		receives_end 5
		[ -z "$mode" ] || server_ends 3
		exec 5>&-
	done
}

@test "programs leave neither zombies nor descriptors" {
	serve -k 127.0.0.1 0 --sh 'sleep 30 <&- >&- 2>&- & echo hello'
	for _ in 1 2 3 4 5; do
		[ "$(usock connect 127.0.0.1 "$port")" = hello ]
	done
	eventually has_events 5 end
	run ps -o stat= --ppid "$server"
	[ -z "$output" ]
	[ "$(find "/proc/$server/fd" -lname 'socket:*' | wc -l)" = 1 ]
}

@test "time-outs hold while a program runs" {
	rm -f got
	on_time_with_program --idle-timeout 500ms
	on_time_with_program --timeout 500ms
}

on_time_with_program() { # OPTION...
	# shellcheck disable=SC2034
	next_client
	timed listen_with_program "$@" || status=$?
	status_is 124
	# from the connection on, which a client has to be started for; the program takes longer
	((elapsed >= 500 && elapsed < 3500 * slowness)) || fail "ended after $elapsed ms, not 500"
}

next_client() {
	rm -f ready
	(eventually test -e ready && exec "$python" -IS "$peers/peer.py" connect "$(cat ready)" eof) 3>&- >/dev/null 2>&1 &
	pids+=($!)
	# the connection comes at once, the time-out counts from then or earlier
}

listen_with_program() {
	usock listen --ready-file ready "$@" 127.0.0.1 0 -- sleep $((5 * slowness)) >out 2>err
}

# --- echo, discard, send ------------------------------------------------------

echoes() { # TOOL
	head -c 8M /dev/urandom >data
	serve --echo 127.0.0.1 0
	from=data tool_connects "$1" client "$port"
	finish "$pid"
	status_is 0
	[ "$(sha256sum <client.out)" = "$(sha256sum <data)" ]
	server_ends 0
	[ "$(field events end sent) $(field events end received)" = "8388608 8388608" ]
}

@test "--echo sends back everything: nc.openbsd" { echoes nc.openbsd; }
@test "--echo sends back everything: ncat" { echoes ncat; }
@test "--echo sends back everything: socat" { echoes socat; }
@test "--echo sends back everything: usock" { echoes usock; }

@test "--echo waits for a client that reads late" {
	head -c 8M /dev/urandom >data
	serve --echo 127.0.0.1 0
	mkfifo slow
	from=data to=slow tool_connects socat client "$port"
	eventually is_stuck "$pid"
	cat slow >got
	cmp data got
	server_ends 0
}

# The server cannot send any more.
is_stuck() {
	[ "$(ss -Htn state established "sport = :$port" | awk '{ print $2 }')" != 0 ]
}

discards() { # TOOL
	head -c 8M /dev/urandom >data
	serve --discard 127.0.0.1 0
	from=data tool_connects "$1" client "$port"
	finish "$pid"
	status_is 0
	is_empty client.out
	server_ends 0
	is_empty server.out
	[ "$(field events end sent) $(field events end received)" = "0 8388608" ]
}

@test "--discard takes everything: nc.openbsd" { discards nc.openbsd; }
@test "--discard takes everything: ncat" { discards ncat; }
@test "--discard takes everything: socat" { discards socat; }
@test "--discard takes everything: usock" { discards usock; }

sends() { # TOOL
	head -c 8M /dev/urandom >data
	serve --send data 127.0.0.1 0
	tool_connects "$1" client "$port"
	finish "$pid"
	status_is 0
	[ "$(sha256sum <client.out)" = "$(sha256sum <data)" ]
	server_ends 0
	[ "$(field events end sent) $(field events end received)" = "8388608 0" ]
}

@test "--send gives the whole file: nc.openbsd" { sends nc.openbsd; }
@test "--send gives the whole file: ncat" { sends ncat; }
@test "--send gives the whole file: socat" { sends socat; }
@test "--send gives the whole file: usock" { sends usock; }

@test "--send is right for curl, with length and without, again and again" {
	local page round
	need curl
	seq 100000 >body
	{ printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' "$(wc -c <body)" && cat body; } >page
	{ printf 'HTTP/1.0 200 OK\r\n\r\n' && cat body; } >page-without-length
	for page in page page-without-length; do
		serve -k --send $page 127.0.0.1 0
		for round in {1..20}; do
			run -0 curl -sS --max-time "$patience" -o got "http://127.0.0.1:$port/"
			cmp body got
		done
	done
}

@test "--send drops what the client sends meanwhile" {
	head -c 8M /dev/urandom >data
	head -c 8M /dev/zero >noise
	serve --send data 127.0.0.1 0
	from=noise tool_connects socat client "$port"
	finish "$pid"
	status_is 0
	cmp data client.out
	server_ends 0
}

@test "--send gives each of many clients the file from its start" {
	head -c 3M /dev/urandom >data
	serve -k --send data 127.0.0.1 0
	for name in one two three; do
		tool_connects usock $name "$port"
		clients+=("$pid")
	done
	for pid in "${clients[@]}"; do
		finish "$pid"
		[ "$status" = 0 ]
	done
	cmp data one.out
	cmp data two.out
	cmp data three.out
}

@test "--send of an empty file is an end at once" {
	: >empty
	serve --send empty 127.0.0.1 0
	peer eof close
	server_ends 0
	[ "$(field events end sent)" = 0 ]
}

@test "--send of a file that cannot be read is 8 before anybody comes" {
	run -8 --separate-stderr usock listen --quiet --accept-timeout 2 --send none 127.0.0.1 0
	[ "$stderr" = "usock: open none: No such file or directory" ]
	run -8 --separate-stderr usock listen --quiet --accept-timeout 2 --send . 127.0.0.1 0
	[ "$stderr" = "usock: open .: Is a directory" ]
}

@test "with -k a file that is gone closes the client, and serving goes on" {
	echo hello >file
	serve --quiet -k --send file 127.0.0.1 0
	[ "$(usock connect 127.0.0.1 "$port")" = hello ]
	rm file
	usock connect 127.0.0.1 "$port" >got 2>err || status=$?
	is_empty got
	eventually has_line server.err '^usock: open file: No such file or directory$'
	echo again >file
	[ "$(usock connect 127.0.0.1 "$port")" = again ]
}

# --- how long, how many -------------------------------------------------------

@test "--accept-timeout 0 does not wait" {
	timed usock listen --quiet --accept-timeout 0 127.0.0.1 0 2>err
	status_is 124
	one_message err
	((elapsed < 1000 * slowness))
}

@test "--accept-timeout no longer counts once a client is there" {
	endless input
	from=input serve --accept-timeout 700ms 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	receives_nothing 5 1
	send_line 5 late
	exec 5>&-
	server_ends 0
	text_is server.out 'late\n'
}

@test "--backlog is what the kernel is told" {
	local n
	for n in 0 7 100; do
		serve --backlog $n -k --echo 127.0.0.1 0
		[ "$(ss -Hltn "sport = :$port" | awk '{ print $3 }')" = $n ]
	done
	serve -k --echo 127.0.0.1 0
	[ "$(ss -Hltn "sport = :$port" | awk '{ print $3 }')" = "$(cat /proc/sys/net/core/somaxconn)" ]
}

@test "--max-clients: the next one waits until another leaves" {
	serve -k --max-clients 2 --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	send_line 6 two
	receives 5 one
	receives 6 two
	exec 7<>"/dev/tcp/127.0.0.1/$port"
	send_line 7 three
	receives_nothing 7 0.3
	send_line 5 "the others are served meanwhile"
	receives 5 "the others are served meanwhile"
	events_are 2 accepted
	exec 6>&-
	receives 7 three
	events_are 3 accepted
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 6 four
	receives_nothing 6 0.3
	exec 7>&-
	receives 6 four
}

@test "--max-clients holds for programs too" {
	serve -k --max-clients 1 127.0.0.1 0 -- cat
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	send_line 6 two
	receives 5 one
	receives_nothing 6 0.3
	exec 5>&-
	receives 6 two
}

@test "--max-clients with --refuse: the next one is told at once" {
	serve -k --max-clients 2 --refuse --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	send_line 6 two
	receives 5 one
	receives 6 two
	exec 7<>"/dev/tcp/127.0.0.1/$port"
	receives_end 7
	send_line 5 "the others stay"
	receives 5 "the others stay"
	exec 6>&-
	eventually has_events 1 end end peer-fin
	exec 7<>"/dev/tcp/127.0.0.1/$port"
	send_line 7 "there is room again"
	receives 7 "there is room again"
}

@test "a client that is refused has an end record too" {
	serve -v -k --max-clients 1 --refuse --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	receives 5 one
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	receives_end 6
	eventually has_events 1 end end refused
	says server.err "^usock: 127\.0\.0\.1:[0-9]+ > 127\.0\.0\.1:$port: end=refused "
}

# --- too few descriptors ------------------------------------------------------

few_descriptors() { # N ARG...
	not_counted "descriptors are others"
	serve_with bash -c 'ulimit -n "$0"; exec "$@"' "$1" "$USOCK" listen --ready-file server.ready --events events "${@:2}" 127.0.0.1 0
}

@test "out of descriptors, clients wait and are served later, and none is lost" {
	few_descriptors 20 -k --echo
	many queue 40 0.5 >out
	mapfile -t line <out
	((${line[0]#first } < 20 && ${line[0]#first } > 5)) || fail "${line[0]}"
	[ "${line[1]}" = "served 40" ]
	says server.err 'Too many open files'
	server_lives
}

# With one descriptor more or less, it is another call that finds none.
@test "out of descriptors, clients of programs wait too" {
	local limit
	for limit in 20 21; do
		few_descriptors $limit -k --idle-timeout 20 --sh 'exec cat'
		many queue 40 0.5 >out || fail "$(cat server.err)"
		says out '^served 40$'
		server_lives
	done
}

@test "out of descriptors, clients of a file wait too" {
	local limit fd fds
	head -c 8M /dev/urandom >data
	for limit in 20 21; do
		fds=()
		few_descriptors $limit -k --send data
		for _ in {1..15}; do
			exec {fd}<>"/dev/tcp/127.0.0.1/$port"
			fds+=("$fd")
		done
		eventually has_line server.err 'Too many open files'
		for fd in "${fds[@]}"; do
			cmp - data <&"$fd"
			exec {fd}>&-
		done
		server_lives
	done
}

@test "out of descriptors, neither the processor nor stderr is filled" {
	local before after
	few_descriptors 20 -k --echo
	before=$(cpu_ticks)
	many queue 40 1.5 >out
	after=$(cpu_ticks)
	((after - before < 50)) || fail "$((after - before)) ticks of processor time"
	[ "$(grep -c 'Too many open files' server.err)" -le 5 ] || fail "$(cat server.err)"
}

# User and system time of the server, in hundredths of a second.
cpu_ticks() {
	local stat
	read -r -a stat <"/proc/$server/stat"
	echo $((stat[13] + stat[14]))
}

# --- the end of the server ----------------------------------------------------

@test "SIGTERM under load ends all connections and is 143" {
	serve -k --echo 127.0.0.1 0
	start_many load load 50
	eventually has_line load.out '^loaded$'
	server_ends_by TERM 143
	finish "$pid"
	status_is 0
	says load.out '^ended 50$'
	events_are 50 end end signal
}

@test "SIGTERM ends the connections that programs have too" {
	local mode
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve -k $mode 127.0.0.1 0 -- cat
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		send_line 5 hello
		receives 5 hello
		server_ends_by TERM 143
		receives_end 5
		exec 5>&-
	done
}

@test "a program that SIGTERM does not end sees its connection's end before it is killed" {
	local mode
	for mode in -k "" "-k --idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve $mode --sh 'trap "" TERM; echo ready; cat >got; echo end >ended' 127.0.0.1 0
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		receives 5 ready
		server_ends_by TERM 143
		text_is ended "end\n"
		exec 5>&-
		rm ended
	done
}

@test "SIGINT under load is 130, with --discard and without more" {
	local mode
	for mode in --discard ""; do
		# shellcheck disable=SC2086
		to=/dev/null serve -k $mode 127.0.0.1 0
		start_peer client connect "127.0.0.1:$port" 'stream:some bytes'
		eventually has_events 1 accepted
		server_ends_by INT 130
		finish "$pid"
	done
}

@test "-k --timeout ends all with 124, on time, and each end says why" {
	serve --timeout 1 -k --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	receives 5 one
	send_line 6 two
	receives 6 two
	receives_end 5
	receives_end 6
	server_ends 124
	events_are 2 end end deadline
	says server.err '^usock: listen: timed out \(--timeout\)$'
}

@test "-k --idle-timeout ends the silent client alone" {
	talks() {
		send_line 6 "still here"
		receives 6 "still here"
		has_events 1 end
	}
	serve -i 2s -k --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 silent
	receives 5 silent
	eventually talks
	receives_end 5
	events_are 1 end end idle-timeout
	server_lives
}

@test "each client of -k has an end record" {
	local client
	serve -v -k --echo 127.0.0.1 0
	for client in 1 2 3; do
		peer send:hello recv:5 close
	done
	eventually has_events 3 end
	[ "$(grep -c -E "^usock: 127\.0\.0\.1:[0-9]+ > 127\.0\.0\.1:$port: end=peer-fin sent=5 received=5 seconds=[0-9.]+ state=[0-9]+/[A-Z_]+" server.err)" = 3 ]
	for client in 1 2 3; do
		events_are 1 accepted id $client
		events_are 1 end id $client
	done
}

@test "a client's reset is told, and the others are served on" {
	serve -v -k --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	receives 5 one
	peer send:hello recv:5 reset
	eventually has_events 1 end end peer-reset
	says server.err '^usock: recv 127\.0\.0\.1:[0-9]+: Connection reset by peer$'
	send_line 5 two
	receives 5 two
}

# --- the port afterwards ------------------------------------------------------

# Leaves the server's side of a connection in TIME_WAIT.
leave_time_wait() {
	serve 127.0.0.1 "${1-0}" -- true
	peer eof close
	server_ends 0
	eventually has_tcp time-wait "sport = :$port"
}

@test "a server starts again at once where its connections are in TIME_WAIT" {
	local first
	leave_time_wait
	first=$port
	leave_time_wait "$first"
	serve -k --echo 127.0.0.1 "$first"
	[ "$port" = "$first" ]
	answers 127.0.0.1
}

@test "with --no-reuse-addr TIME_WAIT is in the way, and said to be" {
	leave_time_wait
	run -1 --separate-stderr usock listen --no-reuse-addr 127.0.0.1 "$port"
	[[ ${stderr_lines[0]} =~ ^"usock: "(listen|bind)" 127.0.0.1:$port: Address already in use"$ ]]
	[[ ${stderr_lines[1]} =~ ^"usock: hint: TIME_WAIT for "[0-9]+" s more; --reuse-addr takes it over if the socket before had it too"$ ]]
}

@test "a connection that we ended first has a record with its state" {
	serve -v 127.0.0.1 0 -- echo hello
	peer 'recv:6' eof close
	server_ends 0
	says server.err 'end=child-exit .*state=(5/FIN_WAIT_1|6/FIN_WAIT_2|10/TIME_WAIT left=[0-9.]+s)'
}

# --- what clients share -------------------------------------------------------

@test "all bytes of all clients come through a standard output that is full when they meet there" {
	local i clients=()
	head -c 3000000 /dev/urandom >in
	mkfifo pipe
	exec 9<>pipe
	to=pipe serve -k 127.0.0.1 0
	for i in 1 2 3; do
		usock connect 127.0.0.1 "$port" <in 2>err.$i 9<&- &
		clients+=($!)
	done
	eventually eval '[ "$(grep -c accepted events)" = 3 ]'
	head -c 9000000 <&9 | sha256sum >got &
	for i in "${clients[@]}"; do
		wait "$i" || fail "a client ended with $?: $(cat err.*)"
	done
	eventually test -s got
	server_lives
	exec 9<&-
}

# It sends more than all buffers hold, reads nothing of it, and goes away.
@test "an echo whose client leaves with its answers unread ends that client alone" {
	local where
	for where in 127.0.0.1:0 unix:sock; do
		rm -f sock
		serve -k --echo "$where"
		timeout --foreground -s KILL "$patience" "$python" -IS -c '
import socket, sys
where = sys.argv[1]
if where.startswith("unix:"):
    s = socket.socket(socket.AF_UNIX)
    s.connect(where[5:])
else:
    s = socket.create_connection(where.rsplit(":", 1))
s.settimeout(1)
try:
    while True:
        s.sendall(bytes(1 << 20))
except TimeoutError:
    pass
s.close()
' "$(where)"
		eventually has_line events '"end":"peer-reset"'
		[ "$(echo again | usock connect "$(where)")" = again ]
		server_ends_by TERM 143
	done
}

@test "with --keep-open nothing is sent of standard input: what is about sending is refused" {
	local option words
	for option in -C '--delay 1' --half-open --no-half-close '--half-close 1' '--after-eof 1' '--quit-after 1'; do
		read -ra words <<<"$option"
		run -2 --separate-stderr usock listen -k "${words[@]}" 127.0.0.1 0
		[[ $stderr == *': with --keep-open, standard input is not sent'*'--broadcast-input'* ]] || fail "$option: $stderr"
	done
}

@test "an echo changes and delays nothing, so that --crlf and --delay are refused" {
	local service option
	for service in --echo --discard; do
		for option in --crlf "--delay 1"; do
			# shellcheck disable=SC2086
			run -2 --separate-stderr timeout "$patience" "$USOCK" listen -k $service $option 127.0.0.1 0
			[ "${stderr_lines[0]}" = "usock: listen: $service: not together with ${option% *}" ] ||
				fail "$stderr"
		done
	done
}
