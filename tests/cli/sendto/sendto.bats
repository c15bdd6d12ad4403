# usock sendto, option by option.

load ../lib/common
load ../lib/dgram

@test "each DATA is one datagram, exactly its bytes, and an empty one is one too" {
	dgram_peer peer 127.0.0.1:0 show:4
	usock sendto "127.0.0.1:$port" hello '' 'a b' $'x\ny'
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '%s\n' "b'hello'" "b''" "b'a b'" "b'x\\ny'")" ]
}

@test "the address is one word, or a host and its port" {
	dgram_peer peer 127.0.0.1:0 show:2
	usock sendto 127.0.0.1 "$port" one
	usock sendto "udp:127.0.0.1:$port" two
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '%s\n' "b'one'" "b'two'")" ]
}

@test "without DATA each line of standard input is a datagram with its LF" {
	dgram_peer peer 127.0.0.1:0 show:3
	printf 'one\n\ntwo' | usock sendto 127.0.0.1 "$port"
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '%s\n' "b'one\\n'" "b'\\n'" "b'two'")" ]
}

@test "--framing says what a record is" {
	dgram_peer peer 127.0.0.1:0 show:12
	printf 'a\0\0b' | usock sendto --framing nul 127.0.0.1 "$port"
	printf '00 ff\n\n' | usock sendto --framing hex 127.0.0.1 "$port"
	printf 'x\ny\n' | usock sendto --framing whole 127.0.0.1 "$port"
	printf '\0\2hi' | usock sendto --framing len16 127.0.0.1 "$port"
	printf 'abc' | usock sendto --framing chunk=2 127.0.0.1 "$port"
	printf '\0\0\0\2ho' | usock sendto --framing len32 127.0.0.1 "$port"
	printf '3 a b0 ' | usock sendto --framing octets 127.0.0.1 "$port"
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '%s\n' "b'a'" "b''" "b'b'" "b'\\x00\\xff'" "b''" "b'x\\ny\\n'" \
		"b'hi'" "b'ab'" "b'c'" "b'ho'" "b'a b'" "b''")" ]
}

@test "replies are written as --framing says" {
	dgram_peer peer 127.0.0.1:0 echo:6
	usock sendto --wait 300ms --framing len32 127.0.0.1 "$port" < <(printf '\0\0\0\2ho\0\0\0\0') >out
	text_is out '\0\0\0\2ho\0\0\0\0'
	usock sendto --wait 300ms --framing octets 127.0.0.1 "$port" < <(printf '11 hello world0 ') >out
	text_is out '11 hello world0 '
}

# A packet that wakes up 00:0a:00:0a:00:0a: 102 bytes, with NULs and newlines.
magic_packet() {
	printf '\377\377\377\377\377\377'
	printf '\0\n\0\n\0\n%.0s' {1..16}
}

@test "input with a NUL byte is one datagram, and that is told" {
	dgram_peer peer 127.0.0.1:0 sizes:3
	magic_packet | usock sendto 127.0.0.1 "$port" 2>err
	text_is err 'usock: the input has NUL bytes: all of it is one datagram; --framing line sends lines\n'
	magic_packet | usock connect -u --send-only 127.0.0.1 "$port" 2>err
	says_exactly err 'usock: the input has NUL bytes: all of it is one datagram; --framing line sends lines'
	# in pieces
	{ magic_packet | head -c 50 && sleep 0.2 && magic_packet | tail -c 52; } | usock sendto --quiet 127.0.0.1 "$port" 2>err
	is_empty err
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '102\n102\n102')" ]
}

@test "input with a NUL byte that --framing says to be lines is lines" {
	dgram_peer peer 127.0.0.1:0 sizes:2
	printf 'a\0\nb\n' | usock sendto --framing line 127.0.0.1 "$port" 2>err
	is_empty err
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '3\n2')" ]
}

@test "input with a NUL byte that no datagram holds is an error that says so" {
	dgram_peer peer 127.0.0.1:0 sizes:0
	run -1 usock sendto 127.0.0.1 "$port" < <(head -c 70000 /dev/zero)
	[ "${lines[0]}" = "usock: the input has NUL bytes: all of it is one datagram; --framing line sends lines" ]
	[ "${lines[1]}" = "usock: send 127.0.0.1:$port: datagram of 70000 bytes: Message too long" ]
	[[ "${lines[2]}" == "usock: hint: the limit is 65507 bytes over IPv4; --framing chunk=N "* ]]
}

@test "a malformed record ends it with 8 and its number, after those before it went" {
	dgram_peer peer 127.0.0.1:0 show:1
	run -8 usock sendto --framing hex 127.0.0.1 "$port" < <(printf '61\n6x\n')
	[ "$output" = "usock: record 2: not pairs of hexadecimal digits from byte 1 on" ]
	is_content "$pid" peer
	[ "$(got peer)" = "b'a'" ]
	run -8 usock sendto --framing len16 127.0.0.1 "$port" < <(printf '\0\5abc')
	[ "$output" = "usock: record 1: ends after 3 of 5 bytes" ]
}

@test "a datagram that is too long is an error that tells the limit, and nothing of it is sent" {
	dgram_peer peer 127.0.0.1:0 sizes:1
	run -1 usock sendto --framing whole 127.0.0.1 "$port" < <(head -c 65508 /dev/zero)
	[ "${lines[0]}" = "usock: send 127.0.0.1:$port: datagram of 65508 bytes: Message too long" ]
	[[ "${lines[1]}" == "usock: hint: the limit is 65507 bytes over IPv4; "* ]]
	head -c 65507 /dev/zero | usock sendto --framing whole 127.0.0.1 "$port"
	is_content "$pid" peer
	[ "$(got peer)" = 65507 ]
}

@test "over IPv6 the limit is that of IPv6" {
	has_ipv6 || skip "no IPv6"
	dgram_peer peer '[::1]:0' sizes:1
	run -1 usock sendto --framing whole ::1 "$port" < <(head -c 65528 /dev/zero)
	[[ "${lines[1]}" == "usock: hint: the limit is 65527 bytes over IPv6; "* ]]
	head -c 65527 /dev/zero | usock sendto --framing whole "[::1]:$port"
	is_content "$pid" peer
	[ "$(got peer)" = 65527 ]
}

@test "a record beyond any limit is told before it fills the memory" {
	run -8 usock sendto --framing whole 127.0.0.1 9 < <(head -c 3M /dev/zero)
	[[ "${lines[0]}" == "usock: record 1: "*" bytes and more, the limit is 1048576" ]]
	[ "${lines[1]}" = "usock: hint: --framing chunk=N makes a record of every N bytes" ]
}

@test "--wait prints replies as they are, of whoever sends them" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:one\n' reply: 'other:two' 'reply:three\n'
	run -0 usock sendto --wait 1 127.0.0.1 "$port" hello
	[ "$output" = $'one\ntwothree' ]
}

@test "--wait that sees no reply is a time-out, and lasts as long as it says" {
	dgram_peer peer 127.0.0.1:0 show:1 quiet:0.1
	local before=${EPOCHREALTIME/./}
	run -124 usock sendto --wait 300ms 127.0.0.1 "$port" hello
	((${EPOCHREALTIME/./} - before >= 290000))
	[ "$output" = "usock: wait 127.0.0.1:$port: no reply within 0.3 s" ]
}

@test "--wait of an input without a record has nothing to wait for" {
	run -0 usock sendto --wait 200ms 127.0.0.1 9 < <(:)
	[ -z "$output" ]
}

@test "--wait 0 leaves at once" {
	dgram_peer peer 127.0.0.1:0 show:1
	run -124 usock sendto --wait 0 127.0.0.1 "$port" hello
	is_content "$pid" peer
}

@test "--wait none goes on until a signal ends it" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:one\n' file:go 'reply:two\n'
	start client "$USOCK" sendto --wait none 127.0.0.1 "$port" hello
	eventually has_line client.out one
	touch go
	eventually has_line client.out two
	kill -TERM "$pid"
	finish "$pid"
	[ "$status" = 143 ]
}

@test "--print-sender puts the address in front of each reply, one a line" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:one' 'reply:two\n' reply:
	run -0 usock sendto --wait 500ms --print-sender 127.0.0.1 "$port" hello
	[ "${lines[0]}" = "127.0.0.1:$port: one" ]
	[ "${lines[1]}" = "127.0.0.1:$port: two" ]
	[ "${lines[2]}" = "127.0.0.1:$port: " ]
}

@test "--json makes an object of each reply" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:a"b\n\x00' 'reply:\xff\x00'
	usock sendto --wait 500ms --json 127.0.0.1 "$port" hello >out 2>events
	"$python" -IS -c '
import json, sys
rows = [json.loads(line) for line in open("out")]
peer = "127.0.0.1:" + sys.argv[1]
assert rows == [{"from": peer, "bytes": 5, "data": "a\"b\n\0"}, {"from": peer, "bytes": 2, "hex": "ff00"}], rows
end = json.loads(open("events").readlines()[-1])
assert end["end"] == "quiet" and end["datagrams_sent"] == 1 and end["datagrams_received"] == 2, end
assert end["sent"] == 5 and end["received"] == 7, end' "$port"
}

@test "--count repeats all DATA" {
	dgram_peer peer 127.0.0.1:0 show:4 quiet:0.1
	usock sendto --count 2 127.0.0.1 "$port" a b
	is_content "$pid" peer
	[ "$(got peer | tr -d '\n')" = "b'a'b'b'b'a'b'b'" ]
}

@test "--count 0 goes on for ever, and --interval is between two datagrams" {
	dgram_peer peer 127.0.0.1:0 show:5 file:over
	local before=${EPOCHREALTIME/./}
	start client "$USOCK" sendto --count 0 --interval 100ms 127.0.0.1 "$port" beat
	eventually five_came
	((${EPOCHREALTIME/./} - before >= 390000))
	kill -INT "$pid"
	finish "$pid"
	[ "$status" = 130 ]
}

five_came() {
	[ "$(wc -l <peer.out)" = 6 ]
}

@test "--interval holds between lines of standard input too" {
	dgram_peer peer 127.0.0.1:0 show:3
	local before=${EPOCHREALTIME/./}
	printf 'a\nb\nc\n' | usock sendto --interval 100ms 127.0.0.1 "$port"
	((${EPOCHREALTIME/./} - before >= 190000))
	is_content "$pid" peer
}

@test "that nobody listens is status 1 with the reason, connected or not" {
	port=$(free_udp_port)
	run -1 usock sendto 127.0.0.1 "$port" hello
	[ "$output" = "usock: send 127.0.0.1:$port: Connection refused" ]
	run -1 usock sendto --wait 5 127.0.0.1 "$port" hello
	[ "$output" = "usock: send 127.0.0.1:$port: Connection refused" ]
	run -1 usock sendto -v --wait 5 --count 0 --interval 10ms 127.0.0.1 "$port" hello
	[[ "$output" == *"end=refused "* && "$output" == *"usock: send 127.0.0.1:$port: Connection refused"* ]]
	run -1 usock sendto --connected 127.0.0.1 "$port" hello
	[ "$output" = "usock: send 127.0.0.1:$port: Connection refused" ]
	run -1 usock sendto --connected --wait 5 127.0.0.1 "$port" hello
	[ "$output" = "usock: send 127.0.0.1:$port: Connection refused" ]
}

@test "--connected does not hear others" {
	dgram_peer peer 127.0.0.1:0 show:1 'other:two\n' 'reply:one\n'
	run -0 usock sendto --connected --wait 500ms 127.0.0.1 "$port" hello
	[ "$output" = one ]
}

@test "--timeout ends it" {
	dgram_peer peer 127.0.0.1:0 echo:0
	run -124 usock sendto --wait none --timeout 200ms 127.0.0.1 "$port" hello
	[[ "$output" == *"timed out (--timeout)"* ]]
}

@test "a broadcast address wants --broadcast, and the failure says so" {
	run -1 usock sendto 127.255.255.255:9 x
	[ "${lines[0]}" = "usock: send 127.255.255.255:9: Permission denied" ]
	[[ "${lines[1]}" == "usock: hint: "*--broadcast ]]
	usock sendto --broadcast 127.255.255.255:9 x
}

@test "--join hears a group, and --ttl bounds the way" {
	port=$(free_udp_port)
	start listener "$USOCK" listen -ku --join 224.0.0.251%lo "$port"
	has_udp_port "$pid"
	eventually heard_group
	kill -TERM "$pid"
	finish "$pid"
}

heard_group() {
	usock sendto --ttl 1 --interface lo "224.0.0.251:$port" "hi all"
	has_line listener.out "hi all"
}

@test "--source and --source-port choose our end" {
	dgram_peer peer 127.0.0.1:0 show:1 'reply:back\n'
	ours=$(free_udp_port)
	run -0 usock sendto -v -s 127.0.0.1 -p "$ours" --wait 300ms 127.0.0.1 "$port" hello
	[[ "$output" == *"127.0.0.1:$ours > 127.0.0.1:$port: end=quiet sent=5 received=5 datagrams-sent=1 datagrams-received=1 "* ]]
}

@test "-x shows the bytes" {
	dgram_peer peer 127.0.0.1:0 echo:1
	run -0 --separate-stderr usock sendto -x --wait 300ms 127.0.0.1 "$port" hey
	[[ "${stderr_lines[0]}" == "> 00000000  68 65 79 "*"|hey|" ]]
	[[ "${stderr_lines[1]}" == "< 00000000  68 65 79 "*"|hey|" ]]
	[ "$output" = hey ]
}

@test "a unix socket is sent to by its path" {
	dgram_peer peer unix:sock show:2
	usock sendto unix:sock hello ''
	is_content "$pid" peer
	[ "$(got peer | tr -d '\n')" = "b'hello'b''" ]
}

@test "a unix path that nobody has is refused with its name" {
	run -1 usock sendto unix:nosuch hello
	[[ "$output" == "usock: connect unix:nosuch: No such file or directory"* ]]
}

@test "what makes no sense is a usage error" {
	run -2 usock sendto 127.0.0.1
	[ "$output" = "usock: sendto: '127.0.0.1': the port is missing" ]
	run -2 usock sendto
	run -2 usock sendto tcp:127.0.0.1:9 x
	run -2 usock sendto --type stream 127.0.0.1:9 x
	run -2 usock sendto --count 3 127.0.0.1:9
	run -2 usock sendto --print-sender 127.0.0.1:9 x
	run -2 usock sendto --framing lines 127.0.0.1:9
	[ "$output" = "usock: sendto: --framing: 'lines' is not line, nul, hex, whole, len16, len32, octets, chunk=SIZE or read=SIZE" ]
}

@test "behind -- DATA may begin with -, and an option that there is not says so" {
	dgram_peer peer 127.0.0.1:0 show:5
	usock sendto "127.0.0.1:$port" -- -x --count 7
	usock sendto -- 127.0.0.1 "$port" one
	usock sendto --to "127.0.0.1:$port" -- --
	is_content "$pid" peer
	[ "$(got peer)" = "$(printf '%s\n' "b'-x'" "b'--count'" "b'7'" "b'one'" "b'--'")" ]
	for word in -Y --no-such; do
		run -2 --separate-stderr usock sendto "127.0.0.1:$port" "$word"
		[ "${stderr_lines[0]}" = "usock: sendto: $word: unknown option" ]
		[ "${stderr_lines[1]}" = 'usock: hint: DATA that begins with - stands behind --: usock sendto ADDRESS -- DATA' ]
	done
}

@test "--framing of DATA, which is sent as it is, needs replies" {
	run -2 --separate-stderr usock sendto --framing hex 127.0.0.1:9 00ff
	[ "${stderr_lines[0]}" = "usock: sendto: --framing: each DATA is one datagram, as it is" ]
	dgram_peer peer 127.0.0.1:0 echo:2
	run -0 usock sendto --framing hex --wait 300ms 127.0.0.1 "$port" 00ff
	[ "$output" = 30306666 ]
}

@test "a closed standard output ends it as SIGPIPE does" {
	dgram_peer peer 127.0.0.1:0 echo:0
	usock sendto --wait none --count 0 --interval 5ms 127.0.0.1 "$port" hello | head -c 1
	[ "${PIPESTATUS[0]}" = 141 ]
}

# --- several receivers --------------------------------------------------------

# Two receivers: $one and $two, as $first and $second.
two_peers() { # STEP...
	dgram_peer one 127.0.0.1:0 "$@"
	one=127.0.0.1:$port first=$pid
	dgram_peer two 127.0.0.1:0 "$@"
	two=127.0.0.1:$port second=$pid
}

@test "--to: each gets every datagram" {
	two_peers show:2
	usock sendto -v --to "$one" --to "$two" hello '' 2>err
	is_content "$first" one
	is_content "$second" two
	[ "$(got one)" = "$(printf '%s\n' "b'hello'" "b''")" ]
	[ "$(got two)" = "$(got one)" ]
	says err "> $one and 1 more: end=local-eof sent=10 received=0 datagrams-sent=4 "
}

@test "--to: each gets every record of standard input, replies come from all" {
	two_peers show:3 'reply:it came\n'
	printf 'a\nb\nc\n' | usock sendto --to "$one" --to "$two" --wait 500ms --print-sender >out
	is_content "$first" one
	is_content "$second" two
	[ "$(got one)" = "$(printf '%s\n' "b'a\\n'" "b'b\\n'" "b'c\\n'")" ]
	[ "$(got two)" = "$(got one)" ]
	says_exactly out "$one: it came"
	says_exactly out "$two: it came"
}

@test "--to: many records to many, and none is lost" {
	local receivers=() i
	for i in 1 2 3 4 5; do
		start "server$i" "$USOCK" listen -uk --ready-file "ready$i" 127.0.0.1 0
		eventually test -s "ready$i"
		receivers+=(--to "$(cat "ready$i")")
	done
	seq 500 | usock sendto "${receivers[@]}" --rate 40k
	for i in 1 2 3 4 5; do
		eventually has_line "server$i.out" '^500$'
		cmp "server$i.out" <(seq 500)
	done
}

@test "--to: one that nobody listens at is told, the others get all, status 1" {
	dgram_peer one 127.0.0.1:0 show:3
	one=127.0.0.1:$port first=$pid
	two=127.0.0.1:$(free_udp_port)
	for order in "$one $two" "$two $one"; do
		# shellcheck disable=SC2086 # words
		set -- $order
		[ "$1" = "$one" ] || { dgram_peer one 127.0.0.1:"${one##*:}" show:3 && first=$pid; }
		run -1 --separate-stderr usock sendto --interval 10ms --to "$1" --to "$2" a b c
		[ "${stderr_lines[0]}" = "usock: sendto $two: Connection refused" ]
		[ "${stderr_lines[1]}" = "usock: sendto: 1 of 2 addresses failed" ]
		is_content "$first" one
		[ "$(got one)" = "$(printf '%s\n' "b'a'" "b'b'" "b'c'")" ]
	done
}

@test "--to: one that nobody listens at is told while replies of the others are waited for" {
	two=127.0.0.1:$(free_udp_port)
	dgram_peer one 127.0.0.1:0 echo:0
	one=127.0.0.1:$port
	for order in "$one $two" "$two $one"; do
		# shellcheck disable=SC2086 # words
		set -- $order
		run -1 --separate-stderr usock sendto --wait 300ms --to "$1" --to "$2" a b
		[ "${stderr_lines[0]}" = "usock: sendto $two: Connection refused" ]
		[ "${stderr_lines[1]}" = "usock: sendto: 1 of 2 addresses failed" ]
	done
}

@test "--to: a unix socket that is gone takes no reply of the others with it" {
	dgram_peer one unix:one echo:0
	run -1 --separate-stderr usock sendto --source unix:client --interval 100ms --wait 300ms \
		--to unix:one --to unix:gone a b c
	[ "$output" = abc ]
	[ "${stderr_lines[0]}" = "usock: sendto unix:gone: No such file or directory" ]
	[ "${stderr_lines[1]}" = "usock: sendto: 1 of 2 addresses failed" ]
}

@test "--to: where nobody listens anywhere it ends" {
	run -1 --separate-stderr usock sendto --count 0 --interval 10ms \
		--to 127.0.0.1:"$(free_udp_port)" --to 127.0.0.2:"$(free_udp_port)" a
	[[ $stderr == *": Connection refused"* ]]
}

@test "--to: unix sockets, and one address" {
	dgram_peer one unix:one show:1
	first=$pid
	dgram_peer two unix:two show:2
	second=$pid
	usock sendto --to unix:one --to unix:two hello
	usock sendto --to unix:two again
	is_content "$first" one
	is_content "$second" two
	[ "$(got two)" = "$(printf '%s\n' "b'hello'" "b'again'")" ]
}

@test "--to: the receivers get the family that all have, whichever the first has in front" {
	dgram_peer four 127.0.0.1:0 show:2
	first=$pid
	with_hosts '::1 both\n127.0.0.1 both\n' usock sendto --to both:"$port" --to 127.0.0.1:"$port" four
	dgram_peer six '[::1]:0' show:2
	second=$pid
	with_hosts '127.0.0.1 both\n::1 both\n' usock sendto --to both:"$port" --to "[::1]:$port" six
	is_content "$first" four
	is_content "$second" six
}

@test "--to: receivers without a common family are a usage error that names them" {
	run -2 usock sendto --to '[::1]:9' --to 127.0.0.1:9 x
	[ "${lines[0]}" = "usock: sendto: --to: '127.0.0.1:9' has no IPv6 address, as '[::1]:9' has: one socket sends to all" ]
	run -2 usock sendto --to 127.0.0.1:9 --to 127.0.0.2:9 --to '[::1]:9' x
	[ "${lines[0]}" = "usock: sendto: --to: '[::1]:9' has no IPv4 address, as '127.0.0.1:9' has: one socket sends to all" ]
	run -3 usock sendto -6 --to '[::1]:9' --to 127.0.0.1:9 x
}

@test "a protocol without ports needs no brackets, and what follows is DATA" {
	[ "$(id -u)" = 0 ] || skip "raw sockets want root"
	usock sendto -v --type raw --proto icmpv6 ::1 12345678 2>err
	says err '> ::1: end=local-eof sent=8 '
	printf '12345678\n' | usock sendto --type raw --proto icmpv6 ::1
	run -2 usock sendto ::1
	[[ ${lines[0]} == *"'::1' lacks brackets: write [::1]:PORT" ]]
	run -2 usock sendto ::1 'no port'
	[[ ${lines[0]} == *"'::1' lacks brackets: write [::1]:PORT" ]]
}

@test "--to: what makes no sense is a usage error" {
	local words
	while read -r -a words; do
		run -2 usock sendto "${words[@]}" x
		[[ ${lines[0]} == "usock: sendto: "* ]] || fail "${words[*]}: $output"
	done <<-END
		--to 127.0.0.1:9 --to unix:/x
		--to 127.0.0.1:9 --to 127.0.0.1
		--to 127.0.0.1
		--to 127.0.0.1:9 --to 127.0.0.1:9,10
		--to fd:0 --to fd:0
		--to 127.0.0.1:9 --to 127.0.0.1:10 --connected
		--to tcp:127.0.0.1:9
	END
}
