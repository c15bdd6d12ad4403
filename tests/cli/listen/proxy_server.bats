# listen --proxy-server: clients are connected where they ask to, over SOCKS and HTTP.

load ../lib/tls

setup_file() {
	make_identities
	mkdir -p "$BATS_FILE_TMPDIR/www"
	head -c 300000 /dev/urandom >"$BATS_FILE_TMPDIR/www/file"
	echo 'alice:wonder:land' >"$BATS_FILE_TMPDIR/users"
}

# A web server: sets $origin.
origin_is() {
	start origin "$python" -u -m http.server --bind 127.0.0.1 --directory "$BATS_FILE_TMPDIR/www" 0
	listening
	origin=127.0.0.1:$port
}

proxies() { # KIND ARG...
	serve -k --proxy-server "$1" "${@:2}" 127.0.0.1 0
	proxy=127.0.0.1:$port
}

# fetch ARG... gets the file with curl, past the variables of the environment.
fetch() {
	need curl
	timeout "$patience" curl -sS --noproxy '' -o out "$@" 2>err
}

same_file() {
	cmp out "$BATS_FILE_TMPDIR/www/file"
}

# The peer of a step by step dialogue needs a target.
echo_is() {
	usock_listens echo -k --echo
	target=$port
}

# asks SENT EXPECTED: bytes in hexadecimal, to the proxy and back; all bytes are sent one by one, too.
asks() {
	local piece
	for piece in 1000 1; do
		timeout "$patience" "$python" -IS -c '
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
sent, want, piece = bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3]), int(sys.argv[4])
s = socket.create_connection((host, int(port)))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
try:
    for at in range(0, len(sent), piece):
        s.sendall(sent[at:at + piece])
except OSError:
    pass
got = b""
while len(got) < len(want):
    data = s.recv(len(want) - len(got))
    if not data:
        break
    got += data
assert got == want, got.hex()
' "$proxy" "$1" "$2" "$piece" || return
	done
}

hex_port() { # PORT
	printf '%04x' "$1"
}

# -4: a newer curl knows localhost by heart, with both addresses.
@test "curl gets a file through SOCKS 4, 4a, 5 and 5h" {
	local kind
	origin_is
	proxies socks
	for kind in socks4 socks4a socks5 socks5h; do
		rm -f out
		fetch -4 --proxy "$kind://$proxy" "http://localhost:${origin#*:}/file" || fail "$kind: $(cat err)"
		same_file
	done
}

@test "curl gets a file through HTTP: by absolute URI and by CONNECT" {
	origin_is
	proxies http
	fetch --proxy "http://$proxy" "http://$origin/file"
	same_file
	rm -f out
	fetch --proxy "http://$proxy" --proxytunnel "http://$origin/file"
	same_file
}

@test "curl gets several files through HTTP, one after the other" {
	origin_is
	proxies http
	timeout "$patience" curl -sS --noproxy '' --proxy "http://$proxy" "http://$origin/file" "http://$origin/file" >out
	cat "$BATS_FILE_TMPDIR/www/file" "$BATS_FILE_TMPDIR/www/file" | cmp - out
}

@test "HTTP: of two requests on a connection the second goes to nobody, and the answer says that it is over" {
	local case
	proxies http
	for case in plain head length chunked; do
		timeout "$patience" "$python" -IS "$peers/keepalive.py" "$proxy" "$patience" "$case" || fail "$case: $(cat server.err)"
	done
	server_lives
}

@test "curl gets files of several hosts, of which each keeps its connections" {
	local name ports=()
	need curl
	for name in one two; do
		usock_listens "$name" -k --sh "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\n$name\\n' && cat"
		ports+=("$port")
	done
	proxies http
	timeout "$patience" curl -sS --noproxy '' --proxy "http://$proxy" "http://127.0.0.1:${ports[0]}/" "http://127.0.0.1:${ports[1]}/" >out
	text_is out 'one\ntwo\n'
}

@test "users: curl with the right password is served, with a wrong one or none it is refused" {
	origin_is
	proxies socks --proxy-users "$BATS_FILE_TMPDIR/users"
	fetch --proxy "socks5h://alice:wonder%3Aland@$proxy" "http://$origin/file"
	same_file
	status=0 && fetch --proxy "socks5h://alice:wrong@$proxy" "http://$origin/file" || status=$?
	status_is 97
	status=0 && fetch --proxy "socks5h://$proxy" "http://$origin/file" || status=$?
	status_is 97
	status=0 && fetch --proxy "socks4a://alice@$proxy" "http://$origin/file" || status=$?
	status_is 97
	eventually has_line server.err "socks 127.0.0.1:.*: wrong user or password"
	proxies http --proxy-users "$BATS_FILE_TMPDIR/users"
	for how in --proxy-basic --proxy-anyauth --proxy-digest; do
		rm -f out
		fetch $how --proxy "http://alice:wonder%3Aland@$proxy" "http://$origin/file" || fail "$how: $(cat err)"
		same_file
		rm -f out
		fetch $how --proxytunnel --proxy "http://alice:wonder%3Aland@$proxy" "http://$origin/file" ||
			fail "$how, CONNECT: $(cat err)"
		same_file
	done
	fetch -w '%{http_code}' --proxy "http://alice:wrong@$proxy" "http://$origin/file" >code
	text_is code 407
	fetch -w '%{http_code}' --proxy "http://$proxy" "http://$origin/file" >code
	text_is code 407
}

# What the proxy says to a request with these fields: sets $answer to the status and keeps the fields.
requests() { # FIELD...
	printf '%s\r\n' "GET http://$origin/file HTTP/1.1" "Host: $origin" 'Connection: close' "$@" '' >request
	rm -f answer
	peer send-file:request save:answer
	answer=$(sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' answer)
}

nonce_of() { # FILE
	sed -n 's/.*algorithm=SHA-256, nonce="\([^"]*\)".*/\1/p' "$1" | head -n 1
}

# The field that logs in with this nonce and count; METHOD:URI and the password can be others.
digest() { # NONCE COUNT [URI [PASSWORD [ALGORITHM]]]
	local hash=sha256sum algorithm=${5-SHA-256} a1 a2 response uri=${3-http://$origin/file}
	[ "$algorithm" = SHA-256 ] || hash=md5sum
	sum() { printf %s "$1" | $hash | cut -d ' ' -f 1; }
	a1=$(sum "alice:usock:${4-wonder:land}")
	a2=$(sum "GET:$uri")
	response=$(sum "$a1:$1:$2:abc:auth:$a2")
	printf 'Proxy-Authorization: Digest username="alice", realm="usock", nonce="%s", uri="%s", algorithm=%s, response="%s", qop=auth, nc=%s, cnonce="abc"' \
		"$1" "$uri" "$algorithm" "$response" "$2"
}

@test "Digest: a nonce and a count are taken once, in SHA-256 and MD5" {
	local nonce
	origin_is
	proxies http --proxy-users "$BATS_FILE_TMPDIR/users" --proxy-auth digest
	requests
	[ "$answer" = 407 ]
	says answer '^Proxy-Authenticate: Digest realm="usock", qop="auth", algorithm=SHA-256, nonce="[0-9a-f]{64}"'
	says answer '^Proxy-Authenticate: Digest realm="usock", qop="auth", algorithm=MD5, nonce="[0-9a-f]{64}"'
	has_no_line answer Basic
	nonce=$(nonce_of answer)
	requests "$(digest "$nonce" 00000001)"
	[ "$answer" = 200 ]
	requests "$(digest "$nonce" 00000001)"
	[ "$answer" = 407 ]
	says answer 'stale=true'
	[ "$(nonce_of answer)" != "$nonce" ]
	requests "$(digest "$nonce" 00000003)"
	[ "$answer" = 200 ]
	requests "$(digest "$nonce" 00000002 /file wonder:land MD5)"
	[ "$answer" = 200 ]
	requests "$(digest "$nonce" 00000002)"
	[ "$answer" = 407 ]
	requests "$(digest "$nonce" 00000004 http://elsewhere/)"
	[ "$answer" = 407 ]
	has_no_line answer stale
	requests "$(digest "$nonce" 00000005 "http://$origin/file" wrong)"
	[ "$answer" = 407 ]
	has_no_line answer stale
	requests "$(digest "${nonce//[0-7]/8}" 00000006)"
	[ "$answer" = 407 ]
	says answer stale=true
	requests "$(digest "$nonce" 00000005)"
	[ "$answer" = 200 ]
	requests 'Proxy-Authorization: Basic YWxpY2U6d29uZGVyOmxhbmQ='
	[ "$answer" = 407 ]
}

@test "Digest: curl, and our own client, alone and with Basic beside it" {
	origin_is
	proxies http --proxy-users "$BATS_FILE_TMPDIR/users"
	fetch --proxy-digest --proxy "http://alice:wonder%3Aland@$proxy" "http://$origin/file" "http://$origin/file" -o /dev/null
	same_file
	(umask 077 && echo 'alice:wonder:land' >login)
	echo_is
	run --separate-stderr -0 usock connect -v --half-close 0.1 --proxy "http://$proxy" --proxy-auth-file login 127.0.0.1 "$target" <<<hello
	[ "$output" = hello ] || fail "$stderr"
	proxies http --proxy-users "$BATS_FILE_TMPDIR/users" --proxy-auth basic
	run --separate-stderr -0 usock connect --half-close 0.1 --proxy "http://$proxy" --proxy-auth-file login 127.0.0.1 "$target" <<<hello
	[ "$output" = hello ] || fail "$stderr"
	status=0 && fetch -w '%{http_code}' --proxy-digest --proxy "http://alice:wonder%3Aland@$proxy" "http://$origin/file" >code || status=$?
	text_is code 407
}

@test "a target that is not allowed is refused: by address, by name, and by the address of a name" {
	origin_is
	proxies http --allow-target 127.0.0.0/8 --deny-target 127.0.0.9 --deny-target '*.example.org'
	fetch --proxy "http://$proxy" "http://$origin/file"
	same_file
	fetch -w '%{http_code}' --proxy "http://$proxy" "http://127.0.0.9:1/file" >code
	text_is code 403
	proxies http --deny-target 127.0.0.1
	fetch -w '%{http_code}' --proxy "http://$proxy" "http://localhost:${origin#*:}/file" >code
	text_is code 403
	proxies socks --deny-target localhost
	status=0 && fetch --proxy "socks5h://$proxy" "http://localhost:${origin#*:}/file" || status=$?
	status_is 97
}

@test "a target that refuses, is not there or does not answer has its answer in each protocol" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	refused=$port
	start_peer full full 127.0.0.1:0
	printed full
	full=$port
	proxies http -w 1
	fetch -w '%{http_code}' --proxy "http://$proxy" "http://127.0.0.1:$refused/" >code
	text_is code 502
	says out 'usock: the target refuses'
	fetch -w '%{http_code}' --proxy "http://$proxy" "http://127.0.0.1:$full/" >code
	text_is code 504
	proxies socks -w 1
	asks "050100 05010001 7f000001 $(hex_port "$refused")" "0500 0505 0001 00000000 0000"
	asks "0401 $(hex_port "$refused") 7f000001 00" "005b 0000 00000000"
	eventually has_line server.err "connect 127.0.0.1:$refused: Connection refused"
}

@test "SOCKS byte for byte: bytes after the request reach the target" {
	echo_is
	proxies socks
	asks "050100 05010001 7f000001 $(hex_port "$target") 6869" "0500 0500 0001 00000000 0000 6869"
	asks "05020002 05010003 09 6c6f63616c686f7374 $(hex_port "$target") 6869" "0500 0500 0001 00000000 0000 6869"
	asks "0401 $(hex_port "$target") 7f000001 6d6500 6869" "005a 0000 00000000 6869"
	asks "0401 $(hex_port "$target") 00000001 00 6c6f63616c686f737400 6869" "005a 0000 00000000 6869"
}

@test "SOCKS: what is not served is refused with its code" {
	proxies socks
	asks "050102" "05ff"
	asks "050100 05020001 7f000001 0001" "0500 0507 0001 00000000 0000"
	asks "050100 05010002" "0500"
	asks "0402 0001 7f000001 00" "005b 0000 00000000"
	asks "474554202f" ""
	server_lives
}

@test "HTTP byte for byte: the head is rewritten, and the body follows" {
	start_peer target listen 127.0.0.1:0 save:head
	target_pid=$pid
	listening
	target=$port
	proxies http
	printf '%s\r\n' "POST http://u:p@127.0.0.1:$target/a?b HTTP/1.1" 'Host: other' 'Proxy-Connection: keep-alive' \
		'Connection: x-mine, keep-alive' 'X-Mine: 1' 'Keep-Alive: 1' 'Proxy-Authorization: Basic eDp5' 'X-Other: 2' \
		'Content-Length: 4' '' >request
	printf body >>request
	peer send-file:request shut eof
	finish "$target_pid"
	printf '%s\r\n' 'POST /a?b HTTP/1.1' "Host: 127.0.0.1:$target" 'X-Other: 2' 'Content-Length: 4' \
		'Via: 1.1 usock' 'Connection: close' '' >want
	printf body >>want
	cmp head want || fail "$(cat head)"
}

@test "HTTP: what is malformed or not served gets an answer that says so" {
	answers() { # CODE TEXT
		# shellcheck disable=SC2059
		printf "$2" >request
		rm -f answer
		peer send-file:request save:answer
		says answer "^HTTP/1.1 $1 "
	}
	proxies http
	answers 400 'rubbish\r\n\r\n'
	answers 400 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
	answers 400 'CONNECT localhost HTTP/1.1\r\n\r\n'
	answers 400 'CONNECT unix:/tmp/x:1 HTTP/1.1\r\n\r\n'
	answers 400 'CONNECT fd:3 HTTP/1.1\r\n\r\n'
	answers 400 'CONNECT x:99999 HTTP/1.1\r\n\r\n'
	answers 400 'GET http://x/ HTTP/1.1\r\nA : b\r\n\r\n'
	answers 400 'GET http://x/ HTTP/1.1\r\n folded\r\n\r\n'
	answers 501 'GET https://x/ HTTP/1.1\r\n\r\n'
	answers 505 'GET http://x/ HTTP/2.0\r\n\r\n'
	answers 431 "GET http://x/ HTTP/1.1\r\n$(printf 'A: %070000d\r\n' 1)\r\n\r\n"
	answers 431 "GET http://x/ HTTP/1.1\r\n$(printf 'A: b\\r\\n%.0s' {1..300})\r\n"
	server_lives
}

@test "a client that ends or resets in the middle of its request leaves nothing behind" {
	local before
	proxies socks
	peer eof shut close || :
	before=$(find "/proc/$server/fd" -type l | wc -l)
	peer send:'\x05\x02' close
	peer send:'\x05\x01\x00' recv:2 reset
	peer send:'\x04\x01\x00' shut after-reset || :
	eventually has_events 3 end
	server_lives
	[ "$(find "/proc/$server/fd" -type l | wc -l)" -le "$before" ]
}

@test "TLS in front of the proxy: curl speaks to it as an HTTPS proxy" {
	begin_tls
	origin_is
	serve -k --tls "${own[@]}" --proxy-server http 127.0.0.1 0
	fetch --proxy "https://localhost:$port" --proxy-cacert "$c/root.crt" "http://$origin/file"
	same_file
}

@test "socat and ncat as clients of SOCKS 4a, 5 and HTTP" {
	need socat ncat
	echo_is
	proxies socks
	[ "$(echo one | socat -t 20 - "SOCKS4A:127.0.0.1:localhost:$target,socksport=${proxy#*:}")" = one ]
	[ "$(echo two | ncat --proxy "$proxy" --proxy-type socks5 127.0.0.1 "$target")" = two ]
	proxies http
	[ "$(echo three | socat -t 20 - "PROXY:127.0.0.1:localhost:$target,proxyport=${proxy#*:}")" = three ]
	[ "$(echo four | ncat --proxy "$proxy" --proxy-type http 127.0.0.1 "$target")" = four ]
}

@test "options that make no sense together are refused" {
	refuses() { # TEXT ARG...
		status=0
		usock listen "${@:2}" 2>err || status=$?
		status_is 2
		says err "$1"
	}
	refuses "proxy-server" -k --proxy-server socks --echo 0
	refuses "proxy-server" -k --proxy-server socks --forward 127.0.0.1:1 0
	refuses "proxy-server" -k --proxy-server socks 0 -- cat
	refuses "proxy-server.*ftp|ftp.*proxy-server" -k --proxy-server ftp 0
	refuses "^usock: listen: --proxy-server: only with streams" -u --proxy-server socks 0
	refuses "^usock: listen: --proxy-users: needs --proxy-server" -k --proxy-users x 0
	refuses "^usock: listen: --proxy-auth: needs --proxy-server http and --proxy-users" -k --proxy-server http --proxy-auth basic 0
	refuses "^usock: listen: --proxy-auth: needs --proxy-server http and --proxy-users" -k --proxy-server socks --proxy-users x --proxy-auth basic 0
	refuses "^usock: listen: --allow-target: needs --proxy-server" -k --allow-target 127.0.0.1 0
	refuses "^usock: listen: --deny-target: needs --proxy-server" -k --deny-target 127.0.0.1 0
	echo nocolon >bad
	refuses "^usock: listen: --proxy-users: bad:1: not NAME:PASSWORD" -k --proxy-server http --proxy-users bad 0
}

@test "clients whose target needs a descriptor wait for it" {
	local echo
	usock_listens echo -k --echo
	echo=$port
	serve_with_few 24 -k --proxy-server socks 127.0.0.1 0
	"$python" -IS - "$port" "$echo" "$patience" <<-'END' || fail "$(cat server.err)"
		import select, socket, sys
		from concurrent.futures import ThreadPoolExecutor
		proxy, echo, patience = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
		connect = b"\5\1\0\1\x7f\0\0\1" + echo.to_bytes(2, "big")
		clients = [socket.create_connection(("127.0.0.1", proxy), patience) for _ in range(16)]
		for c in clients:
		    c.sendall(b"\5\1\0")
		# as many as the server takes say what they want when it has no descriptor left for a target
		waiting = list(clients)
		while ready := select.select(waiting, [], [], 1)[0]:
		    waiting = [c for c in waiting if c not in ready]
		def visit(c):
		    with c:
		        assert c.recv(2) == b"\5\0"
		        c.sendall(connect)
		        assert c.recv(10)[:2] == b"\5\0"
		        c.sendall(b"hello\n")
		        return c.recv(6)
		with ThreadPoolExecutor(len(clients)) as pool:
		    answers = list(pool.map(visit, clients))
		assert answers == [b"hello\n"] * len(clients), answers
	END
}

@test "Digest: workers take the nonces of each other, and a count once" {
	local nonce count
	origin_is
	proxies http --workers 3 --proxy-users "$BATS_FILE_TMPDIR/users" --proxy-auth digest
	requests
	nonce=$(nonce_of answer)
	for count in 1 2 3 4 5 6 7 8; do
		requests "$(digest "$nonce" 0000000$count)"
		[ "$answer" = 200 ]
	done
	for count in 1 2 3 4 5 6 7 8; do
		requests "$(digest "$nonce" 0000000$count)"
		[ "$answer" = 407 ]
		says answer stale=true
	done
}
