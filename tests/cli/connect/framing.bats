# --framing on connections: records that stay whole.
# shellcheck disable=SC2016,SC2154 # for other shells; status, output and pid are bats' and lib's

load ../lib/common

# client NAME STEP... connects to $port and does what the steps of peer.py say.
client() {
	start_peer "$1" connect "127.0.0.1:$port" "${@:2}"
}

@test "listen -k --framing line: lines of clients that write at once are whole" {
	usock_listens server -k --framing line
	client one 'send:from o' 'file:go' 'send:ne\nand ' 'touch:half' 'file:on' 'send:more\n' eof
	client two 'send:tw' 'touch:two' 'file:half' 'send:o\n' 'touch:on' 'send:the end' shut eof
	local two=$pid
	eventually test -e two
	is_empty server.out
	touch go
	eventually has_line server.out '^and more$'
	finish "$two"
	eventually has_line server.out '^the end$'
	sort server.out >sorted
	text_is sorted 'and more\nfrom one\nthe end\ntwo\n'
}

@test "listen -k without --framing mixes them, as the bytes come" {
	usock_listens server -k
	client one 'send:from o' 'touch:half' 'file:on' 'send:ne\n' shut eof
	local one=$pid
	eventually test -e half
	eventually test -s server.out
	client two 'send:two\n' shut eof
	finish "$pid"
	eventually has_line server.out two
	touch on
	finish "$one"
	eventually has_line server.out ne
	text_is server.out 'from otwo\nne\n'
}

# Records of 100000 bytes of one letter each from several clients, to a reader that is slow and takes little.
@test "large records stay whole where standard output is slow" {
	local i
	mkfifo pipe
	start reader "$python" -IS -c '
import sys, time
data = bytearray()
with open("pipe", "rb", buffering=0) as pipe:
    while True:
        part = pipe.read(5000)
        if not part:
            break
        data += part
        time.sleep(0.0005)
bad = [i for i in range(0, len(data), 100000) if len(set(data[i:i + 100000])) != 1]
print(len(data), bad, "".join(sorted(chr(data[i]) for i in range(0, len(data), 100000))))
'
	local reader=$pid
	to=pipe usock_listens server -k --framing chunk=100000
	local server=$pid clients=()
	for i in a b c d; do
		head -c 500000 /dev/zero | tr '\0' "$i" >"data.$i"
		client "$i" "send-file:data.$i" shut eof
		clients+=("$pid")
	done
	for i in "${clients[@]}"; do finish "$i"; done
	kill -TERM "$server"
	finish "$server"
	finish "$reader"
	[ "$(cat reader.out)" = "2000000 [] aaaaabbbbbcccccddddd" ] || fail "$(cat reader.out reader.err server.err)"
}

@test "a client that is gone leaves no torn record in a slow output" {
	mkfifo pipe
	start reader "$python" -IS -c '
import os, time
data = bytearray()
with open("pipe", "rb", buffering=0) as pipe:
    while not os.path.exists("on"):
        time.sleep(0.01)
    while True:
        part = pipe.read(100000)
        if not part:
            break
        data += part
print(len(data), [i for i in range(0, len(data), 300000) if len(set(data[i:i + 300000])) != 1])
'
	local reader=$pid server
	to=pipe usock_listens server -k --idle-timeout 300ms --framing chunk=300000
	server=$pid
	head -c 600000 /dev/zero | tr '\0' a >data
	client one send-file:data after-reset || :
	eventually has_line server.err 'idle'
	head -c 300000 /dev/zero | tr '\0' b >data2
	client two send-file:data2 shut eof
	touch on
	finish "$pid"
	eventually has_no_tcp established "sport = :$port"
	kill -TERM "$server"
	finish "$server"
	finish "$reader"
	[[ $(cat reader.out) =~ ^[369]00000\ \[\]$ ]] || fail "$(cat reader.out reader.err server.err)"
}

@test "records of a length in front, both ways" {
	usock_listens server -k --framing len32
	printf '\0\0\0\5hello\0\0\0\0' | usock connect --framing len32 127.0.0.1 "$port"
	printf '\0\0\0\1x' | usock connect 127.0.0.1 "$port"
	eventually has_bytes server.out 18
	text_is server.out '\0\0\0\5hello\0\0\0\0\0\0\0\1x'
	usock_listens echo -k --echo
	usock connect --framing octets 127.0.0.1 "$port" < <(printf '5 hello0 11 hello world') >out
	text_is out '5 hello0 11 hello world'
	usock connect --framing nul 127.0.0.1 "$port" < <(printf 'a\0b') >out
	text_is out 'a\0b\0'
}

@test "a record of the peer that its end cuts off is a failure, after those before it" {
	start_peer server listen 127.0.0.1:0 'send:\x00\x02hi\x00\x05cu' close
	listening
	run -1 --separate-stderr usock connect --recv-only --framing len16 127.0.0.1 "$port"
	[ "$stderr" = "usock: recv 127.0.0.1:$port: record 2: ends after 2 of 5 bytes" ]
	usock connect --recv-only --framing len16 127.0.0.1 "$port" 2>/dev/null >out || :
}

@test "a record of the input that is malformed is a failure of the input" {
	start_peer server listen 127.0.0.1:0 save:got
	listening
	run -8 --separate-stderr usock connect --framing hex 127.0.0.1 "$port" < <(printf '61 62\n6x\n')
	[[ $stderr == "usock: record 2: not pairs of hexadecimal digits from byte 1 on"* ]] || fail "$stderr"
	finish "$pid"
	text_is got '6162\n'
}

@test "a bad record of one client is no matter for the others" {
	usock_listens server -k --framing octets
	client bad 'send:12x' eof
	client good 'send:2 ok' shut eof
	finish "$pid"
	eventually test -s server.out
	text_is server.out '2 ok'
	eventually has_line server.err 'record 1: no number and a blank in front of it'
}

@test "a record without an end is bounded" {
	usock_listens server -k --framing line
	run usock connect --send-only 127.0.0.1 "$port" < <(head -c 3000000 /dev/zero | tr '\0' x)
	eventually has_line server.err 'record 1: [0-9]+ bytes and more, the limit is 1048576'
	is_empty server.out
}

@test "--framing with TLS, and with a program" {
	usock_listens server -k --tls --self-signed --framing line
	printf 'one\ntwo' | usock connect --tls --insecure --quiet 127.0.0.1 "$port"
	eventually has_line server.out '^two$'
	text_is server.out 'one\ntwo\n'
	usock_listens program --framing line --sh 'read -r a; echo "<$a>"'
	usock connect 127.0.0.1 "$port" <<<hi >out
	text_is out '<hi>\n'
}

@test "--framing and what does not go with it" {
	run -2 --separate-stderr usock connect --framing len16 --crlf 127.0.0.1 1
	[[ $stderr == *"--crlf: on a stream only with --framing line"* ]]
	run -2 --separate-stderr usock listen --framing words 0
	[[ $stderr == *"'words' is not line, nul, hex, whole, len16, len32, octets, chunk=SIZE or read=SIZE"* ]]
}

@test "--framing with DTLS: records of clients are whole datagrams, and whole in the output" {
	usock_listens server -k --dtls --self-signed --framing nul
	printf 'one\0two\0' | usock connect --dtls --insecure --quiet --framing nul --after-eof 300ms 127.0.0.1 "$port"
	printf 'three' | usock connect --dtls --insecure --quiet --framing whole --after-eof 300ms 127.0.0.1 "$port"
	eventually has_bytes server.out 14
	text_is server.out 'one\0two\0three\0'
}

has_bytes() { # FILE N
	[ "$(stat -c %s "$1")" = "$2" ]
}
