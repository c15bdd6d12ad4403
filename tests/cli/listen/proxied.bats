# Clients behind proxies: `usock listen --proxy-protocol`.
#
# shellcheck disable=SC2016 # for other programs' shells

load ../lib/listen

# says_as HEADER TEXT: a client that sends the header and TEXT; what comes back goes to $output.
says_as() { # HEADER TEXT [usock-option...]
	# shellcheck disable=SC2059
	run usock connect "${@:3}" "$(where)" < <(printf "$1" && printf '%s\n' "$2")
}

v4='PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n'
v6='PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n'
v2='\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x07\xc0\x00\x02\x01\x12\x67\x00\x50'
local_v2='\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00'

# --- what the header says -------------------------------------------------------

@test "the address in the header is the client's, in environment, events and messages" {
	local header
	serve -v -k --proxy-protocol 127.0.0.1 0 \
		--sh 'read -r word; echo "$word $USOCK_PEER_ADDR $USOCK_PEER_PORT $TCPREMOTEIP $TCPREMOTEPORT $USOCK_LOCAL_ADDR"'
	for header in "$v4" "$v2"; do
		says_as "$header" hello
		[ "$output" = "hello 192.0.2.7 4711 192.0.2.7 4711 127.0.0.1" ]
	done
	says_as "$v6" hello
	[ "$output" = "hello 2001:db8::7 4711 2001:db8::7 4711 127.0.0.1" ]
	eventually has_events 3 end
	[ "$(field events proxied peer)" = '[2001:db8::7]:4711' ]
	[[ "$(field events proxied proxy)" == 127.0.0.1:* ]]
	[ "$(field events end peer)" = '[2001:db8::7]:4711' ]
	says server.err "^usock: proxied 192\.0\.2\.7:4711 by 127\.0\.0\.1:[0-9]+ on 127\.0\.0\.1:$port$"
	says server.err "^usock: 192\.0\.2\.7:4711 > 127\.0\.0\.1:$port: end="
}

@test "a connection of the proxy itself keeps the proxy's address" {
	local header
	serve -k --proxy-protocol 127.0.0.1 0 --sh 'echo "$TCPREMOTEIP"'
	for header in 'PROXY UNKNOWN\r\n' 'PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n' "$local_v2"; do
		says_as "$header" x
		[ "$output" = 127.0.0.1 ]
	done
	eventually has_events 3 end
	events_are 0 proxied
}

@test "the bytes behind the header are the client's, whole and in order" {
	serve -k --proxy-protocol --echo 127.0.0.1 0
	head -c 3000000 /dev/urandom >data
	for header in "$v4" "$v2"; do
		# shellcheck disable=SC2059
		{ printf "$header" && cat data; } >sent
		usock connect "$(where)" <sent >received
		cmp data received
	done
}

@test "a header may come byte by byte" {
	serve -k --proxy-protocol --echo 127.0.0.1 0
	for header in "$v4" "$v2"; do
		"$python" -IS -c '
import socket, sys, time
host, port = sys.argv[1].split(":")
s = socket.create_connection((host, int(port)))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for byte in sys.argv[2].encode().decode("unicode_escape").encode("latin-1") + b"hello":
    s.send(bytes([byte]))
    time.sleep(0.001)
s.shutdown(socket.SHUT_WR)
got = b""
while part := s.recv(100):
    got += part
assert got == b"hello", got
' "$(where)" "$header"
	done
	eventually has_events 2 end
	[ "$(field events end peer)" = 192.0.2.7:4711 ]
}

@test "TLS comes after the header" {
	serve -k --proxy-protocol --tls --self-signed --sh 'echo "$SSLREMOTEIP"' 127.0.0.1 0
	need openssl
	"$python" -c '
import socket, ssl, sys
host, port = sys.argv[1].split(":")
s = socket.create_connection((host, int(port)))
s.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n")
c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
c.check_hostname = False
c.verify_mode = ssl.CERT_NONE
t = c.wrap_socket(s)
assert t.recv(100) == b"192.0.2.7\n"
' "$(where)"
	eventually has_events 1 end
	[ "$(field events tls peer)" = 192.0.2.7:4711 ]
}

# --- who is a proxy -------------------------------------------------------------

@test "only these peers send a header, others are served as they are" {
	serve -k --proxy-protocol=127.0.0.2,127.0.1.0/24 --sh 'cat; echo "$TCPREMOTEIP"' 127.0.0.1 0
	says_as "$v4" one --source 127.0.0.2
	[ "${lines[0]} ${lines[1]}" = "one 192.0.2.7" ]
	says_as "$v4" two --source 127.0.1.77
	[ "${lines[1]}" = 192.0.2.7 ]
	says_as "" three
	[ "${lines[0]} ${lines[1]}" = "three 127.0.0.1" ]
	# who is no proxy cannot choose its address
	says_as "$v4" four
	[ "${lines[2]}" = 127.0.0.1 ]
}

@test "the lists are about the client in the header, and not about the proxy" {
	serve -k --proxy-protocol=127.0.0.1 --allow 192.0.2.0/28 --deny 192.0.2.9 --echo 127.0.0.1 0
	says_as "$v4" hello
	[ "$output" = hello ]
	says_as 'PROXY TCP4 192.0.2.9 192.0.2.1 1 2\r\n' hello
	[[ $status = 1 && $output == *"reset by peer"* ]]
	says_as 'PROXY TCP4 192.0.2.77 192.0.2.1 1 2\r\n' hello
	[ "$status" = 1 ]
	# the proxy itself, and another peer, are none of them
	says_as 'PROXY UNKNOWN\r\n' hello
	[ "$status" = 1 ]
	says_as '' hello --source 127.0.0.3
	[ "$status" = 1 ]
	events_are 4 denied
	eventually has_events 3 end end refused
	server_ends_by TERM 143
	says server.err '^usock: 4 clients denied \(--allow, --deny\)$'
	has_no_line server.err 'denied: Permission'
}

@test "without -k a client that is denied in its header is status 1" {
	serve --proxy-protocol --deny 192.0.2.7 --echo 127.0.0.1 0
	says_as "$v4" hello
	server_ends 1
	says server.err '^usock: proxy-protocol 192\.0\.2\.7:4711: the client is denied: Permission denied$'
}

@test "a unix socket takes headers, and its proxy is known by its user" {
	serve -k --proxy-protocol="uid:$(id -u)" --allow 192.0.2.7 --sh 'cat; echo "$USOCK_PEER_ADDR"' unix:path
	says_as "$v4" hello
	[ "${lines[0]} ${lines[1]}" = "hello 192.0.2.7" ]
	says_as 'PROXY TCP4 192.0.2.8 192.0.2.1 1 2\r\n' hello
	[ "$status" != 0 ] || [ -z "$output" ]
	events_are 1 denied
}

@test "a reload reads the list of proxies again" {
	echo 127.0.0.2 >proxies
	serve -k --control control --proxy-protocol=@proxies --sh 'cat; echo "$TCPREMOTEIP"' 127.0.0.1 0
	says_as "$v4" one
	[ "${lines[2]}" = 127.0.0.1 ]
	echo 127.0.0.1 >proxies
	[ "$(usock connect unix:control <<<reload)" = ok ]
	says_as "$v4" two
	[ "${lines[1]}" = 192.0.2.7 ]
}

# --- what is wrong --------------------------------------------------------------

@test "a header that is wrong ends that client alone, and says why" {
	local bad
	serve -k --proxy-protocol --echo 127.0.0.1 0
	for bad in 'GET / HTTP/1.1\r\n\r\n' 'PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n' \
		'PROXY TCP4 300.0.2.7 192.0.2.1 4711 80\r\n' "${v2/x21/x31}"; do
		says_as "$bad" hello
		[[ $output != *hello* ]]
	done
	printf 'PROXY TCP4 192.0' | usock connect "$(where)"
	usock connect --recv-only "$(where)" </dev/null & # a client that only looks whether we listen
	says_as "$v4" hello
	[ "$output" = hello ]
	says server.err '^usock: proxy-protocol 127\.0\.0\.1:[0-9]+: no valid PROXY header: it begins with something else$'
	says server.err 'no valid PROXY header: its version or command does not exist$'
	says server.err ': it ended before its PROXY header$'
}

@test "a client without a header does not hold the others, and is given up in time" {
	serve -k --proxy-protocol --tls --self-signed --handshake-timeout 300ms --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	printf 'PROXY ' >&5
	eventually has_line server.err ': timed out: no PROXY header has come$'
	receives_end 5
	exec 5>&-
}

@test "where there is no stream it is refused" {
	local args
	for args in '-u 127.0.0.1 0' '--dtls --self-signed 127.0.0.1 0' '-u unix:path' '--type seqpacket unix:path'; do
		# shellcheck disable=SC2086
		run -2 usock listen --proxy-protocol $args
		[ "${lines[0]}" = "usock: listen: --proxy-protocol: only with streams" ]
	done
	run -2 usock listen --proxy-protocol=10.0.0.0/33 127.0.0.1 0
	[ "${lines[0]}" = "usock: listen: --proxy-protocol: '10.0.0.0/33': a prefix of this address is 0 to 32" ]
	run -2 usock listen --proxy-protocol=127.0.0.1, 127.0.0.1 0
	[ "${lines[0]}" = "usock: listen: --proxy-protocol: '' is not an address, a range or a name" ]
}

# --- real proxies ---------------------------------------------------------------

# Starts HAProxy in front of the server, with these words behind its address.
haproxy_in_front() { # WORD...
	need haproxy
	front=$(free_port)
	cat >haproxy.cfg <<-END
		defaults
		    mode tcp
		    timeout connect 5s
		    timeout client 30s
		    timeout server 30s
		listen front
		    bind 127.0.0.1:$front
		    server usock $(where) $*
	END
	start haproxy haproxy -db -f haproxy.cfg
	eventually has_tcp listening "sport = :$front"
}

@test "HAProxy's send-proxy and send-proxy-v2 name the client" {
	local word
	for word in send-proxy send-proxy-v2 'send-proxy-v2 proxy-v2-options crc32c,unique-id'; do
		serve -k --proxy-protocol=127.0.0.1 --sh 'cat; echo "$TCPREMOTEIP"' 127.0.0.1 0
		haproxy_in_front "$word"
		run usock connect --source 127.0.0.9 127.0.0.1 "$front" <<<hello
		[ "${lines[0]} ${lines[1]}" = "hello 127.0.0.9" ] || fail "$word: $output; $(cat server.err haproxy.err)"
		kill "$pid" "$server"
		finish "$server"
	done
}

@test "HAProxy's checks with send-proxy are connections of its own" {
	serve -k --proxy-protocol=127.0.0.1 --echo 127.0.0.1 0
	haproxy_in_front 'send-proxy-v2 check check-send-proxy inter 100ms'
	eventually has_events 3 end
	# it ends them with a reset
	has_no_line server.err PROXY
	events_are 0 proxied
	[ "$(usock connect 127.0.0.1 "$front" <<<hello)" = hello ]
}

@test "nginx's stream module with proxy_protocol names the client" {
	need nginx
	serve -k --proxy-protocol=127.0.0.1 --sh 'read -r line; echo "$line $TCPREMOTEIP"' 127.0.0.1 0
	front=$(free_port)
	mkdir -p logs
	# shellcheck disable=SC2012
	cat >nginx.conf <<-END
		$(ls /usr/lib/nginx/modules/ngx_stream_module.so 2>/dev/null | sed 's/^/load_module /; s/$/;/')
		daemon off; pid $PWD/nginx.pid; error_log $PWD/logs/error.log; worker_processes 1;
		events { }
		stream { server { listen 127.0.0.1:$front; proxy_pass $(where); proxy_protocol on; } }
	END
	start nginx nginx -p "$PWD" -c nginx.conf
	eventually has_tcp listening "sport = :$front"
	run usock connect --source 127.0.0.9 --no-half-close 127.0.0.1 "$front" <<<hello
	[ "$output" = "hello 127.0.0.9" ] || fail "$output; $(cat server.err logs/error.log)"
}

@test "curl --haproxy-protocol names itself" {
	need curl
	serve -k --proxy-protocol --sh 'read -r line; printf "HTTP/1.0 200 OK\r\n\r\n%s\n" "$TCPREMOTEIP $line"' 127.0.0.1 0
	run -0 curl -sS --haproxy-protocol --interface 127.0.0.9 "http://$(where)/"
	[ "${lines[0]}" = $'127.0.0.9 GET / HTTP/1.1\r' ] || [ "${lines[0]}" = "127.0.0.9 GET / HTTP/1.1" ]
}
