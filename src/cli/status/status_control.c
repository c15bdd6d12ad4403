#include "cli/status/status_control.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/record.h"
#include "cli/core/command_context.h"
#include "cli/output/table/text_table.h"
#include "cli/output/table/units.h"
#include "control/control_answer.h"
#include "control/control_channel.h"
#include "control/control_request.h"
#include "sock/sock.h"

#define PATIENCE (10 * NSEC_PER_SEC)

enum { SCREEN_MAX = 128 << 20 };

struct viewer {
	const struct status_control_how *how;
	struct command_context *rt;
	struct control_channel channel;
	struct output_queue *queue; /* of standard output */
	struct buf out;
	struct text_table table; /* of the clients */
	size_t used;             /* columns of the line of the counts */
	bool answered, failed;
	struct error partial; /* why an answer is not complete; no text: it is */
	int64_t started;
	struct error *e;
};

/* ---- what is printed ---- */

static void
append(struct viewer *v, const char *text, size_t n)
{
	if (!v->failed && buf_append(&v->out, text, n, v->e) < 0)
		v->failed = true;
}

/* The text comes from another program, so it is escaped, except JSON, which is for programs. */
static void
append_answer(struct viewer *v, const char *line)
{
	if (v->how->json)
		append(v, line, strlen(line));
	else if (!v->failed && record_escape(&v->out, line, strlen(line), v->e) < 0)
		v->failed = true;
}

/* The counts are one line, which wraps between two counts. */
static void
on_count(struct control_ask *a, char *line)
{
	struct viewer *v = a->arg;
	size_t n = strlen(line), width = v->table.how.width;

	if (v->used > 0 && width > 0 && v->used + 2 + n > width) {
		append(v, "\n", 1);
		v->used = 0;
	}
	if (v->used > 0)
		append(v, "  ", 2);
	v->used += n + 2;
	append_answer(v, line);
}

static void
on_answered(struct control_ask *a, const char *failure)
{
	struct viewer *v = a->arg;

	v->answered = true;
	if (failure == NULL)
		return;
	if (failure != control_channel_gone) {
		error_set(&v->partial, ERROR_NETWORK, "%s", failure);
		return;
	}
	v->failed = true;
	error_set(v->e, ERROR_PEER_ENDED, "control %s: %s", v->how->path, failure);
}

/* Returns 0 for an answer, or -1. */
static int
ask_server(struct viewer *v, const struct control_request *rq,
    void (*line)(struct control_ask *a, char *line))
{
	struct control_ask a = { .line = line, .done = on_answered, .arg = v };
	int rc;

	v->answered = false;
	control_channel_ask(&v->channel, rq, &a);
	rc = loop_run(v->rt->loop, &v->answered, deadline_in(PATIENCE), v->e);
	/* the question is on this stack */
	if (rc <= 0)
		control_channel_close(&v->channel);
	if (rc == 0)
		return error_set(v->e, ERROR_TIMEOUT, "control %s: timed out: no answer",
		    v->how->path);
	return rc < 0 || v->failed ? -1 : 0;
}

/* ---- clients ---- */

enum { ID, PEER, SECONDS, SENT, RECEIVED, STATE, WHAT, CELLS, WORDS_MAX = 64 };

static const struct text_table_column client_columns[CELLS] = {
	[ID] = { .title = "ID", .right = true },
	[PEER] = { .title = "PEER" },
	[SECONDS] = { .title = "SINCE", .right = true, .rank = 2 },
	[SENT] = { .title = "SENT", .right = true, .rank = 1 },
	[RECEIVED] = { .title = "RECEIVED", .right = true, .rank = 1 },
	[STATE] = { .title = "STATE", .rank = 4 },
	[WHAT] = { .title = "WHAT", .rank = 3 },
};

static size_t
split_row(char *line, char *words[WORDS_MAX])
{
	size_t n = 0;

	for (char *at = line + strspn(line, " "); *at != '\0' && n < WORDS_MAX;
	     at += strspn(at, " ")) {
		words[n++] = at;
		at += strcspn(at, " ");
		if (*at != '\0')
			*at++ = '\0';
	}
	return n;
}

static bool
is_client_state(const char *word)
{
	return strcmp(word, "open") == 0 || strcmp(word, "negotiating") == 0 ||
	    strcmp(word, "closing") == 0;
}

/* Puts the blanks between two words back. */
static void
join_words(char *const words[], size_t from, size_t to)
{
	for (size_t i = from; i + 1 < to; i++)
		words[i][strlen(words[i])] = ' ';
}

/* Finds the cells of a row as control/control_answer.h makes it; the address, and what the client
 * gets, may have blanks. */
static bool
split_client(char *line, char *cells[CELLS])
{
	char *words[WORDS_MAX];
	size_t n = split_row(line, words), at = 5;
	int64_t ignored;

	while (at + 1 < n &&
	    !(is_client_state(words[at]) && parse_duration(words[at - 3], &ignored, NULL) == 0))
		at++;
	if (at + 1 >= n)
		return false;
	join_words(words, 1, at - 3);
	join_words(words, at + 1, n);
	cells[ID] = words[0];
	cells[PEER] = words[1];
	cells[SECONDS] = words[at - 3];
	cells[SENT] = words[at - 2];
	cells[RECEIVED] = words[at - 1];
	cells[STATE] = words[at];
	cells[WHAT] = words[at + 1];
	return true;
}

/* Formats the number of a cell with its unit; a cell that is none stays as it is. */
static const char *
unit_text(size_t cell, const char *word, char text[UNITS_TEXT_MAX])
{
	int64_t number;

	if (cell == SECONDS && parse_duration(word, &number, NULL) == 0)
		return units_time(number, text);
	if ((cell == SENT || cell == RECEIVED) && parse_int(word, 0, INT64_MAX, &number, NULL) == 0)
		return units_size((double)number, text);
	return strcmp(word, "-") == 0 ? "" : word;
}

static int
add_client_row(struct viewer *v, char *line)
{
	char *cells[CELLS], unit[UNITS_TEXT_MAX];

	if (!split_client(line, cells))
		return text_table_add_line(&v->table, line, v->e);
	for (size_t i = 0; i < CELLS; i++)
		if (text_table_add(&v->table, i == STATE ? style_of_word(cells[i]) : STYLE_PLAIN,
			unit_text(i, cells[i], unit), v->e) == -1)
			return -1;
	return 0;
}

/* The text comes from another program. */
static void
on_client_row(struct control_ask *a, char *line)
{
	struct viewer *v = a->arg;
	struct buf safe;
	char *text;

	if (v->how->json) {
		append(v, line, strlen(line));
		append(v, "\n", 1);
		return;
	}
	buf_init(&safe, SCREEN_MAX);
	text = record_escape(&safe, line, strlen(line), v->e) == 0 ? buf_text(&safe, v->e) : NULL;
	if (text == NULL || add_client_row(v, text) == -1)
		v->failed = true;
	buf_fini(&safe);
}

static int
print_clients(struct viewer *v)
{
	const struct control_request list = { .verb = CONTROL_LIST,
		.json = v->how->json,
		.no_header = true };
	int rc;

	text_table_init(&v->table, client_columns, CELLS, &v->table.how);
	rc = ask_server(v, &list, on_client_row);
	if (rc == 0 && !v->how->json)
		rc = text_table_print(&v->table, &v->out, v->e);
	if (rc == 0 && !v->how->json)
		rc = text_table_note(&v->table, "--json has them", &v->out, v->e);
	text_table_fini(&v->table);
	return rc;
}

/* ---- what is printed when ---- */

static bool
is_screen(const struct viewer *v)
{
	return v->how->interval > 0 && isatty(STDOUT_FILENO);
}

static int
finish_printing(struct viewer *v)
{
	const bool partial = v->partial.text[0] != '\0', again = v->how->interval > 0;

	if (partial && again && control_answer_end(&v->partial, v->how->json, &v->out, v->e) < 0)
		return -1;
	if (v->failed || output_queue_flush(v->queue, &v->out, v->e) < 0)
		return -1;
	if (!partial || again)
		return 0;
	*v->e = v->partial;
	return error_prefix(v->e, "control %s", v->how->path);
}

static int
print_once(struct viewer *v)
{
	const struct control_request stats = { .verb = CONTROL_STATS, .json = v->how->json };

	v->partial.text[0] = '\0';
	if (is_screen(v))
		append(v, "\033[H\033[2J", 7);
	else if (v->how->interval > 0 &&
	    buf_printf(&v->out, v->e, "%8.1f  ",
		(double)(clock_now() - v->started) / (double)NSEC_PER_SEC) < 0)
		return -1;
	v->used = 0;
	if (ask_server(v, &stats, on_count) < 0)
		return -1;
	append(v, "\n", 1);
	if ((v->how->interval == 0 || is_screen(v)) && print_clients(v) < 0)
		return -1;
	return finish_printing(v);
}

/* Until the server ends, which is no failure of the viewer. */
static int
print_repeatedly(struct viewer *v)
{
	const bool never = false;
	int rc = print_once(v);

	while (rc == 0 &&
	    (rc = loop_run(v->rt->loop, &never, deadline_in(v->how->interval), v->e)) == 0) {
		/* a reader that has not read the last one gets the next one */
		if (v->queue->empty)
			rc = print_once(v);
	}
	return rc < 0 && v->e->code == ERROR_PEER_ENDED ? 0 : rc;
}

/* ---- the connection ---- */

static int
connect_to(struct viewer *v)
{
	const struct connect_how how = { .bind = { .type = SOCK_STREAM },
		.connect_timeout = DURATION_NONE };
	struct endpoint ep = { .kind = ENDPOINT_UNIX, .path_len = strlen(v->how->path) };

	if (ep.path_len == 0 || ep.path_len >= sizeof ep.path)
		return error_set(v->e, ERROR_USAGE, "'%s' is not a path of 1 to %zu bytes",
		    v->how->path, sizeof ep.path - 1);
	memcpy(ep.path, v->how->path, ep.path_len);
	return sock_open_connected(&v->channel.sock, v->rt->loop, &ep, &how, deadline_in(PATIENCE),
	    &v->rt->report.log, v->e);
}

int
status_control(struct command_context *rt, const struct status_control_how *how, struct error *e)
{
	struct viewer v = { .how = how,
		.rt = rt,
		.channel.loop = rt->loop,
		.started = clock_now(),
		.table.how = { .width = text_table_width_of(STDOUT_FILENO),
		    .color = how->color,
		    .titles = !how->no_header },
		.e = e };
	int rc = -1;

	buf_init(&v.out, SCREEN_MAX);
	if (command_context_results(rt, &v.queue, e) == 0 && connect_to(&v) == 0 &&
	    control_channel_start(&v.channel, e) == 0)
		rc = how->interval > 0 ? print_repeatedly(&v) : print_once(&v);
	control_channel_close(&v.channel);
	buf_fini(&v.out);
	return rc;
}
