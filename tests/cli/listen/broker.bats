# listen -k --broker: what one client sends goes to all others.
# shellcheck disable=SC2154 # status, output and pid are bats' and lib's

load ../lib/common

# Starts the server; sets $server and $port.
brokers() { # ARG...
	usock_listens server -k --broker "$@"
	server=$pid
}

connected() { # N
	[ "$(ss -Htn state established "sport = :$port" | wc -l)" = "$1" ]
}

# Says LINE on descriptor 7 until FILE has it: who has come a moment ago may not be heard by all yet.
says_until_heard() { # LINE FILE...
	local line=$1 file
	shift
	echo "$line" >&7
	for file; do
		has_line "$file" "^$line\$" || return
	done
}

fanout() { # ARG...
	timeout -s KILL "$patience" "$python" -IS "$peers/fanout.py" "$port" "$@"
}

@test "all others get it, of nc, ncat, socat and usock" {
	local tools=(nc.openbsd ncat socat) tool others=()
	need "${tools[@]}"
	brokers
	mkfifo keys
	for tool in "${tools[@]}"; do
		from=keys tool_connects "$tool" "$tool" "$port"
		others+=("$tool.out")
	done
	mkfifo ours
	from=ours start usock "$USOCK" connect 127.0.0.1 "$port"
	exec 8>keys
	exec 7>ours
	eventually says_until_heard hello "${others[@]}"
	is_empty usock.out
	exec 8>&-
	is_empty server.out
}

@test "nothing is lost, changed or out of order, whoever speaks" {
	brokers --framing line
	fanout 30 5 200 200
	fanout 8 8 300 1000
	[ "$(wc -l <server.err)" = 1 ] || fail "$(cat server.err)"
}

@test "records of several speakers do not mix, and the last one is completed" {
	brokers --framing line
	start hearer "$USOCK" connect --recv-only 127.0.0.1 "$port"
	eventually connected 1
	printf 'half' >half
	mkfifo slow
	from=slow start one "$USOCK" connect 127.0.0.1 "$port"
	exec 7>slow
	printf 'be' >&7
	from=half start two "$USOCK" connect --no-half-close 127.0.0.1 "$port"
	eventually connected 3
	printf 'gun\nrest' >&7
	eventually has_line hearer.out begun
	exec 7>&-
	eventually has_line hearer.out rest
	text_is hearer.out 'begun\nrest\n'
}

@test "a client that has ended its side still gets what comes" {
	brokers
	printf x >x
	from=x start quiet "$USOCK" connect 127.0.0.1 "$port"
	local quiet=$pid
	mkfifo ours
	from=ours start speaker "$USOCK" connect 127.0.0.1 "$port"
	exec 7>ours
	eventually has_tcp close-wait "sport = :$port"
	eventually says_until_heard still quiet.out
	is_over "$quiet" && fail "it has ended"
	kill -TERM "$server"
	finish "$quiet"
}

@test "a client that takes nothing is given up with a reset and told, and the others get all" {
	brokers -o SO_SNDBUF=16k
	start fast "$USOCK" connect --recv-only 127.0.0.1 "$port"
	start_peer stuck connect "127.0.0.1:$port" file:on after-reset
	local stuck=$pid
	eventually connected 2
	head -c 30000000 /dev/urandom >data
	from=data start speaker "$USOCK" connect --no-half-close 127.0.0.1 "$port"
	eventually has_line server.err \
		'^usock: send 127\.0\.0\.1:[0-9]+: timed out: it took too little for 5 s, and the others wait for it$'
	eventually cmp -s data fast.out
	touch on
	finish "$stuck"
	status_is 0
	is_over "$server" && fail "it has ended"
	kill -TERM "$server"
	finish "$server"
	status_is 143
}

@test "clients that are reset while they speak or hear concern nobody else" {
	local i
	brokers
	for i in 1 2 3 4 5 6; do
		start_peer "reset$i" connect "127.0.0.1:$port" zeros:200000 reset
	done
	fanout 5 2 200 100 || fail "$(cat server.err)"
}

@test "with --broadcast-input standard input and output take part" {
	mkfifo input
	from=input start server "$USOCK" listen -k --broker --broadcast-input --ready-file server.ready 127.0.0.1 0
	server=$pid
	exec 7>input
	is_ready server
	start hearer "$USOCK" connect --recv-only 127.0.0.1 "$port"
	mkfifo ours
	from=ours start speaker "$USOCK" connect 127.0.0.1 "$port"
	exec 8>ours
	eventually says_until_heard ours hearer.out speaker.out
	echo theirs >&8
	eventually has_line server.out theirs
	eventually has_line hearer.out theirs
	text_is server.out 'theirs\n'
	# the end of the input is not the end
	exec 7>&-
	echo more >&8
	eventually has_line hearer.out more
	eventually has_line server.out more
}

@test "over TLS, a unix path, datagrams with TLS, and packets" {
	local where how
	while read -r where how; do
		rm -f ./*.ready hearer.out
		# shellcheck disable=SC2086 # the words of how
		start server "$USOCK" listen -k --broker --ready-file server.ready ${how%%|*} $where
		is_ready server
		address=$(cat server.ready)
		# shellcheck disable=SC2086
		start hearer "$USOCK" connect --quiet ${how#*|} --recv-only "$address"
		mkfifo ours
		# shellcheck disable=SC2086
		from=ours start speaker "$USOCK" connect --quiet ${how#*|} "$address"
		exec 7>ours
		eventually says_until_heard hello hearer.out || fail "$where $how: $(cat ./*.err)"
		exec 7>&-
		rm ours
	done <<-END
		127.0.0.1:0 --tls --self-signed|--tls --insecure
		unix:path |
		127.0.0.1:0 --dtls --self-signed|--dtls --insecure
		unix:packets --type seqpacket|--type seqpacket
	END
}

@test "the boundaries of packets are kept" {
	start server "$USOCK" listen -k --broker --type seqpacket --ready-file server.ready unix:packets
	is_ready server
	start hearer "$USOCK" connect --type seqpacket --framing hex --recv-only unix:packets
	mkfifo ours
	from=ours start speaker "$USOCK" connect --type seqpacket --framing hex unix:packets
	exec 7>ours
	eventually says_until_heard 00 hearer.out
	printf '010203\n0a\n' >&7
	eventually has_line hearer.out 0a
	has_line hearer.out 010203
}

@test "--broker and what does not go with it" {
	local words
	while read -r -a words; do
		run -2 --separate-stderr usock listen --broker "${words[@]}"
		[[ $stderr == *"usock: listen: --"* ]] || fail "${words[*]}: $stderr"
	done <<-END
		0
		-k --echo 0
		-k --discard 0
		-k --send x 0
		-k --sh cat 0
		-k --send-only 0
		-k --recv-only 0
		-k --half-open 0
		-k --no-half-close 0
		-k --half-close 1 0
		-k -u 0
		-k --framing nul --type seqpacket unix:x
		-k --broadcast-input --type seqpacket unix:x
		-k 0 -- cat
	END
}
