# usock.bash in plain bash, with its strictest options.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # from lib: status, pid, port, server, patience

load ../lib/common

helper=$USOCK_SOURCE/share/usock.bash

# script runs a script of bash from standard input with the helper: $status, out and err.
script() {
	{ printf '%s\n' 'set -eEuo pipefail' ". '$helper'" && cat; } >script.bash
	status=0
	USOCK_TIMEOUT=$patience timeout -s KILL "$patience" "${fresh[@]}" bash script.bash >out 2>err || status=$?
}

all_over() {
	while read -r pid; do
		is_over "$pid" || fail "$pid is still there" || return
	done <pids
}

@test "servers end with the shell, whose own trap and status stay" {
	script <<-'END'
		trap 'echo "my trap: $?"' EXIT
		usock_serve -k --echo 127.0.0.1 0
		echo "$USOCK_PID" >>pids
		usock_serve -k --echo 127.0.0.1 0
		echo "$USOCK_PID" >>pids
		[ "$("$USOCK" connect "$USOCK_ADDRESS" <<<hello)" = hello ]
		exit 7
	END
	status_is 7
	is_empty err
	text_is out 'my trap: 7\n'
	all_over
}

@test "a failure under set -e, and a signal, reap as well" {
	script <<-'END'
		usock_serve -k --echo 127.0.0.1 0
		echo "$USOCK_PID" >>pids
		false
	END
	status_is 1
	all_over
	script <<-'END'
		usock_serve -k --echo 127.0.0.1 0
		echo "$USOCK_PID" >>pids
		kill -TERM $$
		wait
	END
	status_is 143
	all_over
}

@test "a subshell reaps its own servers and leaves those of its parent" {
	script <<-'END'
		trap 'echo parent' EXIT
		usock_serve -k --echo 127.0.0.1 0
		outer=$USOCK_ADDRESS
		echo "$USOCK_PID" >>pids
		(
			usock_serve -k --echo 127.0.0.1 0
			echo "$USOCK_PID" >>pids
			"$USOCK" connect "$USOCK_ADDRESS" <<<inner
		)
		"$USOCK" connect "$outer" <<<outer
	END
	status_is 0
	text_is out 'inner\nouter\nparent\n'
	all_over
}

@test "a server that has ended already is stopped all the same" {
	script <<-'END'
		usock_serve --timeout 100ms 127.0.0.1 0
		while kill -0 "$USOCK_PID" 2>/dev/null; do :; done
		usock_stop
		(
			usock_serve --timeout 100ms 127.0.0.1 0
			while kill -0 "$USOCK_PID" 2>/dev/null; do :; done
		)
		echo reaped
	END
	status_is 0
	text_is out 'reaped\n'
}

@test "a server holds no pipe of the shell beyond its output" {
	script <<-'END'
		exec 7> >(cat >copy)
		usock_serve -k --echo 127.0.0.1 0 >/dev/null 2>&1
		[ ! -e /proc/$USOCK_PID/fd/9 ] || readlink /proc/$USOCK_PID/fd/9
		before=$(ls /proc/$$/fd | wc -l)
		for _ in 1 2 3 4 5; do
			usock_serve --once 1 --echo 127.0.0.1 0
			"$USOCK" connect "$USOCK_ADDRESS" <<<x >/dev/null
			assert_end peer-fin
			usock_join
		done
		[ "$(ls /proc/$$/fd | wc -l)" = "$before" ] || ls -l /proc/$$/fd
	END
	status_is 0
	! grep -v '^/.*(deleted)$' out || fail "$(cat out)"
}

@test "the helper is installed" {
	grep -q 'share/usock.bash' "$USOCK_SOURCE/cmake/Install.cmake"
	! grep -n -w -E 'sleep' "$helper" | grep -v '#' || fail "it sleeps"
}
