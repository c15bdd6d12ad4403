# The kernel of the virtual machine has what the tests there are for: should it lack
# something, this says so, where they would be skipped.

load ../lib/common

python_says() { # PROGRAM
	timeout "$patience" "$python" -IS -c "from socket import *
$1"
}

@test "the machine has a kernel of its own, loopback, and the host's files" {
	grep -q 'rdinit=/init' /proc/cmdline
	ip -o link show dev lo up | grep -q LOOPBACK
	cmp "$USOCK" "$USOCK_BUILD/usock"
}

@test "the host's files cannot be written" {
	run -1 touch "$USOCK_SOURCE/tests/written"
	[[ $output == *'Read-only file system' ]]
}

@test "CAN: a raw frame from socket to socket" {
	python_says '
a, b = (socket(AF_CAN, SOCK_RAW, CAN_RAW) for _ in "ab")
a.bind(("vcan0",))
b.bind(("vcan0",))
frame = b"\x23\x01\x00\x00\x04\x00\x00\x00\xde\xad\xbe\xef\x00\x00\x00\x00"
a.send(frame)
assert b.recv(16) == frame'
}

@test "SCTP: one-to-one and one-to-many" {
	python_says '
for kind in SOCK_STREAM, SOCK_SEQPACKET:
	for family, address in (AF_INET, "127.0.0.1"), (AF_INET6, "::1"):
		server = socket(family, kind, IPPROTO_SCTP)
		server.bind((address, 0))
		server.listen()
		client = socket(family, kind, IPPROTO_SCTP)
		client.connect(server.getsockname()[:2])
		if kind == SOCK_STREAM:
			client.send(b"hello")
		else:
			client.sendto(b"hello", server.getsockname()[:2])
		peer = server.accept()[0] if kind == SOCK_STREAM else server
		assert peer.recv(10) == b"hello"'
}

@test "vsock: streams and packets on loopback" {
	python_says '
for kind in SOCK_STREAM, SOCK_SEQPACKET:
	server = socket(AF_VSOCK, kind)
	server.bind((VMADDR_CID_ANY, VMADDR_PORT_ANY))
	server.listen()
	client = socket(AF_VSOCK, kind)
	client.connect((1, server.getsockname()[1]))
	client.send(b"hello")
	assert server.accept()[0].recv(10) == b"hello"'
}

@test "kTLS: records of TLS 1.3 go out sealed and come in opened" {
	python_says '
server = create_server(("127.0.0.1", 0))
client = create_connection(server.getsockname())
peer = server.accept()[0]
TCP_ULP, SOL_TLS, TLS_TX, TLS_RX = 31, 282, 1, 2
aes_128_gcm = b"\x04\x03\x33\x00" + bytes(8 + 16 + 4 + 8)
client.setsockopt(IPPROTO_TCP, TCP_ULP, b"tls")
client.setsockopt(SOL_TLS, TLS_TX, aes_128_gcm)
client.send(b"hello")
record = peer.recv(100)
assert record[:3] == b"\x17\x03\x03" and b"hello" not in record, record
peer.setsockopt(IPPROTO_TCP, TCP_ULP, b"tls")
peer.setsockopt(SOL_TLS, TLS_RX, aes_128_gcm[:-8] + bytes(7) + b"\x01")
client.send(b"again")
assert peer.recv(10) == b"again"'
}

@test "the kernel's socket table knows vsock and SCTP" {
	start vsock "$python" -IS -c 'from socket import *
s = socket(AF_VSOCK); s.bind((VMADDR_CID_ANY, 7000)); s.listen(); print("ready", flush=True); s.accept()'
	start sctp "$python" -IS -c 'from socket import *
s = socket(type=SOCK_STREAM, proto=IPPROTO_SCTP); s.bind(("127.0.0.1", 7000)); s.listen()
print("ready", flush=True); s.accept()'
	eventually test -s vsock.out -a -s sctp.out
	ss -Hl --vsock | grep -q ':7000 '
	ss -HlnS | grep -q '127.0.0.1:7000 '
}

@test "netem: a delay is a delay" {
	# shellcheck disable=SC2016 # the other shell expands
	timeout "$patience" unshare --net "$BASH" -c '
		ip link set lo up
		tc qdisc add dev lo root netem delay 100ms
		exec "$0" -IS -c "
import socket, time
server = socket.create_server((\"127.0.0.1\", 0))
begin = time.monotonic()
socket.create_connection(server.getsockname())
assert 0.2 <= time.monotonic() - begin < 5, time.monotonic() - begin"' "$python"
}
