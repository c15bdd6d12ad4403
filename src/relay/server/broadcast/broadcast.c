#include "relay/server/broadcast/broadcast.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "relay/filter/filter.h"
#include "relay/filter/framing.h"

enum {
	READ_SIZE = 32 << 10, /* bytes of a read: as much as a slow reader may hold */
	BLOCK_MAX = FRAMING_MAX + 2 * READ_SIZE /* whole records */
};

#define LOOK_INTERVAL (NSEC_PER_SEC / 4)

struct broadcast_reader {
	struct stream base;
	struct broadcast *b;
	void *who;
	struct stream *out;
	struct broadcast_reader *next, **prev;
	size_t at;     /* offset in the block */
	uint64_t sent; /* when it was last checked */
	int64_t moved; /* the last progress */
};

static struct broadcast_reader *
reader_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct broadcast_reader, base);
}

/* ---- the input ---- */

/* Returns the next reader of a walk. Others may be removed during the walk. */
static struct broadcast_reader *
next_reader(struct broadcast *b)
{
	struct broadcast_reader *r = b->next;

	if (r != NULL)
		b->next = r->next;
	return r;
}

static void
start_block(struct broadcast *b)
{
	struct broadcast_reader *r;
	int64_t now = clock_now();

	b->n_behind = 0;
	for (r = b->readers; r != NULL; r = r->next) {
		r->at = 0;
		r->moved = now;
		b->n_behind += b->block.len > 0;
	}
	if (b->n_behind > 0)
		(void)loop_timer_set(b->loop, &b->timer, deadline_in(LOOK_INTERVAL), NULL);
	b->next = b->readers;
	while ((r = next_reader(b)) != NULL)
		b->ready(b->arg, r->who);
}

static void
fail_input(struct broadcast *b, const struct error *e)
{
	b->failure = *e;
	b->has_failed = true;
	b->failed(b->arg, e);
}

/* Makes a block of n bytes that were read; 0 is the end. */
static int
make_block(struct broadcast *b, size_t n, struct error *e)
{
	buf_consume(&b->block, b->block.len);
	b->ended = n == 0;
	if (b->filter == NULL)
		return buf_append(&b->block, b->room, n, e);
	return n > 0 ? filters_run(b->filter, b->room, n, &b->block, e)
		     : filters_finish(b->filter, &b->block, e);
}

static void
on_input(struct watch *w, unsigned events)
{
	struct broadcast *b = w->arg;
	struct error e = { 0 };
	ssize_t n = stream_read(b->source, b->room, READ_SIZE, &e);

	(void)events;
	if (n < -1)
		return;
	if (n == -1 || make_block(b, (size_t)n, &e) < 0)
		fail_input(b, &e);
	if (b->block.len == 0 && !b->ended && !b->has_failed)
		return;
	loop_unwatch(b->loop, &b->watch);
	start_block(b);
}

/* Reads the input while there are readers, and all have read the block. */
static int
update_input_watch(struct broadcast *b, struct error *e)
{
	bool wanted = b->readers != NULL && b->n_behind == 0 && !b->ended && !b->has_failed;

	if (wanted && b->watch.events == 0)
		return loop_watch(b->loop, &b->watch, LOOP_READ, e);
	if (!wanted && b->watch.events != 0)
		loop_unwatch(b->loop, &b->watch);
	return 0;
}

/* ---- stalled readers ---- */

static bool
check_stall(struct broadcast_reader *r, int64_t now)
{
	uint64_t sent = r->b->sent(r->b->arg, r->who);

	if (r->at == r->b->block.len || sent != r->sent)
		r->moved = now;
	r->sent = sent;
	return now - r->moved >= r->b->patience;
}

static void
on_stall_timer(struct timer *t)
{
	struct broadcast *b = t->arg;
	struct broadcast_reader *r;

	b->next = b->readers;
	while ((r = next_reader(b)) != NULL)
		if (check_stall(r, clock_now()))
			b->give_up(b->arg, r->who);
	if (b->n_behind > 0)
		(void)loop_timer_set(b->loop, t, deadline_in(LOOK_INTERVAL), NULL);
}

/* ---- a reader as a stream ---- */

static ssize_t
reader_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct broadcast_reader *r = reader_of(s);
	struct broadcast *b = r->b;
	size_t left = b->block.len - r->at;

	if (left == 0 && b->has_failed) {
		*e = b->failure;
		return -1;
	}
	if (left == 0)
		return b->ended ? 0 : STREAM_WANT_READ;
	if (n > left)
		n = left;
	memcpy(data, buf_head(&b->block) + r->at, n);
	r->at += n;
	b->n_behind -= r->at == b->block.len;
	return update_input_watch(b, e) < 0 ? -1 : (ssize_t)n;
}

static ssize_t
reader_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	return stream_write(reader_of(s)->out, data, n, e);
}

static int
reader_flush(struct stream *s, struct error *e)
{
	return stream_flush(reader_of(s)->out, e);
}

static int
reader_shut(struct stream *s, struct error *e)
{
	return stream_shut(reader_of(s)->out, e);
}

static void
reader_close(struct stream *s)
{
	struct broadcast_reader *r = reader_of(s);
	struct broadcast *b = r->b;

	if (b->next == r)
		b->next = r->next;
	*r->prev = r->next;
	if (r->next != NULL)
		r->next->prev = r->prev;
	b->n_behind -= r->at < b->block.len;
	stream_close(r->out);
	free(r);
	/* on failure the next reader tries again */
	(void)update_input_watch(b, NULL);
}

static size_t
reader_pending(const struct stream *s)
{
	return reader_of(s)->b->block.len - reader_of(s)->at;
}

static int
reader_raw_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? -1 : stream_raw_fd(reader_of(s)->out, STREAM_OUT);
}

static enum stream_kind
reader_kind(const struct stream *s, enum stream_side side)
{
	return side == STREAM_IN ? STREAM_OPAQUE : stream_kind(reader_of(s)->out, STREAM_OUT);
}

static const struct stream_ops reader_ops = {
	.read = reader_read,
	.write = reader_write,
	.flush = reader_flush,
	.shut = reader_shut,
	.close = reader_close,
	.pending = reader_pending,
	.raw_fd = reader_raw_fd,
	.kind = reader_kind,
};

int
broadcast_stream(struct stream **ret_stream, struct broadcast *b, void *who, struct stream *out,
    struct error *e)
{
	struct broadcast_reader *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		stream_close(out);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	r->base.ops = &reader_ops;
	r->b = b;
	r->who = who;
	r->out = out;
	r->at = b->block.len;
	r->moved = clock_now();
	r->next = b->readers;
	r->prev = &b->readers;
	if (r->next != NULL)
		r->next->prev = &r->next;
	b->readers = r;
	*ret_stream = &r->base;
	if (update_input_watch(b, e) == 0)
		return 0;
	stream_close(&r->base);
	return -1;
}

/* ---- open and close ---- */

int
broadcast_open(struct broadcast *b, struct error *e)
{
	buf_init(&b->block, BLOCK_MAX);
	b->room = malloc(READ_SIZE);
	if (b->room == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (b->framing != NULL &&
	    filters_add(&b->filter, filter_framing(b->framing, ERROR_LOCAL_IO, e)) < 0)
		return -1;
	b->watch =
	    (struct watch){ .fd = stream_raw_fd(b->source, STREAM_IN), .fn = on_input, .arg = b };
	b->timer = (struct timer){ .fn = on_stall_timer, .arg = b };
	return 0;
}

void
broadcast_close(struct broadcast *b)
{
	if (b->room == NULL)
		return;
	loop_timer_stop(b->loop, &b->timer);
	loop_unwatch(b->loop, &b->watch);
	filters_close(b->filter);
	buf_fini(&b->block);
	free(b->room);
	b->room = NULL;
}
