# usock.bash in bats: what a test starts with it is ready, is asserted on, and is gone afterwards.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/common

helper=$USOCK_SOURCE/share/usock.bash
# shellcheck source=/dev/null
. "$helper"
USOCK_TIMEOUT=$patience
examples=$USOCK_SOURCE/tests/examples

@test "usock_serve returns when the server listens, with its address and number" {
	usock_serve -k --echo 127.0.0.1 0
	[[ $USOCK_ADDRESS == "127.0.0.1:$USOCK_PORT" && $USOCK_ADDR == 127.0.0.1 ]]
	[ "$(port_of "$USOCK_PID")" = "$USOCK_PORT" ]
	usock connect "$USOCK_ADDR" "$USOCK_PORT" <<<hello >out
	text_is out 'hello\n'
	usock_serve -k --echo unix:socket
	[[ $USOCK_ADDRESS == unix:socket && $USOCK_ADDR == socket && -z $USOCK_PORT ]]
	usock_serve -k --echo 0.0.0.0 0
	[ "$USOCK_ADDR" = 127.0.0.1 ]
	has_ipv6 || return 0
	usock_serve -k --echo ::1 0
	[ "$USOCK_ADDR" = ::1 ]
	usock connect "$USOCK_ADDR" "$USOCK_PORT" <<<hello >out
	text_is out 'hello\n'
}

@test "a server that cannot start is a failure with its status and message" {
	status=0
	usock_serve --echo nosuch.invalid 0 2>err || status=$?
	status_is 3
	says err '^usock: resolve nosuch\.invalid: '
	status=0
	usock_serve --echo --discard 0 2>err || status=$?
	status_is 2
	[ "${#_usock_servers[@]}" = 0 ]
}

@test "assert_end waits for the ends of connections, in their order" {
	usock_serve -k --echo 127.0.0.1 0
	usock connect "$USOCK_ADDRESS" <<<hello >out
	"$python" -IS "$peers/peer.py" connect "$USOCK_ADDRESS" send:x reset
	assert_end peer-fin peer-reset
	usock connect "$USOCK_ADDRESS" <<<hello >out
	status=0
	assert_end peer-reset 2>err || status=$?
	status_is 1
	says err '^assert_end: connection 1 ended with peer-fin, not peer-reset: '
	status=0
	USOCK_TIMEOUT=0.2 assert_end peer-fin 2>err || status=$?
	status_is 1
	says err '^usock: assert_end: connection 1, peer-fin: nothing in 0\.2 s$'
	usock_serve --once 1 --echo 127.0.0.1 0
	usock connect "$USOCK_ADDRESS" <<<hello >out
	assert_end peer-fin
	assert_end peer-fin 2>err || status=$?
	says err 'the server has ended$'
}

@test "usock_join returns the status of a server that ends by itself" {
	usock_serve --once 2 --sh 'exit 5' 127.0.0.1 0
	usock connect "$USOCK_ADDRESS" </dev/null
	usock connect "$USOCK_ADDRESS" </dev/null
	status=0
	usock_join || status=$?
	status_is 5
	usock_serve -k --echo 127.0.0.1 0
	status=0
	USOCK_TIMEOUT=0.2 usock_join 2>err || status=$?
	status_is 124
	says err 'has not ended in 0\.2 s$'
	status=0
	usock_join 1 2>err || status=$?
	status_is 1
	says err "no server with the number '1' was started here"
}

@test "a wait takes USOCK_TIMEOUT at most, whatever the server says meanwhile" {
	usock_serve -k --discard 127.0.0.1 0
	local clients status=0
	for _ in {1..200}; do usock connect "$USOCK_ADDRESS" <<<x || break; sleep 0.02; done &
	clients=$!
	USOCK_TIMEOUT=0.5 usock_join 2>err || status=$?
	status_is 124
	kill -0 $clients || fail "it has waited until nothing came"
	kill $clients
	wait $clients || :
}

@test "assert_end fails where events were lost" {
	cat >fake <<-'END'
		#!/bin/sh
		echo '{"event":"listening","local":"127.0.0.1:1","port":1}' >&9
		echo '{"event":"end","id":1,"end":"peer-fin"}' >&9
		echo '{"event":"lost","count":7}' >&9
		echo '{"event":"end","id":9,"end":"peer-fin"}' >&9
		exec sleep 100
	END
	chmod +x fake
	USOCK=./fake usock_serve -k
	assert_end peer-fin
	status=0
	assert_end peer-fin 2>err || status=$?
	status_is 1
	says err '^assert_end: connection 1, peer-fin: 7 events were lost before it: '
}

@test "usock_serve -v tells what happens, and what would take it from the shell is refused" {
	usock_serve -v -k --echo 127.0.0.1 0 2>told
	usock connect "$USOCK_ADDRESS" <<<hello >out
	assert_end peer-fin
	says told 'accepted 127\.0\.0\.1:'
	usock_serve -kv --echo 127.0.0.1 0 2>told
	local word
	for word in --background --events --events=file; do
		status=0
		usock_serve "$word" -k --echo 127.0.0.1 0 2>err || status=$?
		status_is 2
		says err "^usock_serve: $word: "
	done
	# those words are the program's
	usock_serve --once 1 127.0.0.1 0 -- echo --background
	[ "$(usock connect "$USOCK_ADDRESS" </dev/null)" = --background ]
}

@test "usock_stop ends one server of several" {
	usock_serve -k --echo 127.0.0.1 0
	local first=$USOCK_PID port=$USOCK_PORT
	usock_serve -k --echo 127.0.0.1 0
	usock_stop "$first"
	is_over "$first"
	status=0
	usock connect 127.0.0.1 "$port" </dev/null 2>err || status=$?
	status_is 1
	usock connect "$USOCK_ADDRESS" <<<hello >out
	text_is out 'hello\n'
}

@test "usock_mock starts a script that prints its port, and usock_line reads what it prints" {
	usock_mock "$examples/hello-server.us" 0 2
	[ "$USOCK_ADDRESS" = "127.0.0.1:$USOCK_PORT" ]
	usock connect "$USOCK_ADDRESS" </dev/null >out
	text_is out 'Hello!'
	[ "$(usock_line)" = "1: 127.0.0.1" ]
	usock connect "$USOCK_ADDRESS" </dev/null >out
	[ "$(usock_line)" = "2: 127.0.0.1" ]
	usock_join
	status=0
	usock_mock missing.us 2>err || status=$?
	[ "$status" != 0 ]
	says err missing.us
}

@test "usock_reserve and usock_wait: a server on a port that was reserved" {
	local ports
	mapfile -t ports < <(usock_reserve 2 127.0.0.1)
	[ "${#ports[@]}" = 2 ]
	usock_serve -k --echo 127.0.0.1 "${ports[0]}"
	usock_serve -k --echo 127.0.0.1 "${ports[1]}"
	usock_wait "${ports[@]}" "$USOCK_ADDRESS"
	status=0
	USOCK_TIMEOUT=0.2 usock_wait 1 2>err || status=$?
	status_is 124
}

@test "usock_wait waits for a server that comes later" {
	port=$(usock_reserve)
	mkfifo go
	start later sh -c "read -r _ <go; exec '$USOCK' listen -k --echo 127.0.0.1 $port"
	usock_wait "$port" &
	local waiter=$!
	echo >go
	wait "$waiter"
	usock connect 127.0.0.1 "$port" <<<hello >out
	text_is out 'hello\n'
}

@test "a server that takes no end is killed" {
	usock_serve -k --echo 127.0.0.1 0
	kill -STOP "$USOCK_PID"
	local pid=$USOCK_PID
	USOCK_TIMEOUT=0.2 usock_stop
	is_over "$pid"
}

# suite NAME writes a file of tests from standard input and runs it. A test begins with "TEST", as bats
# would find the other word here.
suite() { # NAME
	{ printf '%s\n' "export USOCK=$USOCK" ". '$helper'" && sed 's/^TEST/@test/'; } >"$1.bats"
	status=0
	env -u BATS_VERSION -u BATS_TEST_NAME timeout -s KILL $((3 * patience)) bats --tap "$1.bats" >"$1.out" 2>&1 3>&- || status=$?
}

@test "bats reaps the servers of a test that succeeds, fails, or has a teardown, and of setup_file" {
	suite all <<-'END'
		setup_file() {
			usock_serve -k --echo 127.0.0.1 0
			echo "$USOCK_PID" >>pids
			export file_server=$USOCK_ADDRESS
		}
		teardown_file() { echo "teardown_file" >>notes; }
		teardown() { echo "teardown $BATS_TEST_NUMBER $BATS_TEST_COMPLETED" >>notes; }
		TEST "one" {
			usock_serve -k --echo 127.0.0.1 0
			echo "$USOCK_PID" >>pids
			[ "$("$USOCK" connect "$file_server" <<<x)" = x ]
		}
		TEST "two" {
			usock_serve -k --echo 127.0.0.1 0
			echo "$USOCK_PID" >>pids
			false
		}
		TEST "three" {
			run usock_serve --echo --discard 0
			[ "$status" = 2 ]
			[ "$("$USOCK" connect "$file_server" <<<x)" = x ]
		}
	END
	status_is 1
	grep -E '^(not )?ok' all.out >results
	text_is results 'ok 1 one\nnot ok 2 two\nok 3 three\n'
	text_is notes 'teardown 1 1\nteardown 2 \nteardown 3 1\nteardown_file\n'
	[ "$(wc -l <pids)" = 3 ]
	while read -r pid; do
		is_over "$pid" || fail "$pid is still there"
	done <pids
}
