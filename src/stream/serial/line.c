#include "stream/serial/line.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>

#include "base/error.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/connect.h"
#include "net/endpoint.h"
#include "net/sys.h"
#include "stream/serial/serial.h"
#include "stream/stream.h"

/* A device that is away or in use is tried again after this. */
enum { RETRY_SECONDS = 1 };

struct line_listener {
	struct endpoint ep;
	struct serial_link *link; /* NULL: a device */
	struct stream *first;     /* the open device, until it is accepted */
};

static int
fail_line(const char *verb, const struct endpoint *ep, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	return error_prefix(e, "%s %s", verb, endpoint_format(ep, text, sizeof text));
}

static int
pass_error(const struct error *why, struct error *e)
{
	if (e != NULL)
		*e = *why;
	return -1;
}

int
line_connect(struct stream **ret_stream, struct loop *l, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, const struct log *log, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];
	const bool never = false;
	struct error why = { 0 };
	unsigned round;

	endpoint_format(ep, text, sizeof text);
	for (round = 0; serial_stream(ret_stream, ep, &why) == -1; round++) {
		struct deadline next = deadline_in(how->retry_interval);

		fail_line("connect", ep, &why);
		if ((how->retries != UINT_MAX && round >= how->retries) || deadline_passed(until))
			return pass_error(&why, e);
		log_line(log, LOG_VERBOSE, "%s; retry %u", why.text, round + 1);
		if (loop_run(l, &never, deadline_min(until, next), &why) == -1)
			return pass_error(&why, e);
		if (deadline_passed(until))
			return error_errno(e, ERROR_TIMEOUT, ETIMEDOUT, "connect %s", text);
	}
	log_line(log, LOG_VERBOSE, "opened %s", text);
	return 0;
}

/* ---- listening ---- */

/* Makes the timer of a device readable after so many seconds; 0: now. */
static void
try_in(int timer, int seconds)
{
	const struct itimerspec at = { .it_value = { .tv_sec = seconds, .tv_nsec = seconds == 0 } };

	(void)timerfd_settime(timer, 0, &at, NULL);
}

/* Returns the descriptor that is readable when a client may be there, or -1. */
static int
open_line(struct line_listener *line, struct error *e)
{
	int fd;

	if (line->ep.kind == ENDPOINT_PTY)
		return serial_link_open(&line->link, &line->ep, e) == -1
		    ? -1
		    : fcntl(serial_link_fd(line->link), F_DUPFD_CLOEXEC, 0);
	if (serial_stream(&line->first, &line->ep, e) == -1)
		return -1;
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd == -1)
		return error_errno(e, ERROR_INTERNAL, errno, "timerfd_create");
	try_in(fd, 0);
	return fd;
}

int
line_listen(struct line_listener **ret_listener, const struct endpoint *ep, int *ret_fd,
    const struct log *log, struct error *e)
{
	struct line_listener *line = calloc(1, sizeof *line);
	char text[SOCKNAME_TEXT_MAX];

	if (line == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	line->ep = *ep;
	*ret_fd = open_line(line, e);
	if (*ret_fd == -1) {
		line_close(line);
		return fail_line("listen", ep, e);
	}
	log_line(log, LOG_VERBOSE, "listening on %s", endpoint_format(ep, text, sizeof text));
	*ret_listener = line;
	return 0;
}

/* Returns 1 with a stream, or 0 if the device is away. */
static int
open_again(struct line_listener *line, int timer, struct stream **ret_stream)
{
	struct error unseen;
	uint64_t ticks;
	int rc = 1;

	if (sys_read(timer, &ticks, sizeof ticks, NULL) <= 0)
		return 0;
	*ret_stream = line->first;
	line->first = NULL;
	if (*ret_stream == NULL)
		rc = serial_stream(ret_stream, &line->ep, &unseen) == 0;
	try_in(timer, RETRY_SECONDS);
	return rc;
}

int
line_accept(struct line_listener *line, int fd, struct stream **ret_stream, struct error *e)
{
	return line->link != NULL ? serial_link_accept(line->link, ret_stream, e)
				  : open_again(line, fd, ret_stream);
}

const struct endpoint *
line_endpoint(const struct line_listener *line)
{
	return &line->ep;
}

void
line_close(struct line_listener *line)
{
	if (line == NULL)
		return;
	stream_close(line->first);
	serial_link_close(line->link);
	free(line);
}
