# Socket families, types and protocols: which socket the options and the address ask for,
# and what comes of it where the kernel has it. Those that need another kernel are in
# families_vm.bats.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016

load ../lib/listen
load ../lib/nets
start_fast

# refuses PATTERN ARG...: usage, with one line that has PATTERN in it
refuses() {
	local pattern=$1
	shift
	run --separate-stderr usock "$@"
	[[ $status -eq 2 && $stderr =~ ^"usock: ".*$pattern ]] || {
		echo "usock $*: status $status, $stderr (not /$pattern/)"
		return 1
	}
}

# --- what contradicts itself --------------------------------------------------------

@test "types and protocols that do not go together are refused" {
	refuses '--type and --udp' connect -u --type stream 127.0.0.1 1
	refuses '--type and --udp' connect -u --type raw --proto udp 127.0.0.1 1
	refuses '--udp and --proto' connect -u --proto tcp 127.0.0.1 1
	refuses '--udp and --proto' connect -u --proto icmp 127.0.0.1
	refuses '--type and --proto' connect --type stream --proto udp 127.0.0.1 1
	refuses '--type and --proto' listen --type dgram --proto sctp 127.0.0.1 1
	refuses '--mptcp' connect -u --mptcp 127.0.0.1 1
	refuses '--mptcp' listen --type dgram --mptcp 127.0.0.1 1
	refuses '--mptcp and --proto' listen --proto sctp --mptcp 127.0.0.1 1
	refuses '--type: raw needs --proto' connect --type raw 127.0.0.1
	refuses 'seqpacket' connect --type seqpacket 127.0.0.1 1
	refuses '--proto: .*needs --type' connect --proto icmp 127.0.0.1
	refuses '--proto: .*needs --type' connect --proto 47 127.0.0.1
}

@test "the transport of an address counts as an option" {
	refuses '--type and transport udp' connect --type stream udp:127.0.0.1:1
	refuses '--udp and transport tcp' connect -u tcp:127.0.0.1:1
	refuses '--proto and transport udp' connect --proto tcp udp:127.0.0.1:1
	refuses '--proto and transport tcp' connect --proto sctp tcp:127.0.0.1:1
	refuses 'transport tcp: not for a unix address' connect tcp:unix:/tmp/x
	refuses 'transport udp: not for a vsock address' connect udp:vsock:1:1
}

@test "an address has the types of its family" {
	refuses '--proto: not for a unix address' connect --proto tcp unix:/tmp/x
	refuses '--mptcp: not for a unix address' connect --mptcp unix:/tmp/x
	refuses 'unix socket is never raw' connect --type raw unix:/tmp/x
	refuses '--proto: not for a vsock address' connect --proto sctp vsock:1:1
	refuses 'a CAN socket is raw' connect -u can:can0
	refuses '--proto: not for a can address' connect --proto tcp can:can0
	refuses '--udp: the descriptor is what it is' connect -u fd:0
	refuses '--proto: IPv4 has icmp, IPv6 has icmpv6' connect -6 --type dgram --proto icmp '[::1]'
}

@test "an option that does nothing with an address of this kind is refused" {
	local option words
	for option in -4 -6 '-p 4000' --reuse-port --mptcp '--interface lo' --broadcast '--ttl 7' '--min-ttl 2' '--tos ef' \
		'--md5-file key' '--join 224.0.0.5'; do
		read -ra words <<<"$option"
		refuses "not for a unix address" connect "${words[@]}" unix:/tmp/x
		[ "$option" = '--interface lo' ] || refuses "not for a can address" connect "${words[@]}" can:can0
		[[ $option == --join* ]] || refuses "the descriptor is what it is" connect "${words[@]}" fd:0
	done
	refuses '--source: the descriptor is what it is' connect --source 127.0.0.1 fd:0
	refuses '--min-ttl: not for a unix address' listen --min-ttl 2 unix:/tmp/x
	refuses '--ttl: not for a unix address' sendto --ttl 2 unix:/tmp/x data
	refuses '--fastopen: needs a host and a port' connect --fastopen unix:/tmp/x
	refuses '--retry: not for an open descriptor' connect --retry 2 fd:0
	refuses '--half-open: not with datagrams' connect -u --half-open 127.0.0.1 1
	refuses '--no-half-close: not with datagrams' connect --dtls --no-half-close 127.0.0.1 1
	refuses '--retry-interval: needs --retry' connect --retry-interval 2 127.0.0.1 1
}

@test "a scan refuses what it does nothing with" {
	local option
	for option in '-i 2' -C '--rate 1M' '--max-bytes 1' --telnet --no-half-close '--half-close 1' '--ca-file x' --insecure \
		'--handshake-timeout 1' '--transcript x' '--keylog x' --no-ktls '--join 224.0.0.5' '--proxy-auth-file x'; do
		# shellcheck disable=SC2086 # words
		refuses '--scan: not together with' connect -z $option 127.0.0.1 1
	done
}

@test "where there are no ports none is taken, elsewhere one is needed" {
	refuses 'the port is missing' connect -u 127.0.0.1
	refuses 'this protocol has no ports' connect --type raw --proto icmp 127.0.0.1 7
	refuses 'this protocol has no ports' connect --type dgram --proto icmp 127.0.0.1:7
	refuses 'this protocol has no ports' listen --type raw --proto 253 127.0.0.1 7
}

# --- what this kernel may lack, and what needs a privilege -----------------------------

# lacks FAMILY|PROTOCOL-ARGUMENTS-OF-PYTHON
lacks() {
	! "$python" -c "import socket; socket.socket($1)" 2>/dev/null
}

# One line with the address family's reason, and status 1.
says_lacking() { # WHAT ARG...
	local what=$1
	shift
	run --separate-stderr usock "$@"
	[[ $status -eq 1 && $stderr =~ ^"usock: ".*"socket: ".*" not supported"[^\(]*" (this kernel has no $what)"$ ]] || {
		echo "usock $*: status $status, $stderr"
		return 1
	}
}

@test "a kernel without vsock says so" {
	lacks 'socket.AF_VSOCK, socket.SOCK_STREAM' || skip "this kernel has VSOCK"
	says_lacking VSOCK connect vsock:2:80
	says_lacking VSOCK listen vsock:any:80
}

@test "a kernel without SCTP says so" {
	lacks 'socket.AF_INET, socket.SOCK_STREAM, 132' || skip "this kernel has SCTP"
	says_lacking SCTP connect --proto sctp 127.0.0.1 80
	says_lacking SCTP listen --proto sctp 127.0.0.1 0
}

@test "a stream over MPTCP is said to be one by its option, too" {
	lacks 'socket.AF_INET, socket.SOCK_STREAM, 262' && skip "this kernel has no MPTCP"
	serve -k --echo --proto mptcp 127.0.0.1 0
	[ "$(echo hello | usock connect --proto mptcp 127.0.0.1 "$port")" = hello ]
}

# --- unix sockets that keep records ----------------------------------------------------

# The paths of ours in $TMPDIR, which is this test's folder.
own_paths() {
	find . -maxdepth 1 -type s ! -name sock ! -name server
}

has_own_path() {
	[ "$(own_paths | wc -l)" = 1 ]
}

own_folder() {
	export TMPDIR=$PWD
	unset XDG_RUNTIME_DIR
}

# Two of ours talk over $1, and so does a client of socat, which has a path too.
dgrams_both_ways() { # ADDRESS
	own_folder
	serve -k --echo --type dgram "$1"
	mkfifo input
	exec 8<>input
	from=input start client "$USOCK" connect --type dgram --framing nul "$1"
	printf 'one\0\0' >&8
	eventually eval "[ \"\$(od -An -c client.out | tr -d ' \n')\" = 'one\\0\\0' ]"
	eval "$2"
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
	[ -z "$(own_paths)" ] || fail "left: $(own_paths)"
	[ "$(usock sendto --wait 2s "$1" two)" = two ]
	[ -z "$(own_paths)" ] || fail "left: $(own_paths)"
}

@test "unix datagrams go both ways over a path, and our own is removed, after SIGTERM too" {
	dgrams_both_ways unix:server has_own_path
	server_ends_by TERM 143
	[ ! -e server ]
}

@test "unix datagrams go both ways over an abstract name, without a path in between" {
	dgrams_both_ways "unix:@usock-test-$$-$RANDOM" '[ -z "$(own_paths)" ]'
}

@test "seqpacket keeps records both ways between two of ours, and an end is an end" {
	mkfifo input
	exec 8<>input
	from=input serve --type seqpacket --framing hex unix:server
	mkfifo questions
	exec 7<>questions
	from=questions start client "$USOCK" connect --type seqpacket --framing hex unix:server
	client=$pid
	printf '61\n\n6263\n' >&7
	eventually has_line server.out 6263
	text_is server.out '61\n\n6263\n'
	printf '64\n6566\n' >&8
	eventually has_line client.out 6566
	text_is client.out '64\n6566\n'
	kill -TERM "$client"
	finish "$client"
	server_ends 0
	[ "$(field events end end)" = peer-fin ]
}

@test "records without a byte right before the end of a seqpacket connection are records" {
	serve --type seqpacket --framing hex unix:server
	printf '61\n\n\n' | usock connect --type seqpacket --framing hex unix:server
	server_ends 0
	text_is server.out '61\n\n\n'
}

@test "the client's end alone ends a seqpacket listener that has nothing to say" {
	serve --echo --type seqpacket unix:server
	[ "$(usock connect --type seqpacket unix:server <<<hello)" = hello ]
	server_ends 0
}

# --- raw sockets, ICMP, UDP-Lite ---------------------------------------------------------

# An echo request with its checksum, in digits.
echo_request() {
	"$python" -IS -c '
data = bytes([8, 0, 0, 0, 0x75, 0x73, 0, 1]) + b"usock"
words = sum(int.from_bytes((data + b"\0")[i:i + 2], "big") for i in range(0, len(data), 2))
while words >> 16: words = (words & 0xffff) + (words >> 16)
print((data[:2] + (~words & 0xffff).to_bytes(2, "big") + data[4:]).hex())'
}

@test "a raw socket sends an ICMP echo request, and gets the reply with its header" {
	[ "$(id -u)" = 0 ] || skip "raw sockets want root"
	! lacks 'socket.AF_INET, socket.SOCK_RAW, 1' || skip "no raw sockets here"
	echo_request | usock connect --type raw --proto icmp --framing hex --after-eof 1s 127.0.0.1 >out
	grep -q -E '^45.{38}0000.{4}757300017573' out || fail "$(cat out)"
	echo_request | usock sendto --type raw --proto 1 --framing hex --wait 1s --print-sender 127.0.0.1 >out
	grep -q -E '^127.0.0.1: 45.{38}0000.{4}757300017573' out || fail "$(cat out)"
	echo_request | usock connect --type raw --proto icmp --framing hex --after-eof 1s --json -v 127.0.0.1 >out 2>err
	grep -q '^{"from":"127.0.0.1","bytes":33,' out || fail "$(cat out)"
	says err '^usock: 127.0.0.1 > 127.0.0.1: end=quiet '
}

@test "a raw socket has no ports, and shows none" {
	[ "$(id -u)" = 0 ] || skip "raw sockets want root"
	! lacks 'socket.AF_INET, socket.SOCK_RAW, 1' || skip "no raw sockets here"
	usock connect -v --type raw --proto icmp --after-eof 0 127.0.0.1 < <(:) 2>err
	says err '^usock: trying 127\.0\.0\.1$'
	says err '^usock: connected to 127\.0\.0\.1 from 127\.0\.0\.1$'
	says err '^usock: 127\.0\.0\.1 > 127\.0\.0\.1: end='
	usock sendto -v --type raw --proto 253 127.0.0.1 x 2>err
	says err '^usock: 0\.0\.0\.0 > 127\.0\.0\.1: end='
	run -1 usock connect --type raw --proto 253 -s 127.0.0.1 192.0.2.1 </dev/null
	[[ ${lines[0]} == "usock: connect 192.0.2.1: "[A-Z]* ]]
}

@test "a raw socket without the privilege says which one it wants" {
	need setpriv
	[ "$(id -u)" = 0 ] || skip "root alone can give it up"
	fresh=(setpriv --bounding-set=-net_raw --inh-caps=-net_raw "${fresh[@]}")
	run -1 --separate-stderr usock connect --type raw --proto icmp 127.0.0.1
	[[ $stderr == *"socket: Operation not permitted"*"CAP_NET_RAW"* ]]
	run -1 --separate-stderr usock listen --type raw --proto 253 127.0.0.1
	[[ $stderr == *"CAP_NET_RAW"* ]]
}

@test "UDP-Lite passes datagrams both ways, to the letter" {
	! lacks 'socket.AF_INET, socket.SOCK_DGRAM, 136' || skip "this kernel has no UDP-Lite"
	serve -k --proto udplite 127.0.0.1 0 --sh 'read -r x; echo "$USOCK_PROTO $x"'
	"$python" -IS -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)
s.settimeout(20)
s.sendto(b"hello\n", ("127.0.0.1", int(sys.argv[1])))
assert s.recv(100) == b"udplite hello\n"' "$port"
	[ "$(echo two | usock connect --proto udplite --after-eof 2s --max-bytes 12 127.0.0.1 "$port")" = "udplite two" ]
}

@test "fd:N is a datagram socket that the shell has made" {
	serve -k -u --echo 127.0.0.1 0
	exec 9<>"/dev/udp/127.0.0.1/$port"
	printf 'a\n\nb\n' | usock connect --framing line --after-eof 300ms fd:9 >out
	text_is out 'a\n\nb\n'
	[ "$(usock sendto --wait 300ms fd:9 hello)" = hello ]
	exec 9>&-
	serve -k --echo 127.0.0.1 0
	exec 9<>"/dev/tcp/127.0.0.1/$port"
	exec 9>&-
}

# --- multicast, broadcast, ICMP without privilege: in networks of their own ----------------

# Two networks, $left and $right, with a cable: 10.7.0.1 and .2, fd07::1 and ::2 at l0 and r0.
cable() {
	new_net left
	new_net right
	"${left[@]}" ip link add l0 type veth peer name r0 netns "/proc/$pid/ns/net" || skip "no virtual cable here"
	"${left[@]}" ip addr add 10.7.0.1/24 brd + dev l0
	"${right[@]}" ip addr add 10.7.0.2/24 brd + dev r0
	"${left[@]}" ip -6 addr add fd07::1/64 dev l0 nodad
	"${right[@]}" ip -6 addr add fd07::2/64 dev r0 nodad
	"${left[@]}" ip link set l0 up
	"${right[@]}" ip link set r0 up
}

on_left() { # COMMAND...
	local fresh=("${left[@]}" "${fresh[@]}")
	"$@"
}

on_right() { # COMMAND...
	local fresh=("${right[@]}" "${fresh[@]}")
	"$@"
}

# Sends until the server has this line.
right_hears() { # LINE ADDRESS OPTION...
	on_left usock sendto "${@:3}" "$2" "$1" || :
	has_line server.out "$1"
}

@test "a broadcast reaches the other end of the cable, with --broadcast alone" {
	cable
	on_right serve -u -k --print-sender --framing line :0
	on_left run -1 usock sendto "10.7.0.255:$port" no
	eventually right_hears all "10.7.0.255:$port" --broadcast
	eventually right_hears everywhere "255.255.255.255:$port" --broadcast --interface l0
	has_line server.out '^10.7.0.1:[0-9]+: all$'
	has_no_line server.out 'no$'
}

@test "a group is heard where it was joined, from the source that was asked for" {
	cable
	on_right serve -u -k --framing line --join 239.7.7.7%r0 0.0.0.0 0
	eventually right_hears group "239.7.7.7:$port" --interface l0
	server_ends_by TERM 143
	on_right serve -u -k --framing line --join 10.7.0.9@232.7.7.7%r0 --join 10.7.0.1@232.7.7.8%r0 0.0.0.0 0
	on_left usock sendto --interface l0 "232.7.7.7:$port" another
	eventually right_hears ours "232.7.7.8:$port" --interface l0
	has_no_line server.out another
}

@test "a group of IPv6 is heard where it was joined, from the source that was asked for" {
	has_ipv6 || skip "no IPv6"
	cable
	on_right serve -u -k --framing line --join ff15::7%r0 --join fd07::1@ff35::8%r0 :: 0
	eventually right_hears group "[ff15::7]:$port" --interface l0
	eventually right_hears ours "[ff35::8]:$port" --interface l0 -s fd07::1
}

@test "--ttl is what arrives, and the sender hears itself only with IP_MULTICAST_LOOP" {
	cable
	on_right start hops "$python" -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 0))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.7.7.7") + socket.inet_aton("10.7.0.2"))
s.setsockopt(socket.IPPROTO_IP, 12, 1)  # IP_RECVTTL
print(s.getsockname()[1], flush=True)
while True:
    data, found = s.recvmsg(100, 100)[:2]
    print(data.decode(), int.from_bytes(found[0][2][:4], "little"), flush=True)'
	printed hops
	eventually arrives_with 1
	eventually arrives_with 77 --ttl 77
	on_left serve -u -k --framing line --join 239.7.7.7%l0 0.0.0.0 0
	on_left usock sendto -o IP_MULTICAST_LOOP=0 --interface l0 "239.7.7.7:$port" silent
	eventually eval 'on_left usock sendto --interface l0 "239.7.7.7:$port" loud; has_line server.out loud'
	has_no_line server.out silent
}

arrives_with() { # HOPS OPTION...
	on_left usock sendto "${@:2}" --interface l0 "239.7.7.7:$port" "hops$1"
	has_line hops.out "^hops$1 $1\$"
}

@test "an ICMP echo without a raw socket, where the kernel allows it to our group" {
	local request='0800000000000001 7573'
	new_net left
	on_left run -1 --separate-stderr usock connect --type dgram --proto icmp --framing hex 127.0.0.1 <<<"$request"
	[[ $stderr == *"Permission denied"*"ping_group_range"* ]]
	"${left[@]}" sh -c 'echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range'
	on_left usock connect --type dgram --proto icmp --framing hex --after-eof 1s 127.0.0.1 <<<"$request" >out
	says out '^0000.{8}00017573$'
	on_left usock sendto --type dgram --proto icmpv6 --framing hex --wait 1s '[::1]' <<<"80${request:2}" >out
	says out '^8100.{8}00017573$'
}
