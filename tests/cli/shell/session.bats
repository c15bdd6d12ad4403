# A session at the prompt: what it says besides the data, and what is left of it.
# shellcheck disable=SC2016 # Tcl has dollars too
# shellcheck disable=SC2154 # port, pid and status come from lib/common.bash

load ../lib/common
load ../lib/tmux

start_fast

# talker starts the server and connects to it.
talker() {
	start talker "$python" -IS "$peers/talker.py"
	printed talker
	types "connect 127.0.0.1 $port" Enter
	shows '^sock1< 220 ready'
	ends_with 'ESTABLISHED>'
}

@test "it greets, says what was sent, suggests the nearest command, and quit leaves" {
	prompt
	shows '^usock [0-9.]+; help, or Ctrl-D to leave$'
	types 'conect' Enter
	shows '^usock: hint: did you mean connect\?$'
	talker
	shows "^sock1: connected to 127.0.0.1:$port$"
	types 'send "one\r\n"' Enter
	shows '^5 bytes sent$'
	types 'send two' Enter
	shows '^3 bytes sent, without a line end$'
	types 'set n [send "x\r\n"]' Enter
	shows '^3$'
	types 'close' Enter
	# a closed socket is current no more
	ends_with '^usock> *$'
	types 'quit' Enter
	shows '^status=0$'
}

@test "sockets and states are tables, and dictionaries for scripts" {
	prompt
	talker
	types 'sockets' Enter
	shows '^   SOCKET  STATE +LOCAL +PEER$'
	shows "^\\*  sock1   ESTABLISHED  127.0.0.1:[0-9]+ +127.0.0.1:$port$"
	types 'status' Enter
	shows '^name +ESTABLISHED$'
	shows '^    time      rtt [0-9.]+ ms, '
	types 'clear' Enter 'status --state established :'"$port" Enter
	shows '^PROTO +CODE +NAME'
	types 'clear' Enter 'puts [dict get [status] name]' Enter
	shows '^ESTABLISHED$'
}

@test "the prompt says what is open, and a command of several lines is one entry of the history" {
	prompt
	types 'proc twice {x} {' Enter
	ends_with '^\.\.\. \{$'
	types 'return [string repeat $x [' Enter
	ends_with '^\.\.\. \{$'
	types 'expr 2]]' Enter '}' Enter
	ends_with '^usock> *$'
	types 'puts "[twice {' Enter
	ends_with '^\.\.\. "\[\{$'
	types 'b}]"' Enter
	shows '^b$'
	types Up Enter
	eventually repeats b 4
	types Up Up Enter
	ends_with '^usock> *$'
	[ "$(grep -c . home/.local/state/usock/history)" -le 5 ]
	grep -q 'proc.*twice.*\\012return' home/.local/state/usock/history
}

repeats() { # LINE N
	[ "$(count_of "^$1\$")" = "$2" ]
}

@test "what a command still takes is shown behind the cursor, and is no part of the line" {
	prompt
	talker
	types 'sock1 sendto '
	ends_with '> sock1 sendto <?bytes address|sock1 sendto bytes address'
	types 'x '
	ends_with '> sock1 sendto x <?address'
	types C-u 'puts {no hint}' Enter
	shows '^no hint$'
	types 'string repeat ab 2' Enter
	shows '^abab$'
}

@test "record start and stop keep what is said at the prompt, also what no command has read" {
	prompt shell --allow-files
	talker
	types 'record start talk.rec' Enter 'send "one\r\n"' Enter
	shows '^sock1< 250 one'
	types 'record stop' Enter 'puts "now [dict get [record status] state]"' Enter
	shows '^now off$'
	grep -q '"dir":"sent","text":"one\\r\\n"' talk.rec
	grep -q '"dir":"received","text":"250 one' talk.rec
}

@test "save asks before it replaces a file, and what it writes runs" {
	prompt
	talker
	types 'help close' Enter 'sockets' Enter 'status' Enter 'record status' Enter 'nosuch' Enter
	shows 'invalid command name "nosuch"'
	types 'send "one\r\n"' Enter
	shows '^sock1< 250 one'
	types 'interact' Enter
	shows '^Ctrl-\] returns to the prompt; now you type to sock1$'
	types 'by hand' Enter
	shows '^250 by hand$'
	types 'C-]'
	ends_with 'ESTABLISHED> *$'
	types 'close' Enter
	ends_with '^usock> *$'
	echo kept >saved.us
	types 'save saved.us' Enter
	ends_with '^saved.us exists; replace it\? \[y/N\]'
	types 'n' Enter
	shows '^not saved$'
	text_is saved.us 'kept\n'
	types 'save saved.us' Enter
	ends_with 'replace it\? \[y/N\]'
	types 'y' Enter
	shows '^saved; usock run saved.us runs it$'
	cat saved.us
	run ! grep -E '^(help|sockets|status|record|interact|save|nosuch)' saved.us
	says_exactly saved.us 'sock1 sendall "by hand\n"'
	says_exactly saved.us 'sock1 expect -ex "220 ready\r\n"'
	says_exactly saved.us 'sock1 expect -ex "250 one\r\n"'
	says_exactly saved.us 'sock1 expect -ex "250 by hand\n"'
	says saved.us '^# failed: nosuch$'
	timeout "$patience" "$USOCK" run saved.us
}

@test "in 40 columns the prompt is short, and help fits" {
	preparation='export PAGER=' columns=40 prompt
	talker
	ends_with '^sock1 ESTABLISHED> *$'
	types 'help sendto' Enter
	eventually screen_matches '^ *--version|^ESTABLISHED|^  usock|ESTABLISHED> *$'
	# with the lines that the terminal has wrapped
	tm capture-pane -p -J -S - | sed 's/ *$//' >lines
	says lines 'usage: usock sendto'
	run ! grep -E '^.{41}' lines
}

@test "long help goes through PAGER, short help does not" {
	preparation='export PAGER="sed -n \"s/^usage/paged usage/p\""' prompt
	types 'help listen' Enter
	shows '^paged usage: usock listen '
	types 'clear' Enter 'help readline' Enter
	shows '^usage: SOCKET readline'
	types 'clear' Enter 'help foreach' Enter
	shows '^usage: foreach varList list'
	shows '^repeat for each element of lists$'
}

@test "every command of the language has a line of help" {
	local name missing=
	run -0 usock -c 'puts [join [lsort [info commands]] "\n"]'
	for name in $output; do
		grep -q "{ \"$name\", \"" "$USOCK_SOURCE/src/cli/help/language.c" || missing+=" $name"
	done
	[ -z "$missing" ] || fail "without a line:$missing"
}
