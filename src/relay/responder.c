#include "relay/responder.h"
#include "base/error.h"
#include "relay/process_set.h"
#include "stream/fd.h"
#include "stream/stream.h"

/* Of records that a program has not read yet. */
#define IN_MAX (256 << 10)

/* ---- its input ---- */

/* That a program closes its input is no failure. */
static void
stop_giving(struct responder *r)
{
	r->deaf = true;
	buf_consume(&r->in, r->in.len);
	record_reader_want_write(&r->feed, false, NULL);
}

static void
flush(struct responder *r)
{
	ssize_t put = 0;

	while (r->in.len > 0 && put >= 0) {
		put = stream_write(r->stream, buf_head(&r->in), r->in.len, NULL);
		if (put > 0)
			buf_consume(&r->in, (size_t)put);
	}
	if (put == -1 || record_reader_want_write(&r->feed, r->in.len > 0, NULL) < 0) {
		stop_giving(r);
		return;
	}
	if (r->in.len == 0 && r->feed.framing.kind == FRAMING_WHOLE) {
		stream_shut(r->stream, NULL);
		r->deaf = true;
	}
}

static void
on_writable(struct record_reader *f)
{
	/* its first member */
	flush((struct responder *)(void *)f);
}

void
responder_give(struct responder *r, const char *data, size_t n)
{
	if (r->deaf || !r->is_program)
		return;
	if (r->in.len > 0 && r->in.len + n > IN_MAX) {
		r->dropped++;
		return;
	}
	if (framing_put(&r->feed.framing, data, n, &r->in, NULL) < 0)
		r->dropped++;
	flush(r);
}

/* ---- life ---- */

static void
on_child(struct child_watch *c, int status)
{
	struct responder *r = c->arg;

	r->reaped = true;
	r->status = status;
	r->reaped_fn(r);
}

static int
begin(struct responder *r, struct error *e)
{
	r->feed.stream = r->stream;
	r->feed.writable = on_writable;
	record_reader_start(&r->feed);
	return record_reader_read(&r->feed, true, e);
}

int
responder_program(struct responder *r, const struct child_how *how, struct error *e)
{
	/* a record may be larger than what is kept of many, and hexadecimal */
	buf_init(&r->in, 4 * FRAMING_MAX);
	if (child_stream(&r->stream, how, &r->child.pid, e) < 0)
		return -1;
	r->is_program = r->feed.program = true;
	r->child.fn = on_child;
	r->child.arg = r;
	loop_child_watch(r->feed.loop, &r->child);
	if (begin(r, e) == 0)
		return 0;
	responder_close(r);
	return -1;
}

int
responder_file(struct responder *r, const char *path, struct error *e)
{
	buf_init(&r->in, FRAMING_MAX);
	if (fd_stream_file(&r->stream, path, true, e) < 0)
		return -1;
	if (begin(r, e) == 0)
		return 0;
	responder_close(r);
	return -1;
}

bool
responder_is_over(const struct responder *r)
{
	return r->is_program ? r->reaped && !r->feed.paused : r->feed.ended;
}

void
responder_close(struct responder *r)
{
	struct loop *loop = r->feed.loop;

	if (r->is_program && !r->reaped && r->processes != NULL)
		process_set_adopt(r->processes, &r->child);
	else if (r->is_program && !r->reaped)
		loop_child_disown(loop, &r->child);
	record_reader_stop(&r->feed);
	stream_close(r->stream);
	buf_fini(&r->in);
}
