# listen --forward: each client is connected to an address.

load ../lib/tls

setup_file() {
	make_identities
}

# Starts a target that serves one client by these steps; sets $target.
target_is() { # STEP...
	start_peer target listen 127.0.0.1:0 "$@"
	target_pid=$pid
	listening
	target=127.0.0.1:$port
}

# Starts a server that forwards to the target.
forwards() { # ARG...
	serve "$@" --forward "$target" 127.0.0.1 0
}

# A client is reset, perhaps before it has made its first step.
is_reset() {
	peer after-reset 2>peer.err || says peer.err 'Connection reset by peer'
}

target_ends() {
	finish "$target_pid"
	status_is 0
}

# The target is an echo of usock.
echo_is() { # ARG...
	usock_listens echo -k --echo "$@"
	target=127.0.0.1:$port
}

@test "what a client sends goes to the target, and the answer comes back" {
	target_is recv:5 send:world eof close
	forwards -k
	peer send:hello recv:5 shut eof
	target_ends
	server_lives
}

@test "the client's half-close is passed on at once, and a late answer still comes" {
	target_is eof file:go send:late close
	forwards -k
	start_peer client connect "127.0.0.1:$port" send:question shut recv:4 eof
	client=$pid
	eventually has_tcp close-wait "sport = :${target##*:}"
	touch go
	finish "$client"
	status_is 0
	target_ends
}

@test "the target's half-close is passed on at once, and the client goes on sending after seconds" {
	target_is send:banner shut recv:4 eof close
	forwards -k
	peer recv:6 eof pause:1.5 send:more close
	target_ends
	server_lives
}

@test "a reset of the target resets the client, after what came before" {
	target_is send:half recv:1 reset
	forwards -k
	peer recv:4 send:x after-reset
	target_ends
	eventually has_line server.err "forward $target: Connection reset by peer"
}

@test "a reset of the client resets the target, after what came before" {
	target_is recv:4 after-reset
	forwards -k
	peer send:half pause:0.3 reset
	target_ends
}

@test "an answer that a target gives before it ends with bytes unread arrives" {
	target_is send:413 touch:said pause:0.2 reset
	forwards -k
	peer send:0123456789 recv:3 after-reset
	target_ends
}

@test "a target that refuses resets the client with a message, and the server lives" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	target=127.0.0.1:$port
	forwards -k
	is_reset
	eventually has_line server.err "^usock: connect $target: Connection refused$"
	is_reset
	server_lives
	eventually has_events 2 end end error
}

@test "without -k one client is served: the status is 0, or 1 for a target that refuses" {
	target_is recv:2 send:ok close
	forwards
	peer send:hi recv:2 shut eof
	server_ends 0
	start_peer bound bound 127.0.0.1:0
	printed bound
	target=127.0.0.1:$port
	forwards
	is_reset
	server_ends 1
	says server.err "^usock: connect $target: Connection refused$"
}

@test "a target that does not answer is given up after --connect-timeout, and others are served meanwhile" {
	start_peer full full 127.0.0.1:0
	printed full
	full=$port
	echo_is
	serve -k -w 1 --forward "127.0.0.1:$full" --forward "$target" 127.0.0.1 0
	start_peer slow connect "127.0.0.1:$port" send:a recv:1 close
	slow=$pid
	timed peer send:b recv:1 close
	within 800
	finish "$slow"
	status_is 0
	says server.err "connect 127.0.0.1:$full: timed out after 1 s; 127.0.0.1:$full is left out"
}

@test "several targets take turns, and a dead one is left out and tried again later" {
	usock_listens one -k --sh 'echo one'
	one=127.0.0.1:$port
	usock_listens two -k --sh 'echo two'
	two=127.0.0.1:$port
	two_pid=$pid
	serve -k --forward "$one" --forward "$two" 127.0.0.1 0
	peer save:first && peer save:second && peer save:third
	text_is first 'one\n'
	text_is second 'two\n'
	text_is third 'one\n'
	kill "$two_pid"
	finish "$two_pid"
	peer save:a && peer save:b && peer save:c
	text_is a 'one\n'
	text_is b 'one\n'
	text_is c 'one\n'
	[ "$(grep -c "is left out" server.err)" = 1 ]
	start two "$USOCK" listen -k --sh 'echo two' "${two/:/ }" 2>/dev/null || :
	back() { peer save:d && peer save:e && cat d e | grep -q two; }
	start again "$USOCK" listen -k --sh 'echo two' "$two"
	eventually back
}

@test "unix to tcp and tcp to unix" {
	echo_is
	serve -k --forward "$target" unix:front
	peer send:up recv:2 shut eof
	start back "$USOCK" listen -k --echo --ready-file back.ready unix:back
	eventually test -e back.ready
	serve -k --forward unix:back 127.0.0.1 0
	peer send:up recv:2 shut eof
}

@test "a TLS client is connected to a plain target" {
	begin_tls
	echo_is
	serve -k --tls "${own[@]}" --forward "$target" 127.0.0.1 0
	echo secret | usock connect --tls "${trust[@]}" localhost "$port" >out
	text_is out 'secret\n'
}

@test "tls: verifies the target, whose certificate must be known" {
	begin_tls
	echo_is --tls "${own[@]}"
	target=localhost:$port
	SSL_CERT_FILE=$c/root.crt serve -k --forward "tls:$target" 127.0.0.1 0
	echo secret | usock connect 127.0.0.1 "$port" >out
	text_is out 'secret\n'
	serve -k --forward "tls:$target" 127.0.0.1 0
	peer send:secret after-reset
	eventually has_line server.err "^usock: tls 127.0.0.1:.*: the certificate"
	says server.err "^usock: hint: SSL_CERT_FILE "
}

@test "a client that does not read holds up nobody, and no memory grows" {
	echo_is
	forwards -k
	start_peer stuck connect "127.0.0.1:$port" zeros:4000000 pause:60
	eventually has_events 1 accepted
	timed peer send:b recv:1 close
	within 500
	server_lives
}

@test "64 MiB pass unchanged, both ways at once" {
	head -c 67108864 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null >data
	echo_is
	forwards -k
	usock connect 127.0.0.1 "$port" <data >out
	cmp data out
}

@test "socat and ncat are clients and targets" {
	need socat ncat
	start target socat -t 20 TCP4-LISTEN:0,bind=127.0.0.1,fork EXEC:cat
	listening
	target=127.0.0.1:$port
	forwards -k
	[ "$(echo one | socat -t 20 - "TCP4:127.0.0.1:$port")" = one ]
	[ "$(echo two | ncat 127.0.0.1 "$port")" = two ]
	start target ncat -l --recv-only 127.0.0.1 0
	target_pid=$pid
	listening
	target=127.0.0.1:$port
	forwards -k
	echo three | ncat --send-only 127.0.0.1 "$port"
	target_ends
	text_is target.out 'three\n'
}

@test "1,000 clients leave no descriptor" {
	local before
	echo_is
	forwards -k
	many sequence 1 hello hello
	eventually has_events 1 end
	before=$(find "/proc/$server/fd" -type l | wc -l)
	many sequence 1000 hello hello >out
	says out "^right 1000"
	eventually has_events 1001 end
	[ "$(find "/proc/$server/fd" -type l | wc -l)" = "$before" ]
}

@test "SIGTERM resets clients and targets in the middle" {
	target_is recv:1 after-reset
	forwards -k
	start_peer client connect "127.0.0.1:$port" send:x after-reset
	client=$pid
	eventually has_tcp established "sport = :${target##*:}"
	eventually has_events 1 accepted
	server_ends_by TERM 143
	finish "$client"
	status_is 0
	target_ends
}

@test "an idle time-out ends both sides" {
	target_is after-reset
	forwards -k -i 0.3
	is_reset
	target_ends
	eventually has_line server.err "timed out: idle for 0.3 s"
}

@test "options that make no sense together are refused" {
	refuses() { # TEXT ARG...
		status=0
		usock listen "${@:2}" 2>err || status=$?
		status_is 2
		says err "$1"
	}
	refuses "forward.*echo|echo.*forward" -k --echo --forward 127.0.0.1:1 0
	refuses "forward.*program|program.*forward" -k --forward 127.0.0.1:1 0 -- cat
	refuses "forward.*recv-only|recv-only.*forward" --forward 127.0.0.1:1 --recv-only 0
	refuses "^usock: listen: --forward: only with streams" -u --forward 127.0.0.1:1 0
	refuses "^usock: listen: --forward: '99': the host is missing" --forward 99 0
	refuses "^usock: listen: --forward: 'localhost': the port is missing" --forward localhost 0
	refuses '^usock: listen: --forward: .*fd:3' --forward fd:3 0
	refuses "^usock: listen: --forward: the address is empty" --forward '' 0
	refuses "^usock: listen: --connect-timeout: needs --forward" -k -w 1 0
}
