#include "relay/record_reader.h"

#include <errno.h>

#include "base/error.h"
#include "net/batch.h"
#include "relay/tap.h"
#include "stream/stream.h"

/* Asked of the stream at once; a record may be longer. */
#define PIECE (64 << 10)
/* What a rate may catch up after a pause. */
#define BURST (50 * NSEC_PER_MSEC)

static void
on_ready(struct watch *w, unsigned ready)
{
	struct record_reader *f = w->arg;

	if (f->writing && (ready & LOOP_WRITE))
		f->writable(f);
	else if (f->reading)
		f->ready(f);
}

static int
update(struct record_reader *f, struct error *e)
{
	unsigned events = (f->reading && !f->source_ended && !f->paused ? LOOP_READ : 0) |
	    (f->writing ? LOOP_WRITE : 0);

	if (events == f->watch.events)
		return 0;
	/* one that asks for nothing would still be told of a hangup, again and again */
	if (events == 0) {
		loop_unwatch(f->loop, &f->watch);
		return 0;
	}
	return loop_watch(f->loop, &f->watch, events, e);
}

static void
on_again(struct timer *t)
{
	struct record_reader *f = t->arg;

	f->paused = false;
	/* of a watch that was there before */
	(void)update(f, NULL);
	f->ready(f);
}

int
record_reader_again(struct record_reader *f, struct error *e)
{
	return loop_timer_set(f->loop, &f->again, deadline_in(0), e);
}

void
record_reader_start(struct record_reader *f)
{
	framer_init(&f->framer, &f->framing, FRAMING_MAX);
	buf_init(&f->converted, 2 * FRAMING_MAX);
	f->again.fn = on_again;
	f->again.arg = f;
	f->watch.fd = stream_raw_fd(f->stream, STREAM_IN);
	f->watch.fn = on_ready;
	f->watch.arg = f;
}

void
record_reader_stop(struct record_reader *f)
{
	if (f->loop == NULL)
		return;
	loop_unwatch(f->loop, &f->watch);
	loop_timer_stop(f->loop, &f->again);
	framer_fini(&f->framer);
	buf_fini(&f->converted);
	taps_close(f->tap);
	f->loop = NULL;
}

int
record_reader_read(struct record_reader *f, bool on, struct error *e)
{
	f->reading = on;
	return update(f, e);
}

int
record_reader_want_write(struct record_reader *f, bool on, struct error *e)
{
	f->writing = on;
	return update(f, e);
}

/* Records that are there. -1 only where there is none before the bad one. */
static int
collect(struct record_reader *f, struct packet *packets, unsigned n, struct error *e)
{
	unsigned have;
	int rc = 1;

	for (have = 0; have < n; have++) {
		rc = framer_next(&f->framer, &packets[have].data, &packets[have].len, e);
		if (rc <= 0)
			break;
	}
	return have == 0 && rc < 0 ? -1 : (int)have;
}

/* How a program ends that has not read all of its input. */
static bool
is_left(const struct record_reader *f, const struct error *e)
{
	return f->program && e->origin == ORIGIN_ERRNO && e->number == ECONNRESET;
}

/* 1 where something came, the end included; 0; -1. */
static int
fill(struct record_reader *f, struct error *e)
{
	struct error reason = { 0 };
	char *room;
	ssize_t got;

	if (f->source_ended)
		return 0;
	if ((room = framer_room(&f->framer, PIECE, e)) == NULL)
		return -1;
	got = stream_read(f->stream, room, PIECE, &reason);
	if (got == -1 && !is_left(f, &reason)) {
		*e = reason;
		return -1;
	}
	if (got < -1)
		return 0;
	if (got > 0) {
		framer_added(&f->framer, (size_t)got);
		return 1;
	}
	f->source_ended = true;
	framer_end(&f->framer);
	return update(f, e) < 0 ? -1 : 1;
}

/* ---- slowly, and changed ---- */

static void
charge(struct record_reader *f, size_t n)
{
	int64_t now = clock_now();

	if (f->due < now - BURST)
		f->due = now - BURST;
	if (f->rate > 0)
		f->due += (int64_t)((double)n * (double)NSEC_PER_SEC / (double)f->rate);
	if (f->delay > 0)
		f->due = f->delay > DURATION_NONE - now ? DURATION_NONE : now + f->delay;
}

/* 0, as there is nothing to be taken yet. An end is known now, so that no delay follows
 * the last record. */
static int
hold(struct record_reader *f, struct error *e)
{
	if (framer_held(&f->framer) == 0 && fill(f, e) < 0)
		return -1;
	f->ended = f->source_ended && framer_held(&f->framer) == 0;
	if (f->ended)
		return 0;
	f->paused = true;
	if (loop_timer_set(f->loop, &f->again, (struct deadline){ f->due }, e) < 0)
		return -1;
	return update(f, e);
}

static int
convert(struct record_reader *f, struct packet *p, struct error *e)
{
	if (f->tap == NULL && (f->tap = tap_crlf(e)) == NULL)
		return -1;
	buf_consume(&f->converted, f->converted.len);
	if (taps_run(f->tap, p->data, p->len, &f->converted, e) < 0)
		return -1;
	p->data = buf_head(&f->converted);
	p->len = f->converted.len;
	return 0;
}

static int
take(struct record_reader *f, struct packet *packets, unsigned n, struct error *e)
{
	int have, more;

	while ((have = collect(f, packets, n, e)) == 0) {
		if ((more = fill(f, e)) < 0)
			return -1;
		if (more == 0)
			break;
	}
	f->ended = have == 0 && f->source_ended;
	return have;
}

int
record_reader_take(struct record_reader *f, struct packet *packets, unsigned n, struct error *e)
{
	bool slow = f->rate > 0 || f->delay > 0;
	int have;

	if (slow && f->due > clock_now())
		return hold(f, e);
	have = take(f, packets, slow || f->crlf ? 1 : n, e);
	if (have > 0 && f->crlf && convert(f, packets, e) < 0)
		return -1;
	if (have > 0 && slow)
		charge(f, packets[0].len);
	return have;
}
