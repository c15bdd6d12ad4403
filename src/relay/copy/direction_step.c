#include "relay/copy/direction_step.h"

#include "relay/copy/copier.h"

/* Filters may grow or shrink the bytes; the larger count is charged. */
static size_t
charged(uint64_t taken, uint64_t made)
{
	return (size_t)(taken > made ? taken : made);
}

static enum direction_result
read_source(struct direction *d, int64_t now, struct error *e)
{
	uint64_t in = d->in, out = d->out, left = d->limit - d->in;
	bool counts = d->moves != UINT64_MAX;
	enum direction_result r;
	size_t max;

	if (counts && left > DIRECTION_READ)
		left = DIRECTION_READ;
	if (left == 0 || d->moves == 0) {
		direction_end_source(d);
		return DIRECTION_LIMITED;
	}
	max = pacer_allows(&d->pacer, left < SIZE_MAX ? (size_t)left : SIZE_MAX, now);
	if (max == 0)
		return DIRECTION_PAUSED;
	d->dry = false;
	r = d->copier->move(d, max, e);
	d->moves -= counts && d->in > in;
	pacer_spend(&d->pacer, charged(d->in - in, d->out - out + direction_buffered(d)), now);
	return r;
}

enum direction_result
direction_step(struct direction *d, int64_t now, struct error *e)
{
	enum direction_result r;

	d->sink_failed = false;
	r = d->unflushed ? direction_flush(d, e) : DIRECTION_MOVED;
	if (r != DIRECTION_MOVED)
		return r;
	if (direction_buffered(d) > 0)
		return direction_write_held(d, now, e);
	if (d->source == DIRECTION_OVER)
		return DIRECTION_DRAINED;
	if (d->source == DIRECTION_NONE)
		return direction_block(d, d->from, STREAM_WANT_READ);
	return read_source(d, now, e);
}
