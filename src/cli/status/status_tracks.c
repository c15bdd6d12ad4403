#include "cli/status/status_tracks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "cli/output/table/units.h"
#include "cli/status/status_graphs.h"
#include "cli/status/status_print.h"
#include "status/tcp_info.h"

enum { GRAPH_MIN = 4, GAP = 2, TIME_WIDTH = 8 };

/* ---- samples ---- */

int
status_tracks_init(struct status_tracks *t, struct error *e)
{
	t->list = calloc(STATUS_TRACKS_MAX, sizeof(*t->list));
	return t->list != NULL ? 0 : error_set(e, ERROR_INTERNAL, "out of memory");
}

void
status_tracks_fini(struct status_tracks *t)
{
	free(t->list);
	if (t->has_table)
		text_table_fini(&t->table);
}

static struct status_track *
find_track(struct status_tracks *t, const struct status_row *row)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct status_row *known = &t->list[i].row;

		if (memcmp(known->cookie, row->cookie, sizeof(row->cookie)) == 0 &&
		    known->inode == row->inode && sockname_equal(&known->local, &row->local) &&
		    sockname_equal(&known->peer, &row->peer))
			return &t->list[i];
	}
	return NULL;
}

static uint64_t
total_bytes(const struct status_row *row, bool *ret_known)
{
	struct status_metric metrics[STATUS_METRICS];
	size_t n = status_metrics(row, metrics);
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(metrics[i].name, "acked_bytes") == 0 ||
		    strcmp(metrics[i].name, "received_bytes") == 0)
			bytes += metrics[i].value;
	*ret_known = n > 0;
	return bytes;
}

static void
push_history(double history[STATUS_TRACK_HISTORY], double value)
{
	memmove(history, history + 1, (STATUS_TRACK_HISTORY - 1) * sizeof(*history));
	history[STATUS_TRACK_HISTORY - 1] = value;
}

static void
update_track(struct status_track *t, const struct status_row *row, double seconds)
{
	bool counted;
	uint64_t bytes = total_bytes(row, &counted);

	t->rate = -1;
	if (t->known && t->counted && counted && seconds > 0)
		t->rate = bytes >= t->bytes ? (double)(bytes - t->bytes) / seconds : 0;
	push_history(t->rates, t->rate > 0 ? t->rate : 0);
	/* the second number of a listener is its backlog, not a queue */
	push_history(t->queues, row->rqueue + (row->code == TCP_CODE_LISTEN ? 0.0 : row->wqueue));
	t->row = *row;
	t->row.info = NULL;
	t->bytes = bytes;
	t->counted = counted;
	t->seen = true;
}

void
status_tracks_begin(struct status_tracks *t)
{
	for (size_t i = 0; i < t->n; i++) {
		t->list[i].known = true;
		t->list[i].seen = false;
	}
	t->more = 0;
}

void
status_tracks_add(struct status_tracks *t, const struct status_row *row, double seconds)
{
	struct status_track *track = find_track(t, row);

	if (track == NULL && t->n == STATUS_TRACKS_MAX) {
		t->more++;
		return;
	}
	if (track == NULL) {
		track = &t->list[t->n++];
		*track = (struct status_track){ .seen = false };
	}
	update_track(track, row, seconds);
}

void
status_tracks_end(struct status_tracks *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].seen)
			t->list[kept++] = t->list[i];
	t->n = kept;
}

/* ---- the table ---- */

/* The first column is not on a screen, which says the time once. */
static const struct text_table_column columns[] = {
	{ .title = "TIME", .right = true, .least = TIME_WIDTH },
	{ .title = "STATE", .least = 11 },
	{ .title = "LOCAL" },
	{ .title = "PEER" },
	{ .title = "RATE", .right = true, .least = 12 },
	{ .title = "RATES", .rank = 2 },
	{ .title = "RECV-Q", .right = true, .rank = 1 },
	{ .title = "SEND-Q", .right = true, .rank = 1 },
	{ .title = "QUEUES", .rank = 3 },
};

enum { TIME_COLUMNS = 1 };

static size_t
name_width(const struct status_row *row,
    size_t (*print)(const struct status_row *row, char text[STATUS_NAME_MAX]), size_t least)
{
	char text[STATUS_NAME_MAX];
	const size_t n = print(row, text);

	return n > least ? n : least;
}

/* Returns the width of a graph, so that the two of a line fill what the other columns leave. */
static size_t
graph_width(const struct status_tracks *t, size_t n, size_t screen)
{
	size_t local = strlen("LOCAL"), peer = strlen("PEER"), width;
	size_t others = (ARRAY_LEN(columns) - TIME_COLUMNS - 1) * GAP;

	for (size_t i = 0; i < n; i++) {
		local = name_width(&t->list[i].row, status_print_local, local);
		peer = name_width(&t->list[i].row, status_print_peer, peer);
	}
	others += 11 + local + peer + 12 + strlen("RECV-Q") + strlen("SEND-Q");
	width = screen > others ? (screen - others) / 2 : 0;
	if (width < GRAPH_MIN)
		return GRAPH_MIN;
	return width < STATUS_TRACK_HISTORY ? width : STATUS_TRACK_HISTORY;
}

static int
add_graph(struct text_table *table, const double *values, size_t width, bool plain, struct error *e)
{
	char text[4 * STATUS_TRACK_HISTORY];

	status_graphs_sparkline(values, STATUS_TRACK_HISTORY, width, plain, text);
	return text_table_add(table, STYLE_DIM, text, e);
}

static int
add_names(struct text_table *table, const struct status_row *row, struct error *e)
{
	char local[STATUS_NAME_MAX], peer[STATUS_NAME_MAX];
	const char *state = status_state_name(row);

	local[status_print_local(row, local)] = '\0';
	peer[status_print_peer(row, peer)] = '\0';
	if (text_table_add(table, style_of_word(state), state, e) == -1 ||
	    text_table_add(table, STYLE_PLAIN, local, e) == -1)
		return -1;
	return text_table_add(table, STYLE_PLAIN, peer, e);
}

static int
add_track(struct text_table *table, const struct status_track *t, size_t width, bool plain,
    struct error *e)
{
	char rate[UNITS_TEXT_MAX] = "";

	if (t->rate >= 0)
		units_rate(t->rate, rate);
	if (add_names(table, &t->row, e) == -1 ||
	    text_table_add(table, STYLE_PLAIN, rate, e) == -1 ||
	    add_graph(table, t->rates, width, plain, e) == -1 ||
	    text_table_add_number(table, STYLE_PLAIN, t->row.rqueue, e) == -1 ||
	    text_table_add_number(table, STYLE_PLAIN, t->row.wqueue, e) == -1)
		return -1;
	return add_graph(table, t->queues, width, plain, e);
}

static int
print_lines(struct status_tracks *t, size_t n, const struct status_tracks_how *how, struct buf *out,
    struct error *e)
{
	const struct text_table_how lines = { how->columns, how->color, how->columns > 0 };
	const size_t screen = how->columns > TIME_WIDTH + GAP ? how->columns - TIME_WIDTH - GAP : 0;
	const size_t width = how->columns > 0 ? graph_width(t, n, screen) : STATUS_TRACK_HISTORY;
	char time[32];

	if (!t->has_table)
		text_table_init(&t->table, columns, ARRAY_LEN(columns), &lines);
	t->has_table = true;
	snprintf(time, sizeof(time), "%.1f", how->elapsed);
	for (size_t i = 0; i < n; i++)
		if (text_table_add(&t->table, STYLE_DIM, time, e) == -1 ||
		    add_track(&t->table, &t->list[i], width, how->plain, e) == -1)
			return -1;
	return text_table_print(&t->table, out, e);
}

int
status_tracks_print(struct status_tracks *t, size_t n, const struct status_tracks_how *how,
    struct buf *out, struct error *e)
{
	const struct text_table_how screen = { how->columns, how->color, true };
	struct text_table table;
	size_t width;
	int rc = 0;

	if (how->lines)
		return print_lines(t, n, how, out, e);
	width = graph_width(t, n, how->columns);
	text_table_init(&table, columns + TIME_COLUMNS, ARRAY_LEN(columns) - TIME_COLUMNS, &screen);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = add_track(&table, &t->list[i], width, how->plain, e);
	if (rc == 0)
		rc = text_table_print(&table, out, e);
	if (rc == 0)
		rc = text_table_note(&table, "a wider terminal has them", out, e);
	text_table_fini(&table);
	return rc;
}
