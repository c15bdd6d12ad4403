# usock replay of WebSocket: messages are records, as a server and as a client.
# shellcheck disable=SC2016 # scripts

load ../lib/tls
start_fast

setup_file() {
	make_identities
}

header='{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z","command":"listen"}'

# Writes talk.rec: a client sends two messages, and gets one that is not text, long and in two lines.
recording() {
	cat >talk.rec <<-END
		$header
		{"t":0,"c":1,"event":"open","role":"server","type":"records","local":"tcp:127.0.0.1:1","peer":"tcp:127.0.0.1:2"}
		{"t":1,"c":1,"dir":"received","text":"hello"}
		{"t":2,"c":1,"dir":"received","text":""}
		{"t":3,"c":1,"dir":"sent","base64":"Af8=","more":true}
		{"t":3,"c":1,"dir":"sent","text":"tail"}
		{"t":4,"c":1,"event":"end","dir":"received"}
		{"t":4,"c":1,"event":"end","dir":"sent"}
		{"t":5,"c":1,"event":"close"}
	END
}

# Starts a replay as a server.
replays() { # ARG...
	rm -f player.ready
	start player "$USOCK" replay --ready-file player.ready "$@" 127.0.0.1:0
	is_ready player
}

@test "a WebSocket client that sends the recorded messages gets the others, binary where they are no text" {
	recording
	replays talk.rec
	usock run -c '
		set s [connect ws://127.0.0.1:'"$port"'/]
		$s ws send hello
		$s ws send ""
		lassign [$s ws recv] type message
		puts "$type [binary encode hex $message]"
		$s ws close
	' >out
	finish "$pid"
	status_is 0
	text_is out 'binary 01ff7461696c\n'
}

@test "another message, a missing one and one too many are differences, named by their number" {
	local sends what
	recording
	while IFS=: read -r sends what; do
		replays talk.rec
		usock run -c "set s [connect ws://127.0.0.1:$port/]; foreach m {$sends} {\$s ws send \$m}; catch {\$s ws close; \$s ws recv}" 2>err || :
		finish "$pid"
		status_is 4
		says player.err "$what"
	done <<-'END'
		hellO {}:line 3.*from the client, byte 4 of record 1
		hello:line 4.*record 2
		hello {} more:record 3
	END
}

@test "as a client it sends what clients sent, to ws and to wss, and notices another answer" {
	begin_tls
	usock_listens echo -k --once 1 --ws --echo --record talk.rec
	printf 'one\ntwo\n' | usock connect "ws://127.0.0.1:$port/" >out
	finish "$pid"
	usock_listens server -k --once 1 --ws --echo
	usock replay --as client talk.rec "ws://127.0.0.1:$port/"
	finish "$pid"
	usock_listens secure -k --once 1 --ws --echo --tls "${own[@]}"
	usock replay --as client "${trust[@]}" talk.rec "wss://localhost:$port/"
	finish "$pid"
	usock_listens other -k --once 1 --ws --sh 'read -r x; read -r y; echo onE; echo two'
	run -4 usock replay --as client talk.rec "ws://127.0.0.1:$port/"
	[[ $output == *'from the server, byte 2 of record 1: other data than recorded'* ]]
}

@test "addresses that cannot carry messages are refused with what can" {
	recording
	run -2 usock replay --as client talk.rec 127.0.0.1 1
	[[ $output == *'the recording is one of messages'*'hint: ws://HOST:PORT/PATH'* ]]
	sed 's/"records"/"stream"/; s/,"more":true//' talk.rec >stream.rec
	run -2 usock replay --as client stream.rec ws://127.0.0.1:1/
	[[ $output == *'the recording is not one of WebSocket'* ]]
}
