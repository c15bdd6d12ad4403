# Great numbers: of clients at once, of connections one after the other, and what they leave behind.

load ../lib/listen
start_fast

# Sockets, pipes, files: all that the server has open.
descriptors() {
	find "/proc/$server/fd" -type l | wc -l
}

# Resident memory of the server in KiB.
resident() {
	awk '/^VmRSS/ { print $2 }' "/proc/$server/status"
}

# N connections in turn leave the server's descriptors as one alone did.
leaves_nothing() { # N SEND EXPECT
	local before
	many sequence 1 "$2" "$3"
	eventually has_events 1 end
	before=$(descriptors)
	many sequence "$1" "$2" "$3" >out
	says out "^right $1$"
	eventually has_events $(($1 + 1)) end
	[ "$(descriptors)" = "$before" ] || fail "$(descriptors) descriptors, before $before: $(ls -l "/proc/$server/fd")"
	server_lives
}

@test "1,000 connections leave no descriptor: --echo" {
	serve -k --echo 127.0.0.1 0
	leaves_nothing 1000 hello hello
}

@test "1,000 connections leave no descriptor: --discard" {
	serve -k --discard 127.0.0.1 0
	leaves_nothing 1000 hello ''
}

@test "1,000 connections leave no descriptor: --send" {
	echo hello >file
	serve -k --send file 127.0.0.1 0
	leaves_nothing 1000 '' 'hello\n'
}

@test "1,000 connections leave no descriptor: standard output" {
	to=/dev/null serve -k 127.0.0.1 0
	leaves_nothing 1000 hello ''
}

@test "1,000 connections leave no descriptor: a unix path" {
	serve -k --echo unix:path
	leaves_nothing 1000 hello hello
}

@test "1,000 connections leave no descriptor: programs on the connection" {
	serve -k 127.0.0.1 0 -- cat
	leaves_nothing 1000 hello hello
}

@test "1,000 connections leave no descriptor: programs with a socket of ours" {
	serve -k --idle-timeout 20 127.0.0.1 0 -- cat
	leaves_nothing 1000 hello hello
}

@test "1,000 connections leave no descriptor: programs that do not exist" {
	not_counted "exec never fails"
	local before
	ln -s /bin/true none
	serve --quiet -k 127.0.0.1 0 -- ./none
	rm none
	# each of them is reset
	many resets 1
	eventually has_events 1 end
	before=$(descriptors)
	many resets 1000 >out
	says out '^right 1000$'
	eventually has_events 1001 end
	[ "$(descriptors)" = "$before" ] || fail "$(ls -l "/proc/$server/fd")"
	server_lives
}

@test "1,000 connections that are reset leave no descriptor" {
	local before
	serve --quiet -k --echo 127.0.0.1 0
	many sequence 1 hello hello
	eventually has_events 1 end
	before=$(descriptors)
	many reset 1000 hello
	eventually has_events 1001 end
	[ "$(descriptors)" = "$before" ] || fail "$(ls -l "/proc/$server/fd")"
}

@test "10,000 clients at once are all served, for less than 8 KiB each" {
	local n=10000 before after
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge $((n + 100)) ] || skip "at most $(ulimit -Hn) descriptors"
	! is_counted || n=1000
	mkfifo go
	serve_with "$USOCK" listen --ready-file server.ready -k --echo 127.0.0.1 0
	many sequence 10 hello hello
	before=$(resident)
	from=go start_many clients hold $n
	exec 7>go
	eventually has_line clients.out "^held $n$"
	after=$(resident)
	[ "$(($(descriptors) >= n))" = 1 ]
	echo "# $(((after - before) * 1024 / n)) bytes for each client" >&3
	is_instrumented || (((after - before) * 1024 < 8192 * n)) || fail "from $before KiB to $after KiB"
	echo >&7
	finish "$pid"
	status_is 0
	says clients.out "^served $n$"
	# all of them leave at once, and others come
	many sequence 10 hello hello
	eventually has_descriptors_below 50
	server_lives
}

has_descriptors_below() {
	[ "$(descriptors)" -lt "$1" ]
}

@test "2,000 answers of programs in turn are right, and memory stays as it was" {
	local n=2000 before after
	! is_counted || n=200
	serve_with "$USOCK" listen --ready-file server.ready -k 127.0.0.1 0 -- echo hello
	many sequence 100 '' 'hello\n'
	before=$(resident)
	many sequence $n '' 'hello\n' >out
	says out "^right $n\$"
	after=$(resident)
	is_instrumented || ((after - before < 256)) || fail "from $before KiB to $after KiB"
	eventually has_no_children
	server_lives
}

has_no_children() {
	[ -z "$(ps -o pid= --ppid "$server")" ]
}

@test "memory stays as it was over 20,000 connections and 1 GiB" {
	local before after
	! is_instrumented || skip "memory is not measured in this build"
	serve_with "$USOCK" listen --ready-file server.ready -k --echo 127.0.0.1 0
	many sequence 1000 hello hello
	head -c 256M /dev/zero >data
	from=data to=/dev/null tool_connects usock client "$port"
	finish "$pid"
	before=$(resident)
	many sequence 20000 hello hello
	for _ in 1 2 3 4; do
		from=data to=/dev/null tool_connects usock client "$port"
		finish "$pid"
		[ "$status" = 0 ]
	done
	after=$(resident)
	((after - before < 256)) || fail "from $before KiB to $after KiB"
}

@test "500 clients with programs at once are all served" {
	local n=500
	! is_instrumented || n=100
	mkfifo go
	serve_with "$USOCK" listen --ready-file server.ready -k --max-children $n 127.0.0.1 0 -- cat
	from=go start_many clients hold $n
	exec 7>go
	eventually has_line clients.out "^held $n$"
	echo >&7
	finish "$pid"
	status_is 0
	says clients.out "^served $n$"
	eventually has_no_children
}

# serve_script: a script server whose bodies answer lines, $server and $address.
serve_script() { # COMMAND...
	cat >echo.us <<'END'
set srv [server 127.0.0.1:0 {handle addr port} {
	while {[set line [$handle readline]] ne ""} {
		$handle sendall $line
	}
	$handle close
}]
set f [open server.ready.new w]
puts $f [join [$srv getsockname] :]
close $f
file rename server.ready.new server.ready
after 1000000
END
	serve_with "$@" "$USOCK" run --allow-files echo.us
}

@test "10,000 clients of one script, each with a body that waits, cost less than 32 KiB each, and give it back" {
	local n=10000 before after left
	[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge $((n + 100)) ] || skip "at most $(ulimit -Hn) descriptors"
	! is_counted || n=1000
	# frames are several times as large, and each stack is told to the sanitizer
	! is_instrumented || n=1000
	mkfifo go
	serve_script
	many sequence 10 'hello\n' 'hello\n'
	before=$(resident)
	from=go start_many clients hold $n
	exec 7>go
	eventually has_line clients.out "^held $n$"
	after=$(resident)
	[ "$(($(descriptors) >= n))" = 1 ]
	[ "$(find "/proc/$server/task" -mindepth 1 -maxdepth 1 | wc -l)" -lt 10 ]
	echo "# $(((after - before) * 1024 / n)) bytes for each client" >&3
	is_instrumented || (((after - before) * 1024 < 32768 * n)) || fail "from $before KiB to $after KiB"
	echo >&7
	finish "$pid"
	status_is 0
	says clients.out "^served $n$"
	eventually has_descriptors_below 50
	many sequence 10 'hello\n' 'hello\n'
	left=$(resident)
	is_instrumented || ((left - before < (after - before) / 4)) || fail "$left KiB are left of $after KiB, before $before KiB"
	server_lives
}

@test "60 clients of one script are served in 400 MB of address space" {
	! is_instrumented || skip "a sanitizer reserves more by itself"
	mkfifo go
	serve_script bash -c 'ulimit -v 400000; exec "$@"' -
	from=go start_many clients hold 60
	exec 7>go
	eventually has_line clients.out "^held 60$"
	echo >&7
	finish "$pid"
	status_is 0
	says clients.out "^served 60$"
	server_lives
}
