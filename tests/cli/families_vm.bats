# bats file_tags=vm
#
# Families that need a kernel with modules: CAN, SCTP, VSOCK. Run in a virtual machine;
# where the kernel lacks one, its tests are left out.

load lib_listen

has() { # ARGUMENTS-OF-PYTHON
	"$python" -c "import socket; socket.socket($1)" 2>/dev/null
}

need_can() {
	has 'socket.AF_CAN, socket.SOCK_RAW, 1' || skip "this kernel has no CAN"
	ip link add dev vcan7 type vcan 2>/dev/null || ip link show vcan7 >/dev/null 2>&1 ||
		skip "no virtual CAN interface can be made"
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
	[ "$(echo hello | usock connect --proto sctp 127.0.0.1 "$port")" = hello ]
}

@test "an SCTP port that nobody has is refused" {
	has 'socket.AF_INET, socket.SOCK_STREAM, 132' || skip "this kernel has no SCTP"
	run -1 --separate-stderr usock connect --proto sctp 127.0.0.1 9
	[[ $stderr == *"Connection refused"* ]]
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

@test "frames go out and come in as candump writes them" {
	need_can
	from=/dev/null start listener timeout "$patience" "$USOCK" listen can:vcan7
	eventually can_heard
	grep -q -x '12345678#112233' listener.out
	grep -q -x '123##1AA' listener.out
}

can_heard() {
	printf '%s\n' '123#DEADBEEF' '12345678#112233' '123##1AA' '123#R' |
		usock connect can:vcan7 --send-only
	grep -q -x '123#DEADBEEF' listener.out && grep -q -x '123#R' listener.out
}
