#include "relay/dial/record_relay.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "net/mmsg.h"
#include "relay/capture/recorder.h"
#include "relay/copy/scratch.h"
#include "relay/filter/filter.h"
#include "relay/pacer.h"
#include "relay/records.h"
#include "relay/relay_ops.h"
#include "stream/stream.h"

enum {
	BUDGET = 64,       /* records before others on the loop get their turn */
	ROOM = 64 << 10,   /* the longest datagram */
	HELD_MAX = 1 << 20 /* more than one record */
};

/* After a side has ended, what the other one still says is awaited for this long. */
#define AFTER_END NSEC_PER_SEC

/* One direction. */
struct course {
	struct stream *from, *to;
	enum relay_slot in, out;
	struct buf held; /* a record that the sink does not take yet */
	bool holds;      /* held is one, perhaps an empty one */
	bool unflushed;  /* the sink has taken bytes that it has not sent */
	/* what the source and the sink wait for: LOOP_READ or LOOP_WRITE */
	unsigned wait_in, wait_out;
	struct pacer pacer;
	struct filter *filters;
	uint64_t too_long;
	uint32_t dropped; /* by the kernel, before the start */
};

struct record_relay {
	struct relay relay;
	struct course send, receive;
	struct buf seen; /* output of the filters, which is dropped */
	bool silence_ends;
};

static struct record_relay *
record_relay_of(const struct relay *r)
{
	return CONTAINER_OF(r, struct record_relay, relay);
}

static bool
is_receive(const struct record_relay *m, const struct course *c)
{
	return c == &m->receive;
}

static enum ending_state
course_state(const struct record_relay *m, const struct course *c)
{
	return is_receive(m, c) ? m->relay.ending.receive : m->relay.ending.send;
}

static int
source_fd(const struct course *c)
{
	return stream_raw_fd(c->from, STREAM_IN);
}

/* ---- counts ---- */

/* A record counts as received when it is read, and as sent when it is written. */
static void
count_record(struct record_relay *m, const struct course *c, const char *data, size_t n)
{
	struct relay *r = &m->relay;
	bool receive = is_receive(m, c);

	if (receive) {
		r->received += n;
		r->n_received++;
		ending_received(&r->ending, r->now);
	} else {
		r->sent += n;
		r->n_sent++;
		ending_sent(&r->ending, r->now);
	}
	if ((receive ? r->received : r->sent) >= r->how.limit)
		relay_event(r, receive ? ENDING_RECEIVE_LIMIT : ENDING_INPUT_LIMIT);
	recorded_data(r->how.recorded, receive ? DIALOGUE_RECEIVED : DIALOGUE_SENT, data, n);
}

static int
show_record(struct record_relay *m, struct course *c, const char *data, size_t n, struct error *e)
{
	int rc = c->filters != NULL ? filters_run(c->filters, data, n, &m->seen, e) : 0;

	buf_consume(&m->seen, m->seen.len);
	return rc;
}

/* ---- moving ---- */

static void
course_failed(struct record_relay *m, enum relay_slot slot, const struct error *e)
{
	relay_failed(&m->relay, slot, e);
	/* what a target that is not reached still says has no end of its own */
	if (slot == RELAY_LOCAL_OUT)
		relay_event(&m->relay, ENDING_INPUT_ENDED);
}

static void
block_sink(struct record_relay *m, struct course *c, ssize_t want)
{
	c->wait_out = records_wait(want);
	relay_block(&m->relay, c->out);
}

static void
flush_course(struct record_relay *m, struct course *c)
{
	struct error e = { 0 };
	int rc = stream_flush(c->to, &e);

	c->unflushed = rc < -1;
	if (c->unflushed)
		block_sink(m, c, rc);
	if (rc == -1)
		course_failed(m, c->out, &e);
}

/* Returns false if the sink takes no more now. */
static bool
write_record(struct record_relay *m, struct course *c, const char *data, size_t n)
{
	struct error e = { 0 };
	ssize_t put = stream_write(c->to, data, n, &e);

	if (put < -1) {
		block_sink(m, c, put);
		return false;
	}
	if (put >= 0 && !is_receive(m, c))
		count_record(m, c, data, n);
	if (put >= 0)
		flush_course(m, c);
	else if (e.origin == ORIGIN_ERRNO && e.number == EMSGSIZE)
		c->too_long++;
	else
		course_failed(m, c->out, &e);
	return true;
}

static void
hold_record(struct record_relay *m, struct course *c, const char *data, size_t n)
{
	struct error e = { 0 };

	c->holds = true;
	if (buf_append(&c->held, data, n, &e) < 0)
		course_failed(m, c->out, &e);
}

static void
drop_held(struct course *c)
{
	buf_consume(&c->held, c->held.len);
	c->holds = false;
}

static bool
send_held(struct record_relay *m, struct course *c)
{
	if (relay_is_blocked(&m->relay, c->out) ||
	    !write_record(m, c, c->held.len > 0 ? buf_head(&c->held) : "", c->held.len))
		return false;
	drop_held(c);
	return true;
}

static void
source_ended(struct record_relay *m, const struct course *c)
{
	relay_event(&m->relay, is_receive(m, c) ? ENDING_PEER_ENDED : ENDING_INPUT_ENDED);
}

/* Returns true if a record has moved, or is held now. */
static bool
move_record(struct record_relay *m, struct course *c)
{
	struct error e = { 0 };
	char *room = scratch_get(m->relay.how.scratch, &e);
	ssize_t n = room != NULL ? stream_read(c->from, room, ROOM, &e) : -1;

	if (n == STREAM_END) {
		source_ended(m, c);
		return false;
	}
	c->wait_in = n < -1 ? records_wait(n) : LOOP_READ;
	if (n < -1)
		relay_block(&m->relay, c->in);
	else if (n == -1 || show_record(m, c, room, (size_t)n, &e) < 0)
		course_failed(m, c->in, &e);
	if (n < 0)
		return false;
	pacer_spend(&c->pacer, (size_t)n, m->relay.now);
	if (is_receive(m, c))
		count_record(m, c, room, (size_t)n);
	if (c->unflushed || !write_record(m, c, room, (size_t)n))
		hold_record(m, c, room, (size_t)n);
	return true;
}

static bool
may_read(const struct record_relay *m, const struct course *c)
{
	return course_state(m, c) == ENDING_OPEN && !c->holds &&
	    pacer_allows(&c->pacer, 1, m->relay.now) > 0;
}

static void
report_drained(struct record_relay *m, const struct course *c)
{
	if (course_state(m, c) == ENDING_DRAINING && !c->holds && !c->unflushed)
		relay_event(&m->relay, is_receive(m, c) ? ENDING_DELIVERED : ENDING_SENT);
}

static void
run_course(struct record_relay *m, struct course *c)
{
	bool moved = true;

	if (c->unflushed && !relay_is_blocked(&m->relay, c->out))
		flush_course(m, c);
	for (int i = 0; i < BUDGET && moved && !relay_is_over(&m->relay); i++) {
		if (c->holds)
			moved = send_held(m, c);
		else
			moved = may_read(m, c) && !relay_is_blocked(&m->relay, c->in) &&
			    move_record(m, c);
	}
}

static struct deadline
silence_due(const struct record_relay *m)
{
	return m->silence_ends ? deadline_after(m->relay.ending.moved, RECORD_RELAY_SILENCE)
			       : deadline_never();
}

static bool
record_relay_run(struct relay *r)
{
	struct record_relay *m = record_relay_of(r);

	run_course(m, &m->receive);
	run_course(m, &m->send);
	/* what happens to one direction may end the other */
	report_drained(m, &m->receive);
	report_drained(m, &m->send);
	ending_starves(&r->ending, !m->send.holds && !m->send.unflushed);
	ending_stalls(&r->ending, m->receive.holds || m->receive.unflushed);
	if (deadline_is_due(silence_due(m), r->now))
		ending_stop(&r->ending, END_QUIET, r->now);
	return false;
}

/* ---- for the relay ---- */

static struct deadline
course_wants(const struct record_relay *m, const struct course *c, unsigned events[RELAY_SLOTS])
{
	if (c->holds || c->unflushed)
		events[c->out] |= c->wait_out;
	if (course_state(m, c) != ENDING_OPEN || c->holds)
		return deadline_never();
	if (pacer_allows(&c->pacer, 1, m->relay.now) == 0)
		return pacer_until(&c->pacer);
	events[c->in] |= c->wait_in;
	/* the descriptor does not signal records that the stream holds, or that the budget left */
	return c->wait_in == LOOP_READ && stream_pending(c->from) > 0 ? deadline_in(0)
								      : deadline_never();
}

static struct deadline
record_relay_wants(const struct relay *r, unsigned events[RELAY_SLOTS])
{
	const struct record_relay *m = record_relay_of(r);
	struct deadline at =
	    deadline_min(course_wants(m, &m->send, events), course_wants(m, &m->receive, events));

	return deadline_min(at, silence_due(m));
}

/* What a stream holds is read when the time has come. */
static void
record_relay_ready(struct relay *r, enum relay_slot slot, unsigned events)
{
	(void)events;
	if (slot == RELAY_SLOTS)
		r->blocked &= ~(1u << RELAY_LOCAL_IN);
}

static void
record_relay_drop(struct relay *r, unsigned actions)
{
	struct record_relay *m = record_relay_of(r);

	if ((actions & ENDING_ACT_DROP_SEND) != 0)
		drop_held(&m->send);
	if ((actions & (ENDING_ACT_DROP_RECEIVE | ENDING_ACT_DISCARD)) != 0)
		drop_held(&m->receive);
}

static void
note_dropped(const struct record_relay *m, const struct course *c, const char *what)
{
	uint32_t n = mmsg_dropped(source_fd(c)) - c->dropped;

	if (n > 0)
		log_line(m->relay.how.log, LOG_NOTE,
		    "%s: %u datagram%s dropped by the kernel (receive buffer full)", what, n,
		    n == 1 ? "" : "s");
}

static void
record_relay_conclude(struct relay *r)
{
	struct record_relay *m = record_relay_of(r);
	uint64_t n = m->send.too_long + m->receive.too_long;
	struct error e = { 0 };

	note_dropped(m, &m->receive, "recv");
	note_dropped(m, &m->send, r->how.connection != NULL ? r->how.connection : "forward");
	if (n == 0)
		return;
	error_set(&e, ERROR_NETWORK, "%llu datagram%s longer than the other side takes",
	    (unsigned long long)n, n == 1 ? " was" : "s were");
	relay_fail_late(r, ENDING_VERB_SEND, &e);
}

static void
record_relay_fini(struct relay *r)
{
	struct record_relay *m = record_relay_of(r);

	buf_fini(&m->send.held);
	buf_fini(&m->receive.held);
	buf_fini(&m->seen);
	filters_close(m->send.filters);
	filters_close(m->receive.filters);
}

static const struct relay_ops record_relay_ops = {
	.size = sizeof(struct record_relay),
	.run = record_relay_run,
	.wants = record_relay_wants,
	.ready = record_relay_ready,
	.drop = record_relay_drop,
	.conclude = record_relay_conclude,
	.fini = record_relay_fini,
};

/* ---- open ---- */

static void
init_course(struct course *c, struct stream *from, struct stream *to, uint64_t rate)
{
	c->from = from;
	c->to = to;
	c->wait_in = LOOP_READ;
	c->wait_out = LOOP_WRITE;
	buf_init(&c->held, HELD_MAX);
	pacer_init(&c->pacer, rate, 0);
	c->dropped = mmsg_dropped(source_fd(c));
}

/* The end of a side of datagrams is an end of both: the other one has none of its own. */
static struct ending_rules
record_rules(const struct ending_rules *own)
{
	struct ending_rules rules = *own;

	rules.half_open = rules.closes_both = rules.quiet_ends = true;
	rules.no_half_close = false;
	rules.half_close = 0;
	rules.after_eof = AFTER_END;
	return rules;
}

int
record_relay_open(struct relay **ret_relay, const struct relay_how *how, struct error *e)
{
	const struct ending_rules rules = record_rules(how->rules);
	struct relay_how own = *how;
	struct record_relay *m;

	own.rules = &rules;
	if ((m = relay_new(&record_relay_ops, &own, e)) == NULL)
		return -1;
	m->silence_ends = how->rules->idle == DURATION_NONE;
	buf_init(&m->seen, SIZE_MAX / 2);
	init_course(&m->send, how->local, how->remote, how->rate);
	m->send.in = RELAY_LOCAL_IN;
	m->send.out = RELAY_REMOTE_OUT;
	init_course(&m->receive, how->remote, how->local, how->rate);
	m->receive.in = RELAY_REMOTE_IN;
	m->receive.out = RELAY_LOCAL_OUT;
	if (filters_add_dumps(&m->send.filters, &m->receive.filters, &how->dumps, e) < 0) {
		relay_close(&m->relay);
		return -1;
	}
	*ret_relay = &m->relay;
	return 0;
}
