#include "relay/server/responder.h"

#include <stdlib.h>

#include "base/error.h"
#include "net/mmsg.h"
#include "relay/dial/datagram_flow.h"
#include "relay/dial/forward.h"
#include "relay/dial/shortage.h"
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
	if (r->flow != NULL)
		return datagram_flow_wait(r->flow, on, e);
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
	if (r->flow != NULL) {
		datagram_flow_send(r->flow, data, n);
		return;
	}
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

static void
on_flow_ready(struct datagram_flow *f)
{
	struct responder *r = f->arg;

	r->ready(r);
}

int
responder_forward(struct responder *r, struct forward *f, struct error *e)
{
	struct datagram_flow *flow = calloc(1, sizeof(*flow));

	if (flow == NULL) {
		responder_close(r);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	r->forward = f;
	r->target = forward_take_turn(f);
	r->flow = flow;
	flow->loop = r->loop;
	flow->log = f->log;
	flow->how = r->target->how;
	flow->until = f->until;
	flow->shortage = f->shortage;
	flow->ready = on_flow_ready;
	flow->arg = r;
	datagram_flow_start(flow);
	return 0;
}

static int
read_flow(struct responder *r, struct packet *packets, unsigned n, struct error *e)
{
	int got = datagram_flow_receive(r->flow, packets, n, e);

	if (got == -1 && !r->flow->connected && !shortage_is(r->forward->shortage, e))
		forward_leave_out(r->forward, r->target, e);
	r->answers.ended = r->answers.ended || got == DATAGRAM_FLOW_END;
	return got == DATAGRAM_FLOW_END ? 0 : got;
}

int
responder_read(struct responder *r, struct packet *packets, unsigned n, int64_t now,
    struct error *e)
{
	return r->flow != NULL ? read_flow(r, packets, n, e)
			       : record_reader_read(&r->answers, packets, n, UINT64_MAX, now, e);
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
	if (r->flow != NULL) {
		datagram_flow_stop(r->flow);
		r->dropped += r->flow->dropped;
		free(r->flow);
		r->flow = NULL;
	}
	loop_unwatch(r->loop, &r->watch);
	loop_timer_stop(r->loop, &r->timer);
	record_reader_fini(&r->answers);
	stream_close(r->stream);
	buf_fini(&r->in);
}
