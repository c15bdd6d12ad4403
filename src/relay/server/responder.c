#include "relay/server/responder.h"

#include "base/error.h"
#include "relay/process_set.h"
#include "stream/fd.h"
#include "stream/stream.h"

/* Bytes buffered for a program that does not read. */
#define IN_MAX (256 << 10)

/* ---- waiting ---- */

static int
update_events(struct responder *r, struct error *e)
{
	unsigned events =
	    (r->waiting && r->answers.blocked ? LOOP_READ : 0) | (r->in.len > 0 ? LOOP_WRITE : 0);

	if (events == r->watch.events)
		return 0;
	if (events != 0)
		return loop_watch(r->loop, &r->watch, events, e);
	/* a watch without events would still report a hangup repeatedly */
	loop_unwatch(r->loop, &r->watch);
	return 0;
}

int
responder_wait(struct responder *r, bool on, struct error *e)
{
	r->waiting = on;
	if (!on || r->answers.blocked || r->answers.ended)
		loop_timer_stop(r->loop, &r->timer);
	else if (loop_timer_set(r->loop, &r->timer, pacer_until(&r->answers.pacer), e) < 0)
		return -1;
	return update_events(r, e);
}

static void
on_timer(struct timer *t)
{
	struct responder *r = t->arg;

	r->ready(r);
}

/* ---- the program's input ---- */

static void
flush_input(struct responder *r)
{
	ssize_t put = 0;

	while (r->in.len > 0 && put >= 0) {
		put = stream_write(r->stream, buf_head(&r->in), r->in.len, NULL);
		if (put > 0)
			buf_consume(&r->in, (size_t)put);
	}
	if (put == -1 || update_events(r, NULL) < 0) {
		/* a program may close its input */
		r->input_closed = true;
		buf_consume(&r->in, r->in.len);
		update_events(r, NULL);
		return;
	}
	if (r->in.len == 0 && r->framing.kind == FRAMING_WHOLE) {
		stream_shut(r->stream, NULL);
		r->input_closed = true;
	}
}

void
responder_send(struct responder *r, const char *data, size_t n)
{
	if (r->input_closed || !r->is_program)
		return;
	if (r->in.len > 0 && r->in.len + n > IN_MAX) {
		r->dropped++;
		return;
	}
	if (framing_put(&r->framing, data, n, &r->in, NULL) < 0)
		r->dropped++;
	flush_input(r);
}

static void
on_watch(struct watch *w, unsigned ready)
{
	struct responder *r = w->arg;

	if (r->in.len > 0 && (ready & LOOP_WRITE) != 0)
		flush_input(r);
	if (!r->waiting || (ready & ~(unsigned)LOOP_WRITE) == 0)
		return;
	r->answers.blocked = false;
	r->ready(r);
}

/* ---- open and close ---- */

static void
on_child(struct child_watch *c, int status)
{
	struct responder *r = c->arg;

	r->reaped = true;
	r->status = status;
	r->answers.blocked = false;
	r->ready(r);
}

static int
spawn_responder(struct responder *r, const struct process_how *program, struct error *e)
{
	if (process_stream(&r->stream, program, &r->child.pid, e) < 0)
		return -1;
	r->is_program = r->answers.program = true;
	r->child.fn = on_child;
	r->child.arg = r;
	loop_child_watch(r->loop, &r->child);
	return 0;
}

int
responder_open(struct responder *r, const struct process_how *program, const char *file,
    struct error *e)
{
	int rc = program != NULL ? spawn_responder(r, program, e)
				 : fd_stream_file(&r->stream, file, true, e);

	/* one record may exceed IN_MAX, in hexadecimal */
	buf_init(&r->in, 4 * FRAMING_MAX);
	r->watch.fn = on_watch;
	r->timer.fn = on_timer;
	r->watch.arg = r->timer.arg = r;
	if (rc == 0) {
		r->answers.stream = r->stream;
		r->watch.fd = stream_raw_fd(r->stream, STREAM_IN);
		rc = responder_wait(r, true, e);
	}
	if (rc < 0)
		responder_close(r);
	return rc;
}

bool
responder_is_over(const struct responder *r, int64_t now)
{
	if (!r->is_program)
		return r->answers.ended;
	return r->reaped && (r->answers.ended || pacer_allows(&r->answers.pacer, 1, now) > 0);
}

void
responder_close(struct responder *r)
{
	if (r->is_program && !r->reaped && r->processes != NULL)
		process_set_adopt(r->processes, &r->child);
	else if (r->is_program && !r->reaped)
		loop_child_disown(r->loop, &r->child);
	loop_unwatch(r->loop, &r->watch);
	loop_timer_stop(r->loop, &r->timer);
	record_reader_fini(&r->answers);
	stream_close(r->stream);
	buf_fini(&r->in);
}
