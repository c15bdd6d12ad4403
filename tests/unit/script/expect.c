#include <sys/resource.h>

#include "script_test.h"

/* Makes a connection from c to s; c is the current socket. */
static bool
begin_pair(void)
{
	return begin() &&
	    check_script("proc pair {} {\n"
			 "	set l [socket]\n"
			 "	$l bind 127.0.0.1 0\n"
			 "	$l listen\n"
			 "	set c [socket]\n"
			 "	$c connect {*}[$l getsockname]\n"
			 "	set s [lindex [$l accept] 0]\n"
			 "	$l close\n"
			 "	use $c\n"
			 "	list $c $s\n"
			 "}\n"
			 "lassign [pair] c s; use $c; set timeout 20; set ::x {}",
		"");
}

TEST("expect gives the match or its first group, and expect(...) has all of it")
{
	require(begin_pair());
	check_script("$s sendall {220 ready 17;rest}; expect ready", "ready");
	check_script("list $expect(buffer) $expect(0) [expr {$expect(from) eq $c}]",
	    "{220 ready} ready 1");
	check_script("expect -re {(\\d)(\\d)(x)?}", "1");
	check_script("list $expect(buffer) $expect(0) $expect(1) $expect(2) $expect(3)",
	    "{ 17} 17 1 7 {}");
	check_script("expect -ex \\;", ";");
	check_script("list $expect(0) $expect(1) $expect(2)", "{;} {} {}");
	check_script("expect -len 2", "re");
	check_script("$c recv 10", "st");
	end();
}

TEST("each kind of pattern")
{
	require(begin_pair());
	check_script("$s sendall \"a*b\\0\\xff\\r\\n1\\n2\\n3\\nUP\"", "15");
	check_script("expect -ex *b", "*b");
	check_script("expect -hex {00 FF}; binary encode hex $expect(buffer)", "00ff");
	check_script("expect -count 3", "\r\n1\n2\n");
	check_script("expect -nocase up; set expect(buffer)", "3\nUP");
	check_script(
	    "$s sendall World; expect -nocase HELLO {set x h} WORLD {set x w} World {set x W}",
	    "W");
	check_script("$s sendall {-eof eof}; expect -gl {-?of}; expect -ex eof", "eof");
	end();
}

TEST("the first clause wins, and its body runs")
{
	require(begin_pair());
	check_script("$s sendall {one two}; expect two {set x 2} one {set x 1}", "2");
	check_script("set expect(buffer)", "one two");
	check_script("$s sendall {one two}; expect {\n\tno {set x no}\n\tone {set x 1}\n}", "1");
	check_script("expect {\n-re {t(.)o} {set x $expect(1)} timeout {set x late} }", "w");
	check_script("proc p {} {upvar s s; $s sendall q; expect q {return back}; return end}; p",
	    "back");
	check_script("$s sendall q; while 1 {expect q break}; $s sendall q; expect q {}", "q");
	end();
}

TEST("a single argument is a pattern or a list of clauses, as in expect(1)")
{
	require(begin_pair());
	check_script("$s sendall {220 ready -ex}; expect {220 ready}", "220 ready");
	check_script("$s sendall {no way}; expect {\nno {set x a} way {set x b} }", "a");
	check_script("expect {way}", "way");
	check_script("$s sendall {timeout exceeded}; expect {timeout exceeded}",
	    "timeout exceeded");
	check_script("$s sendall {reset by peer}; expect {reset by peer}", "reset by peer");
	check_script("$s sendall eof\\ {}\\n; expect eof\\ {}\\n", "eof {}\n");
	check_script("$s sendall a\\r\\n\\n; expect \\r\\n; set x $expect(buffer)", "a\r\n");
	check_script("expect \\n", "\n");
	check_script("$s sendall { b c }; expect { b c }", " b c ");
	check_script("$s sendall a\\r\\n.\\r\\n; expect \\r\\n.\\r\\n; set x $expect(buffer)",
	    "a\r\n.\r\n");
	check_script(
	    "$s sendall a\\r\\n250\\ ok\\r\\n; expect \\r\\n250\\ ok\\r\\n; set x $expect(buffer)",
	    "a\r\n250 ok\r\n");
	check_script("$s sendall a\\nb; expect \\nb", "\nb");
	check_script("$s sendall a\\nb; expect {\n\tb\n}; set x $expect(buffer)", "a\nb");
	check_script("$s sendall q; expect {-re {[a-z]} {set x re}\n timeout {set x late}}", "re");
	check_script("$s sendall {timeout x}; expect -gl timeout", "timeout");
	end();
}

TEST("clauses may also be one word after -timeout and -from")
{
	require(begin_pair());
	check_script(
	    "$s sendall {one two}; expect -timeout 5 {\n\tno {set x no}\n\tone {set x 1}\n}", "1");
	check_script("expect -timeout 0 -from $c {\n-re {t(.)o} {set x $expect(1)}\n eof {} }",
	    "w");
	check_script("expect -timeout 0.01 {timeout {set x late}\n eof {}}", "late");
	check_script("expect -timeout 5 {\n-timeout 0 timeout {set x late}\n}", "late");
	check_script("$s sendall {a b c}; expect -timeout 5 {a b}", "a b");
	check_script("$s sendall \\n; expect -timeout 5 \\n", "\n");
	check_script("$s sendall \\r\\n.\\r\\n; expect -timeout 5 \\r\\n.\\r\\n", "\r\n.\r\n");
	check_script("catch {expect -timeout 5} m; set m", "expect: nothing to wait for");
	check_script("catch {expect -from} m; set m", "expect: nothing behind \"-from\"");
	end();
}

TEST("a time-out is an error that shows what was received")
{
	require(begin_pair());
	check_script(
	    "$s sendall \"a\\x1b\\0\\\"\\r\\n\"; catch {expect -timeout 0.05 -re {^2\\d} {} b} "
	    "m o; list [regsub {127.*?:\\d+} [regsub { in \\d+\\.\\d+ s} $m { in T}] ADDR] "
	    "[lrange [dict get $o -errorcode] 0 3] [scan [lindex [dict get $o -errorcode] 4] a%c]",
	    "{expect sock2 ADDR: no match for -re \"^2\\d\", \"b\" in T; got "
	    "\"a\\x1b\\x00\\\"\\r\\n\"} {USOCK expect timeout "
	    "{-re \"^2\\d\", \"b\"}} 27");
	check_int(run("expect -timeout 0 x"), -1);
	check_int(error_exit_status(&error), 4);
	check_script("$c recv 1", "a");
	check_script("set timeout 0.05; catch {expect x}", "1");
	check_script("proc p {} {set timeout 0; expect x {set r x} timeout {set r late}}; p",
	    "late");
	check_script("proc p {} {expect x {set r x} timeout {set r late}}; p", "late");
	check_script("set timeout -1; later 10 {$s sendall x}; expect x", "x");
	end();
}

TEST("each of several sockets reports its end once, and expect ends when all have")
{
	require(begin_pair());
	check_script(
	    "lassign [pair] a b; lassign [pair] d f; $b sendall x; $b close; $f close; set n {}; "
	    "expect -timeout 5 -from [list $a $d] x {lappend n x; exp_continue} eof "
	    "{lappend n $expect(from); exp_continue}; expr {[lsort -unique $n] eq [lsort $n]}",
	    "1");
	check_script("llength $n", "3");
	check_script("expect -from [list $a $d] eof {set x again}", "again");
	end();
}

TEST("default does not catch a silence that another clause names")
{
	require(begin_pair());
	check_script("expect -timeout 5 default {set x default} silence 0.05 {set x silence}",
	    "silence");
	check_script("expect -timeout 0.05 silence 5 {set x silence} default {set x default}",
	    "default");
	end();
}

TEST("exp_continue restarts the timer, and with -continue_timer it does not")
{
	require(begin_pair());
	check_script(
	    "set n 0; proc more {} {later 60 {catch {$::s sendall x; more}}}; more; "
	    "expect -timeout 0.3 x {if {[incr n] < 12} {exp_continue -continue_timer}; set r all} "
	    "timeout {set r late}",
	    "late");
	check_script("set n 0; expect -timeout 0.3 x {if {[incr n] < 12} exp_continue; set r all} "
		     "timeout {set r late}",
	    "all");
	end();
}

TEST("an end without a clause is an error, and earlier bytes stay")
{
	require(begin_pair());
	check_script("$s sendall last; $s close; catch {expect foo} m o; dict get $o -errorcode",
	    "USOCK expect eof {\"foo\"} last");
	check_script("regsub {.*; } $m {}", "got \"last\"");
	check_script("expect eof", "last");
	check_script("expect eof", "");
	check_script("lassign [pair] c s; $s sendall z; $s abort; catch {expect foo} m o; "
		     "dict get $o -errorcode",
	    "USOCK expect reset {\"foo\"} z");
	check_script("lassign [pair] c s; $s abort; expect eof {set x eof} reset {set x reset}",
	    "reset");
	check_script("lassign [pair] c s; $s abort; expect foo {} default {set x default}",
	    "default");
	check_script("lassign [pair] c s; $s sendall zz; $s close; expect foo {} default {set "
		     "expect(buffer)}",
	    "zz");
	end();
}

TEST("a silence ends an expect without another end")
{
	require(begin_pair());
	check_script("$s sendall {all of it}; expect silence 30ms", "all of it");
	check_script("later 20 {$s sendall a}; later 60 {$s sendall b}; expect silence 300ms",
	    "ab");
	check_script("later 250 {$s sendall a}; later 500 {$s sendall b}; expect silence 400ms",
	    "ab");
	check_script("expect silence 20 {set x long} silence 30ms {set x short}", "short");
	check_script("expect foo {} silence 30ms {set x quiet}", "quiet");
	check_script("expect -timeout 20ms silence 10 {set x quiet} timeout {set x late}", "late");
	end();
}

TEST("exp_continue waits again, with a new time-out or the old one")
{
	require(begin_pair());
	check_script(
	    "$s sendall {1 2 3 end}; set n 0; expect {\n-re {\\d } {incr n; exp_continue}\n"
	    "end {set n}\n}",
	    "3");
	check_script("$s sendall a; expect -timeout 0.05 a {exp_continue -continue_timer} timeout "
		     "{set x late}",
	    "late");
	check_script("catch exp_continue m; set m", "exp_continue: not in the body of an expect");
	check_script("proc again {} {exp_continue}; $s sendall {a b}; "
		     "catch {expect a {again} b {set x ok}} m; set x",
	    "ok");
	end();
}

TEST("expect_before and expect_after are part of each expect")
{
	require(begin_pair());
	check_script("expect_before BYE {set x bye}; expect_after timeout {set x late}; "
		     "$s sendall {hello BYE}; expect hello {set x hello}",
	    "bye");
	check_script("expect -timeout 0 hello {set x hello}", "late");
	check_script("expect_before; expect_after; $s sendall {hello BYE}; expect hello", "hello");
	check_script("catch {expect_before -timeout 3 x} m; set m",
	    "expect_before: -timeout is for expect itself");
	end();
}

TEST("expect waits for ten sockets at once")
{
	require(begin_pair());
	check_script("for {set i 0} {$i < 10} {incr i} {\n"
		     "	lassign [pair] in($i) out($i)\n"
		     "	lappend all $in($i)\n"
		     "}\n"
		     "set seen {}\n"
		     "foreach i {3 9 0 7} {\n"
		     "	later 10 \"\\$out($i) sendall <$i>\"\n"
		     "	expect -from $all -re {<(.)>} {lappend seen $expect(1)}\n"
		     "	if {$expect(from) ne $in($i)} {error \"from $expect(from)\"}\n"
		     "}\n"
		     "set seen",
	    "3 9 0 7");
	check_script("$out(1) sendall b; $out(2) sendall a; expect -from $in(1) a {set x 1} "
		     "-from $in(2) a {set x 2}",
	    "2");
	check_script("$in(1) expect b", "b");
	check_script("catch {expect -from nosuch a} m; set m", "\"nosuch\" is not a socket");
	end();
}

TEST("expect matches bytes that arrive one by one")
{
	require(begin_pair());
	check_script(
	    "server 0 {h a p} {$h drip \"220 \\0\\xff ready\\r\\n\" -rate 2000; $h close}; set x",
	    "");
	check_script("set d [use]; set l [lindex [sockets] end]; set c [socket]; "
		     "$c connect 127.0.0.1 [lindex [$l getsockname] 1]; "
		     "expect -re \"\\0(.) r\"; binary encode hex $expect(buffer)",
	    "3232302000ff2072");
	check_script("expect \"dy\\r\\n\"; expect eof", "");
	end();
}

TEST("a peer that never sends a match does not fill memory")
{
	struct rusage before, after;

	require(begin_pair());
	getrusage(RUSAGE_SELF, &before);
	/* a callback sends while expect waits; the test does not wait for the callback */
	check_script("$s settimeout 0; set big [string repeat x 65536]; "
		     "proc flood {} {catch {$::s send $::big}; later 0 flood}; flood; "
		     "match_max 4M; catch {expect -re {[^\\n]*\\n}} m o; "
		     "lrange [dict get $o -errorcode] 0 2",
	    "USOCK expect full");
	check_script("string match {*match_max of 4194304 bytes is full, no match*} $m", "1");
	getrusage(RUSAGE_SELF, &after);
	check(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
	end();
}

TEST("a catastrophic expression is an error at once")
{
	require(begin_pair());
	check_script(
	    "$s sendall [string repeat a 5000]; catch {expect -re {(a+)+[bc]}} m o; "
	    "list [lrange [dict get $o -errorcode] 0 2] [regexp {match limit exceeded} $m]",
	    "{USOCK expect cost} 1");
	end();
}

TEST("invalid words are errors")
{
	static const struct {
		const char *script, *text;
	} mistakes[] = {
		{ "expect -foo x",
		    "bad flag \"-foo\": must be -ex, -gl, -re, -hex, -len, -count, "
		    "-nocase, -timeout, or -from; a pattern that begins with - has "
		    "-gl before it" },
		{ "expect -re", "expect: nothing behind \"-re\"" },
		{ "expect -re (",
		    "expect: -re: couldn't compile regular expression pattern: missing "
		    "closing parenthesis" },
		{ "expect -hex 0", "expect: -hex: '0' is not hexadecimal bytes (an odd digit)" },
		{ "expect -len x", "expect: -len: 'x' is not a number of bytes" },
		{ "expect -count 0", "expect: -count: '0' is not a number of lines" },
		{ "expect -timeout 3", "expect: nothing to wait for" },
		{ "expect silence x", "'x' is not a duration" },
		{ "expect -from {} x", "expect: -from names no socket" },
	};

	require(begin_pair());
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		check_int(run(mistakes[i].script), -1);
		check_int(error_exit_status(&error), 2);
		if (strncmp(error.text, "test.us:1: ", 11) != 0 ||
		    strncmp(error.text + 11, mistakes[i].text, 12) != 0)
			check_str(error.text, mistakes[i].text);
	}
	check_script("$c close; catch {expect x} m o; dict get $o -errorcode",
	    "POSIX EBADF {Bad file descriptor}");
	end();
}

TEST("two waits for one socket do not share its bytes")
{
	require(begin_pair());
	check_script("later 10 {catch {$c expect x} m; set ::x $m; $s sendall y}; expect y; "
		     "string match {*another expect waits*} $::x",
	    "1");
	check_script("later 10 {$c close}; catch {expect x} m o; dict get $o -errorcode",
	    "POSIX EBADF {Bad file descriptor}");
	end();
}

TEST("a body may change the clauses between two rounds")
{
	require(begin_pair());
	check_script("set r {}; foreach w {b a c} {$s sendall abc; lappend r [expect $w]; "
		     "expect -timeout 0 -gl * {}}; set r",
	    "b a c");
	check_script("set r {}; for {set i 0} {$i < 200} {incr i} {$s sendall <$i>; "
		     "lappend r [expect -re \"<($i)>\"]}; llength $r",
	    "200");
	end();
}
