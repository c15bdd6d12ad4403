# usock run, -c, FILE and scripts on standard input: what is run, how it ends, what tests report.
#
# shellcheck disable=SC2016 # scripts have $ in them
# shellcheck disable=SC2154 # from lib: fresh, patience, python, status, pid, elapsed

load ../lib/common

# runs TEXT... writes script.us and runs it: $status, out, err.
runs() {
	printf '%s\n' "$@" >script.us
	status=0
	usock run script.us >out 2>err || status=$?
}

# says_last LINE: the last of standard error.
first_error() { # LINE
	[ "$(head -n 1 err)" = "$1" ] || fail "err begins with: $(head -n 3 err)"
}

# --- where a script comes from -----------------------------------------------

@test "a file: run FILE, FILE with a slash, FILE.us, and its arguments" {
	printf 'puts "$argv0 $argc [lindex $argv 1]"\n' >script.us
	cp script.us plain
	[ "$(usock run script.us a 'b c')" = 'script.us 2 b c' ]
	[ "$(usock script.us a 'b c')" = 'script.us 2 b c' ]
	[ "$(usock ./plain a 'b c')" = './plain 2 b c' ]
	[ "$(usock run plain a --tap)" = 'plain 2 --tap' ]
	[ "$(usock run -- plain -v -x)" = 'plain 2 -x' ]
}

@test "#!/usr/bin/env usock" {
	mkdir bin
	ln -s "$USOCK" bin/usock
	printf '%s\n' '#!/usr/bin/env usock' 'puts "hello $argv"' >script
	chmod +x script
	[ "$(PATH=$PWD/bin:$PATH ./script you)" = 'hello you' ]
}

@test "-c: a text, and its arguments" {
	[ "$(usock -c 'puts $argv' a b)" = 'a b' ]
	[ "$(usock run -c 'puts $argv0' a)" = '-c' ]
	run -0 --separate-stderr usock -c ''
	[ -z "$output$stderr" ]
	run -2 usock -c
}

@test "a first word that is neither command nor file suggests the nearest command" {
	run -2 --separate-stderr usock rnu
	[[ $stderr == *'rnu: unknown command, did you mean run?'* ]]
}

@test "a file that cannot be read is 8" {
	run -8 --separate-stderr usock nosuch.us
	[ "$stderr" = 'usock: open nosuch.us: No such file or directory' ]
	run -8 usock run .
}

@test "a script may have any bytes, and no line end at its end" {
	printf 'puts -nonewline "a\0\377"; puts -nonewline [string length "\0\0"]' >script.us
	usock script.us >out
	text_is out 'a\0\3772'
}

# --- standard input ----------------------------------------------------------

@test "standard input: each command when it is complete, also over several lines" {
	printf 'puts one\nproc f {} {\nputs two\n}\nf; puts "th\nree"' | usock >out
	text_is out 'one\ntwo\nth\nree\n'
	: | usock >out
	is_empty out
}

@test "a program drives usock over a pipe through 1000 commands" {
	cat >drive.py <<-'END'
		import subprocess, sys
		usock = subprocess.Popen([sys.argv[1]], stdin=-1, stdout=-1)
		def ask(text):
		    usock.stdin.write(text)
		    usock.stdin.flush()
		    return usock.stdout.readline()
		for i in range(1000):
		    assert ask(b"puts [expr {%d * 2}]\n" % i) == b"%d\n" % (2 * i)
		# whole commands run, though one that is not yet whole comes with them
		assert ask(b"set a 1; puts {first}\nputs {second\n") == b"first\n"
		assert ask(b"}; puts $a\n") == b"second\n"
		assert usock.stdout.readline() == b"\n"
		assert usock.stdout.readline() == b"1\n"
		assert ask(b"puts \\\n more\n") == b"more\n"
		usock.stdin.write(b"exit 9\n")
		usock.stdin.flush()
		assert usock.wait() == 9
	END
	timeout "$patience" "$python" -IS drive.py "$USOCK"
}

@test "the first error on standard input ends it, with its line" {
	run -1 --separate-stderr usock < <(printf 'puts 1\n\nputs 2; error bad\nputs 3\n')
	[ "$output" = $'1\n2' ]
	[ "$stderr" = 'usock: stdin:3: bad' ]
	run -2 --separate-stderr usock < <(printf 'puts 1\nputs {a\n\n')
	[ "$output" = 1 ]
	[[ $stderr == 'usock: stdin:2: missing close-brace'* ]]
}

@test "lines of standard input are counted through all that comes, at once or not" {
	mkfifo lines
	from=lines start script "$USOCK"
	exec 7>lines
	printf 'puts a\nputs [list b \\\n c]\nputs d\n' >&7
	eventually has_line script.out '^d$'
	printf '\nerror e\n' >&7
	exec 7>&-
	finish "$pid"
	text_is script.err 'usock: stdin:6: e\n'
}

@test "exit on standard input ends it, whatever is behind" {
	local end
	for end in '' $'\n' ' {'; do
		printf 'puts a\nexit 3\nputs b%s' "$end" >input
		run -3 usock <input
		[ "$output" = a ]
	done
}

@test "a command of a megabyte on standard input, and many lines" {
	{
		printf 'set x {'
		yes line | head -n 200000
		printf '}\nputs [string length $x]\n'
	} | usock >out
	text_is out '1000000\n'
	seq -f "puts %.0f" 2000 | usock | cmp - <(seq 2000)
}

# --- how it ends -------------------------------------------------------------

@test "the exit status tells what went wrong, and the message where" {
	runs 'exit 7' && status_is 7
	runs 'puts hi' 'connect 127.0.0.1 1' && status_is 1
	first_error 'usock: script.us:2: connect 127.0.0.1:1: Connection refused'
	runs 'nosuch' && status_is 2
	first_error 'usock: script.us:1: invalid command name "nosuch"'
	runs 'set a {' && status_is 2
	runs 'connect --numeric' && status_is 2
	runs 'resolve --numeric nosuch.invalid' && status_is 3
	runs 'assert {1 == 2}' && status_is 4
	first_error 'usock: script.us:1: assert: 1 == 2 is false'
	runs 'set s [listen --accept-timeout 20ms 127.0.0.1 0]' '$s accept' && status_is 124
	runs 'error "of mine"' && status_is 1
	run -127 --separate-stderr usock run --allow-exec -c 'exec ./nosuch x'
	[ "$stderr" = "usock: -c:1: couldn't execute \"./nosuch\": no such file or directory" ]
	run -127 usock run --allow-exec -c 'exec nosuch-program'
	run -126 usock run --allow-exec -c 'exec ./script.us'
}

@test "-v shows the calls that led to an error" {
	printf 'proc inner {} {error deep}\nproc outer {} {inner}\nouter\n' >script.us
	run -1 --separate-stderr usock run -v script.us
	[[ $stderr == *'usock: script.us:1: deep'*'procedure "inner"'*'procedure "outer"'* ]]
}

@test "signals end a script at once, in a loop, a wait, and at its input" {
	local signal text
	mkfifo input
	exec 7<>input
	for signal in INT TERM; do
		for text in 'while 1 {}' 'after 100000' 'while 1 {catch {after 100000}}' \
			'[listen 127.0.0.1 0] accept'; do
			start loop "$USOCK" -c "puts ready; $text"
			eventually test -s loop.out
			kill -s "$signal" "$pid"
			timed finish "$pid"
			status_is $((128 + $(kill -l "$signal")))
			within 200
			rm loop.out
		done
		from=input start loop "$USOCK"
		echo 'puts ready' >&7
		eventually test -s loop.out
		kill -s "$signal" "$pid"
		finish "$pid"
		status_is $((128 + $(kill -l "$signal")))
		rm loop.out
	done
}

@test "--timeout ends whatever it does with 124" {
	on_time 300 usock run --timeout 300ms -c 'while 1 {}'
	on_time 300 usock run --timeout 300ms -c 'catch {after 100000}; while 1 {catch {after 1000}}'
	mkfifo input
	exec 7<>input
	on_time 300 usock run --timeout 300ms <input
}

@test "a closed standard output ends as SIGPIPE does" {
	run -0 bash -c '"$USOCK" -c "while 1 {puts y}" | head -n 1; [ ${PIPESTATUS[0]} = 141 ]'
}

# --- commands of the command line --------------------------------------------

@test "connect, listen and resolve take their options in a script" {
	runs 'set l [listen -4 --backlog 5 localhost 0]' 'lassign [$l getsockname] host port' \
		'set c [connect -w 2 --sockopt TCP_NODELAY=1 127.0.0.1:$port]' \
		'lassign [$l accept] s' '$c sendall hello' 'puts [$s read 5]' \
		'puts [$c getsockopt IPPROTO_TCP TCP_NODELAY]' \
		'puts [lindex [resolve --type stream 127.0.0.1 80] 0]' 'puts [sockets]'
	status_is 0
	text_is out 'hello\n1\n2 1 6 127.0.0.1 {127.0.0.1 80}\nsock1 sock2 sock3\n'
	is_empty err
}

@test "options that make no sense in a script are refused by name" {
	local line
	while read -r line; do
		runs "${line%%|*}"
		status_is 2
		first_error "usock: script.us:1: ${line#*|}"
	done <<-'END'
		connect --scan 127.0.0.1 1|connect: --scan: not in a script
		connect -C 127.0.0.1 1|connect: --crlf: not in a script
		connect -v 127.0.0.1 1|connect: --verbose: not in a script
		connect 127.0.0.1 1 -- cat|connect: a program after --: not in a script, which is the program itself
		listen -k 0|listen: --keep-open: not in a script
		listen --echo 0|listen: --echo: not in a script
		listen --help|listen: --help: not in a script; usock help listen
		resolve --probe localhost 1|resolve: --probe: not in a script
		connect --frobnicate x 1|connect: --frobnicate: unknown option
		connect|connect: an address is missing: HOST PORT, or one word
		connect "a\0b" 1|connect: a NUL byte has no place in it
		connect --type "stream\0b" localhost 1|connect: a NUL byte has no place in it
		connect "--tls\0b" localhost 1|connect: a NUL byte has no place in it
	END
}

# --- tests -------------------------------------------------------------------

write_tests() {
	cat >tests.us <<-'END'
		test "passes" {assert {1 < 2}}
		test "fails" {set n 3; assert {$n == 4}}
		test "differs" {assert-eq "a\x01<&>\"" b}
		test "leaves one open" {set l [listen 127.0.0.1 0]}
		test "is closed now" {assert {![llength [sockets]]}}
		test "skips" {skip "no need"; fail}
		test "todo # \\" {todo later; fail "not yet"}
		test "cleans up" {
		    cleanup {puts stderr second}
		    cleanup {puts stderr first}
		    error thrown
		}
		test "returns" {return early}
		puts "not TAP"
	END
}

@test "--tap: TAP 13 with the reason of each failure" {
	write_tests
	status=0
	usock run --tap tests.us >out 2>err || status=$?
	status_is 4
	sed -i 's/duration_ms: .*/duration_ms: N/' out
	diff out - <<-'END'
		TAP version 13
		ok 1 - passes
		not ok 2 - fails
		  ---
		  message: "assert: $n == 4 is false ($n is 3)"
		  severity: fail
		  at: "tests.us:2"
		  duration_ms: N
		  ...
		not ok 3 - differs
		  ---
		  message: "assert-eq: got a\u0001<&>\\\", expected b"
		  severity: fail
		  expected: "b"
		  received: "a\u0001<&>\""
		  at: "tests.us:3"
		  duration_ms: N
		  ...
		ok 4 - leaves one open
		# left open, now closed: sock1
		ok 5 - is closed now
		ok 6 - skips # SKIP no need
		not ok 7 - todo \# \\ # TODO later
		  ---
		  message: "not yet"
		  severity: fail
		  at: "tests.us:7"
		  duration_ms: N
		  ...
		not ok 8 - cleans up
		  ---
		  message: "thrown"
		  severity: fail
		  at: "tests.us:11"
		  duration_ms: N
		  ...
		ok 9 - returns
		1..9
	END
	text_is err 'first\nsecond\nnot TAP\n'
}

@test "--junit: valid XML, whatever is in it" {
	write_tests
	run -4 usock run --junit results.xml tests.us
	"$python" -IS - <<-'END'
		import xml.etree.ElementTree as tree
		[suite] = tree.parse("results.xml").getroot()
		assert suite.attrib["name"] == "tests.us", suite.attrib
		assert [suite.attrib[n] for n in ("tests", "failures", "skipped")] == ["9", "3", "2"]
		failed = [case.attrib["name"] for case in suite if case.find("failure") is not None]
		assert failed == ["fails", "differs", "cleans up"], failed
	END
}

@test "--junit: bytes that XML or UTF-8 do not have are shown as such, and what they have as it is" {
	cat >bytes.us <<-'END'
		foreach bytes {"\xe2\x82\xac" "\xed\x9f\xbf" "\xf4\x8f\xbf\xbf" "\xf0\x90\x80\x80" "\xe0\xa0\x80" "\xc2\x80"
				"\xed\xa0\x80" "\xe0\x9f\xbf" "\xf0\x8f\xbf\xbf" "\xf4\x90\x80\x80" "\xef\xbf\xbf" "\xef\xbf\xbe"
				"\xc1\xbf" "\xf5\x80\x80\x80" "\x80" "\xe2\x82" "\1" "\x7f"} {
			test "<$bytes>" {fail $bytes}
		}
	END
	run -4 usock run --junit results.xml bytes.us
	"$python" -IS - <<-'END'
		import re, xml.etree.ElementTree as tree
		[suite] = tree.parse("results.xml").getroot()
		names = [case.attrib["name"][1:-1] for case in suite.iter("testcase")]
		messages = [case.find("failure").attrib["message"] for case in suite.iter("testcase")]
		assert names == messages
		assert names[:6] == ["\u20ac", "\ud7ff", "\U0010ffff", "\U00010000", "\u0800", "\x80"], names
		assert len(names) == 18 and all(re.fullmatch(r"(\\x[0-9a-f]{2})+", name) for name in names[6:]), names
	END
}

failing_dialogue() {
	cat >talk.us <<-'END'
		test "greets" {
			set l [listen 127.0.0.1 0]
			set c [connect 127.0.0.1 [lindex [$l getsockname] 1]]
			set s [lindex [$l accept] 0]
			cleanup {foreach s [sockets] {$s close}}
			$s sendall "550 no\r\n\0<>&"
			$c expect -timeout 0.2 -re {^220 [^\n]*\n} {}
		}
	END
}

@test "a failed expect has in its report what was wanted and what came" {
	failing_dialogue
	run -4 usock run --tap talk.us
	diff - <(sed -E 's/duration_ms: .*/duration_ms: N/; s/127.0.0.1:[0-9]+/ADDRESS/; s/in 0\.[0-9]+ s/in T/' <<<"$output") <<-'END'
		TAP version 13
		not ok 1 - greets
		  ---
		  message: "expect sock2 ADDRESS: no match for -re \"^220 [^\\n]*\\n\" in T; got \"550 no\\r\\n\\x00<>&\""
		  severity: fail
		  expected: "-re \"^220 [^\\n]*\\n\""
		  received: "550 no\r\n\u0000<>&"
		  at: "talk.us:7"
		  duration_ms: N
		  ...
		1..1
	END
	run -4 usock run --junit results.xml talk.us
	"$python" -IS - <<-'END'
		import xml.etree.ElementTree as tree
		[suite] = tree.parse("results.xml").getroot()
		[failure] = suite.iter("failure")
		assert "no match for" in failure.attrib["message"], failure.attrib
		lines = failure.text.split("\n")
		assert lines[1] == 'expected: -re "^220 [^\\n]*\\n"', lines
		assert lines[2].startswith("received: 550 no\\x0d"), lines
		assert lines[3] == "\\x00<>&", lines
	END
}

@test "of a very long text of a failure the beginning is told, and how much is left out" {
	cat >long.us <<-'END'
		test long {error [string repeat "abcdefgh\n" 200000]}; test next {}
	END
	run -4 --separate-stderr usock run --tap long.us
	[[ $output == *'  message: "abcdefgh\nabcdefgh\n'* ]]
	[[ $output == *$'\n  message_bytes_not_shown: 1767232\n'* ]]
	[[ $output == *$'\n  ...\nok 2 - next\n1..2' ]]
	run -4 --separate-stderr usock run long.us
	[[ $stderr == 'usock: long.us:1: test long: abcdefgh\nabcdefgh\n'* ]]
}

@test "without --tap, failures are told on standard error" {
	write_tests
	runs 'test good {}' 'test bad {fail "no good"}' 'test late {fail}'
	status_is 4
	is_empty out
	text_is err 'usock: script.us:2: test bad: no good\nusock: script.us:3: test late: fail\n'
	run -4 --separate-stderr usock run -v script.us
	[[ $stderr == *'script.us: test good: passed'* ]]
}

@test "a script without test is one test" {
	echo 'puts hi' >good.us
	echo 'connect 127.0.0.1 1' >bad.us
	echo 'skip "not here"; error no' >skip.us
	run -0 --separate-stderr usock run --tap good.us
	[ "$output" = $'TAP version 13\nok 1 - good.us\n1..1' ]
	run -1 --separate-stderr usock run --tap bad.us
	[[ $output == *'not ok 1 - bad.us'*'Connection refused'*'at: "bad.us:1"'*'1..1' ]]
	run -0 --separate-stderr usock run --tap skip.us
	[ "$output" = $'TAP version 13\nok 1 - skip.us # SKIP not here\n1..1' ]
}

@test "a failure that is todo does not make the run fail, and another one does" {
	runs 'test a {todo later; fail}' 'test b {}' && status_is 0
	runs 'test a {todo later; fail}' 'test b {fail}' && status_is 4
	run -0 --separate-stderr usock run --tap -c 'test a {todo later; fail no}'
	[[ $output == *$'\nnot ok 1 - a # TODO later\n'* ]]
}

@test "todo outside of a test is an error: it hides no failure of the script" {
	for script in 'todo later; fail' 'test a {}; todo later; fail'; do
		run -2 --separate-stderr usock -c "$script"
		[[ $stderr == *'todo: only within a test'* ]] || fail "$script: $stderr"
		run -2 --separate-stderr usock run --tap -c "$script"
		[[ $output == *'message: "todo: only within a test"'* ]] || fail "$script: $output"
	done
}

@test "what fails outside of the tests is one more, with its own status" {
	printf 'test a {}\nresolve --numeric nosuch.invalid\ntest b {}\n' >script.us
	run -3 --separate-stderr usock run --tap script.us
	[[ $output == *$'\nok 1 - a\nnot ok 2 - script.us\n'*$'\n1..2' ]]
}

@test "exit within a test fails it, a failing cleanup too, and tests do not nest" {
	runs 'test a {exit 0}' 'test b {}' && status_is 4
	runs 'test a {cleanup {error late}}' && status_is 4
	runs 'test a {cleanup {error late}; fail first}' && status_is 4
	says err 'script.us:1: test a: first$'
	runs 'test a {test b {}}' && status_is 4
	says err 'test: not within another test'
	runs 'test a {break}' && status_is 4
	says err 'invoked "break" outside of a loop'
	runs 'cleanup {puts bye}' 'exit 5' && status_is 5
	text_is out 'bye\n'
}

@test "several files: a process each, as subtests in their order, and one XML" {
	not_counted "/proc/self/exe is its own"
	printf 'after 300\ntest slow {}\n' >slow.us
	printf 'test <quick> {}\n' >quick.us
	printf 'test bad {fail}\nputs hidden\n' >bad.us
	status=0
	usock run --tap=14 --jobs 3 --junit all.xml slow.us quick.us bad.us >out 2>err || status=$?
	status_is 4
	grep -v '^ *\(---\|\.\.\.\|message\|severity\|at\|duration\)' out | diff - <(
		cat <<-'END'
			TAP version 14
			1..3
			# Subtest: slow.us
			    ok 1 - slow
			    1..1
			ok 1 - slow.us
			# Subtest: quick.us
			    ok 1 - <quick>
			    1..1
			ok 2 - quick.us
			# Subtest: bad.us
			    not ok 1 - bad
			    1..1
			not ok 3 - bad.us
		END
	)
	[ "$("$python" -IS -c '
import xml.etree.ElementTree as tree
print([s.attrib["name"] for s in tree.parse("all.xml").getroot()])')" = "['slow.us', 'quick.us', 'bad.us']" ]
	[ "$(find . -name '*.part')" = '' ]
}

@test "--quiet is for each of several files" {
	echo 'test a {socket}' | tee one.us >two.us
	run -0 --separate-stderr usock run --jobs 2 one.us two.us
	[[ $stderr == *'left open'* ]]
	run -0 --separate-stderr usock run --quiet --jobs 2 one.us two.us
	[ -z "$stderr" ]
}

@test "--jobs runs files at the same time" {
	not_counted "/proc/self/exe is its own"
	local i
	for i in {1..4}; do echo 'after 3000' >"$i.us"; done
	timed usock run --jobs 4 1.us 2.us 3.us 4.us
	status_is 0
	((elapsed < 11000)) || fail "$elapsed ms"
}

@test "a signal ends all files of a run" {
	not_counted "/proc/self/exe is its own"
	printf 'puts ready; after 100000\n' >a.us
	start all "$USOCK" run --jobs 2 --tap a.us ./a.us
	eventually grep -q ready all.err
	local children
	children=$(pgrep -P "$pid")
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
	for child in $children; do eventually is_over "$child"; done
}

@test "results are events too" {
	write_tests
	run -4 usock run --events events tests.us
	[ "$(field events test outcome)" = passed ]
	[ "$(grep -c '"event":"test"' events)" = 9 ]
}

# --- what is not allowed -----------------------------------------------------

@test "without --allow-files no command sees a file, and each says what would allow it" {
	echo secret >secret.txt
	for command in 'open secret.txt' 'file exists secret.txt' 'file rename secret.txt x'; do
		run -2 --separate-stderr usock -c "$command"
		[ "$stderr" = "usock: -c:1: ${command%% *}: not allowed without --allow-files" ]
		run -2 usock run --allow-exec -c "$command"
	done
	run -2 --separate-stderr usock -c 'open "|echo a"'
	[ "$(usock run --allow-files -c 'set f [open secret.txt]; puts [read $f]; close $f')" = secret ]
}

@test "- is standard input, and what follows are arguments" {
	[ "$(usock run - one 'two words' <<<'puts $argv')" = 'one {two words}' ]
	[ "$(usock run --tap - <<<'test adds {assert 1}')" = $'TAP version 13\nok 1 - adds\n1..1' ]
}

@test "without --allow-exec there are no programs and no environment" {
	run -2 --separate-stderr usock -c 'exec touch made'
	[ "$stderr" = 'usock: -c:1: exec: not allowed without --allow-exec' ]
	run -2 usock run --allow-files -c 'exec touch made'
	[ ! -e made ]
	[ "$(usock run --allow-files -c 'puts [info exists env]')" = 0 ]
	[ "$(X=7 usock run --allow-exec --allow-env -c 'puts [exec sh -c {echo $X}]$env(X)')" = 77 ]
}

@test "several files of tests get what is allowed" {
	not_counted "/proc/self/exe is its own"
	echo 'test a {assert-eq [exec echo x] x; assert {[file exists one.us]}}' >one.us
	cp one.us two.us
	usock run --tap --jobs 2 --allow-exec --allow-files one.us two.us
	run -4 usock run --tap --jobs 2 --allow-exec one.us two.us
}

@test "gets and read have standard input, where the script does not come from there" {
	[ "$(printf 'a\nb\nc' | usock -c 'puts [gets stdin]-[read stdin]-[eof stdin]')" = $'a-b\nc-1' ]
	[ "$(printf 'a\r\n' | usock -c 'fconfigure stdin -translation binary; puts [string length [read stdin]]')" = 3 ]
	run -2 --separate-stderr usock <<<'gets stdin'
	[[ $stderr == *'can not find channel named "stdin"' ]]
}

@test "a time-out or a signal ends exec, and the programs" {
	run -124 usock run --allow-exec --timeout 300ms -c 'exec sh -c {echo $$ >pid; exec sleep 300}'
	eventually is_over "$(<pid)"
	rm pid
	start exec "$USOCK" run --allow-exec -c 'exec sh -c {echo $$ >pid; exec sleep 300}'
	eventually test -s pid
	kill -s INT "$pid"
	finish "$pid"
	status_is 130
	eventually is_over "$(<pid)"
}

@test "a program that a file leaves behind writes into no results, and holds up no other file" {
	not_counted "/proc/self/exe is its own"
	mkfifo go
	exec 7<>go
	cat >leaves.us <<-'END'
		test "leaves" {exec sh -c {echo "not ok 9 - mine"; echo x >started; read -r x <go} &}
		while {![file exists started]} {after 10}
		puts "this is the script's"
	END
	echo 'test "other" {}' >other.us
	start all "$USOCK" run --allow-exec --allow-files --jobs 2 --tap leaves.us other.us
	finish "$pid"
	status_is 0
	text_is all.out 'TAP version 13\nok 1 - leaves.us: leaves\nok 2 - other.us: other\n1..2\n'
	says all.err '^not ok 9 - mine$'
	rm started
	start all "$USOCK" run --allow-exec --allow-files --jobs 2 leaves.us other.us
	finish "$pid"
	status_is 0
	text_is all.out "not ok 9 - mine\nthis is the script's\n"
	says all.err '^usock: leaves\.us: a program that it has started goes on: its output is not read any more$'
	rm started
	usock run --allow-exec --allow-files --tap leaves.us >out 2>err
	text_is out 'TAP version 13\nok 1 - leaves\n1..1\n'
	printf '\n\n\n' >&7
}

@test "files of results replace what was there, and may be pipes" {
	not_counted "/proc/self/exe is its own"
	echo 'test a {}' >a.us
	echo 'test b {}' >b.us
	local file
	for file in a.us "a.us b.us"; do
		head -c 100000 /dev/zero | tr '\0' x >results.xml
		cp results.xml results.html
		# shellcheck disable=SC2086 # names
		usock run --junit results.xml --report results.html $file
		[ "$(tail -n 1 results.xml)" = "</testsuites>" ]
		[ "$(tail -n 1 results.html)" = "</body></html>" ] || fail "$(tail -c 100 results.html)"
	done
	usock run --junit >(cat >piped) --report >(cat >page) a.us b.us
	eventually cmp <(tail -n 1 piped) <(echo "</testsuites>")
	says piped '<testsuite id="1".*name="b.us"'
	eventually cmp <(tail -n 1 page) <(echo "</body></html>")
	! compgen -G "$TMPDIR/usock-run.*" || fail "that is left"
}

@test "the name of a file is no part of the language of TAP" {
	not_counted "/proc/self/exe is its own"
	echo 'test a {fail}' >'x # TODO y.us'
	echo 'test a {fail}' >$'x\nok 1 - y.us'
	run -4 --separate-stderr usock run --tap ./x*
	[ "${lines[1]}" = 'not ok 1 - ./x ok 1 - y.us: a' ]
	[[ $output == *$'\nnot ok 2 - ./x \\# TODO y.us: a\n'* ]]
	run -4 --separate-stderr usock run --tap=14 ./x*
	[[ $output == *$'\nnot ok 2 - ./x \\# TODO y.us'* ]]
}

@test "--timeout is for each file, and not for what reads the results of all" {
	not_counted "/proc/self/exe is its own"
	echo 'for {set i 0} {$i < 900} {incr i} {test [string repeat x 200] {}}' >many.us
	# after the first two, the reader waits until the third, which takes longer than the limit of one, is under way
	echo 'test last {after 1500; set f [open "done" w]; close $f}' >last.us
	status=0
	usock run --allow-files --timeout $((2 * slowness)) --tap many.us many.us last.us last.us | {
		eventually test -e "done" && sleep 2 && cat >out
	}
	[ "$(tail -n 1 out)" = 1..1802 ] || fail "$(tail -n 1 out)"
}

@test "what exec starts with & goes on" {
	mkfifo go
	[ "$(usock run --allow-exec -c 'exec sh -c {read -r x <go 2>/dev/null; echo $x >done} >/dev/null 2>@1 &; puts started')" = started ]
	echo yes >go
	eventually test -s "done"
	[ "$(<"done")" = yes ]
}

# --- what a script that goes astray is told ------------------------------------

@test "a stray break, continue or return -code at the top is an error with its line" {
	runs 'set x 1' break
	[ $status = 2 ]
	first_error 'usock: script.us:2: invoked "break" outside of a loop'
	runs 'puts a' '' continue 'puts b'
	[ $status = 2 ]
	first_error 'usock: script.us:3: invoked "continue" outside of a loop'
	[ "$(cat out)" = a ]
	runs 'return -code error {it is over}'
	[ $status = 1 ]
	first_error 'usock: script.us:1: it is over'
	runs 'puts a' return 'puts b'
	[ $status = 0 ]
	[ "$(cat out)" = a ]
	# tests behind it are not hidden
	run usock run --tap -c $'test one {break}\ntest two {return -code error x}\ntest three {return}\nbreak'
	[ "$(grep -c '^not ok' <<<"$output")" = 3 ]
	grep -q '^ok 3 - three' <<<"$output"
}

@test "mistakes in an expression have file and line" {
	runs 'set x 1' 'set y [expr {$x +}]'
	first_error 'usock: script.us:2: missing operand at _@_; in expression "$x +_@_"'
	runs 'if {1 ==} {' '}'
	first_error 'usock: script.us:1: missing operand at _@_; in expression "1 ==_@_"'
}

@test "a message is whole behind a NUL, in text, TAP and JSON" {
	runs 'error "a\0b"'
	first_error 'usock: script.us:1: a\x00b'
	usock run --tap -c 'test x {error "a\0b"}' >out || true
	grep -q -F 'message: "a\\x00b"' out
	usock run --events events -c 'error "a\0b"' || true
	grep -q -F 'a\\x00b' events
	runs 'fail "a\0b"'
	first_error 'usock: script.us:1: a\x00b'
	runs 'assert {1 > 2} "a\0b"'
	first_error 'usock: script.us:1: assert: a\x00b'
	runs 'assert-eq "a\0b" "c\0d"'
	first_error 'usock: script.us:1: assert-eq: got a\x00b, expected c\x00d'
	status=0
	usock run -v -c 'proc p {} {error "a\0b"}; p' >out 2>err || status=$?
	grep -q -F 'usock: "error "a\0b""' err
	status=0
	usock run -v -c 'eval "error x\0y"' >out 2>err || status=$?
	grep -q -F '"error x\x00y"' err
}

@test "names of tests and reasons with a NUL are whole, in TAP and JUnit" {
	usock run --tap --junit report.xml -c 'test "a\0b" {skip "c\0d"}; test "e\0f" {fail "g\0h"}' >out || true
	grep -q -F 'a\\x00b # SKIP c\\x00d' out
	grep -q -F 'e\\x00f' out
	grep -q -F 'name="a\x00b"' report.xml
	grep -q -F 'message="g\x00h"' report.xml
}

@test "a name that has another in front of its NUL is not that" {
	runs 'socket -family "inet\0x"'
	first_error 'usock: script.us:1: bad family "inet\x00x": must be inet, inet6, unix, vsock, can, or a number'
	runs '[socket] setsockopt SOL_SOCKET "SO_REUSEADDR\0x" 1'
	first_error 'usock: script.us:1: "SO_REUSEADDR\x00x" is not a socket option'
	runs 'puts "stdout\0x" text'
	first_error 'usock: script.us:1: can not find channel named "stdout\x00x"'
	runs 'source "script.us\0x"'
	first_error 'usock: script.us:1: source: a NUL byte has no place in it'
	echo kept >file
	status=0
	usock run --allow-files -c 'puts [file exists "file\0x"]; file delete "file\0x"; open "file\0x" w' >out 2>err || status=$?
	[ "$(cat out)" = 0 ]
	[ "$(cat file)" = kept ]
	first_error 'usock: -c:1: couldn'"'"'t open "file\x00x": no such file or directory'
}

@test "a character that is no byte is an error that says what to write" {
	runs 'puts "\u20ac"'
	[ $status != 0 ]
	first_error 'usock: script.us:1: a character above \u00ff is no byte: write its UTF-8, as \xe2\x82\xac for \u20ac'
	runs 'lindex {a \u20ac} 1'
	first_error 'usock: script.us:1: a character above \u00ff is no byte: write its UTF-8, as \xe2\x82\xac for \u20ac'
	runs 'format %c 8364'
	first_error 'usock: script.us:1: character 8364 is no byte'
	runs 'puts -nonewline "\u00e4\xe4\U000000e4"'
	[ "$(od -An -tx1 <out)" = " e4 e4 e4" ]
}

@test "a subcommand that is left out is not among those that the message offers" {
	runs 'info coroutine'
	first_error 'usock: script.us:1: info coroutine is not part of the language'
	runs 'file atime x'
	runs 'string bytes x'
	grep -q 'must be bytelength, cat' err
}

@test "what those write who know Tcl or expect gets the name that it has here" {
	hinted() { # SCRIPT WORDS
		runs "$1"
		[ $status != 0 ]
		grep -q -F -- "$2" err || fail "$1: $(cat err)"
	}
	hinted 'set s [socket]; puts $s x' '$s sendall'
	hinted 'set s [socket]; gets $s' '$s readline'
	hinted 'socket localhost 25' 'connect HOST PORT'
	hinted 'socket -server accept 25' 'server PORT {handle addr port}'
	hinted 'fileevent $x readable y' "can't read"
	hinted 'fileevent sock1 readable y' 'server PORT'
	hinted 'spawn telnet' 'connect HOST PORT'
	hinted 'glob *' 'hint: glob is not part of the language: pass the files as arguments'
	hinted 'seek x 0' 'hint: seek is not part of the language: read the file'
	hinted 'namespace eval x {}' 'hint: namespace is not part of the language'
	hinted 'puts $expect_out(buffer)' 'expect(buffer)'
	hinted 'puts $env(HOME)' '--allow-env'
	hinted 'connect -tls localhost 25' '--tls'
	hinted 'sleep 1' 'hint: sleep is not part of the language: after MS waits'
	hinted 'log_file x' 'record start FILE'
	hinted 'set s [socket]; use $s; send -- "hello\r"' 'hint: flags follow the bytes or the size; there are no options, and no --'
	hinted 'shutdown w' 'hint: shutdown is a method of a socket, which connect returns: $s shutdown'
	hinted 'settimeout 3' 'hint: settimeout is a method of a socket'
}

@test "sockets that were open before a test stay open at its end" {
	runs 'set before [socket]; $before bind 127.0.0.1 0; $before listen' \
		'test opens {set inside [socket]}' \
		'test later {assert {[$before getsocketsta] == 1}; assert {[$inside getsocketsta] == -1}}'
	[ $status = 0 ] || fail "$(cat err)"
}

@test "socket takes its options in any order, and settimeout None" {
	runs 'set s [socket -dialect zerynth AF_INET SOCK_DGRAM]; $s bind {127.0.0.1 0}; $s close' \
		'set s [socket AF_INET -dialect zerynth SOCK_DGRAM]; $s settimeout None; $s close' \
		'set s [socket]; $s settimeout None; puts ok'
	[ "$(cat out)" = ok ] || fail "$(cat err)"
}

@test "readinto overwrites the first bytes of a buffer, which keeps its length" {
	runs 'set l [socket]; $l bind 127.0.0.1 0; $l listen; set c [socket]' \
		'$c connect 127.0.0.1 [lindex [$l getsockname] 1]; set p [lindex [$l accept] 0]' \
		'$c sendall abc; set buf 0123456789; puts [$p recv_into buf] ; puts $buf' \
		'$c sendall de; $c close; puts [$p readinto buf]; puts $buf; puts [$p readinto buf]; puts $buf'
	[ "$(tr '\n' ' ' <out)" = '3 abc3456789 2 dec3456789 0 dec3456789 ' ] || fail "$(cat out err)"
}

@test "an error that a script makes itself is no failure of the network" {
	for script in 'error x' 'throw MINE x' 'return -code error x' 'throw {USOCK own} x'; do
		run -1 usock run --events events -c "proc p {} {$script}; p"
		[ "$(field events error error)" = script ]
	done
	run -1 usock run --events events -c 'connect 127.0.0.1 1'
	[ "$(field events error error)" = network ]
	run -1 usock run --events events -c 'throw {POSIX ECONNREFUSED {Connection refused}} x'
	[ "$(field events error error)" = network ]
	run -2 --separate-stderr usock -c 'puts $env(HOME)'
	[[ $stderr == *"hint: the environment is there with --allow-env" ]]
}

@test "a body of a server that fails resets its client, names itself and fails the test that runs" {
	cat >script.us <<-'END'
		test first {
			set srv [server 127.0.0.1:0 {h a p} {
				$h readline
				error "no luck"
			}]
			set s [socket]
			$s connect {*}[$srv getsockname]
			$s sendall "x\n"
			catch {$s recv 10} message o
			assert-eq [lrange [dict get $o -errorcode] 0 1] {POSIX ECONNRESET}
		}
		test second {assert 1}
	END
	usock run --tap script.us >out 2>err || status=$?
	[ "$status" = 4 ]
	says out '^not ok 1 - first$'
	says out '^ok 2 - second$'
	says out 'message: "server sock1: sock3 127\.0\.0\.1:[0-9]*: script\.us:4: no luck"'
	says err '^usock: server sock1: sock3 127\.0\.0\.1:[0-9]*: script\.us:4: no luck$'
}

@test "without a test it is the script that a failed body fails, in the end" {
	runs 'set srv [server 127.0.0.1:0 {h a p} {nosuch}]' 'set s [socket]' \
		'catch {$s connect {*}[$srv getsockname]; $s recv 1}' 'puts still'
	[ "$status" = 2 ]
	says out '^still$'
	says err 'server sock1: sock3 .*: script\.us:1: invalid command name "nosuch"$'
}

@test "server wants the names of three variables, and says so before anybody comes" {
	runs 'foreach names {{} h {h a} {h a p q} {args h a a}} {catch {server 127.0.0.1:0 $names {}} m; puts $m}'
	status_is 0
	[ "$(grep -c 'is not {handle addr port}, the names of three variables$' out)" = 5 ]
	runs 'foreach names {{h a p} {h args} {args} {h a {p 0}}} {[server 127.0.0.1:0 $names {}] close}'
	status_is 0
}

@test "a status of exit is one of a process, and a script that exits with it has failed in every report" {
	runs 'exit -1' && status_is 255
	runs 'exit 259' && status_is 3
	[ ! -s err ] || fail "$(cat err)"
	runs 'test a {}' 'exit 3' && status_is 3
	[ ! -s err ] || fail "$(cat err)"
	run -3 --separate-stderr usock run --tap --junit results.xml --report results.html script.us
	[[ $output == *$'\nok 1 - a\nnot ok 2 - script.us\n'*'message: "exit 3"'*$'\n1..2' ]] || fail "$output"
	grep -q 'tests="2" failures="1"' results.xml
	grep -q '<title>1 of 2 tests failed</title>' results.html
	# what has failed anyway is not told twice
	run -3 --separate-stderr usock run --tap -c 'test a {fail}; exit 3'
	[[ $output == *$'\n1..1' ]] || fail "$output"
	run -0 --separate-stderr usock run --tap -c 'exit 0'
	[[ $output == *$'\nok 1 - '* ]] || fail "$output"
	runs 'cleanup {error late}' 'exit 5' && status_is 5
	says err ': test script.us: late$'
}

@test "a test that is ended from outside says by what" {
	run -3 --separate-stderr usock run --tap -c 'test a {exit 3}'
	[[ $output == *'message: "exit 3"'* ]] || fail "$output"
	run -124 --separate-stderr usock run --tap --timeout 0.1 -c 'test a {after 5000}'
	[[ $output == *'not ok 1 - a'*'message: "script: after 5000: '*'not ok 2'* ]] || fail "$output"
	start one "$USOCK" run --tap -c 'test a {puts on; after 5000}'
	eventually grep -q on one.err
	kill "$pid"
	finish "$pid"
	status_is 143
	says one.out 'message: "after 5000: SIGTERM"'
}

@test "a file that cannot be opened or written is status 8, also where the script has not closed it" {
	local script
	for script in 'open /nonexistent/file w' 'open /nonexistent' 'set f [open /dev/full w]; puts $f x; close $f' \
		'set f [open /dev/full w]; puts $f x; flush $f' 'file delete /proc/self' 'file size nosuch' \
		'set f [open /dev/full w]; puts $f x' 'set f [open /dev/full w]; puts $f x; exit 0' \
		'test a {set f [open /dev/full w]; puts $f x}'; do
		run -8 usock run --allow-files -c "$script"
		[[ $output == usock:*:* && ${#lines[@]} = 1 ]] || fail "$script: $output"
	done
	[[ $output == 'usock: a file that was not closed: error writing "file'*'": no space left on device' ]] || fail "$output"
	# the first failure is the result
	run -4 usock run --allow-files -c 'set f [open /dev/full w]; puts $f x; assert 0'
	[[ $output == *'a file that was not closed'* ]] || fail "$output"
	run -0 usock run --allow-files -c 'set f [open kept w]; puts -nonewline $f x'
	[ "$(cat kept)" = x ]
	# what a script throws, and a program that is not there, is no file
	run -1 usock run -c 'throw {POSIX ECONNREFUSED refused} no'
	run -127 usock run --allow-exec -c 'exec nosuchprogram'
}
