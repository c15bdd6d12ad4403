#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include "loop/loop_signal.h"
#include "script/context.h"
#include "script_test.h"

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static bool refused;

void *
__wrap_calloc(size_t n, size_t size)
{
	return refused ? NULL : __real_calloc(n, size);
}

/* ---- results and errors ---- */

TEST("a script gives its result")
{
	require(begin());
	check_script("expr {6 * 7}", "42");
	check_script("set a 1; proc p {} {return x}", "");
	check_script("p", "x");
	end();
}

TEST("exit ends a script anywhere, with its status and without an error")
{
	require(begin());
	check_int(run("catch {exit 7}; error never"), 0);
	check_int(status, 7);
	check(left);
	check_int(run("proc p {} {while 1 {exit}}; p"), 0);
	check_int(status, 0);
	check(left);
	check_int(run("set x 1"), 0);
	check(!left);
	end();
}

TEST("an error says where it was, and its code gives the exit status")
{
	static const struct {
		const char *script, *text;
		int status;
	} rows[] = {
		{ "\nerror boom", "test.us:2: boom", 1 },
		{ "nosuch", "test.us:1: invalid command name \"nosuch\"", 2 },
		{ "set", "test.us:1: wrong # args: should be \"set varName ?newValue?\"", 2 },
		{ "puts \"", "test.us:1: missing \"", 2 },
		{ "expr {1/0}", "test.us:1: divide by zero", 2 },
		{ "throw {USOCK expect} {no answer}", "test.us:1: no answer", 4 },
		{ "throw {USOCK timeout ETIMEDOUT} late", "test.us:1: late", 124 },
		{ "throw {USOCK gai EAI_NONAME -2} who", "test.us:1: who", 3 },
		{ "throw {USOCK tls} bad", "test.us:1: bad", 5 },
		{ "throw {POSIX ECONNREFUSED {Connection refused}} no", "test.us:1: no", 1 },
		{ "throw {MY OWN} x", "test.us:1: x", 1 },
		{ "error a\\x1bb\\nc", "test.us:1: a\\x1bb; c", 1 },
		{ "set s [socket]; $s recv 1",
		    "test.us:1: recv: Transport endpoint is not connected", 1 },
		{ "getaddrinfo 127.0.0.1 65536",
		    "test.us:1: '65536' is not a port number (0-65535)", 2 },
	};

	require(begin());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_int(run(rows[i].script), -1);
		check_str(error.text, rows[i].text);
		if (!check_int(error_exit_status(&error), rows[i].status))
			printf("#   row: %s\n", rows[i].script);
	}
	end();
}

TEST("a network error comes back as the same struct error, with its number")
{
	require(begin());
	check_int(run("set s [socket]; $s connect 127.0.0.1 1"), -1);
	check_int(error.number, ECONNREFUSED);
	check_str(error.text, "test.us:1: connect 127.0.0.1:1: Connection refused");
	end();
}

TEST("an error of a callback is reported at the end, once")
{
	require(begin());
	check_int(
	    run("set srv [server 127.0.0.1:0 {h a p} {error {in the body}}]\n"
		"set c [socket]; catch {$c connect {*}[$srv getsockname]}; after 50; set x fine"),
	    -1);
	check(strstr(error.text, "in the body") != NULL);
	check_int(run("set x fine"), 0);
	end();
}

static void
interrupt_loop(struct timer *t)
{
	loop_interrupt(t->arg, SIGINT);
}

static void
on_signal(struct signal_watch *w)
{
	loop_interrupt(w->arg, w->signo);
}

/* What this process has computed, which other processes do not lengthen. */
static int64_t
computed(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static void
check_interrupted(const char *text)
{
	int64_t before = computed();

	check_int(run(text), -1);
	check_int(error.code, ERROR_SIGNAL);
	check_int(error.number, SIGINT);
	check_int(error_exit_status(&error), 130);
	/* it begins after 20 ms; the rest is slack for a loaded machine */
	check(computed() - before < 500 * MSEC);
	loop_clear_interrupt(loop);
}

TEST("exit in a callback ends the script while it waits or computes")
{
	static const char *const rest[] = { "after 20000", "", "while 1 {catch {after 1}}" };
	char text[400];

	require(begin());
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text),
		    "set srv [server 127.0.0.1:0 {h a p} {after 10; exit 9}]\n"
		    "[socket] connect {*}[$srv getsockname]; %s",
		    rest[i]);
		/* a script that computes must wait once, so that the callback runs */
		if (i == 1)
			snprintf(text, sizeof(text),
			    "set srv [server 127.0.0.1:0 {h a p} {exit 9}]\n"
			    "[socket] connect {*}[$srv getsockname]; after 50; while 1 {}");
		check_int(run(text), 0);
		check(left);
		check_int(status, 9);
	}
	check_script("set x again", "again");
	end();
}

TEST("an interrupt also ends the bodies of servers")
{
	struct timer t = { .fn = interrupt_loop };

	require(begin());
	t.arg = loop;
	require(loop_timer_set(loop, &t, deadline_in(350 * MSEC), &error) == 0);
	check_interrupted(
	    "set n 0; set srv [server 127.0.0.1:0 {h a p} {\n"
	    "incr ::n; catch {$h recv 1}; incr ::n 100; while 1 {catch {after 1}}}]\n"
	    "for {set i 0} {$i < 3} {incr i} {[socket] connect {*}[$srv getsockname]}\n"
	    "after 20000");
	check_script("after 20; set n", "3");
	end();
}

TEST("argv0, argv and argc are what was given")
{
	static char one[] = "one", two[] = "two words", three[] = "";
	char *const args[] = { one, two, three };

	require(begin());
	script_set_args(script, "name.us", 3, args);
	check_script("list $argv0 $argc $argv [lindex $argv 1]",
	    "name.us 3 {one {two words} {}} {two words}");
	end();
}

TEST("a script whose arguments find no memory does not begin")
{
	static char one[] = "one";
	char *const args[] = { one };

	require(begin());
	refused = true;
	script_set_args(script, "name.us", 1, args);
	refused = false;
	check_int(run("set begun 1"), -1);
	check_str(error.text, "test.us:1: out of memory");
	check_script("info exists begun", "0");
	end();
}

/* ---- being stopped ---- */

TEST("an interrupt stops every wait, and a script cannot catch it")
{
	static const char *const waits[] = {
		"after 20000",
		"catch {after 20000}; while 1 {}",
		"[set l [socket]] listen; try {$l accept} finally {while 1 {}}",
		"set s [socket -type dgram]; $s bind 127.0.0.1 0; while 1 {catch {$s recvfrom 1}}",
	};

	require(begin());
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct timer t = { .fn = interrupt_loop, .arg = loop };

		require(loop_timer_set(loop, &t, deadline_in(20 * MSEC), &error) == 0);
		check_interrupted(waits[i]);
	}
	check_script("set x again", "again");
	end();
}

TEST("a signal stops every loop")
{
	static const char *const loops[] = {
		"while 1 {}",
		"for {set i 0} 1 {incr i} {}",
		"proc f {} {f2}; proc f2 {} {}; while 1 {catch {f}}",
		"while 1 {catch {error x}}",
	};
	struct signal_watch w = { .signo = SIGINT, .fn = on_signal };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGINT };
	const struct itimerspec soon = { .it_value.tv_nsec = 20 * MSEC };
	timer_t timer;

	require(begin());
	w.arg = loop;
	require(loop_signal_watch(loop, &w, &error) == 0);
	require(timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) == 0);
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		require(timer_settime(timer, 0, &soon, NULL) == 0);
		check_interrupted(loops[i]);
	}
	timer_delete(timer);
	loop_signal_unwatch(loop, &w);
	end();
}

TEST("a deadline stops waits and loops, and is a time-out")
{
	static const struct {
		const char *script, *begin; /* begin: of the error */
	} rows[] = {
		{ "after 20000", "script: after 20000: Connection timed out after " },
		{ "while 1 {}", "script: Connection timed out" },
		{ "while 1 {catch {after 1}}", "script: " },
		{ "set s [socket -type dgram]; $s bind 127.0.0.1 0; $s recv 1",
		    "script: recv sock1: Connection timed out after " },
		{ "set s [socket -type dgram]; $s bind 127.0.0.1 0; $s expect {220 *}",
		    "script: expect sock2: \"220 *\": Connection timed out after " },
	};

	require(begin());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t before = clock_now(), computed_before = computed();

		require(script_set_deadline(script, deadline_in(30 * MSEC), &error) == 0);
		check_int(run(rows[i].script), -1);
		check_int(error.code, ERROR_TIMEOUT);
		check(strncmp(error.text, rows[i].begin, strlen(rows[i].begin)) == 0);
		printf("# %s\n", error.text);
		check(clock_now() - before >= 30 * MSEC);
		check(computed() - computed_before < 600 * MSEC);
	}
	check_failure("set x 1", ERROR_TIMEOUT, "script: Connection timed out");
	require(script_set_deadline(script, deadline_never(), &error) == 0);
	check_script("after 40; set x 1", "1");
	end();
}

/* ---- hooks ---- */

TEST("puts writes all bytes to its descriptors")
{
	struct script_how how = { 0 };
	int out[2], err[2];
	char text[64];
	ssize_t n;

	require(loop_open(&loop, &error) == 0 && pipe(out) == 0 && pipe(err) == 0);
	how.out_fd = out[1];
	how.err_fd = err[1];
	require(begin_with(&how));
	check_script("puts one; puts -nonewline stdout two; puts stderr \\0three", "");
	n = read(out[0], text, sizeof(text));
	check_mem(text, (size_t)n, "one\ntwo", 7);
	n = read(err[0], text, sizeof(text));
	check_mem(text, (size_t)n, "\0three\n", 7);
	check_failure("puts nosuch x", ERROR_USAGE,
	    "test.us:1: can not find channel named \"nosuch\"");
	close(out[0]);
	check_int(run("puts x"), -1);
	check_int(error.code, ERROR_LOCAL_IO);
	check_int(error.number, EPIPE);
	end();
	close(out[1]);
	close(err[0]);
	close(err[1]);
}

TEST("source reads files, and says why it cannot")
{
	require(begin_as(&(struct script_how){ .out_fd = STDOUT_FILENO,
	    .err_fd = STDERR_FILENO,
	    .allow_files = true }));
	check_failure("source /nonexistent", ERROR_LOCAL_IO,
	    "test.us:1: couldn't read file \"/nonexistent\": No such file or directory");
	check_int(run("source /dev"), -1);
	end();
}

TEST("source without permission reads files below its folder only")
{
	require(begin_as(&(struct script_how){ .out_fd = STDOUT_FILENO,
	    .err_fd = STDERR_FILENO,
	    .folder = "/nonexistent/folder" }));
	check_failure("source /etc/passwd", ERROR_USAGE,
	    "test.us:1: source: /etc/passwd: not allowed without --allow-files, "
	    "as it is outside the script's folder");
	end();
	require(begin());
	check_failure("source /etc/passwd", ERROR_USAGE,
	    "test.us:1: source: /etc/passwd: not allowed without --allow-files");
	end();
}

/* ---- handles ---- */

static unsigned
count_handles(void)
{
	check_int(run("llength [sockets -all]"), 0);
	return (unsigned)atoi(value_bytes(interp_result(script_interp(script)), NULL));
}

TEST("the newest closed sockets stay, so the memory of a server is bounded")
{
	require(begin());
	check_script("set open [socket]; for {set i 0} {$i < 3000} {incr i} {[socket] close}", "");
	check(count_handles() <= HANDLE_CLOSED_MAX + 300);
	check_script("sock3001 getsocketsta", "-1");
	check_script("$open getsocketsta", "0");
	check_failure("sock2 getsocketsta", ERROR_USAGE,
	    "test.us:1: invalid command name \"sock2\"");
	end();
}

TEST("a handle whose command is replaced is closed, also while it waits")
{
	require(begin());
	check_script("set s [socket]; proc $s {} {return mine}; $s", "mine");
	check_int(count_handles(), 0);
	check_script("set l [socket]; $l listen; set who $l\n"
		     "later 10 {proc $who {} {}; set gone 1}\n"
		     "$l settimeout 0.1; list [catch {$l accept}] $gone",
	    "1 1");
	check_int(count_handles(), 0);
	/* a file object keeps its socket */
	check_script("set s [socket]; set f [$s makefile rwb]; proc $s {} {}\n"
		     "list [catch {$f read 1} m] $m [$f close] [catch {$f read 1} m] $m",
	    "1 {recv: Transport endpoint is not connected} {} 1 "
	    "{file1: Bad file descriptor}");
	end();
}

TEST("a wait holds its handle")
{
	struct handle *h;

	require(begin());
	check_script("socket", "sock1");
	h = handle_get_current(script);
	handle_hold(h);
	check_script("proc sock1 {} {}", "");
	check(h->orphan);
	check_str(h->name, "sock1");
	handle_drop(h);
	check(handle_get_current(script) == NULL);
	end();
}

struct heard {
	char text[256];
};

static void
hear(void *arg, const char *handle, char direction, const char *bytes, size_t n)
{
	struct heard *heard = arg;
	size_t used = strlen(heard->text);

	snprintf(heard->text + used, sizeof(heard->text) - used, "%s%c%.*s;", handle, direction,
	    (int)n, bytes);
}

TEST("traffic reports sent and received bytes, once")
{
	struct heard heard = { "" };
	struct script_how how = { .out_fd = 1, .err_fd = 2, .traffic = hear, .arg = &heard };

	require(loop_open(&loop, &error) == 0 && begin_with(&how));
	check_script(
	    "set l [socket]; $l bind 127.0.0.1 0; $l listen\n"
	    "set a [socket]; $a connect {*}[$l getsockname]\n"
	    "set b [lindex [$l accept] 0]\n"
	    "$a send one; $a sendall two; $a write three; $b recv 1 MSG_PEEK\n"
	    "$b read 6; $b readinto x 5; $b sendall l\\n; $a readline; $b close; $a readall",
	    "");
	check_str(heard.text,
	    "sock2>one;sock2>two;sock2>three;sock3<onetwo;sock3<three;sock3>l\n;sock2<l\n;");
	end();
}

static int
m_double(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;

	(void)argc;
	(void)argv;
	return interp_return_text(in, h->name, strlen(h->name));
}

TEST("methods can be added, and are in the list")
{
	static const struct interp_command row = { "aaa", m_double, 0, 0, "" };

	require(begin());
	script_add_methods(script, &row, 1);
	check_script("[socket] aaa", "sock1");
	check_int(run("sock1 nosuch"), -1);
	check(strstr(error.text, "must be aaa, abort, accept, bind, close, connect, ") != NULL);
	check_failure("sock1 aaa 1", ERROR_USAGE,
	    "test.us:1: wrong # args: should be \"sock1 aaa\"");
	end();
}
