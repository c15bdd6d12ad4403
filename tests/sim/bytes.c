/*
 * Schedules of byte relays: one, or several that share a standard output. A
 * model, written apart from the code, computes the expected result from what
 * the streams reported.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fake.h"
#include "relay/byte_relay.h"
#include "relay/copy/scratch.h"
#include "sim.h"

enum { RELAYS = 3 };

/* How late a wake-up may be: the kernel waits in milliseconds. */
#define SLACK (4 * MSEC)

struct one {
	struct fake local, remote;
	struct sink own_output, far;
	struct ending_rules rules;
	struct relay *relay;
	bool echo, input, discards, program_gone, stopped, over;
	bool connection; /* the local side is one, too */
	bool must_end;   /* the limit ends it, whatever its streams do */
	enum sock_end stopped_with;
	uint64_t limit, rate;
	uint64_t order; /* of failures */
	int64_t began, ended;
};

struct stage {
	struct loop *loop;
	struct scratch scratch;
	struct one ones[RELAYS];
	int n;
	struct sink shared;
	bool over;
};

static struct stage *stage;

/* ---- the schedule ---- */

static void
plan_source(struct source *s)
{
	int i;

	s->n_segments = (int)draw(SEGMENTS + 1);
	for (i = 0; i < s->n_segments; i++)
		s->segments[i] = (struct segment){ draw_time(), draw_size() };
	s->fate_after = draw_time();
	s->fate = one_in(5) ? (enum fate)draw(4) : FATE_END;
}

static void
plan_sink(struct sink *s)
{
	sink_init(s);
	if (!one_in(5))
		return;
	s->fate = one_in(3) ? FATE_FAIL : FATE_RESET;
	if (one_in(2))
		s->fails_after = draw_size();
	else
		s->fails_at = sim->now + draw_time();
}

/* A peer that reads nothing for long periods, or stops reading. */
static void
plan_peer(struct one *o)
{
	plan_source(&o->remote.source);
	plan_sink(&o->far);
	o->remote.sink = &o->far;
	if (one_in(3))
		fake_make_layered(&o->remote);
	if (o->remote.layered && one_in(6))
		o->remote.source.fate = FATE_CUT;
	if (one_in(4)) {
		o->remote.source.awaits_shut = true;
		o->remote.source.start = NEVER;
	} else if (o->remote.layered && one_in(4)) {
		o->remote.source.impatient = true;
	}
}

static bool
is_patient_enough(const struct one *o)
{
	int i;

	for (i = 0; i < o->remote.source.n_segments; i++)
		if (o->remote.source.segments[i].after >= o->rules.half_close)
			return false;
	return o->remote.source.fate_after < o->rules.half_close;
}

/* A peer that sends without a long pause, to a slow output, so that it sends for longer than the
 * half-close is delayed. */
static void
plan_steady(struct one *o)
{
	struct source *s = &o->remote.source;
	uint64_t span = (20 + draw(100)) * (uint64_t)MSEC;
	int i;

	for (i = 0; i < s->n_segments; i++)
		s->segments[i] = (struct segment){ (int64_t)draw(span), 20 + draw(100) };
	s->fate_after = (int64_t)draw(span);
	o->rules.half_close = (int64_t)span;
	o->own_output.room = 64 + draw(100);
	/* no byte leaves it before the half-close would be due */
	o->own_output.rate = 1 + draw(5);
	s->window = 1 + draw(60);
}

static void
plan_rules(struct one *o)
{
	struct ending_rules *r = &o->rules;

	r->local_program = !o->echo && one_in(4);
	r->half_open = one_in(6);
	r->no_half_close = one_in(8);
	r->send_only = !o->echo && o->input && one_in(8);
	r->half_close = one_in(3) ? 2 * SEC : one_in(3) ? draw_time() : 0;
	r->after_eof = one_in(5) ? draw_time() : DURATION_NONE;
	r->quiet_ends = one_in(3);
	r->silence_fixed = one_in(8);
	r->idle = one_in(8) ? 1 + draw_time() : DURATION_NONE;
	r->until = deadline_never();
	o->limit = one_in(8) ? draw_size() : UINT64_MAX;
	o->rate = one_in(10) ? 100 + draw(1000000) : 0;
}

/* Returns true if the schedule may have no end. */
static bool
may_hang(const struct one *o)
{
	return o->remote.source.fate == FATE_NONE || o->local.source.fate == FATE_NONE ||
	    o->remote.source.awaits_shut || o->own_output.rate == 0 || o->far.rate == 0;
}

static void
plan(struct one *o, int i)
{
	static const char *const names[][2] = { { "local0", "remote0" }, { "local1", "remote1" },
		{ "local2", "remote2" } };
	unsigned id = (unsigned)i * 2;

	o->echo = stage->n == 1 && one_in(8);
	o->input = !o->echo && stage->n == 1 && !one_in(6);
	fake_init(&o->remote, names[i][1], id + 1, o->echo ? id + 1 : id);
	fake_init(&o->local, names[i][0], id, id + 1);
	plan_source(&o->local.source);
	plan_sink(&o->own_output);
	o->local.sink = stage->n > 1 ? &stage->shared : &o->own_output;
	plan_peer(o);
	plan_rules(o);
	o->connection = o->input && !o->rules.local_program && one_in(4);
	if (o->remote.source.impatient && o->rules.half_close > 0 && one_in(2))
		plan_steady(o);
	if (o->input && !o->connection && one_in(8))
		o->local.in_kind = STREAM_TTY;
	if (stage->n == 1 && !one_in(5)) {
		o->own_output.fate = FATE_NONE;
		o->own_output.fails_after = UINT64_MAX;
		o->own_output.fails_at = NEVER;
	}
	if (one_in(20))
		(one_in(2) ? &o->far : &o->own_output)->rate = 0;
	if (may_hang(o) || one_in(12))
		o->rules.until = deadline_in((int64_t)draw(20 * SEC));
	o->local.excuses = o->remote.excuses = NULL;
	if (o->rules.local_program)
		o->local.excuses = &o->rules.local_program;
	o->local.order = o->remote.order = &o->order;
	sim_trace("relay %d: echo %d input %d program %d connection %d half-open %d no-half-close "
		  "%d send-only %d "
		  "half-close %lld after-eof %lld idle %lld layered %d limit %lld",
	    i, o->echo, o->input, o->rules.local_program, o->connection, o->rules.half_open,
	    o->rules.no_half_close, o->rules.send_only, (long long)o->rules.half_close,
	    (long long)o->rules.after_eof, (long long)o->rules.idle, o->remote.layered,
	    (long long)o->limit);
}

/* ---- schedules of limits ---- */

/* Gives the limit or more, in few pieces, and is then silent. */
static void
plan_bulk(struct source *s, uint64_t limit)
{
	uint64_t left = limit + (one_in(3) ? draw_size() : 0), part;
	int i;

	s->n_segments = 1 + (int)draw(3);
	for (i = 0; i < s->n_segments; i++, left -= part) {
		part = i + 1 < s->n_segments ? draw(left) : left;
		s->segments[i] = (struct segment){ draw_time(), (size_t)part };
	}
	s->fate = FATE_NONE;
	s->start = sim->now;
	s->awaits_shut = s->impatient = false;
}

/* A peer that answers when it is told that there is no more, and ends. */
static void
plan_answer(struct one *o)
{
	o->rules.no_half_close = false;
	o->remote.source.fate = FATE_END;
	o->remote.source.awaits_shut = true;
	o->remote.source.start = NEVER;
}

/* Streams that take everything and have no end, with nothing but a limit. */
static void
plan_limited(struct one *o, int i)
{
	plan(o, i);
	o->must_end = true;
	o->limit = 6000 + draw(20000);
	o->rate = 0;
	o->rules = (struct ending_rules){ .half_close = one_in(2) ? draw_time() : 0,
		.no_half_close = one_in(4),
		.after_eof = DURATION_NONE,
		.idle = DURATION_NONE,
		.until = deadline_never() };
	sink_init(&o->own_output);
	sink_init(&o->far);
	plan_bulk(&o->local.source, o->limit);
	plan_bulk(&o->remote.source, o->limit);
	if (o->input && one_in(2))
		plan_answer(o);
	sim_trace("limit %llu, half-close %lld, answers %d", (unsigned long long)o->limit,
	    (long long)o->rules.half_close, o->remote.source.awaits_shut);
}

/* ---- running ---- */

static void
on_done(struct relay *r)
{
	struct one *o = r->how.arg;
	int i;

	must(!o->over, "done() was called twice");
	o->over = true;
	o->ended = sim->now;
	o->local.closed = o->remote.closed = true;
	sim_trace("over: end %s, error %s", sock_end_word(r->ending.end),
	    r->error != NULL ? r->error->text : "none");
	stage->over = true;
	for (i = 0; i < stage->n; i++)
		stage->over = stage->over && stage->ones[i].over;
}

static void
program_ends(void *arg)
{
	struct one *o = arg;

	if (o->over)
		return;
	sim_trace("the program is gone");
	o->program_gone = true;
	relay_program_gone(o->relay);
}

static void
stop(void *arg)
{
	struct one *o = arg;

	if (o->over)
		return;
	o->stopped = true;
	o->stopped_with = END_SIGNAL;
	relay_stop(o->relay, END_SIGNAL);
	on_done(o->relay);
}

static void
open_one(struct one *o)
{
	struct relay_how how = { .loop = stage->loop,
		.scratch = &stage->scratch,
		.rules = &o->rules,
		.local = o->echo ? NULL : &o->local.stream,
		.remote = &o->remote.stream,
		.input = o->input,
		.connection = o->connection ? "forward target" : NULL,
		.limit = o->limit,
		.rate = o->rate,
		.delay = one_in(20) ? draw_time() : 0,
		.done = on_done,
		.arg = o };
	struct error e = { 0 };

	o->began = sim->now;
	if (byte_relay_open(&o->relay, &how, &e) < 0)
		sim_fail("open: %s", e.text);
	if (o->rules.local_program)
		sim_at(sim->now + draw_time() + draw_time(), program_ends, o);
	if (one_in(40))
		sim_at(sim->now + draw_time(), stop, o);
}

/* ---- the expected result ---- */

static const struct fake *
first_failure(const struct one *o)
{
	const struct fake *l = &o->local, *r = &o->remote;
	bool local = l->first != FATE_NONE, remote = r->first != FATE_NONE;

	if (local && remote)
		return l->first_order < r->first_order ? l : r;
	return local ? l : remote ? r : NULL;
}

static enum sock_end
end_of_failure(const struct one *o, const struct fake *f)
{
	if (f == &o->local && o->connection)
		return END_ERROR;
	if (f == &o->local)
		return f->first_on_write && f->first == FATE_RESET ? END_STDOUT_CLOSED : END_ERROR;
	if (f->first == FATE_CUT)
		return END_TLS_TRUNCATED;
	return f->first == FATE_RESET ? END_PEER_RESET : END_ERROR;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Everything read from the input was sent, or is excused. */
static void
check_sent(const struct one *o)
{
	const struct fake *l = &o->local, *r = &o->remote;

	if (o->echo) {
		must(r->taken == r->source.given, "the echo kept %lld bytes",
		    (long long)(r->source.given - r->taken));
		return;
	}
	must(r->taken == l->source.given, "%llu bytes of the input were kept",
	    (unsigned long long)(l->source.given - r->taken));
	must(fake_is_flushed(r), "what the connection took is not out");
}

/* After the peer's end the input is over, was silent for half a second, or did not exist. */
static void
check_input_over(const struct one *o)
{
	const struct source *s = &o->local.source;
	int64_t last = later(s->last, o->local.in_kind == STREAM_TTY ? INT64_MIN : o->began);

	if (!o->input || s->told || s->given >= o->limit)
		return;
	must(!o->rules.half_open && !o->rules.local_program && !o->connection,
	    "an input that is half-open was left");
	must(last == INT64_MIN || o->ended - last >= ENDING_INPUT_SILENCE - SLACK,
	    "an input that still delivers was left after %lld ms",
	    (long long)((o->ended - last) / MSEC));
}

static void
check_received(const struct one *o)
{
	const struct fake *l = &o->local, *r = &o->remote;

	if (o->echo) {
		check_sent(o);
		return;
	}
	must(l->taken == r->source.given || o->discards, "%llu bytes were not delivered",
	    (unsigned long long)(r->source.given - l->taken));
}

static void
check_peer_fin(const struct one *o)
{
	const struct source *s = &o->remote.source;

	must(s->told && s->fate == FATE_END, "peer-fin, and the peer has not ended");
	must(s->given + s->dropped == source_total(s),
	    "the end was read after %llu of %llu bytes, %llu dropped", (unsigned long long)s->given,
	    (unsigned long long)source_total(s), (unsigned long long)s->dropped);
	must(!s->impatient || s->dropped == 0 || o->rules.half_close == 0 || o->rules.send_only ||
		o->program_gone || !is_patient_enough(o),
	    "the half-close came while the peer still sent");
	check_received(o);
	check_sent(o);
	check_input_over(o);
	if (!o->discards)
		must(o->echo ? o->remote.shut : o->local.shut, "the end was not passed on");
	if (o->input && o->local.source.told && !o->rules.no_half_close)
		must(o->remote.shut, "the peer was not told of the end");
}

static void
check_clean(const struct one *o, enum sock_end end)
{
	const struct ending_rules *r = &o->rules;
	int64_t heard = later(o->remote.source.last, o->began);

	switch (end) {
	case END_PEER_FIN:
		check_peer_fin(o);
		break;
	case END_LIMIT:
		must(o->remote.source.given == o->limit, "limit, after other bytes");
		check_received(o);
		break;
	case END_LOCAL_EOF:
		must(r->send_only, "local-eof, without --send-only");
		must(!o->input || o->local.source.told || o->local.source.given >= o->limit ||
			o->remote.source.told,
		    "local-eof, before the input's end");
		check_sent(o);
		must(o->remote.shut || r->no_half_close, "the peer was not told of the end");
		break;
	case END_QUIET:
		must(r->quiet_ends && r->after_eof != DURATION_NONE, "quiet, without a rule");
		must(o->ended - (r->silence_fixed ? 0 : heard) >= r->after_eof - SLACK,
		    "quiet too early");
		check_received(o);
		check_sent(o);
		break;
	case END_CHILD_EXIT:
		must(r->local_program && o->program_gone, "child-exit, and the program runs");
		check_sent(o);
		break;
	case END_SIGNAL:
		must(o->stopped, "signal, without a stop");
		break;
	default:
		sim_fail("a clean end as %s", sock_end_word(end));
	}
}

static void
check_timeout(const struct one *o, enum sock_end end)
{
	const struct ending_rules *r = &o->rules;
	int64_t moved = later(later(o->remote.source.last, o->local.source.last), o->began);
	bool idle = r->idle != DURATION_NONE && o->ended - moved >= r->idle - SLACK;
	bool silent = r->after_eof != DURATION_NONE && !r->quiet_ends &&
	    (r->silence_fixed ||
		o->ended - later(o->remote.source.last, o->began) >= r->after_eof - SLACK);

	if (end == END_DEADLINE)
		must(o->ended >= r->until.at, "the deadline came too early");
	else
		must(idle || silent, "idle-timeout, and bytes still moved");
	must(o->relay->error->code == ERROR_TIMEOUT, "a time-out with another error");
}

static void
check_failure(const struct one *o, const struct fake *f)
{
	enum sock_end want = end_of_failure(o, f), end = o->relay->ending.end;

	must(end == want, "%s told a failure first, and the end is %s instead of %s", f->name,
	    sock_end_word(end), sock_end_word(want));
	must(o->relay->error != NULL, "a failure without an error");
	/* a clean end would look like the end of the data */
	if (o->connection && f == &o->remote && !f->first_on_write)
		must(!o->local.shut, "a failure was passed on as a clean end");
	/* what was received before is delivered, unless the output failed or the time was over */
	if (f == &o->remote && !o->echo && o->local.first == FATE_NONE && !o->stopped &&
	    o->relay->ending.decided_by != ENDING_DEADLINE && o->ended < o->rules.until.at &&
	    o->rules.idle == DURATION_NONE && o->rules.after_eof == DURATION_NONE &&
	    !o->program_gone && !o->rules.send_only)
		check_received(o);
}

/* Counts are those of the bytes really moved. */
static void
check_counts(const struct one *o)
{
	const struct relay *r = o->relay;

	must(r->sent == o->remote.taken, "sent says %llu, the peer was given %llu",
	    (unsigned long long)r->sent, (unsigned long long)o->remote.taken);
	must(r->received == o->remote.source.given, "received says %llu, it was %llu",
	    (unsigned long long)r->received, (unsigned long long)o->remote.source.given);
	must(o->remote.source.given <= o->limit && (!o->input || o->local.source.given <= o->limit),
	    "more than the limit was taken");
}

/* Nothing that is due is forgotten. */
static void
check_in_time(const struct one *o)
{
	const struct ending_rules *r = &o->rules;
	const struct sink *out = o->local.sink;
	int64_t moved = later(later(o->remote.source.last, o->local.source.last), o->began);

	if (!deadline_is_never(r->until))
		must(o->ended <= r->until.at + SLACK, "the deadline was overrun");
	if (r->idle != DURATION_NONE && out->room > 1000 && o->far.room > 1000 &&
	    out->rate > 1000000 && o->far.rate > 1000000 && o->rate == 0 &&
	    o->relay->how.delay == 0)
		must(o->ended <= moved + r->idle + SLACK + 200 * MSEC, "the idle time was overrun");
}

static void
check_one(const struct one *o)
{
	const struct relay *r = o->relay;
	const struct fake *failure = first_failure(o);
	enum sock_end end = r->ending.end;

	check_counts(o);
	check_in_time(o);
	must(o->local.taken <= o->remote.source.given || o->echo, "bytes from nowhere");
	if (failure != NULL) {
		check_failure(o, failure);
		return;
	}
	if (end == END_DEADLINE || end == END_IDLE_TIMEOUT) {
		must(r->error != NULL, "a time-out without an error");
		check_timeout(o, end);
		return;
	}
	must(r->error == NULL, "no failure was told, but there is an error: %s", r->error->text);
	check_clean(o, end);
}

/* A relay may wait for ever only if its streams do. */
static void
check_deadlock(const struct one *o)
{
	must(o->over || (!o->must_end && may_hang(o) && deadline_is_never(o->rules.until)),
	    "it hangs");
}

static void
run(void)
{
	int i;

	for (i = 0; i < stage->n; i++)
		open_one(&stage->ones[i]);
	for (i = 0; i < stage->n; i++)
		if (!stage->ones[i].over)
			relay_start(stage->ones[i].relay);
	if (!stage->over && !sim_run(stage->loop, &stage->over))
		for (i = 0; i < stage->n; i++)
			check_deadlock(&stage->ones[i]);
	for (i = 0; i < stage->n; i++) {
		struct one *o = &stage->ones[i];

		o->discards = o->local.excused;
		if (o->over)
			check_one(o);
	}
}

static void
tidy_up(void)
{
	int i;

	for (i = 0; i < stage->n; i++) {
		stage->ones[i].local.closed = stage->ones[i].remote.closed = false;
		relay_close(stage->ones[i].relay);
	}
	scratch_fini(&stage->scratch);
	loop_close(stage->loop);
	free(stage);
	stage = NULL;
}

/* Runs n relays that are planned so; a read takes at most scratch bytes. */
static void
run_stage(int n, size_t scratch, void (*plan_one)(struct one *o, int i))
{
	struct error e = { 0 };
	jmp_buf outer;
	int i;

	stage = calloc(1, sizeof(*stage));
	stage->scratch.size = scratch;
	stage->n = n;
	sink_init(&stage->shared);
	if (loop_open(&stage->loop, &e) < 0)
		sim_fail("loop: %s", e.text);
	for (i = 0; i < stage->n; i++)
		plan_one(&stage->ones[i], i);
	memcpy(&outer, &sim->out, sizeof(outer));
	if (setjmp(sim->out) == 0)
		run();
	memcpy(&sim->out, &outer, sizeof(outer));
	tidy_up();
	if (sim->failure[0] != '\0')
		longjmp(sim->out, 1);
}

void
sim_bytes(void)
{
	const size_t scratch = one_in(3) ? 4096 : 4096 * (18 + draw(24));

	run_stage(one_in(5) ? 2 + (int)draw(RELAYS - 1) : 1, scratch, plan);
}

/* Small reads, so that a turn of the relay can end with the last one. */
void
sim_limits(void)
{
	run_stage(1, one_in(3) ? 8192 : 4096, plan_limited);
}
