# Loose source routes, -g and -G: a host behind a gateway that no route leads to.

load ../lib/common
load ../lib/nets

# Three networks in a row: 10.7.0.1 of $left, 10.7.0.2 and 10.7.1.2 of $middle, 10.7.1.3 of $right, which knows the way
# back.
row() {
	local where
	new_net left
	new_net middle
	local gateway=$pid
	new_net right
	"${left[@]}" ip link add l0 type veth peer name m0 netns "/proc/$gateway/ns/net" || skip "no virtual cable here"
	"${right[@]}" ip link add r0 type veth peer name m1 netns "/proc/$gateway/ns/net"
	"${left[@]}" ip addr add 10.7.0.1/24 dev l0
	"${middle[@]}" ip addr add 10.7.0.2/24 dev m0
	"${middle[@]}" ip addr add 10.7.1.2/24 dev m1
	"${right[@]}" ip addr add 10.7.1.3/24 dev r0
	"${left[@]}" ip link set l0 up
	"${middle[@]}" ip link set m0 up
	"${middle[@]}" ip link set m1 up
	"${right[@]}" ip link set r0 up
	"${right[@]}" ip route add 10.7.0.0/24 via 10.7.1.2
	for where in left middle right; do
		local -n enter=$where
		# shellcheck disable=SC2016 # it expands there
		"${enter[@]}" sh -c 'cd /proc/sys/net/ipv4/conf && for i in *; do
			echo 1 >$i/accept_source_route; echo 0 >$i/rp_filter; echo 1 >$i/forwarding; done'
	done
}

@test "a host that no route leads to is reached through a gateway" {
	row
	local words
	start server "${right[@]}" "$USOCK" listen -k --echo --ready-file server.ready 10.7.1.3 0
	is_ready server
	echo hello >in
	run -1 --separate-stderr on_left usock ncat 10.7.1.3 "$port"
	[ "$stderr" = 'Ncat: Network is unreachable.' ] || fail "$stderr"
	for words in "-g 10.7.0.2" "-G 4 -g 10.7.0.2"; do
		# shellcheck disable=SC2086 # words
		on_left usock ncat -4 $words 10.7.1.3 "$port" <in >out
		cmp in out
	done
}

on_left() { # COMMAND...
	timeout -s KILL "$patience" "${left[@]}" env "$USOCK" "${@:2}" 3>&- 7>&- 8>&-
}

@test "what is no route is refused in ncat's words" {
	need ncat
	local words hops
	hops=$(printf '192.0.2.%d,' {1..9})
	for words in "-g 127.0.0.2" "-4 -g 127.0.0.2 -G 5" "-4 -g 127.0.0.2 -G 32" "-4 -g ${hops%,}" \
		"-4 -g nosuch.invalid"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr ncat $words 127.0.0.1 1
		theirs=$stderr
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr usock ncat $words 127.0.0.1 1
		[ "$stderr" = "$theirs" ] || fail "$words: $stderr, not $theirs"
	done
}

@test "names of hops are looked up, several are one route, and a server ignores it" {
	run -0 usock ncat --explain -4 -g localhost,192.0.2.2 -g 192.0.2.3 h 1
	[ "$output" = 'usock connect -4 --half-close 0 -o IP_OPTIONS=hex:830f047f000001c0000202c0000203 h 1' ] || fail "$output"
	run -0 usock ncat --explain -4 -l -g 192.0.2.2 1
	[ "$output" = 'usock listen -4 --half-close 0 1' ] || fail "$output"
}
