#include "cli/core/command_context.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/codec/hexdump.h"
#include "base/error.h"
#include "cli/core/inherited.h"
#include "cli/netcat/hints.h"
#include "cli/output/table/text_table.h"
#include "stream/fd.h"
#include "stream/terminal.h"

#define SCRATCH_SIZE (1u << 20)

/* Longer than the lines of one read, with their colors. */
#define DUMP_MAX (64u << 20)

/* How often the program checks whether it is in the foreground. */
#define TERMINAL_INTERVAL NSEC_PER_SEC

/* ---- life ---- */

static void
on_signal(struct signal_watch *w)
{
	struct command_context *rt = w->arg;

	if (rt->divert != NULL)
		rt->divert(rt->divert_arg, w->signo);
	else
		loop_interrupt(rt->loop, w->signo);
}

void
command_context_divert_signals(struct command_context *rt, void (*fn)(void *arg, int signo),
    void *arg)
{
	rt->divert = fn;
	rt->divert_arg = arg;
}

static bool
is_ignored(int signo)
{
	struct sigaction sa;

	return sigaction(signo, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

/* SIGUSR1 asks for progress and must not end the process before the handler is installed; the
 * progress line unblocks it. */
static void
block_usr1(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static int
watch_end_signals(struct command_context *rt, struct error *e)
{
	static const int signals[COMMAND_CONTEXT_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };
	int i;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* write(2) reports it as EFBIG */
	signal(SIGCHLD, SIG_DFL);
	block_usr1();
	for (i = 0; i < COMMAND_CONTEXT_SIGNALS; i++) {
		struct signal_watch *w = &rt->signals[i];

		w->signo = signals[i];
		w->fn = on_signal;
		w->arg = rt;
		if (!is_ignored(signals[i]) && loop_signal_watch(rt->loop, w, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- the terminal ---- */

static void
on_continued(struct signal_watch *w)
{
	(void)w;
	terminal_recheck();
}

static void
on_terminal_timer(struct timer *t)
{
	struct command_context *rt = t->arg;

	terminal_recheck();
	loop_timer_set(rt->loop, t, deadline_in(TERMINAL_INTERVAL), NULL);
}

/* A shell that puts us into the foreground sends SIGCONT; others may not. Where this function
 * fails, a change to the foreground goes unnoticed. */
void
command_context_watch_terminal(struct command_context *rt)
{
	if (rt->continued.active || !terminal_is_controlling(STDIN_FILENO))
		return;
	/* reading and writing it from the background then fail with EIO instead of stopping us */
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	rt->continued = (struct signal_watch){ .signo = SIGCONT, .fn = on_continued };
	rt->terminal_timer = (struct timer){ .fn = on_terminal_timer, .arg = rt };
	if (loop_signal_watch(rt->loop, &rt->continued, NULL) == 0)
		loop_timer_set(rt->loop, &rt->terminal_timer, deadline_in(TERMINAL_INTERVAL), NULL);
}

static void
unwatch_terminal(struct command_context *rt)
{
	if (!rt->continued.active)
		return;
	loop_signal_unwatch(rt->loop, &rt->continued);
	loop_timer_stop(rt->loop, &rt->terminal_timer);
}

int
command_context_open(struct command_context *rt, const struct report_opts *opts,
    struct deadline until, struct error *e)
{
	struct report_how how = { .until = until };

	memset(rt, 0, sizeof *rt);
	rt->until = until;
	rt->scratch.size = SCRATCH_SIZE;
	inherited_record();
	if (loop_open(&rt->loop, e) < 0 || watch_end_signals(rt, e) < 0)
		return -1;
	how.loop = rt->loop;
	return report_open(&rt->report, opts, &how, e);
}

/* The parent must see which signal ended us, as for a program that does not catch it. */
static void
end_by_signal(int signo)
{
	signal(signo, SIG_DFL);
	raise(signo);
}

/* The signals are still watched while the queues are written: a further one ends that. */
static int
close_report(struct command_context *rt, int status)
{
	bool ended = rt->killed_by != 0 ||
	    status == error_exit_status(&(struct error){ .code = ERROR_TIMEOUT });
	int signo;

	if (rt->loop == NULL)
		return status;
	loop_clear_interrupt(rt->loop);
	status = report_close(&rt->report, status, ended, rt->until, &signo);
	if (rt->killed_by == 0)
		rt->killed_by = signo;
	return status;
}

void
command_context_lost(struct command_context *rt, const struct error *e)
{
	rt->lost = true;
	command_context_error_event(rt, e);
	report_error(&rt->report, e);
}

int
command_context_close(struct command_context *rt, int status)
{
	const struct error lost = { .code = ERROR_LOCAL_IO };
	int i;

	live_pcap_close(&rt->pcap);
	recording_close(&rt->recording);
	status = close_report(rt, status == 0 && rt->lost ? error_exit_status(&lost) : status);
	recording_fini(&rt->recording);
	for (i = 0; rt->loop != NULL && i < COMMAND_CONTEXT_SIGNALS; i++)
		if (rt->signals[i].active)
			loop_signal_unwatch(rt->loop, &rt->signals[i]);
	unwatch_terminal(rt);
	loop_close(rt->loop);
	scratch_fini(&rt->scratch);
	if (rt->killed_by == SIGPIPE && report_may_lose_reader(rt->report.opts))
		return 0;
	if (rt->killed_by != 0)
		end_by_signal(rt->killed_by);
	return status;
}

void
command_context_error_event(struct command_context *rt, const struct error *e)
{
	const struct field values[] = {
		EVENT_TEXT(error_word(e->code)),
		EVENT_TEXT(e->text),
		EVENT_TEXT(e->hint[0] != '\0' ? e->hint : NULL),
	};

	report_object(&rt->report, EVENT_ERROR, values);
}

int
command_context_fail(struct command_context *rt, const struct error *e)
{
	if (e->code == ERROR_SIGNAL) {
		rt->killed_by = e->number;
		return error_exit_status(e);
	}
	if (e->code == ERROR_LOCAL_IO && e->origin == ORIGIN_ERRNO && e->number == EPIPE) {
		rt->killed_by = SIGPIPE;
		return 128 + SIGPIPE;
	}
	command_context_error_event(rt, e);
	return report_error(&rt->report, e);
}

int
command_context_begin(struct command_context *rt, const char *name, const struct report_opts *opts,
    struct deadline until, struct error *e)
{
	int rc = command_context_open(rt, opts, until, e);

	rt->name = name;
	return rc;
}

int
command_context_end(struct command_context *rt, int status, const struct opt_rest *rest,
    struct error *e)
{
	if (status < 0) {
		hints_complete(rt->name, rest, e);
		status = command_context_fail(rt, e);
	}
	return command_context_close(rt, status);
}

/* ---- input and dump ---- */

bool
command_context_use_stdin(struct command_context *rt, bool sends)
{
	const struct log *log = &rt->report.log;

	if (fd_kind(STDIN_FILENO) == STREAM_NULL && !sends) {
		log_line(log, LOG_VERBOSE, "standard input is /dev/null: only receiving");
		return false;
	}
	command_context_watch_terminal(rt);
	if (!terminal_may_read(STDIN_FILENO))
		log_line(log, LOG_VERBOSE,
		    "standard input is the terminal of another job: it is read when we are in the "
		    "foreground");
	return true;
}

int
command_context_await_foreground(struct command_context *rt, struct error *e)
{
	const bool never = false;

	while (!terminal_may_read(STDIN_FILENO))
		if (loop_run(rt->loop, &never, deadline_in(TERMINAL_INTERVAL / 10), e) < 0)
			return -1;
	return 0;
}

static void
write_dump(void *arg, const char *data, size_t n)
{
	output_queue_enqueue(arg, OUTPUT_TEXT, data, n);
}

static void
write_color_dump(void *arg, const char *data, size_t n)
{
	struct buf lines;

	buf_init(&lines, DUMP_MAX);
	if (style_append_directions(&lines, true, data, n, NULL) == 0)
		write_dump(arg, buf_head(&lines), lines.len);
	else
		write_dump(arg, data, n);
	buf_fini(&lines);
}

/* ---- dumps with times ---- */

enum { STAMP_SIZE = 24, MARK_WIDTH = 2 };

/* The time of day, with microseconds and a blank. Returns its length. */
static size_t
format_stamp(char text[STAMP_SIZE])
{
	struct timespec now;
	struct tm tm = { 0 };
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	n = strftime(text, STAMP_SIZE, "%H:%M:%S", &tm);
	return n + (size_t)snprintf(text + n, STAMP_SIZE - n, ".%06ld ", now.tv_nsec / 1000);
}

/* data is one line. */
static void
write_stamped(struct output_queue *q, bool color, const char *data, size_t n)
{
	char stamp[STAMP_SIZE];
	const size_t len = format_stamp(stamp);
	struct buf line;

	buf_init(&line, DUMP_MAX);
	if (style_append(&line, color, STYLE_DIM, stamp, len, NULL) == 0 &&
	    style_append_directions(&line, color, data, n, NULL) == 0)
		write_dump(q, buf_head(&line), line.len);
	else
		write_dump(q, data, n);
	buf_fini(&line);
}

static void
write_plain_stamped(void *arg, const char *data, size_t n)
{
	write_stamped(arg, false, data, n);
}

static void
write_color_stamped(void *arg, const char *data, size_t n)
{
	write_stamped(arg, true, data, n);
}

/* By whether there are times, and colors. */
static void (*const dump_writers[2][2])(void *arg, const char *data, size_t n) = {
	{ write_dump, write_color_dump },
	{ write_plain_stamped, write_color_stamped },
};

void
command_context_borrow(struct command_context *rt, struct loop *loop, const struct log *log)
{
	*rt = (struct command_context){ .loop = loop,
		.report = { .log = *log },
		.until = deadline_never(),
		.scratch = { .size = SCRATCH_SIZE } };
}

void
command_context_release(struct command_context *rt)
{
	scratch_fini(&rt->scratch);
}

/* Lines of a hexdump fit the terminal; 0: there is none. */
static size_t
bytes_per_line(int fd, bool timestamps)
{
	char stamp[STAMP_SIZE];
	const size_t width = text_table_width_of(fd);
	const size_t before = MARK_WIDTH + (timestamps ? format_stamp(stamp) : 0);

	if (width == 0)
		return 0;
	return hexdump_per_line(width > before ? width - before : 0);
}

static int
open_dump(struct command_context *rt, const char *where, bool append, bool timestamps,
    struct dump *ret_dump, struct error *e)
{
	const struct report_how how = { .loop = rt->loop, .until = rt->until };
	struct output_queue *queue;

	if (where == NULL)
		return 0;
	if (report_dump_open(&rt->report, where, append ? O_APPEND : O_TRUNC, &how, &queue, e) < 0)
		return -1;
	*ret_dump = (struct dump){
		.fn = dump_writers[timestamps][where[0] == '\0' && rt->report.color],
		.arg = queue,
		.per_line = bytes_per_line(queue->fd, timestamps),
	};
	return 0;
}

static int
open_recording(struct command_context *rt, const struct dump_files *files, enum dialogue_role role,
    struct session_how *how, struct error *e)
{
	const struct report_how wait = { .loop = rt->loop, .until = rt->until };
	const struct recording_how recording = { .file = files->record,
		.command = rt->name,
		.secrets = files->secrets };

	if (files->record == NULL)
		return 0;
	if (recording_open(&rt->recording, &rt->report, &recording, &wait, e) < 0)
		return -1;
	how->recorder = &rt->recording.recorder;
	how->recorded_as = role;
	return 0;
}

/* The recorder shows the datagrams, also where nothing is recorded. */
static int
open_capture(struct command_context *rt, const struct dump_files *files, enum dialogue_role role,
    struct session_how *how, struct error *e)
{
	const struct report_how wait = { .loop = rt->loop, .until = rt->until };
	const struct live_pcap_how capture = { .file = files->pcap,
		.command = rt->name,
		.role = role };
	struct recorder *r = &rt->recording.recorder;

	if (live_pcap_open(&rt->pcap, &rt->report, &capture, &wait, e) < 0)
		return -1;
	rt->tap = (struct session_tap){ live_pcap_tap, live_pcap_secured, &rt->pcap };
	how->tap = &rt->tap;
	r->observe = live_pcap_observe;
	r->observer = &rt->pcap;
	if (files->record == NULL)
		recorder_watch(r);
	how->recorder = r;
	how->recorded_as = role;
	return 0;
}

int
command_context_dumps(struct command_context *rt, const struct dump_files *files,
    enum dialogue_role role, struct session_how *how, struct error *e)
{
	if (open_dump(rt, files->hexdump, files->append, files->timestamps, &how->dumps.hex, e) <
		0 ||
	    open_dump(rt, files->transcript, files->append, files->timestamps, &how->dumps.plain,
		e) < 0)
		return -1;
	if (open_recording(rt, files, role, how, e) < 0)
		return -1;
	how->dumps.lines = files->timestamps;
	return files->pcap != NULL ? open_capture(rt, files, role, how, e) : 0;
}

int
command_context_results(struct command_context *rt, struct output_queue **ret_queue,
    struct error *e)
{
	return report_results(&rt->report, rt->loop, ret_queue, e);
}

static int
wait_file_readable(void *arg, int fd, struct error *e)
{
	struct command_context *rt = arg;
	int rc = loop_wait(rt->loop, fd, LOOP_READ, rt->until, e);

	if (rc == 0)
		return error_set(e, ERROR_TIMEOUT, "timed out: nobody writes to it");
	return rc > 0 ? 0 : -1;
}

struct file_wait
command_context_file_wait(struct command_context *rt)
{
	return (struct file_wait){ .readable = wait_file_readable, .arg = rt };
}

/* ---- sessions ---- */

void
command_context_session(struct command_context *rt, struct session *s,
    const struct session_how *how, unsigned long id, void (*done)(struct session *s), void *arg)
{
	s->loop = rt->loop;
	s->log = &rt->report.log;
	s->scratch = &rt->scratch;
	s->how = how;
	s->id = id;
	s->done = done;
	s->arg = arg;
}

int
command_context_finish(struct command_context *rt, struct session *s, const bool *over,
    struct deadline until, struct error *e)
{
	int rc = loop_run(rt->loop, over, until, e);

	if (rc > 0)
		return 0;
	session_end(s, rc < 0 ? END_SIGNAL : END_DEADLINE);
	/* the relay may have noticed the deadline first, and has reported why */
	if (rc == 0 && s->error != NULL)
		return 0;
	return rc < 0 ? -1 : error_set(e, ERROR_TIMEOUT, "wait: timed out (--timeout)");
}
