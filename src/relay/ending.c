#include "relay/ending.h"

#include <stddef.h>

#include "base/array.h"

/* The states of a direction as bits of a set. */
enum {
	OPEN = 1 << ENDING_OPEN,
	DRAINING = 1 << ENDING_DRAINING,
	DELAYED = 1 << ENDING_DELAYED,
	SHUTTING = 1 << ENDING_SHUTTING,
	IDLE = 1 << ENDING_IDLE,
	CLOSED = 1 << ENDING_CLOSED,
	ANY = (1 << ENDING_STATES) - 1,
	LIVE = ANY & ~CLOSED,
	QUIET = IDLE | CLOSED /* nothing of ours is unsent */
};

/* Facts: the rules as bits, and what has happened. */
enum {
	HALF_OPEN = 1,
	NO_HALF_CLOSE = 2,
	SEND_ONLY = 4,
	PROGRAM = 8,
	QUIET_ENDS = 16,
	DELAY = 32, /* the half-close is delayed */
	ECHO = 64,
	FAILED = 128, /* the end is decided */
	LIMITED = 256,
	GONE = 512,         /* the program has exited */
	LOCAL_FIRST = 1024, /* everything was sent before the peer ended */
	STARVES = 2048,
	STALLS = 4096,
	OVER = 8192,
	AWAITED = 16384, /* the peer's first byte has not come */
	CLOSES_BOTH = 32768,
	CONNECTION = 65536,   /* the local side is a connection */
	CONTINUES = 131072,   /* another connection follows */
	LOCAL_DELAY = 262144, /* the half-close of a local connection is delayed */
	OUTLIVES = 524288     /* an output without a reader does not stop our input */
};

enum { KEEP = ENDING_STATES };

struct row {
	enum ending_event event;
	unsigned send, receive;       /* in one of these states, */
	unsigned with, without;       /* with all of these facts and none of those: */
	unsigned to_send, to_receive; /* change to these states, */
	unsigned learn;               /* add these facts, */
	unsigned actions;             /* take these actions, */
	enum sock_end end;            /* and this is the end, unless it is decided */
	enum ending_verb verb;
};

#define STAY KEEP, KEEP
#define SEND(state) ENDING_##state, KEEP
#define RECEIVE(state) KEEP, ENDING_##state
#define BOTH(send, receive) ENDING_##send, ENDING_##receive
#define DO(action) ENDING_ACT_##action

/* The first row that matches counts; without one nothing changes. docs/ends.md has the same
 * table. */
static const struct row rows[] = {
	/* the input */
	{ ENDING_INPUT_ENDED, OPEN, DELAYED, 0, 0, BOTH(DRAINING, SHUTTING), 0, DO(SHUT_RECEIVE),
	    END_NONE, 0 },
	{ ENDING_INPUT_ENDED, OPEN, ANY, 0, 0, SEND(DRAINING), 0, 0, END_NONE, 0 },
	{ ENDING_INPUT_LIMIT, OPEN, DELAYED, 0, 0, BOTH(DRAINING, SHUTTING), 0, DO(SHUT_RECEIVE),
	    END_NONE, 0 },
	{ ENDING_INPUT_LIMIT, OPEN, ANY, 0, 0, SEND(DRAINING), 0, 0, END_NONE, 0 },
	{ ENDING_INPUT_SILENT, OPEN, ANY & ~OPEN, 0, HALF_OPEN, SEND(DRAINING), 0, 0, END_NONE, 0 },
	{ ENDING_INPUT_RESET, OPEN | DRAINING, ANY, PROGRAM, 0, SEND(DRAINING), 0, 0, END_NONE, 0 },
	{ ENDING_INPUT_RESET, OPEN | DRAINING, ANY, CONNECTION, 0, BOTH(DRAINING, CLOSED), FAILED,
	    DO(DROP_RECEIVE), END_ERROR, 0 },
	{ ENDING_INPUT_RESET, OPEN | DRAINING, OPEN, 0, 0, BOTH(DRAINING, DRAINING), FAILED, 0,
	    END_ERROR, 0 },
	{ ENDING_INPUT_RESET, OPEN | DRAINING, ANY, 0, 0, SEND(DRAINING), FAILED, 0, END_ERROR, 0 },
	{ ENDING_INPUT_FAILED, OPEN | DRAINING, ANY, CONNECTION, 0, BOTH(DRAINING, CLOSED), FAILED,
	    DO(DROP_RECEIVE), END_ERROR, 0 },
	{ ENDING_INPUT_FAILED, OPEN | DRAINING, OPEN, 0, 0, BOTH(DRAINING, DRAINING), FAILED, 0,
	    END_ERROR, 0 },
	{ ENDING_INPUT_FAILED, OPEN | DRAINING, ANY, 0, 0, SEND(DRAINING), FAILED, 0, END_ERROR,
	    0 },
	/* the half-close */
	{ ENDING_SENT, DRAINING, ANY, FAILED, 0, SEND(CLOSED), 0, 0, END_NONE, 0 },
	{ ENDING_SENT, DRAINING, OPEN, NO_HALF_CLOSE, 0, SEND(IDLE), LOCAL_FIRST, 0, END_NONE, 0 },
	{ ENDING_SENT, DRAINING, ANY, NO_HALF_CLOSE, 0, SEND(IDLE), 0, 0, END_NONE, 0 },
	{ ENDING_SENT, DRAINING, OPEN, DELAY, SEND_ONLY | GONE, SEND(DELAYED), LOCAL_FIRST, 0,
	    END_NONE, 0 },
	{ ENDING_SENT, DRAINING, OPEN, 0, 0, SEND(SHUTTING), LOCAL_FIRST, DO(SHUT_SEND), END_NONE,
	    0 },
	{ ENDING_SENT, DRAINING, ANY, 0, 0, SEND(SHUTTING), 0, DO(SHUT_SEND), END_NONE, 0 },
	{ ENDING_HALF_CLOSE_DUE, DELAYED, ANY, 0, 0, SEND(SHUTTING), 0, DO(SHUT_SEND), END_NONE,
	    0 },
	{ ENDING_SEND_SHUT, SHUTTING, ANY, 0, 0, SEND(CLOSED), 0, 0, END_NONE, 0 },
	/* the peer */
	{ ENDING_PEER_ENDED, OPEN | DRAINING, OPEN, CONTINUES, 0, BOTH(CLOSED, DRAINING), 0,
	    DO(DROP_SEND), END_NONE, 0 },
	{ ENDING_PEER_ENDED, OPEN | DRAINING | IDLE, OPEN, CLOSES_BOTH, ECHO,
	    BOTH(SHUTTING, DRAINING), 0, DO(SHUT_SEND), END_NONE, 0 },
	{ ENDING_PEER_ENDED, DELAYED, OPEN, 0, 0, BOTH(SHUTTING, DRAINING), 0, DO(SHUT_SEND),
	    END_NONE, 0 },
	{ ENDING_PEER_ENDED, ANY, OPEN, 0, 0, RECEIVE(DRAINING), 0, 0, END_NONE, 0 },
	{ ENDING_RECEIVE_LIMIT, ANY, OPEN, 0, 0, RECEIVE(DRAINING), LIMITED, 0, END_NONE, 0 },
	{ ENDING_DELIVERED, ANY, DRAINING, CONNECTION | FAILED, 0, RECEIVE(CLOSED), 0, 0, END_NONE,
	    0 },
	{ ENDING_DELIVERED, OPEN, DRAINING, LOCAL_DELAY, LIMITED, RECEIVE(DELAYED), 0, 0, END_NONE,
	    0 },
	{ ENDING_DELIVERED, ANY, DRAINING, 0, 0, RECEIVE(SHUTTING), 0, DO(SHUT_RECEIVE), END_NONE,
	    0 },
	{ ENDING_LOCAL_CLOSE_DUE, ANY, DELAYED, 0, 0, RECEIVE(SHUTTING), 0, DO(SHUT_RECEIVE),
	    END_NONE, 0 },
	{ ENDING_RECEIVE_SHUT, ANY, SHUTTING, 0, 0, RECEIVE(CLOSED), 0, 0, END_NONE, 0 },
	/* failures of the connection */
	{ ENDING_PEER_CUT, ANY, OPEN, CONNECTION, 0, BOTH(CLOSED, DRAINING), FAILED, DO(DROP_SEND),
	    END_TLS_TRUNCATED, ENDING_VERB_RECV },
	{ ENDING_PEER_CUT, OPEN | DRAINING, OPEN, CONTINUES, 0, BOTH(CLOSED, DRAINING), FAILED,
	    DO(DROP_SEND), END_TLS_TRUNCATED, ENDING_VERB_RECV },
	{ ENDING_PEER_CUT, DELAYED, OPEN, 0, 0, BOTH(CLOSED, DRAINING), FAILED, 0,
	    END_TLS_TRUNCATED, ENDING_VERB_RECV },
	{ ENDING_PEER_CUT, ANY, OPEN, 0, 0, RECEIVE(DRAINING), FAILED, 0, END_TLS_TRUNCATED,
	    ENDING_VERB_RECV },
	{ ENDING_PEER_LEFT, ANY, OPEN, 0, 0, BOTH(CLOSED, DRAINING), FAILED, DO(DROP_SEND),
	    END_WS_TRUNCATED, ENDING_VERB_RECV },
	{ ENDING_RECEIVE_RESET, ANY, OPEN, 0, 0, BOTH(CLOSED, DRAINING), FAILED, DO(DROP_SEND),
	    END_PEER_RESET, ENDING_VERB_RECV },
	{ ENDING_RECEIVE_FAILED, ANY, OPEN, 0, 0, BOTH(CLOSED, DRAINING), FAILED, DO(DROP_SEND),
	    END_ERROR, ENDING_VERB_RECV },
	{ ENDING_SEND_RESET, ANY, LIVE, ECHO, 0, BOTH(CLOSED, CLOSED), FAILED, DO(DROP_RECEIVE),
	    END_PEER_RESET, ENDING_VERB_SEND },
	{ ENDING_SEND_RESET, LIVE, DELAYED, 0, ECHO, BOTH(CLOSED, CLOSED), FAILED, DO(DROP_SEND),
	    END_PEER_RESET, ENDING_VERB_SEND },
	{ ENDING_SEND_RESET, LIVE, ANY, 0, ECHO, SEND(CLOSED), FAILED, DO(DROP_SEND),
	    END_PEER_RESET, ENDING_VERB_SEND },
	{ ENDING_SEND_FAILED, ANY, LIVE, ECHO, 0, BOTH(CLOSED, CLOSED), FAILED, DO(DROP_RECEIVE),
	    END_ERROR, ENDING_VERB_SEND },
	{ ENDING_SEND_FAILED, LIVE, OPEN, 0, ECHO, BOTH(CLOSED, DRAINING), FAILED, DO(DROP_SEND),
	    END_ERROR, ENDING_VERB_SEND },
	{ ENDING_SEND_FAILED, LIVE, DELAYED, 0, ECHO, BOTH(CLOSED, CLOSED), FAILED, DO(DROP_SEND),
	    END_ERROR, ENDING_VERB_SEND },
	{ ENDING_SEND_FAILED, LIVE, ANY, 0, ECHO, SEND(CLOSED), FAILED, DO(DROP_SEND), END_ERROR,
	    ENDING_VERB_SEND },
	{ ENDING_REFUSED, ANY, OPEN, 0, 0, BOTH(CLOSED, DRAINING), FAILED, DO(DROP_SEND),
	    END_REFUSED, ENDING_VERB_SEND },
	/* failures of the local side */
	{ ENDING_OUTPUT_GONE, ANY, LIVE, PROGRAM, 0, STAY, 0, DO(DISCARD), END_NONE, 0 },
	{ ENDING_OUTPUT_GONE, ANY, LIVE, OUTLIVES, CONNECTION, STAY, SEND_ONLY, DO(DISCARD),
	    END_NONE, 0 },
	{ ENDING_OUTPUT_GONE, ANY, ANY, CONNECTION, 0, RECEIVE(CLOSED), FAILED, DO(DROP_RECEIVE),
	    END_ERROR, 0 },
	{ ENDING_OUTPUT_GONE, ANY, ANY, 0, 0, STAY, FAILED | OVER, DO(FINISH), END_STDOUT_CLOSED,
	    0 },
	/* who was reset ends by itself; who is alive waits for the rest, and would keep the peer waiting */
	{ ENDING_OUTPUT_FAILED, OPEN | DRAINING, ANY, CONNECTION, 0, BOTH(DRAINING, CLOSED), FAILED,
	    DO(DROP_RECEIVE), END_ERROR, 0 },
	{ ENDING_OUTPUT_FAILED, ANY, ANY, CONNECTION, 0, RECEIVE(CLOSED), FAILED, DO(DROP_RECEIVE),
	    END_ERROR, 0 },
	{ ENDING_OUTPUT_FAILED, ANY, ANY, 0, 0, STAY, FAILED | OVER, DO(FINISH), END_ERROR, 0 },
	{ ENDING_PROGRAM_GONE, DELAYED, ANY, 0, 0, SEND(SHUTTING), GONE, DO(SHUT_SEND), END_NONE,
	    0 },
	{ ENDING_PROGRAM_GONE, ANY, ANY, 0, 0, STAY, GONE, 0, END_NONE, 0 },
	/* time, and the caller */
	{ ENDING_STOP, ANY, ANY, 0, 0, STAY, OVER, DO(FINISH), END_NONE, 0 },
	{ ENDING_DEADLINE, ANY, ANY, 0, 0, STAY, FAILED | OVER, DO(FINISH), END_DEADLINE,
	    ENDING_VERB_WAIT },
	{ ENDING_NOBODY, ANY, ANY, 0, 0, STAY, FAILED | OVER, DO(FINISH), END_DEADLINE,
	    ENDING_VERB_ACCEPT },
	{ ENDING_IDLE_OVER, ANY, ANY, 0, 0, STAY, FAILED | OVER, DO(FINISH), END_IDLE_TIMEOUT,
	    ENDING_VERB_WAIT },
	{ ENDING_SILENCE, ANY, OPEN, QUIET_ENDS, 0, STAY, OVER, DO(FINISH), END_QUIET, 0 },
	{ ENDING_SILENCE, ANY, OPEN, 0, 0, STAY, FAILED | OVER, DO(FINISH), END_IDLE_TIMEOUT,
	    ENDING_VERB_WAIT },
};

struct over_rule {
	unsigned send, receive, with, without;
	enum sock_end end; /* unless it is decided */
};

/* The relay is over if one of these matches. */
static const struct over_rule over_rules[] = {
	{ ANY, CLOSED, LIMITED, 0, END_LIMIT },
	{ QUIET, CLOSED, 0, 0, END_PEER_FIN },
	{ QUIET, ANY, PROGRAM | GONE, 0, END_CHILD_EXIT },
	{ QUIET, ANY, SEND_ONLY, ECHO, END_LOCAL_EOF },
};

static bool
state_in(enum ending_state state, unsigned set)
{
	return (1u << state & set) != 0;
}

static bool
has_facts(const struct ending *x, unsigned with, unsigned without)
{
	return (x->facts & with) == with && (x->facts & without) == 0;
}

/* The first reason counts. */
static void
decide_end(struct ending *x, enum sock_end end, enum ending_event by, enum ending_verb verb)
{
	if (x->end != END_NONE || end == END_NONE)
		return;
	x->end = end;
	x->decided_by = by;
	x->verb = verb;
}

static void
check_over(struct ending *x, enum ending_event by)
{
	const struct over_rule *v;

	for (v = over_rules; v < over_rules + ARRAY_LEN(over_rules); v++) {
		if ((x->facts & OVER) != 0 || !state_in(x->send, v->send) ||
		    !state_in(x->receive, v->receive) || !has_facts(x, v->with, v->without))
			continue;
		decide_end(x, v->end, by, ENDING_NO_VERB);
		x->facts |= OVER;
		x->actions |= ENDING_ACT_FINISH;
	}
}

static const struct row *
find_row(const struct ending *x, enum ending_event event)
{
	const struct row *r;

	for (r = rows; r < rows + ARRAY_LEN(rows); r++)
		if (r->event == event && state_in(x->send, r->send) &&
		    state_in(x->receive, r->receive) && has_facts(x, r->with, r->without))
			return r;
	return NULL;
}

void
ending_event(struct ending *x, enum ending_event event, int64_t now)
{
	const struct row *r = find_row(x, event);

	if (r == NULL || (x->facts & OVER) != 0)
		return;
	if (r->to_send != KEEP)
		x->send = r->to_send;
	if (r->to_receive != KEEP)
		x->receive = r->to_receive;
	x->facts |= r->learn;
	x->actions |= r->actions;
	decide_end(x, r->end, event, r->verb);
	if (event == ENDING_SENT)
		x->input_end = now;
	if (event == ENDING_DELIVERED)
		x->peer_end = now;
	check_over(x, event);
}

void
ending_stop(struct ending *x, enum sock_end end, int64_t now)
{
	if ((x->facts & OVER) == 0)
		decide_end(x, end, ENDING_STOP, ENDING_NO_VERB);
	ending_event(x, ENDING_STOP, now);
}

/* The end of the peer does not stop it. A terminal is hung up. */
static bool
is_half_open_side(const struct ending_rules *rules, const struct ending_how *how)
{
	return how->connection || (rules->local_program && !rules->local_terminal);
}

static unsigned
rule_facts(const struct ending_rules *rules)
{
	return (rules->no_half_close ? NO_HALF_CLOSE : 0) | (rules->send_only ? SEND_ONLY : 0) |
	    (rules->local_program ? PROGRAM : 0) | (rules->quiet_ends ? QUIET_ENDS : 0) |
	    (rules->closes_both ? CLOSES_BOTH : 0) | (rules->half_close > 0 ? DELAY : 0) |
	    (rules->reader == ENDING_READER_OUTLIVED ? OUTLIVES : 0);
}

static unsigned
first_facts(const struct ending_rules *rules, const struct ending_how *how)
{
	return rule_facts(rules) |
	    (rules->half_open || is_half_open_side(rules, how) ? HALF_OPEN : 0) |
	    (how->connection ? CONNECTION : 0) | (how->echo ? ECHO : 0) |
	    (how->connection && rules->local_half_close > 0 ? LOCAL_DELAY : 0) |
	    (how->awaited ? AWAITED : 0) | (how->continues ? CONTINUES : 0);
}

void
ending_init(struct ending *x, const struct ending_rules *rules, const struct ending_how *how,
    int64_t now)
{
	*x = (struct ending){ .rules = rules,
		.send = how->input && !how->echo ? ENDING_OPEN : ENDING_IDLE,
		.moved = now,
		.heard = now,
		.input_end = INT64_MAX,
		.peer_end = INT64_MAX,
		.input = how->terminal ? INT64_MIN : now };
	x->facts = first_facts(rules, how);
	check_over(x, ENDING_SENT);
}

/* ---- time ---- */

void
ending_moved(struct ending *x, int64_t now)
{
	x->moved = now;
}

void
ending_sent(struct ending *x, int64_t now)
{
	x->moved = x->input = now;
}

void
ending_received(struct ending *x, int64_t now)
{
	x->moved = x->heard = now;
	x->facts &= ~(unsigned)AWAITED;
}

void
ending_starves(struct ending *x, bool on)
{
	x->facts = on ? x->facts | STARVES : x->facts & ~(unsigned)STARVES;
}

void
ending_stalls(struct ending *x, bool on)
{
	x->facts = on ? x->facts | STALLS : x->facts & ~(unsigned)STALLS;
}

bool
ending_is_stalled(const struct ending *x)
{
	return (x->facts & STALLS) != 0;
}

bool
ending_is_sending(const struct ending *x)
{
	return x->send == ENDING_DRAINING || (x->send == ENDING_OPEN && (x->facts & STARVES) == 0);
}

static struct deadline
after_latest(int64_t a, int64_t b, int64_t duration)
{
	int64_t from = a > b ? a : b;

	if (from == INT64_MIN)
		return (struct deadline){ 0 };
	return deadline_after(from, duration);
}

static bool
waits_for_peer(const struct ending *x)
{
	return state_in(x->receive, OPEN) && !state_in(x->send, OPEN | DRAINING) &&
	    has_facts(x, 0, ECHO | STALLS | AWAITED);
}

static struct deadline
half_close_due(const struct ending *x)
{
	if (x->send != ENDING_DELAYED || !has_facts(x, 0, STALLS))
		return deadline_never();
	return after_latest(x->input_end, x->heard, x->rules->half_close);
}

/* What the local side has sent already waits for the peer, and is no silence. */
static struct deadline
local_close_due(const struct ending *x)
{
	if (x->receive != ENDING_DELAYED || !has_facts(x, STARVES, 0))
		return deadline_never();
	return after_latest(x->peer_end, x->input, x->rules->local_half_close);
}

static struct deadline
input_silent(const struct ending *x)
{
	if (x->send != ENDING_OPEN || x->receive == ENDING_OPEN ||
	    !has_facts(x, STARVES, HALF_OPEN))
		return deadline_never();
	return after_latest(x->input, INT64_MIN,
	    x->rules->local_terminal ? ENDING_TERMINAL_SILENCE : ENDING_INPUT_SILENCE);
}

static struct deadline
peer_silent(const struct ending *x)
{
	const struct ending_rules *rules = x->rules;

	if (rules->after_eof == DURATION_NONE || !waits_for_peer(x) || x->input_end == INT64_MAX)
		return deadline_never();
	return after_latest(x->input_end, rules->silence_fixed ? INT64_MIN : x->heard,
	    rules->after_eof);
}

static struct deadline
due(const struct ending *x, enum ending_event event)
{
	switch (event) {
	case ENDING_DEADLINE:
		return x->rules->until;
	case ENDING_HALF_CLOSE_DUE:
		return half_close_due(x);
	case ENDING_LOCAL_CLOSE_DUE:
		return local_close_due(x);
	case ENDING_INPUT_SILENT:
		return input_silent(x);
	case ENDING_SILENCE:
		return peer_silent(x);
	case ENDING_NOBODY:
		return has_facts(x, AWAITED, 0) ? deadline_after(x->heard, x->rules->accept)
						: deadline_never();
	default:
		return has_facts(x, AWAITED, 0) ? deadline_never()
						: deadline_after(x->moved, x->rules->idle);
	}
}

/* In order of precedence if several are due. */
static const enum ending_event of_time[] = { ENDING_DEADLINE, ENDING_NOBODY, ENDING_HALF_CLOSE_DUE,
	ENDING_LOCAL_CLOSE_DUE, ENDING_INPUT_SILENT, ENDING_SILENCE, ENDING_IDLE_OVER };

struct deadline
ending_next(const struct ending *x)
{
	struct deadline at = deadline_never();
	size_t i;

	for (i = 0; i < ARRAY_LEN(of_time); i++)
		at = deadline_min(at, due(x, of_time[i]));
	return at;
}

bool
ending_time(struct ending *x, int64_t now)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(of_time); i++) {
		struct deadline at = due(x, of_time[i]);

		if (deadline_is_never(at) || now < at.at)
			continue;
		ending_event(x, of_time[i], now);
		return true;
	}
	return false;
}

/* ---- queries ---- */

bool
ending_is_local_first(const struct ending *x)
{
	return (x->facts & LOCAL_FIRST) != 0;
}

bool
ending_is_over(const struct ending *x)
{
	return (x->facts & OVER) != 0;
}
