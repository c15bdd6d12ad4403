#include "relay/feed.h"
#include "base/error.h"
#include "net/batch.h"
#include "stream/stream.h"

/* Asked of the stream at once; a record may be longer. */
#define PIECE (64 << 10)

static void
on_ready(struct watch *w, unsigned ready)
{
	struct feed *f = w->arg;

	if (f->writing && (ready & LOOP_WRITE))
		f->writable(f);
	else if (f->reading)
		f->ready(f);
}

static int
update(struct feed *f, struct error *e)
{
	unsigned events =
	    (f->reading && !f->source_ended ? LOOP_READ : 0) | (f->writing ? LOOP_WRITE : 0);

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
	struct feed *f = t->arg;

	f->ready(f);
}

int
feed_again(struct feed *f, struct error *e)
{
	f->again.fn = on_again;
	f->again.arg = f;
	return loop_timer_set(f->loop, &f->again, deadline_in(0), e);
}

void
feed_start(struct feed *f)
{
	framer_init(&f->framer, &f->framing, FRAMING_MAX);
	f->watch.fd = stream_raw_fd(f->stream, STREAM_IN);
	f->watch.fn = on_ready;
	f->watch.arg = f;
}

void
feed_stop(struct feed *f)
{
	if (f->loop == NULL)
		return;
	loop_unwatch(f->loop, &f->watch);
	loop_timer_stop(f->loop, &f->again);
	framer_fini(&f->framer);
	f->loop = NULL;
}

int
feed_read(struct feed *f, bool on, struct error *e)
{
	f->reading = on;
	return update(f, e);
}

int
feed_want_write(struct feed *f, bool on, struct error *e)
{
	f->writing = on;
	return update(f, e);
}

/* Records that are there. -1 only where there is none before the bad one. */
static int
collect(struct feed *f, struct packet *packets, unsigned n, struct error *e)
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

/* 1 where something came, the end included; 0; -1. */
static int
fill(struct feed *f, struct error *e)
{
	char *room;
	ssize_t got;

	if (f->source_ended)
		return 0;
	if ((room = framer_room(&f->framer, PIECE, e)) == NULL)
		return -1;
	got = stream_read(f->stream, room, PIECE, e);
	if (got == -1)
		return -1;
	if (got < 0)
		return 0;
	if (got > 0) {
		framer_added(&f->framer, (size_t)got);
		return 1;
	}
	f->source_ended = true;
	framer_end(&f->framer);
	return update(f, e) < 0 ? -1 : 1;
}

int
feed_take(struct feed *f, struct packet *packets, unsigned n, struct error *e)
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
