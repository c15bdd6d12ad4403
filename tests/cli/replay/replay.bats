# usock replay: a recorded dialogue as a server and as a client, and what differs.
# shellcheck disable=SC2016 # lines of sh have dollars

load ../lib/tls
start_fast

setup_file() {
	make_identities
}

header='{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z","command":"listen"}'
opened='{"t":0,"c":1,"event":"open","role":"server","type":"stream"}'
ended='{"t":9,"c":1,"event":"end","dir":"received"}
{"t":9,"c":1,"event":"end","dir":"sent"}
{"t":9,"c":1,"event":"close"}'

# Writes talk.rec: a client says hello, and is answered.
recording() {
	cat >talk.rec <<-END
		$header
		$opened
		{"t":1,"c":1,"dir":"received","text":"hello, who is there?\n"}
		{"t":2,"c":1,"dir":"sent","text":"nobody\n"}
		$ended
	END
}

# Starts a replay as a server.
replays() { # ARG...
	start server "$USOCK" replay --ready-file ready "$@" 127.0.0.1:0
	eventually test -s ready
	port=$(sed 's/.*://' ready)
	rm ready
}

@test "a client that says what was recorded gets the answer" {
	recording
	replays talk.rec
	usock connect 127.0.0.1 "$port" <<<'hello, who is there?' >out
	text_is out 'nobody\n'
	finish "$pid"
	status_is 0
}

@test "the first difference is shown with offset, line and dumps, and the status is 4" {
	recording
	replays talk.rec
	usock connect 127.0.0.1 "$port" <<<'hello, who is here?' >out 2>err || :
	finish "$pid"
	status_is 4
	says_exactly server.err 'usock: talk.rec: connection 1 (line 3): from the client, byte 14: other data than recorded'
	says server.err '^  expected  00000000  68 65 6c 6c 6f 2c 20 77  68 6f 20 69 73 20 74 68  \|hello, who is th\|'
	says server.err '^  received  00000000  68 65 6c 6c 6f 2c 20 77  68 6f 20 69 73 20 68 65  \|hello, who is he\|'
}

@test "less and more than recorded are differences, too" {
	recording
	replays talk.rec
	usock connect 127.0.0.1 "$port" <<<'hello, who' >out 2>err || :
	finish "$pid"
	status_is 4
	says server.err 'byte 10: other data than recorded'
	replays talk.rec
	printf 'hello, who' | usock connect 127.0.0.1 "$port" >out 2>err || :
	finish "$pid"
	status_is 4
	says server.err 'byte 10: the peer has ended, and more was recorded'
	replays talk.rec
	printf 'hello, who is there?\nme\n' | usock connect 127.0.0.1 "$port" >out 2>err || :
	finish "$pid"
	status_is 4
	says server.err 'byte 21: more data than recorded'
}

# resets BYTES ARG...: a client sends them, and resets the connection of a replay once they have arrived.
resets() {
	replays "${@:2}"
	usock -c 'lassign $argv port bytes; set s [connect 127.0.0.1 $port]; $s sendall $bytes
		while {[dict get [$s status] wqueue] > 0} {after 1}; $s abort' "$port" "$1"
	finish "$pid"
}

@test "a reset is called a reset, wherever in a turn it comes" {
	local match
	recording
	for match in '' '--match prefix' '--match regex' '--ignore there'; do
		# shellcheck disable=SC2086 # words
		resets 'hello, who' $match talk.rec
		status_is 4
		says server.err 'byte [0-9]+: Connection reset by peer(, and more was recorded|: 11 bytes less than recorded|: other data than recorded)$'
	done
	# one that was recorded comes in the middle, too
	sed -e 's/hello, who is there?\\n/hello, who/' -e '/"sent"/d' -e '/"received"}$/d' \
		-e 's/"event":"close"/"event":"reset","dir":"received"/' talk.rec >reset.rec
	for match in '' '--match prefix' '--match regex' '--ignore who'; do
		# shellcheck disable=SC2086 # words
		resets 'hello, who' $match reset.rec
		[ "$status" = 0 ] || fail "$(cat server.err)"
	done
	# shellcheck disable=SC2086 # words
	resets 'hello, w' reset.rec
	status_is 4
	says server.err 'byte 8: Connection reset by peer, and more was recorded$'
}

@test "the end of TCP without that of TLS is a cut, wherever in a turn it comes" {
	recording
	replays --tls --self-signed talk.rec
	"$python" -IS -c '
import socket, ssl, sys
context = ssl._create_unverified_context()
plain = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
secure = context.wrap_socket(plain)
secure.sendall(b"hello, who")
secure.shutdown(socket.SHUT_WR)
try:
    while secure.recv(4096):
        pass
except OSError:
    pass
' "$port"
	finish "$pid"
	status_is 4
	says server.err 'byte 10: .*close_notify.*, and more was recorded$'
}

@test "as a client it asks what was asked, and compares the answer" {
	recording
	usock_listens answer -k --once 2 --sh 'read x; echo nobody'
	run -0 usock replay --as client talk.rec 127.0.0.1 "$port"
	[ -z "$output" ]
	sed -i s/nobody/somebody/ talk.rec
	run -4 usock replay --as client talk.rec 127.0.0.1 "$port"
	[[ $output == *"from the server, byte 0: other data than recorded"* ]]
	finish "$pid"
}

@test "as a client it plays connections in the order of their lines where times do not tell it" {
	{
		echo "$header"
		for c in 1 2 3; do
			cat <<-END
				{"t":0,"c":$c,"event":"open","role":"server","type":"stream"}
				{"t":0,"c":$c,"dir":"received","text":"hello, who is there?\n"}
				{"t":0,"c":$c,"dir":"sent","text":"$c\n"}
				{"t":0,"c":$c,"event":"end","dir":"received"}
				{"t":0,"c":$c,"event":"end","dir":"sent"}
				{"t":0,"c":$c,"event":"close"}
			END
		done
	} >three.rec
	usock_listens answer -k --once 3 --sh 'read x; echo >>times; wc -l <times'
	run -0 usock replay --as client three.rec 127.0.0.1 "$port"
	finish "$pid"
}

@test "of streams and datagrams in one recording, those are played that the socket can carry" {
	cat >two.rec <<-END
		$header
		{"t":0,"c":1,"event":"open","role":"client","type":"stream"}
		{"t":1,"c":1,"dir":"sent","text":"stream?"}
		{"t":2,"c":1,"dir":"received","text":"stream!"}
		{"t":3,"c":1,"event":"close"}
		{"t":4,"c":2,"event":"open","role":"client","type":"datagram"}
		{"t":5,"c":2,"dir":"sent","text":"datagram?"}
		{"t":6,"c":2,"dir":"received","text":"datagram!"}
		{"t":7,"c":2,"event":"close"}
	END
	local ask='printf stream? | $USOCK connect $USOCK_ADDR $USOCK_PORT'
	USOCK=$USOCK usock replay two.rec --while "$ask" >out 2>err
	text_is out 'stream!'
	says err '^usock: two\.rec: left out: 1 connection of another type: only streams are played$'
	ask='printf datagram? | $USOCK sendto --wait 5 --count 1 $USOCK_ADDR $USOCK_PORT'
	usock replay --udp two.rec --while "$ask" >out 2>err
	text_is out 'datagram!'
	says err 'only datagrams are played$'
	usock replay two.rec udp:127.0.0.1:0 --while "$ask" >out 2>err
	text_is out 'datagram!'
}

@test "--tap reports each connection as a test, with the reason" {
	recording
	usock_listens answer -k --once 2 --sh 'read x; echo nobody'
	run -0 usock replay --as client --tap talk.rec 127.0.0.1 "$port"
	[ "$output" = $'TAP version 14\n1..1\nok 1 - connection 1' ]
	sed -i s/nobody/nobodx/ talk.rec
	run -4 usock replay --as client --tap talk.rec 127.0.0.1 "$port"
	[[ ${lines[2]} == "not ok 1 - connection 1" ]]
	[[ ${lines[3]} == "# talk.rec: connection 1 (line 4): from the server, byte 5: other data than recorded" ]]
	[[ ${lines[4]} == "#   expected  00000000"* ]]
	[[ ${lines[-1]} == "# failed: 1 of 1" ]]
	finish "$pid"
}

@test "the time to think is kept, divided by --speed, and left out with max" {
	recording
	sed -i -e 's/"t":2,/"t":600000000,/' -e 's/"t":9,/"t":600000001,/' talk.rec
	for speed in 1:550 2:250; do
		replays --speed "${speed%:*}" talk.rec
		before=$(date +%s%3N)
		usock connect 127.0.0.1 "$port" <<<'hello, who is there?' >out
		[ $(($(date +%s%3N) - before)) -ge "${speed#*:}" ]
		finish "$pid"
		status_is 0
	done
	sed -i 's/"t":60000000/"t":6000000000000/' talk.rec
	replays --speed max talk.rec
	usock connect 127.0.0.1 "$port" <<<'hello, who is there?' >out
	text_is out 'nobody\n'
	finish "$pid"
}

@test "--ignore leaves out what may differ, line by line" {
	cat >talk.rec <<-END
		$header
		$opened
		{"t":1,"c":1,"dir":"received","text":"GET /\nDate: today\nId: 1\n\n"}
		{"t":2,"c":1,"dir":"sent","text":"ok\n"}
		$ended
	END
	replays --ignore 'Date: .*' --ignore '[0-9]+' talk.rec
	printf 'GET /\nDate: the day after\nId: 4711\n\n' | usock connect 127.0.0.1 "$port" >out
	text_is out 'ok\n'
	finish "$pid"
	status_is 0
	replays --ignore 'Date: .*' talk.rec
	printf 'GET /\nDate: the day after\nId: 2\n\n' | usock connect 127.0.0.1 "$port" >out 2>err || :
	finish "$pid"
	status_is 4
	says server.err 'other data than recorded'
}

@test "a pattern of --ignore may match nothing, and the end of a turn may come in pieces" {
	local answer='| $USOCK connect $USOCK_ADDR $USOCK_PORT || :'
	cat >talk.rec <<-END
		$header
		$opened
		{"t":1,"c":1,"dir":"received","text":"number 123\n"}
		{"t":2,"c":1,"dir":"sent","text":"and?\n"}
		{"t":3,"c":1,"dir":"received","text":"and 456"}
		{"t":4,"c":1,"dir":"sent","text":"yes\n"}
		$ended
	END
	cat >client.us <<-'END'
		set s [connect $env(USOCK_ADDR) $env(USOCK_PORT)]
		$s sendall "number 7\n"
		$s expect "and?\n"
		$s split "and 890" 6 -delay 1ms
		$s shutdown w
		assert-eq [$s readall] "yes\n"
	END
	for pattern in '[0-9]*' '[0-9]+' ' .*'; do
		usock replay --quiet --ignore "$pattern" talk.rec --while '$USOCK run --allow-env client.us'
	done
	sed -i 's/number 123/number [0-9]*/; s/456/[0-9]+/' talk.rec
	usock replay --quiet --match regex talk.rec --while '$USOCK run --allow-env client.us'
	status=0
	usock replay --quiet --match regex talk.rec --while "printf 'number 1\nand x' $answer" >out 2>err || status=$?
	status_is 4
	says err 'byte 9: other data than recorded'
}

@test "--match prefix and regex compare a turn by its beginning and by a pattern" {
	recording
	replays --match prefix talk.rec
	printf 'hello, who is there?\nI ask\n' | usock connect 127.0.0.1 "$port" >out
	text_is out 'nobody\n'
	finish "$pid"
	status_is 0
	sed -i 's/hello, who is there?/hello, [a-z ]+[?]/' talk.rec
	replays --match regex talk.rec
	usock connect 127.0.0.1 "$port" <<<'hello, what is this?' >out
	text_is out 'nobody\n'
	finish "$pid"
	status_is 0
	replays --match regex talk.rec
	usock connect 127.0.0.1 "$port" <<<'hello, 4711?' >out 2>err || :
	finish "$pid"
	status_is 4
}

@test "with -k the first connection follows the last; --pick match finds it by its first bytes" {
	cat >talk.rec <<-END
		$header
		$opened
		{"t":1,"c":1,"dir":"received","text":"GET /one\n"}
		{"t":2,"c":1,"dir":"sent","text":"1\n"}
		$ended
		${opened/\"c\":1/\"c\":2}
		{"t":1,"c":2,"dir":"received","text":"GET /two\n"}
		{"t":2,"c":2,"dir":"sent","text":"2\n"}
		${ended//\"c\":1/\"c\":2}
	END
	replays -k talk.rec
	for name in one two one; do
		usock connect 127.0.0.1 "$port" <<<"GET /$name" >>out
	done
	text_is out '1\n2\n1\n'
	kill -TERM "$pid"
	replays -k --pick match talk.rec
	for name in two two one; do
		usock connect 127.0.0.1 "$port" <<<"GET /$name" >>picked
	done
	text_is picked '2\n2\n1\n'
	kill -TERM "$pid"
}

@test "datagrams keep their boundaries, and each sender is a connection" {
	usock_listens server -u -k --echo --record talk.rec
	usock sendto --wait 5 127.0.0.1 "$port" one two '' >out
	usock sendto --wait 5 127.0.0.1 "$port" other >out
	kill -TERM "$pid"
	eventually has_count 2 close talk.rec
	replays --speed max talk.rec
	usock sendto --wait 5 --framing line "127.0.0.1:$port" one two '' >out
	usock sendto --wait 5 --framing line "127.0.0.1:$port" other >>out
	finish "$pid"
	status_is 0
	text_is out 'one\ntwo\n\nother\n'
	usock_listens other -u -k --echo
	run -0 usock replay --as client --udp talk.rec 127.0.0.1 "$port"
	kill -TERM "$pid"
	replays --speed max talk.rec
	usock sendto --wait 0.5 "127.0.0.1:$port" onetwo >out 2>err || :
	kill -TERM "$pid"
	finish "$pid"
	says server.err 'from the client, byte 3 of record 1: 3 bytes more than recorded'
}

@test "TLS is played again at either side, with other certificates" {
	begin_tls
	usock_listens server -k --once 1 --tls "${own[@]}" --sh 'read x; echo "<$x>"' --record talk.rec
	usock connect --tls "${trust[@]}" localhost "$port" <<<hello >out
	finish "$pid"
	replays talk.rec --tls --self-signed
	usock connect --tls --insecure localhost "$port" <<<hello >out
	text_is out '<hello>\n'
	finish "$pid"
	status_is 0
	usock_listens other -k --once 1 --tls "${own[@]}" --sh 'read x; echo "<$x>"'
	run usock replay --as client --tls "${trust[@]}" talk.rec localhost "$port"
	[ "$status" = 0 ] || fail "$output"
	finish "$pid"
}

@test "a recording that was cut off by a crash is played up to there" {
	recording
	printf '{"t":10,"c":' >>talk.rec
	replays talk.rec
	usock connect 127.0.0.1 "$port" <<<'hello, who is there?' >out
	finish "$pid"
	status_is 0
	says_exactly server.err 'usock: talk.rec: its last line is not complete: 12 bytes are left out'
}

@test "what is no recording, or not of such sockets, is refused with the place" {
	echo hello >none
	run -2 usock replay none
	[[ $output == "usock: none:1: not a recording of usock: not a JSON object" ]]
	recording
	echo '{"t":10,"c":7,"event":"close"}' >>talk.rec
	run -2 usock replay talk.rec
	[[ $output == "usock: talk.rec:8: connection 7 is not open" ]]
	recording
	run -2 usock replay --as client talk.rec udp:127.0.0.1:1
	[[ $output == *"the recording is one of streams"* ]]
	run -2 usock replay --as client -k talk.rec 127.0.0.1:1
	[[ $output == *"--keep-open: only with --as server"* ]]
	run -2 usock replay --insecure talk.rec
	[[ $output == *"--insecure: only with --as client"* ]]
	run -2 usock replay --speed 0 talk.rec
	[[ $output == "usock: replay: --speed: '0' is no number above 0, and not max" ]]
	run -8 usock replay missing
	run -2 usock replay
}

@test "what is no recording is an event, too, in the color that is wanted" {
	run -8 --separate-stderr usock replay --events events missing
	[ "$stderr" = "usock: open missing: No such file or directory" ]
	[ "$(cat events)" = '{"event":"error","error":"local-io","message":"open missing: No such file or directory"}' ]
	CLICOLOR_FORCE=1 run -8 --separate-stderr usock replay --color never missing
	[ "$stderr" = "usock: open missing: No such file or directory" ]
	run -8 --separate-stderr usock replay --color always missing
	[[ $stderr == *$'\e['* ]]
}

@test "random dialogues are recorded and replayed at both sides, and every fault in them is found" {
	run -0 "$python" "$peers/dialogue.py" --faults "$USOCK" 1 5
	[[ ${lines[-1]} == "5 dialogues, "*" 0 failed" ]]
}

@test "so are those over TLS" {
	begin_tls
	run -0 "$python" "$peers/dialogue.py" --tls "$c/server.crt" "$c/leaf.key" "$c/root.crt" "$USOCK" 100 2
	[[ ${lines[-1]} == "2 dialogues, "*" 0 failed" ]]
}

@test "options that only show, and options that only play, are not passed over in silence" {
	recording
	local words
	while read -r words; do
		# shellcheck disable=SC2086 # words
		run -2 usock replay $words talk.rec 127.0.0.1:1
		[[ $output == *--* && $output != *unexpected* ]] || fail "$words: $output"
	done <<-'EOF'
		--show --while true
		--svg --once 2
		--html --background
		--stat --tls
		--script -w 2
		--show --allow 127.0.0.1
		--pcap packets --ready-file ready
		--pcap packets -k
		--hex
		--scale
		--tap --background
		--as client --pick match
	EOF
	[ ! -e packets ]
	# -- ends the options
	run -1 usock replay --as client -- talk.rec 127.0.0.1:1
}

@test "a difference is a status of 4, even where the command of --while has not noticed" {
	recording
	local ask='"$USOCK" connect "$USOCK_ADDR" "$USOCK_PORT"'
	run -0 usock replay talk.rec --while "echo 'hello, who is there?' | $ask"
	run -4 usock replay talk.rec --while "echo 'hello, who is here?' | $ask; true"
	run -9 usock replay talk.rec --while "echo 'hello, who is here?' | $ask; exit 9"
	# a client that the end of the command has cut off is none
	run -0 usock replay talk.rec --while '"$USOCK" connect --recv-only "$USOCK_ADDR" "$USOCK_PORT" & sleep 0.1'
}
