# bats file_tags=vm
#
# Families that need a kernel with modules: CAN, SCTP, VSOCK. Run in a virtual machine;
# where the kernel lacks one, its tests are left out.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016

load ../lib/listen

has() { # ARGUMENTS-OF-PYTHON
	"$python" -c "import socket; socket.socket($1)" 2>/dev/null
}

need_can() {
	has 'socket.AF_CAN, socket.SOCK_RAW, 1' || skip "this kernel has no CAN"
	ip link add dev vcan7 type vcan 2>/dev/null || ip link show vcan7 >/dev/null 2>&1 ||
		skip "no virtual CAN interface can be made"
	ip link set vcan7 down
	ip link set vcan7 mtu 72 up
}

need_vsock_loopback() {
	"$python" - <<-'END' 2>/dev/null || skip "this kernel has no VSOCK loopback"
		import socket
		s = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
		s.bind((1, 0xffffffff))
	END
}

@test "SCTP passes bytes both ways, and ends as a stream does" {
	has 'socket.AF_INET, socket.SOCK_STREAM, 132' || skip "this kernel has no SCTP"
	serve --echo --proto sctp 127.0.0.1 0
	server=$pid
	usock connect --events client.events --proto sctp 127.0.0.1 "$port" <<<hello >out 2>err
	text_is out 'hello\n'
	is_empty err
	[ "$(field client.events end end)" = quiet ]
	finish "$server"
	status_is 0
}

@test "SCTP: the answer comes though our input has ended, and bulk arrives whole" {
	has 'socket.AF_INET, socket.SOCK_STREAM, 132' || skip "this kernel has no SCTP"
	head -c 300000 /dev/urandom >data
	serve --quiet --sh 'head -c 300000 >got; sleep 0.3; echo answer' --proto sctp 127.0.0.1 0
	usock connect --after-eof "$patience" --proto sctp 127.0.0.1 "$port" <data >out
	text_is out 'answer\n'
	cmp data got
}

@test "an SCTP port that nobody has is refused" {
	has 'socket.AF_INET, socket.SOCK_STREAM, 132' || skip "this kernel has no SCTP"
	run -1 --separate-stderr usock connect --proto sctp 127.0.0.1 9
	[ "$stderr" = "usock: connect 127.0.0.1:9: Connection refused" ] || fail "$stderr"
}

# What each side of "=" is for: as it is set, and as -vv reads it back.
@test "SCTP options are set, and read back" {
	has 'socket.AF_INET, socket.SOCK_STREAM, 132' || skip "this kernel has no SCTP"
	# shellcheck disable=SC2054 # values with commas
	local option options=(
		SCTP_NODELAY=1 SCTP_DISABLE_FRAGMENTS=1 SCTP_I_WANT_MAPPED_V4_ADDR=0 SCTP_FRAGMENT_INTERLEAVE=1
		SCTP_PARTIAL_DELIVERY_POINT=4096 SCTP_AUTO_ASCONF=0 SCTP_RECVRCVINFO=0 SCTP_RECVNXTINFO=0 SCTP_REUSE_PORT=1
		SCTP_ADAPTATION_LAYER=7 SCTP_MAXSEG=0,1000 SCTP_MAX_BURST=0,3 SCTP_CONTEXT=0,9 SCTP_DELAYED_SACK=0,200,3
		SCTP_RTOINFO=0,2000,50000,900 SCTP_STREAM_SCHEDULER=0,2 SCTP_PR_SUPPORTED=0,0 SCTP_RECONFIG_SUPPORTED=0,0
		SCTP_ENABLE_STREAM_RESET=0,3 SCTP_ASCONF_SUPPORTED=0,0 SCTP_AUTH_SUPPORTED=0,0 SCTP_ECN_SUPPORTED=0,0
		SCTP_EXPOSE_POTENTIALLY_FAILED_STATE=0,2 SCTP_INITMSG=hex:05000600030060ea
	)
	serve --echo --proto sctp 127.0.0.1 0
	echo hello | usock connect -vv --proto sctp "${options[@]/#/-o}" 127.0.0.1 "$port" >out 2>err
	text_is out 'hello\n'
	for option in "${options[@]}"; do
		has_line err "^usock: ${option%%=*} is ${option#*=}\$" || fail "$option: $(cat err)"
	done
}

@test "SCTP structures go to the kernel as they are, and come back" {
	has 'socket.AF_INET, socket.SOCK_STREAM, 132' || skip "this kernel has no SCTP"
	echo 1 >/proc/sys/net/sctp/auth_enable
	cat >sctp.us <<-'EOF'
		set s [socket -proto IPPROTO_SCTP]
		foreach {option size} {
			SCTP_EVENTS 14 SCTP_ASSOCINFO 20 SCTP_DEFAULT_SEND_PARAM 32
			SCTP_DEFAULT_SNDINFO 16 SCTP_DEFAULT_PRINFO 12
		} {
			set old [$s getsockopt IPPROTO_SCTP $option $size]
			$s setsockopt IPPROTO_SCTP $option -bytes $old
			puts "$option [string length $old] [string equal $old [$s getsockopt IPPROTO_SCTP $option $size]]"
		}
		# of no association, and any address
		$s setsockopt IPPROTO_SCTP SCTP_PEER_ADDR_PARAMS -bytes [binary format is@156 0 2]
		$s setsockopt IPPROTO_SCTP SCTP_HMAC_IDENT hex:010000000100
		$s setsockopt IPPROTO_SCTP SCTP_AUTH_CHUNK hex:00
		$s setsockopt IPPROTO_SCTP SCTP_AUTH_KEY hex:0000000001000400616263640000
		$s setsockopt IPPROTO_SCTP SCTP_AUTH_ACTIVE_KEY hex:0000000001000000
		puts [catch {$s setsockopt IPPROTO_SCTP SCTP_AUTH_DELETE_KEY hex:0000000009000000} text options]
		puts [lindex [dict get $options -errorcode] 1]
	EOF
	# of what is sent by default some fields are filled in for a receiver only: the kernel may give anything
	usock sctp.us | sed 's/^\(SCTP_DEFAULT_SEND_PARAM 32\) [01]$/\1 1/' >out
	text_is out 'SCTP_EVENTS 14 1\nSCTP_ASSOCINFO 20 1\nSCTP_DEFAULT_SEND_PARAM 32 1\nSCTP_DEFAULT_SNDINFO 16 1\nSCTP_DEFAULT_PRINFO 12 1\n1\nEINVAL\n'
}

@test "vsock passes bytes both ways over loopback" {
	need_vsock_loopback
	start server "$USOCK" listen --echo vsock:local:7007
	eventually vsock_echoes
}

vsock_echoes() {
	[ "$(echo hello | usock connect vsock:local:7007)" = hello ]
}

@test "a CAN interface that is not there is named" {
	has 'socket.AF_CAN, socket.SOCK_RAW, 1' || skip "this kernel has no CAN"
	run -1 --separate-stderr usock connect can:nosuch0
	[[ $stderr == *"can:nosuch0: No such device"* ]]
}

# A listener on the bus that has heard $heard, which other programs send until it does.
bus_listener() { # ARG...
	from=${from:-/dev/null} start listener timeout "$patience" "$USOCK" listen "$@" can:vcan7
	listener=$pid
	eventually can_heard
}

can_heard() {
	usock sendto can:vcan7 7FF#00
	grep -q 7FF#00 listener.out
}

# What came besides.
heard() {
	grep -v 7FF#00 listener.out
}

hears() { # TEXT
	[ "$(heard)" = "$1" ]
}

@test "frames go out and come in as candump writes them" {
	need_can
	bus_listener
	printf '%s\n' 123#DEADBEEF 12345678#112233 '123##1AA' '123#R' 123#11.22.33 7FE# |
		usock connect can:vcan7 --send-only
	eventually hears "$(printf '%s\n' 123#DEADBEEF 12345678#112233 '123##1AA' '123#R' 123#112233 7FE#)"
}

@test "they are the frames that other programs of the bus see and send" {
	need_can
	start other "$python" -c '
import socket, struct
s = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
s.bind(("vcan7",))
open("ready", "w")
print(s.recv(100).hex(), flush=True)
s.send(struct.pack("=IB3x8s", 0x80000000 | 0x12345678, 2, b"\x01\x02"))'
	eventually test -e ready
	usock sendto --wait 1s can:vcan7 123#DEADBEEF >reply
	[ "$(cat other.out)" = 2301000004000000deadbeef00000000 ]
	[ "$(cat reply)" = 12345678#0102 ]
}

@test "a listener on the bus sends its input, and answers nobody in particular" {
	need_can
	mkfifo input
	exec 8<>input
	from=input bus_listener
	from=/dev/null start second timeout "$patience" "$USOCK" connect --recv-only --max-bytes 16 can:vcan7
	second=$pid
	eventually sends_to_second
	[ "$(cat second.out)" = 321#AA ]
}

sends_to_second() {
	echo 321#AA >&8
	is_over "$second"
}

@test "--json has the frame as text, --print-sender the interface" {
	need_can
	bus_listener --json
	usock sendto can:vcan7 5A1#0102
	eventually grep -q -F '{"from":"can:vcan7","bytes":16,"data":"5A1#0102"}' listener.out
	kill -TERM "$listener"
	bus_listener --print-sender
	usock sendto can:vcan7 5A1#0102
	eventually grep -q -x 'can:vcan7: 5A1#0102' listener.out
}

@test "text that is no frame is an error that says which record, after those before it went" {
	need_can
	bus_listener
	run -8 --separate-stderr usock connect --send-only can:vcan7 < <(printf '123#11\n12#22\n')
	[[ $stderr == *"record 2: '12#22' is no CAN frame: the identifier must have 3 or 8 digits"* ]]
	eventually hears 123#11
	run -2 --separate-stderr usock sendto can:vcan7 123#123
	[[ $stderr == *"'123#123' is no CAN frame: the data must be pairs of digits"* ]]
}

@test "an interface of classic frames refuses FD frames, and says what it wants" {
	need_can
	ip link set vcan7 down
	ip link set vcan7 mtu 16 up
	run -1 --separate-stderr usock sendto can:vcan7 '123##1AA'
	[[ $stderr == *"Invalid argument"*"MTU of 72"* ]] || fail "$stderr"
	usock sendto can:vcan7 123#AA
}

@test "a program on the bus talks in text" {
	need_can
	start listener timeout "$patience" "$USOCK" listen -k can:vcan7 -- sh -c 'while read -r x; do echo "321#${x#*#}"; done'
	eventually answers_on_bus
}

answers_on_bus() {
	[ "$(usock sendto --wait 1s can:vcan7 123#4711)" = 321#4711 ]
}

@test "what makes no sense on a bus is a usage error" {
	need_can
	run -2 --separate-stderr usock connect --framing hex can:vcan7
	[[ $stderr == *"--framing: frames of a CAN bus are lines of text"* ]]
	run -2 --separate-stderr usock listen --crlf can:vcan7
}

# --- in scripts ----------------------------------------------------------------

@test "a script speaks over vsock, and knows who is who" {
	need_vsock_loopback
	cat >vsock.us <<-'EOF'
		set l [socket -family vsock]
		$l bind any 7109
		$l listen
		set c [socket -family vsock]
		$c settimeout 20
		$c connect local 7109
		lassign [$l accept -timeout 20] s cid port
		$s sendall hello
		puts [$c read 5],$cid,[expr {$port == [lindex [$c getsockname] 1]}],[$c getpeername]
		set d [connect vsock:local:7109]
		puts [$d getpeername]
	EOF
	usock vsock.us >out
	text_is out 'hello,1,1,1 7109\n1 7109\n'
}

@test "a script binds a CAN interface, and its frames are bytes" {
	need_can
	cat >can.us <<-'EOF'
		set a [socket -family can -type raw -proto 1]
		set b [socket -family can -type raw -proto 1]
		$a bind vcan7
		$b bind can:vcan7
		$b settimeout 20
		puts [$b getsockname]
		$a send [binary format icx3a8 0x123 2 hi]
		binary scan [$b recv 100] icx3a2 id n data
		puts "$id $n $data"
		catch {$a bind can:nosuch} text options
		puts [lindex [dict get $options -errorcode] 1]
	EOF
	usock can.us >out
	text_is out 'vcan7\n291 2 hi\nENODEV\n'
}
