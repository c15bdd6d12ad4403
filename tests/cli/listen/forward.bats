# listen --forward: each client is connected to an address.

load ../lib/tls
start_fast

setup_file() {
	make_identities
}

# Starts a target that serves one client by these steps; sets $target.
target_is() { # STEP...
	start_peer target listen 127.0.0.1:0 "$@"
	target_pid=$pid
	listening
	target=127.0.0.1:$port
}

# Starts a server that forwards to the target.
forwards() { # ARG...
	serve "$@" --forward "$target" 127.0.0.1 0
}

# A client is reset, perhaps before it has made its first step.
is_reset() {
	peer after-reset 2>peer.err || says peer.err 'Connection reset by peer'
}

target_ends() {
	finish "$target_pid"
	status_is 0
}

# The target is an echo of usock.
echo_is() { # ARG...
	usock_listens echo -k --echo "$@"
	target=127.0.0.1:$port
}

@test "what a client sends goes to the target, and the answer comes back" {
	target_is recv:5 send:world eof close
	forwards -k
	peer send:hello recv:5 shut eof
	target_ends
	server_lives
}

@test "the client's half-close is passed on at once, and a late answer still comes" {
	target_is eof file:go send:late close
	forwards -k
	start_peer client connect "127.0.0.1:$port" send:question shut recv:4 eof
	client=$pid
	eventually has_tcp close-wait "sport = :${target##*:}"
	touch go
	finish "$client"
	status_is 0
	target_ends
}

@test "the target's half-close is passed on at once, and the client goes on sending after seconds" {
	target_is send:banner shut recv:4 eof close
	forwards -k
	peer recv:6 eof pause:1.5 send:more close
	target_ends
	server_lives
}

@test "a reset of the target resets the client, after what came before" {
	target_is send:half recv:1 reset
	forwards -k
	peer recv:4 send:x after-reset
	target_ends
	eventually has_line server.err "forward $target: Connection reset by peer"
}

@test "a reset of the client resets the target, after what came before" {
	target_is recv:4 after-reset
	forwards -k
	peer send:half pause:0.3 reset
	target_ends
}

@test "an answer that a target gives before it ends with bytes unread arrives" {
	target_is send:413 touch:said pause:0.2 reset
	forwards -k
	peer send:0123456789 recv:3 after-reset
	target_ends
}

@test "a target that refuses resets the client with a message, and the server lives" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	target=127.0.0.1:$port
	forwards -k
	is_reset
	eventually has_line server.err "^usock: connect $target: Connection refused$"
	is_reset
	server_lives
	eventually has_events 2 end end error
}

@test "without -k one client is served: the status is 0, or 1 for a target that refuses" {
	target_is recv:2 send:ok close
	forwards
	peer send:hi recv:2 shut eof
	server_ends 0
	start_peer bound bound 127.0.0.1:0
	printed bound
	target=127.0.0.1:$port
	forwards
	is_reset
	server_ends 1
	says server.err "^usock: connect $target: Connection refused$"
}

@test "a target that does not answer is given up after --connect-timeout, and others are served meanwhile" {
	start_peer full full 127.0.0.1:0
	printed full
	full=$port
	echo_is
	serve -k -w 3 --forward "127.0.0.1:$full" --forward "$target" 127.0.0.1 0
	start_peer slow connect "127.0.0.1:$port" send:a recv:1 close
	slow=$pid
	eventually has_tcp established "sport = :$port"
	timed peer send:b recv:1 close
	within 2500
	finish "$slow"
	status_is 0
	says server.err "connect 127.0.0.1:$full: timed out after 3 s; 127.0.0.1:$full is left out"
}

@test "several targets take turns, and a dead one is left out and tried again later" {
	usock_listens one -k --sh 'echo one'
	one=127.0.0.1:$port
	usock_listens two -k --sh 'echo two'
	two=127.0.0.1:$port
	two_pid=$pid
	serve -k --forward "$one" --forward "$two" 127.0.0.1 0
	peer save:first && peer save:second && peer save:third
	text_is first 'one\n'
	text_is second 'two\n'
	text_is third 'one\n'
	kill "$two_pid"
	finish "$two_pid"
	peer save:a && peer save:b && peer save:c
	text_is a 'one\n'
	text_is b 'one\n'
	text_is c 'one\n'
	[ "$(grep -c "is left out" server.err)" = 1 ]
	start two "$USOCK" listen -k --sh 'echo two' "${two/:/ }" 2>/dev/null || :
	back() { peer save:d && peer save:e && cat d e | grep -q two; }
	start again "$USOCK" listen -k --sh 'echo two' "$two"
	eventually back
}

@test "unix to tcp and tcp to unix" {
	echo_is
	serve -k --forward "$target" unix:front
	peer send:up recv:2 shut eof
	start back "$USOCK" listen -k --echo --ready-file back.ready unix:back
	eventually test -e back.ready
	serve -k --forward unix:back 127.0.0.1 0
	peer send:up recv:2 shut eof
}

@test "a TLS client is connected to a plain target" {
	begin_tls
	echo_is
	serve -k --tls "${own[@]}" --forward "$target" 127.0.0.1 0
	echo secret | usock connect --tls "${trust[@]}" localhost "$port" >out
	text_is out 'secret\n'
}

@test "tls: verifies the target, whose certificate must be known" {
	begin_tls
	echo_is --tls "${own[@]}"
	target=localhost:$port
	SSL_CERT_FILE=$c/root.crt serve -k --forward "tls:$target" 127.0.0.1 0
	echo secret | usock connect 127.0.0.1 "$port" >out
	text_is out 'secret\n'
	serve -k --forward "tls:$target" 127.0.0.1 0
	is_reset
	eventually has_line server.err "^usock: tls 127.0.0.1:.*: the certificate"
	says server.err "^usock: hint: SSL_CERT_FILE "
}

@test "a client that does not read holds up nobody, and no memory grows" {
	echo_is
	forwards -k
	start_peer stuck connect "127.0.0.1:$port" zeros:4000000 pause:60
	eventually has_events 1 accepted
	timed peer send:b recv:1 close
	within 500
	server_lives
}

@test "64 MiB pass unchanged, both ways at once" {
	head -c 67108864 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null >data
	echo_is
	forwards -k
	usock connect 127.0.0.1 "$port" <data >out
	cmp data out
}

@test "socat and ncat are clients and targets" {
	need socat ncat
	start target socat -t 20 TCP4-LISTEN:0,bind=127.0.0.1,fork EXEC:cat
	listening
	target=127.0.0.1:$port
	forwards -k
	[ "$(echo one | socat -t 20 - "TCP4:127.0.0.1:$port")" = one ]
	[ "$(echo two | ncat 127.0.0.1 "$port")" = two ]
	start target ncat -l --recv-only 127.0.0.1 0
	target_pid=$pid
	listening
	target=127.0.0.1:$port
	forwards -k
	echo three | ncat --send-only 127.0.0.1 "$port"
	target_ends
	text_is target.out 'three\n'
}

@test "1,000 clients leave no descriptor" {
	local before
	echo_is
	forwards -k
	many sequence 1 hello hello
	eventually has_events 1 end
	before=$(find "/proc/$server/fd" -type l | wc -l)
	many sequence 1000 hello hello >out
	says out "^right 1000"
	eventually has_events 1001 end
	[ "$(find "/proc/$server/fd" -type l | wc -l)" = "$before" ]
}

@test "SIGTERM resets clients and targets in the middle" {
	target_is recv:1 after-reset
	forwards -k
	start_peer client connect "127.0.0.1:$port" send:x after-reset
	client=$pid
	eventually has_tcp established "sport = :${target##*:}"
	eventually has_events 1 accepted
	server_ends_by TERM 143
	finish "$client"
	status_is 0
	target_ends
}

@test "an idle time-out ends both sides" {
	target_is after-reset
	forwards -k -i 0.3
	is_reset
	target_ends
	eventually has_line server.err "timed out: idle for 0.3 s"
}

# A proxy of other people: sets $proxy.
microsocks_is() { # [OPTION...]
	need microsocks
	local proxy_port
	proxy_port=$(free_port)
	start micro microsocks -i 127.0.0.1 -p "$proxy_port" "$@"
	usock connect -z --timeout "$patience" --retry-interval 50ms 127.0.0.1 "$proxy_port" >/dev/null
	proxy=127.0.0.1:$proxy_port
}

@test "--proxy: targets are reached through microsocks, by address and by name, with a login" {
	echo_is
	microsocks_is -u bob -P secret
	(umask 077 && echo bob:secret >login)
	serve -k --proxy "socks5h://$proxy" --proxy-auth-file <(cat login) --forward "$target" --forward "localhost:${target#*:}" 127.0.0.1 0
	local i
	for i in 1 2 3; do
		peer send:hello recv:5 shut eof
	done
	eventually has_line events "\"event\":\"proxy\",\"proxy\":\"socks5h://$proxy\",\"target\":\"localhost:"
	serve -k --proxy "socks5://$proxy" --proxy-auth-file login --forward "localhost:${target#*:}" 127.0.0.1 0
	peer send:hello recv:5 shut eof
	serve -k --proxy "socks5h://$proxy" --forward "$target" 127.0.0.1 0
	is_reset
	eventually has_line server.err "^usock: proxy $proxy: connect $target: the proxy wants a login"
	server_lives
}

@test "--proxy: a chain, our own proxies with Digest, and a target with TLS behind them" {
	begin_tls
	usock_listens tls -k --echo --tls "${own[@]}"
	target=localhost:$port
	echo 'alice:wonder:land' >users
	usock_listens one -k --proxy-server http --proxy-users users --proxy-auth digest
	local one=127.0.0.1:$port
	microsocks_is
	SSL_CERT_FILE=$c/root.crt serve -k --proxy "http://alice:wonder%3Aland@$one" --proxy "socks5h://$proxy" --forward "tls:$target" 127.0.0.1 0
	local i
	for i in 1 2 3; do
		echo secret | usock connect 127.0.0.1 "$port" >out
		text_is out 'secret\n'
	done
}

@test "--proxy: what a proxy refuses resets the client with the proxy's words, and silence is given up" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	target=127.0.0.1:$port
	microsocks_is
	forwards -k --proxy "socks5://$proxy"
	is_reset
	eventually has_line server.err "^usock: proxy $proxy: connect $target: Connection refused .SOCKS5 reply 5."
	usock_listens silent -k --discard
	forwards -k -w 0.3 --proxy "socks5://127.0.0.1:$port"
	is_reset
	eventually has_line server.err "^usock: proxy 127.0.0.1:[0-9]*: timed out: the proxy has not answered"
	serve -k --proxy socks5://127.0.0.1:1 --forward "$target" 127.0.0.1 0
	is_reset
	eventually has_line server.err "^usock: proxy: connect 127.0.0.1:1: Connection refused"
}

@test "--send-proxy names the client to HAProxy and to our own server, in both versions" {
	need haproxy
	local version
	# shellcheck disable=SC2016 # for the shell of the server
	usock_listens behind -k --proxy-protocol=127.0.0.1 --sh 'echo "$TCPREMOTEIP:$TCPREMOTEPORT"'
	target=127.0.0.1:$port
	for version in 1 2; do
		forwards -k "--send-proxy=$version"
		usock connect -p "$(free_port)" --source 127.0.0.66 -v 127.0.0.1 "$port" >out 2>err
		says err "^usock: $(cat out) > "
		says out '^127\.0\.0\.66:'
	done
	local front
	front=$(free_port)
	printf '%s\n' 'defaults' ' mode http' ' timeout client 10s' ' timeout server 10s' ' timeout connect 10s' \
		'frontend f' " bind 127.0.0.1:$front accept-proxy" ' http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port]"' >ha.cfg
	start haproxy haproxy -db -f ha.cfg
	usock connect -z --timeout "$patience" --retry-interval 50ms 127.0.0.1 "$front" >/dev/null
	target=127.0.0.1:$front
	for version in 1 2; do
		forwards -k "--send-proxy=$version"
		printf 'GET / HTTP/1.0\r\n\r\n' | usock connect --source 127.0.0.67 127.0.0.1 "$port" >out
		says out '^127\.0\.0\.67:[0-9]+'
	done
}

@test "--send-proxy through a proxy still names the client; a unix client is unknown" {
	microsocks_is
	target_is save:head close
	forwards -k --send-proxy --proxy "socks5://$proxy"
	: | usock connect --source 127.0.0.68 127.0.0.1 "$port"
	target_ends
	says head "^PROXY TCP4 127\.0\.0\.68 127\.0\.0\.1 [0-9]* $port"
	target_is save:head close
	serve -k --send-proxy --forward "$target" unix:front
	peer shut
	target_ends
	text_is head 'PROXY UNKNOWN\r\n'
}

# A server with TLS that ends the connection, answer and all, when close_notify comes: it prints what it has read, and
# answers after DELAY seconds if nothing has ended until then.
impatient_is() { # DELAY
	start impatient "$python" -IS -c '
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
c = context.wrap_socket(listener.accept()[0], server_side=True)
assert c.recv(100) == b"question"
c.settimeout(float(sys.argv[3]))
try:
    end = c.recv(100)
    print("end", flush=True)
    c.unwrap().close()
except TimeoutError:
    c.sendall(b"answer")
    c.settimeout(20)
    assert c.recv(100) == b""
    c.unwrap().close()
' "$c/server.crt" "$c/leaf.key" "$1"
	printed impatient
	target=localhost:$port
}

@test "close_notify to a target waits until it is silent, so that an impatient server answers" {
	begin_tls
	impatient_is 0.5
	local impatient=$pid
	SSL_CERT_FILE=$c/root.crt serve -k -4 --forward "tls:$target" 127.0.0.1 0
	peer send:question shut recv:6 eof || fail "$(cat server.err impatient.*)"
	finish "$impatient"
	status_is 0
	impatient_is 5
	impatient=$pid
	SSL_CERT_FILE=$c/root.crt serve -k -4 --half-close 0 --forward "tls:$target" 127.0.0.1 0
	peer send:question shut eof
	finish "$impatient"
	says impatient.out end
}

@test "a client that resets while its target is dialled is noticed at once, a half-close is none" {
	start_peer full full 127.0.0.1:0
	printed full
	serve -k -w 10 --forward "127.0.0.1:$port" 127.0.0.1 0
	timed peer send:x pause:0.2 reset
	eventually has_events 1 end
	[ "$(field events end end)" = peer-reset ]
	awk -v s="$(field events end seconds)" 'BEGIN { exit !(s < 5) }' || fail "$(cat events)"
	start_peer half connect "127.0.0.1:$port" send:x shut after-reset
	eventually has_events 2 accepted
	peer send:x pause:0.2 reset
	eventually has_events 2 end
	[ "$(field events end id)" = 3 ]
	server_lives
}

# A server whose system call fails once.
forwards_with() { # HOW
	need strace
	rm -f server.ready
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" start server strace -f -qq -o trace -e "trace=${1%%:*}" \
		-e "inject=$1:when=1" "$USOCK" listen --ready-file server.ready -k --forward "$target" 127.0.0.1 0
	is_ready server
	address=$(cat server.ready)
}

@test "a target that may not be connected to is told, as any failure, and not taken for a client that is denied" {
	not_counted "strace sees the calls of valgrind"
	echo_is
	forwards_with connect:error=EACCES
	is_reset
	eventually has_line server.err "^usock: connect 127\.0\.0\.1:${target#*:}: Permission denied$"
}

@test "a target that cannot be written to, and lives, ends its client at once" {
	not_counted "strace sees the calls of valgrind"
	echo_is
	forwards_with sendto:error=ENOBUFS
	peer send:x after-reset
	eventually has_line server.err "^usock: forward 127\.0\.0\.1:${target#*:}: No buffer space available$"
}

@test "options that make no sense together are refused" {
	refuses() { # TEXT ARG...
		status=0
		usock listen "${@:2}" 2>err || status=$?
		status_is 2
		says err "$1"
	}
	refuses "forward.*echo|echo.*forward" -k --echo --forward 127.0.0.1:1 0
	refuses "forward.*program|program.*forward" -k --forward 127.0.0.1:1 0 -- cat
	refuses "forward.*recv-only|recv-only.*forward" --forward 127.0.0.1:1 --recv-only 0
	refuses "^usock: listen: --proxy: needs --forward" -k --proxy socks5://h --echo 0
	refuses "^usock: listen: --send-proxy: needs --forward" -k --send-proxy --echo 0
	refuses "^usock: listen: --proxy-auth-file: only with --proxy" --proxy-auth-file f --forward 127.0.0.1:1 0
	refuses "^usock: listen: --proxy: needs a host and a port" --proxy socks5://h --forward unix:x 0
	refuses "^usock: listen: --proxy: a proxy is SCHEME" --proxy h:1 --forward 127.0.0.1:1 0
	refuses "^usock: listen: --forward: '99': the host is missing" --forward 99 0
	refuses "^usock: listen: --forward: 'localhost': the port is missing" --forward localhost 0
	refuses '^usock: listen: --forward: .*fd:3' --forward fd:3 0
	refuses "^usock: listen: --forward: the address is empty" --forward '' 0
	refuses "^usock: listen: --connect-timeout: needs --forward" -k -w 1 0
}

@test "clients wait for a descriptor, and no target is left out for the lack of one" {
	usock_listens echo -k --echo
	serve_with_few 24 -k --forward "localhost:$port" 127.0.0.1 0
	"$python" -IS - "$port" "$patience" <<-'END' || fail "$(cat server.err)"
		import socket, sys
		from concurrent.futures import ThreadPoolExecutor
		at = ("127.0.0.1", int(sys.argv[1]))
		def visit(_):
		    with socket.create_connection(at, float(sys.argv[2])) as c:
		        c.sendall(b"hello\n")
		        return c.recv(6)
		with ThreadPoolExecutor(40) as pool:
		    answers = list(pool.map(visit, range(200)))
		assert answers == [b"hello\n"] * 200, answers
	END
	has_no_line server.err 'left out|forward:'
}
