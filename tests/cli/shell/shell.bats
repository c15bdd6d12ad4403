# The prompt, on a terminal.
# shellcheck disable=SC2016 # Tcl has dollars too
# shellcheck disable=SC2154 # port, pid, status and elapsed come from lib/common.bash

load ../lib/common
load ../lib/tmux

# talker starts the server and connects to it.
talker() {
	start talker "$python" -IS "$peers/talker.py"
	printed talker
	types "connect 127.0.0.1 $port" Enter
	shows '^sock1< 220 ready'
	ends_with "^sock1 127.0.0.1:$port ESTABLISHED>"
}

@test "shell: results are shown, and errors end nothing" {
	prompt
	types 'expr 1+2' Enter
	shows '^3$'
	types 'nosuch' Enter
	shows '^usock: invalid command name "nosuch"'
	types 'string repeat ab 3' Enter
	shows '^ababab$'
}

@test "shell: an open brace asks for more" {
	prompt
	types 'proc twice {x} {' Enter
	ends_with '^\.\.\.'
	types 'return $x$x' Enter '}' Enter 'twice ab' Enter
	shows '^abab$'
	ends_with '^usock>'
}

@test "shell: the prompt has the current socket and its state, and data is shown" {
	prompt
	talker
	types 'send "QUIT\r\n"' Enter
	shows '^sock1: the peer has ended'
	ends_with 'CLOSE_WAIT>'
}

@test "shell: data in the middle of a line leaves the line alone, and escapes are harmless" {
	columns=60 prompt
	talker
	types 'send "LATE now\r\n"' Enter
	# wrapped, with a character of three bytes, and the cursor not at its end
	types "puts a$(printf 'b%.0s' {1..60})€c" Left
	eventually screen_matches '€c'
	touch now
	shows '^sock1< late \\x1b\[31mred\\x07 €$'
	shows '^sock1< and more$'
	types 'X' Enter
	eventually screen_joined_matches "^ab{60}€Xc$"
	# the line was drawn once, and is there once
	[ "$(tm capture-pane -p -J | grep -c -E '> puts ab+€Xc')" = 1 ] || fail "$(screen)"
}

screen_joined_matches() {
	tm capture-pane -p -J | grep -q -E -e "$1"
}

@test "shell: what was shown is still there to be received" {
	prompt
	talker
	types 'send "one\r\n"' Enter
	shows '^sock1< 250 one'
	types 'readline' Enter
	shows '^220 ready\\r$'
	types 'expect "250 one\r\n"' Enter
	shows '^250 one\\r$'
	# and it is not shown again
	[ "$(count_of '^sock1< 220 ready')" = 1 ]
	[ "$(count_of '^sock1< 250 one')" = 1 ]
}

@test "shell: quit says which socket was open, and Ctrl-D what has not run" {
	prompt
	talker
	types 'quit' Enter
	shows "^sock1 127.0.0.1:$port .* was still open"
	shows '^status=0'
	end_terminal
	prompt
	types 'if {1} {' Enter
	ends_with '^\.\.\.'
	types C-d
	shows '^the last command was not complete, and has not run$'
	shows '^status=0'
}

@test "shell: Ctrl-C abandons the line, also one of several" {
	prompt
	types 'puts never' C-c
	shows '\^C'
	types 'proc x {} {' Enter
	ends_with '^\.\.\.'
	types C-c
	ends_with '^usock>$'
	types 'puts {after}' Enter
	shows '^after$'
	[ "$(count_of '^never')" = 0 ]
}

@test "shell: Ctrl-C stops a wait and a loop, and the prompt stays" {
	prompt
	talker
	types 'expect -timeout none never' Enter
	shows '> expect -timeout none never$'
	types C-c
	ends_with 'ESTABLISHED>$'
	types 'while 1 {}' Enter
	shows '> while 1 \{\}$'
	types C-c
	ends_with 'ESTABLISHED>$'
	types 'puts {still here}' Enter
	shows '^still here$'
}

@test "shell: Ctrl-D ends, names what is open, and gives the terminal back" {
	prompt
	talker
	types C-d
	shows "^sock1 127.0.0.1:$port ESTABLISHED was still open"
	shows '^status=0$'
	eventually test -s modes.after
	cmp modes.before modes.after
}

@test "shell: exit has its status" {
	prompt
	types 'exit 7' Enter
	shows '^status=7$'
	eventually test -s modes.after
	cmp modes.before modes.after
}

@test "shell: SIGTERM gives the terminal back" {
	not_counted "its name is another"
	prompt
	ends_with '^usock>'
	kill -TERM "$(pgrep -f "^$USOCK" -P "$(tm display-message -p '#{pane_pid}')")"
	shows '^status=143$'
	eventually test -s modes.after
	cmp modes.before modes.after
}

@test "shell: Ctrl-Z stops it, fg goes on with the line" {
	need tmux
	mkdir -p home
	TMUX_TMPDIR=$PWD LC_ALL=C.UTF-8 TERM=screen tmux -u -f /dev/null -S "$PWD/tmux" new-session -d -x 80 -y 30 \
		"env HOME=$PWD/home EDITRC=/dev/null PS1=SHELL: bash --norc --noprofile -i"
	pids+=("$(tm display-message -p '#{pid}')")
	shows '^SHELL:'
	types "'$USOCK'" Enter
	ends_with '^usock>'
	types 'puts before'
	ends_with '^usock> puts before'
	types C-z
	ends_with '^SHELL:'
	types 'echo stopped' Enter
	shows '^stopped'
	types 'fg' Enter
	ends_with '^usock> puts before'
	types 'X' Enter
	shows '^beforeX$'
}

@test "shell: another size of the terminal is noticed" {
	columns=100 prompt
	talker
	types "puts a$(printf 'b%.0s' {1..50})"
	tm resize-window -x 50 -y 30
	types 'c' Enter
	eventually screen_joined_matches "^ab{50}c$"
	ends_with 'ESTABLISHED>'
}

@test "shell: Tab completes commands, handles, methods, options and socket options" {
	prompt
	talker
	types 'puts [strin' Tab 'length abc]' Enter
	shows '^3$'
	types 'sock1 gets' Tab 'op' Tab C-a 'puts {' C-e '}' Enter
	shows '^sock1 getsockopt'
	types 'sock1 setsockopt SOL_S' Tab 'SO_KEEPA' Tab '1' Enter 'sock1 getsockopt SOL_SOCKET SO_KEEPALIVE' Enter
	shows '^1$'
	types 'puts {connect --connect-t' C-a Delete Delete Delete Delete Delete Delete C-e Tab C-a 'puts {' C-e '}' Enter
	shows '^connect --connect-timeout$'
}

@test "shell: Tab shows what there is" {
	prompt
	talker
	types 'sock1 set' Tab
	shows '^setblocking +setsockopt +settimeout'
	ends_with '> sock1 set$'
}

@test "shell: what Tab shows goes down the columns, and what the screen has no room for is counted" {
	prompt
	types 'connect --starttls ' Tab
	shows '^ftp +imap +ldap '
	types C-u 'connect --sockopt ' Tab
	shows '^and [0-9]+ more: type another letter$'
	tm resize-window -x 40 -y 30
	types C-u 'l' Tab
	shows '^lappend +list +lrange +lsearch$'
	shows '^lassign +listen +lrepeat +lset$'
}

@test "shell: the history outlives the prompt, for its owner only" {
	prompt
	types 'puts [expr 40+2]' Enter
	shows '^42$'
	types ' puts secret' Enter C-d
	shows '^status=0$'
	[ "$(stat -c %a home/.local/state/usock/history)" = 600 ]
	run -1 grep -q secret home/.local/state/usock/history
	end_terminal
	prompt
	ends_with '^usock>'
	types Up Enter
	shows '^42$'
}

@test "shell: killed, it leaves the history as it was, with what was typed" {
	not_counted "its name is another"
	prompt
	types 'puts [expr 40+2]' Enter
	shows '^42$'
	types 'puts [expr 50+5]' Enter
	shows '^55$'
	types 'puts [expr 6'
	shows 'expr 6$'
	pkill -KILL -P "$(tm display-message -p '#{pane_pid}')" usock
	shows '^status=137$'
	end_terminal
	[ "$(grep -c 'expr' home/.local/state/usock/history)" = 2 ]
	[ "$(stat -c %a home/.local/state/usock/history)" = 600 ]
	[ "$(find home/.local/state/usock | wc -l)" = 2 ]
	prompt
	types Up Enter
	shows '^55$'
	types Up Up Enter
	shows '^42$'
}

@test "shell: hosts of the history are completed" {
	prompt
	types 'connect -w 1 host.invalid 9' Enter
	shows '^usock: '
	types 'connect host.i' Tab
	ends_with '> connect host.invalid$'
}

@test "shell: a terminal that can do nothing has a prompt too" {
	term=dumb prompt
	talker
	types 'expr 6*7' Enter
	shows '^42$'
	types 'puts ab' C-c
	ends_with 'ESTABLISHED>'
	types C-d
	shows 'was still open'
	shows '^status=0$'
}

@test "shell: save writes a script that does the same" {
	prompt
	talker
	types 'send "one\r\n"' Enter
	shows '^sock1< 250 one'
	types 'readline' Enter
	shows '^220 ready'
	types 'send "two\r\n"' Enter
	shows '^sock1< 250 two'
	types 'nosuch' Enter 'close' Enter 'save saved.us' Enter
	eventually grep -q close saved.us
	cat saved.us
	says_exactly saved.us 'sock1 expect -ex "220 ready\r\n"'
	says_exactly saved.us 'sock1 expect -ex "250 one\r\n"'
	says_exactly saved.us 'sock1 expect -ex "250 two\r\n"'
	says saved.us '^# failed: nosuch'
	timeout "$patience" "$USOCK" run saved.us
}

@test "shell: getpass shows nothing, and no file has it" {
	prompt
	talker
	types 'send "PASS [getpass]\r\n"' Enter
	shows '^Password:'
	types 'hunter2' Enter
	shows '^sock1< 250 PASS \*{7}'
	types 'save saved.us' Enter
	eventually test -s saved.us
	run -1 grep -q hunter2 saved.us home/.local/state/usock/history
	says saved.us 'send "PASS \[getpass\]'
	[ "$(count_of hunter2)" = 0 ]
}

@test "shell: interact hands the socket to the terminal, and Ctrl-] takes it back" {
	prompt
	talker
	types 'interact' Enter
	types 'by hand' Enter
	shows '^250 by hand$'
	types 'C-]'
	ends_with 'ESTABLISHED>$'
	types 'puts {at the prompt}' Enter
	shows '^at the prompt$'
}

@test "shell: interact shows escapes as such, and the peer's end gives the prompt back" {
	prompt
	talker
	types 'interact' Enter
	types 'LATE go' Enter
	: >go
	shows '^late \\x1b\[31mred\\x07 '
	shows '^and more$'
	types 'QUIT' Enter
	ends_with 'CLOSE_WAIT>$'
	types 'puts [end]' Enter 'puts [sock1 end]' Enter
	shows '^peer-fin$'
}

@test "shell: interact takes what TLS holds, and Ctrl-D ends our side alone" {
	"$USOCK" --version | grep -q -w tls || skip "this build has no TLS"
	cat >burst.us <<-'END'
		set l [listen --tls --self-signed 127.0.0.1 0]
		puts [lindex [$l getsockname] 1]
		server $l {h a p} {
			while {[set line [$h readline]] ne ""} {
				$h sendall "[string repeat "x\n" 30000]that was $line"
			}
			$h sendall "the end\n"
			$h close
		}
		after 600000
	END
	start burst "$USOCK" run burst.us
	printed burst
	prompt
	types "connect --tls --insecure 127.0.0.1 $port" Enter
	shows '^sock1 .* ESTABLISHED> *$'
	types 'interact' Enter 'burst' Enter
	shows '^that was burst$'
	types C-d
	shows '^the end$'
	ends_with '> *$'
}

@test "shell: interact takes an empty datagram for what it is" {
	cat >empty.us <<-'END'
		set s [socket -type dgram]
		$s bind 127.0.0.1 0
		puts [lindex [$s getsockname] 1]
		set from [lindex [$s recvfrom 100] 1]
		$s sendto "" {*}$from
		$s sendto "after the empty one\n" {*}$from
		after 600000
	END
	start empty "$USOCK" run empty.us
	printed empty
	prompt
	types "connect -u 127.0.0.1 $port" Enter 'interact' Enter 'go' Enter
	shows '^after the empty one$'
	types 'C-]'
	ends_with '> *$'
}

@test "shell: interact takes an empty message of a WebSocket for what it is" {
	start messages "$USOCK" listen -k --ws --echo -v 127.0.0.1 0
	listening messages
	prompt
	types "connect ws://127.0.0.1:$port/" Enter 'send ""' Enter 'send after' Enter 'interact' Enter
	# it may come before interact begins
	shows '^(sock1< )?after'
	types 'C-]'
	ends_with '> *$'
}

@test "shell: the rc file is for the prompt alone, and --norc leaves it out" {
	mkdir -p home/.config/usock
	echo 'proc mine {} {return "from rc"}' >home/.config/usock/rc
	prompt
	types 'mine' Enter
	shows '^from rc$'
	end_terminal
	prompt shell --norc
	types 'mine' Enter
	shows '^usock: invalid command name "mine"'
	HOME=$PWD/home run "$USOCK" -c mine
	[ "$status" != 0 ]
}

@test "shell: programs and files are for those who allow them" {
	prompt
	types 'exec echo no' Enter
	shows '^usock: exec: not allowed without --allow-exec'
	end_terminal
	prompt shell --allow-exec --allow-files --allow-env
	types 'exec echo a-program' Enter
	shows '^a-program$'
	types 'set f [open note w]; puts $f kept; close $f' Enter 'set env(HOME)' Enter
	shows "^$PWD/home$"
	text_is note 'kept\n'
}

@test "shell: help" {
	prompt
	types 'help' Enter
	shows '^  connect 127.0.0.1 25 '
	types 'clear' Enter 'help readline' Enter
	shows '^usage: SOCKET readline'
	types 'clear' Enter 'help exit' Enter
	shows '^Exit status:'
}

@test "shell: a terminal of no known kind has its modes back" {
	unset TERM
	printf 'expr 6*7\n\004' | on_terminal >out
	says out '^(usock> )*42.$'
	printf 'nosuch\nexit 3\n' | on_terminal shell >out || status=$?
	status_is 3
}

@test "shell: without its module, it says which package has it, and goes on" {
	not_counted "a copy of the program"
	mkdir alone
	cp "$USOCK" alone/usock
	USOCK=$PWD/alone/usock prompt
	# the path fills more than a line
	shows '^usock: no line editing: '
	shows 'usock-prompt.so is not installed'
	shows '^usock: hint: the package usock-shell has it'
	types 'expr 6*7' Enter
	shows '^42$'
}

@test "shell: without a terminal, standard input is a script" {
	echo 'puts [expr 1+2]' >script
	usock shell <script >out 2>err
	text_is out '3\n'
	usock <script >out 2>err
	text_is out '3\n'
	is_empty err
}

@test "shell: operands are refused" {
	run -2 usock shell script.us
	[[ $output == *"script.us: it has no operands"* ]]
}
