#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/log.h"
#include "net/sys.h"
#include "relay/copier.h"
#include "relay/message_relay.h"
#include "relay/records.h"
#include "relay/tap.h"

enum {
	BUDGET = 8,            /* moves before others on the loop get their turn */
	QUEUE_MAX = 512,       /* datagrams sent with few calls */
	READ_SIZE = 128 << 10, /* from the near end */
	ROOM_IP = 64 << 10,    /* no datagram of IP is longer */
	HELD_MAX = 1 << 20,    /* for a slow near end, before the socket is not read any more */
	PIPE_DEFAULT = 64 << 10
};

/* What a rate may catch up after a pause. */
#define BURST (50 * NSEC_PER_MSEC)
/* The kernel has no event for a queue of a device that is full. */
#define QUEUE_PAUSE NSEC_PER_MSEC

enum { OUT, IN };                       /* of taps and due */
enum { FAR, NEAR_IN, NEAR_OUT, SLOTS }; /* of watches */

/* ---- ends ---- */

static void
note_drops(struct message_relay *p)
{
	uint32_t n = batch_dropped(p->fd) - p->dropped;

	if (n > 0 && !p->rules->send_only)
		log_line(p->log, LOG_NOTE,
		    "recv: %u datagram%s dropped by the kernel (receive buffer full);"
		    " -o SO_RCVBUF=4M makes it larger",
		    n, n == 1 ? "" : "s");
}

/* The first failure is the one that is told. */
static void
fail(struct message_relay *p, enum sock_end end, const char *verb, const struct error *e)
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
finish(struct message_relay *p, enum sock_end end)
{
	struct error e = { 0 };
	int i;

	if (p->over)
		return;
	p->over = true;
	for (i = 0; i < SLOTS; i++)
		loop_unwatch(p->loop, &p->watches[i]);
	loop_timer_stop(p->loop, &p->timer);
	note_drops(p);
	if (p->cut > 0) {
		error_set(&e, ERROR_NETWORK, "%llu datagrams were longer than we can take",
		    (unsigned long long)p->cut);
		fail(p, END_ERROR, "recv", &e);
	}
	if (p->end == END_NONE)
		p->end = end;
}

static void
fail_timeout(struct message_relay *p, enum sock_end end, const char *what, int64_t duration)
{
	struct error e = { 0 };

	error_set(&e, ERROR_TIMEOUT, "%s%.6g s", what, (double)duration / (double)NSEC_PER_SEC);
	fail(p, end, "wait", &e);
	finish(p, end);
}

static bool
is_reset(const struct error *e)
{
	return e->origin == ORIGIN_ERRNO && (e->number == ECONNRESET || e->number == EPIPE);
}

/* Nothing can be sent any more; what was received before is still delivered. */
static void
far_failed(struct message_relay *p, const char *verb, struct error *e)
{
	enum sock_end end = END_ERROR;

	if (e->origin == ORIGIN_ERRNO && e->number == ECONNREFUSED) {
		end = END_REFUSED;
		verb = "send"; /* it is the answer to what was sent, though read later */
	} else if (is_reset(e)) {
		end = END_PEER_RESET;
	}
	if (e->origin == ORIGIN_ERRNO && e->number != EMSGSIZE) {
		int number = e->number;

		error_set(e, number == ETIMEDOUT ? ERROR_TIMEOUT : ERROR_NETWORK, "%s",
		    strerror(number));
		e->origin = ORIGIN_ERRNO;
		e->number = number;
		if (number == EACCES)
			error_hint(e, "a broadcast address wants --broadcast");
		if (number == EINVAL && p->how->in.kind == FRAMING_CAN)
			error_hint(e, "CAN FD frames want an interface with an MTU of 72");
	}
	fail(p, end, verb, e);
	p->failed = p->all_sent = true;
	p->recv_blocked = false;
}

static void
near_failed(struct message_relay *p, bool reading, struct error *e)
{
	bool pipe_gone = !reading && is_reset(e);

	if (pipe_gone && p->rules->near_program) {
		p->swallow = true;
		buf_consume(&p->out, p->out.len);
		return;
	}
	if (reading && is_reset(e) && p->rules->near_program) {
		p->source_ended = true;
		framer_end(&p->framer);
		return;
	}
	e->code = ERROR_LOCAL_IO;
	fail(p, pipe_gone ? END_STDOUT_CLOSED : END_ERROR, NULL, e);
	finish(p, END_ERROR);
}

/* ---- pace ---- */

static void
charge(struct message_relay *p, int way, size_t n, int64_t delay)
{
	int64_t now;

	if (p->rate == 0 && delay == 0)
		return;
	now = clock_now();
	if (p->due[way] < now - BURST)
		p->due[way] = now - BURST;
	if (p->rate > 0)
		p->due[way] += (int64_t)((double)n * (double)NSEC_PER_SEC / (double)p->rate);
	if (delay > 0)
		p->due[way] = delay > DURATION_NONE - now ? DURATION_NONE : now + delay;
}

static bool
is_paused(const struct message_relay *p, int way)
{
	return p->due[way] > 0 && p->due[way] > clock_now();
}

static void
note_move(struct message_relay *p)
{
	if (p->rules->idle != DURATION_NONE)
		p->last_move = clock_now();
}

/* ---- from the near end ---- */

static void
grow_pipe(struct message_relay *p, const struct stream *s, enum stream_side side)
{
	if (!p->grown && stream_kind(s, side) == STREAM_PIPE)
		copier_grow_pipe(stream_raw_fd(s, side));
	p->grown = true;
}

/* True where the framer has got something to do. */
static bool
read_near(struct message_relay *p)
{
	struct error e = { 0 };
	char *to;
	ssize_t got = -1;

	if (p->near == NULL || p->source_ended || p->near_blocked)
		return false;
	to = framer_room(&p->framer, READ_SIZE, &e);
	if (to != NULL)
		got = stream_read(p->near, to, READ_SIZE, &e);
	if (got == -1) {
		near_failed(p, true, &e);
		return !p->over;
	}
	if (got < 0) {
		p->near_blocked = true;
		return false;
	}
	if (got == 0) {
		p->source_ended = true;
		framer_end(&p->framer);
	}
	if (got >= PIPE_DEFAULT)
		grow_pipe(p, p->near, STREAM_IN);
	framer_added(&p->framer, (size_t)got);
	return true;
}

static int
next_of_list(struct message_relay *p, char **ret_record, size_t *ret_n)
{
	const struct message_relay_how *how = p->how;

	if (p->list_at == how->n_list) {
		p->list_at = 0;
		p->rounds++;
	}
	if (p->source_ended)
		return 0;
	*ret_record = (char *)how->list[p->list_at].data;
	*ret_n = how->list[p->list_at++].len;
	/* known now, so that no delay follows the last one */
	p->source_ended = p->list_at == how->n_list && p->rounds + 1 == how->repeat;
	return 1;
}

static int
next_record(struct message_relay *p, char **ret_record, size_t *ret_n, struct error *e)
{
	int rc;

	if (p->how->list != NULL)
		return next_of_list(p, ret_record, ret_n);
	rc = framer_next(&p->framer, ret_record, ret_n, e);
	/* what was given out before would move */
	if (rc == 0 && p->queued == 0 && read_near(p))
		return next_record(p, ret_record, ret_n, e);
	p->source_dry = rc == 0;
	return rc;
}

static int
tap_record(struct message_relay *p, char **record, size_t *n, struct error *e)
{
	buf_consume(&p->tapped, p->tapped.len);
	if (taps_run(p->taps[OUT], *record, *n, &p->tapped, e) < 0)
		return -1;
	*n = p->tapped.len;
	*record = p->tapped.len > 0 ? buf_head(&p->tapped) : *record;
	return 0;
}

static unsigned
queue_room(const struct message_relay *p)
{
	return p->taps[OUT] != NULL || p->delay > 0 ? 1 : QUEUE_MAX;
}

/* Bytes that may go with one call: with a rate those of a millisecond, or one record. */
static uint64_t
queue_bytes(const struct message_relay *p)
{
	uint64_t left = p->limit - p->sent;

	return p->rate > 0 && p->rate / 1000 < left ? p->rate / 1000 + 1 : left;
}

/* Field by field: the names are large, and there may be millions. */
static struct packet *
queue_record(struct message_relay *p, char *record, size_t n)
{
	struct packet *packet = &p->queue[p->queued++];

	packet->data = record;
	packet->len = n;
	packet->name.len = p->how->to.len;
	if (packet->name.len > 0)
		packet->name = p->how->to;
	return packet;
}

/* Takes records that can be sent with one call. */
static int
fill_queue(struct message_relay *p, struct error *e)
{
	unsigned room = queue_room(p);
	uint64_t bytes = 0, most = p->sent < p->limit ? queue_bytes(p) : 0;
	char *record;
	size_t n;
	int rc = 0;

	p->next = 0;
	while (p->queued < room && bytes < most && (rc = next_record(p, &record, &n, e)) > 0) {
		if (p->taps[OUT] != NULL && tap_record(p, &record, &n, e) < 0)
			return -1;
		queue_record(p, record, n);
		bytes += n;
	}
	if (most == 0)
		p->source_ended = true;
	/* what was good before a bad record is still sent */
	return rc < 0 && p->queued == 0 ? -1 : 0;
}

/* ---- to the far end ---- */

/* A connection has an end of its own, and how->quiet is no rule for it. */
static bool
awaits_end(const struct message_relay *p)
{
	return p->seqpacket && !p->how->quiet_fixed;
}

static int64_t
silence(const struct message_relay *p)
{
	return awaits_end(p) ? p->rules->after_eof : p->how->quiet;
}

static void
explain_length(const struct message_relay *p, size_t n, struct error *e)
{
	struct sockname name = { .len = sizeof name.storage };
	int value = 0;
	socklen_t len = sizeof value;

	error_errno(e, ERROR_NETWORK, EMSGSIZE, "datagram of %zu bytes", n);
	if (getsockname(p->fd, &name.sa, &name.len) < 0)
		return;
	if (name.sa.sa_family == AF_UNIX) {
		if (getsockopt(p->fd, SOL_SOCKET, SO_SNDBUF, &value, &len) == 0)
			error_hint(e, "the send buffer has %d bytes; -o SO_SNDBUF=SIZE sets it",
			    value);
		return;
	}
	if (name.sa.sa_family != AF_INET && name.sa.sa_family != AF_INET6)
		return;
	value = name.sa.sa_family == AF_INET ? 65507 : 65527;
	if (n > (size_t)value)
		error_hint(e,
		    "the limit is %d bytes over %s; --framing chunk=N makes a datagram of every N "
		    "bytes",
		    value, value == 65507 ? "IPv4" : "IPv6");
	else
		error_hint(e, "longer than the path takes in one piece");
}

static void
send_failed(struct message_relay *p, struct error *e)
{
	if (sys_queue_is_full(e->number)) {
		p->due[OUT] = clock_now() + QUEUE_PAUSE;
		return;
	}
	if (e->number == EMSGSIZE && p->far == NULL)
		explain_length(p, p->queue[p->next].len, e);
	far_failed(p, "send", e);
}

static void
count_sent(struct message_relay *p, unsigned n)
{
	uint64_t bytes = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		bytes += p->queue[p->next + i].len;
	p->sent += bytes;
	p->n_sent += n;
	p->next += n;
	p->queued -= n;
	charge(p, OUT, bytes, p->delay);
	note_move(p);
	if (log_on(p->log, LOG_TRACE))
		log_line(p->log, LOG_TRACE, "send: %u datagrams, %llu bytes", n,
		    (unsigned long long)bytes);
}

static bool
flush_queue(struct message_relay *p)
{
	struct error e = { 0 };
	const struct packet *first = p->queue + p->next;
	int n = p->far != NULL ? records_send(p->far, first, p->queued, &e)
			       : batch_send(p->fd, first, p->queued, &e);

	if (n == SYS_AGAIN) {
		p->send_blocked = true;
		/* an unconnected unix socket is always writable (unix(7)) */
		if (p->how->to.len > 0 && p->how->to.sa.sa_family == AF_UNIX) {
			p->send_blocked = false;
			p->due[OUT] = clock_now() + QUEUE_PAUSE;
		}
		return false;
	}
	if (n < 0)
		send_failed(p, &e);
	else
		count_sent(p, (unsigned)n);
	return true;
}

static void
sending_over(struct message_relay *p)
{
	p->all_sent = true;
	p->near_first = !p->far_ended;
	p->quiet_at = deadline_in(silence(p));
	/* one that is gone says so when it is read */
	if (p->seqpacket && !p->rules->no_half_close)
		sys_shutdown(p->fd, SHUT_WR, NULL);
}

static bool
may_send(const struct message_relay *p)
{
	if (p->all_sent || p->send_blocked)
		return false;
	return (p->queued == 0 && p->source_ended) || !is_paused(p, OUT);
}

/* The far end is over, and nothing is ready to be sent: nothing more will be. */
static bool
gives_up_sending(const struct message_relay *p)
{
	return p->near_blocked && p->far_ended && !p->rules->half_open && !p->rules->near_program;
}

static bool
send_step(struct message_relay *p)
{
	struct error e = { 0 };

	if (!may_send(p))
		return false;
	if (p->queued == 0 && !p->source_ended && fill_queue(p, &e) < 0) {
		fail(p, END_ERROR, NULL, &e);
		finish(p, END_ERROR);
		return false;
	}
	if (p->over)
		return false;
	if (p->queued > 0)
		return flush_queue(p);
	if (p->source_ended || gives_up_sending(p))
		sending_over(p);
	return p->all_sent;
}

/* ---- from the far end ---- */

static bool
is_receiving(const struct message_relay *p)
{
	return !p->far_ended && !p->recv_over && !(p->rules->send_only && p->near != NULL);
}

/* Sent back as it came; at is where the bytes can stay until then. */
static int
echo(struct message_relay *p, const struct packet *packet, struct error *e)
{
	size_t at = p->tapped.len;

	if (buf_append(&p->tapped, packet->data, packet->len, e) < 0)
		return -1;
	/* the buffer may still move: an offset until all are there */
	queue_record(p, NULL, packet->len)->room = at;
	return 0;
}

static void
echo_ready(struct message_relay *p)
{
	unsigned i;

	for (i = 0; i < p->queued; i++)
		p->queue[i].data =
		    p->tapped.len > 0 ? buf_head(&p->tapped) + p->queue[i].room : NULL;
}

static int
show(struct message_relay *p, struct packet *packet, struct error *e)
{
	if (p->taps[IN] != NULL) {
		buf_consume(&p->tapped, p->tapped.len);
		if (taps_run(p->taps[IN], packet->data, packet->len, &p->tapped, e) < 0)
			return -1;
		packet->len = p->tapped.len;
		if (p->tapped.len > 0)
			packet->data = buf_head(&p->tapped);
	}
	if (p->swallow)
		return 0;
	if (p->how->show != NULL)
		return p->how->show(p->how->show_arg, packet, &p->out, e);
	return framing_put(&p->how->out, packet->data, packet->len, &p->out, e);
}

static int
take(struct message_relay *p, struct packet *packet, struct error *e)
{
	p->received += packet->len;
	p->n_received++;
	charge(p, IN, packet->len, 0);
	if (packet->cut) {
		p->cut++;
		log_line(p->log, LOG_NOTE, "recv: datagram of %zu bytes, cut after %zu",
		    packet->true_len, packet->len);
	}
	if (p->received >= p->limit) {
		p->recv_over = true;
		p->end = END_LIMIT;
	}
	return p->near == NULL ? echo(p, packet, e) : show(p, packet, e);
}

/* Of what does not say so, packet.end means nothing. */
static bool
has_end(const struct message_relay *p)
{
	return p->seqpacket || p->far != NULL;
}

static void
take_all(struct message_relay *p, struct packet *packets, unsigned n)
{
	struct error e = { 0 };
	unsigned i;

	for (i = 0; i < n && !p->recv_over; i++) {
		if (has_end(p) && packets[i].end) {
			p->far_ended = true;
			p->near_blocked = false;
			break;
		}
		if (take(p, &packets[i], &e) < 0) {
			fail(p, END_ERROR, "recv", &e);
			finish(p, END_ERROR);
			return;
		}
	}
	if (p->near == NULL)
		echo_ready(p);
	note_move(p);
	if (!deadline_is_never(p->quiet_at) && !p->how->quiet_fixed)
		p->quiet_at = deadline_in(silence(p));
	if (log_on(p->log, LOG_TRACE))
		log_line(p->log, LOG_TRACE, "recv: %u datagrams", i);
}

static unsigned
divide_room(struct message_relay *p, struct packet *packets, unsigned max, struct error *e)
{
	char *block = scratch_take(p->scratch, e);
	size_t room = p->swallow || p->rate > 0 ? p->scratch->size : ROOM_IP;
	struct sockname name = { .len = sizeof name.storage };
	unsigned i;

	if (block == NULL)
		return 0;
	/* a unix socket takes what the sender's buffer holds */
	if (getsockname(p->fd, &name.sa, &name.len) < 0 || name.sa.sa_family == AF_UNIX)
		room = p->scratch->size;
	for (i = 0; i < max && (i + 1) * room <= p->scratch->size; i++)
		packets[i] = (struct packet){ .data = block + i * room, .room = room };
	return i;
}

static int
receive(struct message_relay *p, struct packet *packets, unsigned n, struct error *e)
{
	return p->far != NULL ? records_recv(p->far, packets, n, e)
			      : batch_recv(p->fd, packets, n, e);
}

static bool
recv_step(struct message_relay *p)
{
	struct packet packets[BATCH_MAX];
	struct error e = { 0 };
	unsigned room;
	int n;

	if (!is_receiving(p) || p->recv_blocked || p->out.len >= HELD_MAX || is_paused(p, IN) ||
	    (p->near == NULL && p->queued > 0))
		return false;
	if (p->near == NULL)
		buf_consume(&p->tapped, p->tapped.len);
	p->next = p->near == NULL ? 0 : p->next;
	room = divide_room(p, packets, BATCH_MAX, &e);
	n = room > 0 ? receive(p, packets, room, &e) : -1;
	if (n == SYS_AGAIN) {
		p->recv_blocked = true;
		p->recv_over = p->failed;
		return false;
	}
	if (n < 0) {
		far_failed(p, "recv", &e);
		/* a stream says it again and again, a socket once */
		p->recv_over = p->far != NULL;
	} else {
		take_all(p, packets, (unsigned)n);
	}
	return true;
}

/* ---- to the near end ---- */

static bool
out_step(struct message_relay *p)
{
	struct error e = { 0 };
	ssize_t n;

	if (p->near == NULL || p->out.len == 0 || p->out_blocked)
		return false;
	n = stream_write(p->near, buf_head(&p->out), p->out.len, &e);
	if (n == -1) {
		near_failed(p, false, &e);
		return !p->over;
	}
	if (n < 0) {
		p->out_blocked = true;
		if (p->out.len >= PIPE_DEFAULT)
			grow_pipe(p, p->near, STREAM_OUT);
		return false;
	}
	buf_consume(&p->out, (size_t)n);
	return true;
}

/* A program sees the end of its input. */
static void
pass_end_on(struct message_relay *p)
{
	if (!p->far_ended || p->near == NULL || p->near_shut || p->out.len > 0)
		return;
	p->near_shut = true;
	stream_shut(p->near, NULL);
}

/* ---- progress ---- */

/* An answer of the network that nobody has read yet. */
static void
look_for_refusal(struct message_relay *p)
{
	struct error e = { 0 };
	int number = 0;
	socklen_t len = sizeof number;

	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &number, &len) < 0 || number == 0)
		return;
	error_errno(&e, ERROR_NETWORK, number, "send");
	far_failed(p, "send", &e);
}

static bool
is_quiet(const struct message_relay *p)
{
	return deadline_passed(p->quiet_at) &&
	    (p->recv_blocked || p->how->quiet_fixed || !is_receiving(p));
}

static void
end_of_silence(struct message_relay *p)
{
	if (awaits_end(p))
		fail_timeout(p, END_IDLE_TIMEOUT, "timed out: after the end of input, silent for ",
		    p->rules->after_eof);
	else
		finish(p, END_QUIET);
}

/* What was received before is taken first, unless it was the limit that stopped us. */
static void
judge_stopped(struct message_relay *p)
{
	if (!p->failed || !is_receiving(p))
		finish(p, p->end);
}

static void
judge_sent(struct message_relay *p)
{
	if (p->near_gone) {
		finish(p, END_CHILD_EXIT);
	} else if (p->rules->send_only && p->near != NULL) {
		look_for_refusal(p);
		finish(p, END_LOCAL_EOF);
	} else if (is_quiet(p)) {
		end_of_silence(p);
	}
}

static void
judge(struct message_relay *p)
{
	if (p->over || p->out.len > 0)
		return;
	pass_end_on(p);
	if (p->failed || p->end == END_LIMIT)
		judge_stopped(p);
	else if (p->far_ended && (p->all_sent || p->near == NULL))
		finish(p, END_PEER_FIN);
	else if (p->all_sent)
		judge_sent(p);
}

/* ---- waiting ---- */

static bool
wants_near(const struct message_relay *p)
{
	return p->how->list == NULL && p->near != NULL && p->queued == 0 && p->source_dry &&
	    !p->source_ended;
}

/* An echo is sent before more is read. */
static bool
wants_far(const struct message_relay *p)
{
	return is_receiving(p) && p->out.len < HELD_MAX && !p->paused[IN] &&
	    !(p->near == NULL && p->queued > 0);
}

static void
wanted_events(const struct message_relay *p, unsigned events[SLOTS])
{
	events[FAR] = events[NEAR_IN] = events[NEAR_OUT] = 0;
	if (wants_far(p))
		events[FAR] |= LOOP_READ;
	if (!p->all_sent && !p->paused[OUT]) {
		if (wants_near(p))
			events[NEAR_IN] |= LOOP_READ;
		else if (p->near != NULL || p->queued > 0)
			events[FAR] |= LOOP_WRITE;
	}
	if (p->out.len > 0)
		events[NEAR_OUT] |= LOOP_WRITE;
	/* a program's input and output are one descriptor */
	if (p->near != NULL &&
	    stream_raw_fd(p->near, STREAM_IN) == stream_raw_fd(p->near, STREAM_OUT)) {
		events[NEAR_IN] |= events[NEAR_OUT];
		events[NEAR_OUT] = 0;
	}
}

static int
watch_slots(struct message_relay *p, struct error *e)
{
	unsigned events[SLOTS];
	int i;

	wanted_events(p, events);
	for (i = 0; i < SLOTS; i++) {
		struct watch *w = &p->watches[i];

		if (events[i] == 0 && w->events == 0)
			continue;
		if (w->events == 0)
			w->fd = i == FAR
			    ? p->fd
			    : stream_raw_fd(p->near, i == NEAR_IN ? STREAM_IN : STREAM_OUT);
		if (events[i] == 0 || w->fd < 0)
			loop_unwatch(p->loop, w);
		else if (loop_watch(p->loop, w, events[i], e) < 0)
			return -1;
	}
	return 0;
}

static struct deadline
idle_end(const struct message_relay *p)
{
	struct deadline d = { p->last_move };

	if (p->rules->idle == DURATION_NONE)
		return deadline_never();
	d.at += p->rules->idle;
	return d;
}

static struct deadline
pause_end(const struct message_relay *p, int way)
{
	if (!p->paused[way] || (way == OUT ? p->all_sent : !is_receiving(p)))
		return deadline_never();
	return (struct deadline){ p->due[way] };
}

/* What a stream holds already, the descriptor does not tell. */
static bool
has_more(const struct message_relay *p)
{
	return p->far != NULL && wants_far(p) && stream_pending(p->far) > 0;
}

static int
set_timer(struct message_relay *p, struct error *e)
{
	struct deadline at = deadline_min(p->rules->until, idle_end(p));

	at = deadline_min(at, deadline_min(pause_end(p, OUT), pause_end(p, IN)));
	if (has_more(p))
		at = deadline_in(0);
	/* once it has passed, only what is still held is waited for */
	if (!deadline_passed(p->quiet_at))
		at = deadline_min(at, p->quiet_at);
	if (deadline_is_never(at)) {
		loop_timer_stop(p->loop, &p->timer);
		return 0;
	}
	return loop_timer_set(p->loop, &p->timer, at, e);
}

static void
turn(struct message_relay *p)
{
	struct error e = { 0 };
	bool moved = true;
	int i;

	p->running = true;
	for (i = 0; i < BUDGET && moved && !p->over; i++) {
		moved = recv_step(p);
		moved = (!p->over && out_step(p)) || moved;
		moved = (!p->over && send_step(p)) || moved;
		judge(p);
	}
	/* asked once: time must not pass between descriptors and timer */
	p->paused[OUT] = is_paused(p, OUT);
	p->paused[IN] = is_paused(p, IN);
	if (!p->over && (watch_slots(p, &e) < 0 || set_timer(p, &e) < 0)) {
		fail(p, END_ERROR, NULL, &e);
		finish(p, END_ERROR);
	}
	p->running = false;
	if (p->over)
		p->done(p);
}

static void
on_ready(struct watch *w, unsigned ready)
{
	struct message_relay *p = w->arg;

	if (w == &p->watches[FAR]) {
		if (ready & (LOOP_READ | LOOP_HANGUP))
			p->recv_blocked = false;
		if (ready & (LOOP_WRITE | LOOP_HANGUP))
			p->send_blocked = false;
	} else {
		if (ready & (LOOP_READ | LOOP_HANGUP))
			p->near_blocked = false;
		if (ready & (LOOP_WRITE | LOOP_HANGUP))
			p->out_blocked = false;
	}
	turn(p);
}

static void
on_timer(struct timer *t)
{
	struct message_relay *p = t->arg;

	if (deadline_passed(p->rules->until)) {
		struct error e = { 0 };

		error_set(&e, ERROR_TIMEOUT, "timed out (--timeout)");
		fail(p, END_DEADLINE, "wait", &e);
		finish(p, END_DEADLINE);
	} else if (deadline_passed(idle_end(p))) {
		fail_timeout(p, END_IDLE_TIMEOUT, "timed out: idle for ", p->rules->idle);
	}
	turn(p);
}

/* ---- life ---- */

static bool
is_seqpacket(int fd)
{
	int type = SOCK_DGRAM;
	socklen_t len = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

void
message_relay_start(struct message_relay *p)
{
	struct error e = { 0 };
	int i;

	framer_init(&p->framer, &p->how->in, FRAMING_MAX);
	buf_init(&p->out, SIZE_MAX / 2);
	buf_init(&p->tapped, SIZE_MAX / 2);
	p->quiet_at = deadline_never();
	p->seqpacket = is_seqpacket(p->fd);
	if (p->seqpacket)
		batch_ask_end(p->fd);
	p->dropped = batch_dropped(p->fd);
	p->swallow = p->near != NULL && !p->how->show_keeps &&
	    stream_kind(p->near, STREAM_OUT) == STREAM_NULL;
	p->all_sent = !p->send && p->near != NULL;
	p->timer.fn = on_timer;
	p->timer.arg = p;
	for (i = 0; i < SLOTS; i++) {
		p->watches[i].fn = on_ready;
		p->watches[i].arg = p;
	}
	note_move(p);
	p->queue = calloc(QUEUE_MAX, sizeof *p->queue);
	if (p->queue == NULL) {
		error_set(&e, ERROR_INTERNAL, "out of memory");
		fail(p, END_ERROR, NULL, &e);
		finish(p, END_ERROR);
	}
	turn(p);
}

void
message_relay_program_ended(struct message_relay *p)
{
	p->near_gone = true;
	p->near_blocked = false;
	if (!p->running && !p->over)
		turn(p);
}

void
message_relay_end(struct message_relay *p, enum sock_end end)
{
	finish(p, end);
}

void
message_relay_fini(struct message_relay *p)
{
	finish(p, END_LOCAL_EOF);
	framer_fini(&p->framer);
	buf_fini(&p->out);
	buf_fini(&p->tapped);
	taps_close(p->taps[OUT]);
	taps_close(p->taps[IN]);
	free(p->queue);
	free(p->error);
	p->queue = NULL;
	p->error = NULL;
}
