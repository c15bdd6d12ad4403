#include "cli/status/status_control.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/core/command_context.h"
#include "control/control_channel.h"
#include "control/control_request.h"
#include "sock/sock.h"

#define PATIENCE (10 * NSEC_PER_SEC)

enum { SCREEN_MAX = 128 << 20 };

struct viewer {
	const struct status_control_how *how;
	struct command_context *rt;
	struct control_channel channel;
	struct output_queue *queue; /* of standard output */
	struct buf out;
	bool first_line; /* of the counts */
	bool answered, failed;
	int64_t started;
	struct error *e;
};

/* ---- what is printed ---- */

static void
append(struct viewer *v, const char *text, size_t n)
{
	if (!v->failed && buf_append(&v->out, text, n, v->e) < 0)
		v->failed = true;
}

/* The text comes from another program, so it is escaped, except JSON, which is for programs. */
static void
append_answer(struct viewer *v, const char *line)
{
	if (v->how->json)
		append(v, line, strlen(line));
	else if (!v->failed && record_escape(&v->out, line, strlen(line), v->e) < 0)
		v->failed = true;
}

/* The counts are one line. */
static void
on_count(struct control_ask *a, char *line)
{
	struct viewer *v = a->arg;

	if (!v->first_line)
		append(v, "  ", 2);
	v->first_line = false;
	append_answer(v, line);
}

static void
on_client_row(struct control_ask *a, char *line)
{
	append_answer(a->arg, line);
	append(a->arg, "\n", 1);
}

static void
on_answered(struct control_ask *a, const char *failure)
{
	struct viewer *v = a->arg;

	v->answered = true;
	if (failure == NULL)
		return;
	v->failed = true;
	error_set(v->e, ERROR_PEER_ENDED, "control %s: %s", v->how->path, failure);
}

/* ---- questions ---- */

/* Returns 0 for an answer, or -1. */
static int
ask_server(struct viewer *v, const struct control_request *rq,
    void (*line)(struct control_ask *a, char *line))
{
	struct control_ask a = { .line = line, .done = on_answered, .arg = v };
	int rc;

	v->answered = false;
	control_channel_ask(&v->channel, rq, &a);
	rc = loop_run(v->rt->loop, &v->answered, deadline_in(PATIENCE), v->e);
	/* the question is on this stack */
	if (rc <= 0)
		control_channel_close(&v->channel);
	if (rc == 0)
		return error_set(v->e, ERROR_TIMEOUT, "control %s: timed out: no answer",
		    v->how->path);
	return rc < 0 || v->failed ? -1 : 0;
}

static bool
is_screen(const struct viewer *v)
{
	return v->how->interval > 0 && isatty(STDOUT_FILENO);
}

static int
print_once(struct viewer *v)
{
	const struct control_request stats = { .verb = CONTROL_STATS, .json = v->how->json };
	const struct control_request list = { .verb = CONTROL_LIST,
		.json = v->how->json,
		.no_header = v->how->no_header };

	if (is_screen(v))
		append(v, "\033[H\033[2J", 7);
	else if (v->how->interval > 0 &&
	    buf_printf(&v->out, v->e, "%8.1f  ",
		(double)(clock_now() - v->started) / (double)NSEC_PER_SEC) < 0)
		return -1;
	v->first_line = true;
	if (ask_server(v, &stats, on_count) < 0)
		return -1;
	append(v, "\n", 1);
	if ((v->how->interval == 0 || is_screen(v)) && ask_server(v, &list, on_client_row) < 0)
		return -1;
	return v->failed ? -1 : output_queue_flush(v->queue, &v->out, v->e);
}

/* Until the server ends, which is no failure of the viewer. */
static int
print_repeatedly(struct viewer *v)
{
	const bool never = false;
	int rc = print_once(v);

	while (rc == 0 &&
	    (rc = loop_run(v->rt->loop, &never, deadline_in(v->how->interval), v->e)) == 0) {
		/* a reader that has not read the last one gets the next one */
		if (v->queue->empty)
			rc = print_once(v);
	}
	return rc < 0 && v->e->code == ERROR_PEER_ENDED ? 0 : rc;
}

/* ---- the connection ---- */

static int
connect_to(struct viewer *v)
{
	const struct connect_how how = { .bind = { .type = SOCK_STREAM },
		.connect_timeout = DURATION_NONE };
	struct endpoint ep = { .kind = ENDPOINT_UNIX, .path_len = strlen(v->how->path) };

	if (ep.path_len == 0 || ep.path_len >= sizeof ep.path)
		return error_set(v->e, ERROR_USAGE, "'%s' is not a path of 1 to %zu bytes",
		    v->how->path, sizeof ep.path - 1);
	memcpy(ep.path, v->how->path, ep.path_len);
	return sock_open_connected(&v->channel.sock, v->rt->loop, &ep, &how, deadline_in(PATIENCE),
	    &v->rt->report.log, v->e);
}

int
status_control(struct command_context *rt, const struct status_control_how *how, struct error *e)
{
	struct viewer v = { .how = how,
		.rt = rt,
		.channel.loop = rt->loop,
		.started = clock_now(),
		.e = e };
	int rc = -1;

	buf_init(&v.out, SCREEN_MAX);
	if (command_context_results(rt, &v.queue, e) == 0 && connect_to(&v) == 0 &&
	    control_channel_start(&v.channel, e) == 0)
		rc = how->interval > 0 ? print_repeatedly(&v) : print_once(&v);
	control_channel_close(&v.channel);
	buf_fini(&v.out);
	return rc;
}
