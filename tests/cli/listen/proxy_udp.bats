# listen --proxy-server socks: clients that send datagrams (UDP ASSOCIATE).

load ../lib/listen

# Starts the proxy; sets $proxy.
proxies() { # ARG...
	serve -k --proxy-server socks "$@" 127.0.0.1 0
	proxy=127.0.0.1:$port
}

# An echo server of datagrams: sets $echo.
echo_is() {
	usock_listens "${1:-echo}" -u -k --echo
	echo=$port
}

# client STEP...: one association.
client() {
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/socks.py" client "$proxy" "$@" 3>&- 8>&-
}

start_client() { # NAME STEP...
	start "$1" "$python" -IS "$peers/socks.py" client "$proxy" "${@:2}"
}

# The connection has ended, and what was dropped is told.
dropped() { # N REASON
	eventually has_line server.err "^usock: association of 127\.0\.0\.1:[0-9]*: $1 datagrams? dropped: $2$" || fail "$(cat server.err)"
}

@test "datagrams go to addresses and names, and the answers name who has sent them" {
	echo_is
	proxies
	client "send:127.0.0.1:$echo:one" get:one "sender:127.0.0.1:$echo" "send:localhost:$echo:two" get:two \
		"send:127.0.0.1:$echo:" get: end
	eventually has_events 1 end
	[ "$(field events end sent) $(field events end received)" = '6 6' ]
	[ "$(field events end end)" = peer-fin ]
	is_empty server.err || has_no_line server.err dropped
}

@test "several targets and clients at once, each hears its own" {
	echo_is one
	local one=$echo
	echo_is two
	proxies
	start_client a "send:127.0.0.1:$one:a1" get:a1 touch:a file:b "send:127.0.0.1:$echo:a2" get:a2 "sender:127.0.0.1:$echo" end
	local a=$pid
	start_client b file:a "send:127.0.0.1:$one:b1" get:b1 touch:b quiet:0.3 end
	local b=$pid
	finish "$a" && status_is 0
	finish "$b" && status_is 0
}

@test "only the client's address may send, and only from the port that it has sent from first" {
	echo_is
	proxies
	client "send:127.0.0.1:$echo:one" get:one "stranger:127.0.0.1:$echo:two" from:127.0.0.2 "send:127.0.0.1:$echo:three" quiet:0.3 end
	dropped 2 "they came from another address than the client's"
}

@test "a client that tells its port sends from there alone" {
	echo_is
	proxies
	client port:0 "stranger:127.0.0.1:$echo:two" "send:127.0.0.1:$echo:one" get:one end
	dropped 1 "they came from another address than the client's"
}

@test "a target that did not get a datagram cannot send one" {
	dgram_pid=
	echo_is
	proxies
	start_client waiting "send:127.0.0.1:$echo:one" get:one touch:there quiet:0.5 end
	local waiting=$pid
	eventually test -e there
	for to in $(ss -Hanup | awk -v pid="pid=$server" 'index($0, pid) { sub(/.*:/, "", $4); print $4 }'); do
		echo intruder >"/dev/udp/127.0.0.1/$to" || :
	done
	finish "$waiting"
	status_is 0
}

@test "targets that are not allowed get nothing: by address, by name, and by the address of a name" {
	echo_is
	proxies --allow-target 127.0.0.0/8 --deny-target 127.0.0.9 --deny-target '*.example.org' --deny-target localhost
	client "send:127.0.0.9:$echo:a" "send:x.example.org:$echo:b" "send:localhost:$echo:c" "send:192.0.2.1:$echo:d" \
		"send:127.0.0.1:$echo:one" get:one quiet:0.3 end
	dropped 4 'the target is not allowed'
	server_ends_by TERM 143
	proxies --deny-target 127.0.0.1
	client "send:localhost:$echo:a" quiet:0.3 end
	dropped 1 'the target is not allowed'
}

@test "fragments, and what has no header, are dropped and counted" {
	echo_is
	proxies
	client "send:127.0.0.1:$echo:one" get:one raw:000001017f000001000961 raw:00 raw:000000020000 raw: quiet:0.2 end
	dropped 4 'they had no header of SOCKS5, or were fragments'
}

@test "a name without an address and a target that refuses are told, and others are served" {
	echo_is
	proxies -v
	client send:nosuch.invalid:9:x "send:127.0.0.1:$(free_udp):y" "send:127.0.0.1:$echo:one" get:one \
		"send:127.0.0.1:$echo:two" get:two quiet:0.2 end
	dropped 1 'the target cannot be reached'
}

free_udp() {
	"$python" -IS -c 'import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

@test "200 targets: the oldest makes room, and no descriptor stays behind" {
	local before steps=() i
	echo_is
	proxies
	client "send:127.0.0.1:$echo:one" get:one end
	eventually has_events 1 end
	before=$(find "/proc/$server/fd" -type l | wc -l)
	for ((i = 1; i <= 200; i++)); do
		steps+=("send:127.1.0.$i:$echo:$i")
	done
	start everywhere "$USOCK" listen -u -k --echo --ready-file everywhere.ready 0.0.0.0 0
	is_ready everywhere
	steps=("${steps[@]//:$echo:/:$port:}")
	client "${steps[@]}" touch:many file:go "send:127.0.0.1:$echo:last" end &
	eventually test -e many
	[ "$(find "/proc/$server/fd" -type l | wc -l)" -le $((before + 67)) ]
	touch go
	wait $!
	eventually has_events 2 end
	[ "$(find "/proc/$server/fd" -type l | wc -l)" -le "$before" ]
}

@test "the association ends with its connection: at the end, at a reset, with the server" {
	echo_is
	proxies
	start_client open "send:127.0.0.1:$echo:one" get:one touch:there file:never
	eventually test -e there
	local udp
	udp=$(ss -Hanup | grep -c "pid=$server," || :)
	[ "$udp" = 2 ] || fail "$udp sockets"
	kill -KILL "$pid"
	eventually has_events 1 end
	[ "$(ss -Hanup | grep -c "pid=$server,")" = 0 ]
	rm there
	start_client open "send:127.0.0.1:$echo:one" get:one touch:there file:never
	eventually test -e there
	server_ends_by TERM 143
}

@test "--max-bytes and --idle-timeout count datagrams" {
	echo_is
	proxies -i 0.5
	client "send:127.0.0.1:$echo:one" get:one quiet:0.3 "send:127.0.0.1:$echo:two" get:two quiet:0.3 "send:127.0.0.1:$echo:three" get:three
	start_client idle "send:127.0.0.1:$echo:one" get:one file:never
	eventually has_line events '"end":"idle-timeout"'
	server_ends_by TERM 143
	proxies --max-bytes 4
	start_client limited "send:127.0.0.1:$echo:12345" file:never
	eventually has_line events '"end":"limit"'
}

@test "a client of a unix socket has no address: its association is refused with code 1" {
	serve -k --proxy-server socks unix:socket
	"$python" -IS -c '
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("socket")
s.sendall(bytes.fromhex("050100 05030001 00000000 0000"))
got = b""
while len(got) < 12:
    got += s.recv(12 - len(got))
assert got.hex() == "0500" "05010001000000000000", got.hex()
'
	eventually has_line server.err 'the client has no address that datagrams could come from'
}

@test "without -k one association is served" {
	echo_is
	serve --proxy-server socks 127.0.0.1 0
	proxy=127.0.0.1:$port
	client "send:127.0.0.1:$echo:one" get:one end
	server_ends 0
}

# The server can open nothing more, until opens_more.
opens_nothing() {
	local n=0
	while [ -L "/proc/$server/fd/$n" ]; do
		n=$((n + 1))
	done
	prlimit --pid "$server" --nofile="$n:"
}

opens_more() {
	prlimit --pid "$server" --nofile=256:
}

# No datagram waits to be read by the server.
has_read_all() {
	! ss -Hanup | grep "pid=$server," | awk '$2 > 0 { n++ } END { exit !n }'
}

@test "without descriptors the association waits, and so does a datagram whose target needs one" {
	need prlimit
	echo_is
	proxies -w "$patience"
	start_client client greet touch:greeted file:go "send:127.0.0.1:$echo:one" touch:sent get:one end
	local client=$pid
	eventually test -e greeted
	opens_nothing
	touch go
	eventually has_line server.err 'Too many open files: its client waits'
	events_are 0 end
	# for the association, and then for the socket to the target
	prlimit --pid "$server" --nofile="$(($(prlimit --pid "$server" --nofile --noheadings -o SOFT) + 1)):"
	eventually test -e sent
	eventually has_read_all
	opens_more
	finish "$client"
	status_is 0
	has_no_line server.err dropped
}
