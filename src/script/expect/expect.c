/*
 * expect: waits until bytes of a peer match a pattern, or another condition of a clause occurs; anything else is
 * an error. The commands are those of expect(1); usock-script(7) describes the differences.
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
#include "sock/websocket/websocket.h"

/* The default time-out, as in expect(1). */
#define TIMEOUT_DEFAULT (10 * NSEC_PER_SEC)
/* The default number of bytes that may arrive without a match. */
#define MATCH_MAX_DEFAULT ((size_t)1 << 20)

/* The return code of exp_continue. */
#define EXP_CONTINUE (-101)

/* The clause that ended a wait */
struct outcome {
	const struct clause *clause;
	size_t source;
	struct pattern_match match;
	size_t messages; /* of WebSocket: so many are consumed, whole */
	size_t taken;    /* bytes that are consumed */
};

/* ---- sockets and clauses ---- */

static bool
has_source(const struct expect_call *call, const struct handle *h)
{
	for (size_t i = 0; i < call->n_sources; i++) {
		if (call->sources[i].h == h)
			return true;
	}
	return false;
}

static int
add_source(struct expect_call *call, struct handle *h)
{
	struct source *more;
	struct error e = { 0 };

	if (has_source(call, h))
		return TCL_OK;
	if (!handle_is_open(h)) {
		(void)error_errno(&e, ERROR_NETWORK, EBADF, "expect %s", h->name);
		return script_fail(call->in, &e);
	}
	if (h->expect != NULL)
		return interp_fail(call->in, "POSIX EBUSY", NULL,
		    "expect %s: another expect waits on this socket", h->name);
	if (call->n_sources >= EXPECT_INLINE) {
		more = calloc(call->n_sources + 1, sizeof(*more));
		if (more == NULL)
			return interp_fail(call->in, "USOCK internal", NULL, "out of memory");
		memcpy(more, call->sources, call->n_sources * sizeof(*more));
		if (call->sources != call->inline_sources)
			free(call->sources);
		call->sources = more;
	}
	handle_hold(h);
	h->expect = call;
	call->sources[call->n_sources++] = (struct source){ .h = h, .sock = h->sock };
	return TCL_OK;
}

static int
add_named_sources(struct expect_call *call, struct value *from)
{
	struct value *const *names;
	struct handle *h;
	size_t n;

	if (interp_get_list(call->in, from, &n, &names) != TCL_OK)
		return TCL_ERROR;
	if (n == 0)
		return interp_fail(call->in, "USOCK usage", NULL, "expect: -from names no socket");
	for (size_t i = 0; i < n; i++) {
		h = handle_find(call->x->sc, call->in, names[i]);
		if (h == NULL || add_source(call, h) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

/* Adds the sockets of -from, and the default socket for clauses of this call without -from. */
static int
add_sources(struct expect_call *call)
{
	const struct clauses *own = call->parts[1];
	const struct clause *c;

	for (size_t i = 0; i < call->n_clauses; i++) {
		c = call->clauses[i];
		if (c->from != NULL) {
			if (add_named_sources(call, c->from) != TCL_OK)
				return TCL_ERROR;
		} else if (c >= own->items && c < own->items + own->n) {
			if (call->by_default == NULL)
				call->by_default = handle_current(call->x->sc, call->in);
			if (call->by_default == NULL ||
			    add_source(call, call->by_default) != TCL_OK)
				return TCL_ERROR;
		}
	}
	if (call->n_sources > 0)
		return TCL_OK;
	return interp_fail(call->in, "USOCK usage", NULL, "expect: no socket to wait for");
}

static bool
clause_names_socket(const struct expect_call *call, const struct clause *c, const struct handle *h)
{
	struct value *const *names;
	size_t n;

	if (interp_get_list(call->in, c->from, &n, &names) != TCL_OK)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (value_is(names[i], h->name))
			return true;
	}
	return false;
}

/* Sets which clause applies to which socket: one with -from to those sockets, one of this call to the default
 * socket, one of expect_before or expect_after to all. */
static int
init_searches(struct expect_call *call)
{
	const struct clauses *own = call->parts[1];
	size_t n = call->n_sources * call->n_clauses;

	call->searches =
	    n <= EXPECT_INLINE ? call->inline_searches : calloc(n, sizeof(*call->searches));
	if (call->searches == NULL)
		return interp_fail(call->in, "USOCK internal", NULL, "out of memory");
	memset(call->searches, 0, n * sizeof(*call->searches));
	for (size_t i = 0; i < n; i++) {
		const struct clause *c = call->clauses[i % call->n_clauses];
		const struct handle *h = call->sources[i / call->n_clauses].h;
		bool is_own = c >= own->items && c < own->items + own->n;

		call->searches[i].applies = c->from != NULL ? clause_names_socket(call, c, h)
							    : !is_own || h == call->by_default;
	}
	return TCL_OK;
}

static int
add_clauses(struct expect_call *call)
{
	size_t n = 0;

	for (int i = 0; i < 3; i++)
		n += call->parts[i] == NULL ? 0 : call->parts[i]->n;
	call->clauses =
	    n <= EXPECT_INLINE ? call->inline_clauses : calloc(n, sizeof(const struct clause *));
	if (call->clauses == NULL)
		return interp_fail(call->in, "USOCK internal", NULL, "out of memory");
	for (int i = 0; i < 3; i++) {
		for (size_t j = 0; call->parts[i] != NULL && j < call->parts[i]->n; j++)
			call->clauses[call->n_clauses++] = &call->parts[i]->items[j];
	}
	return TCL_OK;
}

/* ---- time-outs ---- */

static int
get_timeout(struct interp *in, struct value *v, int64_t *ret_nsec)
{
	double seconds;

	/* expect(1) writes "no time-out" so */
	if (value_to_double(v, &seconds) && seconds < 0) {
		*ret_nsec = DURATION_NONE;
		return TCL_OK;
	}
	return script_get_duration(in, v, ret_nsec);
}

static int
find_timeout(struct expect_call *call)
{
	struct value *v = call->parts[1]->timeout;

	if (v == NULL)
		v = interp_get_var(call->in, "timeout");
	if (v == NULL)
		v = interp_get_var(call->in, "::timeout");
	call->timeout = TIMEOUT_DEFAULT;
	return v == NULL ? TCL_OK : get_timeout(call->in, v, &call->timeout);
}

/* Reads the clock; an expect that matches at once does not. */
static void
start_clock(struct expect_call *call)
{
	if (call->began == 0) {
		call->began = clock_now();
		call->until = deadline_in(call->timeout);
	}
	call->last = clock_now();
}

/* Returns the clause of the shortest silence, or NULL. */
static const struct clause *
find_silence(const struct expect_call *call)
{
	const struct clause *shortest = NULL;

	for (size_t i = 0; i < call->n_clauses; i++) {
		const struct clause *c = call->clauses[i];

		if (c->kind == CLAUSE_SILENCE &&
		    (shortest == NULL || c->silence < shortest->silence))
			shortest = c;
	}
	return shortest;
}

static struct deadline
silence_deadline(const struct expect_call *call, const struct clause *silence)
{
	struct deadline d = deadline_never();

	if (silence != NULL && silence->silence < DURATION_NONE - call->last)
		d.at = call->last + silence->silence;
	return d;
}

/* ---- searching ---- */

/* Bytes that are searched for themselves. */
struct piece {
	const char *bytes;
	size_t n;
	struct pattern_progress *progress;
};

/* 1: found, *o is set; 0: not found; -1 with the error set. */
static int
search_piece(struct expect_call *call, size_t clause, size_t source, const struct piece *p,
    struct outcome *o)
{
	const struct clause *c = call->clauses[clause];
	struct error e = { 0 };
	int found;

	if (!call->searches[source * call->n_clauses + clause].applies || c->kind != CLAUSE_PATTERN)
		return 0;
	found = pattern_search(c->pattern, p->bytes == NULL ? "" : p->bytes, p->n, p->progress,
	    &o->match, &e);
	if (found == -1)
		return expect_error(call, source, "cost", e.text), -1;
	o->clause = c;
	o->source = source;
	o->taken = (size_t)o->match.spans[0].end;
	return found;
}

/* Searches a stream, where the last search ended. */
static int
search_clause(struct expect_call *call, size_t clause, size_t source, struct outcome *o)
{
	struct piece p = { .progress =
			       &call->searches[source * call->n_clauses + clause].progress };

	p.bytes = sock_buffered(call->sources[source].sock, &p.n);
	return search_piece(call, clause, source, &p, o);
}

static int
search_message(struct expect_call *call, size_t source, const struct piece *message,
    struct outcome *o)
{
	int found = 0;

	for (size_t c = 0; c < call->n_clauses && found == 0; c++) {
		struct pattern_progress progress = { 0 };
		struct piece p = *message;

		p.progress = &progress;
		found = search_piece(call, c, source, &p, o);
	}
	return found;
}

/* A match takes the whole message, with those before it. Its spans are moved from the message to the buffer. */
static void
take_message(const struct source *s, size_t n, struct outcome *o)
{
	for (size_t i = 0; i <= o->match.groups; i++) {
		if (o->match.spans[i].start == -1)
			continue;
		o->match.spans[i].start += (long)s->at;
		o->match.spans[i].end += (long)s->at;
	}
	o->messages = s->searched + 1;
	o->taken = s->at + n;
}

/* Searches the messages that have come since, each for itself, in their order. */
static int
search_messages(struct expect_call *call, size_t source, struct outcome *o)
{
	struct source *s = &call->sources[source];
	struct piece p = { .n = 0 };
	const char *bytes;
	size_t n;
	int found = 0;

	bytes = sock_buffered(s->sock, &n);
	for (; found == 0 && s->searched < sock_messages(s->sock); s->searched++, s->at += p.n) {
		p.bytes = bytes != NULL ? bytes + s->at : NULL;
		p.n = sock_message_length(s->sock, s->searched);
		found = search_message(call, source, &p, o);
		if (found == 1)
			take_message(s, p.n, o);
	}
	return found;
}

/* Searches clause by clause: the first clause in the script wins. Of messages, the first message does. */
static int
search_all(struct expect_call *call, struct outcome *o)
{
	int found = 0;

	for (size_t c = 0; c < call->n_clauses && found == 0; c++) {
		for (size_t s = 0; s < call->n_sources && found == 0; s++)
			if (!sock_is_websocket(call->sources[s].sock))
				found = search_clause(call, c, s, o);
	}
	for (size_t s = 0; s < call->n_sources && found == 0; s++)
		if (sock_is_websocket(call->sources[s].sock))
			found = search_messages(call, s, o);
	return found;
}

static int
search_source(struct expect_call *call, size_t source, struct outcome *o)
{
	int found = 0;

	if (sock_is_websocket(call->sources[source].sock))
		return search_messages(call, source, o);
	for (size_t c = 0; c < call->n_clauses && found == 0; c++)
		found = search_clause(call, c, source, o);
	return found;
}

/* Returns 1 and sets *o where a clause waits for this condition. */
static int
find_condition(struct expect_call *call, enum clause_kind kind, size_t source, struct outcome *o)
{
	const struct clause *silence = find_silence(call);
	size_t n = 0;

	for (size_t i = 0; i < call->n_clauses; i++) {
		const struct clause *c = call->clauses[i];
		size_t at = source < call->n_sources ? source : 0;

		if (kind == CLAUSE_SILENCE ? c != silence
					   : c->kind != kind && c->kind != CLAUSE_DEFAULT)
			continue;
		while (
		    source == call->n_sources && !call->searches[at * call->n_clauses + i].applies)
			at++;
		if (!call->searches[at * call->n_clauses + i].applies)
			continue;
		o->clause = c;
		o->source = at;
		if (kind != CLAUSE_TIMEOUT)
			sock_buffered(call->sources[at].sock, &n);
		o->match.groups = 0;
		o->match.spans[0] = (struct regex_span){ 0, (long)n };
		o->taken = n;
		o->messages = kind != CLAUSE_TIMEOUT ? sock_messages(call->sources[at].sock) : 0;
		return 1;
	}
	return 0;
}

static int
on_timeout(struct expect_call *call, const struct clause *silence, struct outcome *o)
{
	if (silence != NULL && deadline_passed(silence_deadline(call, silence)))
		return find_condition(call, CLAUSE_SILENCE, call->n_sources, o);
	if (find_condition(call, CLAUSE_TIMEOUT, call->n_sources, o) == 1)
		return 1;
	return expect_error(call, call->n_sources, "timeout", "no match"), -1;
}

static int
on_stream_end(struct expect_call *call, size_t source, enum clause_kind kind, struct outcome *o)
{
	bool reset = kind == CLAUSE_RESET;

	call->sources[source].h->end_seen = true;
	if (find_condition(call, kind, source, o) == 1)
		return 1;
	return expect_error(call, source, reset ? "reset" : "eof",
		   reset ? "the peer reset the connection" : "the peer closed the connection"),
	       -1;
}

/* ---- waiting ---- */

/* Receives from all sockets whose stream has not ended; waits. */
static int
receive_more(struct expect_call *call, struct deadline until, size_t *ret_source, struct error *e)
{
	struct sock *few[EXPECT_INLINE], **socks = few;
	size_t max = call->x->match_max, n = 0, at = 0;
	int rc;

	*ret_source = 0;
	if (call->n_sources == 1)
		return sock_buffer_fill(call->sources[0].sock, max, until, e);
	if (call->n_sources > EXPECT_INLINE)
		socks = calloc(call->n_sources, sizeof(struct sock *));
	if (socks == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < call->n_sources; i++) {
		if (!call->sources[i].h->end_seen)
			socks[n++] = call->sources[i].sock;
	}
	rc = sock_buffer_fill_any(socks, n, max, until, &at, e);
	while (
	    *ret_source < call->n_sources && (call->sources[*ret_source].h->end_seen || at-- > 0))
		++*ret_source;
	if (socks != few)
		free(socks);
	return rc;
}

static int
fail_match_max(struct expect_call *call, size_t source)
{
	char what[80];

	snprintf(what, sizeof(what), "match_max of %zu bytes is full", call->x->match_max);
	return expect_error(call, source, "full", what), -1;
}

/* Reports a signal or the deadline of the script, and what expect waited for. */
static int
fail_interrupted(struct expect_call *call, const struct error *e)
{
	struct error named = *e;

	expect_prefix_error(call, &named);
	return script_fail(call->in, &named), -1;
}

static int
on_receive_error(struct expect_call *call, size_t source, const struct clause *silence,
    const struct error *e, struct outcome *o)
{
	if (e->code == ERROR_TIMEOUT)
		return on_timeout(call, silence, o);
	if (source < call->n_sources && e->number == ECONNRESET && e->origin == ORIGIN_ERRNO)
		return on_stream_end(call, source, CLAUSE_RESET, o);
	if (source < call->n_sources && e->number == ENOBUFS && e->origin == ORIGIN_ERRNO)
		return fail_match_max(call, source);
	if (e->code == ERROR_SIGNAL)
		return fail_interrupted(call, e);
	return script_fail(call->in, e), -1;
}

/* 1: *o is set; -1 with the error set. */
static int
wait_for_match(struct expect_call *call, struct outcome *o)
{
	const struct clause *silence = find_silence(call);
	int found = search_all(call, o), rc;
	struct deadline until;
	struct error e = { 0 };
	size_t source;

	while (found == 0) {
		if (call->began == 0 || silence != NULL)
			start_clock(call);
		until = deadline_min(call->until, silence_deadline(call, silence));
		rc = receive_more(call, until, &source, &e);
		if (rc == 1)
			found = search_source(call, source, o);
		else if (rc == 0)
			found = on_stream_end(call, source, CLAUSE_EOF, o);
		else
			found = on_receive_error(call, source, silence, &e, o);
	}
	return found;
}

/* ---- a match ---- */

static int
set_span(struct expect_call *call, size_t i, const char *bytes, struct regex_span span)
{
	struct heap *h = interp_heap(call->in);
	struct value *v = span.start == -1
	    ? value_new(h)
	    : value_text(h, bytes + span.start, (size_t)(span.end - span.start));

	return interp_write(call->in, call->x->names[i], v);
}

/* Sets expect(buffer), expect(from) and expect(0) to expect(9); clears groups that only the last match has
 * set. */
static int
set_vars(struct expect_call *call, const struct outcome *o, const char *bytes)
{
	static const struct regex_span none = { -1, -1 };
	struct expects *x = call->x;
	struct heap *h = interp_heap(call->in);
	const struct regex_span *spans = o->match.spans;
	size_t had = x->groups;

	x->groups = o->match.groups;
	if (interp_write(call->in, x->name_buffer, value_text(h, bytes, o->taken)) != TCL_OK ||
	    interp_write(call->in, x->name_from,
		value_string(h, call->sources[o->source].h->name)) != TCL_OK)
		return TCL_ERROR;
	for (size_t i = 0; i <= o->match.groups || i <= had; i++) {
		if (set_span(call, i, bytes, i <= o->match.groups ? spans[i] : none) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

/* Sets the variables and the result, which is the first group or the match, and consumes the bytes. */
static int
consume_match(struct expect_call *call, const struct outcome *o)
{
	struct source *s = &call->sources[o->source];
	struct heap *h = interp_heap(call->in);
	struct regex_span span = o->match.spans[o->match.groups > 0];
	size_t n;
	const char *bytes = sock_buffered(s->sock, &n);

	if (bytes == NULL)
		bytes = "";
	if (set_vars(call, o, bytes) != TCL_OK)
		return TCL_ERROR;
	interp_set_result(call->in,
	    span.start == -1 ? value_new(h)
			     : value_text(h, bytes + span.start, (size_t)(span.end - span.start)));
	handle_traffic(s->h, '<', bytes, o->taken);
	if (sock_is_websocket(s->sock))
		sock_consume_messages(s->sock, o->messages);
	else if (o->taken > 0)
		sock_consume(s->sock, o->taken);
	return TCL_OK;
}

/* ---- one call ---- */

static void
release_call(struct expect_call *call)
{
	for (size_t i = 0; i < call->n_sources; i++) {
		call->sources[i].h->expect = NULL;
		handle_drop(call->sources[i].h);
	}
	if (call->clauses != call->inline_clauses)
		free(call->clauses);
	if (call->sources != call->inline_sources)
		free(call->sources);
	if (call->searches != call->inline_searches)
		free(call->searches);
}

/* Returns whether the streams of all sockets have ended. The first round of a call forgets ends that were
 * seen before. */
static bool
all_ended(struct expect_call *call)
{
	bool all = true;

	for (size_t i = 0; i < call->n_sources; i++) {
		if (!call->continued)
			call->sources[i].h->end_seen = false;
		all &= call->sources[i].h->end_seen;
	}
	call->continued = true;
	return all;
}

/* Waits once, unless all of several streams have ended. *ret_body is the body to run, with a reference, or
 * NULL. */
static int
wait_once(struct expect_call *call, struct value **ret_body)
{
	struct outcome o = { .clause = NULL };
	bool over;
	int code;

	call->n_clauses = call->n_sources = 0;
	call->clauses = call->inline_clauses;
	call->sources = call->inline_sources;
	call->searches = call->inline_searches;
	code = add_clauses(call);
	if (code == TCL_OK)
		code = add_sources(call);
	if (code == TCL_OK)
		code = init_searches(call);
	over = code == TCL_OK && call->n_sources > 1 && all_ended(call);
	if (code == TCL_OK && !over)
		code = wait_for_match(call, &o) == 1 ? consume_match(call, &o) : TCL_ERROR;
	*ret_body = code == TCL_OK && o.clause != NULL && o.clause->body != NULL
	    ? value_ref(o.clause->body)
	    : NULL;
	release_call(call);
	return code;
}

static int
run_clause_body(struct expect_call *call, struct value *body)
{
	int code;

	call->x->bodies++;
	code = interp_eval_value(call->in, body);
	call->x->bodies--;
	value_unref(body);
	return code;
}

static struct clauses *
hold_clauses(struct clauses *c)
{
	if (c != NULL)
		c->refs++;
	return c;
}

/* Holds all clauses, since a body may replace them. */
static int
run_call(struct expects *x, struct interp *in, struct handle *by_default, struct clauses *own)
{
	struct expect_call call = { .x = x, .in = in };
	struct value *body;
	int code;

	do {
		call.parts[0] = hold_clauses(x->before);
		call.parts[1] = hold_clauses(own);
		call.parts[2] = hold_clauses(x->after);
		call.by_default = by_default;
		if (!x->keep_timer)
			call.began = 0;
		x->keep_timer = false;
		code = find_timeout(&call);
		if (code == TCL_OK)
			code = wait_once(&call, &body);
		for (int i = 0; i < 3; i++)
			clauses_drop(call.parts[i]);
		if (code == TCL_OK && body != NULL)
			code = run_clause_body(&call, body);
	} while (code == EXP_CONTINUE);
	return code;
}

/* ---- commands ---- */

static struct clauses **
cache_slot(struct expects *x, int argc, struct value *const argv[])
{
	uintptr_t hash = (uintptr_t)argc;

	for (int i = 0; i < argc; i++)
		hash = hash * 31 + ((uintptr_t)argv[i] >> 4);
	return &x->cache[(hash ^ hash >> 8) % EXPECT_CACHE];
}

/* Returns the cached clauses of these very words, or parses them. */
static struct clauses *
cached_clauses(struct expects *x, struct interp *in, int argc, struct value *const argv[])
{
	struct clauses **at = cache_slot(x, argc, argv), *c;

	if (*at != NULL && clauses_are_of(*at, argc, argv))
		return hold_clauses(*at);
	c = clauses_parse(in, argc, argv);
	if (c == NULL)
		return NULL;
	clauses_drop(*at);
	*at = hold_clauses(c);
	return c;
}

static int
run_expect(struct expects *x, struct interp *in, struct handle *h, int argc,
    struct value *const argv[])
{
	struct clauses *own = cached_clauses(x, in, argc, argv);
	int code;

	if (own == NULL)
		return TCL_ERROR;
	if (own->n == 0)
		code = interp_fail(in, "USOCK usage", NULL, "expect: nothing to wait for");
	else
		code = run_call(x, in, h, own);
	clauses_drop(own);
	return code;
}

static int
cmd_expect(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return run_expect(data, in, NULL, argc - 1, argv + 1);
}

static int
set_clauses(struct interp *in, struct clauses **place, int argc, struct value *const argv[])
{
	struct clauses *c = NULL;

	if (argc > 1) {
		c = clauses_parse(in, argc - 1, argv + 1);
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

	return set_clauses(in, &x->before, argc, argv);
}

static int
cmd_after(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct expects *x = data;

	return set_clauses(in, &x->after, argc, argv);
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

	return run_expect(h->sc->expects, in, h, argc - 2, argv + 2);
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
