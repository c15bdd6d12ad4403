#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/parse.h"

enum {
	NOTE_MAX = 2048,          /* as a line of base/log */
	LINE_MAX_BYTES = 64 << 10 /* of one line or event, all escaped */
};

/* In one call, so that lines of several processes do not mix. There is nobody
 * to tell when it fails. */
static void
write_all(int fd, const char *data, size_t n)
{
	ssize_t put;

	while (n > 0) {
		put = write(fd, data, n);
		if (put == -1 && errno == EINTR)
			continue;
		if (put <= 0)
			return;
		data += put;
		n -= (size_t)put;
	}
}

/* "usock: KINDTEXT". The text may hold what a peer or a file name brought along:
 * nothing of it may speak to the terminal. */
static void
say(const char *kind, const char *text)
{
	int saved = errno;
	struct buf line;

	buf_init(&line, LINE_MAX_BYTES);
	if (buf_printf(&line, NULL, "usock: %s", kind) == 0 &&
	    rows_escape(&line, text, strlen(text), NULL) == 0 &&
	    buf_append(&line, "\n", 1, NULL) == 0)
		write_all(STDERR_FILENO, buf_head(&line), line.len);
	buf_fini(&line);
	errno = saved;
}

static void
say_log_line(void *arg, enum log_level level, const char *line)
{
	const struct report *r = arg;

	(void)level;
	if (!r->opts->quiet)
		say("", line);
}

static enum log_level
level_of(const struct report_opts *opts)
{
	if (opts->verbose == 0)
		return LOG_NOTE;
	return opts->verbose == 1 ? LOG_LIFE : LOG_TRACE;
}

/* "fd:N", a descriptor that the caller of the program has opened. */
static int
inherited_fd(const char *text, int *ret_fd, struct error *e)
{
	int64_t fd;

	if (parse_int(text, 0, INT_MAX, &fd, e) == -1)
		return error_prefix(e, "--events");
	if (fcntl((int)fd, F_GETFD) == -1)
		return error_set(e, ERROR_USAGE, "--events: descriptor %s is not open", text);
	/* it is ours: no client's program may write there */
	(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	*ret_fd = (int)fd;
	return 0;
}

static int
open_events(struct report *r, const char *where, struct error *e)
{
	if (strncmp(where, "fd:", 3) == 0)
		return inherited_fd(where + 3, &r->events_fd, e);
	/* appending, so that a file that is also written by others stays whole */
	r->events_fd = open(where, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (r->events_fd == -1)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", where);
	r->events_owned = true;
	return 0;
}

int
report_open(struct report *r, const struct report_opts *opts, struct error *e)
{
	*r = (struct report){
		.opts = opts,
		.log = { .level = level_of(opts), .fn = say_log_line, .arg = r },
		.events_fd = opts->json ? STDERR_FILENO : -1,
	};
	return opts->events != NULL ? open_events(r, opts->events, e) : 0;
}

void
report_close(struct report *r)
{
	if (r->events_owned)
		close(r->events_fd);
	r->events_fd = -1;
	r->events_owned = false;
}

int
report_error(const struct error *e)
{
	say("", e->text);
	if (e->hint[0] != '\0')
		say("hint: ", e->hint);
	return error_exit_status(e);
}

void
report_note(const struct report *r, const char *fmt, ...)
{
	char text[NOTE_MAX];
	va_list ap;

	if (r->opts->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say("", text);
}

bool
report_wants_events(const struct report *r)
{
	return r->events_fd != -1;
}

void
report_event(const struct report *r, const struct field *fields)
{
	struct buf line;

	if (!report_wants_events(r))
		return;
	buf_init(&line, LINE_MAX_BYTES);
	if (rows_json(&line, fields, NULL) == 0)
		write_all(r->events_fd, buf_head(&line), line.len);
	buf_fini(&line);
}
