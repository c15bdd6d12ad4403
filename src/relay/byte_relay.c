#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "relay/byte_relay.h"
#include "relay/copier.h"
#include "stream/tls.h"

/* Moves of one way before the other gets its turn. */
#define BUDGET 8

static void turn(struct byte_relay *p);
static void lane_blocks(struct byte_relay *p, struct lane *lane);

/* ---- ends ---- */

static void
finish(struct byte_relay *p)
{
	int i;

	if (p->over)
		return;
	p->over = true;
	for (i = 0; i < BYTE_RELAY_SLOTS; i++)
		loop_unwatch(p->loop, &p->watches[i]);
	loop_timer_stop(p->loop, &p->timer);
	if (p->end == END_NONE)
		p->end = p->far_ended ? END_PEER_FIN : END_LOCAL_EOF;
}

/* The first failure is the one that is told. */
static void
fail(struct byte_relay *p, enum sock_end end, const char *verb, const struct error *e)
{
	if (p->error != NULL)
		return;
	p->end = end;
	p->verb = verb;
	p->error = malloc(sizeof *p->error);
	if (p->error != NULL)
		*p->error = *e;
}

static void
fail_timeout(struct byte_relay *p, enum sock_end end, const char *what, int64_t duration)
{
	struct error e = { 0 };

	error_set(&e, ERROR_TIMEOUT, "%s%.6g s", what, (double)duration / (double)NSEC_PER_SEC);
	fail(p, end, "wait", &e);
	finish(p);
}

static bool
is_reset(const struct error *e)
{
	return e->origin == ORIGIN_ERRNO && (e->number == ECONNRESET || e->number == EPIPE);
}

/* What was received must still reach the near end; nothing can be sent any more. */
static void
far_failed(struct byte_relay *p, struct lane *lane, struct error *e)
{
	const char *verb = lane == &p->send ? "send" : "recv";
	bool reset = is_reset(e), cut = e->origin == ORIGIN_TLS && e->number == TLS_TRUNCATED;

	if (e->origin == ORIGIN_ERRNO) {
		enum error_code code = e->number == ETIMEDOUT ? ERROR_TIMEOUT : ERROR_NETWORK;
		int number = reset ? ECONNRESET : e->number;

		error_set(e, code, "%s", strerror(number));
		e->origin = ORIGIN_ERRNO;
		e->number = number;
	}
	fail(p, reset ? END_PEER_RESET : cut ? END_TLS_TRUNCATED : END_ERROR, verb, e);
	/* a peer that only has not said good-bye may still want its answer */
	if (!cut) {
		direction_drop(&p->send.way);
		p->send.way.state = DIRECTION_SHUT;
	}
	if (lane == &p->recv)
		direction_end_source(&p->recv.way);
}

static void
near_failed(struct byte_relay *p, struct lane *lane, struct error *e)
{
	bool pipe_gone = lane == &p->recv && is_reset(e);

	if (pipe_gone && p->rules->near_program) {
		direction_drop(&lane->way);
		lane->way.swallow = true;
		direction_choose(&lane->way);
		return;
	}
	/* it ended with input unread: what it said before has been read */
	if (lane == &p->send && is_reset(e) && p->rules->near_program) {
		direction_end_source(&lane->way);
		return;
	}
	e->code = ERROR_LOCAL_IO;
	fail(p, pipe_gone ? END_STDOUT_CLOSED : END_ERROR, NULL, e);
	finish(p);
}

static void
lane_failed(struct byte_relay *p, struct lane *lane, struct error *e)
{
	const struct direction *w = &lane->way;

	if ((w->sink_failed ? w->to : w->from) == p->far)
		far_failed(p, lane, e);
	else
		near_failed(p, lane, e);
}

/* ---- progress ---- */

static void
shut_failed(struct byte_relay *p, struct lane *lane, struct error *e)
{
	/* a connection that is gone already says so when it is read */
	if (lane->way.to == p->far && e->origin == ORIGIN_ERRNO && e->number == ENOTCONN)
		return;
	lane->way.sink_failed = true;
	lane_failed(p, lane, e);
}

/* Nothing more comes from the source, but the other way may have answers to send. */
static void
wait_for_answers(struct lane *lane)
{
	lane->way.state = DIRECTION_OPEN;
	lane->way.no_source = true;
	lane->blocked = true;
	lane->slot = -1;
	lane->event = LOOP_READ;
}

/* A layer whose last words do not fit now: this comes again when they do. */
static int
shut_sink(struct byte_relay *p, struct lane *lane, struct error *e)
{
	int rc;

	if (lane == &p->send && p->rules->no_half_close)
		return 0;
	rc = stream_shut(lane->way.to, e);
	if (rc < -1) {
		direction_block(&lane->way, lane->way.to, rc);
		lane_blocks(p, lane);
	}
	return rc;
}

static void
lane_drained(struct byte_relay *p, struct lane *lane)
{
	struct error e = { 0 };
	bool sending = lane == &p->send;
	int rc = shut_sink(p, lane, &e);

	if (rc < -1)
		return;
	lane->way.state = DIRECTION_SHUT;
	p->near_first = p->near_first || (sending && !p->far_ended);
	if (!sending && p->error == NULL && lane->way.in >= lane->way.limit)
		p->end = END_LIMIT;
	if (!sending)
		p->far_ended = true;
	if (sending && p->rules->after_eof != DURATION_NONE)
		p->quiet_at = deadline_in(p->rules->after_eof);
	if (sending && p->rules->no_half_close) {
		if (lane->way.answers)
			wait_for_answers(lane);
		return;
	}
	if (rc < 0)
		shut_failed(p, lane, &e);
}

static int
slot_of(const struct byte_relay *p, const struct stream *s, unsigned event)
{
	int base = s == p->far ? BYTE_RELAY_FAR_IN : BYTE_RELAY_NEAR_IN;
	int in = stream_raw_fd(s, STREAM_IN), out = stream_raw_fd(s, STREAM_OUT);

	if (event == LOOP_READ)
		return in < 0 ? -1 : base;
	if (out < 0)
		return -1;
	return out == in ? base : base + 1;
}

static void
lane_blocks(struct byte_relay *p, struct lane *lane)
{
	struct direction *w = &lane->way;

	/* the far end is over and nothing is ready to be sent: nothing more will be */
	if (lane == &p->send && p->far_ended && !p->rules->half_open && !p->rules->near_program &&
	    w->wait_on == p->near && w->wait_for == LOOP_READ) {
		w->state = DIRECTION_SHUT;
		return;
	}
	lane->blocked = true;
	lane->event = w->wait_for;
	lane->slot = slot_of(p, w->wait_on, w->wait_for);
}

static void
note_moves(struct byte_relay *p, const struct lane *lane, uint64_t in, uint64_t out)
{
	const struct direction *w = &lane->way;

	if (w->in == in && w->out == out)
		return;
	p->last_move = p->rules->idle != DURATION_NONE ? clock_now() : 0;
	if (!deadline_is_never(p->quiet_at) && lane == &p->recv)
		p->quiet_at = deadline_in(p->rules->after_eof);
	if (log_on(p->log, LOG_TRACE))
		log_line(p->log, LOG_TRACE, "%s: read %llu, wrote %llu bytes (%s)",
		    lane == &p->send ? "send" : "recv", (unsigned long long)(w->in - in),
		    (unsigned long long)(w->out - out), w->mover->name);
}

/* Out of budget, or dry: wait for what is most likely next, so that others get a turn. */
static void
lane_yields(struct byte_relay *p, struct lane *lane)
{
	struct direction *w = &lane->way;

	if (w->dry && direction_held(w) == 0) {
		direction_block(w, w->from, STREAM_WANT_READ);
		lane_blocks(p, lane);
		return;
	}
	if (direction_held(w) > 0)
		direction_block(w, w->to, STREAM_WANT_WRITE);
	else
		direction_block(w, w->from, STREAM_WANT_READ);
	lane->blocked = true;
	lane->event = w->wait_for;
	lane->slot = slot_of(p, w->wait_on, w->wait_for);
	if (stream_pending(w->from) > 0 || lane->slot < 0) {
		lane->blocked = false;
		lane->paused = true;
	}
}

static void
lane_run(struct byte_relay *p, struct lane *lane)
{
	uint64_t in = lane->way.in, out = lane->way.out;
	enum direction_result r = DIRECTION_MOVED;
	struct error e = { 0 };
	int i;

	lane->blocked = lane->paused = false;
	for (i = 0; r == DIRECTION_MOVED && (i < BUDGET || lane->way.state == DIRECTION_DRAINING);
	     i++) {
		r = direction_step(&lane->way, &e);
		if (lane->way.dry && direction_held(&lane->way) == 0)
			break;
	}
	note_moves(p, lane, in, out);
	switch (r) {
	case DIRECTION_MOVED:
		lane_yields(p, lane);
		break;
	case DIRECTION_BLOCKED:
		lane_blocks(p, lane);
		break;
	case DIRECTION_PAUSED:
		lane->paused = true;
		break;
	case DIRECTION_DRAINED:
		lane_drained(p, lane);
		break;
	case DIRECTION_FAILED:
		lane_failed(p, lane, &e);
		break;
	}
}

static bool
lane_wants_turn(const struct lane *lane)
{
	return lane->way.state != DIRECTION_SHUT && !lane->blocked && !lane->paused;
}

/* True while a way has something to do without waiting. */
static bool
run_lanes(struct byte_relay *p)
{
	bool ran = false;

	if (!p->over && lane_wants_turn(&p->recv)) {
		lane_run(p, &p->recv);
		ran = true;
	}
	/* telnet answers come from the other way */
	if (p->send.blocked && p->send.event == LOOP_READ && direction_held(&p->send.way) > 0)
		p->send.blocked = false;
	if (p->far_ended && p->send.blocked && p->send.event == LOOP_READ)
		p->send.blocked = false;
	if (!p->over && lane_wants_turn(&p->send)) {
		lane_run(p, &p->send);
		ran = true;
	}
	return ran && (lane_wants_turn(&p->recv) || lane_wants_turn(&p->send));
}

static void
judge(struct byte_relay *p)
{
	bool sent = p->send.way.state == DIRECTION_SHUT,
	     received = p->recv.way.state == DIRECTION_SHUT;

	if (p->over)
		return;
	if (received && (sent || p->end == END_LIMIT)) {
		finish(p);
	} else if (sent && p->near_gone) {
		p->end = END_CHILD_EXIT;
		finish(p);
	} else if (sent && p->rules->send_only && p->near != NULL) {
		finish(p);
	}
}

/* ---- waiting ---- */

static void
add_events(const struct lane *lane, unsigned events[BYTE_RELAY_SLOTS])
{
	if (lane->way.state != DIRECTION_SHUT && lane->blocked && lane->slot >= 0)
		events[lane->slot] |= lane->event;
}

static int
watch_slots(struct byte_relay *p, struct error *e)
{
	unsigned events[BYTE_RELAY_SLOTS] = { 0 };
	int i;

	add_events(&p->send, events);
	add_events(&p->recv, events);
	for (i = 0; i < BYTE_RELAY_SLOTS; i++) {
		struct watch *w = &p->watches[i];

		if (events[i] == 0 && w->events == 0)
			continue;
		if (w->events == 0) {
			const struct stream *s = i < BYTE_RELAY_FAR_IN ? p->near : p->far;

			w->fd = stream_raw_fd(s, (i & 1) == 0 ? STREAM_IN : STREAM_OUT);
		}
		if (events[i] == 0)
			loop_unwatch(p->loop, w);
		else if (loop_watch(p->loop, w, events[i], e) < 0)
			return -1;
	}
	return 0;
}

static struct deadline
pause_end(const struct lane *lane)
{
	if (lane->way.state == DIRECTION_SHUT || !lane->paused)
		return deadline_never();
	return lane->way.pace != NULL ? lane->way.pace->until : deadline_in(0);
}

static struct deadline
idle_end(const struct byte_relay *p)
{
	struct deadline d = { p->last_move };

	if (p->rules->idle == DURATION_NONE)
		return deadline_never();
	d.at += p->rules->idle;
	return d;
}

static int
set_timer(struct byte_relay *p, struct error *e)
{
	struct deadline at = deadline_min(p->rules->until, p->quiet_at);

	at = deadline_min(at, idle_end(p));
	at = deadline_min(at, deadline_min(pause_end(&p->send), pause_end(&p->recv)));
	if (deadline_is_never(at)) {
		loop_timer_stop(p->loop, &p->timer);
		return 0;
	}
	return loop_timer_set(p->loop, &p->timer, at, e);
}

static void
turn(struct byte_relay *p)
{
	struct error e = { 0 };

	p->running = true;
	do {
		while (run_lanes(p))
			;
		judge(p);
	} while (!p->over && (lane_wants_turn(&p->recv) || lane_wants_turn(&p->send)));
	if (!p->over && (watch_slots(p, &e) < 0 || set_timer(p, &e) < 0)) {
		fail(p, END_ERROR, NULL, &e);
		finish(p);
	}
	p->running = false;
	if (p->over)
		p->done(p);
}

static void
on_ready(struct watch *w, unsigned ready)
{
	struct byte_relay *p = w->arg;
	int slot = (int)(w - p->watches);

	if (p->send.slot == slot && (p->send.event & ready))
		p->send.blocked = false;
	if (p->recv.slot == slot && (p->recv.event & ready))
		p->recv.blocked = false;
	turn(p);
}

static void
on_timer(struct timer *t)
{
	struct byte_relay *p = t->arg;

	if (deadline_passed(p->rules->until)) {
		struct error e = { 0 };

		error_set(&e, ERROR_TIMEOUT, "timed out (--timeout)");
		fail(p, END_DEADLINE, "wait", &e);
		finish(p);
	} else if (deadline_passed(p->quiet_at) && p->rules->quiet_ends) {
		p->end = END_QUIET;
		finish(p);
	} else if (deadline_passed(p->quiet_at)) {
		fail_timeout(p, END_IDLE_TIMEOUT, "timed out: after the end of input, silent for ",
		    p->rules->after_eof);
	} else if (deadline_passed(idle_end(p))) {
		fail_timeout(p, END_IDLE_TIMEOUT, "timed out: idle for ", p->rules->idle);
	}
	p->send.paused = p->recv.paused = false;
	turn(p);
}

/* ---- life ---- */

void
byte_relay_init(struct byte_relay *p, bool send)
{
	struct stream *near = p->near != NULL ? p->near : p->far;
	int i;

	direction_init(&p->recv.way, p->far, near, p->scratch);
	direction_init(&p->send.way, near, p->far, p->scratch);
	p->send.slot = p->recv.slot = -1;
	if (p->near == NULL)
		p->send.way.state = DIRECTION_SHUT;
	else if (!send)
		p->send.way.no_source = true;
	p->quiet_at = deadline_never();
	p->timer.fn = on_timer;
	p->timer.arg = p;
	for (i = 0; i < BYTE_RELAY_SLOTS; i++) {
		p->watches[i].fn = on_ready;
		p->watches[i].arg = p;
	}
}

void
byte_relay_start(struct byte_relay *p)
{
	if (p->send.way.no_source && p->send.way.answers)
		wait_for_answers(&p->send);
	else if (p->send.way.no_source)
		p->send.way.state = DIRECTION_SHUT;
	if (p->rules->idle != DURATION_NONE)
		p->last_move = clock_now();
	turn(p);
}

void
byte_relay_program_ended(struct byte_relay *p)
{
	p->near_gone = true;
	if (!p->running && !p->over)
		turn(p);
}

void
byte_relay_end(struct byte_relay *p, enum sock_end end)
{
	if (p->end == END_NONE)
		p->end = end;
	finish(p);
}

void
byte_relay_fini(struct byte_relay *p)
{
	finish(p);
	direction_fini(&p->send.way);
	direction_fini(&p->recv.way);
	free(p->error);
	p->error = NULL;
}
