#include "cli/replay/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/codec/hexdump.h"
#include "base/error.h"
#include "base/parse.h"
#include "cli/core/command_context.h"
#include "cli/core/session_report.h"
#include "cli/options/websocket_opts.h"
#include "cli/replay/player.h"
#include "relay/session.h"

/* ---- options ---- */

/* Parses digits with at most one point among them. */
static int
parse_replay_speed(const char *text, double *ret_speed, struct error *e)
{
	double value = 0, unit = 1;
	bool point = false, digits = false;

	if (strcmp(text, "max") == 0) {
		*ret_speed = 0;
		return 0;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '.' && !point) {
			point = true;
		} else if (parse_is_digit(*p) && p - text < 12) {
			digits = true;
			value = value * 10 + (*p - '0');
			unit = point ? unit * 10 : unit;
		} else {
			digits = false;
			break;
		}
	}
	if (!digits || value <= 0)
		return error_set(e, ERROR_USAGE,
		    "--speed: '%.50s' is no number above 0, and not max", text);
	*ret_speed = value / unit;
	return 0;
}

static const char *
or_default(const char *text, const char *other)
{
	return text != NULL ? text : other;
}

int
replay_open(struct replay *r, const char *path, bool datagrams, struct error *e)
{
	const struct replay_opts_play *o = r->opts;
	int match = o->match < 0 ? COMPARISON_EXACT : o->match;

	r->file.fd = -1;
	buf_init(&r->said, 64 << 10);
	if (parse_replay_speed(or_default(o->speed, "1"), &r->speed, e) < 0 ||
	    comparison_open(&r->comparison, (enum comparison_match)match, &o->ignored, e) < 0)
		return -1;
	if (recording_file_open(&r->file, path, e) < 0)
		return -1;
	r->left_out = recording_file_keep(&r->file, datagrams);
	return 0;
}

void
replay_close(struct replay *r)
{
	struct player *pl;

	while ((pl = r->players) != NULL) {
		r->players = pl->next;
		player_release(pl);
	}
	buf_fini(&r->said);
	comparison_close(&r->comparison);
	recording_file_close(&r->file);
}

static bool
plays_recorder(const struct replay *r, const struct recorded_connection *c)
{
	return (r->opts->side == REPLAY_CLIENT) == (c->role == DIALOGUE_CLIENT);
}

bool
replay_has_records(const struct replay *r)
{
	return r->file.n > 0 && r->file.connections[0].type != DIALOGUE_STREAM;
}

bool
replay_has_datagrams(const struct replay *r)
{
	return r->file.n > 0 && r->file.connections[0].type == DIALOGUE_DATAGRAM;
}

bool
replay_has_messages(const struct replay *r)
{
	return r->file.n > 0 && r->file.connections[0].type == DIALOGUE_RECORDS;
}

/* After the last record of ours, one more of the peer would be a difference. */
#define QUIET (50 * NSEC_PER_MSEC)

void
replay_session(const struct replay *r, struct session_how *how)
{
	how->local = SESSION_STDIO;
	how->in_fd = STDIN_FILENO;
	how->out_fd = STDOUT_FILENO;
	how->rules.half_open = true;
	how->rules.half_close = 0;
	if (!replay_has_records(r))
		return;
	how->packets.in = how->packets.out = (struct framing){ .kind = FRAMING_LEN32 };
	how->packets.quiet = QUIET;
}

/* Recordings do not say which messages were text; so all are, unless one of ours cannot be. */
static bool
sends_binary(const struct replay *r)
{
	for (size_t i = 0; i < r->file.n; i++) {
		const struct recorded_connection *c = &r->file.connections[i];

		if (c->binary[plays_recorder(r, c) ? DIALOGUE_SENT : DIALOGUE_RECEIVED])
			return true;
	}
	return false;
}

void
replay_session_websocket(const struct replay *r, const struct endpoint *ep,
    struct websocket_use *use, struct session_how *how)
{
	const struct websocket_opts opts = { .ws = ep == NULL, .binary = sends_binary(r) };
	const struct data_opts data = { 0 };
	const struct endpoint none = { 0 };

	websocket_opts_how(&opts, ep != NULL ? ep : &none, &data, use, how);
	replay_session(r, how);
	/* a close frame ends both directions */
	how->rules.half_open = false;
}

/* ---- which connection a peer gets ---- */

static struct playback_how
how_to_play(const struct replay *r, const struct recorded_connection *c)
{
	return (struct playback_how){ .file = &r->file,
		.connection = c,
		.as_recorder = plays_recorder(r, c),
		.comparison = &r->comparison,
		.speed = r->speed };
}

/* The fewest times that any of them was played: those that were played more often come later. */
static size_t
least_played(const struct replay *r)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < r->file.n; i++)
		if (r->file.connections[i].n_played < least)
			least = r->file.connections[i].n_played;
	return least;
}

static struct recorded_connection *
next_in_turn(const struct replay *r)
{
	struct recorded_connection *c = r->file.connections;

	for (size_t least = least_played(r); c->n_played != least;)
		c++;
	return c;
}

/* A connection, and how well it fits. */
struct fit {
	struct recorded_connection *connection;
	long n;
	bool whole;
};

static bool
is_better(const struct fit *a, const struct fit *b)
{
	if (b->connection == NULL || a->n != b->n)
		return b->connection == NULL || a->n > b->n;
	return a->connection->n_played < b->connection->n_played;
}

/* Finds the one that fits best; of equal ones the one that was played least. *ret_open is how many
 * would fit if more bytes came. */
static struct fit
best_fit(const struct replay *r, const void *first, size_t n, unsigned *ret_open)
{
	struct fit best = { NULL, -1, false }, fit;

	*ret_open = 0;
	for (size_t i = 0; i < r->file.n; i++) {
		fit.connection = &r->file.connections[i];
		const struct playback_how how = how_to_play(r, fit.connection);

		fit.n = playback_fit(&how, first, n, &fit.whole);
		*ret_open += fit.n >= 0 && !fit.whole;
		if (fit.n >= 0 && is_better(&fit, &best))
			best = fit;
	}
	return best;
}

/* Returns NULL where the bytes do not decide yet. A peer that waits for us cannot be told. */
static struct recorded_connection *
pick_by_match(const struct replay *r, const void *first, size_t n, bool all)
{
	struct recorded_connection *next = next_in_turn(r);
	const struct playback_how how = how_to_play(r, next);
	struct fit best;
	unsigned open;

	if (playback_is_first(&how))
		return next;
	if (n == 0)
		return all ? next : NULL;
	best = best_fit(r, first, n, &open);
	if (best.connection == NULL)
		return next;
	return best.whole || open <= 1 || all ? best.connection : NULL;
}

static int
pick_connection(struct player *pl, const void *first, size_t n, bool all, struct playback_how *how,
    struct error *e)
{
	struct replay *r = pl->arg;
	struct recorded_connection *c =
	    r->opts->pick == REPLAY_BY_MATCH ? pick_by_match(r, first, n, all) : next_in_turn(r);

	(void)e;
	if (c == NULL)
		return 0;
	c->n_played++;
	*how = how_to_play(r, c);
	return 1;
}

static int
play_given(struct player *pl, const void *first, size_t n, bool all, struct playback_how *how,
    struct error *e)
{
	(void)first, (void)n, (void)all, (void)e;
	*how = pl->playback.how;
	return 1;
}

static void
reset_session(struct player *pl)
{
	sock_reset_at_close(pl->session->sock);
	session_end(pl->session, END_KICKED);
}

int
replay_local(struct replay *r, struct session *s, struct recorded_connection *c,
    struct stream **ret_stream, struct error *e)
{
	struct player *pl = calloc(1, sizeof *pl);

	if (pl == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	pl->loop = r->rt->loop;
	pl->session = s;
	pl->choose = c != NULL ? play_given : pick_connection;
	pl->reset = reset_session;
	pl->arg = r;
	if (c != NULL) {
		c->n_played++;
		pl->playback.how = how_to_play(r, c);
	}
	pl->next = r->players;
	r->players = pl;
	return player_stream(pl, ret_stream, e);
}

/* ---- reports ---- */

static int
write_result(struct replay *r, const char *text, size_t n)
{
	return output_queue_result(r->results, text, n, NULL);
}

int
replay_begin(struct replay *r, size_t n, struct error *e)
{
	char plan[64];
	int len;

	if (r->file.cut > 0)
		log_line(&r->rt->report.log, LOG_NOTE,
		    "%s: its last line is not complete: %zu bytes are left out", r->file.path,
		    r->file.cut);
	if (r->left_out > 0)
		log_line(&r->rt->report.log, LOG_NOTE,
		    "%s: left out: %zu connection%s of another type: only %s are played",
		    r->file.path, r->left_out, r->left_out == 1 ? "" : "s",
		    replay_has_datagrams(r)      ? "datagrams"
			: replay_has_messages(r) ? "messages"
						 : "streams");
	if (!r->opts->tap)
		return 0;
	if (command_context_results(r->rt, &r->results, e) < 0)
		return -1;
	len = snprintf(plan, sizeof plan, "TAP version 14\n");
	if (n > 0)
		len += snprintf(plan + len, sizeof plan - (size_t)len, "1..%zu\n", n);
	return output_queue_result(r->results, plan, (size_t)len, e);
}

/* What is said of a connection: where it goes, and what stands in front. */
struct verdict {
	struct replay *r;
	const char *before;
};

static void
say_verdict_line(const struct verdict *v, const char *text)
{
	char line[600];
	int n;

	if (v->r->results == NULL) {
		report_line(&v->r->rt->report, text);
		return;
	}
	n = snprintf(line, sizeof line, "%s%s\n", v->before, text);
	/* the verdict comes first, and is not known yet */
	(void)buf_append(&v->r->said, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1,
	    NULL);
}

static void
say_dump(const struct verdict *v, const char *what, const char *data, size_t n, uint64_t at)
{
	char dump[HEXDUMP_LINE_MAX], line[HEXDUMP_LINE_MAX + 32];
	size_t part;

	for (size_t done = 0; done < n; done += part) {
		/* the first line may begin in the middle */
		part = HEXDUMP_BYTES - (size_t)((at + done) % HEXDUMP_BYTES);
		part = part < n - done ? part : n - done;
		hexdump_line(dump, at + done, data + done, part, HEXDUMP_BYTES);
		snprintf(line, sizeof line, "  %-9s %s", what, dump);
		say_verdict_line(v, line);
	}
}

static void
format_difference(const struct replay *r, const struct playback *p, char *text, size_t size)
{
	const struct difference *d = &p->difference;
	char where[96] = "", line[32] = "at the end";

	if (d->record > 0)
		snprintf(where, sizeof where, "byte %" PRIu64 " of record %" PRIu64, d->offset,
		    d->record);
	else
		snprintf(where, sizeof where, "byte %" PRIu64, d->offset);
	if (d->line > 0)
		snprintf(line, sizeof line, "line %lu", d->line);
	snprintf(text, size, "%s: connection %" PRIu64 " (%s): from the %s, %s: %s", r->file.path,
	    p->how.connection->id, line, r->opts->side == REPLAY_SERVER ? "client" : "server",
	    where, d->what);
}

static void
say_difference(struct replay *r, const struct playback *p)
{
	const struct difference *d = &p->difference;
	const struct verdict v = { r, "# " };
	struct error e;
	char text[512];

	format_difference(r, p, text, sizeof text);
	if (r->results == NULL) {
		error_set(&e, ERROR_EXPECT, "%s", text);
		report_error(&r->rt->report, &e);
	} else {
		say_verdict_line(&v, text);
	}
	say_dump(&v, "expected", d->expected, d->n_expected, d->at_expected);
	say_dump(&v, "received", d->got, d->n_got, d->at_got);
}

/* Says a failure of the connection or of the recording. */
static void
say_failure(struct replay *r, const struct error *e)
{
	const struct verdict v = { r, "# " };

	if (r->results == NULL)
		report_error(&r->rt->report, e);
	else
		say_verdict_line(&v, e->text);
	command_context_error_event(r->rt, e);
}

static void
say_tap(struct replay *r, const struct player *pl, bool failed)
{
	char line[128];
	int n = snprintf(line, sizeof line, "%sok %lu - ", failed ? "not " : "", r->n_over);

	if (pl != NULL && pl->chosen)
		n += snprintf(line + n, sizeof line - (size_t)n, "connection %" PRIu64 "\n",
		    pl->playback.how.connection->id);
	else
		n += snprintf(line + n, sizeof line - (size_t)n, "no connection was picked\n");
	(void)write_result(r, line, (size_t)n);
	(void)output_queue_flush(r->results, &r->said, NULL);
}

/* ---- verdicts ---- */

static bool
was_reset_as_recorded(const struct player *pl, const struct session *s)
{
	return pl->resets || (pl->chosen && s->end == END_PEER_RESET && pl->playback.complete);
}

/* What the session says of its end; NULL where it was as it should be. */
static const char *
why_over(const struct player *pl, const struct session *s)
{
	if (was_reset_as_recorded(pl, s))
		return NULL;
	return s->error != NULL ? s->error->text : NULL;
}

/* Says what was wrong. Returns the status. */
static int
judge(struct replay *r, struct player *pl, const struct session *s)
{
	struct error e;

	if (pl->error != NULL) {
		say_failure(r, pl->error);
		return error_exit_status(pl->error);
	}
	if (!pl->chosen) {
		error_set(&e, ERROR_EXPECT,
		    "%s: a peer left before it was known which connection it is", r->file.path);
		say_failure(r, &e);
		return error_exit_status(&e);
	}
	if (s->end == END_PEER_RESET)
		playback_peer_reset(&pl->playback);
	if (playback_finish(&pl->playback, why_over(pl, s), &e) < 0) {
		say_failure(r, &e);
		return error_exit_status(&e);
	}
	if (pl->playback.differs) {
		say_difference(r, &pl->playback);
		error_set(&e, ERROR_EXPECT, "difference");
		return error_exit_status(&e);
	}
	if (why_over(pl, s) != NULL && session_report_failure(s, &e)) {
		say_failure(r, &e);
		return error_exit_status(&e);
	}
	return 0;
}

static struct player *
take_player(struct replay *r, const struct session *s)
{
	struct player **at = &r->players, *pl;

	while ((pl = *at) != NULL && pl->session != s)
		at = &pl->next;
	if (pl != NULL)
		*at = pl->next;
	return pl;
}

/* A session without a player has failed before it was connected. */
static int
judge_unplayed(struct replay *r, const struct session *s)
{
	struct error e;

	if (!session_report_failure(s, &e))
		return 0;
	say_failure(r, &e);
	return error_exit_status(&e);
}

int
replay_ended(struct replay *r, const struct session *s)
{
	struct player *pl = take_player(r, s);
	/* what is cut off by our own end is not the peer's fault */
	const bool decided = s->end != END_SIGNAL || (pl != NULL && pl->playback.differs);
	int status;

	r->n_over++;
	status = pl != NULL ? judge(r, pl, s) : judge_unplayed(r, s);
	if (status != 0)
		r->n_failed++;
	r->differs = r->differs || (status != 0 && decided);
	if (r->results != NULL)
		say_tap(r, pl, status != 0);
	if (pl != NULL)
		player_release(pl);
	return status;
}

int
replay_end(struct replay *r)
{
	char line[64];
	int n;

	if (r->results != NULL && r->n_failed > 0) {
		n = snprintf(line, sizeof line, "# failed: %lu of %lu\n", r->n_failed, r->n_over);
		(void)write_result(r, line, (size_t)n);
	}
	return r->differs ? error_exit_status(&(struct error){ .code = ERROR_EXPECT }) : 0;
}
