# What the program says while it runs, to a consumer that is slow, late, gone, or does not read: nothing is
# held up by it, and what is lost is counted.
#
# shellcheck disable=SC2016 # scripts and shells have $ in them
# shellcheck disable=SC2154 # from lib: pid, status, peers, python, patience, port, elapsed
# shellcheck disable=SC2094 # that a file is read and written is what is tested
# shellcheck disable=SC2030,SC2031 # bats runs each test in a process of its own

load ../lib/listen

# pipe.py: a pipe of 4 KiB as descriptor FD of a command, which nobody reads at first.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	cat >pipe.py <<-'END'
		"""pipe.py FD FILE [--nonblock] COMMAND...: FD of it is a pipe that is read from when FILE exists, into FILE.got.
		FILE.held says that something is in it."""
		import array, fcntl, os, subprocess, sys, termios, time
		fd, when, args = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
		r, w = os.pipe()
		fcntl.fcntl(w, 1031, 4096)
		if args[0] == "--nonblock":
		    os.set_blocking(w, False)
		    args = args[1:]
		os.set_blocking(r, False)
		def child():
		    os.dup2(w, fd)
		p = subprocess.Popen(args, pass_fds=[fd], preexec_fn=child)
		import signal
		for s in (signal.SIGTERM, signal.SIGINT):
		    signal.signal(s, lambda n, f: p.send_signal(n))
		os.close(w)
		got = open(when + ".got", "wb", buffering=0)
		while True:
		    if os.path.exists(when):
		        try:
		            data = os.read(r, 65536)
		            if not data:
		                break
		            got.write(data)
		            continue
		        except BlockingIOError:
		            pass
		    held = array.array("i", [0])
		    fcntl.ioctl(r, termios.FIONREAD, held)
		    if held[0] > 0:
		        open(when + ".held", "w").close()
		    if p.poll() is not None and not os.path.exists(when):
		        break
		    time.sleep(0.005)
		status = p.wait()
		sys.exit(status if status >= 0 else 128 - status)
	END
}

lives() { # PID
	! is_over "$1" || fail "it is over: $(cat ./*.err)"
}

# clients N: as many, one after the other, each served.
clients() {
	"$python" -IS - "$port" "$1" <<-'END'
		import socket, sys
		for i in range(int(sys.argv[2])):
		    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as s:
		        s.sendall(b"x")
		        assert s.recv(1) == b"x", i
		        s.shutdown(socket.SHUT_WR)
		        assert s.recv(1) == b"", i
	END
}

# held_up FD ARG...: a server with this descriptor in a pipe that nobody reads serves 200 clients.
held_up() {
	local fd=$1
	shift
	start server "$python" -IS pipe.py "$fd" never "$USOCK" listen -k --echo --ready-file server.ready "$@" 127.0.0.1 0
	server=$pid
	is_ready server
	clients 200
}

@test "events that nobody reads hold no client up" {
	held_up 5 --events fd:5
	kill "$server"
	finish "$server"
	status_is 143
}

@test "lines of -v that nobody reads hold no client up" {
	held_up 2 -v
	kill "$server"
	finish "$server"
	status_is 143
}

@test "a dump that nobody reads holds no client up" {
	held_up 2 -x
}

@test "events and lines in one pipe that nobody reads hold no client up" {
	held_up 2 -v --json
}

@test "a reader that comes late gets every event, in order" {
	held_up 5 --events fd:5
	: >never
	eventually has_line never.got '"event":"end","id":200,'
	kill "$server"
	finish "$server"
	cp never.got events
	events_are 200 accepted
	events_are 200 end
	events_are 0 lost
}

@test "a pipe that is non-blocking already gets every event" {
	start server "$python" -IS pipe.py 5 never --nonblock "$USOCK" listen -k --echo --ready-file server.ready --events fd:5 127.0.0.1 0
	server=$pid
	is_ready server
	clients 200
	: >never
	eventually has_line never.got '"event":"end","id":200,'
	kill "$server"
	finish "$server"
	cp never.got events
	events_are 200 accepted
	events_are 200 end
}

@test "the lines on standard error are written before the events that follow, in the same pipe" {
	start server "$python" -IS pipe.py 2 never "$USOCK" listen -k --echo --ready-file server.ready -v --json 127.0.0.1 0
	server=$pid
	is_ready server
	clients 100
	: >never
	eventually has_line never.got '"event":"end","id":100,'
	kill "$server"
	finish "$server"
	"$python" -IS - <<-'END'
		import json
		accepted = ended = 0
		for line in open("never.got"):
		    if line.startswith("{"):
		        event = json.loads(line)["event"]
		        # its line has come just before
		        assert event not in ("accepted", "end") or last.startswith("usock:"), (last, line)
		        accepted += event == "accepted"
		        ended += event == "end"
		    last = line
		assert accepted == ended == 100, (accepted, ended)
	END
}

@test "more than a mebibyte of events: who reads late is told how many are lost, and all others are whole" {
	start server "$python" -IS pipe.py 5 never "$USOCK" listen -k --echo --ready-file server.ready --events fd:5 127.0.0.1 0
	server=$pid
	is_ready server
	# 5 KiB a client in lines of 90 and 150 bytes: 6,000 clients are 1.4 MB
	"$python" -IS - "$port" <<-'END'
		import socket, sys
		for i in range(6000):
		    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10) as s:
		        pass
	END
	: >never
	eventually has_line never.got '"event":"lost"'
	clients 3
	eventually has_line never.got '"event":"end","id":6003,'
	kill "$server"
	finish "$server"
	"$python" -IS - <<-'END'
		import json
		events = [json.loads(line) for line in open("never.got")]
		lost = [e["count"] for e in events if e["event"] == "lost"]
		told = [e for e in events if e["event"] in ("accepted", "end")]
		assert len(lost) == 1 and lost[0] > 100, lost
		assert len(told) + lost[0] == 2 * 6003, (len(told), lost)
		ids = [e["id"] for e in told if e["event"] == "accepted"]
		assert ids == sorted(ids) and ids[-3:] == [6001, 6002, 6003], ids[-5:]
	END
}

@test "what is still to be said at the end is written to who reads slowly" {
	start it "$python" -IS pipe.py 2 never bash -c '"$@" & wait $!; s=$?; exit $s' bash "$USOCK" listen -v -x --echo --ready-file it.ready 127.0.0.1 0
	is_ready it
	head -c 30000 /dev/zero | usock connect 127.0.0.1 "$port" | cmp - <(head -c 30000 /dev/zero)
	: >never
	finish "$pid"
	status_is 0
	# a line for 16 bytes
	[ "$(grep -c '^[<>] ' never.got)" = 1875 ]
	[ "$(tail -n 1 never.got | cut -c 1-7)" = "usock: " ]
}

@test "a consumer that reads nothing is given up at the end, after two seconds at most" {
	usock_listens server -k --echo
	timed "$python" -IS pipe.py 2 never "$USOCK" connect -x 127.0.0.1 "$port" < <(head -c 30000 /dev/zero) >out
	status_is 0
	((elapsed >= 1900 && elapsed < 2900 * slowness + 3000)) || fail "$elapsed ms"
	[ "$(wc -c <out)" = 30000 ]
}

has_bytes() { # N FILE
	[ "$(stat -c %s "$2")" = "$1" ]
}

interrupt() { # PID
	kill "$1"
	finish "$1"
	return "$status"
}

@test "... but not after --timeout, and at once after a signal" {
	usock_listens server -k --echo
	mkfifo input
	exec 8<>input
	head -c 30000 /dev/zero >zeros
	from=input start it "$python" -IS pipe.py 2 never "$USOCK" connect -x --timeout 1 127.0.0.1 "$port"
	cat zeros >&8
	finish "$pid"
	status_is 124
	from=input start it "$python" -IS pipe.py 2 never "$USOCK" connect -x 127.0.0.1 "$port"
	cat zeros >&8
	eventually has_bytes 30000 it.out
	timed interrupt "$pid"
	status_is 143
	((elapsed < 1500 * slowness)) || fail "it took $elapsed ms"
}

@test "a reader of events that goes away stops nothing" {
	start server bash -c '"$@" 5> >(head -n 1 >first)' bash "$USOCK" listen -k --echo --ready-file server.ready --events fd:5 127.0.0.1 0
	is_ready server
	clients 50
	says first listening
}

@test "a file of events that cannot be written is told, and is status 8" {
	[ -c /dev/full ] || skip "no /dev/full"
	usock_listens server -k --echo
	status=0
	echo hi | usock connect --events /dev/full 127.0.0.1 "$port" >out 2>err || status=$?
	text_is out 'hi\n'
	status_is 8
	says err '^usock: write /dev/full: No space left on device$'
	# what was asked for, and not messages alone
	for options in -x --json; do
		status=0
		echo hi | usock connect "$options" 127.0.0.1 "$port" >out 2>/dev/full || status=$?
		status_is 8
		text_is out 'hi\n'
	done
	echo hi | usock connect -v 127.0.0.1 "$port" >out 2>/dev/full
	echo hi | usock connect -x 127.0.0.1 "$port" >out 2>&-
}

@test "two outputs do not write the same file" {
	local words
	for words in "--transcript F --hexdump=F" "--record F --pcap F" "--transcript F --record F --append" \
		"--events F --record F" "--events F --transcript F --append" "--tls --keylog F --save-chain F"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr usock connect $words 127.0.0.1 9
		[[ $stderr == "usock: connect: "*" and "*": both write F"* ]] || fail "$stderr"
	done
	[ ! -e F ]
	usock_listens server -k --echo
	echo hi | usock connect --transcript F --hexdump=F --append 127.0.0.1 "$port" >out
	usock connect --transcript /dev/null --hexdump=/dev/null 127.0.0.1 "$port" <out >again
	cmp out again
}

# refuses ARG...: it is refused before any file is changed; redirections are the caller's.
refuses() { # MESSAGE ARG...
	status=0
	usock connect "${@:2}" 127.0.0.1 9 9>&- || status=$?
	[ "$status" = 2 ] || fail "status $status of ${*:2}" || return
	says_exactly "${said:-err}" "usock: connect: $1"
	[ "$(cat kept)" = kept ]
}

@test "a file has two names: it is one all the same, and standard input and output are files, too" {
	echo kept >kept
	ln -s kept link
	ln kept hard
	refuses '--transcript and --record: both write ./kept' --record link --transcript ./kept 2>err
	refuses '--transcript and --events: both write ./kept' --events hard --transcript ./kept 2>err
	refuses '--record and standard output: both write kept' --record kept 2>err 1<>kept
	refuses '--transcript and standard output: both write kept' --transcript kept 2>err >>kept
	refuses '--hexdump and standard output: both write /dev/stdout' --hexdump=/dev/stdout 2>err 1<>kept
	refuses '--record: would overwrite link, which is read (standard input)' --record link 2>err <kept
	cp kept words
	said=words refuses '--events and standard error: both write words' --events words 2>>words
	status=0
	usock connect --tls --key kept --cert kept --psk-file kept --keylog ./kept 127.0.0.1 9 2>err || status=$?
	status_is 2
	says_exactly err 'usock: connect: --keylog: would overwrite ./kept, which is read (--psk-file)'
	run -2 --separate-stderr usock listen -k --send kept --record hard 127.0.0.1 0
	[ "${stderr_lines[0]}" = 'usock: listen: --record: would overwrite hard, which is read (--send)' ]
	run -2 --separate-stderr usock listen -k --allow 127.0.0.1 --allow @kept --record hard 127.0.0.1 0
	[ "${stderr_lines[0]}" = 'usock: listen: --record: would overwrite hard, which is read (--allow)' ]
	[ "${stderr_lines[1]}" = 'usock: hint: each wants a file of its own' ]
	[ "$(cat kept)" = kept ]
}

@test "outputs that append may share a file with standard output, and a device is no file" {
	usock_listens server -k --echo
	echo hi | usock connect --transcript out --append 127.0.0.1 "$port" >>out
	[ "$(grep -c hi out)" = 3 ]
	echo hi | usock connect --events /dev/null --record /dev/null 127.0.0.1 "$port" >/dev/null
}

@test "a recording is not written over while it is played" {
	usock_listens server -k --echo
	echo hi | usock connect --record talk 127.0.0.1 "$port" >out
	cp talk kept
	run -2 --separate-stderr usock replay talk --events ./talk
	[ "${stderr_lines[0]}" = 'usock: replay: --events: would overwrite ./talk, which is a recording' ]
	# a recording that was written by something else
	tail -n +2 talk >other
	cp other kept
	run -2 --separate-stderr usock replay other --pcap ./other
	[ "${stderr_lines[0]}" = 'usock: replay: --pcap: would overwrite ./other, which is read (the recording)' ]
	cmp other kept
}

# keeps OPTION... FILE REASON: usock connect does not write over FILE.
keeps() {
	local words=("${@:1:$#-2}") file="${*: -2:1}"
	local name="${words[-1]%%=*}"
	[[ ${words[-1]} == *= ]] && words[-1]+=$file || words+=("$file")
	cp "$file" copy
	run -2 --separate-stderr usock connect "${words[@]}" 127.0.0.1 9
	[ "${stderr_lines[0]}" = "usock: connect: $name: would overwrite $file, which is ${*: -1}" ] || fail "$stderr" || return
	cmp "$file" copy
}

@test "an output does not destroy a script, a recording or a key that has its name by mistake" {
	local options
	usock_listens server -k --echo
	echo 'puts hi' >a.us
	printf '#!/bin/sh\n' >tool
	printf -- '-----BEGIN PRIVATE KEY-----\n' >key
	echo hi | usock connect --record talk --pcap packets 127.0.0.1 "$port" >out
	for options in --record --pcap --events --hexdump= --transcript "--tls --keylog" "--tls --save-chain" "--tls --session"; do
		# shellcheck disable=SC2086 # words
		keeps $options a.us 'a script'
		# shellcheck disable=SC2086 # words
		keeps $options tool 'a script'
	done
	keeps --pcap talk 'a recording'
	keeps --append --transcript talk 'a recording'
	keeps --record key 'a key or a certificate'
	keeps --tls --keylog key 'a key or a certificate'
	# what was made by the option before
	echo again | usock connect --record talk --pcap packets 127.0.0.1 "$port" >out
	grep -q '"again' talk
}

# --- results on standard output are never dropped ------------------------------

# results_of N ARG...: at least N lines come through a pipe that is read late, none of them cut.
results_of() {
	local least=$1
	shift
	start it "$python" -IS pipe.py 1 never "$USOCK" "$@"
	eventually test -e never.held
	lives "$pid"
	: >never
	finish "$pid"
	[ "$(wc -l <never.got)" -ge "$least" ] || fail "$(wc -l <never.got) lines"
}

@test "scan lines wait for who reads late" {
	results_of 1000 connect -z 127.0.0.1 20000-20999
	[ "$(grep -c -E '^127.0.0.1 +[0-9]+ closed ' never.got)" = 1000 ]
}

@test "TAP lines wait for who reads late" {
	printf 'for {set i 0} {$i < 2000} {incr i} {test "number $i" {}}\n' >t.us
	results_of 2001 run --tap t.us
	says_exactly never.got 1..2000
}

@test "results for a non-blocking standard output are whole" {
	local how
	for how in "connect -z 127.0.0.1 20000-20999" "status"; do
		rm -f never never.got
		# shellcheck disable=SC2086 # words
		start it "$python" -IS pipe.py 1 never --nonblock "$USOCK" $how
		: >never
		finish "$pid"
		[ "$status" = 1 ] || [ "$status" = 0 ] || fail "$how: $status: $(cat it.err)"
	done
}

@test "results that nobody reads end with a signal and with --timeout" {
	start it "$python" -IS pipe.py 1 never "$USOCK" connect -z 127.0.0.1 20000-20999
	eventually test -e never.held
	kill "$pid"
	finish "$pid"
	status_is 143
	start it "$python" -IS pipe.py 1 never "$USOCK" connect -z --timeout 0.5 127.0.0.1 20000-20999
	finish "$pid"
	status_is 124
	printf 'for {set i 0} {$i < 2000} {incr i} {test "number $i" {}}\n' >t.us
	start it "$python" -IS pipe.py 1 never "$USOCK" run --tap --timeout 0.5 t.us
	finish "$pid"
	status_is 124
}

@test "results that go to who has gone end as SIGPIPE does" {
	status=0
	{ usock connect -z 127.0.0.1 20000-20999 2>err || echo $? >status; } | head -n 1 >out
	[ "$(cat status)" = 141 ]
	is_empty err
}
