#include "cli/replay/playback.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "base/error.h"
#include "relay/capture/dialogue_reader.h"

/* What is compared by patterns at once. */
#define TURN_MAX (1u << 20)
/* The longest record. */
#define RECORD_MAX (16u << 20)
#define PREFIX 4 /* bytes of the length of a record */
/* When nothing has come for so long, what has no end of its own is over. */
#define OPEN_QUIET (100 * NSEC_PER_MSEC)

/* ---- reading ---- */

struct playback_reader {
	struct dialogue_reader *reader;
	struct recording_cursor cursor;
	struct dialogue_event event; /* the next one, if has_event */
	bool has_event, over;
};

static struct playback_reader *
open_reader(const struct playback_how *how, struct error *e)
{
	struct playback_reader *r = calloc(1, sizeof *r);

	if (r == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	if (recording_file_read(how->file, how->connection, &r->cursor, &r->reader, e) == 0)
		return r;
	free(r);
	return NULL;
}

static void
close_reader(struct playback_reader *r)
{
	if (r == NULL)
		return;
	dialogue_reader_close(r->reader);
	free(r);
}

/* Makes the next event the one in r->event. Returns 1; 0 after the last; -1. */
static int
look(struct playback_reader *r, struct error *e)
{
	int rc;

	if (r->has_event)
		return 1;
	rc = r->over ? 0 : dialogue_reader_next(r->reader, &r->event, e);
	r->has_event = rc > 0;
	r->over = rc <= 0;
	return rc;
}

static bool
is_our_event(const struct playback *p, const struct dialogue_event *event)
{
	return (event->dir == DIALOGUE_SENT) == p->how.as_recorder;
}

/* ---- life ---- */

int
playback_open(struct playback *p, const struct playback_how *how, struct error *e)
{
	*p = (struct playback){ .how = *how };
	p->records = how->connection->type != DIALOGUE_STREAM;
	p->then = how->connection->opened;
	buf_init(&p->out, RECORD_MAX + PREFIX);
	buf_init(&p->unit, RECORD_MAX);
	buf_init(&p->got, RECORD_MAX + PREFIX);
	p->script = open_reader(how, e);
	p->expected = p->script != NULL ? open_reader(how, e) : NULL;
	return p->expected != NULL ? 0 : -1;
}

void
playback_close(struct playback *p)
{
	close_reader(p->script);
	close_reader(p->expected);
	buf_fini(&p->out);
	buf_fini(&p->unit);
	buf_fini(&p->got);
}

/* ---- a unit: what the peer sends until it has an answer, or a record ---- */

static void
unit_matched(struct playback *p, size_t came)
{
	p->matched += p->records ? 1 : p->unit.len - p->unit_at;
	p->came = p->records ? p->came + 1 : p->came + came;
	p->has_unit = false;
	p->swallows = p->how.comparison->match == COMPARISON_PREFIX && !p->records;
}

/* What has come is all of the unit. */
static void
close_unit(struct playback *p)
{
	p->open_since = UNIT_ENDED;
	unit_matched(p, p->got.len);
	buf_consume(&p->got, p->got.len);
}

/* ---- what to send ---- */

static void
put_length(struct buf *out, size_t n)
{
	unsigned char *at = (unsigned char *)buf_head(out);

	for (int i = 0; i < PREFIX; i++)
		at[i] = (unsigned char)(n >> (8 * (PREFIX - 1 - i)));
}

/* Appends the event of the script, and the others of its record. */
static int
add_output(struct playback *p, struct error *e)
{
	struct playback_reader *r = p->script;
	bool more = true;
	int rc = 1;

	if (p->records && buf_append(&p->out, "\0\0\0\0", PREFIX, e) < 0)
		return -1;
	while (rc > 0 && more) {
		if (buf_append(&p->out, r->event.data, r->event.n, e) < 0)
			return -1;
		p->then = r->event.time;
		more = r->event.more;
		r->has_event = false;
		rc = more ? look(r, e) : 1;
	}
	if (p->records)
		put_length(&p->out, p->out.len - PREFIX);
	return rc < 0 ? -1 : 0;
}

/* The time that passed before an event of ours, which nothing but us caused. */
static bool
has_to_think(struct playback *p, int64_t now, int64_t *ret_at)
{
	int64_t pause = p->script->event.time - p->then;

	if (p->since == 0)
		p->since = now;
	if (p->how.speed <= 0 || pause <= 0)
		return false;
	*ret_at = p->since + (int64_t)((double)pause / p->how.speed);
	return *ret_at > now;
}

/* The event of the script was played. */
static void
played_event(struct playback *p)
{
	p->then = p->script->event.time;
	p->script->has_event = false;
}

static enum playback_step
step_to_send(struct playback *p, int64_t now, int64_t *ret_at)
{
	if (has_to_think(p, now, ret_at))
		return PLAYBACK_PAUSE;
	p->since = 0;
	p->swallows = false;
	return PLAYBACK_SEND;
}

/* Returns PLAYBACK_AWAIT until the peer has sent what was recorded here, else PLAYBACK_SEND. */
static enum playback_step
peer_step(struct playback *p, int64_t now, int64_t *ret_at)
{
	const struct dialogue_event *event = &p->script->event;
	uint64_t more = p->records ? !event->more : event->n;

	if (p->open_since != UNIT_ENDED) {
		p->open_since = p->open_since == UNIT_FRESH ? now : p->open_since;
		*ret_at = p->open_since + OPEN_QUIET;
		if (*ret_at > now)
			return PLAYBACK_PAUSE;
		close_unit(p);
	}
	if (p->matched < p->needed + more)
		return PLAYBACK_AWAIT;
	p->needed += more;
	p->since = 0;
	played_event(p);
	return PLAYBACK_SEND;
}

static enum playback_step
end_step(struct playback *p, int64_t now, int64_t *ret_at)
{
	if (!is_our_event(p, &p->script->event)) {
		if (!p->peer_ended && !p->peer_reset)
			return PLAYBACK_AWAIT;
		p->since = 0;
		played_event(p);
		return PLAYBACK_SEND;
	}
	if (has_to_think(p, now, ret_at))
		return PLAYBACK_PAUSE;
	p->since = 0;
	p->shut = true;
	p->swallows = false;
	played_event(p);
	return PLAYBACK_SHUT;
}

/* The last event. Who has recorded it has closed, and its peer has seen that. */
static enum playback_step
last_step(struct playback *p, int64_t now, int64_t *ret_at)
{
	const struct dialogue_event *event = &p->script->event;
	bool reset = event->kind == DIALOGUE_RESET;
	bool ours = reset ? is_our_event(p, event) : p->how.as_recorder;

	if (reset && !ours && !p->peer_reset && !p->peer_ended)
		return PLAYBACK_AWAIT;
	if (ours && has_to_think(p, now, ret_at))
		return PLAYBACK_PAUSE;
	p->complete = true;
	return reset && ours ? PLAYBACK_RESET : PLAYBACK_LEAVE;
}

static enum playback_step
step_of_event(struct playback *p, int64_t now, int64_t *ret_at)
{
	const struct dialogue_event *event = &p->script->event;

	switch (event->kind) {
	case DIALOGUE_DATA:
		return is_our_event(p, event) ? step_to_send(p, now, ret_at)
					      : peer_step(p, now, ret_at);
	case DIALOGUE_END:
		return end_step(p, now, ret_at);
	case DIALOGUE_CLOSE:
	case DIALOGUE_RESET:
	case DIALOGUE_ERROR:
		return last_step(p, now, ret_at);
	default:
		/* what a handshake takes is its own time */
		played_event(p);
		return PLAYBACK_SEND;
	}
}

int
playback_next(struct playback *p, int64_t now, enum playback_step *ret_step, int64_t *ret_at,
    struct error *e)
{
	struct playback_reader *r = p->script;
	int rc;

	do {
		rc = look(r, e);
		if (rc < 0)
			return -1;
		p->complete = p->complete || rc == 0;
		*ret_step = rc == 0 ? PLAYBACK_LEAVE : step_of_event(p, now, ret_at);
	} while (*ret_step == PLAYBACK_SEND && !r->has_event);
	return *ret_step == PLAYBACK_SEND ? add_output(p, e) : 0;
}

/* ---- what to expect ---- */

/* Returns true where the unit is complete with the event that follows. */
static bool
ends_unit(const struct playback *p, const struct dialogue_event *event, bool begun)
{
	return begun && !p->records && event->kind != DIALOGUE_TLS &&
	    event->kind != DIALOGUE_SECRET &&
	    (event->kind != DIALOGUE_DATA || is_our_event(p, event));
}

/* Adds the event to the unit, if it is the peer's data. Returns true where that makes the unit
 * complete. */
static int
add_expected(struct playback *p, bool *ret_complete, struct error *e)
{
	const struct dialogue_event *event = &p->expected->event;
	bool plain = comparison_is_plain(p->how.comparison);

	*ret_complete = false;
	if (event->kind != DIALOGUE_DATA || is_our_event(p, event))
		return 0;
	if (!p->has_unit)
		p->unit_line = event->place.line;
	p->has_unit = true;
	if (!p->records && !plain && p->unit.len + event->n > TURN_MAX)
		return error_set(e, ERROR_USAGE,
		    "%s:%lu: more than %u bytes without an answer: --match exact compares them",
		    p->how.file->path, event->place.line, TURN_MAX);
	*ret_complete = p->records ? !event->more : plain;
	return buf_append(&p->unit, event->data, event->n, e);
}

/* Reads what is expected next. Returns 1; 0 where nothing is; -1. */
static int
load_unit(struct playback *p, struct error *e)
{
	struct playback_reader *r = p->expected;
	bool complete = p->has_unit;
	int rc = 1;

	if (!complete) {
		buf_consume(&p->unit, p->unit.len);
		p->unit_at = 0;
	}
	while (!complete && (rc = look(r, e)) > 0) {
		if (ends_unit(p, &r->event, p->has_unit))
			break;
		r->has_event = false;
		if (add_expected(p, &complete, e) < 0)
			return -1;
	}
	return rc < 0 ? -1 : p->has_unit;
}

/* ---- differences ---- */

/* Copies what is at `at`, from the beginning of its line in a dump. base is the offset of data. */
static size_t
excerpt(const char *data, size_t n, size_t at, uint64_t base, char *out, uint64_t *ret_at)
{
	size_t back = (size_t)((base + at) % 16), from = back < at ? at - back : 0, len = n - from;

	len = len < DIFFERENCE_BYTES ? len : DIFFERENCE_BYTES;
	if (len > 0)
		memcpy(out, data + from, len);
	*ret_at = base + from;
	return len;
}

static struct difference *
differ(struct playback *p, uint64_t offset)
{
	struct difference *d = &p->difference;

	p->differs = true;
	*d = (struct difference){ .offset = offset,
		.record = p->records ? p->matched + 1 : 0,
		.line = p->has_unit ? p->unit_line : 0 };
	return d;
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Both differ, at these places of the unit and of what was got. */
static void
differ_in_unit(struct playback *p, const char *got, size_t n, const struct comparison_place *at)
{
	const uint64_t base = p->records ? 0 : p->came;
	struct difference *d = differ(p, base + at->got);
	const char *unit = p->unit.len > 0 ? buf_head(&p->unit) : "";
	uint64_t unit_base = base - (p->records ? 0 : p->unit_at);

	if (at->expected >= p->unit.len)
		snprintf(d->what, sizeof d->what, "%zu byte%s more than recorded", n - at->got,
		    plural(n - at->got));
	else if (at->got >= n)
		snprintf(d->what, sizeof d->what, "%zu byte%s less than recorded",
		    p->unit.len - at->expected, plural(p->unit.len - at->expected));
	else
		snprintf(d->what, sizeof d->what, "other data than recorded");
	d->n_expected =
	    excerpt(unit, p->unit.len, at->expected, unit_base, d->expected, &d->at_expected);
	d->n_got = excerpt(got, n, at->got, base, d->got, &d->at_got);
}

static void
differ_by_surplus(struct playback *p, const char *got, size_t n)
{
	struct difference *d = differ(p, p->records ? 0 : p->came);

	if (p->records)
		snprintf(d->what, sizeof d->what, "a record more than recorded");
	else
		snprintf(d->what, sizeof d->what, "more data than recorded");
	d->n_got = excerpt(got, n, 0, p->records ? 0 : p->came, d->got, &d->at_got);
}

/* ---- what came ---- */

/* Compares bytes one by one as they come. Returns how many agree. */
static size_t
match_bytes(struct playback *p, const char *data, size_t n)
{
	const char *unit = buf_head(&p->unit);
	size_t left = p->unit.len - p->unit_at, part = n < left ? n : left, same = 0;
	struct comparison_place at;

	if (part > 0 && memcmp(unit + p->unit_at, data, part) != 0) {
		while (unit[p->unit_at + same] == data[same])
			same++;
		at = (struct comparison_place){ .expected = p->unit_at + same, .got = same };
		differ_in_unit(p, data, n, &at);
		return same;
	}
	p->unit_at += part;
	p->matched += part;
	p->came += part;
	p->has_unit = p->unit_at < p->unit.len;
	return part;
}

static int
received_plain(struct playback *p, const char *data, size_t n, struct error *e)
{
	size_t part;
	int rc;

	for (; n > 0 && !p->differs; data += part, n -= part) {
		part = n;
		rc = load_unit(p, e);
		if (rc < 0)
			return -1;
		if (rc > 0)
			part = match_bytes(p, data, n);
		else
			differ_by_surplus(p, data, n);
	}
	return 0;
}

/* True for a match that more bytes could belong to: a pattern matches fewer of them, too, and no line has ended. */
static bool
stays_open(const struct playback *p, const struct comparison_pair *pair, size_t used)
{
	if (pair->whole || used == 0 || used < pair->n_got || pair->got[used - 1] == '\n' ||
	    p->how.comparison->match == COMPARISON_PREFIX)
		return false;
	return pair->n_expected != used || memcmp(pair->expected, pair->got, used) != 0;
}

/* Compares what has gathered with a unit. Returns 1 if it was one, and another may follow; 0; -1. */
static int
match_unit(struct playback *p, const char *got, size_t n, bool whole, size_t *ret_used,
    struct error *e)
{
	const struct comparison_pair pair = { .expected = p->unit.len > 0 ? buf_head(&p->unit) : "",
		.n_expected = p->unit.len,
		.got = got,
		.n_got = n,
		.whole = whole };
	enum comparison_result result;
	struct comparison_place place;

	if (comparison_run(p->how.comparison, &pair, &result, &place, e) < 0)
		return -1;
	*ret_used = place.used;
	if (result == COMPARISON_DIFFERENT)
		differ_in_unit(p, got, n, &place);
	p->open_since =
	    result == COMPARISON_SAME && stays_open(p, &pair, place.used) ? UNIT_FRESH : UNIT_ENDED;
	if (result != COMPARISON_SAME || p->open_since == UNIT_FRESH)
		return 0;
	unit_matched(p, place.used);
	return 1;
}

/* Compares turns: what the peer sends until it has an answer. */
static int
match_turns(struct playback *p, bool whole, struct error *e)
{
	size_t used = 0;
	int rc = 1;

	while (rc > 0 && !p->differs && (p->got.len > 0 || whole)) {
		if (p->swallows) {
			p->came += p->got.len;
			buf_consume(&p->got, p->got.len);
			return 0;
		}
		rc = load_unit(p, e);
		if (rc == 0 && p->got.len > 0)
			differ_by_surplus(p, buf_head(&p->got), p->got.len);
		if (rc <= 0)
			return rc;
		rc = match_unit(p, p->got.len > 0 ? buf_head(&p->got) : "", p->got.len, whole,
		    &used, e);
		if (rc > 0)
			buf_consume(&p->got, used);
	}
	return rc < 0 ? -1 : 0;
}

static size_t
length_at(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n = 0;

	for (int i = 0; i < PREFIX; i++)
		n = n << 8 | at[i];
	return n;
}

static int
match_record(struct playback *p, const char *record, size_t n, struct error *e)
{
	size_t used;
	int rc = load_unit(p, e);

	if (rc > 0)
		return match_unit(p, record, n, true, &used, e) < 0 ? -1 : 0;
	if (rc == 0)
		differ_by_surplus(p, record, n);
	return rc;
}

static int
match_records(struct playback *p, struct error *e)
{
	size_t n;

	while (p->got.len >= PREFIX && !p->differs) {
		n = length_at(buf_head(&p->got));
		if (p->got.len < PREFIX + n)
			return 0;
		if (match_record(p, buf_head(&p->got) + PREFIX, n, e) < 0)
			return -1;
		buf_consume(&p->got, PREFIX + n);
	}
	return 0;
}

int
playback_received(struct playback *p, const void *data, size_t n, struct error *e)
{
	if (p->differs)
		return 0;
	if (!p->records && comparison_is_plain(p->how.comparison))
		return received_plain(p, data, n, e);
	if (buf_append(&p->got, data, n, e) < 0)
		return -1;
	return p->records ? match_records(p, e) : match_turns(p, false, e);
}

/* ---- the end ---- */

/* What is recorded and has not come. */
static int
find_missing(struct playback *p, const char *what, struct error *e)
{
	int rc = p->differs ? 0 : load_unit(p, e);
	struct difference *d;
	uint64_t base = p->records ? 0 : p->came;

	if (rc <= 0)
		return rc;
	d = differ(p, base + p->got.len);
	snprintf(d->what, sizeof d->what, "%s, and more was recorded", what);
	d->n_expected = excerpt(p->unit.len > 0 ? buf_head(&p->unit) : "", p->unit.len, p->unit_at,
	    base - (p->records ? 0 : p->unit_at), d->expected, &d->at_expected);
	return 0;
}

static void
add_reason(struct difference *d, const char *why)
{
	char what[sizeof d->what];

	snprintf(what, sizeof what, "%.80s: %.64s", why, d->what);
	memcpy(d->what, what, sizeof what);
}

int
playback_peer_ended(struct playback *p, const char *why, struct error *e)
{
	bool plain = p->records || comparison_is_plain(p->how.comparison);

	if (p->peer_ended)
		return 0;
	p->peer_ended = true;
	if (!plain && p->got.len > 0 && !p->differs) {
		if (match_turns(p, true, e) < 0)
			return -1;
		if (p->differs && why != NULL)
			add_reason(&p->difference, why);
	}
	return find_missing(p, why != NULL ? why : "the peer has ended", e);
}

void
playback_peer_reset(struct playback *p)
{
	p->peer_reset = true;
}

/* Says what of the script was not played. */
static void
differ_by_rest(struct playback *p, const char *why)
{
	const struct dialogue_event *event = &p->script->event;
	struct difference *d = differ(p, p->records ? 0 : p->came);

	d->line = event->place.line;
	if (event->kind == DIALOGUE_DATA && is_our_event(p, event))
		snprintf(d->what, sizeof d->what, "%.80s, and our data was not sent", why);
	else if (event->kind == DIALOGUE_END && !is_our_event(p, event))
		snprintf(d->what, sizeof d->what, "%.80s, and the peer did not end", why);
	else if (event->kind == DIALOGUE_RESET)
		snprintf(d->what, sizeof d->what, "%.80s, and no reset", why);
	else
		snprintf(d->what, sizeof d->what, "%.80s, and the recording goes on", why);
}

int
playback_finish(struct playback *p, const char *why, struct error *e)
{
	const char *said = why != NULL ? why : "the connection is over";
	enum playback_step step = PLAYBACK_AWAIT;
	int64_t at;

	if (p->open_since != UNIT_ENDED)
		close_unit(p);
	if (find_missing(p, said, e) < 0)
		return -1;
	if (p->differs || p->complete)
		return 0;
	/* what does not need the peer is as good as played */
	p->how.speed = 0;
	do {
		if (playback_next(p, INT64_MAX, &step, &at, e) < 0)
			return -1;
	} while (step == PLAYBACK_SHUT);
	if (!p->complete)
		differ_by_rest(p, said);
	return 0;
}

/* ---- which connection it is ---- */

bool
playback_is_first(const struct playback_how *how)
{
	const enum dialogue_direction theirs = how->as_recorder ? DIALOGUE_RECEIVED : DIALOGUE_SENT;

	return how->connection->first != theirs;
}

static long
fit_first(const struct playback *p, const char *data, size_t n, bool *ret_whole)
{
	size_t len = n < p->unit.len ? n : p->unit.len;

	*ret_whole = len == p->unit.len;
	if (len > 0 && memcmp(buf_head(&p->unit), data, len) != 0)
		return -1;
	return (long)len;
}

long
playback_fit(const struct playback_how *how, const void *data, size_t n, bool *ret_whole)
{
	static const struct comparison plain = { .match = COMPARISON_EXACT };
	struct playback_how own = *how;
	struct playback p;
	long fits = -1;

	own.comparison = &plain;
	*ret_whole = false;
	if (playback_open(&p, &own, NULL) == 0 && load_unit(&p, NULL) > 0)
		fits = fit_first(&p, data, n, ret_whole);
	playback_close(&p);
	return fits;
}
