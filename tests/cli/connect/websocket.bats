# WebSocket as a client: ws:// and wss://.
# shellcheck disable=SC2154,SC2016 # status, port, pid and patience are bats' and lib's; a shell of ours expands

load ../lib/common
load ../lib/websocket

setup_file() {
	export with
	need_module websockets
}

# connects URL ARG... runs usock connect with what is on standard input.
connects() {
	status=0
	usock connect "$@" >out 2>err || status=$?
}

@test "a line is a message, and a message is a line" {
	websocket_peer server serve
	printf 'one\n\n\xc3\xa9\0\nlast' >in
	connects -v "ws://127.0.0.1:$port/chat" <in
	status_is 0
	text_is out 'one\n\n\303\251\0\nlast\n'
	says err 'end=peer-fin sent=10 received=10 messages-sent=4 messages-received=4 close=1000 '
}

@test "the answer is awaited before the close frame" {
	websocket_peer server serve
	echo q >in
	connects --half-close 5 "ws://localhost:$port" <in
	status_is 0
	text_is out 'q\n'
}

@test "--binary sends binary messages, of any bytes" {
	websocket_peer server answers '' 8800 'then'
	printf '\xff\xfe\n' >in
	connects --binary --half-close 0 "ws://127.0.0.1:$port" <in
	finish "$pid"
	says server.out '^8282'
}

@test "text that is not UTF-8 is a failure of the input, and the peer gets no clean end" {
	websocket_peer server serve
	printf '\xff\xfe\n' >in
	connects "ws://127.0.0.1:$port" <in
	status_is 8
	says_exactly err 'usock: hint: --binary sends binary messages'
}

@test "--framing says what is a message" {
	websocket_peer server serve
	printf 'a\nb\n' >in
	connects --framing whole "ws://127.0.0.1:$port" <in
	status_is 0
	text_is out 'a\nb\n'
	printf 'a\nb\0c\0' >in
	connects -v --framing nul "ws://127.0.0.1:$port" <in
	text_is out 'a\nb\0c\0'
	says err 'messages-sent=2 '
	printf '\0\0\0\3abc\0\0\0\0' >in
	connects -v --framing len32 "ws://127.0.0.1:$port" <in
	text_is out '\0\0\0\3abc\0\0\0\0'
}

@test "a message of several megabytes goes both ways" {
	websocket_peer server serve
	head -c 3000000 /dev/zero | tr '\0' x >in
	echo >>in
	connects "ws://127.0.0.1:$port" <in
	status_is 0
	cmp in out
}

@test "many messages go both ways in order" {
	websocket_peer server serve
	seq 20000 >in
	connects "ws://127.0.0.1:$port" <in
	status_is 0
	cmp in out
}

@test "the server's close frame ends the connection with its code and reason" {
	websocket_peer server push one two
	connects -v --events events "ws://127.0.0.1:$port" <>/dev/ptmx
	status_is 0
	text_is out 'one\ntwo\n'
	says err 'end=peer-fin .* close=4002 '
	[ "$(field events end close)" = 4002 ]
	[ "$(field events end close_reason)" = enough ]
	[ "$(field events end messages_received)" = 2 ]
}

@test "an end without a close frame is truncation, and the messages before it are delivered" {
	websocket_peer server answers '' 81026869
	connects -v "ws://127.0.0.1:$port" <>/dev/ptmx
	status_is 7
	text_is out 'hi\n'
	says err "^usock: recv 127.0.0.1:$port: the peer ended without a close frame\$"
	says err 'end=ws-truncated .* close=1006 '
}

@test "fragments are joined, pings between them answered, and a close without a code is 1005" {
	websocket_peer server answers '' 010261628901788001638800
	connects -v --recv-only "ws://127.0.0.1:$port"
	status_is 0
	text_is out 'abc\n'
	says err ' close=1005 '
	finish "$pid"
	# a pong of one byte and a close without a code, both masked
	tail -n 1 server.out | grep -E -q '^8a81[0-9a-f]{10}8880[0-9a-f]{8}$' || fail "$(cat server.out)"
}

# violates HEX CODE TEXT: a server that sends HEX is told the close code CODE, and TEXT is the reason.
violates() {
	websocket_peer server answers '' "$1"
	connects --max-message 1000 --recv-only "ws://127.0.0.1:$port"
	finish "$pid"
	says_exactly err "usock: recv 127.0.0.1:$port: $3"
	"$python" -c '
import sys
data = bytes.fromhex(open("server.out").read().split()[1])
assert data[:2] == b"\x88\x82", data
assert bytes(a ^ b for a, b in zip(data[2:4], data[6:8])) == int(sys.argv[1]).to_bytes(2, "big"), data
' "$2"
	status=0
	connects --help
}

@test "a server that violates the protocol gets the code of it, and the message says what it did" {
	local bad='not WebSocket: '
	violates 818000000000 1002 "${bad}a server's frame is masked"
	violates c100 1002 "${bad}a frame has reserved bits set, but no extension was agreed on"
	violates 8300 1002 "${bad}a frame has an unknown opcode"
	violates 0900 1002 "${bad}a control frame is fragmented"
	violates 8001 1002 "${bad}a fragment continues no message"
	violates 827f8000000000000000 1002 "${bad}a frame has a length of 2^63 or more"
	violates 880103 1002 "${bad}a close frame has half a code"
	violates 880203ed 1002 "${bad}a close frame has a reserved code"
	violates 8102c328 1007 "${bad}a text message is not UTF-8"
	violates 827e03e9 1009 'a message of more than 1000 bytes'
	violates 827f7fffffffffffffff 1009 'a message of more than 1000 bytes'
}

# refused TEXT MESSAGE: a server that answers TEXT is no WebSocket server.
refused() {
	websocket_peer server refuses "$1"
	connects "ws://127.0.0.1:$port"
	status_is 1
	grep -q -F -x -e "usock: websocket 127.0.0.1:$port: $2" err || fail "$(cat err)"
}

@test "a server that refuses is quoted, and redirects are not followed" {
	refused 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n' \
		'the server refuses WebSocket: HTTP/1.1 403 Forbidden'
	refused 'HTTP/1.1 301 Moved\r\nLocation: ws://b/\r\n\r\n' 'the server redirects to another address: ws://b/'
	says_exactly err 'usock: hint: redirects are not followed: give that address'
	refused 'HTTP/1.1 401 Unauthorized\r\n\r\n' 'the server refuses WebSocket: HTTP/1.1 401 Unauthorized'
	refused 'SSH-2.0-x\r\n\r\n' 'the server does not answer in HTTP/1.1: SSH-2.0-x'
	refused 'HTTP/1.1 101 x\r\n\r\n' 'the server upgrades to something else'
	refused 'HTTP/1.1 200' 'the server has ended before the WebSocket handshake'
}

@test "an extension that was not offered is refused" {
	websocket_peer server answers 'Sec-WebSocket-Extensions: permessage-deflate\r\n' ''
	connects "ws://127.0.0.1:$port"
	status_is 1
	says err 'the server uses an extension that was not offered: permessage-deflate'
}

@test "an endless head is refused" {
	start server "$python" -IS -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c = s.accept()[0]
c.recv(4096)
try:
    while True:
        c.sendall(b"HTTP/1.1 101 x\r\n" + b"x: y\r\n" * 4096)
except OSError:
    pass'
	printed server
	connects "ws://127.0.0.1:$port"
	status_is 1
	says err 'the server sends a head of more than 65536 bytes'
}

@test "a server that says nothing is timed out" {
	start server "$USOCK" listen -k --discard --ready-file server.ready 127.0.0.1 0
	is_ready server
	connects --connect-timeout 300ms "ws://127.0.0.1:$port"
	status_is 124
	says err 'timed out: the server has not agreed to WebSocket'
}

@test "a server that does not answer the close frame is timed out" {
	websocket_peer server answers '' '' open
	echo x >in
	connects --half-close 0 --after-eof 300ms "ws://127.0.0.1:$port" <in
	status_is 124
	says err 'timed out: after the end of input, silent for 0.3 s'
}

@test "--header and --subprotocol are sent, and the server's choice is reported" {
	usock_listens echo --recv-only
	connects --connect-timeout 1s --header 'Origin: http://a' --header 'Host: b' --subprotocol x --subprotocol y \
		"ws://127.0.0.1:$port/p?q=1"
	finish "$pid"
	tr -d '\r' <echo.out >request
	says_exactly request 'GET /p?q=1 HTTP/1.1'
	says_exactly request 'Origin: http://a'
	says_exactly request 'Host: b'
	says_exactly request 'Sec-WebSocket-Protocol: x, y'
	! has_line request '^Host: 127' || fail "two hosts"
	! has_line request 'Extensions' || fail "an extension is offered"
	websocket_peer server serve chat
	connects -v --subprotocol superchat --subprotocol chat --recv-only --timeout 300ms "ws://127.0.0.1:$port"
	says_exactly err "usock: websocket 127.0.0.1:$port: subprotocol=chat"
}

@test "what makes no sense with WebSocket is a usage error" {
	local args
	for args in --crlf --telnet --half-open --scan --udp; do
		connects "$args" ws://127.0.0.1:1
		status_is 2
		one_message err
	done
	for args in '--header=a: b' --subprotocol=a --binary --max-message=1; do
		connects "$args" 127.0.0.1 1
		status_is 2
		says err 'only with WebSocket'
	done
	for args in '--header=a' '--header=Upgrade: x' '--subprotocol=a b' --max-message=0; do
		connects "$args" ws://127.0.0.1:1
		status_is 2
	done
	for args in ws:// ws:///x ws://:80/ 'ws://a/#b' 'ws://u:p@a/' 'ws://a/ b' 'ws://a:1x/' 'ws://a?b'; do
		connects "$args"
		status_is 2
		one_message err
	done
	connects ws://a 80
	status_is 2
}

@test "wss:// is TLS" {
	usock_listens server -k --ws --echo --tls --self-signed
	echo hello >in
	connects -v --insecure --half-close 0 "wss://127.0.0.1:$port" <in
	status_is 0
	text_is out 'hello\n'
	says err '^usock: tls 127'
	says err 'end=peer-fin .*close=1000'
	connects "wss://127.0.0.1:$port" <in
	status_is 5
}

@test "a program gets the messages as lines" {
	websocket_peer server push one two
	connects --sh 'read -r a; read -r b; echo "$b $a" >got; cat' "ws://127.0.0.1:$port"
	eventually test -s got
	text_is got 'two one\n'
}

# wscat wants a terminal. Another node than Debian's does not look where Debian has its modules.
@test "wscat of npm's ws is a server" {
	local free
	free=$(free_port)
	start server env NODE_PATH=/usr/share/nodejs script -qec "wscat --no-color -l $free" /dev/null
	server=$pid
	echo 'from usock' >in
	from=in start client "$USOCK" connect --retry 100 --retry-interval 100ms "ws://127.0.0.1:$free"
	eventually has_line server.out 'from usock'
	kill -TERM "$server"
	finish "$pid"
}

@test "a server that leaves with our answer to its close frame unread has got all the same what was sent" {
	mkfifo in
	exec 8<>in
	for _ in 1 2 3; do
		websocket_peer server answers '' 880203e8 leaves
		echo hello >&8
		from=in start client "$USOCK" connect "ws://127.0.0.1:$port"
		finish "$pid"
		status_is 0
	done
	exec 8>&-
}

@test "--quit-after waits for the answer to the close frame, which is not reset" {
	websocket_peer server answers '' 880203e8 late
	connects --quit-after 100ms "ws://127.0.0.1:$port" <<<hello
	status_is 0
	eventually is_over "$pid"
	says server.out '^Success$'
}

@test "close_notify that comes after the close frame of wss is awaited, too" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem \
		-subj /CN=localhost 2>/dev/null
	cat key.pem cert.pem >server.pem
	websocket_peer server alert server.pem
	connects --insecure --half-close 0 "wss://127.0.0.1:$port" <<<hello
	status_is 0
	eventually is_over "$pid"
	says server.out '^Success$'
	websocket_peer server alert server.pem
	run -0 usock -c 'set s [connect --insecure wss://127.0.0.1:'"$port"']; $s send hello; expect eof; $s close'
	eventually is_over "$pid"
	says server.out '^Success$'
}
