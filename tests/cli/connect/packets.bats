# Options of packets and ends: --tos, --min-ttl, --md5-file, --quit-after, --max-receives, --pass-fd; and scans with
# datagrams and in random order.

load ../lib/common
load ../lib/tmux

@test "--quit-after ends a connection cleanly, whatever the peer sends" {
	usock_listens server -k --sh 'while echo tick; do sleep 0.1; done'
	run -0 --separate-stderr usock connect --quit-after 500ms --half-close 0 127.0.0.1 "$port" </dev/null
	[[ $output == tick* ]]
	run -2 --separate-stderr usock connect --quit-after 1s --after-eof 1s 127.0.0.1 "$port"
	[[ $stderr == *"--after-eof"*"--quit-after"* ]]
}

@test "--max-receives ends after so many reads of a stream" {
	usock_listens server -k --sh 'echo one; sleep 0.3; echo two; sleep 30'
	run -0 usock connect --max-receives 2 127.0.0.1 "$port"
	[ "$output" = "one
two" ]
}

@test "--tos, --min-ttl: words, numbers and what is none" {
	usock_listens server -k --echo
	[ "$(echo x | usock connect --tos ef --min-ttl 1 127.0.0.1 "$port")" = x ]
	[ "$(echo x | usock connect --tos 0x28 127.0.0.1 "$port")" = x ]
	run -2 --separate-stderr usock connect --tos fast 127.0.0.1 "$port"
	[[ $stderr == *"--tos: 'fast' is none of lowdelay"* ]]
	run -2 usock connect --min-ttl 256 127.0.0.1 "$port"
	# nothing of this host has come over so many hops
	run -124 usock connect --min-ttl 200 -w 300ms 127.0.0.1 "$port"
}

@test "--md5-file: the key has to be there" {
	run --separate-stderr usock connect --md5-file nosuch 127.0.0.1 1
	[[ $status != 0 && $stderr == *nosuch* ]]
	: >empty
	run -2 --separate-stderr usock connect --md5-file empty 127.0.0.1 1
	[[ $stderr == *"--md5-file: a key has 1 to 80 bytes"* ]]
}

@test "--scan with datagrams: closed is closed, the rest is open or filtered" {
	start server "$USOCK" listen -u --ready-file ready --discard -k 127.0.0.1 0
	eventually test -s ready
	port=$(sed 's/.*://' ready)
	run -0 usock connect -zu -w 200ms 127.0.0.1 "$port"
	[[ $output == *"open|filtered"* ]]
	run -1 usock connect -zu -w 200ms 127.0.0.1 1
	[[ $output == *closed* ]]
}

@test "--scan on a terminal counts open ports where it had no room for all lines" {
	usock_listens server -k --discard
	in_terminal connect -z 127.0.0.1 "1-40,$port"
	shows '^usock: scan 127.0.0.1: [0-9]+ of 41 ports are open; --open prints them alone$'
	end_terminal
	in_terminal connect -z 127.0.0.1 "1-20,$port"
	ends_with '^status=0$'
	[ "$(count_of 'ports are open')" = 0 ]
}

@test "--open prints open ports, and counts the others" {
	usock_listens server -k --discard
	run -0 --separate-stderr usock connect -z --open 127.0.0.1 "1,2,$port"
	[[ $output =~ ^127\.0\.0\.1\ +$port\ +open\ +[0-9.]+\ ms$ ]] || fail "$output"
	[ "$stderr" = 'usock: scan 127.0.0.1: 2 ports are closed or filtered' ]
	run -0 --separate-stderr usock connect -z --open --all --json --quiet 127.0.0.1 "$port"
	[[ $output == *'"verdict":"open"'* && -z $stderr ]]
	run -1 --separate-stderr usock connect -z --open 127.0.0.1 1
	[ -z "$output" ]
	run -2 --separate-stderr usock connect --open 127.0.0.1 1
	[[ $stderr == *"--open: only with --scan"* ]]
}

@test "--shuffle is for scans" {
	run -1 usock connect -z --shuffle 127.0.0.1 1-9
	[ "$(wc -l <<<"$output")" = 9 ]
	run -2 --separate-stderr usock connect --shuffle 127.0.0.1 1
	[[ $stderr == *"--shuffle: only with --scan"* ]]
}

@test "--framing read=SIZE is for datagrams" {
	run -2 --separate-stderr usock connect --framing read=100 127.0.0.1 1
	[[ $stderr == *"--framing: read is for datagrams"* ]]
}
