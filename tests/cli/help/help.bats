# Help, version, and what is said of a command line that is wrong.
# shellcheck disable=SC2016 # the inner shell expands
# shellcheck disable=SC2154 # stderr and stderr_lines come from run

load ../lib/common

# A pipe without a reader, as descriptor 6.
open_broken_pipe() {
	mkfifo pipe
	exec 5<>pipe
	exec 6>pipe 5>&-
}

@test "help: the commands and how to go on" {
	run -0 --separate-stderr "$USOCK" help
	[[ $output == *"usage: usock COMMAND"* ]]
	[[ $output == *"  connect "* ]]
	[[ $output == *"usock COMMAND --help"* ]]
	[ -z "$stderr" ]
}

@test "help, --help and -h say the same" {
	[ "$("$USOCK" help)" = "$("$USOCK" --help)" ]
	[ "$("$USOCK" help)" = "$("$USOCK" -h)" ]
}

@test "a command's help: usage, groups of options, examples" {
	run -0 --separate-stderr "$USOCK" connect --help
	[[ $output == *"usage: usock connect [OPTION...] ADDRESS"* ]]
	[[ $output == *$'\nTime:\n'* ]]
	[[ $output == *$'\n  -w, --connect-timeout DUR  '* ]]
	[[ $output == *$'\n  -x, --hexdump[=FILE]  '* ]]
	[[ $output == *$'\nExamples:\n  '* ]]
	[ -z "$stderr" ]
}

@test "help COMMAND, COMMAND --help and COMMAND -h say the same" {
	[ "$("$USOCK" help listen)" = "$("$USOCK" listen --help)" ]
	[ "$("$USOCK" help listen)" = "$("$USOCK" listen -h)" ]
}

@test "--help is answered although the operands are missing or too many" {
	run -0 "$USOCK" connect a b c d e --help
	run -0 "$USOCK" listen -v --help
}

@test "help exit: every status" {
	run -0 "$USOCK" help exit
	[[ $output == *$'\n  124  any time-out\n'* ]]
	[[ $output == *$'\n  0    success'* ]]
}

@test "help address: the forms of an address" {
	run -0 "$USOCK" help address
	[[ $output == *"unix:@NAME"* ]]
	[[ $output == *"8000-8010"* ]]
}

@test "help script: a dialogue, which runs as it stands there" {
	run -0 "$USOCK" help script
	[[ $output == *"  expect ?-timeout DUR? PATTERN "* ]]
	sed -n '/^  connect -w/,/^$/p' <<<"$output" >talk.us
	[ "$(wc -l <talk.us)" = 5 ]
	usock_listens mail --sh 'printf "220 ready\n"; read -r hello; printf "250 %s\n" "$hello"'
	sed -i "s/mail.example.org 25/127.0.0.1 $port/" talk.us
	[ "$(usock run talk.us)" = "HELO me" ]
}

@test "help sockopt: name, value and time of every option" {
	run -0 "$USOCK" help sockopt
	grep -q '^SO_RCVBUF  *size  *before$' <<<"$output"
	grep -q '^SO_ERROR  *number  *read only$' <<<"$output"
	grep -q '^TCP_NODELAY  *yes|no  *before$' <<<"$output"
}

@test "help of an unknown word suggests the nearest" {
	run -2 --separate-stderr "$USOCK" help conect
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = "usock: help: conect: no such command or topic, did you mean connect?" ]
	run -2 --separate-stderr "$USOCK" help exot
	[[ ${stderr_lines[0]} == *"did you mean exit?" ]]
	run -2 --separate-stderr "$USOCK" help xyzzyplugh
	[[ ${stderr_lines[0]} == *"no such command or topic" ]]
}

@test "help wants one word at most" {
	run -2 --separate-stderr "$USOCK" help connect listen
	[ "${stderr_lines[0]}" = "usock: help: wants one word at most" ]
	run -0 --separate-stderr "$USOCK" help -- exit
	[[ $output == *$'\n  124  any time-out\n'* ]]
}

@test "--help and -h with a word are help of that word" {
	local option
	for option in --help -h; do
		run -0 --separate-stderr "$USOCK" "$option" connect
		[ "${lines[0]}" = "$("$USOCK" help connect | head -n 1)" ]
		run -0 --separate-stderr "$USOCK" "$option" exit
		[[ $output == *$'\n  124  any time-out\n'* ]]
		run -2 --separate-stderr "$USOCK" "$option" conect
		[ "${stderr_lines[0]}" = "usock: help: conect: no such command or topic, did you mean connect?" ]
	done
}

@test "an option of usock itself that is mistyped leads to what is meant" {
	run -2 --separate-stderr "$USOCK" --verison
	[ "${stderr_lines[1]}" = "usock: hint: usock --version" ]
	run -2 --separate-stderr "$USOCK" --hepl
	[ "${stderr_lines[1]}" = "usock: hint: usock --help" ]
}

@test "an option before a command: which commands have it" {
	run -2 --separate-stderr "$USOCK" --allow-files
	[ "${stderr_lines[0]}" = 'usock: --allow-files: unknown option; those of a command follow its name' ]
	[[ ${stderr_lines[1]} == 'usock: hint: '*'usock shell --allow-files'*'usock run --allow-files'* ]]
	run -2 --separate-stderr "$USOCK" --no-such-option
	[ "${stderr_lines[1]}" = 'usock: hint: usock help' ]
}

@test "version: one line, then the features" {
	run -0 --separate-stderr "$USOCK" --version
	[[ ${lines[0]} =~ ^usock\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[[ ${lines[1]} == "features: "* ]]
	[ "${#lines[@]}" = 2 ]
	[ "$output" = "$("$USOCK" -V)" ]
	[ -z "$stderr" ]
}

@test "what netcat would have taken suggests the command that does it" {
	hint_of() { # ARG...
		run --separate-stderr -2 "$USOCK" "$@"
		hint=${stderr_lines[1]#usock: hint: }
	}
	hint_of 127.0.0.1 80
	[ "$hint" = "usock connect 127.0.0.1 80" ]
	hint_of www.example.org:443
	[ "$hint" = "usock connect www.example.org:443" ]
	hint_of -l 8080
	[ "$hint" = "usock listen [HOST] PORT" ]
	hint_of -lk 8080
	[ "$hint" = "usock listen -k [HOST] PORT" ]
	hint_of -z localhost 1-100
	[ "$hint" = "usock connect -z HOST PORT..." ]
	hint_of -zv localhost 80
	[ "$hint" = "usock connect -z HOST PORT..." ]
	hint_of -nlvp 8080
	[ "$hint" = "usock listen [HOST] PORT" ]
	hint_of -vnu localhost 53
	[ "$hint" = "usock connect -u HOST PORT" ]
	hint_of xyzzyplugh
	[ "$hint" = "usock help" ]
}

@test "a letter of netcat that is none here says what is" {
	hint_of() { # ARG...
		run --separate-stderr -2 "$USOCK" "$@"
		hint=${stderr_lines[1]#usock: hint: }
	}
	hint_of listen -l 8080
	[ "${stderr_lines[0]}" = "usock: listen: -l: unknown option" ]
	[ "$hint" = "usock listen [HOST] PORT" ]
	hint_of connect -q 1 localhost 80
	[[ $hint == "--after-eof DUR "* ]]
	hint_of connect -Q localhost 80
	[ "$hint" = "usock help connect" ]
	# ss has an -l of its own
	hint_of status -l
	[ "$hint" = "usock help status" ]
}

@test "an unknown command suggests the nearest" {
	run -2 --separate-stderr "$USOCK" conect localhost 80
	[ "${stderr_lines[0]}" = "usock: conect: unknown command, did you mean connect?" ]
	[ "${stderr_lines[1]}" = "usock: hint: usock help" ]
	run -2 --separate-stderr "$USOCK" xyzzyplugh
	[ "${stderr_lines[0]}" = "usock: xyzzyplugh: unknown command" ]
	run -2 "$USOCK" ''
}

@test "a word that is no command leads to what is meant" {
	local word hint
	while IFS='|' read -r word hint; do
		run -2 --separate-stderr "$USOCK" "$word" localhost 80
		[ "${stderr_lines[0]}" = "usock: $word: unknown command" ]
		[ "${stderr_lines[1]}" = "usock: hint: $hint" ]
		[ "${#stderr_lines[@]}" = 2 ]
	done <<-'END'
		scan|usock connect -z HOST PORTS
		forward|usock listen -k PORT --forward HOST:PORT
		send|usock connect HOST PORT < FILE; a datagram: usock sendto HOST PORT DATA
		test|usock run --tap FILE...
	END
}

@test "an option that is called otherwise leads to what is meant" {
	run -2 --separate-stderr "$USOCK" connect --trace localhost 80
	[ "${stderr_lines[0]}" = "usock: connect: --trace: unknown option" ]
	[ "${stderr_lines[1]}" = "usock: hint: -x, --hexdump[=FILE]" ]
	run -2 --separate-stderr "$USOCK" status --time-wait
	[ "${stderr_lines[1]}" = "usock: hint: --state time-wait" ]
	run -2 --separate-stderr "$USOCK" sendto --tls localhost 80 x
	[ "${stderr_lines[1]}" = "usock: hint: usock connect --dtls HOST PORT" ]
	run -2 --separate-stderr "$USOCK" connect -o no-such=1 localhost 80
	[ "${stderr_lines[1]}" = "usock: hint: usock help sockopt" ]
}

@test "every option that such a hint names exists" {
	local cmd
	grep -o -E -e '--[a-z][a-z-]+' "$USOCK_SOURCE/src/cli/core/wished.c" | sort -u >named
	[ "$(wc -l <named)" -ge 10 ]
	{
		echo --version
		for cmd in connect listen sendto status run; do
			"$USOCK" __complete "$cmd" -- | cut -f 1
		done
	} | sort -u >known
	[ -z "$(comm -23 named known)" ] || fail "$(comm -23 named known)"
}

@test "a URL leads to its host and port" {
	run -2 --separate-stderr "$USOCK" connect https://example.org/a
	[ "${stderr_lines[0]}" = "usock: connect: 'https://example.org/a' is a URL: an address is HOST:PORT" ]
	[ "${stderr_lines[1]}" = "usock: hint: tls:example.org:443, and the request on standard input" ]
	run -2 --separate-stderr "$USOCK" connect http://localhost:8080
	[ "${stderr_lines[1]}" = "usock: hint: localhost:8080, and the request on standard input" ]
	run -2 --separate-stderr "$USOCK" connect ftp://localhost
	[ "${stderr_lines[0]}" = "usock: connect: 'ftp://localhost' is a URL: an address is HOST:PORT" ]
}

@test "an option before the command is not one" {
	run -2 --separate-stderr "$USOCK" --udp connect
	[ "${stderr_lines[0]}" = "usock: --udp: unknown option; those of a command follow its name" ]
}

@test "a wrong option is one line with command and option, and a hint" {
	run -2 --separate-stderr "$USOCK" connect --connect-timeout 2x localhost 80
	[ -z "$output" ]
	[[ ${stderr_lines[0]} == "usock: connect: --connect-timeout: '2x' is not a duration "* ]]
	[ "${stderr_lines[1]}" = "usock: hint: usock help connect" ]
	[ "${#stderr_lines[@]}" = 2 ]
}

@test "a letter is named by its long name" {
	run -2 --separate-stderr "$USOCK" connect -w2x localhost 80
	[[ ${stderr_lines[0]} == "usock: connect: --connect-timeout: '2x'"* ]]
}

@test "a long option with one dash suggests two" {
	run -2 --separate-stderr "$USOCK" connect -tls localhost 443
	[ "${stderr_lines[0]}" = "usock: connect: -tls: unknown option, did you mean --tls?" ]
	run -2 --separate-stderr "$USOCK" listen -accept-timeout=1s 0
	[ "${stderr_lines[0]}" = "usock: listen: -accept-timeout: unknown option, did you mean --accept-timeout?" ]
	# letters in one word
	run -2 --separate-stderr "$USOCK" connect -vtx localhost 443
	[ "${stderr_lines[0]}" = "usock: connect: -t: unknown option" ]
}

@test "an address behind -- is told where it stands" {
	local cmd
	for cmd in connect listen; do
		run -2 --separate-stderr "$USOCK" "$cmd" --timeout 1s -- 127.0.0.1 80
		[[ ${stderr_lines[0]} == "usock: $cmd: an address is missing: "* ]]
		[ "${stderr_lines[1]}" = "usock: hint: it stands before --; what follows -- is a program" ]
	done
}

@test "an unknown option suggests the nearest" {
	run -2 --separate-stderr "$USOCK" connect --conect-timeout 2 localhost 80
	[ "${stderr_lines[0]}" = "usock: connect: --conect-timeout: unknown option, did you mean --connect-timeout?" ]
}

@test "control bytes in a message do not reach the terminal" {
	run -2 --separate-stderr "$USOCK" $'con\e[31m\nnect'
	[[ ${stderr_lines[0]} == 'usock: con'*'nect: unknown command' ]]
	[[ $stderr != *$'\e'* ]]
	[ "${#stderr_lines[@]}" = 2 ]
}

@test "a port where the host stands: the words in their order, or the missing --" {
	run -2 --separate-stderr usock connect 7001 localhost
	[ "$stderr" = "usock: connect: '7001' is a port where the host is expected
usock: hint: the host comes first: localhost 7001" ]
	run -2 --separate-stderr usock listen 7001 cat
	[ "${stderr_lines[1]}" = 'usock: hint: a program stands behind --: 7001 -- cat' ]
	run -2 --separate-stderr usock listen 7001 no-such-host
	[ "${stderr_lines[1]}" = 'usock: hint: the host comes first: no-such-host 7001' ]
	# a host that is a number
	run -3 --separate-stderr usock connect 0 no-such-service
	[[ $stderr != *'is a port'* ]] || fail "$stderr"
}

@test "each line of a message is written at once" {
	not_counted "writes are its own too"
	need strace
	ASAN_OPTIONS=detect_leaks=0 strace -f -s 200 -o trace -e trace=write "$USOCK" connect --bogus 2>/dev/null || true
	grep -q write trace || skip "strace cannot trace here"
	[ "$(grep -c 'write(2, "usock: .*\\n"' trace)" = 2 ]
	[ "$(grep -c 'write(' trace)" = 2 ]
}

@test "/dev/full: an error, status 8" {
	[ -c /dev/full ] || skip "no /dev/full"
	for words in help --help --version 'help sockopt' 'connect --help'; do
		# shellcheck disable=SC2086 # several words
		run -8 --separate-stderr bash -c '"$@" >/dev/full' bash "$USOCK" $words
		[ "$stderr" = "usock: write standard output: No space left on device" ]
	done
}

@test "a closed standard output: an error, status 8" {
	not_counted "a closed descriptor is its own"
	for words in help --version; do
		run -8 --separate-stderr bash -c '"$@" >&-' bash "$USOCK" $words
		[ "$stderr" = "usock: write standard output: Bad file descriptor" ]
	done
}

@test "a closed standard error changes nothing but the words" {
	not_counted "a closed descriptor is its own"
	run -2 bash -c '"$USOCK" no-such-command 2>&-'
	run -2 bash -c '"$USOCK" connect --bogus 2>&-'
}

@test "a reader that went away: the end of SIGPIPE, without a word" {
	open_broken_pipe
	for words in help --version 'help sockopt'; do
		# shellcheck disable=SC2086 # several words
		run -141 --separate-stderr bash -c '"$@" >&6' bash "$USOCK" $words
		[ -z "$stderr" ]
	done
}

@test "... also where SIGPIPE was ignored at the start" {
	open_broken_pipe
	for words in help --version 'help sockopt'; do
		# shellcheck disable=SC2086 # several words
		run -141 --separate-stderr bash -c 'trap "" PIPE; "$@" >&6' bash "$USOCK" $words
		[ -z "$stderr" ]
	done
}

@test "help status ends with the states and their codes" {
	run -0 usock help status
	[[ $output == *$'\nStates and their codes:\n  -1  -  '* ]]
	for code in '0  CLOSED' '1  LISTEN' '4  ESTABLISHED' '10  TIME_WAIT'; do
		[[ $output == *" $code "* ]]
	done
}
