#include "cli/dialogue/figures.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/record.h"
#include "cli/dialogue/conversation.h"
#include "cli/output/style.h"
#include "cli/output/table/units.h"

/* Of a table with all its columns. */
enum { TABLE_WIDTH = 62 };

static const struct {
	const char *name, *word; /* for people, for JSON */
	bool times;
} kinds[FIGURES] = {
	[ROUND_TRIPS] = { "round trips", "round-trips", true },
	[THINK_TIMES] = { "think times", "think-times", true },
	[REQUESTS] = { "requests", "requests", false },
	[ANSWERS] = { "answers", "answers", false },
};

/* ---- measuring ---- */

/* Values below 256 have a bucket each, then there are 128 for each power of two. */
static size_t
bucket_of(int64_t value)
{
	unsigned power;

	if (value < 256)
		return value > 0 ? (size_t)value : 0;
	power = 63 - (unsigned)__builtin_clzll((unsigned long long)value);
	return 256 + (power - 8) * 128 + (size_t)(value >> (power - 7) & 127);
}

static void
add_sample(struct figures_samples *s, int64_t value)
{
	struct figures_bucket *b = &s->buckets[bucket_of(value)];

	s->least = s->n == 0 || value < s->least ? value : s->least;
	s->most = s->n == 0 || value > s->most ? value : s->most;
	s->n++;
	b->n++;
	if (__builtin_add_overflow(b->sum, value, &b->sum))
		b->sum = INT64_MAX;
}

struct figures *
figures_open(struct error *e)
{
	struct figures *f = calloc(1, sizeof(*f));

	if (f == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	return f;
}

void
figures_close(struct figures *f)
{
	if (f == NULL)
		return;
	free(f->turns);
	free(f);
}

static struct figures_turn *
turn_of(struct figures *f, size_t connection)
{
	struct figures_turn *more = f->turns;
	size_t n = f->n_turns;

	if (connection >= n) {
		n = 2 * connection + 16;
		more = reallocarray(more, n, sizeof(*more));
		if (more == NULL)
			return NULL;
		memset(more + f->n_turns, 0, (n - f->n_turns) * sizeof(*more));
		f->turns = more;
		f->n_turns = n;
	}
	return &more[connection];
}

/* From the last byte of one side to the first byte of the other. */
void
figures_measure(void *arg, const struct conversation *c, const struct conversation_message *m)
{
	struct figures *f = arg;
	struct figures_turn *turn = turn_of(f, m->connection);
	const bool request = conversation_is_request(c, m);

	f->torn = f->torn || turn == NULL;
	f->end = m->last > f->end ? m->last : f->end;
	if (turn == NULL || m->kind != DIALOGUE_DATA)
		return;
	add_sample(&f->of[request ? REQUESTS : ANSWERS], (int64_t)m->bytes);
	if (turn->begun && turn->request != request)
		add_sample(&f->of[request ? THINK_TIMES : ROUND_TRIPS], m->time - turn->last);
	*turn = (struct figures_turn){ .begun = true, .request = request, .last = m->last };
}

int
figures_finish(struct figures *f, const struct conversation *c, struct error *e)
{
	for (size_t i = 0; i < c->n_messages; i++)
		figures_measure(f, c, &c->messages[i]);
	return f->torn ? error_set(e, ERROR_INTERNAL, "out of memory") : 0;
}

static int64_t
mean_of(const struct figures_bucket *b)
{
	return b->sum / (int64_t)b->n;
}

/* Returns the value that `percent` of the samples do not exceed; there is at least one. */
static int64_t
percentile(const struct figures_samples *s, size_t percent)
{
	const uint64_t rank = (s->n * percent + 99) / 100;
	uint64_t n = 0;

	if (percent == 0)
		return s->least;
	for (size_t i = 0; i < FIGURES_BUCKETS && rank < s->n; i++) {
		n += s->buckets[i].n;
		if (n >= rank)
			return mean_of(&s->buckets[i]);
	}
	return s->most;
}

/* ---- for people ---- */

/* The columns of the table; a narrow terminal has no room for all of them. */
static const struct {
	const char *title;
	size_t percent;
	bool narrow;
} columns[] = {
	{ "LEAST", 0, false },
	{ "MEDIAN", 50, true },
	{ "90%", 90, false },
	{ "MOST", 100, true },
};

static bool
is_shown(size_t column, const struct figures_how *how)
{
	return how->columns == 0 || how->columns >= TABLE_WIDTH || columns[column].narrow;
}

static const char *
format_figure(enum figure kind, int64_t value, char text[UNITS_TEXT_MAX])
{
	return kinds[kind].times ? units_time(value, text) : units_size((double)value, text);
}

static int
put_figure_row(enum figure kind, const struct figures_samples *s, const struct figures_how *how,
    struct buf *out, struct error *e)
{
	char text[UNITS_TEXT_MAX];

	buf_printf(out, NULL, "%-11s %6" PRIu64, kinds[kind].name, s->n);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (is_shown(i, how))
			buf_printf(out, NULL, " %10s",
			    s->n > 0 ? format_figure(kind, percentile(s, columns[i].percent), text)
				     : "-");
	return buf_append(out, "\n", 1, e);
}

static int
put_table(const struct figures *f, const struct figures_how *how, struct buf *out, struct error *e)
{
	buf_printf(out, NULL, "%s%-11s %6s", style_on(how->color, STYLE_TITLE), "WHAT", "N");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (is_shown(i, how))
			buf_printf(out, NULL, " %10s", columns[i].title);
	if (buf_printf(out, e, "%s\n", style_off(how->color, STYLE_TITLE)) == -1)
		return -1;
	for (size_t i = 0; i < FIGURES; i++)
		if (put_figure_row((enum figure)i, &f->of[i], how, out, e) == -1)
			return -1;
	return 0;
}

/* Bounds of the histogram's rows in nanoseconds: 1, 2, 5, 10, ... microseconds. */
static int64_t
next_bound(int64_t bound)
{
	int64_t unit = 1;

	if (bound > INT64_MAX / 2)
		return INT64_MAX;
	while (bound / unit >= 10)
		unit *= 10;
	return bound / unit == 2 ? 5 * unit : 2 * bound;
}

static size_t
count_up_to(const struct figures_samples *s, int64_t bound)
{
	uint64_t n = 0;

	for (size_t i = 0; i < FIGURES_BUCKETS; i++)
		if (s->buckets[i].n > 0 && mean_of(&s->buckets[i]) <= bound)
			n += s->buckets[i].n;
	return (size_t)n;
}

static int
put_bar(size_t n, size_t most, int64_t bound, const struct figures_how *how, struct buf *out,
    struct error *e)
{
	const size_t room = how->columns == 0 || how->columns > 64 ? 40 : 16;
	const size_t length = n == 0 ? 0 : 1 + (n - 1) * room / most;
	char text[UNITS_TEXT_MAX];

	buf_printf(out, NULL, "  <= %-8s ", units_time(bound, text));
	for (size_t i = 0; i < length; i++)
		buf_append(out, "#", 1, NULL);
	return buf_printf(out, e, "%*s %zu\n", (int)(room - length), "", n);
}

/* Returns how many samples the longest row has. */
static size_t
longest_row(const struct figures_samples *s, int64_t bound)
{
	size_t most = 0, before = 0;

	for (; before < s->n; bound = next_bound(bound)) {
		const size_t n = count_up_to(s, bound);

		most = n - before > most ? n - before : most;
		before = n;
	}
	return most;
}

static int
put_histogram(const struct figures_samples *s, enum figure kind, const struct figures_how *how,
    struct buf *out, struct error *e)
{
	int64_t bound = 1000;
	size_t before = 0, most, n;

	if (s->n == 0)
		return 0;
	while (bound < s->least)
		bound = next_bound(bound);
	most = longest_row(s, bound);
	buf_printf(out, NULL, "\n%s%s%s\n", style_on(how->color, STYLE_TITLE), kinds[kind].name,
	    style_off(how->color, STYLE_TITLE));
	for (; before < s->n; bound = next_bound(bound)) {
		n = count_up_to(s, bound);
		if (put_bar(n - before, most, bound, how, out, e) == -1)
			return -1;
		before = n;
	}
	return 0;
}

int
figures_text(const struct figures *f, const struct conversation *c, const struct figures_how *how,
    struct buf *out, struct error *e)
{
	char time[UNITS_TEXT_MAX];
	int rc;

	rc = buf_printf(out, e, "usock %s: %zu connection%s, %s\n\n", c->header.command,
	    c->n_connections, c->n_connections == 1 ? "" : "s", units_time(f->end, time));
	if (rc == 0)
		rc = put_table(f, how, out, e);
	for (size_t i = 0; i < FIGURES && rc == 0; i++)
		if (kinds[i].times)
			rc = put_histogram(&f->of[i], (enum figure)i, how, out, e);
	return rc;
}

/* ---- for machines ---- */

/* Times are in seconds, sizes in bytes. */
static struct field
figure_field(const char *name, enum figure kind, const struct figures_samples *s, size_t percent)
{
	const int64_t value = s->n > 0 ? percentile(s, percent) : 0;

	if (s->n == 0)
		return (struct field){ .name = name, .kind = FIELD_TEXT };
	if (!kinds[kind].times)
		return (struct field){ .name = name, .kind = FIELD_INT, .number = value };
	return (struct field){ .name = name,
		.kind = FIELD_REAL,
		.real = (double)value / (double)NSEC_PER_SEC };
}

static int
put_figure_json(enum figure kind, const struct figures_samples *s, struct buf *out, struct error *e)
{
	const struct field fields[] = {
		{ .name = "what", .kind = FIELD_TEXT, .text = kinds[kind].word },
		{ .name = "n", .kind = FIELD_INT, .number = (int64_t)s->n },
		figure_field("least", kind, s, 0),
		figure_field("median", kind, s, 50),
		figure_field("p90", kind, s, 90),
		figure_field("most", kind, s, 100),
		{ .kind = FIELD_END },
	};

	return record_json(out, fields, e);
}

static int
put_connection_json(const struct conversation_connection *k, struct buf *out, struct error *e)
{
	const struct field fields[] = {
		{ .name = "what", .kind = FIELD_TEXT, .text = "connection" },
		{ .name = "connection", .kind = FIELD_INT, .number = (int64_t)k->id },
		{ .name = "client",
		    .kind = FIELD_TEXT,
		    .text = conversation_known(conversation_client(k)) },
		{ .name = "server",
		    .kind = FIELD_TEXT,
		    .text = conversation_known(conversation_server(k)) },
		{ .name = "type", .kind = FIELD_TEXT, .text = dialogue_type_word(k->type) },
		{ .name = "sent", .kind = FIELD_INT, .number = (int64_t)k->bytes[DIALOGUE_SENT] },
		{ .name = "received",
		    .kind = FIELD_INT,
		    .number = (int64_t)k->bytes[DIALOGUE_RECEIVED] },
		{ .name = "tls", .kind = FIELD_TEXT, .text = k->tls },
		{ .kind = FIELD_END },
	};

	return record_json(out, fields, e);
}

int
figures_json(const struct figures *f, const struct conversation *c, struct buf *out,
    struct error *e)
{
	int rc = 0;

	for (size_t i = 0; i < FIGURES && rc == 0; i++)
		rc = put_figure_json((enum figure)i, &f->of[i], out, e);
	for (size_t i = 0; i < c->n_connections && rc == 0; i++)
		rc = put_connection_json(&c->connections[i], out, e);
	return rc;
}
