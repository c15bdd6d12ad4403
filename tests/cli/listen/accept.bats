# What listen does when accepting fails, how many programs it runs, what they inherit, and what it
# says of clients that fail.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/listen

# --- a listener that is gone -------------------------------------------------

# inherits ARG... starts `usock listen ARG...` in tests/peer/inherited.py: $port, $server, and
# descriptor 8 to say what is done with the listener.
inherits() {
	rm -f steps owner.out
	endless steps
	from=steps start owner "$python" -IS "$peers/inherited.py" "$USOCK" "$@"
	owner=$pid
	eventually test -s owner.out
	read -r port server <owner.out
	address=127.0.0.1:$port
}

# Without a process that keeps the fifo open its reader sees the end.
finish_owner() { # STATUS
	exec 8>&-
	finish "$owner"
	status_is "$1"
}

@test "a listener that another owner shuts down is told once, and is 1" {
	local args
	for args in "-k --echo" "--echo" "-k" "-k --sh cat"; do
		# shellcheck disable=SC2086
		inherits listen $args fd:%d
		eventually_listens
		echo shutdown >&8
		finish_owner 1
		one_message owner.err
		says owner.err "^usock: accept 127\.0\.0\.1:$port: Invalid argument$"
		says owner.err '^usock: hint: this socket does not listen, or was shut down'
	done
}

# The server waits in its loop: its handlers are there.
eventually_listens() {
	eventually catches_term
}

catches_term() {
	local mask
	mask=$(sed -n 's/^SigCgt:\t//p' "/proc/$server/status")
	(((16#$mask & 16#4000) != 0))
}

@test "clients that are there when the listener goes are served to their end" {
	inherits listen -k --echo fd:%d
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	receives 5 one
	send_line 6 two
	receives 6 two
	echo shutdown >&8
	eventually has_line owner.err 'Invalid argument'
	send_line 5 again
	receives 5 again
	exec 5>&-
	send_line 6 again
	receives 6 again
	server_lives
	exec 6>&-
	finish_owner 1
	one_message owner.err
}

@test "a listener that status --kill ends is told once, and is 1" {
	serve -k --echo 127.0.0.1 0
	usock status --kill --state LISTEN --port "$port" >out 2>err || skip "$(cat err)"
	server_ends 1
	says server.err "^usock: accept 127\.0\.0\.1:$port: Invalid argument$"
	[ "$(wc -l <server.err)" = 3 ] || fail "$(head server.err)"
}

@test "a server whose listener is gone still ends by a signal" {
	inherits listen -k --echo fd:%d
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 one
	receives 5 one
	echo shutdown >&8
	eventually has_line owner.err 'Invalid argument'
	kill -TERM "$server"
	receives_end 5
	# Python's status for a signal
	finish_owner 241
}

@test "a script's server whose listener is gone says so once, and fails the script" {
	cat >script.us <<-'EOF'
		set fd [lindex $argv 0]
		server [listen fd:$fd] {c a p} {$c close}
		puts serving; flush stdout
		after 600
	EOF
	inherits run script.us %d
	eventually has_line owner.out serving
	echo shutdown >&8
	finish_owner 1
	[ "$(grep -c 'Invalid argument' owner.err)" -le 2 ] || fail "$(head -n 20 owner.err)"
	says owner.err 'accept: Invalid argument'
}

@test "a socket that does not listen is 1, not a server" {
	# shellcheck disable=SC2211
	"$python" -IS - "$USOCK" >out 2>err <<-'EOF' || status=$?
		import socket, subprocess, sys
		s = socket.socket()
		for args in (["listen"], ["listen", "-k"]):
		    p = subprocess.run([sys.argv[1], *args, "fd:%d" % s.fileno()], pass_fds=[s.fileno()], timeout=20)
		    print(p.returncode)
	EOF
	text_is out '1\n1\n'
	[ "$(grep -c '^usock: accept .*: Invalid argument$' err)" = 2 ] || fail "$(cat err)"
}

@test "a listener that cannot be waited for is a message and 1, and nothing is used after its end" {
	local args preload=$USOCK_BUILD/tests/preload/epoll_add_refused.so
	! "$USOCK" --version | grep -q loop=poll || skip "this build waits with poll(2)"
	not_counted "the preloaded library is not there"
	for args in "-k --echo" "-k" "--echo" "-k --sh cat"; do
		status=0
		# shellcheck disable=SC2086
		LD_PRELOAD=$preload ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
			usock listen $args 127.0.0.1 12345 >out 2>err || status=$?
		status_is 1
		one_message err
		says err '^usock: wait for clients: No space left on device$'
	done
}

# --- too few descriptors ------------------------------------------------------

@test "a script's server out of descriptors tells of it once, and serves everybody in the end" {
	not_counted "descriptors are others"
	cat >script.us <<-'EOF'
		set s [server 127.0.0.1:0 {c a p} {$c sendall [$c recv 100]; $c recv 1; $c close}]
		set f [open server.ready.new w]
		puts $f 127.0.0.1:[lindex [$s getsockname] 1]
		close $f
		file rename server.ready.new server.ready
		while {![file exists over]} {after 50}
	EOF
	serve_with bash -c 'ulimit -n 20; exec "$@"' bash "$USOCK" run --allow-files script.us
	many queue 40 0.5 >out || fail "$(head server.err)"
	says out '^served 40$'
	touch over
	server_ends 0
	[ "$(grep -c 'Too many open files' server.err)" = 1 ] || fail "$(head -n 20 server.err)"
}

@test "the server's own limit of descriptors is raised and stays so, a program's is what we were given" {
	local soft
	not_counted "descriptors are others"
	serve_with bash -c 'ulimit -Sn 300; ulimit -Hn 4000; exec "$@"' bash \
		"$USOCK" listen --ready-file server.ready --events events -k --sh 'ulimit -Sn; ulimit -Hn' 127.0.0.1 0
	for _ in 1 2; do
		[ "$(usock connect 127.0.0.1 "$port" | paste -sd ' ')" = "300 4000" ]
		soft=$(awk '/^Max open files/ { print $4 }' "/proc/$server/limits")
		[ "$soft" = 4000 ] || fail "the server's own limit is $soft"
	done
	has_events 2 end
}

# --- what programs inherit ------------------------------------------------------

# What a program has open besides what it is started with, and besides what ls opens.
look='for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && [ -e "/proc/$$/fd/$fd" ] && echo "$fd $(readlink "/proc/$$/fd/$fd")"; done; echo seen'

@test "a program has descriptors 0, 1 and 2 alone, whatever we were given" {
	not_counted "descriptors are others"
	cat >inherit.py <<-'EOF'
		import os, socket, subprocess, sys
		usock, look = sys.argv[1:]
		look = ["/bin/sh", "-c", look]
		address = ("127.0.0.1", 0)

		def listener():
		    s = socket.socket()
		    s.bind(address)
		    s.listen(5)
		    return s

		def seen(name, command, fds, port=None, peer=None):
		    p = subprocess.Popen([usock, *command], pass_fds=fds, stdin=subprocess.DEVNULL)
		    c = peer() if peer else socket.create_connection(("127.0.0.1", port), 20)
		    c.settimeout(20)
		    data = b""
		    while True:
		        got = c.recv(4096)
		        if not got:
		            break
		        data += got
		    c.close()
		    p.terminate()
		    p.wait(20)
		    print(name, data.decode().replace("\n", " "), flush=True)

		s = listener()
		port = s.getsockname()[1]
		out, events = os.pipe()
		for name, options in {
		    "listen -k": ["-k"],
		    "listen -k pumped": ["-k", "--idle-timeout", "20"],
		    "listen": [],
		    "listen pumped": ["--idle-timeout", "20"],
		    "events fd": ["-k", "--events", "fd:%d" % events],
		    "events": ["-k", "--events", "events.json"],
		    "ready-fd": ["-k", "--ready-fd", str(events)],
		    "hexdump": ["-k", "--hexdump=dump"],
		    "all": ["-k", "--events", "fd:%d" % events, "--hexdump=dump", "--ready-file", "r"],
		}.items():
		    command = ["listen", *options, "fd:%d" % s.fileno(), "--", *look]
		    used = [events] if str(events) in " ".join(options) else []
		    seen(name, command, [s.fileno(), *used], port)

		a, b = socket.socketpair()
		seen("connect fd", ["connect", "fd:%d" % b.fileno(), "--", *look], [b.fileno()],
		     peer=lambda: (b.close(), a)[1])
		seen("connect", ["connect", "127.0.0.1", str(port), "--", *look], [],
		     peer=lambda: s.accept()[0])
		open("script.us", "w").write("""
		server [listen fd:[lindex $argv 0]] {c a p} {
			$c send [exec /bin/sh -c [lindex $::argv 1]]
			$c close
		}
		after 20000
		""")
		seen("script server", ["run", "--allow-exec", "script.us", str(s.fileno()), look[2]],
		     [s.fileno()], port)
	EOF
	"$python" -IS inherit.py "$USOCK" "$look" >out 2>err || fail "$(cat out err)"
	[ "$(wc -l <out)" = 12 ] || fail "$(cat out err)"
	! grep -v -E '^[a-z -]+ seen ?$' out || fail "those above"
}

# --- options of each client ---------------------------------------------------------

@test "with -k each client has the options of -o, of the listener and of the connection" {
	local look='"$python" -IS -c "
import socket
s = socket.socket(fileno=0)
print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), s.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT), s.getsockopt(socket.IPPROTO_IP, socket.IP_TTL), s.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK))
"'
	for mode in -k ""; do
		# shellcheck disable=SC2086
		serve $mode -o TCP_NODELAY=1 -o SO_KEEPALIVE=1 -o TCP_USER_TIMEOUT=12s -o TCP_QUICKACK=0 --ttl 7 --sh "$look" 127.0.0.1 0
		for _ in 1 2; do
			[ "$(usock connect 127.0.0.1 "$port")" = "1 1 12000 7 0" ]
			[ -n "$mode" ] || break
		done
	done
}

# --- clients that fail ------------------------------------------------------------

resets() { # N
	timeout "$patience" "$python" -IS -c '
import socket, struct, sys
for _ in range(int(sys.argv[2])):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(b"x")
    s.recv(1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
' "$port" "$1"
}

@test "resets of clients are counted: with SIGUSR1, at the end, and no line each" {
	serve -k --echo 127.0.0.1 0
	resets 45
	eventually has_events 45 end end peer-reset
	kill -USR1 "$server"
	eventually has_line server.err '^usock: 45 clients ended with a reset$'
	says server.err '^usock: 0 connected, 45 accepted$'
	resets 1
	eventually has_events 46 end end peer-reset
	server_ends_by TERM 143
	says server.err '^usock: 1 client ended with a reset$'
	has_no_line server.err 'reset by peer'
	events_are 46 error
}

@test "a client's reset is a line with -v, and does not change the server's status" {
	serve -v -k --timeout 2 --echo 127.0.0.1 0
	resets 12
	server_ends 124
	[ "$(grep -c 'recv .*: Connection reset by peer$' server.err)" = 12 ]
	has_no_line server.err 'clients? ended with a reset'
}

@test "a flood of other failures is told ten times, then counted" {
	: >data
	serve -k --send data 127.0.0.1 0
	rm data
	# each of them is reset, as an end in order would be a whole, empty file
	for _ in {1..30}; do
		exec 9<>"/dev/tcp/127.0.0.1/$port"
		cat <&9 >>out 2>>resets || :
		exec 9>&-
	done
	is_empty out
	eventually has_events 30 end
	server_ends_by TERM 143
	[ "$(grep -c '^usock: open .*data: No such file or directory$' server.err)" = 10 ] || fail "$(cat server.err)"
	says server.err '^usock: open .*data: No such file or directory: 20 more of this kind$'
	events_are 30 error
}

# --- programs of clients --------------------------------------------------------------

running() { # N: so many programs run
	[ "$(pgrep -c -P "$server")" = "$1" ]
}

@test "--max-children programs run at once, the next clients wait for one to end" {
	serve -k --max-children 2 --sh 'echo ready; read -r line; echo "$line"' 127.0.0.1 0
	exec 4<>"/dev/tcp/127.0.0.1/$port" 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	receives 4 ready
	receives 5 ready
	receives_nothing 6 0.3
	send_line 5 go
	receives 5 go
	receives_end 5
	receives 6 ready
	send_line 6 bye
	receives 6 bye
}

@test "a program whose client is gone counts until it ends" {
	local mode
	for mode in "" "--idle-timeout 20"; do
		# shellcheck disable=SC2086
		serve $mode -k --max-children 1 --sh 'trap "" PIPE; echo ready; read -r line; while [ ! -e go ]; do sleep 0.05; done' 127.0.0.1 0
		peer recv:6 reset
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		receives_nothing 5 0.3
		touch go
		receives 5 ready
		exec 5>&-
		rm go
		touch go
		server_ends_by TERM 143
		rm go
	done
}

@test "256 programs run at once by default" {
	local n=257
	! is_counted || skip "257 programs take too long under valgrind"
	mkfifo go
	exec 7<>go
	serve -k --sh 'read -r line <go' 127.0.0.1 0
	start_many clients hold $n
	eventually running 256
	eventually has_events 256 accepted
	receives_nothing 7 0.3
	running 256
	events_are 256 accepted
}

refuses() { # TEXT ARG...
	status=0
	usock listen "${@:2}" 127.0.0.1 0 2>err || status=$?
	status_is 2
	says err "^usock: listen: $1"
}

@test "--max-children is for programs, with -k" {
	refuses '--max-children: no program is given$' -k --max-children 5 --echo
	refuses '--max-children: needs --keep-open$' --max-children 5 --sh cat
	refuses '--max-children: .*0' -k --max-children 0 --sh cat
}

# Its own number, then nothing ends it but SIGKILL.
stubborn='trap "" TERM HUP INT PIPE; echo $$; while :; do sleep 0.1; done'
# Its own number; it ends with SIGTERM, and leaves a word.
obedient='trap "echo ended >>words; exit" TERM; trap "" HUP INT PIPE; echo $$; while :; do sleep 0.1; done'

gone() { # PID
	[ ! -e "/proc/$1" ]
}

@test "programs end with the server: SIGTERM first, SIGKILL two seconds later" {
	local one two mode
	for mode in "-k" "-k --idle-timeout 60" "" "--idle-timeout 60"; do
		rm -f words
		# shellcheck disable=SC2086
		serve $mode --sh "$obedient" 127.0.0.1 0
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		read -r one <&5
		timed server_ends_by TERM 143
		gone "$one"
		says words ended
		within 1500
		exec 5>&-
		# shellcheck disable=SC2086
		serve $mode --sh "$stubborn" 127.0.0.1 0
		exec 5<>"/dev/tcp/127.0.0.1/$port"
		read -r two <&5
		timed server_ends_by INT 130
		gone "$two"
		((elapsed >= 1900)) || fail "SIGKILL came after $elapsed ms"
		within 4000
		exec 5>&-
	done
}

@test "programs end with a server that a time-out ends, and one that another signal hurries" {
	local one
	serve -k --timeout 1 --sh "$stubborn" 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	read -r one <&5
	server_ends 124
	gone "$one"
	exec 5>&-
	serve -k --sh "$stubborn" 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	read -r one <&5
	kill -TERM "$server"
	receives_end 5
	timed server_ends_by TERM 143
	gone "$one"
	within 1500
}

@test "a program that outlives its client ends with the server too" {
	local one
	serve -k --sh "$obedient" 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	read -r one <&5
	exec 5>&-
	serve_client_after
	[ -e "/proc/$one" ]
	server_ends_by TERM 143
	gone "$one"
}

@test "programs of senders of datagrams end with the server" {
	local one mode
	for mode in -k ""; do
		rm -f ready
		# shellcheck disable=SC2086
		serve -u $mode --sh "trap '' TERM; echo \$\$ >number; mv number ready; while :; do sleep 0.1; done" 127.0.0.1 0
		usock sendto 127.0.0.1 "$port" hello
		eventually test -e ready
		one=$(cat ready)
		server_ends_by TERM 143
		gone "$one"
	done
}

serve_client_after() {
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	read -r _ <&6
	exec 6>&-
}

# --- an input that nobody gets -----------------------------------------------------

@test "-k with an input says once that it only receives; without one it is silent" {
	echo nobody >input
	from=input serve -k 127.0.0.1 0
	peer send:hello close
	peer send:hello close
	eventually has_events 2 end
	[ "$(grep -c -x 'usock: standard input is not read: listen -k only receives; --broadcast-input sends it to all' server.err)" = 1 ] || fail "$(cat server.err)"
	mkfifo pipe
	exec 8<>pipe
	from=pipe serve -k 127.0.0.1 0
	says server.err 'listen -k only receives'
	for args in "-k" "-k --recv-only" "-k --echo" ""; do
		# shellcheck disable=SC2086
		serve $args 127.0.0.1 0
		has_no_line server.err 'only receives'
	done
	from=input serve -k --recv-only 127.0.0.1 0
	has_no_line server.err 'only receives'
	from=input serve -k --echo 127.0.0.1 0
	has_no_line server.err 'only receives'
	on_terminal listen -k --timeout 0.3 127.0.0.1 0 >out 2>&1 || :
	has_no_line out 'only receives'
}
