# Files that options and operands name, where they are none: FIFOs whose other end is not there, pipes of
# <(...), devices, and files that change while a server serves them. No wait for one that signals and
# --timeout do not end.
#
# shellcheck disable=SC2016 # scripts and shells have $ in them
# shellcheck disable=SC2154 # from lib: pid, status, peers, python, patience
# shellcheck disable=SC2030,SC2031 # bats runs each test in a process of its own

load ../lib/tls

setup_file() {
	make_identities
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	c=$BATS_FILE_TMPDIR
	mkfifo fifo
}

# Everything that may name a FIFO, one command a line. NAME of a test, then the command; CERT is what
# a server of TLS needs.
waiting_commands() {
	cat <<-'END'
		listen -k --hexdump=fifo --echo 127.0.0.1 0
		listen --hexdump=fifo 127.0.0.1 0
		listen -k --events fifo --echo 127.0.0.1 0
		connect --events fifo 127.0.0.1 1
		connect --hexdump=fifo 127.0.0.1 1
		sendto --hexdump=fifo 127.0.0.1 9 x
		run fifo
		run --tap --junit fifo passing.us
		run --events fifo passing.us
		resolve --events fifo 127.0.0.1
	END
	! "$USOCK" --version | grep -q -w tls || cat <<-END
		listen -k --tls --cert fifo --key $c/leaf.key --echo 127.0.0.1 0
		listen -k --tls --cert $c/server.crt --key fifo --echo 127.0.0.1 0
		listen -k --tls --psk-file fifo --echo 127.0.0.1 0
		listen -k --tls $(printf '%s ' "${own[@]}")--client-ca fifo --echo 127.0.0.1 0
		connect --tls --ca-file fifo localhost 1
	END
}

passing() {
	printf 'puts hello\n' >passing.us
}

lives() { # PID
	! is_over "$1" || fail "it is over: $(cat ./*.err)"
}

# It waits: nothing more happens in it. The signals have their handlers by then.
is_asleep() { # PID
	local stat syscall
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *') S '* ]] || return
	syscall=$(cut -d ' ' -f 1 "/proc/$1/syscall" 2>/dev/null) || return 0
	# epoll_wait, epoll_pwait, poll, ppoll; open and openat, which would be wrong
	[[ " 232 281 7 271 2 257 " == *" $syscall "* ]] || [ "$(uname -m)" != x86_64 ]
}

# ends_by SIGNAL STATUS: each command, while it waits for the other end of the FIFO.
ends_by() {
	local command ended=()
	own=(--cert "$c/server.crt" --key "$c/leaf.key")
	passing
	while read -r command; do
		# shellcheck disable=SC2086 # words
		start it "$USOCK" $command
		eventually is_asleep "$pid"
		kill "-$1" "$pid"
		finish "$pid" || fail "$command: goes on after SIG$1" || return
		[ "$status" = "$2" ] || fail "$command: status $status, not $2: $(cat it.err)" || return
		ended+=("$command")
	done < <(waiting_commands)
	[ ${#ended[@]} -ge 10 ]
}

@test "a file that is a FIFO without its other end is waited for until SIGTERM" {
	ends_by TERM 143
}

@test "... until SIGINT" {
	ends_by INT 130
}

@test "... and until SIGHUP" {
	ends_by HUP 129
}

@test "... and until --timeout, with a message" {
	local command words
	own=(--cert "$c/server.crt" --key "$c/leaf.key")
	passing
	while read -r command; do
		read -r -a words <<<"$command"
		status=0
		usock "${words[0]}" --timeout 0.2 "${words[@]:1}" >out 2>it.err || status=$?
		[ "$status" = 124 ] || fail "$command: status $status: $(cat it.err)" || return
		says it.err '^usock: .*timed out' || return
	done < <(waiting_commands)
}

@test "a FIFO as --send keeps its client waiting, and ends with signals and the time-out" {
	local signal
	for signal in TERM INT; do
		usock_listens server -k --send fifo
		server=$pid
		start client "$python" -IS "$peers/peer.py" connect "127.0.0.1:$port" eof
		client=$pid
		eventually has_tcp established "sport = :$port"
		kill "-$signal" "$server"
		finish "$server"
		[ "$status" = 143 ] || [ "$status" = 130 ]
		finish "$client"
		rm -f server.ready
	done
	status=0
	usock listen --timeout 0.3 --send fifo --ready-file server.ready 127.0.0.1 0 2>err || status=$?
	status_is 124
}

@test "a FIFO as --send is sent when its writer comes, up to its end" {
	usock_listens server --send fifo
	start client "$USOCK" connect 127.0.0.1 "$port"
	client=$pid
	eventually has_tcp established "sport = :$port"
	printf 'from the writer\n' >fifo
	finish "$client"
	status_is 0
	text_is client.out 'from the writer\n'
}

@test "what waits to write to a FIFO of --send keeps its reader" {
	start writer bash -c 'printf data >fifo'
	writer=$pid
	usock_listens server --send fifo
	start client "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	text_is client.out data
	finish "$writer"
	status_is 0
}

@test "<(...) is a file to send, to run and to have certificates in" {
	printf 'puts piped\n' >script.us
	text=$(usock run <(cat script.us))
	[ "$text" = piped ]
	start server bash -c 'exec "$0" listen --ready-file server.ready --send <(printf whole) 127.0.0.1 0' "$USOCK"
	is_ready server
	[ "$(usock connect 127.0.0.1 "$port")" = whole ]
}

@test "<(...) is a certificate, a key, an authority and a list of keys" {
	need_tls
	# shellcheck disable=SC2016 # of that shell
	start server bash -c 'exec "$0" listen -k --echo --tls --ready-file server.ready --cert <(sleep 0.1; cat "$1") --key <(cat "$2") 127.0.0.1 0' \
		"$USOCK" "$c/server.crt" "$c/leaf.key"
	is_ready server
	[ "$(echo hello | usock connect --tls --ca-file <(cat "$c/root.crt") localhost "$port")" = hello ]
	[ "$(echo hello | usock connect --tls --ca-file "$c/root.crt" localhost "$port")" = hello ]
}

@test "a script comes from a FIFO when somebody writes it" {
	start it "$USOCK" run fifo
	eventually is_asleep "$pid"
	printf 'puts [expr {6 * 7}]\n' >fifo
	finish "$pid"
	status_is 0
	text_is it.out '42\n'
}

@test "events and dumps go to a FIFO when somebody reads it" {
	start it "$USOCK" listen --events fifo --ready-file it.ready --echo 127.0.0.1 0
	eventually is_asleep "$pid"
	[ ! -e it.ready ]
	start reader cat fifo
	is_ready it
	[ "$(echo hi | usock connect 127.0.0.1 "$port")" = hi ]
	eventually has_line reader.out '"event":"end"'
	says reader.out '^{"event":"listening"'
}

@test "--junit goes to a FIFO when somebody reads it" {
	printf 'test one { }\n' >passing.us
	start it "$USOCK" run --junit fifo passing.us
	eventually is_asleep "$pid"
	timeout --foreground "$patience" cat fifo >xml
	finish "$pid"
	status_is 0
	says xml '</testsuites>'
}

@test "a FIFO that nobody writes to is named, and one for --md5-file says that it is none" {
	need_tls
	run -124 usock connect --tls --timeout 100ms --ca-file fifo 127.0.0.1 1
	[ "$output" = 'usock: read fifo: timed out: nobody writes to it' ]
	run -8 usock connect --md5-file fifo 127.0.0.1 1
	[ "$output" = 'usock: read fifo: it has to be a regular file' ]
}

@test "--keylog to a FIFO that nobody reads fails at once" {
	need_tls
	status=0
	usock connect --tls --insecure --keylog fifo 127.0.0.1 1 2>err || status=$?
	status_is 8
	says err '^usock: .*open fifo: No such device or address$'
	says err '^usock: hint: fifo is a FIFO that nobody reads$'
}

@test "a folder is no file, whatever the option" {
	local command
	mkdir folder
	while read -r command; do
		status=0
		# shellcheck disable=SC2086 # words
		usock $command >out 2>err || status=$?
		[ "$status" = 8 ] || fail "$command: $status" || return
		says err '^usock: .*open folder: Is a directory$' || return
	done <<-'END'
		listen --send folder 127.0.0.1 0
		listen --hexdump=folder 127.0.0.1 0
		listen --events folder 127.0.0.1 0
		run folder
		run --tap --junit folder /dev/null
	END
}

@test "source, save and open of a FIFO do not hold a script up" {
	start it "$USOCK" run --allow-files -c 'catch {source fifo} text; puts $text'
	finish "$pid"
	says it.out 'not a file'
}

# --- a file that changes while it is served -----------------------------------

# The client of a server whose file is not there any more must not take that for an empty one.
fails_one_client() { # REGEX
	start client "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	status_is 1
	is_empty client.out
	says client.err 'Connection reset by peer'
	says server.err "$1"
	lives "$server"
	printf 'again\n' >new && mv -f new data
	[ "$(usock connect 127.0.0.1 "$port" 2>err)" = again ]
}

@test "a file that is removed while it is served: that client is reset, others are served" {
	printf 'first\n' >data
	usock_listens server -k --send data
	server=$pid
	[ "$(usock connect 127.0.0.1 "$port")" = first ]
	rm data
	fails_one_client 'open data: No such file or directory'
}

@test "a file that a FIFO takes the place of: that client is reset, others are served" {
	printf 'first\n' >data
	usock_listens server -k --send data
	server=$pid
	[ "$(usock connect 127.0.0.1 "$port")" = first ]
	rm data && mkfifo data
	fails_one_client 'open data: it is a FIFO'
}

@test "a file that may not be read any more resets a client of TLS too" {
	need_tls
	printf 'first\n' >data
	usock_listens server -k --send data --tls --cert "$c/server.crt" --key "$c/leaf.key"
	server=$pid
	[ "$(usock connect --tls --ca-file "$c/root.crt" localhost "$port")" = first ]
	rm data
	start client "$USOCK" connect --tls --ca-file "$c/root.crt" localhost "$port"
	finish "$pid"
	[ "$status" = 1 ] || [ "$status" = 5 ] || fail "status $status: $(cat client.err)"
	lives "$server"
}
