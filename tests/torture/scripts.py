#!/usr/bin/env python3
"""Tortures the script language: every core command with extreme sizes, depths and counts, and every wait.

usage: scripts.py [--short] [--list] [-v] USOCK [WORD...]

Each case is run under --timeout 500ms and again under SIGINT, every fifth under SIGTERM too. It fails where the
program crashes, where it goes on for more than 100 ms when it is to stop, and where its status is another than
124 or the signal: a case that is over by itself before has one of those that a script can have. Late is who has
computed for longer; on a busy machine more time may go by on the wall, but not seconds of it. Who is late gets a
second try: what a kernel takes to give and clear a gigabyte of pages depends on who else wants some.
--short: one case in five. WORD: only the cases that have it in their name.
"""

import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time

TIMEOUT = 0.5
GRACE = 0.1
START = 0.05    # of processor time, to start and to end
WALL = 4.0      # more than that is late, however busy the machine is
OWN_STATUS = {0, 1, 2, 3, 4, 5, 6, 7}

BIG = "set b [string repeat a 50000000];"
LONG = "set l [lrepeat 2000000 abc];"
MANY = "for {set i 0} {$i < 200000} {incr i} {lappend l $i};"
PAIR = ("set s [socket]; $s bind 127.0.0.1 0; $s listen; set c [socket];"
        "$c connect 127.0.0.1 [lindex [$s getsockname] 1]; set p [lindex [$s accept] 0];")
LISTENER = "set s [socket]; $s bind 127.0.0.1 0; $s listen; set port [lindex [$s getsockname] 1];"


def sizes(text, *values):
    return [text.replace("N", str(value)) for value in values]


def sized():
    """one command each, as large as it gets"""
    n = (1000000, 100000000, 1000000000, 2147483647, 99999999999999)
    yield from sizes("format %.Nf 1.5", *n)
    yield from sizes("format %Nd 1", *n[:4])
    yield from sizes("format %-Ns x", *n[1:4])
    yield from sizes("format %0Nd 1", *n[1:4])
    yield from sizes("format %.Nd 1", *n[1:4])
    yield from sizes("format %*s N x", *n[1:4])
    yield from sizes("format %.Ne 1e300", *n[1:4])
    yield from sizes("string repeat x N", *n)
    yield from sizes("string repeat [string repeat xy 1000] N", *n)
    yield from sizes("string length [string repeat x N]", *n[1:4])
    yield from sizes("lrepeat N a", *n)
    yield from sizes("lrepeat N a b c d e f", *n[:4])
    yield from sizes("llength [lrepeat N a]", *n[1:4])
    yield from sizes("binary format aN x", *n[1:4])
    yield from sizes("binary format xN", *n[1:4])
    yield from sizes("binary format @N", *n[1:4])
    yield from sizes("binary format BN 1", *n[1:4])
    yield from sizes("binary format H* [string repeat ab N]", *n[1:3])
    yield from sizes("binary scan [string repeat a N] B* x", *n[1:3])
    yield from sizes("binary scan [string repeat a N] c* x", *n[1:3])
    yield from sizes("binary scan [string repeat a N] H* x", *n[1:3])
    yield from sizes("expr {1 << N}", 63, 64, 10000000, 99999999999999)
    yield from sizes("expr {2 ** N}", 62, 64, 10000000, 99999999999999)
    yield from sizes("expr {-1 >> N}", 64, 99999999999999)
    yield from sizes("after N", 2000, 100000000, 9223372036854775807)
    yield from sizes("time {} N", 100000000, 2147483647)
    yield from sizes("lindex [lrepeat N a] end", *n[1:3])
    yield from sizes("set x [string repeat a N]; append x $x $x $x", *n[1:3])
    yield from sizes("set x {}; lset x 0 [lrepeat N a]", *n[1:3])
    yield from sizes("puts [string repeat x N]", *n[1:3])


def on_big():
    """commands on 50 MB of text, again and again"""
    for command in (
            "split $b {}", "split $b a", "split $b b", "split $b [string repeat bcd 100]", "string map {a bb} $b",
            "string map {aab c aaac d} $b", "string map -nocase {A bb} $b", "string reverse $b", "string toupper $b",
            "string tolower $b", "string totitle $b", "string trim $b a", "string trimleft $b xyza",
            "string trimright $b a", "string first b $b", "string last b $b", "string first aab $b",
            "string last [string repeat a 1000]b $b", "string match *a*a*a*b $b", "string match *b*$b $b",
            "string compare $b ${b}x", "string compare -nocase $b ${b}x", "string equal $b $b", "string is alpha $b",
            "string is list $b", "string is integer $b", "string is double $b", "string range $b 1 end",
            "string replace $b 1 2 x", "string index $b end", "string wordend $b 0", "string wordstart $b end",
            "regexp -all a $b", "regexp -all -inline a $b", "regexp -all -inline -indices {a} $b", "regexp {(a+)+b} $b",
            "regexp {(a|aa)+$} $b", "regexp {a*a*a*a*a*a*b} $b", "regexp {(.*)(.*)(.*)(.*)b} $b", "regsub -all a $b bb",
            "regsub -all {(a)} $b {\\1\\1}", "regsub -all {} $b x", "regexp -nocase {B$} $b",
            "binary encode hex $b", "binary encode base64 $b", "binary encode base64 -maxlen 60 $b",
            "binary decode hex $b", "binary decode base64 $b", "binary scan $b a* x", "binary scan $b w* x",
            "binary format a* $b", "scan $b %s", "scan $b {%[a-z]}", "scan $b %d", "format %s$b $b", "subst $b",
            "subst -nobackslashes $b", "list $b $b", "concat $b $b", "join [list $b $b] $b", "lindex $b 0", "llength $b",
            "expr {$b eq $b}", "expr {$b in [list $b]}", "expr {$b == 1}", "eval $b", "set x $b$b$b$b", "append b $b",
            "lappend l $b", "dict create $b $b", "array set x [list $b $b]", "clock format 0 -format $b", "switch -glob $b *b {}",
            "switch -regexp $b {(a+)+b} {}", "error $b", "set $b 1", "proc $b {} {}", "info exists $b", "info complete $b",
            "lsort [list $b ${b}a $b]", "lsearch -glob [list $b] *b", "puts stderr $b"):
        yield BIG + " while 1 {" + command + "}"
        yield BIG + " " + command


def on_lists():
    """commands on lists of millions, and on dictionaries and arrays"""
    for command in (
            "lsort $l", "lsort -integer [lreverse $l]", "lsort -unique $l", "lsort -dictionary $l", "lsort -nocase $l",
            "lsort -real $l", "lsort -command {string compare} $l", "lsort -index 0 $l", "lsort -indices $l", "lsort -decreasing $l",
            "lreverse $l", "lrange $l 1 end", "linsert $l 0 x", "lreplace $l 0 0", "lreplace $l 5 10 x y", "join $l", "join $l ,",
            "concat $l $l", "lsearch $l nope", "lsearch -all $l abc", "lsearch -regexp $l {(a|b)*d}", "lsearch -sorted $l zz",
            "lsearch -not -all $l x", "lassign $l a b c", "lset l 0 x", "foreach x $l {}", "lmap x $l {set x}",
            "dict create {*}$l", "dict size $l", "dict keys $l", "array set x $l", "array get x", "string length $l",
            "lappend k {*}$l", "list {*}$l", "eval list $l", "expr {\"q\" in $l}", "string map $l $l", "format $l",
            "split $l", "regexp -all {a.c} $l", "dict merge $l $l", "dict for {k v} $l {}", "binary format c* $l",
            "string repeat $l 10", "apply {args {llength $args}} {*}$l", "lindex $l 5", "llength $l", "lsort $l; exit 7"):
        for values in (LONG, MANY):
            yield values + " while 1 {" + command + "}"
    yield "while 1 {set x([incr i]) 1}"
    yield "while 1 {dict set d [incr i] 1}"
    yield "while 1 {lappend l [incr i]}"
    yield "while 1 {append s [incr i]}"
    yield "while 1 {proc p[incr i] {} {}}"
    yield "while 1 {set v[incr i] 1}"
    yield "while 1 {set l [list $l $l]; llength $l}" .replace("set l [", "append z a; set l [", 1)
    yield "set l x; while 1 {set l [list $l]}"
    yield "set d {}; while 1 {set d [dict create a $d]}"
    yield "proc f {} {set l [lrepeat 10000000 x]; f}; f"
    yield "for {set i 0} {$i < 400000} {incr i} {set x($i) $i}; unset x; exit 0"
    yield "for {set i 0} {$i < 3000000} {incr i} {lappend l [list $i]}"
    yield "for {set i 0} {$i < 300000} {incr i} {dict set d $i [list $i]}"


def loops():
    for body in ("while 1 {}", "for {} {1} {} {}", "while 1 {set x 1}", "proc f {} {f}; while 1 {catch f}", "while 1 {catch {error x}}",
                 "while 1 {catch {while 1 {}}}", "while 1 {try {while 1 {}} finally {while 1 {}}}", "try {while 1 {}} finally {while 1 {}}",
                 "try {while 1 {}} on error m {while 1 {}}", "catch {while 1 {}}; while 1 {}", "proc f {} {catch {while 1 {}}; f}; f",
                 "eval {while 1 {}}", "uplevel #0 {while 1 {}}", "apply {{} {while 1 {}}}", "time {while 1 {}}", "subst {[while 1 {}]}",
                 "expr {[while 1 {}]}", "if {[while 1 {}]} {}", "switch [while 1 {}] {}", "foreach x {1} {while 1 {}}", "lmap x 1 {while 1 {}}",
                 "dict for {a b} {1 2} {while 1 {}}", "dict map {a b} {1 2} {while 1 {}}", "lsort -command {apply {{a b} {while 1 {}}}} {1 2}",
                 "dict with d {while 1 {}}", "set d {a 1}; dict update d a b {while 1 {}}", "cleanup {while 1 {}}", "test x {while 1 {}}",
                 "test x {cleanup {while 1 {}}}", "test x {cleanup {after 100000}}", "cleanup {after 100000}; fail x",
                 "test x {fail y; while 1 {}}; test y {while 1 {}}", "while 1 {test x {}}"):
        yield body


def depths():
    """nesting: an error, and no crash"""
    for n in (1000, 50000, 1000000):
        yield "subst [string repeat {$a(} %d]" % n
        yield "expr [string repeat {$a(} %d]" % n
        yield "subst [string repeat {[} %d]" % n
        yield "expr [string repeat ( %d]" % n
        yield "expr [string repeat 1+ %d]1" % n
        yield "expr [string repeat - %d]1" % n
        yield "expr [string repeat 1?1: %d]1" % n
        yield "expr [string repeat 1?(  %d]1" % n
        yield "expr [string repeat 2** %d]1" % n
        yield "expr [string repeat abs( %d]1" % n
        yield "eval [string repeat {eval \\{} %d]" % n
        yield "eval [string repeat {set a [} %d]" % n
        yield "llength [string repeat \\{ %d]" % n
        yield "set x [string repeat \\{ %d][string repeat \\} %d]; while 1 {set x [lindex $x 0]; incr i; if {$i > 3000000} break}" % (n, n)
        yield "regexp [string repeat ( %d]a[string repeat ) %d] a" % (n, n)
        yield "info complete [string repeat \\{ %d]" % n
        yield "set f x; for {set i 0} {$i < %d} {incr i} {set f [list eval $f]}; eval $f" % min(n, 50000)
    yield "proc f {} {f}; f"
    yield "proc f {} {uplevel 1 f}; f"
    yield "proc f {} {eval f}; f"
    yield "proc f {} {catch f; f}; f"
    yield "proc f x {lsort -command f {1 2 3}}; proc f {a b} {lsort -command f {1 2 3}}; f 1 2"
    yield "proc f {} {expr {[f]}}; f"
    yield "proc f {} {subst {[f]}}; f"
    yield "proc f {} {apply {{} f}}; f"


def waits():
    never = "$c connect 10.255.255.1 9"
    for body in (
            LISTENER + "$s accept", LISTENER + "$s accept -timeout none", LISTENER + "catch {$s accept}; while 1 {catch {$s accept}}",
            PAIR + "$p recv 10", PAIR + "$p read 10", PAIR + "$p readall", PAIR + "$p readline", PAIR + "$p readinto x 10",
            PAIR + "use $p; expect -timeout none foo", PAIR + "use $p; catch {expect -timeout none foo}; after 100000",
            PAIR + "use $p; expect -timeout none -re {a+b}", PAIR + "use $p; expect -timeout none eof", PAIR + "use $p; expect -timeout none {silence 100000} {}",
            PAIR + "use $p; expect -timeout none -len 10", PAIR + "use $p; expect -timeout 0.01 {timeout exp_continue}",
            PAIR + "while 1 {$c send [string repeat x 100000]}", PAIR + "$c sendall [string repeat x 100000000]",
            PAIR + "$c write [string repeat x 100000000]", PAIR + "$c drip [string repeat x 1000] -rate 1",
            PAIR + "$c duplicate x 100000000000", PAIR + "$c garbage 100000000000", PAIR + "$c garbage 2147483647 -seed 7",
            PAIR + "$c split [string repeat x 10000000] 1", PAIR + "$c split xyz 1 -gap 10000", PAIR + "$c stall; after 100000",
            PAIR + "$c halfclose; $c readall", PAIR + "$c starttls", PAIR + "$p starttls -server", PAIR + "$c end", PAIR + "$c shutdown w; $c recv 1",
            "set c [socket]; " + never, "catch {set c [socket]; " + never + "}; after 100000", "connect 10.255.255.1 9",
            "connect --retry 1000 127.0.0.1 1", "connect -w 100 10.255.255.1 9", "resolve nowhere.invalid; after 100000",
            "after 100000", "after 100000000000", "catch {after 100000}; after 100000", "while 1 {after 1}", "while 1 {after 0}",
            "server 0 {h a p} {while 1 {}}; after 100000", "set port [lindex [[server 0 {h a p} {while 1 {}}] getsockname] 1]; connect 127.0.0.1 $port; after 100000",
            "set port [lindex [[server 0 {h a p} {after 100000}] getsockname] 1]; connect 127.0.0.1 $port; after 100000",
            "set port [lindex [[server 0 {h a p} {$h readall}] getsockname] 1]; connect 127.0.0.1 $port; readall",
            "set port [lindex [[server 0 {h a p} {expect -timeout none x}] getsockname] 1]; connect 127.0.0.1 $port; expect -timeout none y",
            "set port [lindex [[server 0 {h a p} {string repeat x 1000000000}] getsockname] 1]; connect 127.0.0.1 $port; while 1 {after 1}",
            "set port [lindex [[server 0 {h a p} {while 1 {catch {after 100000}}}] getsockname] 1]; connect 127.0.0.1 $port; after 100000",
            "set port [lindex [[server 0 {h a p} {lsort [lrepeat 10000000 a]}] getsockname] 1]; connect 127.0.0.1 $port; readall; after 100000",
            "set port [lindex [[server 0 {h a p} {proc f {} {f}; f}] getsockname] 1]; connect 127.0.0.1 $port; readall; after 100000",
            "set port [lindex [[server 0 {h a p} {}] getsockname] 1]; while 1 {set s [connect 127.0.0.1 $port]; $s close}",
            "set s [socket -type dgram]; $s bind 127.0.0.1 0; $s recvfrom 10", "set s [socket -type dgram]; $s bind 127.0.0.1 0; while 1 {$s sendto x 127.0.0.1 [lindex [$s getsockname] 1]}",
            "gets stdin", "read stdin", "while 1 {socket}", "while 1 {[socket] close}", "while 1 {getaddrinfo 127.0.0.1 80}",
            "interact", "while 1 {puts x}", "while 1 {puts stderr x}"):
        yield body


def all_cases():
    cases = []
    for group in (sized, on_big, on_lists, loops, depths, waits):
        for number, script in enumerate(group(), 1):
            cases.append(("%s %d: %s" % (group.__name__, number, " ".join(script.split())[:90]), script))
    return cases


def has_room(usock):
    """False for a program with a sanitizer, whose shadow is larger than any limit"""
    quiet = {name: value for name, value in os.environ.items() if name != "ASAN_OPTIONS"}
    return subprocess.run([usock, "--version"], preexec_fn=limit_memory, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env=quiet).returncode == 0


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for signo in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signo, signal.SIG_DFL)


class Result:
    def __init__(self, usock, script, signo, limit):
        """signo: sent when it has run for TIMEOUT; None: --timeout is as long"""
        options = [] if signo else ["--timeout", "%dms" % (TIMEOUT * 1000)]
        stdin, keep = os.pipe()
        with open(os.devnull, "wb") as null, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([usock, "run", *options, "-c", script], stdin=stdin, stdout=null, stderr=err,
                                       preexec_fn=limit, pass_fds=())
            began = time.monotonic()
            watch = os.pidfd_open(process.pid)
            sent = signo is None
            status = None
            while status is None:
                left = (began + TIMEOUT if not sent else began + TIMEOUT + WALL) - time.monotonic()
                ready = select.select([watch], [], [], max(left, 0))[0]
                if ready:
                    _, status, usage = os.wait4(process.pid, 0)
                elif not sent:
                    sent = True
                    process.send_signal(signo)
                else:
                    process.kill()
                    _, status, usage = os.wait4(process.pid, 0)
                    status = None
                    break
            self.wall = time.monotonic() - began
            process.returncode = 0
            os.close(watch)
            err.seek(0)
            self.error = err.read(2000).decode("latin-1")
        os.close(stdin)
        os.close(keep)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.signal = os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else 0
        self.status = os.WEXITSTATUS(status) if status is not None and not self.signal else None
        self.hung = status is None
        self.stopped = self.wall >= TIMEOUT

    def fault(self, signo):
        if self.hung:
            return "deaf"
        if self.signal and self.signal != signo:
            return "crash: signal %d" % self.signal
        if "AddressSanitizer" in self.error or "runtime error" in self.error:
            return "crash: sanitizer"
        late = self.wall - TIMEOUT
        if late > GRACE and (self.cpu > TIMEOUT + GRACE + START or late > WALL / 2):
            return "deaf: %.0f ms late" % (late * 1000)
        # it may have ended by itself at the last moment, or begun late on a busy machine
        if self.status in OWN_STATUS and ((late > GRACE / 2 and self.cpu > TIMEOUT + START) or late > WALL / 4):
            return "wrong status %s" % self.status
        if not self.signal and self.status != 124 and self.status not in OWN_STATUS:
            return "wrong status %s" % self.status
        return None


def main():
    global GRACE
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    short, listing, verbose = ("--short" in sys.argv), ("--list" in sys.argv), ("-v" in sys.argv)
    usock = os.path.abspath(words[0]) if words else "usock"
    cases = all_cases()
    if short:
        cases = cases[::5]
    cases = [case for case in cases if not words[1:] or any(word in case[0] for word in words[1:])]
    if listing:
        print("\n".join(name for name, _ in cases))
        return 0
    limit = limit_memory if has_room(usock) else None
    if limit is None:
        GRACE *= 2  # sanitizers keep books of the pages, too
    runs = failed = 0
    for number, (name, script) in enumerate(cases):
        for signo in (None, signal.SIGINT, signal.SIGTERM):
            if signo == signal.SIGTERM and number % 5 != 0:
                continue
            runs += 1
            result = Result(usock, script, signo, limit)
            fault = result.fault(signo)
            if fault is not None and fault.endswith("late"):
                result = Result(usock, script, signo, limit)
                fault = result.fault(signo)
            if fault is not None or verbose:
                what = "--timeout" if signo is None else signal.Signals(signo).name
                print("%-10s %-24s %4.0f ms wall %4.0f ms cpu  status %s signal %d  %s" % (
                    what, fault or "ok", result.wall * 1000, result.cpu * 1000, result.status, result.signal, name), flush=True)
            failed += fault is not None
    print("%d cases, %d runs, %d failed" % (len(cases), runs, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
