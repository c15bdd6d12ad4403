# listen --reserve: ports that nobody gets by chance.
#
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/listen
load ../lib/tmux

# binds REUSE ADDRESS PORT: whether bind(2) succeeds, with SO_REUSEADDR or without.
binds() {
	"$python" -IS - "$@" <<-'END'
		import socket, sys
		reuse, address, port = sys.argv[1:]
		s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(reuse))
		try:
		    s.bind((address, int(port)))
		    s.listen()
		except OSError as e:
		    sys.exit(str(e))
	END
}

@test "--reserve prints one port, or as many as are asked for, all different" {
	usock listen --reserve >out 2>err
	[[ $(<out) =~ ^[0-9]+$ ]]
	is_empty err
	usock listen --reserve=20 127.0.0.1 >out
	[ "$(sort -u out | wc -l)" = 20 ]
	[ "$(grep -c -x '[0-9]*' out)" = 20 ]
}

@test "--reserve on a terminal is a table" {
	in_terminal listen --reserve=2 127.0.0.1
	ends_with '^status=0$'
	shows '^PORT +ADDRESS +KEPT FOR$'
	[ "$(count_of '^[0-9]+ +127\.0\.0\.1 +60\.0 s$')" = 2 ] || fail "$(screen)"
}

@test "a reserved port is bound with SO_REUSEADDR only" {
	local addresses=(127.0.0.1 0.0.0.0) address
	! has_ipv6 || addresses+=(::1 ::)
	port=$(usock listen --reserve)
	for address in "${addresses[@]}"; do
		! binds 0 "$address" "$port" 2>err || fail "bound without it: $address"
		says err 'Address already in use'
		binds 1 "$address" "$port" || fail "$address"
	done
	usock listen --ready-file server.ready --once 1 --echo 127.0.0.1 "$port" &
	pid=$!
	pids+=("$pid")
	is_ready server
	usock connect 127.0.0.1 "$port" <<<hello >out
	text_is out 'hello\n'
	finish "$pid"
}

@test "the kernel gives a reserved port to nobody who asks for any" {
	[ -w /proc/sys/net/ipv4/ip_local_port_range ] || skip "the range of ports cannot be set here"
	[ "$(ss -Htan | wc -l)" = 0 ] || skip "this network is not the test's own"
	local range
	range=$(cat /proc/sys/net/ipv4/ip_local_port_range)
	# so few ports that each would be picked soon
	echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range 2>/dev/null || skip "the range of ports cannot be set here"
	usock listen --reserve=3 127.0.0.1 >reserved
	"$python" -IS - "$(paste -sd " " reserved)" >out <<-'END'
		import socket, sys
		reserved = {int(p) for p in sys.argv[1].split()}
		peer = socket.create_server(("127.0.0.1", 39999))
		held, got = [], set()
		for make in range(40):
		    s = socket.socket()
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, make % 2)
		    try:
		        if make % 4 < 2:
		            s.bind(("127.0.0.1", 0))
		        else:
		            s.connect(peer.getsockname())
		        got.add(s.getsockname()[1])
		        held.append(s)
		    except OSError:
		        s.close()
		print(len(got) > 3, sorted(reserved & got))
	END
	echo "$range" >/proc/sys/net/ipv4/ip_local_port_range
	text_is out 'True []\n'
}

@test "--reserve takes a host, and one family" {
	usock listen --reserve -v 127.0.0.2 >out 2>err
	says err '^usock: reserved 127\.0\.0\.2:[0-9]* for 60 s$'
	usock listen --reserve -4 --events events >out
	[ "$(field events reserved local)" = "127.0.0.1:$(<out)" ]
	has_ipv6 || return 0
	usock listen --reserve -6 --events events >out
	[ "$(field events reserved local)" = "[::1]:$(<out)" ]
	[ "$(field events reserved seconds)" = 60 ]
}

@test "an address that is not ours, and what is no TCP address, are errors" {
	local args want
	while IFS='|' read -r want args; do
		status=0
		# shellcheck disable=SC2086
		usock listen --reserve $args >out 2>err || status=$?
		status_is "$want"
		is_empty out
		says err '^usock: '
	done <<-'END'
		1|192.0.2.1
		2|8080
		2|127.0.0.1 8080
		2|unix:path
		2|udp:127.0.0.1
		2|tls:127.0.0.1
		2|-k
		2|--echo
		2|--tls
		2|--ready-fd 1
		2|-- true
	END
	for want in 0 1001 x; do
		status=0
		usock listen --reserve="$want" 2>err || status=$?
		status_is 2
	done
}

@test "a kernel that keeps no TIME_WAIT is an error, not a promise" {
	local limit=/proc/sys/net/ipv4/tcp_max_tw_buckets before
	[ -w "$limit" ] || skip "the limit cannot be set here"
	before=$(cat "$limit")
	echo 0 >"$limit" 2>/dev/null || skip "the limit cannot be set here"
	status=0
	usock listen --reserve 127.0.0.1 >out 2>err || status=$?
	echo "$before" >"$limit"
	status_is 1
	is_empty out
	says err '^usock: reserve 127\.0\.0\.1:[0-9]*: no TIME_WAIT remains'
}
