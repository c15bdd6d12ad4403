# WebSocket as a server: listen --ws.
# shellcheck disable=SC2154,SC2016 # status, port, pid and patience are bats' and lib's; a shell of ours expands

load ../lib/common
load ../lib/websocket

setup_file() {
	export with
	need_module websockets
}

# wscat of npm's ws, which wants a terminal. Another node than Debian's does not look where Debian has its modules.
wscat() {
	NODE_PATH=/usr/share/nodejs timeout -s KILL "$patience" script -qec "wscat --no-color $*" /dev/null
}

@test "--echo returns each message as it came, text or binary, of 0 bytes to 1 MiB" {
	usock_listens server -k --ws --echo -v
	websocket exchange "ws://127.0.0.1:$port/" >out
	text_is out '4001\n'
	eventually has_line server.err 'end=peer-fin .* messages-sent=14 messages-received=14 close=4001 '
}

@test "--tls makes it wss" {
	usock_listens server -k --ws --echo --tls --self-signed -v
	websocket exchange "wss://127.0.0.1:$port/" >out
	text_is out '4001\n'
	eventually has_line server.err 'end=peer-fin .* close=4001 '
}

@test "wscat of npm's ws gets its message back" {
	usock_listens server -k --ws --echo
	wscat -c "ws://127.0.0.1:$port" -x hello -w 1 >out 2>err
	has_line out hello || fail "$(cat out err)"
}

@test "one client gets the input as messages, and its messages are the output" {
	printf 'from\nus\n' >in
	from=in usock_listens server --ws -v
	echo 'from you' >mine
	usock connect --half-close 0 "ws://127.0.0.1:$port" <mine >out
	text_is out 'from\nus\n'
	finish "$pid"
	status_is 0
	text_is server.out 'from you\n'
}

@test "a program reads and writes lines, and its end closes the connection" {
	usock_listens server -k --ws --sh 'read -r a; echo "got $a"; echo bye'
	echo x >in
	usock connect -v "ws://127.0.0.1:$port" <in >out 2>err
	text_is out 'got x\nbye\n'
	says err 'end=peer-fin .* close=1000 '
}

@test "--send sends each line of a file as a message" {
	seq 1000 >file
	usock_listens server -k --ws --send file
	usock connect -v --recv-only "ws://127.0.0.1:$port" >out 2>err
	cmp file out
	says err 'messages-received=1000 close=1000 '
}

@test "--broadcast-input sends each line to all clients" {
	local clients=() i
	mkfifo input
	from=input start server "$USOCK" listen -k --ws --broadcast-input --ready-file server.ready 127.0.0.1 0
	exec 7>input
	is_ready server
	for i in 1 2 3; do
		start "client$i" "$USOCK" connect --recv-only "ws://127.0.0.1:$port"
		clients+=("$pid")
	done
	eventually eval '[ "$(ss -Htn state established "sport = :$port" | wc -l)" = 3 ]'
	seq 1000 >&7
	exec 7>&-
	for i in 1 2 3; do
		finish "${clients[i - 1]}"
		status_is 0
		seq 1000 | cmp - "client$i.out"
	done
}

@test "messages of several clients are whole lines of the output" {
	local i clients=()
	usock_listens server -k --ws
	server=$pid
	for i in 1 2 3 4; do
		yes "$i$i$i$i$i$i$i$i" | head -n 5000 >"in$i"
		from=in$i start "client$i" "$USOCK" connect --half-close 0 "ws://127.0.0.1:$port"
		clients+=("$pid")
	done
	for i in 0 1 2 3; do
		finish "${clients[i]}"
		status_is 0
	done
	eventually eval '[ "$(wc -l <server.out)" = 20000 ]'
	[ "$(sort -u server.out | wc -l)" = 4 ]
}

# answers TEXT FIRST-LINE: what a server with --path /chat answers to a request.
answers() {
	websocket request "$port" "$1" >answer
	[ "$(head -n 1 answer | tr -d '\r')" = "$2" ] || fail "$(cat answer)"
}

@test "a request that is no handshake is answered in HTTP, each of its bytes for itself" {
	local head='Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
	usock_listens server -k --ws --echo --path /chat
	answers 'GET /chat HTTP/1.1\r\nHost: a\r\n\r\n' 'HTTP/1.1 426 Upgrade Required'
	says answer 'this is a WebSocket server'
	answers 'GET /other HTTP/1.1\r\nHost: a\r\n\r\n' 'HTTP/1.1 404 Not Found'
	answers 'POST /chat HTTP/1.1\r\nHost: a\r\n\r\n' 'HTTP/1.1 405 Method Not Allowed'
	answers 'GET /chat HTTP/1.0\r\n\r\n' 'HTTP/1.1 400 Bad Request'
	answers '\x16\x03\x01\r\n\r\n' 'HTTP/1.1 400 Bad Request'
	answers "GET /chat HTTP/1.1\r\n${head}Sec-WebSocket-Version: 8\r\n\r\n" 'HTTP/1.1 426 Upgrade Required'
	answers "GET /chat HTTP/1.1\r\n${head}Sec-WebSocket-Version: 13\r\n\r\n" 'HTTP/1.1 400 Bad Request'
	says server.err "the client was refused \(404\): there is no WebSocket at this path"
	curl -s -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port/chat" >code
	text_is code '426\n'
}

# violates HEX TAIL TEXT: a client that sends HEX is answered with bytes that end in TAIL, and TEXT is the reason.
violates() {
	websocket ask "$port" "$1" >answer
	grep -q -E "^[0-9a-f]*$2\$" answer || fail "$1: $(cat answer)"
	eventually has_line server.err "$3"
}

@test "a client that violates the protocol gets the code of it, and the others are served" {
	usock_listens server -k --ws --echo --max-message 1000
	violates 8100 880203ea "a client's frame is not masked"
	violates c18000000000 880203ea 'a frame has reserved bits set'
	violates 838000000000 880203ea 'a frame has an unknown opcode'
	violates 098000000000 880203ea 'a control frame is fragmented'
	violates 89fe007e00000000 880203ea 'a control frame has more than 125 bytes'
	violates 808000000000 880203ea 'a fragment continues no message'
	violates 82ff800000000000000000000000 880203ea 'a frame has a length of 2\^63 or more'
	violates 88810000000003 880203ea 'a close frame has half a code'
	violates 8882000000000000 880203ea 'a close frame has a reserved code'
	violates 818100000000ff 880203ef 'a text message is not UTF-8'
	violates 82fe03e900000000 880203f1 'a message of more than 1000 bytes'
	echo hello >in
	usock connect --half-close 0 "ws://127.0.0.1:$port" <in >out
	text_is out 'hello\n'
}

@test "a close frame is answered with its code, one without a code with none" {
	usock_listens server -k --ws --echo
	[[ $(websocket ask "$port" 8882000000000fa1) == *88020fa1 ]]
	[[ $(websocket ask "$port" 888000000000) == *8800 ]]
	# a ping between fragments
	[[ $(websocket ask "$port" 01810000000061 89810000000070 80810000000062 888000000000) == *8a0170810261628800 ]]
}

@test "a client that stalls at any byte of its request does not hold up others" {
	usock_listens plain -k --ws --echo
	start stalled "$with" "$peers/websocket.py" stalls "$port"
	eventually test -s stalled.out
	echo hello >in
	timed usock connect --half-close 0 "ws://127.0.0.1:$port" <in >out
	text_is out 'hello\n'
}

@test "a client that reads nothing does not grow the server" {
	usock_listens server -k --ws --echo
	server=$pid
	start flood "$with" -c '
import socket, sys
exec(open(sys.argv[2]).read().split("if __name__")[0])
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(REQUEST.encode())
read_head(s)
s.settimeout(1)
frame = bytes.fromhex("82fe400000000000") + bytes(16384)
ping = bytes.fromhex("898100000000") + b"p"
n = 0
try:
    while n < 1 << 28:
        s.sendall(frame + ping)
        n += 16384
except TimeoutError:
    print("held back", flush=True)
s.recv(1)
import time; time.sleep(60)' "$port" "$peers/websocket.py"
	eventually test -s flood.out
	[ "$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")" -lt 300000 ]
	echo hello >in
	usock connect --half-close 0 "ws://127.0.0.1:$port" <in >out
	text_is out 'hello\n'
}

@test "clients are told that the server goes away" {
	usock_listens server -k --ws --echo
	server=$pid
	start client "$USOCK" connect -v --recv-only "ws://127.0.0.1:$port"
	client=$pid
	eventually has_line client.err 'connected to'
	eventually has_tcp established "sport = :$port"
	echo x >in
	usock connect --half-close 0 "ws://127.0.0.1:$port" <in >out
	kill -TERM "$server"
	finish "$client"
	status_is 0
	says client.err ' close=1001 '
}

@test "the subprotocol is the first of the client that the server knows" {
	usock_listens server -k --ws --echo --subprotocol b --subprotocol a
	usock connect -v --subprotocol x --subprotocol a --subprotocol b --timeout 1s "ws://127.0.0.1:$port" 2>err || :
	says_exactly err "usock: websocket 127.0.0.1:$port: subprotocol=a"
	usock connect -v --subprotocol x --timeout 300ms "ws://127.0.0.1:$port" 2>err || :
	! has_line err subprotocol= || fail "$(cat err)"
}

@test "what makes no sense with --ws is a usage error" {
	local args
	for args in --udp --dtls --crlf --telnet --half-open --path=x '--subprotocol=a b'; do
		status=0
		usock listen --ws "$args" 127.0.0.1 0 2>err || status=$?
		status_is 2
		one_message err
	done
	for args in --path=/ --binary --subprotocol=a --max-message=5; do
		status=0
		usock listen "$args" 127.0.0.1 0 2>err || status=$?
		status_is 2
		says err 'only with WebSocket'
	done
	status=0
	usock listen ws://127.0.0.1:0 2>err || status=$?
	status_is 2
	says err '^usock: hint: usock listen --ws PORT'
}
