# `usock listen --workers N`: several processes serve as one server.
#
# shellcheck disable=SC2016 # for the shells of clients

load ../lib/listen

control() { # LINE...
	printf '%s\n' "$@" | usock connect ./control
}

client() { # FD
	eval "exec $1<>/dev/tcp/127.0.0.1/$port"
	send_line "$1" hello
	receives "$1" hello
}

workers() {
	pgrep -P "$server" | sort
}

n_workers_are() { # N
	[ "$(workers | wc -l)" = "$1" ]
}

serve_workers() { # ARG...
	serve -k --workers 2 --control ./control "$@"
	eventually n_workers_are 2
}

count_is() { # NAME VALUE
	control stats | grep -q -x "$1 $2"
}

@test "each worker serves clients, whose numbers are unique" {
	serve_workers --echo 127.0.0.1 0
	many sequence 50 hello hello >/dev/null
	eventually has_events 50 end
	"$python" -IS - <<-'END'
		import json
		ids = [e["id"] for e in map(json.loads, open("events")) if e["event"] == "accepted"]
		assert sorted(ids) == list(range(1, 51)), ids
	END
	count_is accepted 50
	server_ends_by TERM 143
	n_workers_are 0
}

@test "the limit of clients is that of all workers" {
	serve_workers --echo --max-clients 3 127.0.0.1 0
	local fd
	for fd in 5 6 7; do
		client $fd
	done
	exec 8<>"/dev/tcp/127.0.0.1/$port"
	send_line 8 hello
	receives_nothing 8 0.3
	exec 5>&- 6>&- 7>&-
	receives 8 hello
	count_is connected 1
	exec 8>&-
}

@test "list, kick, pause and stats reach the clients of all workers" {
	serve_workers --echo 127.0.0.1 0
	local fd
	for fd in 5 6 7 8; do
		client $fd
	done
	[ "$(control 'list -no-header' | wc -l)" = 5 ]
	[ "$(control 'list -json' | tail -n 1)" = '{"ok":true}' ]
	count_is received 24
	[ "$(control 'kick 2')" = ok ]
	[ "$(control 'kick 99')" = "error: kick: no client has the number 99" ]
	eventually count_is connected 3
	[ "$(control pause)" = ok ]
	[ "$(control stats | head -n 1)" = "state paused" ]
	[ "$(control resume)" = ok ]
	[ "$(control 'kick all')" = ok ]
	eventually count_is connected 0
	count_is kicked 4
	exec 5>&- 6>&- 7>&- 8>&-
}

@test "a worker that dies is reported and replaced, and its clients are not counted any more" {
	serve_workers --echo --max-clients 4 127.0.0.1 0
	local fd before
	for fd in 5 6 7; do
		client $fd
	done
	before=$(workers)
	# shellcheck disable=SC2046
	kill -KILL $(workers)
	eventually has_events 2 worker-died signal 9
	eventually n_workers_are 2
	[ "$(workers | comm -12 - <(echo "$before"))" = "" ]
	eventually count_is connected 0
	exec 5>&- 6>&- 7>&-
	for fd in 5 6 7; do
		client $fd
	done
	has_line server.err '^usock: worker [0-9]+ died of signal 9, clients lost: [0-3]$'
	count_is accepted 6
	exec 5>&- 6>&- 7>&-
}

@test "a worker that replaces one of a paused server is paused" {
	serve_workers --echo 127.0.0.1 0
	[ "$(control pause)" = ok ]
	# shellcheck disable=SC2046
	kill -KILL $(workers)
	eventually has_events 2 worker-died
	eventually n_workers_are 2
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	send_line 5 hello
	receives_nothing 5 0.3
	[ "$(control resume)" = ok ]
	receives 5 hello
}

@test "SIGTERM drains all workers" {
	serve_workers --echo --drain 30 127.0.0.1 0
	client 5
	client 6
	# a worker counts the next client before it looks for it
	eventually count_is connected 2
	kill -TERM "$server"
	eventually has_events 1 draining clients 2
	if usock connect --quiet 127.0.0.1 "$port" 2>refused.err; then false; fi
	has_line refused.err 'Connection refused'
	send_line 5 again
	receives 5 again
	exec 5>&- 6>&-
	server_ends 0
	events_are 0 worker-died
}

@test "draining that takes too long ends the clients of all workers" {
	serve_workers --echo 127.0.0.1 0
	client 5
	client 6
	[ "$(control 'drain 200ms')" = ok ]
	server_ends 124
	has_line server.err '^usock: drain: timed out: 2 clients had to be ended$'
	[ "$(grep -o 'ended: .*' server.err | grep -o '127[0-9.:]*' | sort)" = "$(sed -n 's/.*"accepted".*"peer":"\([^"]*\)".*/\1/p' events | sort)" ] ||
		fail "$(cat server.err)"
	n_workers_are 0
}

@test "a worker that is stopped and does not drain is killed, and named with its clients" {
	local how stopped
	for how in drain term; do
		serve_workers --echo 127.0.0.1 0
		client 5
		stopped=$(workers)
		# shellcheck disable=SC2086
		kill -STOP $stopped
		if [ $how = drain ]; then
			[ "$(control 'drain 100ms')" = ok ]
			server_ends 124
		else
			server_ends_by TERM 143
		fi
		for pid in $stopped; do
			has_line server.err "^usock: worker $pid died of signal 9, clients lost: [01]$" ||
				fail "$how, $pid: $(cat server.err)"
		done
		says server.err 'clients lost: 1$'
		exec 5>&-
	done
}

@test "signals and --timeout end all processes" {
	local signal
	for signal in INT HUP TERM; do
		serve_workers --echo 127.0.0.1 0
		client 5
		workers >pids
		server_ends_by $signal $((128 + $(kill -l $signal)))
		all_are_gone <pids
		exec 5>&-
	done
	serve -k --workers 2 --echo --timeout 300ms 127.0.0.1 0
	server_ends 124
}

all_are_gone() {
	local pid
	while read -r pid; do
		eventually is_over "$pid"
	done
}

@test "workers end when the parent is killed" {
	serve_workers --echo 127.0.0.1 0
	client 5
	workers >pids
	kill -KILL "$server"
	finish "$server"
	all_are_gone <pids
}

@test "workers share a unix socket, whose path is removed once" {
	serve_workers --echo unix:path
	local i
	for i in 1 2 3 4 5 6; do
		[ "$(usock connect unix:path <<<"hello $i")" = "hello $i" ]
	done
	# shellcheck disable=SC2046
	kill -KILL $(workers | head -n 1)
	eventually has_events 1 worker-died
	[ -S path ]
	[ "$(usock connect unix:path <<<again)" = again ]
	server_ends_by TERM 143
	[ ! -e path ]
	[ ! -e control ]
}

@test "workers run programs, and divide their limit" {
	serve_workers --max-children 2 127.0.0.1 0 -- sh -c 'echo "$USOCK_ID"'
	local ids
	ids=$(for _ in 1 2 3 4 5 6; do usock connect 127.0.0.1 "$port" </dev/null; done | sort | paste -sd ' ')
	[ "$ids" = "1 2 3 4 5 6" ]
}

@test "workers serve TLS with one certificate, and their random numbers differ" {
	serve_workers --quiet --tls --self-signed --echo 127.0.0.1 0
	local i
	for i in 1 2 3 4 5 6 7 8; do
		[ "$(usock connect --quiet --tls --insecure 127.0.0.1 "$port" <<<"hello $i")" = "hello $i" ]
	done
	"$python" -IS - "$port" <<-'END'
		import socket, ssl, sys
		context = ssl._create_unverified_context()
		context.maximum_version = ssl.TLSVersion.TLSv1_2
		def client_hello():
		    out = ssl.MemoryBIO()
		    tls = context.wrap_bio(ssl.MemoryBIO(), out)
		    try:
		        tls.do_handshake()
		    except ssl.SSLWantReadError:
		        return out.read()
		seen = set()
		for i in range(16):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
		    s.sendall(client_hello())
		    answer = b""
		    while len(answer) < 43:
		        part = s.recv(4096)
		        assert part, answer
		        answer += part
		    assert answer[0] == 22, answer[:20]
		    seen.add(answer[11:43])
		    s.close()
		assert len(seen) == 16, len(seen)
	END
}

@test "a port that another server has is an error, with --workers too" {
	serve_workers --echo 127.0.0.1 0
	run -1 --separate-stderr usock listen -k --workers 2 --echo 127.0.0.1 "$port"
	[[ $stderr == *"Address already in use"* ]] || fail "$stderr"
}

@test "when standard output is closed all processes end" {
	mkfifo out
	exec 7<>out
	to=out serve -k --workers 2 127.0.0.1 0
	eventually n_workers_are 2
	exec 6<out 7>&-
	usock connect 127.0.0.1 "$port" <<<hello
	receives 6 hello
	exec 6<&-
	usock connect --quiet 127.0.0.1 "$port" <<<lost || true
	server_ends 141
}

@test "--workers is refused where clients have to be in one process" {
	local option
	run -2 --separate-stderr usock listen --workers 2 127.0.0.1 0
	[ "$stderr" = "usock: listen: --workers: needs --keep-open" ] || fail "$stderr"
	for option in --broker --broadcast-input --chat; do
		run -2 --separate-stderr usock listen -k --workers 2 $option 127.0.0.1 0
		[ "$stderr" = "usock: listen: --workers: not with $option" ] || fail "$stderr"
	done
	run -2 --separate-stderr usock listen -k --workers 2 -u 127.0.0.1 0
	run -2 --separate-stderr usock listen -k --workers 2 --framing line 127.0.0.1 0
	run -2 --separate-stderr usock listen -k --workers 4 --max-children 2 127.0.0.1 0 -- cat
	[[ $stderr == *"--max-children: less than one for each worker" ]] || fail "$stderr"
}

# Sends a signal to all processes of the server, as a terminal, timeout(1) and systemd(1) do.
signal_all() { # SIGNAL
	kill -s "$1" -- "-$server"
}

@test "a signal to all processes is one to the server: --drain counts, and no worker has died" {
	local signal
	serve_workers --echo --drain 30 127.0.0.1 0
	client 5
	client 6
	eventually count_is connected 2
	signal_all TERM
	eventually has_events 1 draining clients 2
	send_line 5 again
	receives 5 again
	send_line 6 again
	receives 6 again
	signal_all TERM
	server_ends 143
	exec 5>&- 6>&-
	events_are 0 worker-died
	for signal in TERM INT HUP; do
		serve_workers --echo 127.0.0.1 0
		signal_all $signal
		server_ends $((128 + $(kill -l $signal)))
		events_are 0 worker-died
	done
}

@test "a signal to one worker alone ends it, and it is replaced" {
	serve_workers --echo 127.0.0.1 0
	kill -TERM "$(workers | head -n 1)"
	eventually has_events 1 worker-died signal 15
	eventually n_workers_are 2
}

@test "a worker that dies while it drains is reported, and the status is 1" {
	serve_workers --echo --drain 30 127.0.0.1 0
	client 5
	eventually count_is connected 1
	kill -TERM "$server"
	eventually has_events 1 draining clients 1
	# shellcheck disable=SC2046
	kill -KILL $(workers)
	server_ends 1
	has_line server.err '^usock: worker [0-9]+ died of signal 9, clients lost: 1$'
}

answers_ok() {
	[ "$(control stats | tail -n 1)" = ok ]
}

@test "an answer does not wait for a worker that is stopped, and names it" {
	serve_workers --echo 127.0.0.1 0
	local stopped
	client 5
	client 6
	eventually count_is connected 2
	stopped=$(workers | head -n 1)
	kill -STOP "$stopped"
	for _ in 1 2; do
		run -1 --separate-stderr usock status ./control
		[ "$stderr" = "usock: control ./control: worker $stopped does not answer" ] || fail "$stderr"
		[[ ${lines[0]} == "state serving  connected 2  accepted 2  "* ]] || fail "$output"
	done
	[ "$(control 'stats -json' | tail -n 1)" = "{\"ok\":false,\"error\":\"worker $stopped does not answer\"}" ]
	[ "$(control pause)" = "error: worker $stopped does not answer" ]
	kill -CONT "$stopped"
	eventually answers_ok
	[ "$(control stats | head -n 1)" = "state paused" ]
	[ "$(control 'kick all')" = ok ]
	exec 5>&- 6>&-
	server_ends_by TERM 143
}
