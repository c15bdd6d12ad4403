#include "cli/output/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/parse.h"
#include "cli/core/inherited.h"
#include "loop/loop.h"

enum {
	NOTE_MAX = 2048,          /* as for a line of base/log */
	LINE_MAX_BYTES = 64 << 10 /* of one line or event where each byte is escaped */
};

/* At the end, how long a consumer may read nothing. After a signal or a time-out the program
 * must end within 100 ms. */
#define PATIENCE (2 * NSEC_PER_SEC)
#define PATIENCE_ENDED (50 * NSEC_PER_MSEC)

/* How often opening a FIFO without a reader is tried again: the kernel does not report when a
 * reader comes. */
#define READER_INTERVAL (20 * NSEC_PER_MSEC)

/* ---- lines ---- */

static void
put_whole_line(const struct report *r, const char *line, size_t n)
{
	if (r != NULL && r->messages != NULL)
		output_queue_enqueue(r->messages, OUTPUT_TEXT, line, n);
	else
		(void)output_queue_write(STDERR_FILENO, "standard error", line, n,
		    deadline_in(PATIENCE), NULL);
}

/* For when there is no memory: a '?' in place of each byte that would have to be escaped, and no more
 * than fits. */
static void
put_plain_line(const struct report *r, const char *before, const char *text)
{
	char line[512];
	size_t n = 0, at = 0;

	while (n < sizeof(line) / 2 && before[n] != '\0') {
		line[n] = before[n];
		n++;
	}
	for (; n < sizeof(line) - 1 && text[at] != '\0'; at++)
		line[n++] = text[at] >= ' ' && text[at] <= '~' ? text[at] : '?';
	line[n++] = '\n';
	put_whole_line(r, line, n);
}

/* Writes a line. The text may contain bytes of a peer or a file name, so control characters are
 * escaped. */
static void
write_line(const struct report *r, const char *before, const char *text)
{
	int saved = errno;
	struct buf line;

	buf_init(&line, LINE_MAX_BYTES);
	if (buf_append(&line, before, strlen(before), NULL) == 0 &&
	    record_escape(&line, text, strlen(text), NULL) == 0 &&
	    buf_append(&line, "\n", 1, NULL) == 0)
		put_whole_line(r, buf_head(&line), line.len);
	else
		put_plain_line(r, before, text);
	buf_fini(&line);
	errno = saved;
}

bool
report_has_voice(const struct report *r)
{
	return r != NULL && r->opts != NULL && r->opts->voice != NULL;
}

bool
report_may_lose_reader(const struct report_opts *opts)
{
	return opts != NULL && opts->voice != NULL && opts->voice->may_lose_reader;
}

static bool
has_color(const struct report *r)
{
	return r != NULL ? r->color : style_wanted(STYLE_AUTO, STDERR_FILENO);
}

/* Writes "usock: KINDTEXT"; the style is that of the words before TEXT. */
static void
write_message(const struct report *r, const char *kind, enum style style, const char *text)
{
	bool color = has_color(r);
	char before[96];

	snprintf(before, sizeof(before), "%s%s: %s%s", style_on(color, style),
	    report_has_voice(r) ? r->opts->voice->name : "usock", kind, style_off(color, style));
	write_line(r, before, text);
}

void
report_line(const struct report *r, const char *text)
{
	write_line(r, "", text);
}

static void
write_log_line(void *arg, enum log_level level, const char *line)
{
	const struct report *r = arg;

	(void)level;
	if (!r->opts->quiet)
		write_message(r, "", STYLE_DIM, line);
}

static enum log_level
level_of(const struct report_opts *opts)
{
	if (opts->voice != NULL)
		return LOG_NOTE;
	if (opts->verbose == 0)
		return LOG_CHOSEN;
	return opts->verbose == 1 ? LOG_VERBOSE : LOG_TRACE;
}

/* ---- where events and dumps go ---- */

/* Parses "fd:N", an inherited descriptor. */
static int
inherited_fd(const char *text, int *ret_fd, struct error *e)
{
	int64_t fd;

	if (parse_int(text, 0, INT_MAX, &fd, e) == -1)
		return error_prefix(e, "--events");
	if (!inherited_has((int)fd))
		return error_set(e, ERROR_USAGE, "--events: descriptor %s is not open", text);
	/* programs of clients must not write to it */
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	*ret_fd = (int)fd;
	return 0;
}

static int
open_for_writing(const char *path, int flags, bool own, struct error *e)
{
	return own ? file_open_private(path, flags, e)
		   : file_open(path, O_WRONLY | O_CREAT | flags, 0666, e);
}

static int
open_written_file(const char *path, int flags, bool own, const struct report_how *how, int *ret_fd,
    struct error *e)
{
	const bool never = false;
	int rc = 0;

	for (;;) {
		*ret_fd = open_for_writing(path, flags, own, e);
		if (*ret_fd != -1)
			return 0;
		if (e->number != ENXIO || !file_is_fifo(path))
			return -1;
		if (rc == 0 && deadline_passed(how->until))
			return error_set(e, ERROR_TIMEOUT, "open %s: timed out: nobody reads it",
			    path);
		rc = loop_run(how->loop, &never,
		    deadline_min(how->until, deadline_in(READER_INTERVAL)), e);
		if (rc == -1)
			return -1;
	}
}

int
report_open_file(const char *path, int flags, const struct report_how *how, int *ret_fd,
    struct error *e)
{
	return open_written_file(path, flags, false, how, ret_fd, e);
}

/* Two processes that write one recording would each take away what the other has written. */
static int
take_file(const char *path, int fd, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	/* a file system without locks has no such check */
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return error_set(e, ERROR_LOCAL_IO, "open %s: another process is writing it", path);
	if (ftruncate(fd, 0) == -1)
		return error_errno(e, ERROR_LOCAL_IO, errno, "truncate %s", path);
	return 0;
}

int
report_open_private(const char *path, const struct report_how *how, int *ret_fd, struct error *e)
{
	if (open_written_file(path, O_APPEND, true, how, ret_fd, e) == -1)
		return -1;
	if (take_file(path, *ret_fd, e) == 0)
		return 0;
	close(*ret_fd);
	return -1;
}

static int
open_events(struct report *r, const char *where, const struct report_how *how, struct error *e)
{
	bool inherited = strncmp(where, "fd:", 3) == 0;
	int fd, rc;

	/* O_APPEND keeps records whole where others write the same file */
	rc = inherited ? inherited_fd(where + 3, &fd, e)
		       : report_open_file(where, O_TRUNC | O_APPEND, how, &fd, e);
	if (rc == -1)
		return -1;
	return output_queue_open(&r->queues, how->loop, fd, !inherited, where, &r->events, e);
}

int
report_open(struct report *r, const struct report_opts *opts, const struct report_how *how,
    struct error *e)
{
	*r = (struct report){
		.opts = opts,
		.loop = how->loop,
		.log = { .level = level_of(opts), .fn = write_log_line, .arg = r },
		/* another program has no colors */
		.color = opts->voice == NULL &&
		    style_wanted((enum style_when)opts->color, STDERR_FILENO),
	};
	if (output_queue_open(&r->queues, how->loop, STDERR_FILENO, false, "standard error",
		&r->messages, e) == -1)
		return -1;
	if (opts->events != NULL)
		return open_events(r, opts->events, how, e);
	r->events = opts->json ? r->messages : NULL;
	r->has_results = opts->json;
	return 0;
}

int
report_dump_open(struct report *r, const char *where, int flags, const struct report_how *how,
    struct output_queue **ret_queue, struct error *e)
{
	int fd;

	*ret_queue = r->messages;
	if (where[0] == '\0') {
		r->has_results = true;
		return 0;
	}
	if (report_open_file(where, flags, how, &fd, e) == -1)
		return -1;
	return output_queue_open(&r->queues, how->loop, fd, true, where, ret_queue, e);
}

bool
report_colors_results(const struct report *r)
{
	return r->opts != NULL && r->opts->voice == NULL &&
	    style_wanted((enum style_when)r->opts->color, STDOUT_FILENO);
}

int
report_results(struct report *r, struct loop *l, struct output_queue **ret_queue, struct error *e)
{
	return output_queue_open(&r->queues, l, STDOUT_FILENO, false, "standard output", ret_queue,
	    e);
}

/* ---- the end ---- */

/* True for an error such as a full file system. It is no failure that a reader has gone, that messages
 * alone cannot be written, or that standard error was closed from the start. */
static bool
has_failed(const struct report *r, const struct output_queue *q)
{
	bool wanted =
	    q == r->messages ? r->has_results && q->failure != EBADF : q->fd > STDERR_FILENO;

	return wanted && q->failure != 0 && q->failure != EPIPE;
}

static int
report_unwritten(const struct report *r, const struct output_queue *q, int status)
{
	struct error e = { .code = ERROR_LOCAL_IO };

	if (q->told)
		return status == 0 ? error_exit_status(&e) : status;
	if (has_failed(r, q)) {
		error_errno(&e, ERROR_LOCAL_IO, q->failure, "write %s", q->name);
		report_error(r, &e);
		return status == 0 ? error_exit_status(&e) : status;
	}
	if (q != r->messages && q->dropped > 0)
		report_note(r, "%s: %llu lines lost: nobody read them", q->name,
		    (unsigned long long)q->dropped);
	return status;
}

int
report_close(struct report *r, int status, bool ended, struct deadline until, int *ret_signal)
{
	int64_t patience = ended ? PATIENCE_ENDED : PATIENCE;
	struct output_queue *q;
	struct error e;

	if (ended || deadline_passed(until))
		until = deadline_in(PATIENCE_ENDED);
	*ret_signal = 0;
	if (output_queue_flush_all(r->queues, patience, until, &e) == -1 && e.code == ERROR_SIGNAL)
		*ret_signal = e.number;
	for (q = r->queues; q != NULL; q = q->next)
		status = report_unwritten(r, q, status);
	output_queue_close_all(&r->queues);
	r->messages = r->events = NULL;
	return status;
}

/* ---- messages and events ---- */

int
report_error(const struct report *r, const struct error *e)
{
	if (report_has_voice(r)) {
		r->opts->voice->error(r, e);
		return error_exit_status(e);
	}
	write_message(r, "", STYLE_BAD, e->text);
	if (e->hint[0] != '\0')
		write_message(r, "hint: ", STYLE_NOTE, e->hint);
	return error_exit_status(e);
}

static void __attribute__((format(printf, 3, 0)))
write_note(const struct report *r, enum style style, const char *fmt, va_list ap)
{
	char text[NOTE_MAX];

	if (r->opts->quiet)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	write_message(r, "", style, text);
}

void
report_note(const struct report *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_note(r, STYLE_DIM, fmt, ap);
	va_end(ap);
}

void
report_verdict(const struct report *r, bool good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_note(r, good ? STYLE_GOOD : STYLE_BAD, fmt, ap);
	va_end(ap);
}

bool
report_wants_events(const struct report *r)
{
	return r->events != NULL;
}

bool
report_wants(const struct report *r)
{
	return report_wants_events(r) || report_has_voice(r) || log_on(&r->log, LOG_VERBOSE);
}

void
report_object(const struct report *r, enum event event, const struct field *values)
{
	struct buf line;

	if (!report_wants_events(r))
		return;
	buf_init(&line, LINE_MAX_BYTES);
	if (event_json(&line, event, values, NULL) == 0)
		output_queue_enqueue(r->events, OUTPUT_JSON, buf_head(&line), line.len);
	buf_fini(&line);
}

void
report_fields(const struct report *r, enum event event, const struct field *values, size_t n)
{
	struct field all[EVENT_FIELDS_MAX];

	for (size_t i = 0; i < EVENT_FIELDS_MAX; i++)
		all[i] = i < n ? values[i] : (struct field)EVENT_TEXT(NULL);
	if (report_has_voice(r))
		r->opts->voice->event(r, event, all);
	else
		event_lines(&r->log, event, all);
	report_object(r, event, all);
}
