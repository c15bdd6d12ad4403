# --color and the environment: where colors are, what they mean, and that nothing depends on them.
# shellcheck disable=SC2154 # port, status and pid are lib's

load ../lib/common
load ../lib/tmux

start_fast

# Prints the text without sequences of color.
plain() {
	sed 's/\x1b\[[0-9;]*m//g'
}

@test "verdicts of a scan" {
	local closed
	usock_listens server -k --discard
	closed=$(free_port)
	run -0 usock connect -z --color always 127.0.0.1 "$port,$closed"
	[[ ${lines[0]} == *" $port "$'\e[32mopen\e[m'* ]] || fail "$output"
	[[ ${lines[1]} == *" $closed "$'\e[1;31mclosed\e[m'* ]] || fail "$output"
	[ "$(plain <<<"${lines[0]}" | awk '{ print $3, $5 }')" = 'open ms' ]
	run -0 usock resolve --probe --color always 127.0.0.1 "$port"
	[[ $output == *$'\e[32mopen\e[m'* ]]
}

@test "the name in front of an error, and a hint" {
	run -1 --separate-stderr usock connect --color always 127.0.0.1 "$(free_port)"
	[[ $stderr == $'\e[1;31musock: \e[m'connect*': Connection refused' ]] || fail "$stderr"
	run -2 --separate-stderr env CLICOLOR_FORCE=1 "$USOCK" connect --nosuch
	[[ ${stderr_lines[1]} == $'\e[36musock: hint: \e[m'* ]] || fail "$stderr"
}

@test "directions of a hexdump on standard error, and none in a file" {
	usock_listens server -k --echo
	usock connect -x --color always 127.0.0.1 "$port" <<<hello >out 2>err
	says err $'^\e\\[36m> 00000000  68 65 .*\e\\[m$'
	says err $'^\e\\[32m< 00000000  68 65 .*\e\\[m$'
	usock connect --hexdump=dump --color always 127.0.0.1 "$port" <<<hello >out
	run ! grep -q $'\e' dump
}

@test "states of sockets, and titles" {
	usock_listens server -k --discard
	run -0 usock status --color always ":$port"
	[[ ${lines[0]} == *$'\e[1mSTATE\e[m'* && ${lines[1]} == *$'\e[36mLISTEN\e[m'* ]] || fail "$output"
	[ "$(plain <<<"$output")" = "$(usock status ":$port")" ]
}

@test "a terminal has colors unless TERM or the environment says no" {
	local words
	refused="127.0.0.1 $(free_port)"
	for words in '' 'NO_COLOR=1' 'TERM=dumb' 'NO_COLOR=1 CLICOLOR_FORCE=1'; do
		# shellcheck disable=SC2086 # lists of words
		run env TERM=screen $words "$python" -IS "$peers/terminal.py" "$USOCK" connect $refused
		case $words in
		'') [[ $output == *$'\e[1;31musock: \e[m'* ]] || fail "$output" ;;
		*) [[ $output == *'usock: connect'* && $output != *$'\e['*m* ]] || fail "$words: $output" ;;
		esac
	done
}

@test "what is no terminal has none, but with CLICOLOR_FORCE" {
	run -1 env TERM=screen "$USOCK" connect 127.0.0.1 "$(free_port)"
	[[ $output != *$'\e'* ]]
	run -1 env CLICOLOR_FORCE=1 "$USOCK" connect 127.0.0.1 "$(free_port)"
	[[ $output == $'\e[1;31m'* ]]
	run -1 env CLICOLOR_FORCE=1 "$USOCK" connect --color never 127.0.0.1 "$(free_port)"
	[[ $output != *$'\e'* ]]
	run -1 env CLICOLOR_FORCE=1 "$USOCK" nc 127.0.0.1 "$(free_port)"
	[[ $output != *$'\e'* ]]
	run -2 usock connect --color sometimes 127.0.0.1 1
}

@test "a table fits the terminal: columns move together, then some are left out and named" {
	usock_listens server -k --discard
	columns=80 in_terminal status --process ":$port"
	shows "^tcp +1 +LISTEN .* 127.0.0.1:$port +\* .* usock/"
	run ! screen_matches 'left out'
	end_terminal
	columns=40 in_terminal status --process ":$port"
	shows '^left out: PROTO, '
	shows '(^|; )--json has them$'
	shows 'STATE +.*LOCAL'
	shows "LISTEN +.*127.0.0.1:$port"
	[ "$(screen | grep -c 'LISTEN')" = 1 ]
}

@test "resolve names the columns that a narrow terminal leaves out" {
	usock_listens server -k --discard
	columns=40 in_terminal resolve --probe 127.0.0.1 "$port"
	ends_with '^status=0$'
	shows "^inet +stream +tcp +127.0.0.1:$port +open$"
	shows '^left out: CANONNAME, TIME;$'
}
