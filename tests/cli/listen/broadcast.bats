# listen -k --broadcast-input: one input for all clients.
# shellcheck disable=SC2154 # status, output and pid are bats' and lib's

load ../lib/common

# Starts the server with the FIFO `input` as its input, open as 7.
broadcasts() { # ARG...
	mkfifo input
	from=input start server "$USOCK" listen -k --broadcast-input --ready-file server.ready "$@" 127.0.0.1 0
	server=$pid
	exec 7>input
	is_ready server
}

client() { # NAME ARG...
	start "$1" "$USOCK" connect "${@:2}" --recv-only 127.0.0.1 "$port"
}

connected() { # N
	[ "$(ss -Htn state established "sport = :$port" | wc -l)" = "$1" ]
}

@test "all clients get all of the input, and its end" {
	local i pids_of=()
	broadcasts
	for i in 1 2 3; do
		client "client$i"
		pids_of+=("$pid")
	done
	eventually connected 3
	seq 100000 >data
	cat data >&7
	exec 7>&-
	for i in 0 1 2; do
		finish "${pids_of[i]}"
		status_is 0
		cmp data "client$((i + 1)).out"
	done
	# later ones get the end
	client late
	finish "$pid"
	status_is 0
	is_empty late.out
	is_over "$server" && fail "it has ended"
	is_empty server.out
}

@test "the input waits until somebody is there" {
	broadcasts
	echo first >&7
	# a round of its loop has been with the input there
	kill -USR1 "$server"
	eventually has_line server.err 'usock: 0 connected, 0 accepted'
	client one
	eventually has_line one.out first
	kill -TERM "$pid"
	finish "$pid"
	eventually connected 0
	# that it has left shows when it is sent to
	echo second >&7
	echo third >&7
	client two
	eventually connected 1
	echo fourth >&7
	eventually has_line two.out fourth
}

@test "who comes later gets what comes from then on, and what clients send goes to standard output" {
	broadcasts
	client early
	eventually connected 1
	echo one >&7
	eventually has_line early.out one
	start late "$USOCK" connect --no-half-close 127.0.0.1 "$port"
	mkfifo keys
	from=keys start talker "$USOCK" connect 127.0.0.1 "$port"
	exec 8>keys
	echo 'from a client' >&8
	eventually has_line server.out 'from a client'
	eventually connected 3
	echo two >&7
	eventually has_line early.out two
	eventually has_line late.out two
	eventually has_line talker.out two
	text_is late.out 'two\n'
	text_is early.out 'one\ntwo\n'
}

@test "a client that has ended its side still gets what comes" {
	broadcasts
	printf x >x
	from=x start other "$USOCK" connect 127.0.0.1 "$port"
	local other=$pid
	eventually has_line server.out x
	eventually has_tcp close-wait "sport = :$port"
	echo still here >&7
	eventually has_line other.out 'still here'
	exec 7>&-
	finish "$other"
}

@test "the slowest gives the pace: nothing is lost, for nobody" {
	broadcasts
	client fast
	local fast=$pid
	client slow --rate 4M
	local slow=$pid
	eventually connected 2
	head -c 8000000 /dev/urandom >data
	cat data >&7
	exec 7>&-
	finish "$fast"
	finish "$slow"
	cmp data fast.out
	cmp data slow.out
	[ "$(wc -l <server.err)" = 1 ] || fail "$(cat server.err)"
}

@test "a client that takes nothing is given up with a reset, told, and the others get all" {
	broadcasts -o SO_SNDBUF=16k
	client fast
	local fast=$pid
	start_peer stuck connect "127.0.0.1:$port" file:on after-reset
	local stuck=$pid
	eventually connected 2
	head -c 30000000 /dev/zero >data
	cat data >&7
	exec 7>&-
	finish "$fast"
	status_is 0
	cmp data fast.out
	says server.err '^usock: send 127\.0\.0\.1:[0-9]+: timed out: it took nothing for 5 s, and the others wait for it$'
	touch on
	finish "$stuck"
	status_is 0
	kill -TERM "$server"
	finish "$server"
	status_is 143
}

@test "records stay whole for who comes in between" {
	broadcasts --framing line
	client early
	eventually connected 1
	printf 'whole\nha' >&7
	eventually has_line early.out whole
	client late
	eventually connected 2
	printf 'lf\nlast' >&7
	eventually has_line late.out half
	exec 7>&-
	eventually has_line late.out last
	text_is late.out 'half\nlast\n'
	eventually has_line early.out last
	text_is early.out 'whole\nhalf\nlast\n'
}

@test "a bad record of the input is told, and is no end" {
	broadcasts --framing octets
	client one
	eventually connected 1
	printf '2 ok' >&7
	eventually has_line one.out '2 ok'
	printf 'xx ' >&7
	eventually has_line server.err '^usock: record 2: no number and a blank in front of it$'
}

@test "--send-only drops what clients send, and ends with the input" {
	broadcasts --send-only
	printf x >x
	from=x start one "$USOCK" connect --no-half-close 127.0.0.1 "$port"
	local one=$pid
	eventually connected 1
	echo hello >&7
	eventually has_line one.out hello
	exec 7>&-
	finish "$one"
	status_is 0
	finish "$server"
	status_is 0
	is_empty server.out
}

@test "--recv-only and --half-close: clients get the end of the input, and nothing else" {
	broadcasts --recv-only --half-close 0
	echo one >words
	from=words start one "$USOCK" connect --no-half-close 127.0.0.1 "$port"
	local one=$pid
	eventually has_line server.out one
	echo hello >&7
	exec 7>&-
	finish "$one"
	status_is 0
	is_empty one.out
	client late
	finish "$pid"
	status_is 0
	is_empty late.out
}

@test "over TLS" {
	mkfifo input
	from=input start server "$USOCK" listen -k --tls --self-signed --broadcast-input --ready-file server.ready 127.0.0.1 0
	exec 7>input
	is_ready server
	client one --tls --insecure --quiet
	local one=$pid
	client two --tls --insecure --quiet
	eventually connected 2
	# who is still shaking hands is not there yet
	eventually hears_all one.out two.out
	exec 7>&-
	finish "$one"
	status_is 0
}

hears_all() { # FILE...
	local file
	echo hello >&7
	for file; do
		has_line "$file" hello || return
	done
}

@test "many clients come and go while it is sent" {
	local i last=()
	broadcasts
	client steady
	local steady=$pid
	eventually connected 1
	(for i in {1..300}; do
		echo "line $i"
		sleep 0.005
	done) >&7 &
	local writer=$!
	for i in {1..15}; do
		start_peer "short$i" connect "127.0.0.1:$port" recv:10 "$([ $((i % 2)) = 0 ] && echo reset || echo close)"
		last+=("$pid")
	done
	wait "$writer"
	exec 7>&-
	finish "$steady"
	status_is 0
	[ "$(wc -l <steady.out)" = 300 ]
	cmp steady.out <(for i in {1..300}; do echo "line $i"; done)
	for i in "${last[@]}"; do finish "$i"; done
	eventually connected 0
}

@test "--broadcast-input and what does not go with it" {
	local words
	while read -r -a words; do
		run -2 --separate-stderr usock listen --broadcast-input "${words[@]}"
		[[ $stderr == *"usock: listen: --"*broadcast-input* ]] || fail "${words[*]}: $stderr"
	done <<-END
		0
		-k --echo 0
		-k --discard 0
		-k --send x 0
		-k --sh cat 0
		-k --recv-only 0
		-k -u 0
		-k --dtls --self-signed 0
		-k --type seqpacket unix:x
		-k 0 -- cat
	END
}
