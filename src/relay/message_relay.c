#include "relay/message_relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "net/sys.h"
#include "relay/capture/recorder.h"
#include "relay/copy/copier.h"
#include "relay/copy/scratch.h"
#include "relay/filter/filter.h"
#include "relay/full_queue.h"
#include "relay/record_reader.h"
#include "relay/records.h"
#include "relay/relay_ops.h"
#include "stream/negotiate/proxy/socks_stream.h"
#include "stream/websocket/websocket.h"

enum {
	BUDGET = 8, /* steps before others on the loop get their turn */
	QUEUE_FIRST = 4,
	QUEUE_MAX = 512,    /* datagrams sent with few calls */
	ROOM_IP = 64 << 10, /* the longest IP datagram */
	HELD_MAX = 1 << 20  /* buffered for a slow local side before the socket is no longer read */
};

/* A proxy may drop the datagrams that it has not relayed yet when the connection to it ends. Nothing says
 * that it has relayed them. */
#define PROXY_LINGER (250 * NSEC_PER_MSEC)

enum { OUT, IN };

struct message_relay {
	struct relay relay;
	const struct message_relay_how *how;
	int fd;
	struct stream *records;  /* the stream of records on fd, or NULL */
	struct record_reader in; /* records of the local side, or of the list */
	struct filter *filters;  /* on received datagrams */
	struct pacer pacer;      /* on received datagrams */
	struct packet *queue;    /* datagrams to send; they point into `in` or `filtered` */
	unsigned queued, next;
	unsigned room, filled; /* of the queue; how many came when it was filled last */
	uint64_t unreached;    /* bits of how->to that could not be reached */
	struct buf out;        /* for the local side */
	struct buf filtered;   /* what filters made of one record; echoed datagrams */
	uint64_t cut;
	uint32_t dropped;
	struct full_queue full; /* of the device */
	int64_t hold;           /* do not send before this time */
	unsigned paused;        /* OUT and IN as bits, at the end of the last run */
	struct error *failure;  /* reported when everything received before it was delivered */
	enum relay_slot failed_slot;
	bool seqpacket, discards;
	bool websocket;     /* records is one: both sides can end */
	bool queues_errors; /* fd keeps ICMP errors, with whom they are about */
	bool proxied;       /* records goes through a proxy, whose control connection may end */
	unsigned wait[2]; /* what a direction that is blocked waits for: LOOP_READ or LOOP_WRITE */
	unsigned
	    unflushed; /* the same for a record that the stream has not sent yet; 0: there is none */
};

static struct message_relay *
message_relay_of(const struct relay *r)
{
	return CONTAINER_OF(r, struct message_relay, relay);
}

static bool
is_echo(const struct message_relay *m)
{
	return m->relay.how.local == NULL;
}

/* Queued records have passed the pacer, and wait for the device only. */
static struct deadline
next_send_at(const struct message_relay *m)
{
	struct deadline at = { m->hold };

	if (m->queued == 0 && pacer_until(&m->in.pacer).at > at.at)
		at = pacer_until(&m->in.pacer);
	return at;
}

static bool
is_paused(const struct message_relay *m, int direction)
{
	return direction == OUT ? next_send_at(m).at > m->relay.now
				: pacer_allows(&m->pacer, 1, m->relay.now) == 0;
}

static bool
is_receiving(const struct message_relay *m)
{
	return m->relay.ending.receive == ENDING_OPEN &&
	    (m->websocket || is_echo(m) || !m->relay.how.rules->send_only);
}

/* ---- failures ---- */

static void
add_send_hint(const struct message_relay *m, struct error *e)
{
	if (e->number == EACCES)
		error_hint(e, "a broadcast address wants --broadcast");
	if (e->number == EINVAL && m->how->in.kind == FRAMING_CAN)
		error_hint(e, "CAN FD frames want an interface with an MTU of 72");
}

/* An ICMP error does not affect what arrived before it, so the receive queue is read first. An echo
 * reports it at once: it reads nothing that it cannot answer. */
static void
remote_failed(struct message_relay *m, enum relay_slot slot, struct error *e)
{
	if (m->failure != NULL)
		return;
	if (e->origin == ORIGIN_ERRNO && e->number != EMSGSIZE)
		add_send_hint(m, e);
	m->failed_slot = slot;
	m->failure = is_echo(m) ? NULL : malloc(sizeof(*m->failure));
	if (m->failure != NULL)
		*m->failure = *e;
	else
		relay_failed(&m->relay, slot, e);
}

static void
report_kept_failure(struct message_relay *m)
{
	struct error *e = m->failure;

	if (e == NULL)
		return;
	m->failure = NULL;
	relay_failed(&m->relay, m->failed_slot, e);
	free(e);
}

/* ---- the queue ---- */

/* Makes room for n datagrams, with the names of the addresses. */
static int
reserve_queue(struct message_relay *m, unsigned n, struct error *e)
{
	unsigned room = m->room > 0 ? m->room : QUEUE_FIRST, i;
	struct packet *queue;

	if (n <= m->room)
		return 0;
	while (room < n)
		room *= 2;
	queue = realloc(m->queue, room * sizeof *queue);
	if (queue == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	memset(queue + m->room, 0, (room - m->room) * sizeof *queue);
	for (i = m->room; i < room && m->how->n_to > 0; i++)
		queue[i].name = m->how->to[i % m->how->n_to];
	m->queue = queue;
	m->room = room;
	return 0;
}

/* An idle relay keeps none: many clients are idle. */
static void
shrink_queue(struct message_relay *m)
{
	if (m->queued > 0)
		return;
	free(m->queue);
	m->queue = NULL;
	m->room = 0;
}

/* ---- from the local side ---- */

/* Returns how many datagrams each record becomes. */
static unsigned
datagrams_per_record(const struct message_relay *m)
{
	return m->how->n_to > 1 ? m->how->n_to : 1;
}

/* Copies n records for each address. The names are set already. */
static unsigned
repeat_for_addresses(struct message_relay *m, unsigned n)
{
	unsigned each = datagrams_per_record(m), i, j;

	for (i = n; i-- > 0 && each > 1;)
		for (j = each; j-- > 0;) {
			m->queue[i * each + j].data = m->queue[i].data;
			m->queue[i * each + j].len = m->queue[i].len;
		}
	return n * each;
}

/* Reads records that can be sent with one call: up to twice as many as last time. Returns true if
 * anything changed. */
static bool
fill_queue(struct message_relay *m)
{
	unsigned each = datagrams_per_record(m);
	unsigned want = m->filled < QUEUE_MAX / 2 ? 2 * m->filled : QUEUE_MAX;
	struct error e = { 0 };
	int n;

	if (reserve_queue(m, want > each ? want : each, &e) < 0) {
		relay_failed(&m->relay, RELAY_LOCAL_IN, &e);
		return true;
	}
	n = relay_read_records(&m->relay, &m->in, m->queue, m->room / each);
	if (n != 0 && record_reader_is_whole(&m->in))
		log_line(m->relay.how.log, LOG_NOTE,
		    "the input has NUL bytes: all of it is one datagram; --framing line sends "
		    "lines");
	m->next = 0;
	m->queued = m->filled = n > 0 ? repeat_for_addresses(m, (unsigned)n) : 0;
	return n > 0 || m->in.ended;
}

/* ---- to the remote side ---- */

static void
explain_length(const struct message_relay *m, size_t n, struct error *e)
{
	int family = sys_family(m->fd), value = 0;
	socklen_t len = sizeof value;

	error_errno(e, ERROR_NETWORK, EMSGSIZE, "datagram of %zu bytes", n);
	if (family == AF_UNIX) {
		if (getsockopt(m->fd, SOL_SOCKET, SO_SNDBUF, &value, &len) == 0)
			error_hint(e, "the send buffer has %d bytes; -o SO_SNDBUF=SIZE sets it",
			    value);
		return;
	}
	if (family != AF_INET && family != AF_INET6)
		return;
	value = family == AF_INET ? 65507 : 65527;
	if (n > (size_t)value)
		error_hint(e,
		    "the limit is %d bytes over %s; --framing chunk=N makes a datagram of every N "
		    "bytes",
		    value, value == 65507 ? "IPv4" : "IPv6");
	else
		error_hint(e, "longer than the path takes in one piece");
}

static bool
wait_for_device(struct message_relay *m, const struct error *e)
{
	if (!sys_queue_is_full(e->number) || !full_queue_may_retry(&m->full, m->relay.now))
		return false;
	m->hold = m->relay.now + FULL_QUEUE_PAUSE;
	return true;
}

/* Notes an address that did not get a datagram that others got: logged once, and a failure at the
 * end. */
static void
note_unreached(struct message_relay *m, const struct sockname *name, int number)
{
	char text[SOCKNAME_TEXT_MAX];
	unsigned i;

	for (i = 0; i < m->how->n_to && m->how->n_to > 1; i++) {
		struct sockname to = sockname_unmapped(&m->how->to[i]),
				of = sockname_unmapped(name);

		if ((m->unreached & UINT64_C(1) << i) != 0 || !sockname_equal(&to, &of))
			continue;
		m->unreached |= UINT64_C(1) << i;
		log_line(m->relay.how.log, LOG_NOTE, "sendto %s: %s",
		    sockname_format_short(&of, text, sizeof text), strerror(number));
	}
}

static unsigned
count_unreached(const struct message_relay *m)
{
	unsigned n = 0, i;

	for (i = 0; i < m->how->n_to; i++)
		n += (m->unreached >> i & 1) != 0;
	return n;
}

/* Returns true if some addresses can still be reached, so that the relay continues. */
static bool
can_reach_others(const struct message_relay *m)
{
	return m->how->n_to > 1 && count_unreached(m) < m->how->n_to;
}

/* Reads the queued ICMP errors. Returns the errno of the last one, 0 if there were none. */
static int
read_icmp_errors(struct message_relay *m)
{
	struct sockname name;
	int number, last = 0;

	while (m->queues_errors && (number = mmsg_next_error(m->fd, &name)) != 0) {
		note_unreached(m, &name, number);
		last = number;
	}
	return last;
}

/* Returns true if the rest can be sent. A datagram that failed for another one's error is sent
 * again. */
static bool
skip_failed(struct message_relay *m, const struct error *e)
{
	bool others = read_icmp_errors(m) != 0;

	if (!others)
		note_unreached(m, &m->queue[m->next].name, e->number);
	if (!can_reach_others(m))
		return false;
	m->next += !others;
	m->queued -= !others;
	return true;
}

static void
on_send_error(struct message_relay *m, struct error *e)
{
	if (wait_for_device(m, e) || skip_failed(m, e))
		return;
	if (e->number == EMSGSIZE && m->records == NULL)
		explain_length(m, m->queue[m->next].len, e);
	remote_failed(m, RELAY_REMOTE_OUT, e);
}

/* A send that was cut short may have met an error of an earlier datagram, which sendmmsg(2) takes
 * from the socket and does not report. */
static void
check_short_send(struct message_relay *m)
{
	struct error e = { 0 };
	int number = m->records == NULL && m->queued > 0 ? read_icmp_errors(m) : 0;

	if (number == 0 || can_reach_others(m))
		return;
	error_errno(&e, ERROR_NETWORK, number, "send");
	remote_failed(m, RELAY_REMOTE_OUT, &e);
}

static void
count_sent(struct message_relay *m, unsigned n)
{
	uint64_t bytes = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct packet *p = &m->queue[m->next + i];

		bytes += p->len;
		recorded_data(m->relay.how.recorded, DIALOGUE_SENT, p->data, p->len);
	}
	m->relay.sent += bytes;
	m->relay.n_sent += n;
	m->next += n;
	m->queued -= n;
	full_queue_reset(&m->full);
	ending_sent(&m->relay.ending, m->relay.now);
	if (log_on(m->relay.how.log, LOG_TRACE))
		log_line(m->relay.how.log, LOG_TRACE, "send: %u datagrams, %llu bytes", n,
		    (unsigned long long)bytes);
}

/* Flushes the stream of records. Returns true if nothing is left. */
static bool
flush_records(struct message_relay *m)
{
	struct error e = { 0 };
	int rc = m->records != NULL ? stream_flush(m->records, &e) : 0;

	m->unflushed = rc < -1 ? records_wait(rc) : 0;
	if (rc == -1)
		remote_failed(m, RELAY_REMOTE_OUT, &e);
	return rc == 0;
}

static bool
send_queued(struct message_relay *m)
{
	struct error e = { 0 };
	const struct packet *first = m->queue + m->next;
	int n;

	m->wait[OUT] = LOOP_WRITE;
	n = m->records != NULL ? records_send(m->records, first, m->queued, &m->wait[OUT], &e)
			       : mmsg_send(m->fd, first, m->queued, &e);
	if (n == SYS_AGAIN) {
		/* an unconnected unix socket always polls writable (unix(7)) */
		if (m->how->n_to > 0 && m->how->to[0].sa.sa_family == AF_UNIX)
			m->hold = m->relay.now + FULL_QUEUE_PAUSE;
		else
			relay_block(&m->relay, RELAY_REMOTE_OUT);
		return false;
	}
	if (n < 0) {
		on_send_error(m, &e);
	} else {
		count_sent(m, (unsigned)n);
		check_short_send(m);
	}
	return n < 0 || m->records == NULL || flush_records(m);
}

/* Reads a pending ICMP error. */
static void
check_icmp_error(struct message_relay *m)
{
	struct error e = { 0 };
	int number = 0;
	socklen_t len = sizeof number;

	if (m->how->n_to > 1) {
		read_icmp_errors(m);
		return;
	}
	if (getsockopt(m->fd, SOL_SOCKET, SO_ERROR, &number, &len) < 0 || number == 0)
		return;
	error_errno(&e, ERROR_NETWORK, number, "send");
	relay_failed(&m->relay, RELAY_REMOTE_OUT, &e);
}

/* Everything from the input is sent. */
static bool
finish_sending(struct message_relay *m)
{
	if (!flush_records(m))
		return false;
	if (m->relay.how.rules->send_only && !is_echo(m))
		check_icmp_error(m);
	relay_event(&m->relay, ENDING_SENT);
	return true;
}

static bool
may_send(const struct message_relay *m)
{
	enum ending_state state = m->relay.ending.send;

	if (relay_is_blocked(&m->relay, RELAY_REMOTE_OUT) || m->failure != NULL)
		return false;
	if (is_echo(m))
		return m->queued > 0;
	return (state == ENDING_OPEN || state == ENDING_DRAINING) && m->hold <= m->relay.now;
}

static bool
message_send_step(struct message_relay *m)
{
	if (!may_send(m))
		return false;
	if (m->queued > 0)
		return send_queued(m);
	return m->in.ended ? finish_sending(m) : fill_queue(m);
}

/* ---- from the remote side ---- */

/* Queues the datagram to be sent back. filtered holds its bytes. */
static int
queue_echo(struct message_relay *m, const struct packet *packet, struct error *e)
{
	struct packet *to = &m->queue[m->queued];

	/* an offset, since the buffer may move until it is complete */
	to->room = m->filtered.len;
	to->len = packet->len;
	to->opcode = packet->opcode;
	if (buf_append(&m->filtered, packet->data, packet->len, e) < 0)
		return -1;
	m->queued++;
	return 0;
}

static void
set_echo_data(struct message_relay *m)
{
	unsigned i;

	for (i = 0; i < m->queued; i++)
		m->queue[i].data =
		    m->filtered.len > 0 ? buf_head(&m->filtered) + m->queue[i].room : NULL;
}

static int
deliver(struct message_relay *m, struct packet *packet, struct error *e)
{
	if (m->filters != NULL) {
		buf_consume(&m->filtered, m->filtered.len);
		if (filters_run(m->filters, packet->data, packet->len, &m->filtered, e) < 0)
			return -1;
		packet->len = m->filtered.len;
		if (m->filtered.len > 0)
			packet->data = buf_head(&m->filtered);
	}
	if (m->discards)
		return 0;
	if (m->how->show != NULL)
		return m->how->show(m->how->show_arg, packet, &m->out, e);
	return framing_put(&m->how->out, packet->data, packet->len, &m->out, e);
}

static uint64_t
message_receives_left(const struct message_relay *m)
{
	const struct relay *r = &m->relay;

	return r->how.receives == 0 ? UINT64_MAX : r->how.receives - r->n_received;
}

static int
receive_packet(struct message_relay *m, struct packet *packet, struct error *e)
{
	m->relay.received += packet->len;
	m->relay.n_received++;
	recorded_data(m->relay.how.recorded, DIALOGUE_RECEIVED, packet->data, packet->len);
	pacer_spend(&m->pacer, packet->len, m->relay.now);
	if (packet->truncated) {
		m->cut++;
		log_line(m->relay.how.log, LOG_NOTE, "recv: datagram of %zu bytes, cut after %zu",
		    packet->true_len, packet->len);
	}
	if (m->relay.received >= m->relay.how.limit || message_receives_left(m) == 0)
		relay_event(&m->relay, ENDING_RECEIVE_LIMIT);
	return is_echo(m) ? queue_echo(m, packet, e) : deliver(m, packet, e);
}

/* Without this, packet.end means nothing. */
static bool
has_end(const struct message_relay *m)
{
	return m->seqpacket || m->records != NULL;
}

static void
receive_packets(struct message_relay *m, struct packet *packets, unsigned n)
{
	struct error e = { 0 };
	unsigned i;

	if (is_echo(m) && reserve_queue(m, n, &e) < 0) {
		relay_failed_by(&m->relay, ENDING_RECEIVE_FAILED, &e);
		return;
	}
	for (i = 0; i < n && is_receiving(m); i++) {
		if (has_end(m) && packets[i].end) {
			relay_event(&m->relay, ENDING_PEER_ENDED);
			break;
		}
		if (receive_packet(m, &packets[i], &e) < 0)
			relay_failed_by(&m->relay, ENDING_RECEIVE_FAILED, &e);
	}
	if (is_echo(m))
		set_echo_data(m);
	ending_received(&m->relay.ending, m->relay.now);
	if (log_on(m->relay.how.log, LOG_TRACE))
		log_line(m->relay.how.log, LOG_TRACE, "recv: %u datagrams", i);
}

static unsigned
split_scratch(struct message_relay *m, struct packet *packets, unsigned max, struct error *e)
{
	struct scratch *scratch = m->relay.how.scratch;
	char *block = scratch_get(scratch, e);
	size_t room = m->discards || pacer_limits(&m->pacer) ? scratch->size : (size_t)ROOM_IP;
	int family = sys_family(m->fd);
	unsigned i;

	if (block == NULL)
		return 0;
	/* a unix socket takes up to the sender's buffer */
	if (family == -1 || family == AF_UNIX)
		room = scratch->size;
	/* what is not read stays in the socket */
	if (message_receives_left(m) < max)
		max = (unsigned)message_receives_left(m);
	for (i = 0; i < max && (i + 1) * room <= scratch->size; i++)
		packets[i] = (struct packet){ .data = block + i * room, .room = room };
	return i;
}

static bool
message_may_receive(const struct message_relay *m)
{
	return is_receiving(m) && !relay_is_blocked(&m->relay, RELAY_REMOTE_IN) &&
	    m->out.len < HELD_MAX && !is_paused(m, IN) && !(is_echo(m) && m->queued > 0);
}

/* Pongs may have to wait until the descriptor is writable. Their failure shows when the stream is
 * read. */
static void
check_answers(struct message_relay *m)
{
	int rc = m->websocket && m->records != NULL ? stream_flush(m->records, NULL) : 0;

	if (rc < -1)
		m->unflushed = records_wait(rc);
}

static bool
message_receive_step(struct message_relay *m)
{
	struct packet packets[MMSG_MAX];
	struct error e = { 0 };
	unsigned room;
	int n;

	if (!message_may_receive(m)) {
		/* nothing that arrived before is left */
		if (!is_receiving(m) || relay_is_blocked(&m->relay, RELAY_REMOTE_IN))
			report_kept_failure(m);
		return false;
	}
	if (is_echo(m)) {
		buf_consume(&m->filtered, m->filtered.len);
		m->next = 0;
	}
	room = split_scratch(m, packets, MMSG_MAX, &e);
	m->wait[IN] = LOOP_READ;
	n = room == 0            ? -1
	    : m->records != NULL ? records_recv(m->records, packets, room, &m->wait[IN], &e)
				 : mmsg_recv(m->fd, packets, room, &e);
	check_answers(m);
	if (n == SYS_AGAIN) {
		relay_block(&m->relay, RELAY_REMOTE_IN);
		report_kept_failure(m);
		return false;
	}
	if (n >= 0) {
		receive_packets(m, packets, (unsigned)n);
		return true;
	}
	if (read_icmp_errors(m) != 0 && can_reach_others(m))
		return true;
	remote_failed(m, RELAY_REMOTE_IN, &e);
	/* a stream repeats the error, a socket reports it once */
	if (m->records != NULL)
		report_kept_failure(m);
	return true;
}

/* ---- for the relay ---- */

static void
report_delivered(struct message_relay *m)
{
	if (m->relay.ending.receive == ENDING_DRAINING && m->out.len == 0 && !m->relay.out_kept &&
	    !(is_echo(m) && m->queued > 0))
		relay_event(&m->relay, ENDING_DELIVERED);
}

static bool
message_relay_run(struct relay *r)
{
	struct message_relay *m = message_relay_of(r);
	bool moved = true;
	int i;

	if (m->unflushed != 0)
		flush_records(m);
	for (i = 0; i < BUDGET && moved && !relay_is_over(r); i++) {
		moved = message_receive_step(m);
		moved = relay_output(r, &m->out) || moved;
		moved = message_send_step(m) || moved;
		report_delivered(m);
	}
	ending_starves(&r->ending, m->queued == 0 && relay_is_blocked(r, RELAY_LOCAL_IN));
	ending_stalls(&r->ending, m->out.len > 0 || r->out_kept);
	if (!moved)
		shrink_queue(m);
	m->paused = (is_paused(m, OUT) ? 1u << OUT : 0) | (is_paused(m, IN) ? 1u << IN : 0);
	return false;
}

static bool
wants_local(const struct message_relay *m)
{
	return !is_echo(m) && m->queued == 0 && relay_is_blocked(&m->relay, RELAY_LOCAL_IN) &&
	    !m->in.ended;
}

static bool
wants_remote(const struct message_relay *m)
{
	return is_receiving(m) && m->out.len < HELD_MAX && (m->paused & 1u << IN) == 0 &&
	    !(is_echo(m) && m->queued > 0);
}

static bool
is_sending(const struct message_relay *m)
{
	enum ending_state state = m->relay.ending.send;

	if (m->failure != NULL)
		return false;
	return is_echo(m) ? m->queued > 0 : state == ENDING_OPEN || state == ENDING_DRAINING;
}

/* The descriptor does not signal records that the stream holds; it does signal that what a read has
 * to write first may be written. */
static bool
holds_records(const struct message_relay *m)
{
	return m->records != NULL && m->wait[IN] == LOOP_READ && stream_pending(m->records) > 0;
}

static struct deadline
message_relay_wants(const struct relay *r, unsigned events[RELAY_SLOTS])
{
	const struct message_relay *m = message_relay_of(r);
	struct deadline at = deadline_never();

	if (wants_remote(m)) {
		events[RELAY_REMOTE_IN] |= m->wait[IN];
		if (m->proxied)
			events[RELAY_REMOTE_CONTROL] |= LOOP_READ;
		if (holds_records(m))
			at = deadline_in(0);
	}
	if (is_sending(m) && (m->paused & 1u << OUT) == 0) {
		if (wants_local(m))
			events[RELAY_LOCAL_IN] |= LOOP_READ;
		else if (m->unflushed == 0)
			events[RELAY_REMOTE_OUT] |= m->wait[OUT];
	}
	if (m->out.len > 0 || m->relay.out_kept)
		events[RELAY_LOCAL_OUT] |= LOOP_WRITE;
	events[RELAY_REMOTE_OUT] |= m->unflushed;
	if (is_sending(m) && (m->paused & 1u << OUT) != 0)
		at = deadline_min(at, next_send_at(m));
	if (is_receiving(m) && (m->paused & 1u << IN) != 0)
		at = deadline_min(at, pacer_until(&m->pacer));
	return at;
}

static void
message_relay_drop(struct relay *r, unsigned actions)
{
	struct message_relay *m = message_relay_of(r);

	if ((actions & (ENDING_ACT_DROP_SEND | ENDING_ACT_DROP_RECEIVE)) != 0)
		m->queued = 0;
	if ((actions & (ENDING_ACT_DROP_RECEIVE | ENDING_ACT_DISCARD)) != 0)
		buf_consume(&m->out, m->out.len);
	if ((actions & ENDING_ACT_DISCARD) != 0)
		m->discards = true;
}

static uint64_t
message_relay_left(const struct relay *r)
{
	const struct message_relay *m = message_relay_of(r);
	uint64_t left = record_reader_buffered(&m->in);
	unsigned i;

	if (is_echo(m) || m->how->list != NULL)
		return 0;
	for (i = 0; i < m->queued; i++)
		left += m->queue[m->next + i].len;
	return left;
}

static void
spoil_unreached(struct message_relay *m)
{
	struct error e = { 0 };

	error_set(&e, ERROR_NETWORK, "sendto: %u of %u addresses failed", count_unreached(m),
	    m->how->n_to);
	relay_fail_late(&m->relay, ENDING_NO_VERB, &e);
}

/* Filters may change the bytes, so they get a copy. */
static int
take_datagram(struct message_relay *m, const void *data, size_t n, struct error *e)
{
	struct packet packet = { .len = n, .true_len = n };
	struct buf copy;
	int rc;

	buf_init(&copy, SIZE_MAX / 2);
	rc = buf_append(&copy, data, n, e);
	packet.data = n > 0 ? buf_head(&copy) : NULL;
	if (rc == 0)
		rc = receive_packet(m, &packet, e);
	buf_fini(&copy);
	return rc;
}

static void
message_relay_push(struct relay *r, const void *data, size_t n)
{
	struct message_relay *m = message_relay_of(r);
	struct error e;

	if (is_receiving(m) && take_datagram(m, data, n, &e) < 0)
		relay_failed_by(r, ENDING_RECEIVE_FAILED, &e);
}

static void
message_relay_conclude(struct relay *r)
{
	struct message_relay *m = message_relay_of(r);
	uint32_t n = mmsg_dropped(m->fd) - m->dropped;
	struct error e = { 0 };

	if (n > 0 && !r->how.rules->send_only && !m->websocket)
		log_line(r->how.log, LOG_NOTE,
		    "recv: %u datagram%s dropped by the kernel (receive buffer full);"
		    " -o SO_RCVBUF=4M makes it larger",
		    n, n == 1 ? "" : "s");
	if (m->unreached != 0)
		spoil_unreached(m);
	if (m->cut == 0)
		return;
	error_set(&e, ERROR_NETWORK, "%llu datagram%s longer than we can take",
	    (unsigned long long)m->cut, m->cut == 1 ? " was" : "s were");
	relay_fail_late(r, ENDING_VERB_RECV, &e);
}

static void
message_relay_fini(struct relay *r)
{
	struct message_relay *m = message_relay_of(r);

	record_reader_fini(&m->in);
	buf_fini(&m->out);
	buf_fini(&m->filtered);
	filters_close(m->filters);
	free(m->queue);
	free(m->failure);
}

static const struct relay_ops message_relay_ops = {
	.size = sizeof(struct message_relay),
	.run = message_relay_run,
	.wants = message_relay_wants,
	.push = message_relay_push,
	.drop = message_relay_drop,
	.left = message_relay_left,
	.conclude = message_relay_conclude,
	.fini = message_relay_fini,
};

/* ---- open ---- */

/* Only a connection has an end; for others how->quiet applies. delays: the half-close may wait. */
static struct ending_rules
message_rules(const struct ending_rules *own, const struct message_relay_how *m_how, bool ends,
    bool delays)
{
	bool awaits_end = ends && !m_how->quiet_fixed;
	struct ending_rules rules = *own;

	rules.half_close = delays ? own->half_close : 0;
	rules.no_half_close = own->no_half_close || !ends;
	rules.quiet_ends = !awaits_end;
	rules.silence_fixed = m_how->quiet_fixed;
	rules.after_eof = awaits_end ? own->after_eof : m_how->quiet;
	return rules;
}

static struct ending_rules
proxied_rules(const struct ending_rules *own)
{
	struct ending_rules rules = *own;

	rules.send_only = false;
	rules.silence_fixed = own->silence_fixed || own->send_only;
	if (own->send_only || own->after_eof < PROXY_LINGER)
		rules.after_eof = PROXY_LINGER;
	return rules;
}

static void
init_message_reader(struct message_relay *m)
{
	const struct relay_how *how = &m->relay.how;
	struct framing in = m->how->in;

	/* a program's output need not wait for its end */
	in.nul_is_whole = in.nul_is_whole && !how->rules->local_program;
	/* the rate is for all addresses together */
	record_reader_init(&m->in, &in,
	    (how->rate + datagrams_per_record(m) - 1) / datagrams_per_record(m), how->delay);
	if (m->websocket)
		m->in.framer.max = WEBSOCKET_MESSAGE_MAX;
	m->in.stream = how->local;
	m->in.program = how->rules->local_program;
	m->in.list = m->how->list;
	m->in.n_list = m->how->n_list;
	m->in.repeat = m->how->repeat;
}

static int
init_message_relay(struct message_relay *m, struct error *e)
{
	const struct relay_how *how = &m->relay.how;

	init_message_reader(m);
	full_queue_reset(&m->full);
	buf_init(&m->out, SIZE_MAX / 2);
	buf_init(&m->filtered, SIZE_MAX / 2);
	pacer_init(&m->pacer, how->rate, 0);
	if (how->crlf && filters_add(&m->in.filters, filter_crlf(e)) < 0)
		return -1;
	return filters_add_dumps(&m->in.filters, &m->filters, &how->dumps, e);
}

/* The datagram that the peer was accepted for. */
static int
take_first(struct message_relay *m, struct error *e)
{
	const struct relay_how *how = &m->relay.how;

	return how->first == NULL ? 0 : take_datagram(m, how->first, how->n_first, e);
}

int
message_relay_open(struct relay **ret_relay, const struct relay_how *how,
    const struct message_relay_how *m_how, struct error *e)
{
	int fd = stream_raw_fd(how->remote, STREAM_IN);
	bool seqpacket = sys_type(fd) == SOCK_SEQPACKET, websocket = websocket_is(how->remote);
	struct ending_rules rules =
	    message_rules(how->rules, m_how, seqpacket || websocket, websocket);
	bool send_only = rules.send_only, proxied = socks_stream_is(how->remote);
	struct relay_how own = *how;
	struct message_relay *m;

	if (proxied)
		rules = proxied_rules(&rules);
	own.rules = &rules;
	if ((m = relay_new(&message_relay_ops, &own, e)) == NULL)
		return -1;
	m->how = m_how;
	m->fd = fd;
	m->seqpacket = seqpacket;
	m->websocket = websocket;
	if (stream_kind(how->remote, STREAM_IN) == STREAM_RECORDS)
		m->records = how->remote;
	m->proxied = proxied;
	m->wait[IN] = LOOP_READ;
	m->wait[OUT] = LOOP_WRITE;
	if (seqpacket)
		mmsg_enable_end(fd);
	m->dropped = mmsg_dropped(fd);
	m->queues_errors = m_how->n_to > 0 && mmsg_enable_errors(fd);
	m->discards = how->local != NULL && !m_how->show_keeps &&
	    (send_only || stream_kind(how->local, STREAM_OUT) == STREAM_NULL);
	if (init_message_relay(m, e) < 0 || take_first(m, e) < 0) {
		relay_close(&m->relay);
		return -1;
	}
	*ret_relay = &m->relay;
	return 0;
}
