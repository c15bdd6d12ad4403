/*
 * expect: waits until what the peers say has a pattern in it, or something else
 * that was asked for happens; anything else is an error. The words are those of
 * expect(1), what differs is in usock-script(7).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/parse.h"
#include "script/expect/impl.h"
#include "script/impl.h"
#include "sock/sock.h"

/* As expect(1): ten seconds by default. */
#define TIMEOUT_DEFAULT (10 * NSEC_PER_SEC)
/* And how much may come without a match. */
#define MATCH_MAX_DEFAULT ((size_t)1 << 20)

/* What exp_continue returns; nothing else gives this. */
#define EXP_CONTINUE (-101)

/* What an expect has been waiting for. */
struct outcome {
	const struct clause *clause;
	size_t source;
	struct pattern_match match;
};

/* ---- where it looks ---- */

static bool
has_source(const struct talk *t, const struct handle *h)
{
	for (size_t i = 0; i < t->nsources; i++) {
		if (t->sources[i].h == h)
			return true;
	}
	return false;
}

static int
add_source(struct talk *t, struct handle *h)
{
	struct source *more;
	struct error e = { 0 };

	if (has_source(t, h))
		return TCL_OK;
	if (!handle_is_open(h)) {
		(void)error_errno(&e, ERROR_NETWORK, EBADF, "expect %s", h->name);
		return script_fail(t->in, &e);
	}
	if (h->expect != NULL)
		return interp_fail(t->in, "POSIX EBUSY", NULL,
		    "expect %s: another expect waits on this socket", h->name);
	if (t->nsources >= TALK_FEW) {
		more = calloc(t->nsources + 1, sizeof(*more));
		if (more == NULL)
			return interp_fail(t->in, "USOCK internal", NULL, "out of memory");
		memcpy(more, t->sources, t->nsources * sizeof(*more));
		if (t->sources != t->few_sources)
			free(t->sources);
		t->sources = more;
	}
	handle_hold(h);
	h->expect = t;
	t->sources[t->nsources++] = (struct source){ h, h->sock };
	return TCL_OK;
}

static int
add_named(struct talk *t, struct value *from)
{
	struct value *const *names;
	struct handle *h;
	size_t n;

	if (interp_get_list(t->in, from, &n, &names) != TCL_OK)
		return TCL_ERROR;
	if (n == 0)
		return interp_fail(t->in, "USOCK usage", NULL, "expect: -from names no socket");
	for (size_t i = 0; i < n; i++) {
		h = handle_find(t->x->sc, t->in, names[i]);
		if (h == NULL || add_source(t, h) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

/* Those that a clause names, and for own clauses without a name the one by default. */
static int
add_sources(struct talk *t)
{
	const struct clauses *own = t->parts[1];
	const struct clause *c;

	for (size_t i = 0; i < t->nclauses; i++) {
		c = t->clauses[i];
		if (c->from != NULL) {
			if (add_named(t, c->from) != TCL_OK)
				return TCL_ERROR;
		} else if (c >= own->items && c < own->items + own->n) {
			if (t->by_default == NULL)
				t->by_default = handle_current(t->x->sc, t->in);
			if (t->by_default == NULL || add_source(t, t->by_default) != TCL_OK)
				return TCL_ERROR;
		}
	}
	if (t->nsources > 0)
		return TCL_OK;
	return interp_fail(t->in, "USOCK usage", NULL, "expect: no socket to wait for");
}

static bool
clause_names(const struct talk *t, const struct clause *c, const struct handle *h)
{
	struct value *const *names;
	size_t n;

	if (interp_get_list(t->in, c->from, &n, &names) != TCL_OK)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (value_is(names[i], h->name))
			return true;
	}
	return false;
}

/* Which clause is about which socket: named ones; own ones about the one by default; those
 * of expect_before and expect_after about all. */
static int
add_looks(struct talk *t)
{
	const struct clauses *own = t->parts[1];
	size_t n = t->nsources * t->nclauses;

	t->looks = n <= TALK_FEW ? t->few_looks : calloc(n, sizeof(*t->looks));
	if (t->looks == NULL)
		return interp_fail(t->in, "USOCK internal", NULL, "out of memory");
	memset(t->looks, 0, n * sizeof(*t->looks));
	for (size_t i = 0; i < n; i++) {
		const struct clause *c = t->clauses[i % t->nclauses];
		const struct handle *h = t->sources[i / t->nclauses].h;
		bool is_own = c >= own->items && c < own->items + own->n;

		t->looks[i].applies =
		    c->from != NULL ? clause_names(t, c, h) : !is_own || h == t->by_default;
	}
	return TCL_OK;
}

static int
add_clauses(struct talk *t)
{
	size_t n = 0;

	for (int i = 0; i < 3; i++)
		n += t->parts[i] == NULL ? 0 : t->parts[i]->n;
	t->clauses = n <= TALK_FEW ? t->few_clauses : calloc(n, sizeof(const struct clause *));
	if (t->clauses == NULL)
		return interp_fail(t->in, "USOCK internal", NULL, "out of memory");
	for (int i = 0; i < 3; i++) {
		for (size_t j = 0; t->parts[i] != NULL && j < t->parts[i]->n; j++)
			t->clauses[t->nclauses++] = &t->parts[i]->items[j];
	}
	return TCL_OK;
}

/* ---- for how long ---- */

static int
get_timeout(struct interp *in, struct value *v, int64_t *ret_nsec)
{
	double seconds;

	/* as expect(1) writes "for ever" */
	if (value_to_double(v, &seconds) && seconds < 0) {
		*ret_nsec = DURATION_NONE;
		return TCL_OK;
	}
	return script_get_duration(in, v, ret_nsec);
}

static int
find_timeout(struct talk *t)
{
	struct value *v = t->parts[1]->timeout;

	if (v == NULL)
		v = interp_get_var(t->in, "timeout");
	if (v == NULL)
		v = interp_get_var(t->in, "::timeout");
	t->timeout = TIMEOUT_DEFAULT;
	return v == NULL ? TCL_OK : get_timeout(t->in, v, &t->timeout);
}

/* The clock is asked only when there is something to wait for. */
static void
begin_wait(struct talk *t)
{
	if (t->began == 0) {
		t->began = clock_now();
		t->until = deadline_in(t->timeout);
	}
	t->last = clock_now();
}

/* The clause of the shortest silence, NULL if none. */
static const struct clause *
find_silence(const struct talk *t)
{
	const struct clause *shortest = NULL;

	for (size_t i = 0; i < t->nclauses; i++) {
		const struct clause *c = t->clauses[i];

		if (c->kind == CLAUSE_SILENCE &&
		    (shortest == NULL || c->silence < shortest->silence))
			shortest = c;
	}
	return shortest;
}

static struct deadline
until_silence(const struct talk *t, const struct clause *silence)
{
	struct deadline d = deadline_never();

	if (silence != NULL && silence->silence < DURATION_NONE - t->last)
		d.at = t->last + silence->silence;
	return d;
}

/* ---- looking ---- */

/* 1: *o; 0; -1 with the error set. */
static int
look_once(struct talk *t, size_t clause, size_t source, struct outcome *o)
{
	struct look *look = &t->looks[source * t->nclauses + clause];
	const struct clause *c = t->clauses[clause];
	struct error e = { 0 };
	const char *bytes;
	size_t n;
	int found;

	if (!look->applies || c->kind != CLAUSE_PATTERN)
		return 0;
	bytes = sock_buffered(t->sources[source].sock, &n);
	found =
	    pattern_look(c->pattern, bytes == NULL ? "" : bytes, n, &look->progress, &o->match, &e);
	if (found == -1)
		return expect_error(t, source, "cost", e.text), -1;
	o->clause = c;
	o->source = source;
	return found;
}

/* For each clause, as the first that is written wins. */
static int
look_everywhere(struct talk *t, struct outcome *o)
{
	int found = 0;

	for (size_t c = 0; c < t->nclauses && found == 0; c++) {
		for (size_t s = 0; s < t->nsources && found == 0; s++)
			found = look_once(t, c, s, o);
	}
	return found;
}

static int
look_at(struct talk *t, size_t source, struct outcome *o)
{
	int found = 0;

	for (size_t c = 0; c < t->nclauses && found == 0; c++)
		found = look_once(t, c, source, o);
	return found;
}

/* Something other than a pattern happened: 1 where it was asked for. */
static int
condition(struct talk *t, enum clause_kind kind, size_t source, struct outcome *o)
{
	const struct clause *silence = find_silence(t);
	size_t n = 0;

	for (size_t i = 0; i < t->nclauses; i++) {
		const struct clause *c = t->clauses[i];
		size_t at = source < t->nsources ? source : 0;

		if (kind == CLAUSE_SILENCE ? c != silence
					   : c->kind != kind && c->kind != CLAUSE_DEFAULT)
			continue;
		while (source == t->nsources && !t->looks[at * t->nclauses + i].applies)
			at++;
		if (!t->looks[at * t->nclauses + i].applies)
			continue;
		o->clause = c;
		o->source = at;
		if (kind != CLAUSE_TIMEOUT)
			sock_buffered(t->sources[at].sock, &n);
		o->match.groups = 0;
		o->match.spans[0] = (struct regex_span){ 0, (long)n };
		return 1;
	}
	return 0;
}

static int
out_of_time(struct talk *t, const struct clause *silence, struct outcome *o)
{
	if (silence != NULL && deadline_passed(until_silence(t, silence)))
		return condition(t, CLAUSE_SILENCE, t->nsources, o);
	if (condition(t, CLAUSE_TIMEOUT, t->nsources, o) == 1)
		return 1;
	return expect_error(t, t->nsources, "timeout", "no match"), -1;
}

static int
ended(struct talk *t, size_t source, enum clause_kind kind, struct outcome *o)
{
	bool reset = kind == CLAUSE_RESET;

	t->sources[source].h->end_told = true;
	if (condition(t, kind, source, o) == 1)
		return 1;
	return expect_error(t, source, reset ? "reset" : "eof",
		   reset ? "the peer reset the connection" : "the peer closed the connection"),
	       -1;
}

/* ---- waiting ---- */

/* Of several those that have not ended. */
static int
fill(struct talk *t, struct deadline until, size_t *ret_source, struct error *e)
{
	struct sock *few[TALK_FEW], **socks = few;
	size_t max = t->x->match_max, n = 0, at = 0;
	int rc;

	*ret_source = 0;
	if (t->nsources == 1)
		return sock_buffer_fill(t->sources[0].sock, max, until, e);
	if (t->nsources > TALK_FEW)
		socks = calloc(t->nsources, sizeof(struct sock *));
	if (socks == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < t->nsources; i++) {
		if (!t->sources[i].h->end_told)
			socks[n++] = t->sources[i].sock;
	}
	rc = sock_buffer_fill_any(socks, n, max, until, &at, e);
	while (*ret_source < t->nsources && (t->sources[*ret_source].h->end_told || at-- > 0))
		++*ret_source;
	if (socks != few)
		free(socks);
	return rc;
}

static int
full(struct talk *t, size_t source)
{
	char what[80];

	snprintf(what, sizeof(what), "match_max of %zu bytes is full", t->x->match_max);
	return expect_error(t, source, "full", what), -1;
}

/* A signal, or the time of the whole script: it is told what was waited for. */
static int
expect_interrupted(struct talk *t, const struct error *e)
{
	struct error named = *e;

	expect_name(t, &named);
	return script_fail(t->in, &named), -1;
}

static int
not_filled(struct talk *t, size_t source, const struct clause *silence, const struct error *e,
    struct outcome *o)
{
	if (e->code == ERROR_TIMEOUT)
		return out_of_time(t, silence, o);
	if (source < t->nsources && e->number == ECONNRESET && e->origin == ORIGIN_ERRNO)
		return ended(t, source, CLAUSE_RESET, o);
	if (source < t->nsources && e->number == ENOBUFS && e->origin == ORIGIN_ERRNO)
		return full(t, source);
	if (e->code == ERROR_SIGNAL)
		return expect_interrupted(t, e);
	return script_fail(t->in, e), -1;
}

/* 1: *o; -1 with the error set. */
static int
await(struct talk *t, struct outcome *o)
{
	const struct clause *silence = find_silence(t);
	int found = look_everywhere(t, o), rc;
	struct deadline until;
	struct error e = { 0 };
	size_t source;

	while (found == 0) {
		if (t->began == 0 || silence != NULL)
			begin_wait(t);
		until = deadline_min(t->until, until_silence(t, silence));
		rc = fill(t, until, &source, &e);
		if (rc == 1)
			found = look_at(t, source, o);
		else if (rc == 0)
			found = ended(t, source, CLAUSE_EOF, o);
		else
			found = not_filled(t, source, silence, &e, o);
	}
	return found;
}

/* ---- what it found ---- */

static int
set_span(struct talk *t, size_t i, const char *bytes, struct regex_span span)
{
	struct heap *h = interp_heap(t->in);
	struct value *v = span.start == -1
	    ? value_new(h)
	    : value_text(h, bytes + span.start, (size_t)(span.end - span.start));

	return interp_write(t->in, t->x->names[i], v);
}

/* expect(buffer), expect(from), expect(0..9): those that the last match set are empty again. */
static int
set_vars(struct talk *t, const struct outcome *o, const char *bytes)
{
	static const struct regex_span none = { -1, -1 };
	struct expects *x = t->x;
	struct heap *h = interp_heap(t->in);
	const struct regex_span *spans = o->match.spans;
	size_t had = x->groups;

	x->groups = o->match.groups;
	if (interp_write(t->in, x->name_buffer, value_text(h, bytes, (size_t)spans[0].end)) !=
		TCL_OK ||
	    interp_write(t->in, x->name_from, value_string(h, t->sources[o->source].h->name)) !=
		TCL_OK)
		return TCL_ERROR;
	for (size_t i = 0; i <= o->match.groups || i <= had; i++) {
		if (set_span(t, i, bytes, i <= o->match.groups ? spans[i] : none) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

/* The bytes are the script's now. Without a body the result is the first group, or the match. */
static int
settle(struct talk *t, const struct outcome *o)
{
	struct source *s = &t->sources[o->source];
	struct heap *h = interp_heap(t->in);
	struct regex_span span = o->match.spans[o->match.groups > 0];
	size_t n, taken = (size_t)o->match.spans[0].end;
	const char *bytes = sock_buffered(s->sock, &n);

	if (bytes == NULL)
		bytes = "";
	if (set_vars(t, o, bytes) != TCL_OK)
		return TCL_ERROR;
	interp_set_result(t->in,
	    span.start == -1 ? value_new(h)
			     : value_text(h, bytes + span.start, (size_t)(span.end - span.start)));
	handle_traffic(s->h, '<', bytes, taken);
	if (taken > 0)
		sock_consume(s->sock, taken);
	return TCL_OK;
}

/* ---- one expect from beginning to end ---- */

static void
end_talk(struct talk *t)
{
	for (size_t i = 0; i < t->nsources; i++) {
		t->sources[i].h->expect = NULL;
		handle_drop(t->sources[i].h);
	}
	if (t->clauses != t->few_clauses)
		free(t->clauses);
	if (t->sources != t->few_sources)
		free(t->sources);
	if (t->looks != t->few_looks)
		free(t->looks);
}

/* The first round of an expect asks for ends anew. */
static bool
all_ended(struct talk *t)
{
	bool all = true;

	for (size_t i = 0; i < t->nsources; i++) {
		if (!t->continued)
			t->sources[i].h->end_told = false;
		all &= t->sources[i].h->end_told;
	}
	t->continued = true;
	return all;
}

/* Waits once, unless all of several sockets have ended before; *ret_body (with a reference) is what is to be run. */
static int
talk_once(struct talk *t, struct value **ret_body)
{
	struct outcome o = { .clause = NULL };
	bool over;
	int code;

	t->nclauses = t->nsources = 0;
	t->clauses = t->few_clauses;
	t->sources = t->few_sources;
	t->looks = t->few_looks;
	code = add_clauses(t);
	if (code == TCL_OK)
		code = add_sources(t);
	if (code == TCL_OK)
		code = add_looks(t);
	over = code == TCL_OK && t->nsources > 1 && all_ended(t);
	if (code == TCL_OK && !over)
		code = await(t, &o) == 1 ? settle(t, &o) : TCL_ERROR;
	*ret_body = code == TCL_OK && o.clause != NULL && o.clause->body != NULL
	    ? value_ref(o.clause->body)
	    : NULL;
	end_talk(t);
	return code;
}

static int
run_body(struct talk *t, struct value *body)
{
	int code;

	t->x->bodies++;
	code = interp_eval_value(t->in, body);
	t->x->bodies--;
	value_unref(body);
	return code;
}

static struct clauses *
hold(struct clauses *c)
{
	if (c != NULL)
		c->refs++;
	return c;
}

/* The body may change what is kept and cached. */
static int
talk(struct expects *x, struct interp *in, struct handle *by_default, struct clauses *own)
{
	struct talk t = { .x = x, .in = in };
	struct value *body;
	int code;

	do {
		t.parts[0] = hold(x->before);
		t.parts[1] = hold(own);
		t.parts[2] = hold(x->after);
		t.by_default = by_default;
		if (!x->keep_timer)
			t.began = 0;
		x->keep_timer = false;
		code = find_timeout(&t);
		if (code == TCL_OK)
			code = talk_once(&t, &body);
		for (int i = 0; i < 3; i++)
			clauses_drop(t.parts[i]);
		if (code == TCL_OK && body != NULL)
			code = run_body(&t, body);
	} while (code == EXP_CONTINUE);
	return code;
}

/* ---- commands ---- */

static struct clauses **
cached(struct expects *x, int argc, struct value *const argv[])
{
	uintptr_t hash = (uintptr_t)argc;

	for (int i = 0; i < argc; i++)
		hash = hash * 31 + ((uintptr_t)argv[i] >> 4);
	return &x->cache[(hash ^ hash >> 8) % EXPECT_CACHE];
}

/* Those of the last time, if these are the same words. */
static struct clauses *
find_clauses(struct expects *x, struct interp *in, int argc, struct value *const argv[])
{
	struct clauses **at = cached(x, argc, argv), *c;

	if (*at != NULL && clauses_are_of(*at, argc, argv))
		return hold(*at);
	c = clauses_make(in, argc, argv);
	if (c == NULL)
		return NULL;
	clauses_drop(*at);
	*at = hold(c);
	return c;
}

static int
expect_at(struct expects *x, struct interp *in, struct handle *h, int argc,
    struct value *const argv[])
{
	struct clauses *own = find_clauses(x, in, argc, argv);
	int code;

	if (own == NULL)
		return TCL_ERROR;
	if (own->n == 0)
		code = interp_fail(in, "USOCK usage", NULL, "expect: nothing to wait for");
	else
		code = talk(x, in, h, own);
	clauses_drop(own);
	return code;
}

static int
cmd_expect(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return expect_at(data, in, NULL, argc - 1, argv + 1);
}

static int
keep(struct interp *in, struct clauses **place, int argc, struct value *const argv[])
{
	struct clauses *c = NULL;

	if (argc > 1) {
		c = clauses_make(in, argc - 1, argv + 1);
		if (c == NULL)
			return TCL_ERROR;
	}
	if (c != NULL && c->timeout != NULL) {
		clauses_drop(c);
		return interp_fail(in, "USOCK usage", NULL, "%v: -timeout is for expect itself",
		    argv[0]);
	}
	clauses_drop(*place);
	*place = c;
	return TCL_OK;
}

static int
cmd_before(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct expects *x = data;

	return keep(in, &x->before, argc, argv);
}

static int
cmd_after(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct expects *x = data;

	return keep(in, &x->after, argc, argv);
}

static int
cmd_continue(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct expects *x = data;

	if (x->bodies == 0)
		return interp_fail(in, "USOCK usage", NULL,
		    "exp_continue: not in the body of an expect");
	if (argc == 2 && !value_is(argv[1], "-continue_timer"))
		return interp_fail(in, "USOCK usage", NULL,
		    "bad option \"%v\": must be -continue_timer", argv[1]);
	x->keep_timer = argc == 2;
	return EXP_CONTINUE;
}

static int
cmd_match_max(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct expects *x = data;
	struct error e = { 0 };
	uint64_t size;
	const char *text;

	if (argc == 2) {
		text = script_get_text(in, argv[1], "match_max");
		if (text == NULL)
			return TCL_ERROR;
		if (parse_size(text, &size, &e) == -1)
			return script_fail(in, &e);
		if (size == 0 || size > SIZE_MAX / 2)
			return interp_fail(in, "USOCK usage", NULL,
			    "match_max: \"%v\" is not from 1 byte on", argv[1]);
		x->match_max = (size_t)size;
	}
	return interp_return_int(in, (int64_t)x->match_max);
}

static int
m_expect(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;

	return expect_at(h->sc->expects, in, h, argc - 2, argv + 2);
}

void
script_expect_fini(struct script *sc)
{
	struct expects *x = sc->expects;

	if (x == NULL)
		return;
	clauses_drop(x->before);
	clauses_drop(x->after);
	for (size_t i = 0; i < EXPECT_CACHE; i++)
		clauses_drop(x->cache[i]);
	for (size_t i = 0; i < PATTERN_SPANS; i++)
		value_unref(x->names[i]);
	value_unref(x->name_buffer);
	value_unref(x->name_from);
	free(x);
}

static struct expects *
new_expects(struct script *sc)
{
	struct expects *x = calloc(1, sizeof(*x));
	struct heap *h = interp_heap(script_interp(sc));
	char name[] = "expect(0)";

	if (x == NULL)
		return NULL;
	x->sc = sc;
	x->match_max = MATCH_MAX_DEFAULT;
	x->name_buffer = value_string(h, "expect(buffer)");
	x->name_from = value_string(h, "expect(from)");
	for (size_t i = 0; i < PATTERN_SPANS; i++) {
		name[sizeof(name) - 3] = (char)('0' + i);
		x->names[i] = value_string(h, name);
	}
	return x;
}

void
script_expect_init(struct script *sc)
{
	static const char usage[] =
	    "?-timeout duration? ?-from sockets? ?flag? pattern ?body? ?pattern body ...?";
	static const struct interp_command method = { "expect", m_expect, 1, -1, usage };
	static const struct interp_command rows[] = {
		{ "expect", cmd_expect, 1, -1, usage },
		{ "expect_before", cmd_before, 0, -1, "?pattern body ...?" },
		{ "expect_after", cmd_after, 0, -1, "?pattern body ...?" },
		{ "exp_continue", cmd_continue, 0, 1, "?-continue_timer?" },
		{ "match_max", cmd_match_max, 0, 1, "?size?" },
	};

	sc->expects = new_expects(sc);
	if (sc->expects == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		interp_add(sc->in, &rows[i], sc->expects, NULL);
	script_add_methods(sc, &method, 1);
}
