# Socket families, types and protocols: which socket the options and the address ask for,
# and what comes of it where the kernel has it. Those that need another kernel are in
# families_vm.bats.

load lib_listen

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
