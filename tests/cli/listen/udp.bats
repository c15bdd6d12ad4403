# What `usock listen` does with datagrams: whom it hears, what it answers, when it ends.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016

load ../lib/listen

# sender STEP... sends to the server.
sender() {
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/senders.py" "$(where)" "$@" 3>&- 8>&-
}

start_sender() { # NAME STEP...
	start "$1" "$python" -IS "$peers/senders.py" "$(where)" "${@:2}"
}

# bytes_are FILE N: so many have come.
bytes_are() {
	[ "$(stat -c %s "$1")" = "$2" ]
}

# --- who is heard -------------------------------------------------------------

@test "every sender is heard, not only the first" {
	local round name
	serve -u 127.0.0.1 0
	for name in a b c; do
		start_sender $name "send:$name 1\n" file:go-$name-2 "send:$name 2\n" file:go-$name-3 "send:$name 3\n"
		eventually has_line server.out "^$name 1$"
	done
	for round in 2 3; do
		for name in c a b; do
			touch go-$name-$round
			eventually has_line server.out "^$name $round$"
		done
	done
	text_is server.out 'a 1\nb 1\nc 1\nc 2\na 2\nb 2\nc 3\na 3\nb 3\n'
	[ "$(n_events accepted)" = 3 ]
}

@test "datagrams of every size come whole" {
	local size want=0
	need_ipv6
	serve -u -k :0
	for where in "127.0.0.1:$port" "[::1]:$port"; do
		for size in 0 1 1472 9000 65507; do
			"$python" -IS "$peers/senders.py" "$where" size:$size
			want=$((want + size))
			eventually bytes_are server.out $want
		done
	done
	eventually has_events 10 accepted
	server_ends_by TERM 143
	events_are 2 end received 0
	events_are 2 end received 65507
}

@test "datagrams of the other tools come whole" {
	local size want=0
	need socat ncat
	serve -u -k 127.0.0.1 0
	for size in 1 1472 9000 65507; do
		head -c $size /dev/zero >file
		socat -u -b 65507 OPEN:file "UDP4-DATAGRAM:127.0.0.1:$port"
		want=$((want + size))
		eventually bytes_are server.out $want
	done
	# ncat cuts what it reads itself
	for size in 1 1472; do
		head -c $size /dev/zero >file
		ncat -u --send-only 127.0.0.1 "$port" <file
		want=$((want + size))
		eventually bytes_are server.out $want
	done
}

@test "a peer in C gets its datagrams of every size back" {
	local datagrams=$USOCK_BUILD/tests/peer/datagrams
	need_ipv6
	serve -u -k --echo :0
	timeout "$patience" "$datagrams" sizes 127.0.0.1 "$port" 0 1 1472 9000 65507 0
	timeout "$patience" "$datagrams" sizes ::1 "$port" 0 1 1472 9000 65507 65508 0
	eventually has_events 2 accepted
	server_ends_by TERM 143
	events_are 1 end received 75980
	events_are 1 end sent 141488
}

@test "three senders of three makes in turn are told apart, and each gets its own answers" {
	local name n
	need socat ncat
	serve -u -k 127.0.0.1 0 --sh 'n=0; while read -r line; do n=$((n + 1)); echo "$n $line"; done'
	mkfifo c.in socat.in ncat.in
	exec {c}<>c.in {socat}<>socat.in {ncat}<>ncat.in
	from=c.in start c "$USOCK_BUILD/tests/peer/datagrams" lines 127.0.0.1 "$port"
	from=socat.in start socat socat - "UDP4:127.0.0.1:$port"
	from=ncat.in start ncat ncat -u 127.0.0.1 "$port"
	for n in 1 2 3 4; do
		for name in c ncat socat; do
			echo "$name" >$name.in
			eventually has_line $name.out "^$n $name$"
		done
	done
	for name in c ncat socat; do
		printf "%s $name\n" 1 2 3 4 | cmp - $name.out
	done
	[ "$(n_events accepted)" = 3 ]
}

@test "nc.openbsd and socat are answered by our input" {
	local tool
	need nc.openbsd socat
	mkfifo input theirs
	exec 7<>input 8<>theirs
	from=input serve -u -k 127.0.0.1 0
	for tool in nc.openbsd socat; do
		case $tool in
		nc.openbsd) from=theirs start "$tool" nc.openbsd -u 127.0.0.1 "$port" ;;
		socat) from=theirs start "$tool" socat - "UDP4:127.0.0.1:$port" ;;
		esac
		echo "from $tool" >&8
		eventually has_line server.out "^from $tool$"
		send_line 7 "to $tool"
		eventually has_line "$tool.out" "^to $tool$"
		kill -TERM -- "-$pid"
		finish "$pid"
	done
}

@test "--print-sender says who it was, of those without a byte too" {
	serve -u --print-sender 127.0.0.1 0
	sender bind:127.0.0.1:0 send:one send: 'send:two\n'
	eventually has_line server.out 'two$'
	sed 's/^127.0.0.1:[0-9]*: //' server.out >got
	text_is got 'one\n\ntwo\n'
}

@test "IPv4 senders look like it on a socket of both families" {
	need_ipv6
	serve -u --print-sender :0
	sender 'send:hello\n'
	"$python" -IS "$peers/senders.py" "127.0.0.1:$port" 'send:four\n'
	eventually has_line server.out '^127.0.0.1:[0-9]+: four$'
	says server.out '^\[::1\]:[0-9]+: hello$'
}

@test "--json writes each datagram as an object, with bytes that are no text" {
	serve -u --json --max-bytes 11 127.0.0.1 0
	sender 'send:a"b\x00\n' 'send:\xff\x01' send: 'send:\xc3\xa4!!'
	server_ends 0
	"$python" -IS -c '
import json
seen = [json.loads(line) for line in open("server.out")]
assert all(d["from"].startswith("127.0.0.1:") for d in seen)
assert [d["bytes"] for d in seen] == [5, 2, 0, 4], seen
assert [d.get("data") for d in seen] == ["a\"b\0\n", None, "", "ä!!"], seen
assert seen[1]["hex"] == "ff01"
'
}

@test "--framing keeps the limits of datagrams" {
	serve -u --framing len16 --max-bytes 5 127.0.0.1 0
	sender send:abc send: send:de
	server_ends 0
	text_is server.out '\0\3abc\0\0\0\2de'
	serve -u --framing hex --max-bytes 2 127.0.0.1 0
	sender 'send:\x00\xff'
	server_ends 0
	text_is server.out '00ff\n'
}

# --- without a program: our input ---------------------------------------------

@test "our input goes to whoever was heard last, line by line" {
	mkfifo input
	exec 7<>input
	from=input serve -u 127.0.0.1 0
	start_sender one send:1 'recv:to one\n' 'recv:again\n' none:0.3
	one=$pid
	send_line 7 "to one"
	eventually has_events 1 accepted
	send_line 7 "again"
	finish "$one"
	status_is 0
	start_sender two send:2 'recv:to two\n'
	eventually bytes_are server.out 2
	send_line 7 "to two"
	finish "$pid"
	status_is 0
}

@test "input waits until somebody has come; then silence is the end" {
	printf 'one\ntwo\nthree' >input
	from=input serve -u --after-eof 200ms 127.0.0.1 0
	sender send:hello 'recv:one\n' 'recv:two\n' recv:three
	server_ends 0
	text_is server.out hello
	[ "$(field events end end)" = quiet ]
	[ "$(field events end datagrams_sent)" = 3 ]
}

@test "with -k the end of input is not the end" {
	echo hello >input
	from=input serve -u -k 127.0.0.1 0
	sender send:1 'recv:hello\n'
	sender send:2 none:1.3
	server_lives
	text_is server.out 12
}

@test "--recv-only and no input at all hear on" {
	serve -u --recv-only 127.0.0.1 0
	sender send:1 none:1.3
	server_lives
}

@test "--accept-timeout ends where no datagram comes" {
	on_time 300 usock listen -u --accept-timeout 300ms 127.0.0.1 0 2>err
	says err '^usock: accept 127.0.0.1:[0-9]+: timed out: no datagram came$'
}

@test "--idle-timeout ends once nothing moves" {
	serve -u --idle-timeout 300ms 127.0.0.1 0
	sender send:1
	server_ends 124
	says server.err '^usock: wait 127.0.0.1:[0-9]+: timed out: idle for 0.3 s$'
	text_is server.out 1
}

@test "--max-bytes ends after a whole datagram" {
	serve -u --max-bytes 2 127.0.0.1 0
	sender send:abcdef send:more
	server_ends 0
	text_is server.out abcdef
}

@test "a closed standard output ends with 141" {
	mkfifo out
	head -n 1 <out >first 3>&- &
	pids+=($!)
	to=out serve -u 127.0.0.1 0
	sender 'send:one\n'
	finish "${pids[0]}"
	start_sender more 'send:two\n' pause:0.2 'send:three\n'
	server_ends 141
	text_is first 'one\n'
}

@test "a record that no datagram holds is an error that says the limit" {
	head -c 70000 /dev/zero | tr '\0' x >input
	from=input serve -u --after-eof 100ms 127.0.0.1 0
	sender send:hello none:0.1
	server_ends 1
	says server.err 'usock: sendto 127.0.0.1:[0-9]+: Message too long'
	says server.err 'usock: hint: 70000 bytes; a UDP datagram holds at most 65507'
}

@test "what the kernel drops is told" {
	serve -u -o SO_RCVBUF=4096 127.0.0.1 0
	kill -STOP "$server"
	eventually has_line "/proc/$server/stat" '^[0-9]+ \(.*\) T '
	sender size:1000 size:1000 size:1000 size:1000 size:1000 size:1000 size:1000 size:1000 size:1000 size:1000
	kill -CONT "$server"
	eventually has_events 1 accepted
	server_ends_by TERM 143
	says server.err '^usock: [0-9]+ datagrams dropped by the kernel \(receive buffer full\)$'
	says server.err '^usock: hint: .*SO_RCVBUF'
}

@test "SIGUSR1 tells the counts" {
	serve -u -k --discard 127.0.0.1 0
	sender send:abc send: none:0.1
	eventually has_events 1 accepted
	kill -USR1 "$server"
	eventually has_line server.err '^usock: 1 senders, 2 datagrams, 3 bytes received, 0 dropped by the kernel$'
}

# --- services ------------------------------------------------------------------

@test "--echo answers each sender with what it sent" {
	local size
	serve -u -k --echo 127.0.0.1 0
	for size in 0 1 1472 9000 65507; do
		start_sender s$size size:$size recv-size:$size send:two recv:two
	done
	for size in "${pids[@]:1}"; do
		finish "$size"
		[ "$status" = 0 ] || fail "$(cat s*.err)"
	done
}

@test "answers come from the address that was written to" {
	need_ipv6
	serve -u -k --echo :0
	"$python" -IS "$peers/senders.py" "127.0.0.3:$port" send:hello recv:hello
	"$python" -IS "$peers/senders.py" "[::1]:$port" send:hello recv:hello
	serve -u -k --echo 0.0.0.0 0
	"$python" -IS "$peers/senders.py" "127.0.0.4:$port" send:hello recv:hello
}

# forged FROM TO: a datagram with this sender, which takes a raw socket.
forged() {
	((EUID == 0)) || skip "a raw socket wants root"
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/forge.py" "$1" "$2" hey 3>&- 8>&-
}

@test "--echo does not answer a datagram from its own address" {
	need_ipv6
	serve -u -k --echo :0
	forged "127.0.0.1:$port" "127.0.0.1:$port"
	forged "127.0.0.7:$port" "127.0.0.1:$port"
	forged "[::1]:$port" "[::1]:$port"
	"$python" -IS "$peers/senders.py" "127.0.0.1:$port" send:hello recv:hello
	server_ends_by TERM 143
	[ "$(n_events accepted)" = 1 ]
	[ "$(grep -c 'a datagram from our own address: such are dropped$' server.err)" = 1 ]
	says server.err '^usock: 3 datagrams dropped: they came from our own address$'
	serve -u -k --echo 127.0.0.1 0
	forged "127.0.0.1:$port" "127.0.0.1:$port"
	"$python" -IS "$peers/senders.py" "127.0.0.1:$port" send:hello recv:hello
	server_ends_by TERM 143
	says server.err '^usock: 1 datagrams dropped: they came from our own address$'
}

@test "two echo servers that have each other's address come to rest" {
	local first second
	serve -u -k --echo 127.0.0.1 0
	first=127.0.0.1:$port
	start other "$USOCK" listen --ready-file other.ready -u -k --echo 127.0.0.1 0
	eventually test -s other.ready
	second=$(cat other.ready)
	forged "$second" "$first"
	eventually grep -q 'sends back what it gets: datagrams that go round are dropped$' server.err other.err
	# and answer others
	"$python" -IS "$peers/senders.py" "$first" send:hello recv:hello
	"$python" -IS "$peers/senders.py" "$second" send:hello recv:hello
	server_ends_by TERM 143
	(($(field events end datagrams_received | sort -n | tail -n 1) < 50000))
}

@test "--echo without -k ends once all is silent" {
	serve -u --echo --after-eof 200ms 127.0.0.1 0
	sender send:1 recv:1
	server_ends 0
}

@test "--echo serves senders by the thousand" {
	serve -u -k --echo 127.0.0.1 0
	sender many 2000
	[ "$(n_events accepted)" = 2000 ]
}

@test "--max-clients bounds what is remembered, and everybody is still answered" {
	serve -u -k --echo --max-clients 100 127.0.0.1 0
	sender many 300
	[ "$(n_events accepted)" = 300 ]
	[ "$(n_events end end limit)" = 200 ]
	says_exactly server.err "usock: more than 100 senders: the one silent for longest is forgotten"
}

@test "--discard counts" {
	serve -u --discard --after-eof 200ms 127.0.0.1 0
	sender send:abc send: none:0.1
	server_ends 0
	[ "$(field events end received)" = 3 ]
	[ "$(field events end datagrams_received)" = 2 ]
}

@test "--send answers each datagram with the file's records" {
	printf 'one\ntwo\n' >file
	serve -u -k --send file 127.0.0.1 0
	sender send:1 'recv:one\n' 'recv:two\n' none:0.1 send:2 'recv:one\n' 'recv:two\n'
	serve -u --send file --framing whole 127.0.0.1 0
	sender send:1 'recv:one\ntwo\n'
	server_ends 0
}

@test "a program for each sender, with records both ways" {
	serve -u -k 127.0.0.1 0 -- sh -c 'while read -r line; do echo "$USOCK_ID: $line"; done'
	start_sender one send:a 'recv:1: a\n' file:two 'send:c\n' 'recv:1: c\n'
	local one=$pid
	eventually has_events 1 accepted
	sender send:b 'recv:2: b\n'
	touch two
	finish "$one"
	status_is 0
	server_ends_by TERM 143
}

@test "a program finds its sender in the environment" {
	serve -u -k 127.0.0.1 0 --sh 'read -r x; echo $USOCK_PROTO $USOCK_PEER_ADDR $USOCK_PEER_PORT $PROTO $UDPREMOTEIP $UDPLOCALIP $UDPLOCALPORT $TCPREMOTEIP'
	free=$(free_port)
	sender "bind:127.0.0.9:$free" send: "recv:udp 127.0.0.9 $free UDP 127.0.0.9 127.0.0.1 $port\n"
}

@test "a sender whose program has ended gets another one" {
	serve -u -k 127.0.0.1 0 --sh 'read -r x; echo "$USOCK_ID $x"'
	start_sender one send:a 'recv:1 a\n' file:go send:b 'recv:2 b\n'
	eventually has_events 1 end end child-exit
	touch go
	finish "$pid"
	[ "$status" = 0 ] || fail "$(cat one.err)"
}

@test "--framing whole runs a program for each datagram" {
	serve -u -k --framing whole 127.0.0.1 0 --sh 'tr a-z A-Z'
	sender 'send:one\ntwo' 'recv:ONE\nTWO' send:three recv:THREE
}

@test "without -k the first sender's program is all, and its status is ours" {
	serve -u 127.0.0.1 0 --sh 'read -r x; read -r x; echo bye; exit 7'
	start_sender one send:1 file:go send:2 'recv:bye\n'
	eventually has_events 1 accepted
	sender send:other none:0.1
	touch go
	server_ends 7
	[ "$(n_events accepted)" = 1 ]
	says server.err '^usock: 1 datagrams dropped: other senders were served$'
}

@test "a program that cannot be started is told: 127, or on to the next with -k" {
	not_counted "how exec fails"
	local options
	for options in "" -k; do
		ln -sf /bin/true nothing
		# shellcheck disable=SC2086
		serve -u $options 127.0.0.1 0 -- ./nothing
		rm nothing
		sender send:1
		[ -n "$options" ] || server_ends 127
	done
	eventually has_line server.err '^usock: exec ./nothing: No such file or directory$'
	server_lives
}

@test "no stranger takes the place of a program's sender" {
	serve -u -k --max-clients 1 127.0.0.1 0 -- cat
	start_sender one 'send:a\n' 'recv:a\n' file:go 'send:b\n' 'recv:b\n'
	local one=$pid
	eventually has_events 1 accepted
	sender send:x none:0.1
	says_exactly server.err "usock: 1 senders are served: datagrams of others are dropped (--max-clients)"
	touch go
	finish "$one"
	status_is 0
}

@test "--idle-timeout with -k forgets a silent sender, and its program sees the end" {
	serve -u -k --idle-timeout 200ms 127.0.0.1 0 --sh 'cat; : >over'
	sender 'send:a\n' 'recv:a\n'
	eventually test -e over
	[ "$(field events end end)" = idle-timeout ]
	server_lives
}

# --- unix sockets --------------------------------------------------------------

@test "unix datagrams: for the owner alone, answered, removed at the end" {
	serve -u -k --echo unix:path
	[ "$(stat -c %a path)" = 600 ]
	sender bind:unix:mine send:hello recv:hello size:100000 recv-size:100000
	server_ends_by TERM 143
	[ ! -e path ]
}

@test "a unix sender without a name is heard, and told that it gets no answer" {
	serve -u -k --echo unix:path
	sender send:hello
	eventually has_line server.err '^usock: sendto unix:: the sender has no address to answer to$'
	server_lives
}

@test "a unix sender that reads nothing holds nobody up for ever" {
	# more than its queue takes from a stranger
	local n=$(($(cat /proc/sys/net/unix/max_dgram_qlen) + 2))
	((n < 100)) || skip "queues are long here"
	serve -u -k --echo unix:path
	start_sender deaf bind:unix:deaf deaf:$n
	sender bind:unix:other send:hello recv:hello
	eventually has_line server.err '^usock: sendto unix:deaf: timed out: it takes no more datagrams$'
	server_lives
}

# --- speed ---------------------------------------------------------------------

@test "a burst comes whole and in order" {
	not_counted "too slow for the buffer of the kernel"
	serve -u -k 127.0.0.1 0
	sender burst 20000 512 20000
	eventually bytes_are server.out $((20000 * 512))
	"$python" -IS "$peers/senders.py" server.out check 20000 512
	server_ends_by TERM 143
	has_no_line server.err 'dropped'
}

@test "-x shows what comes, and what is answered" {
	serve -u -k --hexdump=dump --echo 127.0.0.1 0
	sender send:hey recv:hey
	eventually has_line dump '^< 00000000  68 65 79 .*\|hey\|$'
	eventually has_line dump '^> 00000000  68 65 79 .*\|hey\|$'
}

@test "a program that does not read its input is no trouble" {
	serve -u 127.0.0.1 0 -- printf 'a\nb\n'
	sender send:hey 'recv:a\n' 'recv:b\n'
	finish "$server"
	status_is 0
	has_no_line server.err recv
}

# --- slowly ---------------------------------------------------------------------

@test "--delay is between the answers of each sender's program, and -C makes them end in CR LF" {
	serve -u -k -C --delay 200ms 127.0.0.1 0 -- printf 'a\nb\r\nc\n'
	timed sender send:hey 'recv:a\r\n' 'recv:b\r\n' 'recv:c\r\n'
	status_is 0
	((elapsed >= 400)) || fail "$elapsed ms"
	# the second does not wait for the first
	start_sender one send:hey 'recv:a\r\n' 'recv:b\r\n' 'recv:c\r\n'
	one=$pid
	sender send:hey 'recv:a\r\n' 'recv:b\r\n' 'recv:c\r\n'
	finish "$one"
	status_is 0
	eventually has_events 3 end end child-exit
	events_are 3 end sent 9
}

@test "--rate is for what is sent of a file, and of standard input" {
	local from
	printf '%0999d\n' 1 2 3 >lines
	serve -u --rate 5k --send lines 127.0.0.1 0
	timed sender send:hey size:0 "recv:$(head -n 1 lines)\n" "recv:$(sed -n 2p lines)\n" "recv:$(sed -n 3p lines)\n"
	status_is 0
	((elapsed >= 300)) || fail "$elapsed ms"
	finish "$server"
	status_is 0
	from=lines serve -u --rate 5k --after-eof 0 127.0.0.1 0
	timed sender send:hey "recv:$(head -n 1 lines)\n" "recv:$(sed -n 2p lines)\n" "recv:$(sed -n 3p lines)\n"
	status_is 0
	((elapsed >= 300)) || fail "$elapsed ms"
	finish "$server"
	status_is 0
}

# --- what makes no sense -------------------------------------------------------

@test "options of streams alone are refused" {
	local option
	for option in --half-open --no-half-close --telnet --progress '--backlog 5'; do
		# shellcheck disable=SC2086
		run -2 usock listen -u $option 127.0.0.1 0
		[ "$output" = "usock: listen: ${option%% *}: not with datagrams" ]
	done
	for option in -C '--rate 5' '--delay 1s'; do
		# shellcheck disable=SC2086
		run -2 usock listen -u -k --forward udp:127.0.0.1:7 $option 127.0.0.1 0
		[[ $output == *": with datagrams it is for what is sent of an input, a program or a file; --forward has none" ]]
	done
	run -2 usock listen -u --echo --rate 5 127.0.0.1 0
	[[ $output == *"; --echo has none" ]]
	run -2 usock listen -u -k --after-eof 1s 127.0.0.1 0
	[ "$output" = "usock: listen: --after-eof: not with datagrams and --keep-open" ]
	run -2 usock listen --print-sender 127.0.0.1 0
	[ "$output" = "usock: listen: --print-sender: only for datagrams" ]
	run -2 usock listen -u --print-sender --echo 127.0.0.1 0
	run -2 usock listen -u --print-sender --json 127.0.0.1 0
}
