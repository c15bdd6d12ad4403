# usock connect with datagrams: -u, unix and seqpacket sockets, and --framing.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016

load ../lib/common
load ../lib/dgram

client() { # ARG...
	start client "$USOCK" connect "$@"
	client=$pid
}

endless() { # NAME
	mkfifo "$1"
	exec 8<>"$1"
}

@test "a line is a datagram, LF included, and replies are written as they are" {
	dgram_peer peer 127.0.0.1:0 show:2 reply:one 'reply:two\n'
	run -0 usock connect -u --after-eof 500ms 127.0.0.1 "$port" < <(printf 'ping\nlast')
	[ "$output" = $'onetwo' ]
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '%s\n' "b'ping\\n'" "b'last'")" ]
}

@test "udp: in front of the address says the same" {
	dgram_peer peer 127.0.0.1:0 echo:1
	run -0 usock connect --after-eof 500ms "udp:127.0.0.1:$port" <<<ping
	[ "$output" = ping ]
}

@test "with --framing line each datagram is a line of output" {
	dgram_peer peer 127.0.0.1:0 show:1 reply:one 'reply:two\n' reply:
	usock connect -u --framing line --after-eof 500ms 127.0.0.1 "$port" <<<ping >out
	[ "$(od -An -c out | tr -d ' \n')" = 'one\ntwo\n\n' ]
}

@test "hex and nul stand in output as they are read" {
	dgram_peer peer 127.0.0.1:0 echo:0
	printf '00 ff\n\n0a\n' | usock connect -u --framing hex --after-eof 500ms 127.0.0.1 "$port" >out
	[ "$(cat out)" = $'00ff\n\n0a' ]
	printf 'a\0\0b\0' | usock connect -u --framing nul --after-eof 500ms 127.0.0.1 "$port" >out
	[ "$(od -An -c out | tr -d ' \n')" = 'a\0\0b\0' ]
}

sizes_go_both_ways() { # WHERE HOST SIZE...
	dgram_peer peer "$1" echo:0
	len16 "${@:3}" >sent
	usock connect -u --framing len16 --after-eof 2s "$2" "$port" <sent >received
	cmp sent received
}

# A peer in C beside the one in Python, which sees the datagrams through an interpreter.
c_peer_echoes() { # HOST SIZE...
	c_peer peer echo "$1"
	printed peer
	len16 "${@:2}" >sent
	usock connect -u --framing len16 --after-eof 2s "$1" "$port" <sent >received
	cmp sent received
	usock sendto --framing len16 --wait 2s "$1" "$port" <sent >received
	cmp sent received
}

@test "a peer in C gets datagrams of every size, and its own come whole: IPv4" {
	c_peer_echoes 127.0.0.1 0 1 1472 9000 65507 0 1
	run -1 usock connect -u --framing len16 127.0.0.1 "$port" < <(len16 65508)
	[[ "${lines[0]}" == *"datagram of 65508 bytes: Message too long" ]]
}

@test "a peer in C gets datagrams of every size, and its own come whole: IPv6" {
	has_ipv6 || skip "no IPv6 here"
	c_peer_echoes ::1 0 1 1472 9000 65507 65508 0 1
	run -1 usock connect -u --framing len16 ::1 "$port" < <(len16 65528)
	[[ "${lines[0]}" == *"datagram of 65528 bytes: Message too long" ]]
}

@test "datagrams of 0 to 65507 bytes go both ways and keep their limits" {
	sizes_go_both_ways 127.0.0.1:0 127.0.0.1 0 1 1472 0 9000 65507 64 64 64 3
	run -1 usock connect -u --framing len16 127.0.0.1 "$port" < <(len16 65508)
	[ "${lines[0]}" = "usock: send 127.0.0.1:$port: datagram of 65508 bytes: Message too long" ]
	[[ "${lines[1]}" == *"65507 bytes over IPv4"* ]]
}

@test "... and of 0 to 65508 over IPv6" {
	has_ipv6 || skip "no IPv6"
	sizes_go_both_ways '[::1]:0' ::1 0 1 1472 9000 65507 65508 2
	run -1 usock connect -u --framing len16 ::1 "$port" < <(len16 65528)
	[[ "${lines[1]}" == *"65527 bytes over IPv6"* ]]
}

# What usock sends arrives whole at another tool, and what that sends at usock.
to_tool_and_back() { # TOOL SIZE...
	local size
	for size in "${@:2}"; do
		head -c "$size" /dev/urandom >data
		tool_hears "$1"
		usock connect -u --framing whole --after-eof 0 127.0.0.1 "$port" <data
		eventually cmp -s data tool.out
		kill -TERM -- "-$pid"
		finish "$pid"
	done
}

tool_hears() { # TOOL
	need "$1"
	case $1 in
	socat) start tool socat -u -b70000 UDP4-RECV:0,bind=127.0.0.1 STDOUT ;;
	ncat) start tool ncat -u -l --recv-only 127.0.0.1 "$(free_udp_port)" ;;
	esac
	has_udp_port "$pid"
}

@test "socat gets what is sent, of every size" {
	to_tool_and_back socat 1 1472 9000 65507
}

@test "ncat gets what is sent, of every size that it can take" {
	# 7.95 cuts what is longer
	to_tool_and_back ncat 1 1472 8192
}

@test "what socat sends comes whole, of every size" {
	need socat
	local size theirs ours
	for size in 1 1472 9000 65507; do
		head -c "$size" /dev/urandom >data
		theirs=$(free_udp_port)
		ours=$(free_udp_port)
		client -u --recv-only -p "$ours" --max-bytes "$size" 127.0.0.1 "$theirs"
		has_udp_port "$pid"
		socat -u -b70000 STDIN "UDP4-SENDTO:127.0.0.1:$ours,bind=127.0.0.1:$theirs" <data
		finish "$client"
		cmp data client.out
	done
}

@test "nc.openbsd talks with us, both ways" {
	need nc.openbsd
	port=$(free_udp_port)
	endless theirs
	from=theirs start tool nc.openbsd -u -l 127.0.0.1 "$port"
	has_udp_port "$pid"
	mkfifo ours
	exec 7<>ours
	from=ours client -u 127.0.0.1 "$port"
	echo ping >&7
	eventually grep -q -x ping tool.out
	echo pong >&8
	eventually grep -q -x pong client.out
	echo again >&7
	eventually grep -q -x again tool.out
}

@test "socat sends back what it gets over IPv6, of every size" {
	has_ipv6 || skip "no IPv6"
	need socat
	local size
	for size in 1 1472 9000 65507 65508; do
		head -c "$size" /dev/urandom >data
		start tool socat -b70000 'UDP6-LISTEN:0,bind=[::1]' PIPE
		has_udp_port "$pid"
		usock connect -u --framing whole --after-eof "${patience}s" --max-bytes "$size" ::1 "$port" <data >out
		cmp data out
		kill -TERM -- "-$pid"
		finish "$pid"
	done
}

# A loaded machine stops a receiver for longer than a usual buffer lasts, so both have a large one.
@test "100,000 datagrams of 512 bytes arrive all and in order, and come back so" {
	local patience=$((6 * patience))
	[ "$(id -u)" = 0 ] || skip "a large receive buffer wants root"
	"$python" -IS -c '
import sys
for i in range(100000): sys.stdout.write("%010d" % i + "x" * 502)' >sent
	dgram_peer peer 127.0.0.1:0 numbered:100000:512
	local peer=$pid
	usock sendto --framing chunk=512 --rate 12M 127.0.0.1 "$port" <sent
	is_content "$peer" peer
	theirs=$(free_udp_port)
	client -u --recv-only -o SOL_SOCKET:33=134217728 --max-bytes 51200000 127.0.0.1 "$theirs"
	has_udp_port "$client"
	usock sendto --connected -s 127.0.0.1 -p "$theirs" --framing chunk=512 --rate 12M 127.0.0.1 "$port" <sent
	finish "$client"
	[ "$status" = 0 ]
	cmp sent client.out
}

@test "replies are waited for: a second of silence, or --after-eof; the end is quiet" {
	dgram_peer peer 127.0.0.1:0 show:1 file:go 'reply:late\n'
	client -uv --after-eof 5s 127.0.0.1 "$port"
	# the test's stdin is nothing, so this one only receives
	eventually udp_port_of "$client" >own
	kill -TERM "$client"
	finish "$client"
	from=question start_question
	eventually has_line peer.out "b'q"
	touch go
	finish "$client"
	[ "$status" = 0 ]
	[ "$(cat client.out)" = late ]
	grep -q ': end=quiet sent=2 received=5 datagrams-sent=1 datagrams-received=1 ' client.err
}

start_question() {
	echo q >question
	client -uv --after-eof 2s 127.0.0.1 "$port"
}

@test "without --after-eof silence lasts a second" {
	dgram_peer peer 127.0.0.1:0 show:1 quiet:0.1
	local before=${EPOCHREALTIME/./}
	usock connect -u 127.0.0.1 "$port" <<<ping
	((${EPOCHREALTIME/./} - before >= 990000))
}

@test "--after-eof 0 leaves at once, and everything is sent" {
	dgram_peer peer 127.0.0.1:0 sizes:100
	seq -w 100 | usock connect -u --after-eof 0 127.0.0.1 "$port"
	is_content "$pid" peer
}

@test "nobody listens: refused, with the address" {
	port=$(free_udp_port)
	run -1 usock connect -uv 127.0.0.1 "$port" <<<ping
	[[ "$output" == *": end=refused "* ]]
	[[ "$output" == *"usock: send 127.0.0.1:$port: Connection refused" ]]
	run -1 usock connect -u --send-only 127.0.0.1 "$port" <<<ping
	[ "$output" = "usock: send 127.0.0.1:$port: Connection refused" ]
}

@test "a datagram without a byte is data: it neither ends nor is lost" {
	dgram_peer peer 127.0.0.1:0 show:2 reply: 'reply:after\n'
	run -0 usock connect -uv --framing hex --after-eof 500ms 127.0.0.1 "$port" < <(printf '\n61\n')
	[[ "$output" == *$'\n\n61667465720a\n'* ]]
	[[ "$output" == *"datagrams-sent=2 datagrams-received=2 "* ]]
}

@test "input that stays open keeps it open" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:one\n' show:1 'reply:two\n'
	endless input
	from=input client -u 127.0.0.1 "$port"
	echo a >&8
	eventually has_line client.out one
	echo b >&8
	eventually has_line client.out two
	kill -INT "$client"
	finish "$client"
	[ "$status" = 130 ]
}

@test "--idle-timeout and --timeout end it with 124" {
	dgram_peer peer 127.0.0.1:0 echo:0
	endless input
	run -124 usock connect -u -i 200ms 127.0.0.1 "$port" <&8
	[[ "$output" == *"usock: wait 127.0.0.1:$port: timed out: idle for 0.2 s" ]]
	run -124 usock connect -u --timeout 200ms 127.0.0.1 "$port" <&8
	[[ "$output" == *"timed out (--timeout)" ]]
}

@test "--max-bytes stops with the datagram that reaches it, each way" {
	dgram_peer peer 127.0.0.1:0 show:3 quiet:0.3
	printf 'aaa\nbbb\nccc\nddd\n' | usock connect -u --after-eof 0 --max-bytes 9 127.0.0.1 "$port"
	is_content "$pid" peer
	dgram_peer peer2 127.0.0.1:0 show:1 reply:12345 reply:12345 reply:12345
	run -0 usock connect -uv --max-bytes 8 127.0.0.1 "$port" < <(echo a && sleep 10 3>&-)
	[[ "$output" == *1234512345* ]]
	[[ "$output" == *" end=limit sent=2 received=10 "* ]]
}

@test "--delay is between datagrams" {
	dgram_peer peer 127.0.0.1:0 show:3
	local before=${EPOCHREALTIME/./}
	printf 'a\nb\nc\n' | usock connect -u --after-eof 0 --delay 100ms 127.0.0.1 "$port"
	((${EPOCHREALTIME/./} - before >= 190000))
}

@test "-C makes line ends of CR LF, -x shows the bytes" {
	dgram_peer peer 127.0.0.1:0 show:2
	run -0 usock connect -uCx --after-eof 0 127.0.0.1 "$port" < <(printf 'a\nb\r\n')
	is_content "$pid" peer
	[ "$(got peer | tr -d '\n')" = "b'a\\r\\n'b'b\\r\\n'" ]
	[[ "${lines[0]}" == "> 00000000  61 0d 0a "* ]]
}

@test "--recv-only sends nothing, --send-only drops what comes" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:no\n'
	run -0 usock connect -u --send-only 127.0.0.1 "$port" <<<hi
	[ "$output" = "" ]
	is_content "$pid" peer
}

@test "a program talks in records, and its end is the end" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:answer\n' show:1
	run -7 usock connect -uv 127.0.0.1 "$port" -- \
		sh -c 'echo question; read -r a; echo "got $a"; exit 7'
	is_content "$pid" peer
	[ "$(got peer | tr -d '\n')" = "b'question\\n'b'got answer\\n'" ]
	[[ "$output" == *": end=child-exit sent=20 received=7 datagrams-sent=2 datagrams-received=1 "*" exit=7"* ]]
}

@test "a standard output that nobody reads any more ends it as SIGPIPE does" {
	dgram_peer peer 127.0.0.1:0 echo:0
	(while :; do echo x && sleep 0.01; done 3>&-) 2>/dev/null |
		usock connect -u 127.0.0.1 "$port" | head -c 1
	[ "${PIPESTATUS[1]}" = 141 ]
}

@test "a slow standard output holds up to a limit, and what the kernel drops is told" {
	dgram_peer peer 127.0.0.1:0 show:1 flood:3000:10000 touch:flooded
	mkfifo slow
	exec 8<>slow
	to=slow client -u --after-eof 2s 127.0.0.1 "$port"
	eventually udp_port_of "$client" >own
	kill -TERM "$client"
	finish "$client"
	echo q >question
	from=question to=slow client -uv --after-eof 2s 127.0.0.1 "$port"
	eventually test -e flooded
	cat <&8 >sink 3>&- 7>&- 8>&- &
	reader=$!
	finish "$client"
	kill "$reader"
	[ "$status" = 0 ]
	grep -q 'usock: recv: [0-9]* datagrams dropped by the kernel (receive buffer full); -o SO_RCVBUF=4M' client.err
}

@test "an end event has the datagrams" {
	dgram_peer peer 127.0.0.1:0 echo:0
	printf 'a\nbb\n' | usock connect -u --events events --after-eof 300ms 127.0.0.1 "$port"
	grep -q '"end":"quiet","sent":5,"received":5,"datagrams_sent":2,"datagrams_received":2,"seconds"' events
}

@test "--json makes objects of datagrams, in digits where they are no text" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:one\n' 'reply:\xff\x00'
	usock connect -u --json --after-eof 300ms 127.0.0.1 "$port" <<<hi >out 2>err
	[ "$(cat out)" = '{"from":"127.0.0.1:'"$port"'","bytes":4,"data":"one\n"}
{"from":"127.0.0.1:'"$port"'","bytes":2,"hex":"ff00"}' ]
}

@test "a seqpacket connection keeps records, and has an end" {
	dgram_peer peer seqpacket:sock show:2 reply:one reply:two
	run -0 usock connect -v --type seqpacket --framing line unix:sock < <(printf 'a\nb\n')
	is_content "$pid" peer
	[ "$(got peer | tr -d '\n')" = "b'a\\n'b'b\\n'" ]
	[[ "$output" == *$'\none\ntwo\n'* ]]
	[[ "$output" == *": end=peer-fin sent=4 received=6 datagrams-sent=2 datagrams-received=2 "* ]]
}

@test "a seqpacket peer that stays silent is a time-out, and its end is seen while input is open" {
	dgram_peer peer seqpacket:sock show:1 file:go
	run -124 usock connect --type seqpacket --after-eof 200ms unix:sock <<<a
	[[ "$output" == *"timed out: after the end of input, silent for 0.2 s" ]]
	touch go
	finish "$pid"
	dgram_peer peer2 seqpacket:sock2 show:1
	endless input
	from=input client --type seqpacket unix:sock2
	echo a >&8
	finish "$client"
	[ "$status" = 0 ]
}

@test "unix datagrams are sent to a path" {
	dgram_peer peer unix:sock show:2
	printf 'a\nb\n' | usock connect --type dgram --after-eof 0 unix:sock
	is_content "$pid" peer
	[ "$(got peer | tr -d '\n')" = "b'a\\n'b'b\\n'" ]
}

@test "more than any buffer takes waits for room on a unix socket, and nothing is lost" {
	dgram_peer peer unix:sock numbered:5000:512
	"$python" -IS -c '
import sys
for i in range(5000): sys.stdout.write("%010d" % i + "x" * 502)' |
		usock connect --type dgram --framing chunk=512 --after-eof 0 unix:sock
	is_content "$pid" peer
}

@test "what makes no sense with datagrams, or with streams, is a usage error" {
	run -2 usock connect -u --telnet 127.0.0.1 9
	[ "$output" = "usock: connect: --telnet: not with datagrams" ]
	run -2 usock connect -u --framing chunk=0 127.0.0.1 9
	[[ "$output" == "usock: connect: --framing: chunk: '0' is not in 1-1048576" ]]
}
