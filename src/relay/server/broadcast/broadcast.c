#include "relay/server/broadcast/broadcast.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/deadline.h"
#include "relay/filter/filter.h"
#include "relay/filter/framing.h"

enum {
	READ_SIZE = 32 << 10, /* bytes of a read: as much as a slow reader may hold */
	RECORDS_MAX = FRAMING_MAX + 2 * READ_SIZE
};

#define LOOK_INTERVAL (NSEC_PER_SEC / 4)

struct broadcast_reader {
	struct stream base;
	struct broadcast *b;
	void *who;
	struct stream *out;
	struct broadcast_reader *next, **prev;
	struct broadcast_place place;
	uint64_t sent; /* at the last progress */
	int64_t moved; /* the last progress */
	bool waits;    /* for something to read */
	bool ends;     /* reads the end after what is there */
	bool kept;     /* never given up */
};

static struct broadcast_reader *
reader_of(const struct stream *s)
{
	return CONTAINER_OF(s, struct broadcast_reader, base);
}

static bool
log_is_full(const struct broadcast *b)
{
	return b->log.held >= b->held_max;
}

/* What follows is done by the loop, so that no reader runs inside another one. Without memory for
 * the timer, the next piece wakes them. */
static void
wake_later(struct broadcast *b)
{
	b->was_full = b->was_full || log_is_full(b);
	if (b->wake.slot == 0)
		(void)loop_timer_set(b->loop, &b->wake, deadline_in(0), NULL);
}

int
broadcast_put(struct broadcast *b, const struct broadcast_route *route, const void *data, size_t n,
    struct error *e)
{
	if (broadcast_log_append(&b->log, route, data, n, e) < 0)
		return -1;
	wake_later(b);
	return 0;
}

/* ---- the input ---- */

/* Returns true if its readers get the end or the failure of the input. */
static bool
is_over(const struct broadcast *b)
{
	return (b->ended || b->has_failed) && !b->source_optional;
}

static void
fail_input(struct broadcast *b, const struct error *e)
{
	b->failure = *e;
	b->has_failed = true;
	b->failed(b->arg, e);
}

/* Appends n bytes that were read; 0 is the end. */
static int
put_input(struct broadcast *b, size_t n, struct error *e)
{
	const struct broadcast_route all = { b->source_who, NULL };
	int rc;

	b->ended = n == 0;
	if (b->input != NULL)
		return b->input(b->arg, b->block, n, e);
	if (b->filter == NULL)
		return n > 0 ? broadcast_put(b, &all, b->block, n, e) : 0;
	rc = n > 0 ? filters_run(b->filter, b->block, n, &b->records, e)
		   : filters_finish(b->filter, &b->records, e);
	if (b->records.len > 0 &&
	    broadcast_put(b, &all, buf_head(&b->records), b->records.len, e) < 0)
		return -1;
	buf_consume(&b->records, b->records.len);
	return rc;
}

/* Reads the input while there are readers and room. */
static int
update_input_watch(struct broadcast *b, struct error *e)
{
	bool wanted = b->readers != NULL && !log_is_full(b) && !b->ended && !b->has_failed &&
	    b->source != NULL;

	if (wanted && b->watch.events == 0)
		return loop_watch(b->loop, &b->watch, LOOP_READ, e);
	if (!wanted && b->watch.events != 0)
		loop_unwatch(b->loop, &b->watch);
	return 0;
}

static void
on_input(struct watch *w, unsigned events)
{
	struct broadcast *b = w->arg;
	struct error e = { 0 };
	ssize_t n;

	(void)events;
	/* the last reader may have gone in this turn of the loop */
	if (update_input_watch(b, NULL) < 0 || w->events == 0)
		return;
	n = stream_read(b->source, b->block, READ_SIZE, &e);
	if (n < -1)
		return;
	if (n == -1 || put_input(b, (size_t)n, &e) < 0)
		fail_input(b, &e);
	(void)update_input_watch(b, NULL);
	wake_later(b);
	if (b->ended && b->over != NULL)
		b->over(b->arg);
}

/* ---- waking ---- */

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
wake_readers(struct broadcast *b)
{
	struct broadcast_reader *r;
	bool behind, any = false;

	b->next = b->readers;
	while ((r = next_reader(b)) != NULL) {
		behind = broadcast_log_is_behind(&b->log, &r->place);
		any = any || behind;
		if (r->waits && (behind || r->ends || is_over(b)))
			b->ready(b->arg, r->who);
	}
	if (any && b->look.slot == 0)
		(void)loop_timer_set(b->loop, &b->look, deadline_in(LOOK_INTERVAL), NULL);
}

bool
broadcast_has_room(struct broadcast *b, struct broadcast_waiter *w)
{
	if (!log_is_full(b)) {
		broadcast_stop_waiting(b, w);
		return true;
	}
	b->was_full = true;
	if (w->prev != NULL)
		return false;
	w->next = NULL;
	w->prev = b->waiters_end;
	*b->waiters_end = w;
	b->waiters_end = &w->next;
	return false;
}

void
broadcast_stop_waiting(struct broadcast *b, struct broadcast_waiter *w)
{
	if (w->prev == NULL)
		return;
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	else
		b->waiters_end = w->prev;
	w->prev = NULL;
}

/* Each waiter that finds the log full again goes to the end of the queue. */
static void
wake_waiters(struct broadcast *b)
{
	struct broadcast_waiter *w;

	while (!log_is_full(b) && (w = b->waiters) != NULL) {
		broadcast_stop_waiting(b, w);
		b->room(b->arg, w->who);
	}
}

static void
on_log_changed(struct timer *t)
{
	struct broadcast *b = t->arg;

	wake_readers(b);
	wake_waiters(b);
	(void)update_input_watch(b, NULL);
}

/* ---- stalled readers ---- */

/* Returns true if the reader has made no progress for too long. */
static bool
check_stall(struct broadcast_reader *r, int64_t now)
{
	const struct broadcast *b = r->b;
	uint64_t sent = b->sent(b->arg, r->who);

	if (broadcast_log_unread(&r->place) == 0 || sent - r->sent >= (b->pace > 0 ? b->pace : 1)) {
		r->moved = now;
		r->sent = sent;
	}
	return now - r->moved >= b->patience;
}

/* Nobody is given up as long as nobody waits. */
static void
on_look(struct timer *t)
{
	struct broadcast *b = t->arg;
	bool full = b->was_full, any = false;
	struct broadcast_reader *r;

	b->was_full = log_is_full(b);
	b->next = b->readers;
	while ((r = next_reader(b)) != NULL) {
		any = any || broadcast_log_unread(&r->place) > 0;
		if (!r->kept && check_stall(r, clock_now()) && full)
			b->give_up(b->arg, r->who);
	}
	if (any)
		(void)loop_timer_set(b->loop, t, deadline_in(LOOK_INTERVAL), NULL);
}

/* ---- a reader as a stream ---- */

static ssize_t
reader_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct broadcast_reader *r = reader_of(s);
	struct broadcast *b = r->b;
	bool full = log_is_full(b);
	size_t got = broadcast_log_read(&b->log, &r->place, data, n < READ_SIZE ? n : READ_SIZE);

	if (full && !log_is_full(b))
		wake_later(b);
	r->waits = got == 0 && !r->ends && !is_over(b);
	if (got > 0)
		return (ssize_t)got;
	if (r->waits)
		return STREAM_WANT_READ;
	if (r->ends || !b->has_failed)
		return 0;
	*e = b->failure;
	return -1;
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
reader_stop_reading(struct stream *s)
{
	struct broadcast_reader *r = reader_of(s);

	broadcast_log_leave(&r->b->log, &r->place);
	wake_later(r->b);
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
	broadcast_log_leave(&b->log, &r->place);
	stream_close(r->out);
	free(r);
	wake_later(b);
}

static size_t
reader_pending(const struct stream *s)
{
	return broadcast_log_unread(&reader_of(s)->place);
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
	.stop_reading = reader_stop_reading,
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
	broadcast_log_enter(&b->log, &r->place, who);
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

void
broadcast_stream_end(struct stream *s)
{
	struct broadcast_reader *r = reader_of(s);

	r->ends = true;
	wake_later(r->b);
}

void
broadcast_stream_keep(struct stream *s)
{
	reader_of(s)->kept = true;
}

/* ---- open and close ---- */

int
broadcast_open(struct broadcast *b, struct error *e)
{
	buf_init(&b->records, RECORDS_MAX);
	b->waiters_end = &b->waiters;
	b->held_max = b->held_max != 0 ? b->held_max : BROADCAST_HELD_MAX;
	b->wake = (struct timer){ .fn = on_log_changed, .arg = b };
	b->look = (struct timer){ .fn = on_look, .arg = b };
	if (broadcast_log_open(&b->log, e) < 0)
		return -1;
	if (b->source == NULL)
		return 0;
	b->block = malloc(READ_SIZE);
	if (b->block == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (b->framing != NULL &&
	    filters_add(&b->filter, filter_framing(b->framing, ERROR_LOCAL_IO, e)) < 0)
		return -1;
	b->watch =
	    (struct watch){ .fd = stream_raw_fd(b->source, STREAM_IN), .fn = on_input, .arg = b };
	return 0;
}

void
broadcast_close(struct broadcast *b)
{
	if (b->log.last == NULL)
		return;
	loop_timer_stop(b->loop, &b->wake);
	loop_timer_stop(b->loop, &b->look);
	loop_unwatch(b->loop, &b->watch);
	filters_close(b->filter);
	b->filter = NULL;
	buf_fini(&b->records);
	free(b->block);
	b->block = NULL;
	broadcast_log_close(&b->log);
}
