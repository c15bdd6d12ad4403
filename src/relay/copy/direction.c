#include "relay/copy/direction.h"

#include <string.h>

#include "base/error.h"
#include "loop/loop.h"
#include "relay/copy/copier.h"
#include "relay/copy/scratch.h"
#include "relay/filter/filter.h"

/* A smaller rest is copied into the buffer; a larger one keeps the block. */
#define LOAN_MIN 65536
/* A smaller read is no bulk data: the end may follow at once. */
#define DRY_MIN 16384
#define HELD_MAX (16u << 20)

void
direction_init(struct direction *w, struct stream *from, struct stream *to, struct scratch *scratch)
{
	memset(w, 0, sizeof *w);
	w->from = from;
	w->to = to;
	w->scratch = scratch;
	w->limit = UINT64_MAX;
	pacer_init(&w->pacer, 0, 0);
	buf_init(&w->buf, HELD_MAX);
}

static void
return_loan(struct direction *w)
{
	if (w->loan == NULL)
		return;
	scratch_return(w->scratch, w->loan);
	w->loan = NULL;
	w->loan_len = 0;
}

void
direction_fini(struct direction *w)
{
	return_loan(w);
	buf_fini(&w->buf);
	filters_close(w->filters);
	w->filters = NULL;
}

size_t
direction_held(const struct direction *w)
{
	return w->loan_len + w->buf.len;
}

void
direction_drop(struct direction *w)
{
	return_loan(w);
	buf_consume(&w->buf, w->buf.len);
	w->unflushed = false;
}

void
direction_end_source(struct direction *w)
{
	w->dry = false;
	w->source = DIRECTION_OVER;
}

enum direction_result
direction_block(struct direction *w, const struct stream *on, ssize_t want)
{
	w->wait_on = on;
	w->wait_for = want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE;
	return DIRECTION_BLOCKED;
}

void
direction_note_dry(struct direction *w, size_t n, size_t max)
{
	enum stream_kind kind = stream_kind(w->from, STREAM_IN);

	w->dry = n >= DRY_MIN && n < max && (kind == STREAM_PIPE || kind == STREAM_SOCKET);
}

char *
direction_scratch(struct direction *w, size_t *max, struct error *e)
{
	if (*max > w->scratch->size)
		*max = w->scratch->size;
	return scratch_take(w->scratch, e);
}

/* ---- to the sink ---- */

/* Flushes the sink. Returns DIRECTION_MOVED when nothing is left. */
static enum direction_result
flush(struct direction *w, struct error *e)
{
	int rc = stream_flush(w->to, e);

	w->unflushed = rc < -1;
	if (rc < -1)
		return direction_block(w, w->to, rc);
	w->sink_failed = rc == -1;
	return rc == -1 ? DIRECTION_FAILED : DIRECTION_MOVED;
}

/* Writes once and counts. Returns 0 where the sink is full; the direction is then blocked. */
static ssize_t
write_once(struct direction *w, const char *data, size_t n, struct error *e)
{
	ssize_t put = w->discards ? (ssize_t)n : stream_write(w->to, data, n, e);

	if (put == -1) {
		w->sink_failed = true;
		return -1;
	}
	if (put < 0) {
		direction_block(w, w->to, put);
		return 0;
	}
	w->out += (uint64_t)put;
	w->unflushed = !w->discards && w->to->ops->flush != NULL;
	return put;
}

static int
keep(struct direction *w, char *data, size_t n, struct error *e)
{
	char *block = w->scratch->data;

	if (n < LOAN_MIN || data < block || data >= block + w->scratch->size)
		return buf_append(&w->buf, data, n, e);
	w->loan = block;
	w->loan_start = (size_t)(data - block);
	w->loan_len = n;
	w->scratch->data = NULL;
	return 0;
}

int
direction_give(struct direction *w, char *data, size_t n, struct error *e)
{
	ssize_t put = 0;

	if (direction_held(w) == 0 && !pacer_pauses(&w->pacer)) {
		put = write_once(w, data, n, e);
		if (put < 0)
			return -1;
	}
	return (size_t)put == n ? 0 : keep(w, data + put, n - (size_t)put, e);
}

/* With a delay, returns the length of the first line: the pause follows it. */
static size_t
line_part(const struct direction *w, const char *data, size_t n, bool *ret_line)
{
	const char *lf;

	*ret_line = false;
	if (!pacer_pauses(&w->pacer))
		return n;
	lf = memchr(data, '\n', n);
	*ret_line = lf != NULL;
	return lf != NULL ? (size_t)(lf - data) + 1 : n;
}

static void
consume_held(struct direction *w, size_t n)
{
	if (w->loan == NULL) {
		buf_consume(&w->buf, n);
		return;
	}
	w->loan_start += n;
	w->loan_len -= n;
	if (w->loan_len == 0)
		return_loan(w);
}

static enum direction_result
write_held(struct direction *w, int64_t now, struct error *e)
{
	const char *data = w->loan != NULL ? w->loan + w->loan_start : buf_head(&w->buf);
	size_t n = w->loan != NULL ? w->loan_len : w->buf.len;
	bool line;
	ssize_t put;

	if (pacer_is_paused(&w->pacer, now))
		return DIRECTION_PAUSED;
	n = line_part(w, data, n, &line);
	put = write_once(w, data, n, e);
	if (put < 0)
		return DIRECTION_FAILED;
	if (put == 0)
		return DIRECTION_BLOCKED;
	consume_held(w, (size_t)put);
	if (line && (size_t)put == n)
		pacer_pause(&w->pacer, now);
	return DIRECTION_MOVED;
}

/* ---- from the source ---- */

/* Filters may grow or shrink the bytes; the larger count is charged. */
static size_t
charge(uint64_t taken, uint64_t made)
{
	return (size_t)(taken > made ? taken : made);
}

static enum direction_result
read_source(struct direction *w, int64_t now, struct error *e)
{
	uint64_t in = w->in, out = w->out, left = w->limit - w->in;
	enum direction_result r;
	size_t max;

	if (left == 0) {
		direction_end_source(w);
		return DIRECTION_LIMITED;
	}
	max = pacer_allows(&w->pacer, left < SIZE_MAX ? (size_t)left : SIZE_MAX, now);
	if (max == 0)
		return DIRECTION_PAUSED;
	w->dry = false;
	r = w->copier->move(w, max, e);
	pacer_spend(&w->pacer, charge(w->in - in, w->out - out + direction_held(w)), now);
	return r;
}

enum direction_result
direction_step(struct direction *w, int64_t now, struct error *e)
{
	enum direction_result r;

	w->sink_failed = false;
	r = w->unflushed ? flush(w, e) : DIRECTION_MOVED;
	if (r != DIRECTION_MOVED)
		return r;
	if (direction_held(w) > 0)
		return write_held(w, now, e);
	if (w->source == DIRECTION_OVER)
		return DIRECTION_DRAINED;
	if (w->source == DIRECTION_NONE)
		return direction_block(w, w->from, STREAM_WANT_READ);
	return read_source(w, now, e);
}
