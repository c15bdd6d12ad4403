#include "relay/record_reader.h"

#include <errno.h>

#include "base/error.h"
#include "net/mmsg.h"
#include "relay/copy/copier.h"
#include "relay/filter/filter.h"
#include "stream/stream.h"

/* The size of a read. A record may be longer. */
#define READ_SIZE (128 << 10)

void
record_reader_init(struct record_reader *f, const struct framing *framing, uint64_t rate,
    int64_t delay)
{
	*f = (struct record_reader){ .blocked = false };
	framer_init(&f->framer, framing, FRAMING_MAX);
	buf_init(&f->filtered, SIZE_MAX / 2);
	pacer_init(&f->pacer, rate, delay);
}

void
record_reader_fini(struct record_reader *f)
{
	framer_fini(&f->framer);
	buf_fini(&f->filtered);
	filters_close(f->filters);
}

void
record_reader_end(struct record_reader *f)
{
	if (!f->source_ended)
		framer_end(&f->framer);
	f->source_ended = true;
}

void
record_reader_stop(struct record_reader *f)
{
	f->given_up = f->given_up || !f->source_ended;
	record_reader_end(f);
}

bool
record_reader_is_whole(const struct record_reader *f)
{
	return f->framer.framing.nul_is_whole && f->framer.framing.kind == FRAMING_WHOLE;
}

uint64_t
record_reader_buffered(const struct record_reader *f)
{
	return f->list != NULL ? 0 : framer_buffered(&f->framer);
}

/* ---- the source ---- */

/* Returns true for the errors of a program that exits without reading all of its input. */
static bool
is_unread_input(const struct record_reader *f, const struct error *e)
{
	return f->program && e->origin == ORIGIN_ERRNO && e->number == ECONNRESET;
}

/* Returns 1 if something arrived or the stream ended, 0, or -1. */
static int
fill_framer(struct record_reader *f, struct error *e)
{
	struct error reason = { 0 };
	ssize_t got;
	char *room;

	if (f->source_ended || f->blocked)
		return 0;
	if ((room = framer_room(&f->framer, READ_SIZE, e)) == NULL)
		return -1;
	got = stream_read(f->stream, room, READ_SIZE, &reason);
	if (got == -1 && !is_unread_input(f, &reason)) {
		*e = reason;
		return -1;
	}
	f->blocked = got < -1;
	if (f->blocked)
		return 0;
	if (got <= 0) {
		record_reader_end(f);
		return 1;
	}
	framer_added(&f->framer, (size_t)got);
	f->n_read += (size_t)got;
	if (got >= COPIER_PIPE_DEFAULT)
		copier_grow_pipe(f->stream, STREAM_IN, &f->grown);
	return 1;
}

static int
next_of_list(struct record_reader *f, struct packet *p)
{
	if (f->source_ended)
		return 0;
	p->data = (char *)f->list[f->list_at].data;
	p->len = f->list[f->list_at++].len;
	if (f->list_at < f->n_list)
		return 1;
	f->list_at = 0;
	/* set now, so that no delay follows the last record */
	f->ended = f->source_ended = ++f->rounds == f->repeat;
	return 1;
}

/* first: only return a record that is in the buffer, since reading would move those returned
 * before. */
static int
next_record(struct record_reader *f, struct packet *p, bool first, struct error *e)
{
	int rc;

	if (f->list != NULL)
		return next_of_list(f, p);
	while ((rc = framer_next(&f->framer, &p->data, &p->len, e)) == 0 && first) {
		if ((rc = fill_framer(f, e)) <= 0)
			break;
	}
	return rc < 0 && f->given_up ? 0 : rc;
}

/* ---- records for the caller ---- */

static int
filter_record(struct record_reader *f, struct packet *p, struct error *e)
{
	buf_consume(&f->filtered, f->filtered.len);
	if (filters_run(f->filters, p->data, p->len, &f->filtered, e) < 0)
		return -1;
	p->len = f->filtered.len;
	if (p->len > 0)
		p->data = buf_head(&f->filtered);
	return 0;
}

/* The pacer allows no record yet. Finds out whether the input has ended, so that no delay follows
 * the last record. */
static int
check_end(struct record_reader *f, struct error *e)
{
	if (f->list == NULL && framer_buffered(&f->framer) == 0) {
		if (fill_framer(f, e) < 0)
			return -1;
		f->ended = f->source_ended && framer_buffered(&f->framer) == 0;
	}
	return 0;
}

static int
return_records(struct record_reader *f, struct packet *packets, unsigned n, uint64_t most,
    int64_t now, struct error *e)
{
	unsigned have = 0;
	uint64_t bytes = 0;
	int rc = 1;

	while (
	    have < n && bytes < most && (rc = next_record(f, &packets[have], have == 0, e)) > 0) {
		if (f->filters != NULL && filter_record(f, &packets[have], e) < 0)
			return -1;
		bytes += packets[have++].len;
	}
	/* records before the malformed one are still sent */
	if (have == 0) {
		f->ended = f->ended || (rc == 0 && f->source_ended);
		return rc;
	}
	pacer_spend(&f->pacer, bytes, now);
	pacer_pause(&f->pacer, now);
	return (int)have;
}

int
record_reader_read(struct record_reader *f, struct packet *packets, unsigned n, uint64_t most,
    int64_t now, struct error *e)
{
	size_t allowed = pacer_allows(&f->pacer, most < SIZE_MAX ? (size_t)most : SIZE_MAX, now);
	int rc;

	if (f->ended)
		return 0;
	if (allowed == 0)
		rc = check_end(f, e);
	else
		rc = return_records(f, packets,
		    f->filters != NULL || pacer_pauses(&f->pacer) ? 1 : n, allowed, now, e);
	if (rc < 0)
		f->source_ended = f->ended = true;
	return rc;
}
