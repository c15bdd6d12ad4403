# --record: the dialogue of each connection, in a file.
# shellcheck disable=SC2016 # lines of sh have dollars

load ../lib/tls
load ../lib/recording
start_fast

setup_file() {
	make_identities
}

# An echo that records, for N clients.
echo_records() { # N ARG...
	usock_listens server -k --once "$1" --echo --record talk.rec "${@:2}"
}

@test "a client is recorded with what it sends and receives, and the ends of both" {
	usock_listens server -k --once 1 --echo
	usock connect --record talk.rec 127.0.0.1 "$port" <<<hello >out
	finish "$pid"
	diff <(lines_of talk.rec) - <<-'END'
		recording 1 connect
		1 open client stream
		1 sent "hello\n"
		1 end sent
		1 received "hello\n"
		1 end received
		1 close peer-fin
	END
	[ "$(stat -c %a talk.rec)" = 600 ]
}

@test "an echo records what it sends back, and all clients are in one file" {
	echo_records 2
	usock connect 127.0.0.1 "$port" <<<one >out
	printf 'a\0b' | usock connect 127.0.0.1 "$port" >out
	finish "$pid"
	diff <(lines_of talk.rec | sort) - <<-'END'
		1 close peer-fin
		1 end received
		1 end sent
		1 open server stream
		1 received "one\n"
		1 sent "one\n"
		2 close peer-fin
		2 end received
		2 end sent
		2 open server stream
		2 received YQBi
		2 sent YQBi
		recording 1 listen
	END
}

@test "what a file sends is recorded, though the kernel would copy it by itself" {
	head -c 300000 /dev/zero | tr '\0' x >big
	usock_listens server -k --once 1 --send big --record talk.rec
	usock connect 127.0.0.1 "$port" >out
	finish "$pid"
	cmp big out
	[ "$("$python" -IS -c '
import json, sys
print(sum(len(json.loads(line).get("text", "")) for line in open("talk.rec")))')" = 300000 ]
}

@test "a program that would get the connection itself is recorded, too" {
	usock_listens server -k --once 1 --record talk.rec --sh 'read x; echo "<$x>"'
	usock connect 127.0.0.1 "$port" <<<hello >out
	finish "$pid"
	lines_of talk.rec | grep -q -x '1 sent "<hello>\\n"'
}

@test "a reset is recorded as the peer's or ours" {
	echo_records 1
	"$python" -IS "$peers/peer.py" connect "127.0.0.1:$port" send:hello recv:5 reset
	finish "$pid"
	lines_of talk.rec | grep -q '^1 reset received '
}

@test "each datagram is a line, and each sender a connection" {
	usock_listens server -u -k --echo --record talk.rec
	usock sendto --record client.rec --wait 5 --connected 127.0.0.1 "$port" one '' >out
	kill -TERM "$pid"
	eventually grep -q close talk.rec
	diff <(lines_of talk.rec | head -n 6 | sort) - <<-'END'
		1 open server datagram
		1 received ""
		1 received "one"
		1 sent ""
		1 sent "one"
		recording 1 listen
	END
	lines_of client.rec | grep -q -x '1 sent "one"'
	lines_of client.rec | grep -q -x '1 received ""'
}

@test "a message of WebSocket is a record of its own" {
	usock_listens server -k --once 1 --ws --echo --record talk.rec
	printf 'one\ntwo\n' | usock connect "ws://127.0.0.1:$port/" >out
	finish "$pid"
	lines_of talk.rec | grep -q -x '1 open server records'
	lines_of talk.rec | grep -q -x '1 received "one"'
	lines_of talk.rec | grep -q -x '1 sent "two"'
}

@test "TLS is recorded as what it carries, with its facts; secrets only on request" {
	begin_tls
	echo_records 2 --tls "${own[@]}"
	usock connect --tls "${trust[@]}" --record-secrets --record client.rec localhost "$port" <<<hello >out
	usock connect --tls "${trust[@]}" localhost "$port" <<<hello >out
	finish "$pid"
	lines_of talk.rec | grep -q -E '^1 tls TLSv1\.[23] TLS'
	lines_of talk.rec | grep -q -x '1 received "hello\\n"'
	run ! grep -q secret talk.rec
	lines_of client.rec | grep -q -E '^1 secret (CLIENT_RANDOM|CLIENT_TRAFFIC_SECRET_0) [0-9a-f]{64} '
}

@test "a handshake that fails is recorded as an error" {
	begin_tls
	echo_records 1 --tls "${own[@]}"
	echo hello | "$python" -IS "$peers/peer.py" connect "127.0.0.1:$port" send:hello eof 2>peer.err || :
	finish "$pid"
	lines_of talk.rec | grep -q '^1 error '
}

@test "a full disk ends the recording with a message, and leaves the connection alone" {
	usock_listens server -k --once 1 --echo
	run -8 --separate-stderr usock connect --record /dev/full 127.0.0.1 "$port" <<<hello
	[ "$output" = hello ]
	[[ $stderr == *"write /dev/full: No space left on device"* ]]
	finish "$pid"
}

@test "a recording that becomes full goes on as a connection, and says so once" {
	usock_listens server -k --once 1 --echo --record talk.rec
	head -c 2000000 /dev/zero | tr '\0' x >big
	run --separate-stderr bash -c 'ulimit -f 800; exec "$0" connect --record full.rec 127.0.0.1 "$1" <big | cmp - big' "$USOCK" "$port"
	[ "$status" = 0 ]
	[ "$(grep -c 'the recording has ended: write full.rec: File too large' <<<"$stderr")" = 1 ]
	finish "$pid"
}

@test "a link of somebody else is not followed, and an existing file becomes private" {
	touch talk.rec && chmod 644 talk.rec
	usock_listens server -k --once 1 --echo
	usock connect --record talk.rec 127.0.0.1 "$port" <<<hello >out
	finish "$pid"
	[ "$(stat -c %a talk.rec)" = 600 ]
	[ "$(id -u)" = 0 ] || skip "only root can make a link of somebody else"
	echo precious >precious
	ln -s precious link
	chown -h nobody link
	run -8 usock connect --record link 127.0.0.1 1
	[[ $output == *"open link: it is a symbolic link of somebody else" ]]
	text_is precious 'precious\n'
}

@test "a file that another process records into is refused, and keeps what it has; after a crash it is free" {
	usock_listens server -k --echo --record talk.rec
	local first=$pid at=$port size
	usock connect 127.0.0.1 "$at" <<<one >out
	size=$(stat -c %s talk.rec)
	run -8 usock connect --record talk.rec 127.0.0.1 "$at"
	[ "$output" = "usock: open talk.rec: another process is writing it" ]
	run -8 usock connect --pcap talk.rec 127.0.0.1 "$at"
	run -8 usock run --allow-files -c 'record start talk.rec'
	(($(stat -c %s talk.rec) >= size)) || fail "it was emptied"
	usock connect 127.0.0.1 "$at" <<<two >out
	kill -KILL "$first"
	finish "$first"
	usock replay --show talk.rec | grep -q two
	usock listen --quiet --record talk.rec --while true 127.0.0.1 0
	[ "$(wc -l <talk.rec)" = 1 ]
}

@test "a recording goes through a pipe" {
	usock_listens server -k --once 1 --echo
	usock connect --record >(cat >piped) 127.0.0.1 "$port" <<<hello >out
	finish "$pid"
	eventually grep -q '"event":"close"' piped
}

@test "--record-secrets needs --record" {
	run -2 usock connect --record-secrets 127.0.0.1 1
	[[ $output == *"--record-secrets: needs --record"* ]]
}

@test "several workers write one file, each line whole and each number once" {
	usock_listens server -k --workers 2 --echo --record talk.rec
	local clients=()
	for _ in 1 2 3 4 5 6; do
		head -c 200000 /dev/urandom | usock connect 127.0.0.1 "$port" >/dev/null &
		clients+=($!)
	done
	wait "${clients[@]}"
	eventually has_count 6 '"event":"close"' talk.rec
	kill -TERM "$pid"
	[ "$(lines_of talk.rec | grep -c -E '^[1-6] open')" = 6 ]
	[ "$(lines_of talk.rec | grep -E ' open' | cut -d ' ' -f 1 | sort -u | wc -l)" = 6 ]
}

@test "every line is what the schema says" {
	need_module jsonschema
	begin_tls
	echo_records 2 --tls "${own[@]}" --record-secrets
	usock connect --tls "${trust[@]}" localhost "$port" <<<hello >out
	printf 'a\0' | usock connect --tls "${trust[@]}" localhost "$port" >out
	finish "$pid"
	"$with" -I -c '
import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
lines = [json.loads(line) for line in open("talk.rec")]
assert len(lines) > 10
for line in lines:
    jsonschema.validate(line, schema)
' "$USOCK_SOURCE/share/recording.schema.json"
}

@test "a script for each client is recorded as what it sends and receives, and how it ends" {
	cat >client.us <<-'END'
		send "name?\n"
		expect -re {(.*)\n}
		send "hello $expect(1)\n"
		if {$expect(1) eq "bad"} { $handle abort }
	END
	usock_listens server -k --once 2 --script client.us --record talk.rec
	start_peer one connect "127.0.0.1:$port" 'recv:6' 'send:me\n' 'recv:9' eof close
	one=$pid
	finish "$one"
	start_peer two connect "127.0.0.1:$port" 'recv:6' 'send:bad\n' after-reset
	finish "$pid"
	diff <(lines_of talk.rec) - <<-'END'
		recording 1 listen
		1 open server stream
		1 sent "name?\n"
		1 received "me\n"
		1 sent "hello me\n"
		1 close local-eof
		2 open server stream
		2 sent "name?\n"
		2 received "bad\n"
		2 sent "hello bad\n"
		2 reset sent
	END
}
