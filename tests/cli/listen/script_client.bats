# listen -k --script FILE: each client runs in a script.
# shellcheck disable=SC2154,SC2016 # status, output and pid are bats' and lib's; scripts

load ../lib/listen
load ../lib/websocket

# Starts the server with the script on standard input of this function; sets $server and $port.
scripts() { # ARG...
	cat >client.us
	serve -k --script client.us "$@" 127.0.0.1 0
}

@test "the client is the current socket, and its address is known" {
	scripts <<-'END'
		send "hello $address $port [expr {$handle in [sockets]}]\n"
		expect -re {(.*)\n}
		send "you said $expect(1)\n"
		close
	END
	printf 'a word\n' >word
	from=word start one "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	status_is 0
	says one.out '^hello 127\.0\.0\.1 [0-9]+ 1$'
	says one.out '^you said a word$'
}

@test "variables belong to one client, global ones to all, and clients take turns" {
	scripts <<-'END'
		global n
		incr n
		set mine $n
		send "$mine\n"
		expect "go\n"
		send "$mine of $n\n"
	END
	local i
	for i in 1 2 3; do
		mkfifo "keys$i"
		from=keys$i start "client$i" "$USOCK" connect 127.0.0.1 "$port"
		exec {keys}>"keys$i"
		eval "keys$i=\$keys"
		eventually has_line "client$i.out" "^$i\$"
	done
	for i in 3 1 2; do
		keys=keys$i
		echo go >&"${!keys}"
		eventually has_line "client$i.out" "^$i of 3\$"
	done
}

@test "a script that fails aborts its client, says where, and the server goes on" {
	scripts <<-'END'
		send "before\n"
		expect "x\n"
		nonsense
	END
	start_peer bad connect "127.0.0.1:$port" recv:7 'send:x\n' after-reset
	finish "$pid"
	status_is 0
	eventually has_line server.err '^usock: script 127\.0\.0\.1:[0-9]+: .*client\.us:3: invalid command name "nonsense"'
	start_peer good connect "127.0.0.1:$port" recv:7 close
	finish "$pid"
	status_is 0
	kill -TERM "$server"
	finish "$server"
	status_is 143
}

@test "over TLS and a unix path" {
	scripts --tls --self-signed <<<'send "secret\n"; close'
	start one "$USOCK" connect --quiet --tls --insecure 127.0.0.1 "$port"
	finish "$pid"
	status_is 0
	text_is one.out 'secret\n'
	start unix "$USOCK" listen -k --script client.us --ready-file unix.ready unix:path
	is_ready unix
	start two "$USOCK" connect unix:path
	finish "$pid"
	text_is two.out 'secret\n'
}

@test "exit ends the server with its status, and --timeout with 124" {
	scripts <<<'send bye; exit 7'
	start one "$USOCK" connect 127.0.0.1 "$port"
	finish "$server"
	status_is 7
	run -124 usock listen -k --timeout 0.2 --script client.us 127.0.0.1 0
}

@test "what a script may do beyond its client is asked for" {
	scripts <<-'END'
		foreach script {{open other.txt} {exec true} {set ::env(PATH)}} {
			if {[catch $script message]} {
				send "$message\n"
			} else {
				send "yes\n"
			}
		}
	END
	echo x >other.txt
	start one "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	says one.out 'not allowed without --allow-files'
	says one.out 'not allowed without --allow-exec'
	has_line one.out yes && fail "$(cat one.out)"
	start free "$USOCK" listen -k --script client.us --allow-files --allow-exec --allow-env \
		--ready-file free.ready 127.0.0.1 0
	is_ready free
	start two "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	text_is two.out 'yes\nyes\nyes\n'
}

@test "a test suite runs beside it, with --while" {
	# shellcheck disable=SC2028
	echo 'send "mock\n"; close' >client.us
	run -0 usock listen -k --script client.us --while '"$USOCK" connect 127.0.0.1 "$USOCK_PORT"' 127.0.0.1 0
	[[ $output == *mock* ]]
}

@test "the memory of many clients is given back" {
	not_counted "memory is other"
	# a sanitizer keeps what is freed for a while
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:quarantine_size_mb=1"
	scripts <<<'send [string repeat x 1000]; close'
	local before after
	clients 1500
	before=$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")
	clients 1500
	after=$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")
	((after < before + 30000)) || fail "$before KiB, then $after KiB"
}

clients() { # N
	"$python" -IS -c '
import socket, sys
for i in range(int(sys.argv[2])):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    n = 0
    while data := s.recv(4096):
        n += len(data)
    assert n == 1000, n
' "$port" "$1"
}

@test "clients have events of their begin and end, with bytes and the reason" {
	scripts <<-'END'
		send "hello\n"
		if {[readline] eq "fail\n"} {
			nonsense
		}
		recv 1
	END
	start_peer one connect "127.0.0.1:$port" recv:6 'send:four\n' shut eof
	finish "$pid"
	status_is 0
	eventually has_events 1 end end peer-fin
	start_peer two connect "127.0.0.1:$port" recv:6 'send:fail\n' after-reset
	finish "$pid"
	eventually has_events 1 end end error
	events_are 2 accepted
	"$python" -IS -c '
import json
ends = [e for e in map(json.loads, open("events")) if e["event"] == "end"]
assert (ends[0]["sent"], ends[0]["received"], ends[1]["received"]) == (6, 5, 5), ends
'
}

@test "--allow and --deny, also with the address in a PROXY header" {
	scripts --proxy-protocol --deny 192.0.2.0/24 <<<'send "$address $port\n"'
	run -0 usock connect --send-proxy --half-close 0 "$(where)"
	[[ $output == '127.0.0.1 '* ]]
	printf 'PROXY TCP4 198.51.100.7 192.0.2.1 4711 80\r\n' >in
	from=in start good "$USOCK" connect "$(where)"
	finish "$pid"
	text_is good.out '198.51.100.7 4711\n'
	printf 'PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n' >in
	from=in start bad "$USOCK" connect "$(where)"
	finish "$pid"
	status_is 1
	is_empty bad.out
}

@test "--max-clients lets the next one wait, or refuses it" {
	scripts --max-clients 1 <<<'send "in\n"; readline'
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	receives 5 in
	receives_nothing 6 0.2
	send_line 5 go
	receives_end 5
	receives 6 in
	exec 5>&- 6>&-
	server_ends_by TERM 143
	scripts --max-clients 1 --refuse <<<'send "in\n"; readline'
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	receives 5 in
	run usock connect --recv-only "$(where)"
	[ "$output" = "" ]
	events_are 1 end end refused
	exec 5>&-
}

@test "--idle-timeout resets a client whose script moves nothing" {
	scripts --idle-timeout 1s <<-'END'
		for {set i 0} {$i < 20} {incr i} {
			send "still here\n"
			after 100
		}
		readline
	END
	start_peer idle connect "127.0.0.1:$port" recv:220 after-reset
	finish "$pid"
	status_is 0
	events_are 1 end end idle-timeout
	says server.err '^usock: script 127\.0\.0\.1:[0-9]+: timed out: idle for 1 s$'
}

@test "--once ends the server with the status of a script that failed" {
	scripts --once 2 <<<'if {[readline] eq "bad\n"} {error "no"}'
	echo good >in
	from=in start one "$USOCK" connect "$(where)"
	finish "$pid"
	status_is 0
	echo bad >in
	from=in start two "$USOCK" connect "$(where)"
	finish "$pid"
	server_ends 1
	run -2 usock connect -z "$(where)" || true
}

@test "the control socket lists and kicks clients, and drains" {
	scripts --control control <<<'send "in\n"; catch {readline} message; puts "over: $message"; after 60000'
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	receives 5 in
	receives 6 in
	echo list | usock connect ./control >listed
	says listed '^ *1 127\.0\.0\.1:[0-9]+ .* 3 +0 +open +script$'
	echo 'kick 1' | usock connect ./control >kicked
	says kicked '^ok'
	eventually has_events 1 end end kicked
	eventually has_line server.out '^over: recv: Bad file descriptor'
	echo 'drain 300ms' | usock connect ./control >drained
	server_ends 124
	events_are 1 end end deadline
	exec 6>&- 5>&-
}

@test "--ws: messages of clients, and the end with its code" {
	need_module websockets
	scripts --ws --subprotocol chat <<-'END'
		while {[llength [set message [$handle ws recv]]]} {
			send "[lindex $message 0] [string toupper [lindex $message 1]]"
		}
	END
	websocket says "ws://127.0.0.1:$port/" one two >client.out
	text_is client.out 'text ONE\ntext TWO\nclose 4003 \n'
	eventually has_events 1 end end peer-fin
	"$python" -IS -c '
import json
end = [e for e in map(json.loads, open("events")) if e["event"] == "end"][0]
assert (end["messages_sent"], end["messages_received"], end["close"]) == (2, 2, 4003), end
'
}

@test "DTLS clients are served, too" {
	scripts --dtls --self-signed <<<'send "got [recv 100]"; recv 1'
	printf 'datagram' >in
	run -0 usock connect --quiet --dtls --insecure --after-eof 1s "$(where)" <in
	[ "$output" = "got datagram" ]
}

@test "--script and what does not go with it" {
	echo close >client.us
	local words
	while read -r -a words; do
		run -2 --separate-stderr usock listen "${words[@]}"
		[[ $stderr == *"usock: listen: --"* ]] || fail "${words[*]}: $stderr"
	done <<-END
		--script client.us 0
		-k --script client.us --echo 0
		-k --script client.us --chat 0
		-k --script client.us --broker 0
		-k --script client.us --framing line 0
		-k --script client.us -u 0
		-k --script client.us --after-eof 1 0
		-k --script client.us --max-children 3 0
		-k --script client.us 0 -- cat
		-k --allow-exec 0
	END
	run -8 --separate-stderr usock listen -k --script missing.us 0
	[[ $stderr == *"open missing.us: No such file"* ]]
}

@test "options that a script would not heed are refused" {
	local args
	echo close >client.us
	for args in "--max-receives 1" "--quit-after 1"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr timeout "$patience" "$USOCK" listen -k --script client.us $args 127.0.0.1 0
		[ "${stderr_lines[0]}" = "usock: listen: --script: not together with ${args% *}" ] || fail "$stderr"
	done
}
