#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/loop.h"
#include "relay/copier.h"
#include "relay/direction.h"
#include "relay/tap.h"

/* A rest smaller than this is copied aside, a larger one keeps the block. */
#define LOAN_MIN 65536
/* malloc puts a large block 16 bytes after the start of a page; copying a page to there is half as
 * fast as to the start of another (a load waits for a store that only looks the same). */
#define SCRATCH_ALIGN 4096
/* Less than this is no bulk: the end may follow at once. */
#define DRY_MIN 16384
#define HELD_MAX (16u << 20)

char *
scratch_take(struct scratch *s, struct error *e)
{
	if (s->data == NULL && (s->data = aligned_alloc(SCRATCH_ALIGN, s->size)) == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	return s->data;
}

void
scratch_fini(struct scratch *s)
{
	free(s->data);
	s->data = NULL;
}

void
direction_init(struct direction *w, struct stream *from, struct stream *to, struct scratch *scratch)
{
	memset(w, 0, sizeof *w);
	w->from = from;
	w->to = to;
	w->scratch = scratch;
	w->limit = UINT64_MAX;
	buf_init(&w->buf, HELD_MAX);
	direction_choose(w);
}

void
direction_choose(struct direction *w)
{
	bool plain = w->taps == NULL && (w->pace == NULL || w->pace->delay == 0) && !w->swallow;
	const struct copier *kernel = plain ? copier_in_kernel(w) : NULL;

	w->mover = kernel != NULL ? kernel : &copier_copy;
}

static void
return_loan(struct direction *w)
{
	if (w->loan == NULL)
		return;
	if (w->scratch->data == NULL)
		w->scratch->data = w->loan;
	else
		free(w->loan);
	w->loan = NULL;
	w->loan_len = 0;
}

void
direction_fini(struct direction *w)
{
	return_loan(w);
	buf_fini(&w->buf);
	taps_close(w->taps);
	w->taps = NULL;
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
}

void
direction_end_source(struct direction *w)
{
	w->dry = false;
	if (w->state == DIRECTION_OPEN)
		w->state = DIRECTION_DRAINING;
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

/* Writes once; counts. 0 where the sink is full (the way is then blocked). */
static ssize_t
write_once(struct direction *w, const char *data, size_t n, struct error *e)
{
	ssize_t put = w->swallow ? (ssize_t)n : stream_write(w->to, data, n, e);

	if (put == -1) {
		w->sink_failed = true;
		return -1;
	}
	if (put < 0) {
		direction_block(w, w->to, put);
		return 0;
	}
	w->out += (uint64_t)put;
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

	if (direction_held(w) == 0 && (w->pace == NULL || w->pace->delay == 0)) {
		put = write_once(w, data, n, e);
		if (put < 0)
			return -1;
	}
	return (size_t)put == n ? 0 : keep(w, data + put, n - (size_t)put, e);
}

/* ---- pace ---- */

static void
refill(struct pace *p)
{
	int64_t now = clock_now(), span = now - p->filled;
	int64_t burst = (int64_t)(p->rate / 20 > 0 ? p->rate / 20 : 1);

	if (p->filled == 0 || span > NSEC_PER_SEC)
		span = NSEC_PER_SEC / 20;
	if (span < NSEC_PER_MSEC && p->filled != 0)
		return;
	p->tokens += (int64_t)((double)p->rate * (double)span / (double)NSEC_PER_SEC);
	if (p->tokens > burst)
		p->tokens = burst;
	p->filled = now;
}

/* How many bytes may be taken from the source now; 0 sets pace->until. */
static size_t
allowance(struct direction *w, size_t max)
{
	struct pace *p = w->pace;

	if (w->limit - w->in < max)
		max = (size_t)(w->limit - w->in);
	if (p == NULL || p->rate == 0)
		return max;
	refill(p);
	if (p->tokens <= 0) {
		int64_t need = (int64_t)((double)NSEC_PER_SEC / (double)p->rate);

		p->until = deadline_in(need > 10 * NSEC_PER_MSEC ? need : 10 * NSEC_PER_MSEC);
		return 0;
	}
	return (uint64_t)p->tokens < max ? (size_t)p->tokens : max;
}

/* ---- what is held ---- */

/* With a delay only the first line goes, then the clock starts. */
static size_t
line_part(const struct direction *w, const char *data, size_t n, bool *ret_line)
{
	const char *lf;

	*ret_line = false;
	if (w->pace == NULL || w->pace->delay == 0)
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
write_held(struct direction *w, struct error *e)
{
	const char *data = w->loan != NULL ? w->loan + w->loan_start : buf_head(&w->buf);
	size_t n = w->loan != NULL ? w->loan_len : w->buf.len;
	bool line;
	ssize_t put;

	if (w->pace != NULL && w->pace->delay > 0 && !deadline_passed(w->pace->until))
		return DIRECTION_PAUSED;
	n = line_part(w, data, n, &line);
	put = write_once(w, data, n, e);
	if (put < 0)
		return DIRECTION_FAILED;
	if (put == 0)
		return DIRECTION_BLOCKED;
	consume_held(w, (size_t)put);
	if (line && (size_t)put == n)
		w->pace->until = deadline_in(w->pace->delay);
	return DIRECTION_MOVED;
}

/* Taps may make more of the bytes, or less. */
static int64_t
charge(uint64_t taken, uint64_t made)
{
	return (int64_t)(taken > made ? taken : made);
}

enum direction_result
direction_step(struct direction *w, struct error *e)
{
	uint64_t in = w->in, out = w->out;
	enum direction_result r;
	size_t max;

	if (direction_held(w) > 0)
		return write_held(w, e);
	if (w->state != DIRECTION_OPEN)
		return DIRECTION_DRAINED;
	if (w->no_source)
		return direction_block(w, w->from, STREAM_WANT_READ);
	if (w->in >= w->limit) {
		direction_end_source(w);
		return DIRECTION_MOVED;
	}
	max = allowance(w, SIZE_MAX);
	if (max == 0)
		return DIRECTION_PAUSED;
	w->dry = false;
	r = w->mover->move(w, max, e);
	if (w->pace != NULL)
		w->pace->tokens -= charge(w->in - in, w->out - out + direction_held(w));
	return r;
}
