#include "relay/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "relay/capture/recorder.h"
#include "relay/copy/copier.h"
#include "relay/copy/relay_carry.h"
#include "relay/record_reader.h"
#include "relay/relay_ops.h"
#include "stream/negotiate/proxy/socks_stream.h"
#include "stream/stream.h"
#include "stream/tls.h"
#include "stream/websocket/websocket_frame.h"

/* ---- failures ---- */

static bool
is_errno(const struct error *e, int number)
{
	return e->origin == ORIGIN_ERRNO && e->number == number;
}

static bool
is_reset(const struct error *e)
{
	return is_errno(e, ECONNRESET) || is_errno(e, EPIPE);
}

static bool
is_connection(const struct relay *r, enum relay_slot slot)
{
	return slot >= RELAY_REMOTE_IN || r->how.connection != NULL;
}

static void
store_error(struct relay *r, const struct error *e)
{
	if (r->error == NULL)
		r->error = error_copy(e);
}

/* The first failure gives the text. */
void
relay_failed_by(struct relay *r, enum ending_event event, const struct error *e)
{
	enum sock_end before = r->ending.end;

	ending_event(&r->ending, event, r->now);
	if (before == END_NONE && r->ending.end != END_NONE && r->ending.decided_by == event)
		store_error(r, e);
}

static enum ending_event
failure_event(enum relay_slot slot, const struct error *e)
{
	static const enum ending_event events[RELAY_SLOTS][2] = {
		[RELAY_LOCAL_IN] = { ENDING_INPUT_FAILED, ENDING_INPUT_RESET },
		[RELAY_LOCAL_OUT] = { ENDING_OUTPUT_FAILED, ENDING_OUTPUT_GONE },
		[RELAY_REMOTE_IN] = { ENDING_RECEIVE_FAILED, ENDING_RECEIVE_RESET },
		[RELAY_REMOTE_OUT] = { ENDING_SEND_FAILED, ENDING_SEND_RESET },
		[RELAY_REMOTE_CONTROL] = { ENDING_RECEIVE_FAILED, ENDING_RECEIVE_RESET },
	};

	if (slot == RELAY_REMOTE_IN && e->origin == ORIGIN_TLS && e->number == TLS_TRUNCATED)
		return ENDING_PEER_CUT;
	if (slot == RELAY_REMOTE_IN && e->origin == ORIGIN_WEBSOCKET &&
	    e->number == WEBSOCKET_NO_CLOSE)
		return ENDING_PEER_LEFT;
	if (slot >= RELAY_REMOTE_IN && is_errno(e, ECONNREFUSED))
		return ENDING_REFUSED;
	return events[slot][is_reset(e)];
}

/* Reduces the text to the reason, since the caller adds verb and address. */
static void
reduce_to_reason(struct error *e)
{
	int number = is_reset(e) ? ECONNRESET : e->number;
	char hint[sizeof(e->hint)];

	if (e->origin != ORIGIN_ERRNO || number == EMSGSIZE)
		return;
	memcpy(hint, e->hint, sizeof(hint));
	error_set(e, number == ETIMEDOUT ? ERROR_TIMEOUT : ERROR_NETWORK, "%s", strerror(number));
	e->origin = ORIGIN_ERRNO;
	e->number = number;
	memcpy(e->hint, hint, sizeof(hint));
}

void
relay_failed(struct relay *r, enum relay_slot slot, const struct error *e)
{
	struct error reason = *e;

	if (is_connection(r, slot))
		reduce_to_reason(&reason);
	else
		reason.code = ERROR_LOCAL_IO;
	if (slot < RELAY_REMOTE_IN && r->how.connection != NULL)
		error_prefix(&reason, "%s", r->how.connection);
	relay_failed_by(r, failure_event(slot, e), &reason);
}

void
relay_event(struct relay *r, enum ending_event event)
{
	if (event == ENDING_PEER_ENDED)
		recorded_end(r->how.recorded, DIALOGUE_RECEIVED);
	ending_event(&r->ending, event, r->now);
}

const char *
relay_verb(const struct relay *r)
{
	static const char *const verbs[] = { NULL, "send", "recv", "wait", "accept" };

	return verbs[r->ending.verb];
}

/* ---- the end ---- */

/* Silence is one thing, and a side that takes nothing of what waits for it another. */
static void
explain_idle(struct relay *r, struct error *e)
{
	bool unsent = ending_is_sending(&r->ending), unwritten = ending_is_stalled(&r->ending);

	if (unsent || unwritten)
		r->ending.verb = unsent ? ENDING_VERB_SEND : ENDING_VERB_RECV;
	error_set(e, ERROR_TIMEOUT, "timed out: idle for %.6g s%s",
	    (double)r->how.rules->idle / (double)NSEC_PER_SEC,
	    unsent          ? ", and not all was sent"
		: unwritten ? ", and not all was written"
			    : "");
}

static void
explain_timeout(struct relay *r)
{
	const struct ending_rules *rules = r->how.rules;
	struct error e = { 0 };

	switch (r->ending.decided_by) {
	case ENDING_DEADLINE:
		error_set(&e, ERROR_TIMEOUT, "timed out (--timeout)");
		break;
	case ENDING_IDLE_OVER:
		explain_idle(r, &e);
		break;
	case ENDING_NOBODY:
		error_set(&e, ERROR_TIMEOUT, "timed out: no datagram came");
		break;
	case ENDING_SILENCE:
		error_set(&e, ERROR_TIMEOUT, "timed out: after the end of input, silent for %.6g s",
		    (double)rules->after_eof / (double)NSEC_PER_SEC);
		break;
	default:
		return;
	}
	if (r->ending.verb != ENDING_NO_VERB)
		store_error(r, &e);
}

static void
explain_left(struct relay *r)
{
	struct error e = { 0 };
	uint64_t left;

	if (r->ending.end != END_PEER_FIN || r->error != NULL || r->ops->left == NULL ||
	    (left = r->ops->left(r)) == 0)
		return;
	error_set(&e, ERROR_PEER_ENDED, "the peer ended before all was sent: %llu bytes left",
	    (unsigned long long)left);
	r->ending.verb = ENDING_VERB_SEND;
	store_error(r, &e);
}

void
relay_fail_late(struct relay *r, enum ending_verb verb, const struct error *e)
{
	if (r->error != NULL)
		return;
	r->ending.end = END_ERROR;
	r->ending.verb = verb;
	store_error(r, e);
}

static void
finish_relay(struct relay *r)
{
	int i;

	for (i = 0; i < RELAY_SLOTS; i++)
		loop_unwatch(r->how.loop, &r->watches[i]);
	loop_timer_stop(r->how.loop, &r->timer);
	explain_timeout(r);
	explain_left(r);
	if (r->ops->conclude != NULL)
		r->ops->conclude(r);
}

bool
relay_is_over(const struct relay *r)
{
	return ending_is_over(&r->ending);
}

/* ---- actions ---- */

struct shut {
	unsigned action;
	enum ending_event done;
	enum relay_slot slot;
};

static const struct shut shuts[2] = {
	{ ENDING_ACT_SHUT_SEND, ENDING_SEND_SHUT, RELAY_REMOTE_OUT },
	{ ENDING_ACT_SHUT_RECEIVE, ENDING_RECEIVE_SHUT, RELAY_LOCAL_OUT },
};

static enum relay_slot
slot_of_shut(const struct relay *r, int i)
{
	return r->how.local == NULL ? RELAY_REMOTE_OUT : shuts[i].slot;
}

static void
half_close(struct relay *r, int i)
{
	enum relay_slot slot = slot_of_shut(r, i);
	struct error e = { 0 };
	int rc = stream_shut(slot == RELAY_REMOTE_OUT ? r->how.remote : r->how.local, &e);

	r->shut_waits[i] = rc < -1 ? rc : 0;
	if (rc < -1)
		return;
	r->shuts &= ~shuts[i].action;
	if (rc == 0 && slot == RELAY_REMOTE_OUT)
		recorded_end(r->how.recorded, DIALOGUE_SENT);
	if (r->how.carry != NULL && rc == 0 && i == 0)
		r->how.carry->half_closed = true;
	/* a connection that is gone reports that when it is read */
	if (rc == 0 || (is_connection(r, slot) && is_errno(&e, ENOTCONN)))
		relay_event(r, shuts[i].done);
	else
		relay_failed(r, slot, &e);
}

/* One action may cause another. Each half-close is tried once a turn. */
static void
run_actions(struct relay *r)
{
	bool tried[2] = { false, false };
	bool more = true;
	int i;

	while (more && !relay_is_over(r)) {
		unsigned actions = r->ending.actions;

		r->ending.actions = 0;
		r->shuts |= actions & (ENDING_ACT_SHUT_SEND | ENDING_ACT_SHUT_RECEIVE);
		r->ops->drop(r, actions);
		more = false;
		for (i = 0; i < 2; i++) {
			if ((r->shuts & shuts[i].action) == 0 || tried[i])
				continue;
			tried[i] = more = true;
			half_close(r, i);
		}
		more = more || r->ending.actions != 0;
	}
}

/* ---- waiting ---- */

static const struct stream *
stream_of(const struct relay *r, int slot)
{
	return slot < RELAY_REMOTE_IN ? r->how.local : r->how.remote;
}

static int
slot_fd(const struct relay *r, int slot)
{
	if (slot == RELAY_REMOTE_CONTROL)
		return socks_stream_control_fd(r->how.remote);
	return stream_raw_fd(stream_of(r, slot), slot % 2 == 0 ? STREAM_IN : STREAM_OUT);
}

static int
watch_slots(struct relay *r, const unsigned events[RELAY_SLOTS], struct error *e)
{
	int i;

	for (i = 0; i < RELAY_SLOTS; i++) {
		struct watch *w = &r->watches[i];

		if (events[i] == 0 && w->events == 0)
			continue;
		if (w->events == 0)
			w->fd = slot_fd(r, i);
		if (events[i] == 0 || w->fd < 0)
			loop_unwatch(r->how.loop, w);
		else if (events[i] != w->events && loop_watch(r->how.loop, w, events[i], e) < 0)
			return -1;
	}
	return 0;
}

static void
add_shut_events(const struct relay *r, unsigned events[RELAY_SLOTS])
{
	int i;

	for (i = 0; i < 2; i++) {
		enum relay_slot out = slot_of_shut(r, i);

		if (r->shut_waits[i] == STREAM_WANT_WRITE)
			events[out] |= LOOP_WRITE;
		else if (r->shut_waits[i] == STREAM_WANT_READ)
			events[out - 1] |= LOOP_READ;
	}
}

/* Tells a local side that it is not read any more. A program that writes to an unread pipe would
 * block for ever, and never read its input; what several clients share would wait for this one. */
static void
stop_local_output(struct relay *r)
{
	if (r->input_stopped || r->how.local == NULL || r->ending.send == ENDING_OPEN)
		return;
	r->input_stopped = true;
	if (r->how.rules->local_program || stream_raw_fd(r->how.local, STREAM_IN) < 0)
		stream_stop_reading(r->how.local);
}

/* True where nothing is left to do but to write to a pipe: then the end of its reader is ours. While
 * there is input, what the peer gets may still be wanted. */
static bool
lives_for_reader(const struct relay *r)
{
	enum ending_state send = r->ending.send;

	return r->how.local != NULL && r->how.connection == NULL && !r->rules.local_program &&
	    r->ending.receive == ENDING_OPEN && send != ENDING_OPEN && send != ENDING_DRAINING &&
	    stream_kind(r->how.local, STREAM_OUT) == STREAM_PIPE;
}

static int
wait_for_more(struct relay *r, struct error *e)
{
	unsigned events[RELAY_SLOTS] = { 0 };
	struct deadline at = r->ops->wants(r, events);

	stop_local_output(r);
	add_shut_events(r, events);
	if (events[RELAY_LOCAL_OUT] == 0 && lives_for_reader(r))
		events[RELAY_LOCAL_OUT] = LOOP_HANGUP;
	if (watch_slots(r, events, e) < 0)
		return -1;
	at = deadline_min(at, ending_next(&r->ending));
	if (!deadline_is_never(at))
		return loop_timer_set(r->how.loop, &r->timer, at, e);
	loop_timer_stop(r->how.loop, &r->timer);
	return 0;
}

/* A slot without events is retried at its time. The end of a control connection shows when the stream
 * is read. */
static void
slot_ready(struct relay *r, enum relay_slot slot, unsigned events)
{
	if (slot == RELAY_REMOTE_CONTROL)
		slot = RELAY_REMOTE_IN;
	r->blocked &=
	    slot == RELAY_SLOTS ? ~(1u << RELAY_REMOTE_IN | 1u << RELAY_REMOTE_OUT) : ~(1u << slot);
	if (r->ops->ready != NULL)
		r->ops->ready(r, slot, events);
}

/* When a time-out is due, input that is ready counts first, and the loop may not have reported it
 * yet. Returns true if both sides should be tried once more. */
static bool
retry_inputs(struct relay *r, bool *looked)
{
	if (*looked || !deadline_is_due(ending_next(&r->ending), r->now))
		return false;
	*looked = true;
	slot_ready(r, RELAY_LOCAL_IN, LOOP_READ);
	slot_ready(r, RELAY_REMOTE_IN, LOOP_READ);
	return true;
}

static void
run_turn(struct relay *r)
{
	bool more = true, looked = false;
	struct error e = { 0 };

	r->running = true;
	while (more && !relay_is_over(r)) {
		r->now = clock_now();
		more = r->ops->run(r);
		run_actions(r);
		if (more || relay_is_over(r))
			continue;
		more = retry_inputs(r, &looked);
		if (!more && ending_time(&r->ending, r->now)) {
			more = true;
			run_actions(r);
		}
	}
	if (!relay_is_over(r) && wait_for_more(r, &e) < 0)
		relay_failed_by(r, ENDING_OUTPUT_FAILED, &e);
	r->running = false;
	if (!relay_is_over(r))
		return;
	finish_relay(r);
	r->how.done(r);
}

/* What write(2) would say. */
static void
reader_gone(struct relay *r)
{
	struct error e = { 0 };

	error_errno(&e, ERROR_LOCAL_IO, EPIPE, "write");
	r->now = clock_now();
	relay_failed(r, RELAY_LOCAL_OUT, &e);
}

static void
on_ready(struct watch *w, unsigned ready)
{
	struct relay *r = w->arg;
	enum relay_slot slot = (enum relay_slot)(w - r->watches);

	if (slot == RELAY_LOCAL_OUT && ready == LOOP_HANGUP)
		reader_gone(r);
	slot_ready(r, slot, ready);
	run_turn(r);
}

static void
on_timer(struct timer *t)
{
	slot_ready(t->arg, RELAY_SLOTS, 0);
	run_turn(t->arg);
}

/* ---- for relays with buffered output ---- */

void
relay_block(struct relay *r, enum relay_slot slot)
{
	r->blocked |= 1u << slot;
}

bool
relay_is_blocked(const struct relay *r, enum relay_slot slot)
{
	return (r->blocked & 1u << slot) != 0;
}

int
relay_read_records(struct relay *r, struct record_reader *in, struct packet *packets, unsigned n)
{
	uint64_t left = r->how.limit > r->sent ? r->how.limit - r->sent : 0, before = in->n_read;
	struct error e = { 0 };
	int got = 0;

	/* the ending has decided that the input is over */
	if (r->ending.send == ENDING_DRAINING)
		record_reader_stop(in);
	in->blocked = relay_is_blocked(r, RELAY_LOCAL_IN);
	in->ended = in->ended || left == 0;
	if (left > 0)
		got = record_reader_read(in, packets, n, left, r->now, &e);
	/* the input is not silent, even if no record is complete */
	if (in->n_read > before)
		ending_sent(&r->ending, r->now);
	if (in->blocked)
		relay_block(r, RELAY_LOCAL_IN);
	if (got < 0)
		relay_failed(r, RELAY_LOCAL_IN, &e);
	if (in->ended)
		relay_event(r, left > 0 ? ENDING_INPUT_ENDED : ENDING_INPUT_LIMIT);
	return got;
}

/* Flushes what the local side took and has not written. */
static bool
flush_output(struct relay *r)
{
	struct error e = { 0 };
	int rc = stream_flush(r->how.local, &e);

	if (rc == -1)
		relay_failed(r, RELAY_LOCAL_OUT, &e);
	else if (rc < 0)
		relay_block(r, RELAY_LOCAL_OUT);
	r->out_kept = rc < -1;
	return rc >= -1;
}

bool
relay_output(struct relay *r, struct buf *out)
{
	struct error e = { 0 };
	ssize_t n;

	if (relay_is_blocked(r, RELAY_LOCAL_OUT))
		return false;
	if (out->len == 0)
		return r->out_kept && flush_output(r);
	n = stream_write(r->how.local, buf_head(out), out->len, &e);
	if (n > 0) {
		buf_consume(out, (size_t)n);
		r->out_kept = r->how.local->ops->flush != NULL;
		ending_moved(&r->ending, r->now);
		return true;
	}
	if (n == -1)
		relay_failed(r, RELAY_LOCAL_OUT, &e);
	else
		relay_block(r, RELAY_LOCAL_OUT);
	if (out->len >= COPIER_PIPE_DEFAULT)
		copier_grow_pipe(r->how.local, STREAM_OUT, &r->grown);
	return n == -1;
}

/* ---- open and close ---- */

void *
relay_new(const struct relay_ops *ops, const struct relay_how *how, struct error *e)
{
	struct relay *r = calloc(1, ops->size);
	const struct ending_how ending = {
		.input = how->input,
		.terminal = how->local != NULL && stream_kind(how->local, STREAM_IN) == STREAM_TTY,
		.echo = how->local == NULL,
		.awaited = how->awaited,
		.connection = how->connection != NULL,
		.continues = how->carry != NULL,
	};
	int i;

	if (r == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	r->ops = ops;
	r->how = *how;
	r->rules = *how->rules;
	r->how.rules = &r->rules;
	r->now = clock_now();
	ending_init(&r->ending, &r->rules, &ending, r->now);
	r->timer.fn = on_timer;
	r->timer.arg = r;
	for (i = 0; i < RELAY_SLOTS; i++) {
		r->watches[i].fn = on_ready;
		r->watches[i].arg = r;
	}
	return r;
}

void
relay_start(struct relay *r)
{
	run_turn(r);
}

void
relay_wake(struct relay *r)
{
	if (!r->running && !relay_is_over(r))
		run_turn(r);
}

void
relay_push(struct relay *r, const void *data, size_t n)
{
	if (relay_is_over(r) || r->ops->push == NULL)
		return;
	r->ops->push(r, data, n);
	relay_wake(r);
}

void
relay_program_gone(struct relay *r)
{
	if (relay_is_over(r))
		return;
	relay_event(r, ENDING_PROGRAM_GONE);
	slot_ready(r, RELAY_LOCAL_IN, LOOP_READ);
	if (!r->running)
		run_turn(r);
}

void
relay_local_ready(struct relay *r, unsigned events)
{
	if (relay_is_over(r))
		return;
	if ((events & LOOP_READ) != 0)
		slot_ready(r, RELAY_LOCAL_IN, LOOP_READ);
	if ((events & LOOP_WRITE) != 0)
		slot_ready(r, RELAY_LOCAL_OUT, LOOP_WRITE);
	if (!r->running)
		run_turn(r);
}

void
relay_stop(struct relay *r, enum sock_end end)
{
	if (relay_is_over(r))
		return;
	r->now = clock_now();
	ending_stop(&r->ending, end, r->now);
	finish_relay(r);
}

void
relay_close(struct relay *r)
{
	if (r == NULL)
		return;
	relay_stop(r, END_LOCAL_EOF);
	error_free(r->error);
	r->ops->fini(r);
	free(r);
}
