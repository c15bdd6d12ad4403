# record in a script and at the prompt: a recording that begins and ends while sockets are open.
# shellcheck disable=SC2016 # scripts

load ../lib/tls
load ../lib/recording
start_fast

setup_file() {
	make_identities
}

# Runs the script with files allowed.
recording() { # SCRIPT [ARG...]
	usock run --allow-files -c "$@"
}

# A server that echoes lines, and how to get at it.
echo_server='
	set l [server 127.0.0.1:0 {h address port} {while {[set line [$h readline]] ne ""} {$h sendall $line}; $h close}]
	proc to_echo {args} {connect {*}$args 127.0.0.1 [lindex [$::l getsockname] 1]}
'

@test "sockets that are open, and those that are opened later, are recorded until it stops" {
	recording "$echo_server"'
		set before [to_echo]
		$before sendall "early\n"
		$before readline
		record start talk.rec
		$before sendall "one\n"
		$before readline
		set after [to_echo]
		$after sendall "two\n"
		$after readline
		$after shutdown w
		$after readall
		$after close
		record stop
		$before sendall "late\n"
		$before readline
	'
	diff <(lines_of talk.rec | grep -E '^(recording|[13] )' | sort) - <<-'END'
		1 open client stream
		1 received "one\n"
		1 sent "one\n"
		3 close peer-fin
		3 end received
		3 end sent
		3 open client stream
		3 received "two\n"
		3 sent "two\n"
		recording 1 run
	END
	lines_of talk.rec | grep -q -x '4 open server stream'
	grep -q -E '"c":1,.*"local":"tcp:127.0.0.1:[0-9]+","peer":"tcp:127.0.0.1:[0-9]+"' talk.rec
	[ "$(stat -c %a talk.rec)" = 600 ]
}

@test "what a script has recorded is played to it, and the script does not notice" {
	cat >client.us <<-'END'
		if {[llength $argv] > 1} {record start [lindex $argv 1]}
		set s [connect 127.0.0.1 [lindex $argv 0]]
		$s sendall "HELO me\r\n"
		puts [$s readline]
		$s sendall [string repeat x 100000]
		$s shutdown w
		puts [string length [$s readall]]
	END
	usock_listens server -k --once 1 --echo
	usock run --allow-files client.us "$port" talk.rec >recorded
	finish "$pid"
	start player "$USOCK" replay --ready-file player.ready talk.rec 127.0.0.1:0
	is_ready player
	usock client.us "$port" >played
	finish "$pid"
	cmp recorded played
	grep -q '^100000$' played
}

@test "a recording of both ends is drawn as one connection, and listed as two" {
	recording "$echo_server"'
		record start talk.rec
		set s [to_echo]
		$s sendall "once\n"
		$s readline
		$s close
	'
	[ "$(usock replay --show talk.rec | grep -c once)" = 4 ]
	[ "$(usock replay --svg talk.rec | grep -c '>once<')" = 2 ]
	[ "$(usock replay --svg talk.rec | grep -c '>connects<')" = 1 ]
}

@test "a second start and a stop of nothing are refused, and record status tells what is the case" {
	run -0 recording "$echo_server"'
		puts [record status]
		puts [catch {record stop} message]:$message
		record start talk.rec
		set s [to_echo]
		set now [record status]
		puts "[dict get $now state] [dict get $now file] [dict get $now connections]"
		puts [expr {[dict get $now bytes] == [file size talk.rec]}]
		puts [catch {record start other.rec} message]:$message
		record stop
		puts [record status]
		puts [catch {record begin} message]:$message
		puts [catch {record stop now} message]:$message
	'
	diff - <(echo "$output") <<-'END'
		state off
		1:record stop: nothing is being recorded
		on talk.rec 1
		1
		1:record start: talk.rec is being recorded
		state off
		1:bad subcommand "begin": must be start, status, or stop
		1:wrong # args: should be "record stop"
	END
	[ ! -e other.rec ]
}

@test "a script may not record without --allow-files, nor into a folder that is not there" {
	run -2 usock -c 'record start talk.rec'
	[ "$output" = 'usock: -c:1: record: not allowed without --allow-files' ]
	run -8 recording 'record start missing/talk.rec'
	[[ $output == *'record start: open missing/talk.rec: No such file or directory' ]]
}

@test "a full disk ends the recording with a message, and leaves the connections alone" {
	run -8 --separate-stderr recording "$echo_server"'
		set s [to_echo]
		record start /dev/full
		$s sendall "hello\n"
		puts -nonewline [$s readline]
		puts [dict get [record status] state]
		puts [catch {record stop} message]:$message
		$s sendall "again\n"
		puts -nonewline [$s readline]
	'
	diff - <(echo "$output") <<-'END'
		hello
		failed
		1:record stop: write /dev/full: No space left on device
		again
	END
	[ "$stderr" = 'usock: the recording has ended: write /dev/full: No space left on device' ]
}

@test "a recording that nobody stops has what happened up to the end of the script" {
	run -4 recording "$echo_server"'
		record start talk.rec
		set s [to_echo]
		$s sendall "hello\n"
		$s expect "no such answer\n"
	'
	lines_of talk.rec | grep -q -x '1 received "hello\\n"'
	lines_of talk.rec | grep -q -x '1 close.*'
}

@test "resets are the peer's or ours, each peer of a datagram socket is a connection, and peeking is not receiving" {
	recording '
		record start talk.rec
		set l [server 127.0.0.1:0 {h address port} {$h readline; $h abort}]
		set s [connect 127.0.0.1 [lindex [$l getsockname] 1]]
		$s sendall "x\n"
		catch {$s readline}
		set u [socket -type dgram]
		$u bind 127.0.0.1 0
		foreach name {a b} {
			set $name [socket -type dgram]
			[set $name] sendto $name {*}[$u getsockname]
			$u recv 10 MSG_PEEK
			$u sendto reply {*}[lindex [$u recvfrom 10] 1]
			puts [[set $name] recv 10]
		}
		$u sendto "" 127.0.0.1 [lindex [$a getsockname] 1]
		puts <[$a recv 10]>
		record stop
	' >out
	diff <(lines_of talk.rec | sort -k 1,1n -s | grep -v '^recording') - <<-'END'
		1 open client stream
		1 sent "x\n"
		1 reset received peer-reset
		2 open server stream
		2 received "x\n"
		2 reset sent
		3 open client datagram
		3 sent "a"
		3 received "reply"
		3 received ""
		4 open server datagram
		4 received "a"
		4 sent "reply"
		4 sent ""
		5 open client datagram
		5 sent "b"
		5 received "reply"
		6 open server datagram
		6 received "b"
		6 sent "reply"
	END
}

@test "TLS is recorded as what it carries, from when it begins" {
	begin_tls
	recording '
		record start talk.rec
		set l [server 127.0.0.1:0 {h address port} {
			$h expect "STARTTLS\n"
			$h sendall "go\n"
			$h starttls -server -cert [lindex $::argv 0] -key [lindex $::argv 1]
			$h sendall "protected [$h readline]"
			$h close
		}]
		set s [connect 127.0.0.1 [lindex [$l getsockname] 1]]
		$s sendall "STARTTLS\n"
		$s readline
		$s starttls -insecure
		$s sendall "hello\n"
		puts [$s readall]
		$s close
	' "${own[1]}" "${own[3]}" 2>messages
	diff <(lines_of talk.rec | grep '^1 ' | sed 's/ TLSv1.*//; s/^\(1 close\).*/\1/') - <<-'END'
		1 open client stream
		1 sent "STARTTLS\n"
		1 received "go\n"
		1 tls
		1 sent "hello\n"
		1 received "protected hello\n"
		1 end received
		1 close
	END
}

@test "messages of WebSocket are records" {
	recording '
		record start talk.rec
		set l [listen --ws 127.0.0.1 0]
		server $l {h address port} {$h ws send -text "got [lindex [$h ws recv] 1]"; $h ws recv}
		set s [connect ws://127.0.0.1:[lindex [$l getsockname] 1]/]
		$s ws send -text hello
		puts [$s ws recv]
		$s ws close
		record stop
	'
	lines_of talk.rec | grep -q -E -x '[0-9] open client records'
	lines_of talk.rec | grep -q -E -x '[0-9] sent "hello"'
	lines_of talk.rec | grep -q -E -x '[0-9] received "got hello"'
}

@test "record start does not write over a script, and one that may not read files learns nothing of them" {
	echo 'record start [lindex $argv 0]' >begin.us
	cp begin.us kept
	run -2 --separate-stderr usock run --allow-files begin.us begin.us
	[ "${stderr_lines[0]}" = 'usock: begin.us:1: record start: would overwrite begin.us, which is a script' ] || fail "$stderr"
	cmp begin.us kept
	for file in begin.us missing; do
		run -2 --separate-stderr usock -c "connect --tls --keylog $file 127.0.0.1 9"
		[ "${stderr_lines[0]}" = 'usock: -c:1: connect: --keylog: not allowed without --allow-files' ] || fail "$stderr"
	done
	cmp begin.us kept
}
