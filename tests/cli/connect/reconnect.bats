# `usock connect --reconnect`: another connection follows one that has ended.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own
# shellcheck disable=SC2154 # from lib: pid, status, port, patience

load ../lib/common

reconnect() { # ARG...
	usock connect --reconnect --retry-interval 0.05 "$@"
}

server() { # STEP...
	start_peer server listen 127.0.0.1:0 "$@"
	server=$pid
	listening
}

# Starts a client whose input is descriptor 8.
client() { # ARG...
	mkfifo input
	from=input start client "$USOCK" connect --reconnect --retry-interval 0.05 "$@" 127.0.0.1 "$port"
	client=$pid
	exec 8>input
}

@test "after a reset the rest of the input goes to the next connection" {
	server times:2 'recv:6' reset
	client -v
	echo first >&8
	eventually has_line client.err 'reconnecting to 127.0.0.1:'
	eventually has_line client.err 'connected to .* from' 
	echo other >&8
	finish "$server"
	status_is 0
	kill "$client"
	finish "$client"
	has_line client.err 'end=peer-reset'
}

@test "each connection gets what comes while it is there, and nothing twice" {
	server times:3 'recv:4' close
	client -v
	echo one >&8
	eventually connected 2
	echo two >&8
	eventually connected 3
	echo 333 >&8
	finish "$server"
	status_is 0
	kill "$client"
	finish "$client"
	has_line client.err 'end=peer-fin sent=4'
}

connected() { # N: so many connections so far
	[ "$(grep -c 'connected to' client.err)" -ge "$1" ]
}

@test "an input that has ended, and was sent, is the end: status of the last connection" {
	server save:got 'send:bye\n' close
	run -0 reconnect 127.0.0.1 "$port" <<<hello
	[ "$output" = bye ]
	finish "$server"
	text_is got 'hello\n'
}

@test "the input ends while nobody listens: the rest arrives all the same" {
	server 'recv:1' close
	head -c 20000000 /dev/zero >zeros
	from=zeros start client "$USOCK" connect --reconnect --retry-interval 0.05 -v --events events 127.0.0.1 "$port"
	client=$pid
	finish "$server"
	eventually has_line client.err reconnecting
	start_peer second listen "127.0.0.1:$port" save:got close
	second=$pid
	finish "$client"
	status_is 0
	finish "$second"
	sent=$(sed -n 's/.*"end":"peer-[a-z]*","sent":\([0-9]*\).*/\1/p' events | head -n 1)
	[ $((sent + $(stat -c %s got))) = 20000000 ]
}

@test "what the peer has not acknowledged is told" {
	server 'recv:1' pause:1 reset
	head -c 3000000 /dev/zero >zeros
	run -1 --separate-stderr reconnect --retry 0 127.0.0.1 "$port" <zeros
	[[ $stderr == *"usock: 127.0.0.1:$port: "*" bytes were not acknowledged"* ]]
	[[ $stderr == *" bytes of the input were read, but not sent"* || $stderr == *"Connection reset by peer"* ]]
}

@test "--retry limits the attempts, and the bytes left are told" {
	server 'recv:6' close
	client --retry 2
	echo first >&8
	finish "$client"
	status_is 1
	has_line client.err "connect 127.0.0.1:$port: Connection refused"
}

@test "without an input the connections follow each other" {
	server times:3 'send:hello\n' close
	start client "$USOCK" connect --reconnect --recv-only --retry-interval 0.05 127.0.0.1 "$port"
	client=$pid
	finish "$server"
	eventually has_lines client.out 3
	kill "$client"
	finish "$client"
	status_is 143
	text_is client.out 'hello\nhello\nhello\n'
}

has_lines() { # FILE N
	[ "$(wc -l <"$1")" -ge "$2" ]
}

@test "the events tell of it" {
	server times:2 'recv:6' close
	client --events events
	echo first >&8
	eventually has_line events '"event":"reconnecting","id":1,"peer":"127.0.0.1:[0-9]*","end":"peer-fin","unacknowledged":0,"unsent":0,"seconds":0.05'
	eventually has_line events '"event":"connected","id":2'
	kill "$client"
	finish "$client"
	status_is 143
}

@test "--timeout and signals end the wait for the next attempt" {
	server close
	mkfifo input
	exec 8<>input
	run -124 usock connect --reconnect --retry-interval 100 --timeout 0.5 127.0.0.1 "$port" <&8
	finish "$server"
	server close
	from=input start client "$USOCK" connect -v --reconnect --retry-interval 100 127.0.0.1 "$port"
	eventually has_line client.err reconnecting
	kill -INT "$pid"
	finish "$pid"
	status_is 130
}

@test "the first attempt is not repeated without --retry" {
	start_peer free free
	printed free
	run -1 reconnect 127.0.0.1 "$port"
	[ "$output" = "usock: connect 127.0.0.1:$port: Connection refused" ]
}

@test "over TLS, too" {
	usock_listens server -k --tls --self-signed --sh 'read -r line; echo "got $line"'
	client -v --tls --insecure
	echo one >&8
	eventually has_line client.out 'got one'
	eventually connected 2
	echo two >&8
	eventually has_line client.out 'got two'
	kill "$client"
	finish "$client"
	text_is client.out 'got one\ngot two\n'
}

@test "a serial line that is unplugged is opened again" {
	need socat
	start cable socat pty,link=a,raw,echo=0 pty,link=b,raw,echo=0
	cable=$pid
	eventually test -e b
	mkfifo input
	from=input start client "$USOCK" connect -v --reconnect --retry-interval 0.05 tty:a
	client=$pid
	exec 8>input
	eventually has_line client.err 'opened tty:a'
	kill "$cable"
	finish "$cable"
	eventually has_line client.err 'reconnecting to tty:a'
	start cable socat pty,link=a,raw,echo=0 pty,link=b,raw,echo=0
	eventually opened_again
	start other head -n 1 b
	other=$pid
	echo word >&8
	finish "$other"
	has_line other.out word
	exec 8>&-
	finish "$client"
	status_is 0
}

opened_again() {
	[ "$(grep -c 'opened tty:a' client.err)" -ge 2 ]
}

@test "it is refused where it makes no sense" {
	local words
	for words in --scan -u --dtls --telnet '--framing line' '--max-bytes 1' --progress --half-open; do
		# shellcheck disable=SC2086
		run -2 usock connect --reconnect $words 127.0.0.1 1
		# shellcheck disable=SC2086
		run -2 usock connect $words --reconnect 127.0.0.1 1
	done
	run -2 usock connect --reconnect fd:0
	run -2 usock connect --reconnect 127.0.0.1 1 -- cat
	[ "$output" = "usock: connect: --reconnect: not with a program" ]
	run -2 usock connect --reconnect --sh cat 127.0.0.1 1
	run -2 usock connect --reconnect --type seqpacket unix:s
	run -2 usock -c 'connect --reconnect 127.0.0.1 1'
}
