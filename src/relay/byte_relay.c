#include "relay/byte_relay.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "relay/capture/recorder.h"
#include "relay/copy/copier.h"
#include "relay/copy/direction.h"
#include "relay/copy/direction_step.h"
#include "relay/copy/relay_carry.h"
#include "relay/filter/filter.h"
#include "relay/relay_ops.h"

/* Steps of one direction before the other and others on the loop get their turn; fewer where a step does
 * more than to copy, as behind TLS: eight clients that echo 256 KiB each hold up a ninth for 40 ms. */
enum { BUDGET = 8, SLOW_BUDGET = 2 };

struct flow {
	struct direction direction;
	bool blocked, paused;
	int slot; /* waited for, or -1 */
	unsigned event;
};

struct byte_relay {
	struct relay relay;
	struct flow send, receive;
};

static struct byte_relay *
byte_relay_of(const struct relay *r)
{
	return CONTAINER_OF(r, struct byte_relay, relay);
}

static bool
is_send(const struct byte_relay *b, const struct flow *flow)
{
	return flow == &b->send;
}

static enum ending_state
flow_state(const struct byte_relay *b, const struct flow *flow)
{
	return is_send(b, flow) ? b->relay.ending.send : b->relay.ending.receive;
}

/* ---- waiting ---- */

static int
flow_slot(const struct byte_relay *b, const struct stream *s, unsigned event)
{
	enum relay_slot in = s == b->relay.how.remote ? RELAY_REMOTE_IN : RELAY_LOCAL_IN;
	enum stream_side side = event == LOOP_READ ? STREAM_IN : STREAM_OUT;

	if (stream_raw_fd(s, side) < 0)
		return -1;
	return event == LOOP_READ ? (int)in : (int)in + 1;
}

static void
flow_wait(struct byte_relay *b, struct flow *flow)
{
	const struct direction *d = &flow->direction;

	flow->blocked = true;
	flow->event = d->wait_for;
	flow->slot = flow_slot(b, d->wait_on, d->wait_for);
	/* telnet's replies are looked for in every turn */
	if (d->source == DIRECTION_NONE && d->wait_for == LOOP_READ)
		flow->slot = -1;
	if (is_send(b, flow))
		ending_starves(&b->relay.ending, d->wait_for == LOOP_READ && d->wait_on == d->from);
	else
		/* also if a layer has to write before it can read */
		ending_stalls(&b->relay.ending, d->wait_for == LOOP_WRITE);
}

/* Called when the budget is used or the source is dry. Waits for the likely next event, so that
 * others on the loop get a turn. */
static void
flow_yield(struct byte_relay *b, struct flow *flow)
{
	struct direction *d = &flow->direction;

	if (direction_buffered(d) > 0 || d->unflushed)
		direction_block(d, d->to, STREAM_WANT_WRITE);
	else
		direction_block(d, d->from, STREAM_WANT_READ);
	flow_wait(b, flow);
	/* no event comes for a stream without a descriptor that was not asked */
	if (flow->slot < 0 || (!d->dry && stream_pending(d->from) > 0)) {
		flow->blocked = false;
		flow->paused = true;
	}
}

/* ---- moving ---- */

static void
report_moves(struct byte_relay *b, const struct flow *flow, uint64_t in, uint64_t out)
{
	const struct direction *d = &flow->direction;
	struct relay *r = &b->relay;

	if (d->in == in && d->out == out)
		return;
	if (is_send(b, flow))
		ending_sent(&r->ending, r->now);
	else
		ending_received(&r->ending, r->now);
	r->sent = b->send.direction.out + (r->how.local == NULL ? b->receive.direction.out : 0);
	r->received = b->receive.direction.in;
	if (log_on(r->how.log, LOG_TRACE))
		log_line(r->how.log, LOG_TRACE, "%s: read %llu, wrote %llu bytes (%s)",
		    is_send(b, flow) ? "send" : "recv", (unsigned long long)(d->in - in),
		    (unsigned long long)(d->out - out), d->copier->name);
}

static void
flow_failed(struct byte_relay *b, const struct flow *flow, const struct error *e)
{
	const struct direction *d = &flow->direction;
	bool remote = (d->sink_failed ? d->to : d->from) == b->relay.how.remote;

	if (d->sink_failed)
		relay_failed(&b->relay, remote ? RELAY_REMOTE_OUT : RELAY_LOCAL_OUT, e);
	else
		relay_failed(&b->relay, remote ? RELAY_REMOTE_IN : RELAY_LOCAL_IN, e);
}

static void
flow_drained(struct byte_relay *b, struct flow *flow)
{
	flow->blocked = true;
	flow->slot = -1;
	flow->event = LOOP_READ;
	relay_event(&b->relay, is_send(b, flow) ? ENDING_SENT : ENDING_DELIVERED);
}

static void
note_input_end(struct byte_relay *b, const struct flow *flow)
{
	if (is_send(b, flow) && b->relay.how.carry != NULL)
		b->relay.how.carry->input_over = true;
}

static void
on_flow_result(struct byte_relay *b, struct flow *flow, enum direction_result result,
    const struct error *e)
{
	switch (result) {
	case DIRECTION_MOVED:
		flow_yield(b, flow);
		break;
	case DIRECTION_BLOCKED:
		flow_wait(b, flow);
		break;
	case DIRECTION_PAUSED:
		flow->paused = true;
		break;
	case DIRECTION_ENDED:
		note_input_end(b, flow);
		relay_event(&b->relay, is_send(b, flow) ? ENDING_INPUT_ENDED : ENDING_PEER_ENDED);
		break;
	case DIRECTION_LIMITED:
		relay_event(&b->relay,
		    is_send(b, flow) ? ENDING_INPUT_LIMIT : ENDING_RECEIVE_LIMIT);
		break;
	case DIRECTION_DRAINED:
		flow_drained(b, flow);
		break;
	case DIRECTION_FAILED:
		flow_failed(b, flow, e);
		break;
	}
}

static bool
has_last_byte(const struct direction *d)
{
	return d->source == DIRECTION_OVER ||
	    (d->source != DIRECTION_NONE && (d->in >= d->limit || d->moves == 0));
}

static int
flow_budget(const struct direction *d)
{
	bool copies =
	    stream_raw_fd(d->from, STREAM_IN) >= 0 && stream_raw_fd(d->to, STREAM_OUT) >= 0;

	return copies ? BUDGET : SLOW_BUDGET;
}

static void
run_flow(struct byte_relay *b, struct flow *flow)
{
	struct direction *d = &flow->direction;
	uint64_t in = d->in, out = d->out;
	enum direction_result result = DIRECTION_MOVED;
	int i, budget = flow_budget(d);
	struct error e = { 0 };

	flow->blocked = flow->paused = false;
	if (is_send(b, flow))
		ending_starves(&b->relay.ending, false);
	else
		ending_stalls(&b->relay.ending, false);
	/* after the last byte of the source go on until everything is written: no event comes any more */
	for (i = 0; result == DIRECTION_MOVED && (i < budget || has_last_byte(d)); i++) {
		result = direction_step(d, b->relay.now, &e);
		if (d->dry && !has_last_byte(d) && direction_buffered(d) == 0 && !d->unflushed)
			break;
	}
	report_moves(b, flow, in, out);
	on_flow_result(b, flow, result, &e);
}

/* Ends the source once the ending has left OPEN. */
static void
follow_ending(struct byte_relay *b, struct flow *flow)
{
	struct direction *d = &flow->direction;

	if (flow_state(b, flow) == ENDING_OPEN || d->source != DIRECTION_SOURCE)
		return;
	direction_end_source(d);
	flow->blocked = flow->paused = false;
}

static bool
is_live(const struct byte_relay *b, const struct flow *flow)
{
	enum ending_state state = flow_state(b, flow);

	return state == ENDING_OPEN || state == ENDING_DRAINING || state == ENDING_IDLE;
}

static bool
may_run(const struct byte_relay *b, const struct flow *flow)
{
	return !flow->blocked && !flow->paused && is_live(b, flow) && !relay_is_over(&b->relay);
}

/* Telnet's replies are appended to the buffer of the other direction. */
static void
check_telnet_replies(struct byte_relay *b)
{
	struct direction *d = &b->send.direction;

	if (direction_buffered(d) == 0)
		return;
	if (b->relay.ending.send == ENDING_CLOSED)
		direction_drop(d);
	else if (b->send.event == LOOP_READ)
		b->send.blocked = false;
}

static bool
byte_relay_run(struct relay *r)
{
	struct byte_relay *b = byte_relay_of(r);

	follow_ending(b, &b->send);
	follow_ending(b, &b->receive);
	if (may_run(b, &b->receive))
		run_flow(b, &b->receive);
	check_telnet_replies(b);
	follow_ending(b, &b->send);
	if (may_run(b, &b->send))
		run_flow(b, &b->send);
	follow_ending(b, &b->receive);
	return may_run(b, &b->receive) || may_run(b, &b->send);
}

static struct deadline
flow_wants(const struct byte_relay *b, const struct flow *flow, unsigned events[RELAY_SLOTS])
{
	if (!is_live(b, flow))
		return deadline_never();
	if (flow->blocked && flow->slot >= 0)
		events[flow->slot] |= flow->event;
	return flow->paused ? pacer_until(&flow->direction.pacer) : deadline_never();
}

static struct deadline
byte_relay_wants(const struct relay *r, unsigned events[RELAY_SLOTS])
{
	const struct byte_relay *b = byte_relay_of(r);

	return deadline_min(flow_wants(b, &b->send, events), flow_wants(b, &b->receive, events));
}

static void
byte_relay_ready(struct relay *r, enum relay_slot slot, unsigned events)
{
	struct byte_relay *b = byte_relay_of(r);
	struct flow *flows[] = { &b->send, &b->receive };
	int i;

	/* an input or output without a descriptor is not in any slot */
	if (slot == RELAY_LOCAL_IN && b->send.slot < 0 && b->send.event == LOOP_READ)
		b->send.blocked = false;
	if (slot == RELAY_LOCAL_OUT && b->receive.slot < 0 && b->receive.event == LOOP_WRITE)
		b->receive.blocked = false;
	for (i = 0; i < 2; i++) {
		if (slot == RELAY_SLOTS)
			flows[i]->paused = false;
		else if (flows[i]->slot == (int)slot && (flows[i]->event & events) != 0)
			flows[i]->blocked = false;
	}
}

static void
byte_relay_drop(struct relay *r, unsigned actions)
{
	struct byte_relay *b = byte_relay_of(r);

	if ((actions & ENDING_ACT_DROP_SEND) != 0 && r->how.carry != NULL)
		direction_take(&b->send.direction, &r->how.carry->unsent);
	if ((actions & ENDING_ACT_DROP_SEND) != 0)
		direction_drop(&b->send.direction);
	if ((actions & (ENDING_ACT_DROP_RECEIVE | ENDING_ACT_DISCARD)) != 0)
		direction_drop(&b->receive.direction);
	if ((actions & ENDING_ACT_DISCARD) == 0)
		return;
	b->receive.direction.discards = true;
	b->receive.blocked = false;
	copier_choose(&b->receive.direction);
}

/* Counts the buffered bytes, and the rest of a file. */
static uint64_t
byte_relay_left(const struct relay *r)
{
	const struct direction *d = &byte_relay_of(r)->send.direction;
	uint64_t left = direction_buffered(d);
	int fd = stream_raw_fd(d->from, STREAM_IN);
	struct stat st;
	off_t at;

	/* the next connection gets it */
	if (r->how.carry != NULL)
		return 0;

	if (!r->how.input || d->source == DIRECTION_NONE || d->in >= d->limit ||
	    stream_kind(d->from, STREAM_IN) != STREAM_FILE)
		return left;
	at = lseek(fd, 0, SEEK_CUR);
	if (at >= 0 && fstat(fd, &st) == 0 && st.st_size > at)
		left += (uint64_t)(st.st_size - at);
	return left;
}

static void
byte_relay_fini(struct relay *r)
{
	struct byte_relay *b = byte_relay_of(r);

	direction_fini(&b->send.direction);
	direction_fini(&b->receive.direction);
}

static const struct relay_ops byte_relay_ops = {
	.size = sizeof(struct byte_relay),
	.run = byte_relay_run,
	.wants = byte_relay_wants,
	.ready = byte_relay_ready,
	.drop = byte_relay_drop,
	.left = byte_relay_left,
	.fini = byte_relay_fini,
};

/* ---- open ---- */

static int
add_filters(struct byte_relay *b, struct error *e)
{
	const struct relay_how *how = &b->relay.how;
	struct direction *out = &b->send.direction, *in = &b->receive.direction;
	struct filter **end = &out->filters;

	if (how->drops_input && filters_add(&out->filters, filter_drop(e)) < 0)
		return -1;
	if (how->framing != NULL &&
	    filters_add(&out->filters, filter_framing(how->framing, ERROR_LOCAL_IO, e)) < 0)
		return -1;
	if (how->crlf && filters_add(&out->filters, filter_crlf(e)) < 0)
		return -1;
	if (how->telnet && filters_add(&out->filters, filter_telnet_out(e)) < 0)
		return -1;
	while (*end != NULL)
		end = &(*end)->next;
	if (filters_add_dumps(&out->filters, &in->filters, &how->dumps, e) < 0)
		return -1;
	/* the dumps see the answers, too */
	if (how->telnet && filters_add(&in->filters, filter_telnet_in(&out->buf, *end, e)) < 0)
		return -1;
	if (how->framing == NULL)
		return 0;
	return filters_add(&in->filters, filter_framing(how->framing, ERROR_NETWORK, e));
}

static void
flow_init(struct flow *flow, struct stream *from, struct stream *to, const struct relay_how *how,
    int64_t delay)
{
	direction_init(&flow->direction, from, to, how->scratch);
	flow->direction.limit = how->limit;
	pacer_init(&flow->direction.pacer, how->rate, delay);
	flow->slot = -1;
}

/* An echo sends what it receives. */
static void
record_bytes(struct byte_relay *b)
{
	const struct relay_how *how = &b->relay.how;

	b->receive.direction.recorded_in = b->send.direction.recorded_out = how->recorded;
	if (how->local == NULL)
		b->receive.direction.recorded_out = how->recorded;
	if (how->n_first > 0)
		recorded_data(how->recorded, DIALOGUE_RECEIVED, how->first, how->n_first);
}

static int
resume_sending(struct byte_relay *b, struct error *e)
{
	struct relay_carry *carry = b->relay.how.carry;

	if (carry == NULL)
		return 0;
	carry->half_closed = false;
	return direction_resume(&b->send.direction, &carry->unsent, e);
}

int
byte_relay_open(struct relay **ret_relay, const struct relay_how *how, struct error *e)
{
	struct stream *local = how->local != NULL ? how->local : how->remote;
	struct byte_relay *b = relay_new(&byte_relay_ops, how, e);

	if (b == NULL)
		return -1;
	flow_init(&b->send, local, how->remote, how, how->delay);
	flow_init(&b->receive, how->remote, local, how, 0);
	if (how->receives != 0)
		b->receive.direction.moves = how->receives;
	if (b->relay.ending.send == ENDING_IDLE)
		b->send.direction.source = DIRECTION_NONE;
	if (buf_append(&b->receive.direction.buf, how->first, how->n_first, e) < 0 ||
	    add_filters(b, e) < 0 || resume_sending(b, e) < 0) {
		relay_close(&b->relay);
		return -1;
	}
	record_bytes(b);
	copier_choose(&b->send.direction);
	copier_choose(&b->receive.direction);
	*ret_relay = &b->relay;
	return 0;
}
