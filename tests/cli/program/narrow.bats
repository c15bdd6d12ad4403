# What a terminal shows that has few columns: nothing is cut where it stands for something, and no
# terminal breaks a line in the middle of a word.
# shellcheck disable=SC2154 # port, status, pid, patience, python and peers are lib's
# shellcheck disable=SC2016 # a shell has $ in it

load ../lib/common
load ../lib/tmux

start_fast

@test "a hexdump has as many bytes in a line as the terminal has room for" {
	usock_listens server -k --echo
	printf 'hello, hexdump 1' >text
	columns=80 in_terminal connect --send-only -x 127.0.0.1 "$port" '<text'
	shows '^> 00000000  68 65 6c 6c 6f 2c 20 68  65 78 64 75 6d 70 20 31  \|hello, hexdump 1\|$'
	end_terminal
	columns=79 in_terminal connect --send-only -x 127.0.0.1 "$port" '<text'
	shows '^> 00000000  68 65 6c 6c 6f 2c 20 68  \|hello, h\|$'
	shows '^> 00000008  65 78 64 75 6d 70 20 31  \|exdump 1\|$'
	end_terminal
	columns=40 in_terminal connect --send-only -x 127.0.0.1 "$port" '<text'
	shows '^> 0000000c  6d 70 20 31  \|mp 1\|$'
}

@test "... with times, too; a file and a pipe always get sixteen" {
	usock_listens server -k --echo
	printf 'hello, hexdump 1' >text
	columns=80 in_terminal connect --send-only -x --timestamps 127.0.0.1 "$port" '<text'
	shows '^[0-9:.]{15} > 00000008  65 78 64 75 6d 70 20 31  \|exdump 1\|$'
	end_terminal
	columns=40 in_terminal connect --send-only --hexdump=dump 127.0.0.1 "$port" '<text'
	ends_with '^status=0$'
	says dump '^> 00000000  68 .* 31  \|hello, hexdump 1\|$'
	end_terminal
	columns=40 in_terminal connect --send-only -x 127.0.0.1 "$port" '<text 2>&1 | tail -n 1 >piped'
	eventually test -s piped
	says piped '^> 00000000  68 .* 31  \|hello, hexdump 1\|$'
}

@test "a row of several lines has what fits into them, and the processes that were asked for" {
	usock_listens server -k --discard
	columns=80 in_terminal status --process ":$port"
	shows "^tcp +1 LISTEN .* 127.0.0.1:$port +\* .* usock/$pid$"
	end_terminal
	columns=40 in_terminal status --process ":$port"
	shows 'PROCESS$'
	shows "usock/$pid$"
	shows 'TIMER; --json has them$'
}

@test "an empty column that does not fit makes no empty lines" {
	usock_listens server -k --discard
	columns=40 in_terminal resolve --probe 127.0.0.1 "$port"
	ends_with '^status=0$'
	[ "$(screen | grep -c -v '^$')" = 4 ]
	[ "$(screen | sed -n '2s/:.*//p')" = 'left out' ]
}

@test "a unix socket and its peer show the numbers that they call each other" {
	usock listen --ready-file ready "unix:$PWD/s" >got 2>err &
	pids+=($!)
	eventually test -s ready
	(sleep 100 & echo $! >sleeper; wait) | usock connect "unix:$PWD/s" &
	pids+=($!)
	eventually test -s sleeper
	pids+=("$(cat sleeper)")
	both() {
		server=$(usock status --unix "unix:$PWD/s" --state established | sed -n 's/.*\(#[0-9]*\) .*#.*/\1/p') && [ -n "$server" ] &&
			client=$(usock status --unix --state established | grep -v "unix:$PWD/s" | grep -E "#[0-9]+ +$server ")
	}
	eventually both
}

@test "--watch where TERM is dumb fits the terminal and has titles once" {
	usock_listens server -k --discard
	term=dumb columns=80 in_terminal status --watch=50ms ":$port"
	shows "^ +0\.[1-9] LISTEN .* 127.0.0.1:$port .* 4096$"
	shows '^ +TIME +STATE .* SEND-Q'
	[ "$(count_of TIME)" = 1 ]
}

# A server that reads and says nothing, and a client that takes minutes.
sends_slowly() {
	usock_listens server -k --discard
	truncate -s 30000000 zeros
	in_terminal connect --progress --rate 150kB 127.0.0.1 "$port" '<zeros'
}

signal_sender() { # SIGNAL
	kill -"$1" "$(pgrep -P "$(tm display-message -p '#{pane_pid}')")"
}

amount='[0-9.]+ (B|[KM]iB)'

@test "the progress line leaves out what is least important, and its total is not broken" {
	columns=64 sends_slowly
	shows "^sent $amount \\($amount/s\\) [0-9.]+ s \\[=* +\\] +[0-9]+% [0-9:]+ left\$"
	tm resize-window -x 40 -y 20
	shows "^sent $amount [0-9.]+ s [0-9]+% [0-9:]+ left\$"
	signal_sender TERM
	ends_with '^status=143$'
	shows "^sent $amount \\(average $amount/s\\)\$"
	shows '^in [0-9.]+ s$'
}

@test "a line that is printed meanwhile replaces the progress line" {
	columns=70 sends_slowly
	shows '^sent .* left$'
	signal_sender USR1
	# the line of the signal, and the one that is drawn below it
	eventually two_lines
	signal_sender TERM
	ends_with '^status=143$'
	shows "^sent $amount \\(average"
	[ "$(count_of '^sent .*left$')" = 1 ]
	[ "$(count_of 'sent.*sent')" = 0 ]
}

two_lines() {
	[ "$(count_of '^sent .*left$')" = 2 ]
}

@test "where TERM is dumb the progress line is written over without control sequences" {
	usock_listens server -k --discard
	truncate -s 150000 zeros
	TERM=dumb timeout -s KILL "$patience" "$python" -IS "$peers/terminal.py" \
		sh -c 'exec "$0" connect --progress --rate 150kB "$@" <zeros' "$USOCK" 127.0.0.1 "$port" </dev/null >seen
	grep -q -a $'\r *\rsent 146.5 KiB (average' seen || fail "$(cat -A seen)"
	run ! grep -q -a $'\e' seen
}

@test "help: terms, usages and examples of several lines are indented, and no two columns flow together" {
	preparation='export PAGER=' columns=40 in_terminal connect --help
	shows '^    20-25,80,443$'
	shows '^      # which ports answer$|^      # a unix socket$'
	end_terminal
	preparation='export PAGER=' columns=40 prompt
	types help Enter
	shows '^  help connect$'
	shows '^  help script$'
	shows '^      the language$'
}

@test "help is fitted to wide terminals, too, where a line is longer" {
	preparation='export PAGER=' columns=80 prompt
	tm resize-window -x 80 -y 60
	types 'help methods' Enter
	shows '^    \?pattern body \.\.\.\?$'
}
