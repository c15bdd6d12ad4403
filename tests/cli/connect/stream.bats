# usock connect, option by option, against the peer that does to the letter what it is told.

#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016

load ../lib/common
start_fast

server() { # STEP... of peer.py
	start_peer server listen 127.0.0.1:0 "$@"
	server=$pid
	listening
}

# The peer has kept to its steps.
server_is_content() {
	finish "$server"
	[ "$status" = 0 ] || fail "$(cat server.err)"
}

# One that sends back what it gets, for any number of clients.
echo_server() {
	usock_listens server -k --echo --quiet
}

# A port on 127.0.0.1 that refuses.
refusing_port() {
	start_peer bound bound 127.0.0.1:0
	printed bound
}

client() { # ARG...
	start client "$USOCK" connect "$@"
	client=$pid
}

endless() { # NAME
	mkfifo "$1"
	exec 8<>"$1"
}

# between LOW HIGH NUMBER, with decimals
between() {
	awk -v low="$1" -v high="$2" -v n="$3" 'BEGIN { exit !(n >= low && n <= high) }' ||
		fail "$3 is not between $1 and $2"
}

# Runs Python code in the place of a program, on the connection: `conn` is its socket.
conn_says() { # CODE ARG...
	usock connect "${@:2}" 127.0.0.1 "$port" -- "$python" -IS -c "
import socket, struct, sys
conn = socket.socket(fileno=0)
def say(*values): print(*values, file=sys.stderr)
$1"
}

# --- addresses ----------------------------------------------------------------

@test "every form of an address reaches the server" {
	local address
	echo_server
	for address in "127.0.0.1 $port" "127.0.0.1:$port" "tcp:127.0.0.1:$port" "tcp://127.0.0.1:$port" \
		"::ffff:127.0.0.1 $port" "[::ffff:127.0.0.1]:$port"; do
		# shellcheck disable=SC2086 # one or two words
		[ "$(usock connect $address <<<hello)" = hello ] || fail "$address"
	done
	[ "$(usock connect -4 localhost "$port" <<<hello)" = hello ]
	[ "$(usock connect -4 ":$port" <<<hello)" = hello ]
}

@test "every form of an IPv6 address reaches the server" {
	local address
	has_ipv6 || skip "no IPv6 here"
	start server "$USOCK" listen -k --echo --ready-file server.ready ::1 0
	is_ready server
	for address in "::1 $port" "[::1]:$port" "[::1] $port" "tcp:[::1]:$port" "-6 ::1 $port"; do
		# shellcheck disable=SC2086 # one or two words
		[ "$(usock connect $address <<<hello)" = hello ] || fail "$address"
	done
}

@test "options may stand after the address, and their values in one word" {
	echo_server
	[ "$(usock connect 127.0.0.1 "$port" -w5 --idle-timeout=5 <<<hello)" = hello ]
	[ "$(usock connect 127.0.0.1 -vw 5 "$port" <<<hello 2>err)" = hello ]
	says err end=peer-fin
	[ "$(usock connect 127.0.0.1 "$port" --connect-t 5 <<<hello)" = hello ]
}

@test "an address of the other family is 3" {
	run -3 --separate-stderr usock connect -6 127.0.0.1 1
	[[ $stderr =~ ^"usock: resolve 127.0.0.1: ".*EAI_ ]]
}

@test "a unix path" {
	start_peer server listen unix:path save:got 'send:answer\n' close
	eventually test -S path
	usock connect -v unix:path <<<hello >out 2>err
	text_is out 'answer\n'
	text_is got 'hello\n'
	says err '^usock: .*unix:path: end=peer-fin sent=6 received=7 seconds=[0-9.]+$'
}

@test "a path with a slash, and an abstract name" {
	start_peer server listen "unix:$PWD/path" 'send:answer\n' eof
	eventually test -S path
	usock connect "$PWD/path" <<<hello >out
	text_is out 'answer\n'
	start_peer abstract listen "unix:@usock-test-$$" 'send:answer\n' eof
	eventually has_abstract "usock-test-$$"
	usock connect "unix:@usock-test-$$" <<<hello >out
	text_is out 'answer\n'
}

has_abstract() { # NAME
	grep -q "@$1$" /proc/net/unix
}

@test "a descriptor that is already connected" {
	local flags
	echo_server
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	flags=$(grep flags "/proc/$BASHPID/fdinfo/9")
	usock connect -v fd:9 <<<hello >out 2>err
	text_is out 'hello\n'
	says err "> 127.0.0.1:$port: end=peer-fin sent=6 received=6"
	[ "$(grep flags "/proc/$BASHPID/fdinfo/9")" = "$flags" ]
}

@test "--sockopt is set on a descriptor that we were given" {
	echo_server
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	usock connect -o SO_RCVBUF=40000 -vv fd:9 <<<hello >out 2>err
	"$python" -IS -c '
import socket
s = socket.socket(fileno=9)
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 80000'
	run -1 --separate-stderr usock connect -o SO_RCVBUF=1 -o IPV6_V6ONLY=1 fd:9
	[ "$stderr" = 'usock: setsockopt IPV6_V6ONLY: Protocol not available' ]
}

# --- the local address ----------------------------------------------------------------

@test "-p binds the port" {
	local own
	echo_server
	own=$(free_port)
	usock connect -v -p "$own" 127.0.0.1 "$port" <<<hello >out 2>err
	says err "^usock: connected to 127\.0\.0\.1:$port from 127\.0\.0\.1:$own$"
}

@test "-s and -p bind both" {
	local own
	echo_server
	own=$(free_port)
	usock connect -v -s 127.0.0.3 -p "$own" 127.0.0.1 "$port" <<<hello >out 2>err
	says err "^usock: connected to 127\.0\.0\.1:$port from 127\.0\.0\.3:$own$"
	usock connect -v -s 127.0.0.3 127.0.0.1 "$port" <<<hello >out 2>err
	says err 'from 127\.0\.0\.3:[0-9]+$'
	usock connect -v -p 0 127.0.0.1 "$port" <<<hello >out 2>err
	says err 'from 127\.0\.0\.1:[1-9][0-9]+$'
}

@test "-p LO-HI takes the first port that is free" {
	local own
	echo_server
	start_peer taken listen 127.0.0.4:0 eof
	listening
	own=$port
	is_ready server
	usock connect -v -s 127.0.0.4 -p "$own-$((own + 20))" 127.0.0.1 "$port" <<<hello >out 2>err
	between $((own + 1)) $((own + 20)) "$(sed -n 's/.*connected to .* from 127\.0\.0\.4://p' err)"
	usock connect -v -s 127.0.0.5 -p "$own-$((own + 20))" 127.0.0.1 "$port" <<<hello >out 2>err
	says err "from 127\.0\.0\.5:$own$"
}

@test "-p LO-HI without a free port is 1, with the range" {
	start_peer taken listen 127.0.0.4:0 eof
	listening
	start_peer next listen "127.0.0.4:$((port + 1))" eof
	eventually port_of "$pid" >next || skip "the next port is taken, too"
	run -1 --separate-stderr usock connect -s 127.0.0.4 -p "$port-$((port + 1))" 127.0.0.1 1
	[ "${stderr_lines[0]}" = "usock: bind 127.0.0.4:$port-$((port + 1)): Address already in use" ]
}

@test "-p with a port that is taken is 1, and says who holds it" {
	start_peer taken listen 127.0.0.1:0 eof
	listening
	run -1 --separate-stderr usock connect -p "$port" 127.0.0.1 1
	[ "${stderr_lines[0]}" = "usock: bind 0.0.0.0:$port: Address already in use" ]
	[[ ${stderr_lines[1]} == "usock: hint: port $port is held by python"*", pid $pid" ]]
	run -1 --separate-stderr usock connect -s 127.0.0.1 -p "$port" 127.0.0.1 1
	[ "${stderr_lines[0]}" = "usock: bind 127.0.0.1:$port: Address already in use" ]
}

@test "a port that is bound and not listened on names its holder" {
	start_peer holder bound 127.0.0.1:0
	printed holder
	run -1 --separate-stderr usock listen --no-reuse-addr 127.0.0.1 "$port"
	[ "${stderr_lines[0]}" = "usock: bind 127.0.0.1:$port: Address already in use" ]
	# Linux 6.8 shows such sockets
	[[ ${stderr_lines[1]} == "usock: hint: port $port is held by python"*", pid $pid" ||
		${stderr_lines[1]} == "usock: hint: port $port is held by a socket that does not listen, "* ]]
	run -1 --separate-stderr usock connect --no-reuse-addr -s 127.0.0.1 -p "$port" 127.0.0.1 1
	[[ ${stderr_lines[1]} == "usock: hint: port $port is held by "* ]]
}

@test "-p with a connection in TIME_WAIT: without reuse it is 1, and says for how long" {
	local own
	echo_server
	own=$(free_port)
	usock connect -p "$own" 127.0.0.1 "$port" <<<hello >out
	run -1 --separate-stderr usock connect --no-reuse-addr -p "$own" 127.0.0.1 "$port"
	[ "${stderr_lines[0]}" = "usock: bind 0.0.0.0:$own: Address already in use" ]
	[[ ${stderr_lines[1]} =~ ^"usock: hint: TIME_WAIT for "(60|5[0-9])" s more; " ]]
	usock connect --reuse-addr -p "$own" 127.0.0.1 "$port" <<<hello >out
	text_is out 'hello\n'
}

@test "-p with the very connection still alive is 1, and says so" {
	local own
	server eof
	own=$(free_port)
	endless input
	from=input client -v -p "$own" 127.0.0.1 "$port"
	eventually has_line client.err connected
	run -1 --separate-stderr usock connect -p "$own" 127.0.0.1 "$port"
	[[ ${stderr_lines[0]} =~ ^"usock: "(bind|connect)" ".*:($own|$port) ]]
	[[ ${stderr_lines[1]} == "usock: hint: "* ]]
}

@test "-s with a foreign address is 1, and says so" {
	run -1 --separate-stderr usock connect -s 192.0.2.1 127.0.0.1 1
	[ "${stderr_lines[0]}" = "usock: bind 192.0.2.1:0: Cannot assign requested address" ]
	[ "${stderr_lines[1]}" = "usock: hint: no interface of this host has that address" ]
}

@test "-s of the other family is 1, and says so" {
	run -1 --separate-stderr usock connect -s ::1 127.0.0.1 1
	[[ ${stderr_lines[0]} == "usock: bind ::1: no IPv4 address" ]]
	[[ ${stderr_lines[1]} == "usock: hint: "* ]]
}

@test "-p with a privileged port is 1 without the privilege, and says so" {
	local drop=(setpriv --bounding-set=-net_bind_service --inh-caps=-net_bind_service)
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] || skip "no port is privileged here"
	if [ "$(id -u)" != 0 ]; then
		drop=()
	elif ! "${drop[@]}" true 2>/dev/null; then
		skip "the privilege cannot be dropped here"
	fi
	run -1 --separate-stderr timeout -s KILL "$patience" "${drop[@]}" "$USOCK" connect -p 80 127.0.0.1 1
	[ "${stderr_lines[0]}" = "usock: bind 0.0.0.0:80: Permission denied" ]
	[ "${stderr_lines[1]}" = "usock: hint: ports below 1024 need root or CAP_NET_BIND_SERVICE" ]
}

@test "--interface binds to it" {
	echo_server
	conn_says 'say(conn.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0"))' \
		--interface lo 2>err
	text_is err "b'lo'\n"
}

@test "--mptcp asks for it, and talks to a plain server all the same" {
	[ "$(cat /proc/sys/net/mptcp/enabled 2>/dev/null)" = 1 ] || skip "no MPTCP here"
	echo_server
	conn_says 'say(conn.getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL))' --mptcp 2>err
	text_is err '262\n'
	[ "$(usock connect --mptcp 127.0.0.1 "$port" <<<hello)" = hello ]
}

@test "--fastopen works, whatever the server knows" {
	echo_server
	conn_says 'say(conn.getsockopt(socket.IPPROTO_TCP, 30))' --fastopen 2>err
	text_is err '1\n'
	[ "$(usock connect --fastopen 127.0.0.1 "$port" <<<hello)" = hello ]
	[ "$(usock connect --fastopen 127.0.0.1 "$port" <<<again)" = again ]
	refusing_port
	run -1 --separate-stderr usock connect --fastopen 127.0.0.1 "$port" <<<hello
	[[ $stderr == "usock: "*" 127.0.0.1:$port: Connection refused" ]]
}

@test "-o takes effect, by name and by number" {
	echo_server
	conn_says '
for level, number in (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY),
    (socket.SOL_SOCKET, socket.SO_RCVBUF),
    (socket.IPPROTO_IP, socket.IP_TOS),
    (socket.IPPROTO_IP, socket.IP_TTL),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
):
    say(conn.getsockopt(level, number))
say(*struct.unpack("ii", conn.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))' \
		-o SO_KEEPALIVE=yes -o keepidle=7 --sockopt=TCP_NODELAY=1 -o so_rcvbuf=16k -o IP_TOS=16 \
		-o ttl=33 -o 6:6=3 -o SO_LINGER=9 2>err
	text_is err '1\n7\n1\n32768\n16\n33\n3\n1 9\n'
}

@test "-o with raw bytes takes effect" {
	echo_server
	conn_says 'say(*struct.unpack("ii", conn.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))' \
		-o 1:13=hex:0100000005000000 2>err
	text_is err '1 5\n'
}

@test "-o that the kernel refuses is 1, and named" {
	run -1 --separate-stderr usock connect -o TCP_MAXSEG=1 127.0.0.1 1
	[[ $stderr == "usock: "*TCP_MAXSEG*": Invalid argument" ]]
	run -1 --separate-stderr usock connect -o 6:9999=1 127.0.0.1 1
	[[ $stderr == "usock: "*6:9999*": Protocol not available" ]]
}

# --- the race of addresses ----------------------------------------------------

both='::1 dual.test\n127.0.0.1 dual.test\n'

@test "where IPv6 refuses, IPv4 follows at once" {
	server 'send:answer\n' eof
	timed with_hosts "$both" "$USOCK" connect -vv dual.test "$port" <<<hello >out 2>err
	status_is 0
	text_is out 'answer\n'
	says err '^usock: resolved dual\.test to ::1, 127\.0\.0\.1$'
	says err "^usock: trying \[::1\]:$port$"
	says err "^usock: connect \[::1\]:$port \(dual\.test\): Connection refused \(after [0-9.]+ ms\)$"
	says err "^usock: trying 127\.0\.0\.1:$port$"
	says err "^usock: connected to 127\.0\.0\.1:$port from 127\.0\.0\.1:[0-9]+$"
	between 0 0.2 "$(sed -n 's/.*connected 127.* after \([0-9.]*\) ms$/\1/p' err | awk '{ print $1 / 1000 }')"
}

@test "where IPv6 is silent, IPv4 follows after 250 ms and wins" {
	start_peer full full "[::1]:0" 127.0.0.1:0
	printed full
	timed with_hosts "$both" "$USOCK" connect -vv --send-only dual.test "$port" </dev/null >out 2>err
	status_is 0
	says err "^usock: connected to 127\.0\.0\.1:$port from"
	says err "^usock: attempt \[::1\]:$port abandoned after (2[5-9]|[3-9][0-9])[0-9]\.[0-9]+ ms$"
	((elapsed >= 250))
}

@test "where both refuse, it is 1 with the first and the name" {
	refusing_port
	timed with_hosts "$both" "$USOCK" connect dual.test "$port" 2>err
	status_is 1
	one_message err
	says err "^usock: connect (\[::1\]|127\.0\.0\.1):$port \(dual\.test\): Connection refused$"
}

@test "-4 and -6 choose the family of a name" {
	server 'send:answer\n' eof
	timed with_hosts "$both" "$USOCK" connect -v -4 dual.test "$port" <<<hello >out 2>err
	status_is 0
	says err '^usock: resolved dual\.test to 127\.0\.0\.1$'
	timed with_hosts "$both" "$USOCK" connect -6 dual.test "$port" <<<hello 2>err
	status_is 1
	says err "^usock: connect \[::1\]:$port \(dual\.test\): Connection refused$"
}

# A name server that never answers, in slow_names COMMAND...
silent_name_server() {
	need unshare mount
	unshare -m true 2>/dev/null || skip "no mount name spaces here"
	printf 'nameserver 127.0.0.9\noptions timeout:30 attempts:5\n' >resolv.conf
	printf 'hosts: dns\n' >nsswitch.conf
	start dns "$python" -IS -c '
import socket, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.9", 53))
print("up", flush=True)
time.sleep(60)'
	eventually has_answered "$pid"
	[ -s dns.out ] || skip "port 53 cannot be had here"
	slow_names=(unshare -m sh -c 'mount --bind resolv.conf /etc/resolv.conf &&
		mount --bind nsswitch.conf /etc/nsswitch.conf && exec "$@"' sh)
}

has_answered() { # PID
	[ -s dns.out ] || is_over "$1"
}

@test "a name server that is silent is subject to every time-out" {
	silent_name_server
	for option in -w --timeout; do
		timed timeout -s KILL "$patience" "${slow_names[@]}" "$USOCK" connect "$option" 500ms slow.test 80 2>err 3>&-
		status_is 124
		one_message err
		says err '^usock: .*slow\.test.*: timed out'
		((elapsed >= 500)) || fail "after $elapsed ms"
		within 2000
	done
}

@test "SIGINT ends the wait for a silent name server" {
	silent_name_server
	start client "${slow_names[@]}" "$USOCK" connect slow.test 80
	client=$pid
	eventually has_asked
	kill -INT "$client"
	finish "$client"
	status_is 130
	is_empty client.err
}

# The question has arrived.
has_asked() {
	[ -n "$(ss -Hun "src 127.0.0.9:53" -a | awk '$2 > 0')" ]
}

# --- retries ------------------------------------------------------------------

@test "--retry waits for a server that comes later" {
	local later
	later=$(free_port)
	echo hello >hello
	from=hello client -v --retry 400 --retry-interval 50ms 127.0.0.1 "$later"
	eventually has_line client.err 'Connection refused; retry 2 in 0\.05 s$'
	start server "$USOCK" listen --echo --quiet 127.0.0.1 "$later"
	finish "$client"
	status_is 0
	text_is client.out 'hello\n'
}

@test "--retry gives up with the last failure" {
	refusing_port
	timed usock connect --retry 3 --retry-interval 100ms 127.0.0.1 "$port" 2>err
	status_is 1
	((elapsed >= 300))
	text_is err "usock: connect 127.0.0.1:$port: Connection refused\n"
	usock connect -v --retry 2 --retry-interval 0 127.0.0.1 "$port" 2>err || status=$?
	[ "$(grep -c '^usock: trying' err)" = 3 ]
}

@test "--retry waits for a unix path that comes later" {
	client -v --retry 400 --retry-interval 50ms unix:path
	eventually has_line client.err 'No such file or directory; retry 1'
	start_peer server listen unix:path 'send:answer\n' close
	finish "$client"
	status_is 0
	text_is client.out 'answer\n'
}

# --- which way ----------------------------------------------------------------

@test "--half-open goes on sending after the peer's end" {
	endless input
	server 'send:bye\n' shut touch:ended save:got
	from=input client --half-open 127.0.0.1 "$port"
	eventually test -e ended
	eventually text_is client.out 'bye\n' 2>/dev/null
	eventually has_tcp close-wait "dport = :$port"
	for _ in 1 2 3; do
		echo more >&8
		eventually has_no_unsent "dport = :$port"
	done
	rm input
	kill -TERM "$client"
	finish "$client"
	status_is 143
	server_is_content
	text_is got 'more\nmore\nmore\n'
}

has_no_unsent() { # FILTER
	ss -Htn state connected "$*" | awk '$2 > 0 { n++ } END { exit n > 0 }'
}

@test "--half-open ends with our input" {
	server 'send:bye\n' shut save:got
	usock connect --half-open 127.0.0.1 "$port" <<<hello >out
	text_is out 'bye\n'
	server_is_content
	text_is got 'hello\n'
}

@test "--no-half-close keeps our side open" {
	server recv:6 none:0.3 'send:answer\n' close
	usock connect --no-half-close 127.0.0.1 "$port" <<<hello >out
	text_is out 'answer\n'
	server_is_content
}

@test "--send-only drops what comes, and is done when all is sent" {
	head -c 3000000 /dev/urandom >data
	server send:unwanted save:got
	usock connect -v --send-only 127.0.0.1 "$port" <data >out 2>err
	is_empty out
	server_is_content
	cmp data got
	says err 'end=local-eof sent=3000000 '
}

@test "--send-only is not ended by the peer's end" {
	endless input
	server shut touch:ended save:got
	from=input client --send-only 127.0.0.1 "$port"
	eventually test -e ended
	eventually has_tcp close-wait "dport = :$port"
	echo hello >&8
	eventually test -s got || eventually has_no_unsent "dport = :$port"
	is_over "$client" && fail "it is over: $(cat client.err)"
	kill "$client"
	server_is_content
	text_is got 'hello\n'
}

@test "--recv-only does not read input, nor end our side" {
	server none:0.3 'send:answer\n' close
	echo hello >hello
	exec 8<hello
	usock connect --recv-only 127.0.0.1 "$port" <&8 >out
	text_is out 'answer\n'
	server_is_content
	read -r line <&8
	[ "$line" = hello ]
}

# --- what happens to the bytes ------------------------------------------------

@test "-C makes line ends CR LF, and leaves those that are" {
	server recv:8 touch:half save:got
	endless input
	from=input client -C 127.0.0.1 "$port"
	# a read ends between CR and LF
	printf 'a\nb\r\nc\r' >&8
	eventually test -e half
	printf '\nd\n' >&8
	eventually has_no_unsent "dport = :$port"
	kill "$client"
	server_is_content
	text_is got '\nd\r\n'
}

@test "-C has the whole row of line ends right, and what comes in is left alone" {
	server 'send:x\ny\r\nz\r' save:got
	printf 'a\nb\r\nc\r\nd\n\n\re' | usock connect -C 127.0.0.1 "$port" >out
	server_is_content
	text_is got 'a\r\nb\r\nc\r\nd\r\n\r\n\re'
	text_is out 'x\ny\r\nz\r'
}

@test "-C reaches the last byte of large data" {
	server save:got
	seq 300000 >data
	usock connect --crlf 127.0.0.1 "$port" <data
	server_is_content
	sed 's/$/\r/' data | cmp - got
}

@test "--delay waits after each line" {
	server recv:2 none:0.15 recv:2 none:0.15 recv:2 eof
	printf 'a\nb\nc\n' >lines
	usock connect --delay 200ms --events events 127.0.0.1 "$port" <lines
	server_is_content
	between 0.4 2 "$(field events end seconds)"
}

@test "--rate holds when sending" {
	server eof
	head -c 150000 /dev/zero >data
	usock connect --rate 100kB --events events 127.0.0.1 "$port" <data
	between 1.2 5 "$(field events end seconds)"
}

@test "--rate holds when receiving" {
	server zeros:150000 close
	usock connect --rate 100kB --events events 127.0.0.1 "$port" >out
	between 1.2 5 "$(field events end seconds)"
	[ "$(stat -c %s out)" = 150000 ]
}

@test "--rate holds for small amounts" {
	server zeros:15 close
	usock connect --rate 10 --events events 127.0.0.1 "$port" >out
	between 1.2 5 "$(field events end seconds)"
}

@test "--max-bytes ends after so many sent" {
	server save:got send:answer close
	head -c 100000 /dev/urandom >data
	usock connect --max-bytes 1000 127.0.0.1 "$port" <data >out
	server_is_content
	head -c 1000 data | cmp - got
	text_is out answer
}

@test "an input that is open for writing only is no fault of the connection" {
	server eof close
	status=0
	usock connect 127.0.0.1 "$port" 0>write-only 2>err || status=$?
	[ "$status" = 8 ]
	text_is err 'usock: read stdin: Bad file descriptor\n'
}

@test "an output that may not grow is told, and is 8" {
	server zeros:100000 close
	status=0
	(ulimit -f 10 && usock connect 127.0.0.1 "$port" </dev/null >out 2>err) || status=$?
	[ "$status" = 8 ]
	[ "$(stat -c %s out)" = 10240 ]
	text_is err 'usock: write stdout: File too large\n'
}

# It must not wait for ever with what nobody reads, or it reads no answer.
@test "a program whose output is not read any more is told so, and still gets all that comes" {
	server save:got eof zeros:3000000 close
	usock connect --max-bytes 4000000 127.0.0.1 "$port" -- \
		sh -c 'head -c 9000000 /dev/zero 2>err; exec cat >out'
	server_is_content
	[ "$(stat -c %s got)" = 4000000 ]
	[ "$(stat -c %s out)" = 3000000 ]
}

@test "--max-bytes ends after so many received, though more comes and input is open" {
	server zeros:100000 eof
	endless input
	usock connect --max-bytes 1k 127.0.0.1 "$port" <&8 >out
	[ "$(stat -c %s out)" = 1024 ]
}

@test "--max-bytes of more than there is changes nothing" {
	echo_server
	[ "$(usock connect --max-bytes 1M 127.0.0.1 "$port" <<<hello)" = hello ]
}

@test "--telnet refuses every option and leaves it out of the data" {
	# DO ECHO, WILL SUPPRESS-GO-AHEAD, a subnegotiation, NOP, an escaped 255; commands cut by reads
	server 'send:a\xff\xfd\x01b\xff' pause:0.1 'send:\xfb' pause:0.1 'send:\x03c\xff\xfa\x18\x01x' pause:0.1 \
		'send:y\xff' pause:0.1 'send:\xf0d\xff\xf1e\xff\xfff' shut save:got
	endless input
	usock connect --telnet 127.0.0.1 "$port" >out <&8
	server_is_content
	text_is out 'abcde\xfff'
	text_is got '\xff\xfc\x01\xff\xfe\x03'
}

# The answers do not need an input of ours.
telnet_answers() { # COMMAND...
	server 'send:\xff\xfd\x01login:' recv:3 send:ok shut save:got
	"$@" 127.0.0.1 "$port" >out
	server_is_content
	text_is out login:ok
	is_empty got
}

@test "--telnet answers with --recv-only" { telnet_answers usock connect --telnet --recv-only; }
@test "--telnet answers where input is /dev/null" { telnet_answers usock connect --telnet; }

@test "--telnet -x shows the answers as they go" {
	server 'send:\xff\xfd\x03hi' 'recv:3' 'send:\xff\xfb\x01' 'recv:3' shut eof
	endless input
	usock connect --telnet -x 127.0.0.1 "$port" <&8 >out 2>err
	text_is out hi
	says err '^> 00000000  ff fc 03 '
	says err '^> 00000003  ff fe 01 '
	says err '^< 00000000  ff fd 03 68 69 '
}

@test "--telnet answers after our input's end as long as our side is open" {
	server 'recv:3' 'send:\xff\xfd\x01' recv:3 close
	usock connect --telnet --no-half-close 127.0.0.1 "$port" <<<hi >out
	server_is_content
}

@test "--telnet doubles 255 on the way out" {
	server save:got
	printf 'a\xffb' | usock connect --telnet 127.0.0.1 "$port" >out
	server_is_content
	text_is got 'a\xff\xffb'
}

@test "-x shows the bytes both ways on stderr, and changes nothing" {
	server 'recv:6' 'send:0123456789abcdefgh\x00\xff' eof
	usock connect -x 127.0.0.1 "$port" <<<hello >out 2>err
	text_is out '0123456789abcdefgh\0\xff'
	text_is err '> 00000000  68 65 6c 6c 6f 0a                                 |hello.|
< 00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|
< 00000010  67 68 00 ff                                       |gh..|
'
}

@test "--hexdump=FILE writes there" {
	server 'recv:6' 'send:x' eof
	usock connect --hexdump=dump 127.0.0.1 "$port" <<<hello >out 2>err
	text_is out x
	is_empty err
	[ "$(wc -l <dump)" = 2 ]
	has_line dump '^> 00000000  68 65 6c 6c 6f 0a  .*\|hello\.\|$'
	has_line dump '^< 00000000  78  .*\|x\|$'
}

@test "--timestamps: --hexdump and --transcript are lines with the time of day and the direction" {
	local time='[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{6}'
	usock_listens server -k --once 1 --echo
	usock connect --timestamps --transcript log --hexdump=dump 127.0.0.1 "$port" <<<hello >out
	text_is out 'hello\n'
	[ "$(grep -c -E "^$time > 00000000  68 65 6c 6c 6f 0a " dump)" = 1 ]
	[ "$(grep -c -E "^$time < 00000000  68 65 6c 6c 6f 0a " dump)" = 1 ]
	[ "$(grep -c -E "^$time > hello" log)" = 1 ]
	[ "$(grep -c -E "^$time < hello" log)" = 1 ]
	finish "$pid"
}

@test "--transcript keeps the bytes of both ways in their order, beside --hexdump" {
	server 'recv:6' 'send:one\x00\xff\n' eof
	usock connect --transcript log --hexdump=dump 127.0.0.1 "$port" <<<hello >out 2>err
	text_is out 'one\0\xff\n'
	is_empty err
	text_is log 'hello\none\0\xff\n'
	[ "$(wc -l <dump)" = 2 ]
}

@test "--append keeps what the files have" {
	echo old | tee log >dump
	server 'recv:6' 'send:x' eof
	usock connect --append --transcript log --hexdump=dump 127.0.0.1 "$port" <<<hello >out
	text_is log 'old\nhello\nx'
	[ "$(wc -l <dump)" = 3 ]
	has_line dump '^old$'
	server 'recv:6' 'send:x' eof
	usock connect --transcript log 127.0.0.1 "$port" <<<hello >out
	text_is log 'hello\nx'
	run -2 --separate-stderr usock connect --append 127.0.0.1 "$port"
	[[ ${stderr_lines[0]} == *"--append: needs --hexdump=FILE or --transcript" ]]
	run -2 --separate-stderr usock connect --append --hexdump 127.0.0.1 "$port"
}

# --- progress -----------------------------------------------------------------

amount='[0-9.]+ (B|[KMG]iB) \([0-9.]+ (B|[KMG]iB)/s\)'

@test "--progress is a line a second where there is no terminal" {
	server send:hello pause:2.2 close
	endless input
	usock connect --progress 127.0.0.1 "$port" <&8 >out 2>err
	text_is out hello
	# at 1 s and at 2 s; then in all
	[ "$(grep -c -E "^received $amount [0-9.]+ s" err)" = 2 ] || fail "$(cat err)"
	[ "$(wc -l <err)" = 3 ]
	[[ $(tail -n 1 err) =~ ^received\ 5\ B\ \(average\ 2\ B/s\)\ in\ 2\.[2-9]\ s$ ]] || fail "$(cat err)"
	says err 'received 5 B .* 1\.[0-2] s'
	grep -q $'[\r\e]' err && fail "it speaks to a terminal: $(cat -A err)"
	[ "$(LC_ALL=C tr -d '\0-\177' <err)" = "" ] # TERM is dumb
}

@test "--progress is redrawn in place on a terminal" {
	server send:hello pause:0.5 close
	endless keys
	TERM=xterm LC_ALL=C.UTF-8 on_terminal --out out connect --progress 127.0.0.1 "$port" <&8 >screen
	text_is out hello
	[ "$(tr '\r' '\n' <screen | grep -c -a -E "received 5 B")" -ge 3 ] || fail "$(cat -A screen)"
	[ "$(tail -c 2 screen | od -An -c | tr -d ' ')" = '\r\n' ]
	[ "$(grep -c '' screen)" = 1 ]
	LC_ALL=C grep -q -a $'\xe2\x96' screen # blocks
}

@test "--progress shows a bar where the size is known" {
	server eof
	head -c 300000 /dev/zero >data
	usock connect --progress --rate 200kB 127.0.0.1 "$port" <data 2>err
	says err '\[=+ +\] +[0-9]+% 0:0[0-9] left'
	says err 'sent 29[0-9]\.[0-9] KiB \(average [12][0-9][0-9]\.[0-9] KiB/s\) in 1\.[0-9] s$'
}

@test "SIGUSR1 prints one line at any time, without --progress too" {
	server send:hello touch:sent eof
	endless input
	from=input client 127.0.0.1 "$port"
	eventually test -s client.out
	kill -USR1 "$client"
	eventually has_line client.err "^received $amount [0-9.]+ s"
	[ "$(wc -l <client.err)" = 1 ]
	echo x >&8
	eventually has_no_unsent "dport = :$port"
	kill -USR1 "$client"
	eventually has_line client.err "^sent $amount received $amount [0-9.]+ s"
}

# --- a program instead of stdin and stdout ------------------------------------

@test "-- PROGRAM talks to the server, argument by argument" {
	server recv:8 'send:answer\n' save:got
	usock connect 127.0.0.1 "$port" -- sh -c 'printf "%s|" "$@"; read -r x; echo "$x" >&2' sh 'a b' 'c*d' 2>err
	server_is_content
	text_is err 'answer\n'
}

@test "a program's arguments arrive as they were given" {
	server save:got
	usock connect 127.0.0.1 "$port" -- printf '%s|' 'a b' '' '*' '"' $'\n' --verbose -x
	server_is_content
	text_is got 'a b||*|"|\n|--verbose|-x|'
}

@test "--sh runs a shell line" {
	server save:got
	usock connect --sh 'echo $((1 + 2)) | tr 3 x' 127.0.0.1 "$port"
	server_is_content
	text_is got 'x\n'
}

# program_status EXPECTED PROGRAM...: with the connection itself, and with us in between.
program_status() {
	local expected=$1 extra
	shift
	echo_server
	for extra in --quiet --rate=1M -C; do
		status=0
		usock connect "$extra" 127.0.0.1 "$port" -- "$@" 2>err || status=$?
		status_is "$expected"
	done
}

@test "a program's status is ours" { program_status 7 sh -c 'exit 7'; }
@test "a program's success is ours" { program_status 0 true; }
@test "a program that a signal ends is 128 and its number" { program_status 137 sh -c 'kill -9 $$'; }

@test "a program that does not exist is 127, and named" {
	not_counted "exec never fails"
	program_status 127 none-such-program
	says err '^usock: .*none-such-program: No such file or directory$'
	one_message err
}

@test "a program that is not executable is 126, and named" {
	not_counted "exec never fails"
	: >file
	program_status 126 ./file
	says err '^usock: .*\./file: Permission denied$'
	one_message err
}

@test "the program knows the connection from its environment" {
	local own
	echo_server
	own=$(free_port)
	usock connect -p "$own" 127.0.0.1 "$port" --sh 'env | grep -E "^(USOCK|TCP|PROTO)" | sort >&2' 2>err
	text_is err "PROTO=TCP
TCPLOCALIP=127.0.0.1
TCPLOCALPORT=$own
TCPREMOTEIP=127.0.0.1
TCPREMOTEPORT=$port
$(env | grep -E '^USOCK' | cat - <(echo "USOCK_ID=1
USOCK_LOCAL_ADDR=127.0.0.1
USOCK_LOCAL_PORT=$own
USOCK_PEER_ADDR=127.0.0.1
USOCK_PEER_PORT=$port
USOCK_PROTO=tcp") | LC_ALL=C sort)
"
}

@test "a program that ends while the peer stays open is the end" {
	server touch:connected save:got
	timed usock connect 127.0.0.1 "$port" -- echo hello
	status_is 0
	server_is_content
	text_is got 'hello\n'
}

@test "what a program wrote before it ended is all sent" {
	server pause:0.3 save:got
	head -c 5000000 /dev/urandom >data
	usock connect --rate 1G 127.0.0.1 "$port" -- cat data
	server_is_content
	cmp data got
}

# --- scan ---------------------------------------------------------------------

# Ranges are tried at an address where nobody else listens: a server of another test shall not be met.
elsewhere=127.0.0.77

@test "-z tells open from closed, and is 0 when one is open" {
	local open
	server eof
	open=$port
	refusing_port
	run -0 --separate-stderr usock connect -z 127.0.0.1 "$open,$port"
	[ ${#lines[@]} = 2 ]
	[[ ${lines[0]} =~ ^127\.0\.0\.1\ +$open\ open\ +[0-9.]+\ ms$ ]]
	[[ ${lines[1]} =~ ^127\.0\.0\.1\ +$port\ closed\ +[0-9.]+\ ms$ ]]
	[ -z "$stderr" ]
}

@test "-z is 1 when none is open" {
	refusing_port
	run -1 usock connect -z 127.0.0.1 "$port"
	[[ $output =~ ^127\.0\.0\.1\ +$port\ closed\ +[0-9.]+\ ms$ ]]
}

@test "-z tells what does not answer" {
	start_peer full full 127.0.0.1:0
	printed full
	timed usock connect -z -w 300ms 127.0.0.1 "$port" >out
	status_is 1
	says out "^127\.0\.0\.1 +$port filtered +3[0-9][0-9]"
}

@test "-z: what this host cannot do is an error with its reason, not a filtered port" {
	local errno reason
	usock_listens server -k --discard
	while read -r errno reason; do
		run -1 --separate-stderr injected "connect:error=$errno" connect -z 127.0.0.1 "$port"
		[ "$stderr" = "usock: connect 127.0.0.1:$port: $reason" ] || fail "$stderr" || return
		[[ $output == "127.0.0.1 "*" $port error "* ]] || fail "$output" || return
	done <<-EOF
		EADDRNOTAVAIL Cannot assign requested address
		ENOBUFS No buffer space available
		ENOMEM Cannot allocate memory
		EAGAIN Resource temporarily unavailable
		EPERM Operation not permitted
		EACCES Permission denied
		EINVAL Invalid argument
	EOF
	run -1 --separate-stderr injected socket:error=EMFILE:when=1+ connect -z 127.0.0.1 "$port"
	[ "$stderr" = "usock: socket: Too many open files" ]
	[ "$output" = "" ]
}

@test "-z: one port that cannot be asked makes the status 1, and the others have their verdicts" {
	usock_listens server -k --discard
	run -1 --separate-stderr injected connect:error=EPERM:when=1 connect -z --json 127.0.0.1 "$port,$(free_port)"
	[[ ${lines[0]} == *"\"port\":$port,\"verdict\":\"error\","*"\"reason\":\"Operation not permitted\"}" ]]
	[[ ${lines[1]} == *'"verdict":"closed",'* ]]
	[[ $stderr == *"usock: connect 127.0.0.1:$port: Operation not permitted" ]] || fail "$stderr"
	run -1 --separate-stderr injected connect:error=EPERM connect -z 127.0.0.1 "$port,$(free_port)"
	[ "$stderr" = "usock: connect 127.0.0.1:$port: Operation not permitted (2 ports in all)" ]
}

@test "-z: what is short for a moment makes a scan slower, not wrong" {
	local errno silent
	start_peer full full 127.0.0.1:0
	printed full
	silent=$port
	usock_listens server -k --discard
	# the first two are those of the silent port: it holds what the other one lacks
	for errno in ENOBUFS EAGAIN ENOMEM; do
		run -0 injected "connect:error=$errno:when=3..4" connect -z -w 300ms 127.0.0.1 "$silent,$port"
		[[ ${lines[0]} == *" $silent filtered "* && ${lines[1]} == *" $port open "* ]] || fail "$output"
	done
}

@test "-z: a connect that never began is not an open port" {
	run -1 --separate-stderr injected connect:error=EINTR connect -z 127.0.0.1 "$(free_port)"
	[[ $stderr == *": Transport endpoint is not connected" ]] || fail "$stderr"
	[[ $output == *" error "* ]]
}

@test "-z takes ranges and lists, in order, as text and as JSON" {
	local range
	start server "$USOCK" listen -k --echo --ready-file server.ready "$elsewhere" 0
	is_ready server
	range=$((port - 2))-$((port + 2))
	usock connect -z "$elsewhere:$range,1-3,http" >out
	[ "$(awk '{ printf "%s ", $2 }' out)" = "$(seq -s ' ' $((port - 2)) $((port + 2))) 1 2 3 80 " ]
	usock connect -z --json "$elsewhere" "$range" >out
	"$python" -IS -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
port = int(sys.argv[1])
assert [row["port"] for row in rows] == list(range(port - 2, port + 3)), rows
middle = rows[2]
assert middle["verdict"] == "open" and middle["host"] == middle["address"] == sys.argv[2], middle
for row in rows:
    assert row["verdict"] in ("open", "closed") and 0 <= row["milliseconds"] < 10000, row
    assert row["verdict"] == "open" or row["reason"] == "Connection refused", row
' "$port" "$elsewhere" <out
}

@test "-z --timeout waits until a port is open" {
	port=$(free_port)
	start wait "$USOCK" connect -zv --timeout "$patience" --retry-interval 50ms 127.0.0.1 "$port"
	local waiter=$pid
	eventually has_line wait.err "^usock: scan 127\.0\.0\.1: no port is open: again in 0\.05 s$"
	is_empty wait.out
	kill -USR1 "$waiter"
	eventually has_line wait.err '^usock: scan 127\.0\.0\.1: [01] ports so far$'
	start server "$USOCK" listen -k --discard 127.0.0.1 "$port"
	finish "$waiter"
	status_is 0
	[[ $(cat wait.out) =~ ^127\.0\.0\.1\ +$port\ open\ +[0-9.]+\ ms$ ]] || fail "$(cat wait.out)"
}

@test "-z --timeout without a port that is open is 124, with the last verdicts" {
	port=$(free_port)
	run -124 --separate-stderr usock connect -z --timeout 300ms --retry-interval 50ms 127.0.0.1 "$port"
	[ "$stderr" = "usock: scan 127.0.0.1: timed out (--timeout): no port is open" ]
	[[ $output =~ ^127\.0\.0\.1\ +$port\ closed\  ]]
}

@test "-z --retry tries so often, and is 1 then" {
	port=$(free_port)
	run -1 --separate-stderr usock connect -zv --retry 3 --retry-interval 10ms 127.0.0.1 "$port"
	[ "$(grep -c ': again in 0.01 s$' <<<"$stderr")" = 3 ]
	[ "${#lines[@]}" = 1 ]
	run -3 --separate-stderr usock connect -zv --retry 1 --retry-interval 10ms nosuch.invalid 1
	[ "$(grep -c 'again in' <<<"$stderr")" = 1 ]
}

@test "-z --all wants every port" {
	local open
	server eof
	open=$port
	refusing_port
	run -1 usock connect -z --all 127.0.0.1 "$open,$port"
	[ "${#lines[@]}" = 2 ]
	run -124 --separate-stderr usock connect -z --all --timeout 200ms --retry-interval 50ms 127.0.0.1 "$open,$port"
	[ "$stderr" = "usock: scan 127.0.0.1: timed out (--timeout): not every port is open" ]
	usock_listens one -k --discard
	open=$port
	usock_listens two -k --discard
	run -0 usock connect -z --all --timeout "$patience" 127.0.0.1 "$open,$port"
	run -2 usock connect --all 127.0.0.1 "$port"
	[[ ${lines[0]} == *"--all: only with --scan" ]]
}

@test "-z ends on a signal while it waits" {
	start wait "$USOCK" connect -zv --timeout 100 --retry-interval 50 127.0.0.1 "$(free_port)"
	eventually has_line wait.err 'again in 50 s$'
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
}

@test "-z unix:PATH" {
	run -1 usock connect -z unix:sock
	[[ $output =~ ^unix:sock\ +closed\ +[0-9.]+\ ms$ ]] || fail "$output"
	start server "$USOCK" listen -k --discard unix:sock
	eventually test -S sock
	run -0 usock connect -z --timeout "$patience" --retry-interval 20ms unix:sock
	[[ $output =~ ^unix:sock\ +open\ +[0-9.]+\ ms$ ]] || fail "$output"
	run -0 usock connect -z --json "$PWD/sock"
	[[ $output == "{\"host\":\"unix:$PWD/sock\",\"address\":\"unix:$PWD/sock\",\"verdict\":\"open\",\"milliseconds\":"*"}" ]] || fail "$output"
	kill -KILL "$pid"
	finish "$pid"
	run -1 usock connect -z --json unix:sock
	[[ $output == *'"verdict":"closed",'*'"reason":"Connection refused"}' ]] || fail "$output"
	run -2 usock connect -z vsock:2:80
	[[ ${lines[0]} == *"--scan: needs a host and ports, or unix:PATH" ]]
}

@test "-z does 500 closed ports a second" {
	timed usock connect -z "$elsewhere" 12000-13999 >out
	[ "$(wc -l <out)" = 2000 ]
	within 4000
}

@test "-z with output closed by head is 141, in silence" {
	usock connect -z "$elsewhere" 1-30000 2>err | head -n 1 >first
	status=${PIPESTATUS[0]}
	status_is 141
	is_empty err
}

@test "-z into a full output is 8" {
	usock connect -z "$elsewhere" 1-10 2>err >/dev/full || status=$?
	status_is 8
	one_message err
}

@test "-z of a host that does not exist is 3" {
	run -3 --separate-stderr usock connect -z nosuch.invalid 1-10
	[[ $stderr == "usock: resolve nosuch.invalid: "* ]]
}

# --- reports ------------------------------------------------------------------

@test "-v tells the life of a connection" {
	echo_server
	usock connect -v -4 localhost "$port" <<<hello >out 2>err
	[ "$(wc -l <err)" = 4 ]
	says err '^usock: resolved localhost to 127\.0\.0\.1$'
	says err "^usock: trying 127\.0\.0\.1:$port$"
	says err "^usock: connected to 127\.0\.0\.1:$port from 127\.0\.0\.1:[0-9]+$"
	says err "^usock: 127\.0\.0\.1:[0-9]+ > 127\.0\.0\.1:$port: end=peer-fin sent=6 received=6 seconds=[0-9]+\.[0-9]{3} state=10/TIME_WAIT left=(60\.0|59\.[0-9])s$"
}

@test "-vv tells every read and write" {
	echo_server
	usock connect -vv 127.0.0.1 "$port" <<<hello >out 2>err
	text_is out 'hello\n'
	says err '^usock: send: read 6, wrote 6 bytes'
	says err '^usock: recv: read 6, wrote 6 bytes'
}

@test "without -v there is nothing on stderr" {
	echo_server
	usock connect 127.0.0.1 "$port" <<<hello >out 2>err
	is_empty err
	usock connect --quiet 127.0.0.1 "$port" <<<hello >out 2>err
	is_empty err
}

@test "--json puts events on stderr" {
	echo_server
	usock connect --json 127.0.0.1 "$port" <<<hello >out 2>err
	text_is out 'hello\n'
	[ "$(field err connected peer)" = "127.0.0.1:$port" ]
	[ "$(field err end end)" = peer-fin ]
	[ "$(field err end sent)" = 6 ]
	[ "$(field err end code)" = 10 ]
	[ "$(field err end state)" = TIME_WAIT ]
	between 50 60 "$(field err end time_wait_left)"
}

@test "--json keeps every line on stderr JSON when it fails" {
	refusing_port
	usock connect --json 127.0.0.1 "$port" 2>err || status=$?
	status_is 1
	grep '^{' err >events
	[ "$(field events error error)" = network ]
	[ "$(field events error message)" = "connect 127.0.0.1:$port: Connection refused" ]
	says err "^usock: connect 127\.0\.0\.1:$port: Connection refused$"
}

@test "--events writes to a descriptor" {
	echo_server
	timeout -s KILL "$patience" "$USOCK" connect --events fd:3 127.0.0.1 "$port" <<<hello 3>events >out 2>err
	[ "$(field events end end)" = peer-fin ]
	is_empty err
}

@test "--events writes to a file, anew" {
	echo_server
	echo old >events
	usock connect --events events 127.0.0.1 "$port" <<<hello >out
	[ "$(field events connected id)" = 1 ]
	[ "$(wc -l <events)" = 2 ]
}

# --- large data ---------------------------------------------------------------

# There and back, each kind of input to each kind of output: bytes move in other ways for each.
round_trip() { # BYTES ARG...
	echo_server
	head -c "$1" /dev/urandom >data
	shift
	usock connect "$@" 127.0.0.1 "$port" <data >out
	cmp data out
	# shellcheck disable=SC2002 # a pipe is the point
	cat data | usock connect "$@" 127.0.0.1 "$port" | cmp data -
	cp data appended
	usock connect "$@" 127.0.0.1 "$port" <data >>appended
	cat data data | cmp - appended
}

@test "every kind of input and output gets every byte" { round_trip 5000000 --quiet; }
@test "every kind of input and output gets every byte, with taps" { round_trip 300000 --hexdump=dump; }
@test "every kind of input and output gets every byte, at a pace" { round_trip 5000000 --rate 100M; }

@test "a file that stands behind its begin is sent from there" {
	echo_server
	printf 'skipped\nhello\n' >data
	exec 8<data
	read -r _ <&8
	[ "$(usock connect 127.0.0.1 "$port" <&8)" = hello ]
}
