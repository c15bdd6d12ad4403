#include "control/control_conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sock/sock.h"
#include "stream/stream.h"

/* How long a client may take nothing of its answer. */
#define PATIENCE (10 * NSEC_PER_SEC)

enum { READ_SIZE = CONTROL_LINE_MAX + 1, IN_MAX = 2 * READ_SIZE, OUT_MAX = 80 << 20 };

/* ---- the end ---- */

void
control_conn_close(struct control_conn *c)
{
	if (c->sock == NULL)
		return;
	loop_unwatch(c->loop, &c->watch);
	loop_timer_stop(c->loop, &c->timer);
	if (c->reply != NULL)
		c->reply->conn = NULL;
	c->reply = NULL;
	buf_fini(&c->in);
	buf_fini(&c->out);
	sock_free(c->sock);
	c->sock = NULL;
}

/* The callback may free c, so it comes from the timer and never from within a call of the target.
 * The heap has room for the timer, or else the connection stays without a watch until the end. */
static void
end_soon(struct control_conn *c)
{
	c->over = true;
	loop_unwatch(c->loop, &c->watch);
	(void)loop_timer_set(c->loop, &c->timer, deadline_in(0), NULL);
}

static void
on_timer(struct timer *t)
{
	struct control_conn *c = t->arg;

	c->over = true;
	c->ended(c);
}

/* ---- answers ---- */

static int
format_answer(const struct control_reply *r, const struct error *failure, struct buf *out)
{
	const struct control_request *rq = &r->request;
	const struct control_answer *a = &r->answer;
	const bool shown = failure == NULL || a->partial;
	int rc = 0;

	if (shown && rq->verb == CONTROL_HELP)
		rc = control_request_help(out, rq->json, NULL);
	if (shown && rq->verb == CONTROL_LIST && !rq->json && !rq->no_header)
		rc = control_answer_titles(out, NULL);
	if (rc == 0 && shown && a->rows.len > 0)
		rc = buf_append(out, buf_head(&a->rows), a->rows.len, NULL);
	if (rc == 0 && shown && a->has_counts)
		rc = control_answer_counts(a, rq->json, out, NULL);
	return rc == 0 ? control_answer_end(failure, rq->json, out, NULL) : -1;
}

static void advance(struct control_conn *c);

void
control_reply_finish(struct control_reply *r, const struct error *failure)
{
	struct control_conn *c = r->conn;
	int rc = c == NULL ? 0 : format_answer(r, failure, &c->out);

	control_answer_fini(&r->answer);
	free(r);
	if (c == NULL)
		return;
	c->reply = NULL;
	/* half an answer would look like a whole one */
	if (rc < 0)
		end_soon(c);
	else if (!c->advancing)
		advance(c);
}

void
control_reply_forget(struct control_reply *r)
{
	if (r->conn != NULL)
		r->conn->reply = NULL;
	control_answer_fini(&r->answer);
	free(r);
}

static void
answer_failure(struct control_conn *c, bool json, const struct error *e)
{
	if (control_answer_end(e, json, &c->out, NULL) < 0)
		end_soon(c);
}

/* ---- lines ---- */

static void
ask_target(struct control_conn *c, const char *line, size_t n)
{
	struct control_reply *r;
	struct control_request rq;
	struct error e;

	c->last_active = clock_now();
	if (control_request_parse(line, n, &rq, &e) < 0) {
		answer_failure(c, rq.json, &e);
		return;
	}
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		end_soon(c);
		return;
	}
	r->request = rq;
	r->conn = c;
	control_answer_init(&r->answer);
	c->reply = r;
	if (rq.verb == CONTROL_HELP)
		control_reply_finish(r, NULL);
	else
		c->target->ask(c->target->arg, r);
}

static bool
is_blank_line(const char *line, size_t n)
{
	while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL && line[n - 1] != '\0')
		n--;
	return n == 0;
}

/* The rest cannot be told from a command, so the connection ends after the answer. */
static void
refuse_long_line(struct control_conn *c)
{
	struct error e = { 0 };

	error_set(&e, ERROR_USAGE, "the line is longer than %d bytes", CONTROL_LINE_MAX);
	answer_failure(c, false, &e);
	buf_consume(&c->in, c->in.len);
	c->read_all = true;
}

/* Asks for the next line in the buffer. Returns false if there is none. */
static bool
ask_next(struct control_conn *c)
{
	char line[CONTROL_LINE_MAX + 1];
	long at = buf_find(&c->in, '\n', 0);
	size_t n = at < 0 ? c->in.len : (size_t)at;

	if (at < 0 && n > CONTROL_LINE_MAX)
		refuse_long_line(c);
	if (at < 0 && (!c->read_all || c->in.len == 0))
		return false;
	memcpy(line, buf_head(&c->in), n);
	buf_consume(&c->in, at < 0 ? n : n + 1);
	if (!is_blank_line(line, n))
		ask_target(c, line, n);
	return true;
}

/* ---- the connection ---- */

/* Returns false if the other end is gone. */
static bool
write_answers(struct control_conn *c)
{
	ssize_t n;

	while (c->out.len > 0) {
		n = stream_write(sock_stream(c->sock), buf_head(&c->out), c->out.len, NULL);
		if (n == STREAM_WANT_WRITE)
			return true;
		if (n <= 0)
			return false;
		buf_consume(&c->out, (size_t)n);
		c->last_active = clock_now();
		loop_timer_stop(c->loop, &c->timer);
	}
	return true;
}

/* Reads no command before the last one is answered, and its answer written. */
static void
update_conn_watch(struct control_conn *c)
{
	bool idle = c->out.len == 0 && c->reply == NULL;
	unsigned events = idle && !c->read_all ? LOOP_READ : c->out.len > 0 ? LOOP_WRITE : 0;
	int rc = 0;

	if (idle && c->read_all) {
		end_soon(c);
		return;
	}
	if (c->out.len > 0 && c->timer.slot == 0)
		rc = loop_timer_set(c->loop, &c->timer, deadline_in(PATIENCE), NULL);
	if (rc < 0 || loop_watch(c->loop, &c->watch, events, NULL) < 0)
		end_soon(c);
}

static void
advance(struct control_conn *c)
{
	bool alive = true, more = true;

	c->advancing = true;
	while (
	    more && !c->over && (alive = write_answers(c)) && c->out.len == 0 && c->reply == NULL)
		more = ask_next(c);
	c->advancing = false;
	if (!alive)
		end_soon(c);
	else if (!c->over)
		update_conn_watch(c);
}

static void
read_commands(struct control_conn *c)
{
	char *room = buf_reserve(&c->in, READ_SIZE, NULL);
	ssize_t n;

	if (room == NULL) {
		end_soon(c);
		return;
	}
	n = stream_read(sock_stream(c->sock), room, READ_SIZE, NULL);
	if (n > 0)
		buf_added(&c->in, (size_t)n);
	else if (n != STREAM_WANT_READ)
		c->read_all = true;
}

static void
on_ready(struct watch *w, unsigned ready)
{
	struct control_conn *c = w->arg;

	(void)ready;
	if (c->out.len == 0 && c->reply == NULL && !c->read_all)
		read_commands(c);
	if (!c->over)
		advance(c);
}

int
control_conn_start(struct control_conn *c, struct error *e)
{
	buf_init(&c->in, IN_MAX);
	buf_init(&c->out, OUT_MAX);
	c->last_active = clock_now();
	c->timer = (struct timer){ .fn = on_timer, .arg = c };
	c->watch = (struct watch){ .fd = sock_fileno(c->sock), .fn = on_ready, .arg = c };
	return loop_watch(c->loop, &c->watch, LOOP_READ, e);
}
