#include "relay/copy/direction.h"

#include <string.h>

#include "base/error.h"
#include "loop/loop.h"
#include "relay/capture/recorder.h"
#include "relay/copy/scratch.h"
#include "relay/filter/filter.h"

/* A smaller rest is copied into the buffer; a larger one keeps the block. */
#define LOAN_MIN 65536
/* A smaller read is no bulk data: the end may follow at once. */
#define DRY_MIN 16384
#define HELD_MAX (16u << 20)

void
direction_init(struct direction *d, struct stream *from, struct stream *to, struct scratch *scratch)
{
	memset(d, 0, sizeof *d);
	d->from = from;
	d->to = to;
	d->scratch = scratch;
	d->limit = d->moves = UINT64_MAX;
	pacer_init(&d->pacer, 0, 0);
	buf_init(&d->buf, HELD_MAX);
}

static void
return_loan(struct direction *d)
{
	if (d->loan == NULL)
		return;
	scratch_return(d->scratch, d->loan);
	d->loan = NULL;
	d->loan_len = 0;
}

void
direction_fini(struct direction *d)
{
	return_loan(d);
	buf_fini(&d->buf);
	filters_close(d->filters);
	d->filters = NULL;
}

size_t
direction_buffered(const struct direction *d)
{
	return d->loan_len + d->buf.len;
}

void
direction_drop(struct direction *d)
{
	return_loan(d);
	buf_consume(&d->buf, d->buf.len);
	d->unflushed = false;
}

void
direction_take(struct direction *d, struct buf *out)
{
	if (d->loan != NULL && buf_append(out, d->loan + d->loan_start, d->loan_len, NULL) == 0)
		return_loan(d);
	if (buf_append(out, buf_head(&d->buf), d->buf.len, NULL) == 0)
		buf_consume(&d->buf, d->buf.len);
}

int
direction_resume(struct direction *d, struct buf *in, struct error *e)
{
	if (buf_append(&d->buf, buf_head(in), in->len, e) < 0)
		return -1;
	buf_consume(in, in->len);
	return 0;
}

void
direction_end_source(struct direction *d)
{
	d->dry = false;
	d->source = DIRECTION_OVER;
}

enum direction_result
direction_block(struct direction *d, const struct stream *on, ssize_t want)
{
	d->wait_on = on;
	d->wait_for = want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE;
	return DIRECTION_BLOCKED;
}

void
direction_note_dry(struct direction *d, size_t n, size_t max)
{
	enum stream_kind kind = stream_kind(d->from, STREAM_IN);

	d->dry = n >= DRY_MIN && n < max && (kind == STREAM_PIPE || kind == STREAM_SOCKET);
}

char *
direction_scratch(struct direction *d, size_t *max, struct error *e)
{
	if (*max > d->scratch->size)
		*max = d->scratch->size;
	return scratch_get(d->scratch, e);
}

/* ---- to the sink ---- */

enum direction_result
direction_flush(struct direction *d, struct error *e)
{
	int rc = stream_flush(d->to, e);

	d->unflushed = rc < -1;
	if (rc < -1)
		return direction_block(d, d->to, rc);
	d->sink_failed = rc == -1;
	return rc == -1 ? DIRECTION_FAILED : DIRECTION_MOVED;
}

/* Writes once and counts. Returns 0 if the sink is full; the direction is then blocked. */
static ssize_t
write_sink(struct direction *d, const char *data, size_t n, struct error *e)
{
	ssize_t put = d->discards ? (ssize_t)n : stream_write(d->to, data, n, e);

	if (put == -1) {
		d->sink_failed = true;
		return -1;
	}
	if (put < 0) {
		direction_block(d, d->to, put);
		return 0;
	}
	d->out += (uint64_t)put;
	if (!d->discards)
		recorded_data(d->recorded_out, DIALOGUE_SENT, data, (size_t)put);
	d->unflushed = !d->discards && d->to->ops->flush != NULL;
	return put;
}

static int
buffer_rest(struct direction *d, char *data, size_t n, struct error *e)
{
	char *block = d->scratch->data;

	if (n < LOAN_MIN || data < block || data >= block + d->scratch->size)
		return buf_append(&d->buf, data, n, e);
	d->loan = block;
	d->loan_start = (size_t)(data - block);
	d->loan_len = n;
	d->scratch->data = NULL;
	return 0;
}

int
direction_write(struct direction *d, char *data, size_t n, struct error *e)
{
	ssize_t put = 0;

	if (direction_buffered(d) == 0 && !pacer_pauses(&d->pacer)) {
		put = write_sink(d, data, n, e);
		if (put < 0)
			return -1;
	}
	return (size_t)put == n ? 0 : buffer_rest(d, data + put, n - (size_t)put, e);
}

/* With a delay, returns the length of the first line: the pause follows it. */
static size_t
first_line(const struct direction *d, const char *data, size_t n, bool *ret_line)
{
	const char *lf;

	*ret_line = false;
	if (!pacer_pauses(&d->pacer))
		return n;
	lf = memchr(data, '\n', n);
	*ret_line = lf != NULL;
	return lf != NULL ? (size_t)(lf - data) + 1 : n;
}

static void
consume_buffered(struct direction *d, size_t n)
{
	if (d->loan == NULL) {
		buf_consume(&d->buf, n);
		return;
	}
	d->loan_start += n;
	d->loan_len -= n;
	if (d->loan_len == 0)
		return_loan(d);
}

enum direction_result
direction_write_held(struct direction *d, int64_t now, struct error *e)
{
	const char *data = d->loan != NULL ? d->loan + d->loan_start : buf_head(&d->buf);
	size_t n = d->loan != NULL ? d->loan_len : d->buf.len;
	bool line;
	ssize_t put;

	if (pacer_is_paused(&d->pacer, now))
		return DIRECTION_PAUSED;
	n = first_line(d, data, n, &line);
	put = write_sink(d, data, n, e);
	if (put < 0)
		return DIRECTION_FAILED;
	if (put == 0)
		return DIRECTION_BLOCKED;
	consume_buffered(d, (size_t)put);
	if (line && (size_t)put == n)
		pacer_pause(&d->pacer, now);
	return DIRECTION_MOVED;
}
