#include "relay/server/udp_server.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "net/mmsg.h"
#include "net/sys.h"
#include "relay/capture/recorder.h"
#include "relay/copy/pages.h"
#include "relay/filter/filter.h"
#include "relay/relay_ops.h"
#include "relay/server/responder.h"
#include "stream/stream.h"

/* More than an IP datagram, so that none is truncated. */
#define ROOM_INET (64 << 10)
#define ROOM_OTHER FRAMING_MAX
/* Pages are touched only if large datagrams arrive. */
#define ROOM_ALL (16u << 20)
/* Batches before others on the loop get their turn. */
#define ROUNDS 16
/* The most that is formatted for the local side: a batch in its longest form. */
#define OUT_MAX (512u << 20)

enum { OUT, IN }; /* indexes of filters */

/* Messages that are logged once. */
enum { LOGGED_FULL = 1, LOGGED_UNNAMED = 2, LOGGED_OWN = 4, LOGGED_LOOP = 8 };

/* A sender with a responder. */
struct serving {
	struct responder responder;
	struct udp_server *sv;
	struct sender *sender;
	struct serving *next;
	bool is_ready;
};

static struct udp_server *
udp_server_of(const struct relay *r)
{
	return CONTAINER_OF(r, struct udp_server, relay);
}

static struct serving *
serving_of(const struct sender *s)
{
	return s->responder == NULL ? NULL : CONTAINER_OF(s->responder, struct serving, responder);
}

static bool
has_responders(const struct udp_server_how *how)
{
	return how->local == DGRAM_PROGRAM || how->local == DGRAM_FILE ||
	    how->local == DGRAM_FORWARD;
}

/* A sender that is forgotten loses nothing but its way back. */
static bool
may_forget(const struct udp_server_how *how)
{
	return !has_responders(how) || (how->local == DGRAM_FORWARD && how->keep_open);
}

static bool
is_named(const struct sockname *name)
{
	return name->len > sizeof(sa_family_t);
}

static bool
is_busy(const struct udp_server *sv)
{
	return send_queue_is_busy(&sv->queue);
}

static bool
first_time(struct udp_server *sv, unsigned what)
{
	bool first = (sv->logged & what) == 0;

	sv->logged |= what;
	return first;
}

static void
report_sender_error(struct udp_server *sv, const struct error *e)
{
	sv->had_error = true;
	sv->how->on_error(sv, e);
}

/* ---- senders ---- */

static void
add_ready(struct serving *g)
{
	if (g->is_ready)
		return;
	g->is_ready = true;
	g->next = NULL;
	*g->sv->ready_end = g;
	g->sv->ready_end = &g->next;
}

static void
remove_ready(struct serving *g)
{
	struct udp_server *sv = g->sv;
	struct serving **at = &sv->ready;

	if (!g->is_ready)
		return;
	g->is_ready = false;
	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	if (*at == NULL)
		sv->ready_end = at;
}

static void
end_sender(struct udp_server *sv, struct sender *s, enum sock_end end)
{
	struct serving *serving = serving_of(s);

	s->end = end;
	if (serving != NULL) {
		s->has_status = serving->responder.reaped;
		s->status = serving->responder.status;
		remove_ready(serving);
		responder_close(&serving->responder);
		sv->unread += serving->responder.dropped;
		free(serving);
		s->responder = NULL;
	}
	recorded_close(&s->recorded, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, sock_end_word(end));
	sv->how->ended(sv, s);
	if (!sv->how->keep_open && has_responders(sv->how) && !relay_is_over(&sv->relay)) {
		sv->has_status = s->has_status;
		sv->status = s->status;
		ending_stop(&sv->relay.ending, end, sv->relay.now);
	}
	if (sv->last == s)
		sv->last = NULL;
	peer_table_remove(&sv->senders, s);
}

static void
count_refused(struct udp_server *sv)
{
	if (sv->refused++ > 0 || sv->one_served)
		return;
	log_line(sv->relay.how.log, LOG_NOTE,
	    "%zu senders are served: datagrams of others are dropped (--max-clients)",
	    sv->senders.n);
}

/* Makes room for a new sender, if senders cost nothing to forget. Returns the guard for the new
 * one, as a loop over more peers than the table holds would otherwise look new each time. */
static struct echo_guard
forget_oldest(struct udp_server *sv)
{
	struct echo_guard guard = sv->senders.oldest->guard;

	if (sv->senders.oldest->in_flight > 0)
		send_queue_send(&sv->queue, sv->relay.now);
	if (sv->senders.oldest->in_flight > 0)
		return guard;
	if (first_time(sv, LOGGED_FULL))
		log_line(sv->relay.how.log, LOG_NOTE,
		    "more than %zu senders: the one silent for longest is forgotten",
		    sv->senders.max);
	end_sender(sv, sv->senders.oldest, END_LIMIT);
	return guard;
}

static void
start_sender(struct udp_server *sv, struct sender *s)
{
	struct sockname local = sv->local;
	const struct recorded_how how = { .id = s->id,
		.role = DIALOGUE_SERVER,
		.type = DIALOGUE_DATAGRAM,
		.since = s->started,
		.transport = "udp",
		.local = &local,
		.peer = &s->name };

	if (s->local.len > 0) {
		local = s->local;
		sockname_set_port(&local, sockname_port(&sv->local));
	}
	recorded_open(&s->recorded, sv->how->recorder, &how);
	sv->how->started(sv, s);
}

static struct sender *
new_sender(struct udp_server *sv, const struct packet *p)
{
	struct echo_guard guard = { 0 };
	struct sender *s;

	if (sv->one_served && has_responders(sv->how))
		return NULL;
	if (sv->senders.n >= sv->senders.max && may_forget(sv->how))
		guard = forget_oldest(sv);
	s = peer_table_add(&sv->senders, &p->name, sv->relay.now);
	if (s == NULL)
		return NULL;
	s->guard = guard;
	s->local = p->local;
	sv->one_served = !sv->how->keep_open;
	start_sender(sv, s);
	return s;
}

/* Returns the sender of p, known or new (*ret_new), or NULL if there is no room. */
static struct sender *
find_sender(struct udp_server *sv, const struct packet *p, bool *ret_new)
{
	bool apart = sv->how->local == DGRAM_FILE ||
	    (sv->how->local == DGRAM_PROGRAM && sv->how->framing.kind == FRAMING_WHOLE);
	struct sender *s = apart ? NULL : peer_table_find(&sv->senders, &p->name);

	*ret_new = s == NULL;
	if (s == NULL && (s = new_sender(sv, p)) == NULL) {
		count_refused(sv);
		return NULL;
	}
	peer_table_touch(&sv->senders, s, sv->relay.now);
	s->local = p->local;
	s->received += p->true_len;
	s->received_datagrams++;
	recorded_data(&s->recorded, DIALOGUE_RECEIVED, p->data, p->len);
	return s;
}

static struct deadline
idle_deadline(const struct udp_server *sv)
{
	return sv->senders.oldest == NULL ? deadline_never()
					  : deadline_after(sv->senders.oldest->heard, sv->idle);
}

static void
forget_idle(struct udp_server *sv)
{
	while (deadline_is_due(idle_deadline(sv), sv->relay.now)) {
		struct sender *s = sv->senders.oldest;

		/* a sender with queued datagrams is not idle */
		if (s->in_flight > 0)
			peer_table_touch(&sv->senders, s, sv->relay.now);
		else
			end_sender(sv, s, sv->silence_ends ? END_QUIET : END_IDLE_TIMEOUT);
	}
}

/* ---- answers of programs and files ---- */

/* The queue knows the destination and our address. */
static void
send_records(struct udp_server *sv, struct sender *to, const struct packet *records, int n)
{
	int i;

	for (i = 0; i < n; i++)
		send_queue_add(&sv->queue, to, records[i].data, records[i].len);
	if (n > 0)
		send_queue_send(&sv->queue, sv->relay.now);
}

/* Nothing is received while an answer is in the queue, so the room for it is free. */
static int
send_answers(struct serving *g, struct error *e)
{
	struct udp_server *sv = g->sv;
	int n = responder_read(&g->responder, sv->answers, sv->n_packets, sv->relay.now, e);

	send_records(sv, g->sender, sv->answers, n);
	return n;
}

static void
answers_failed(struct udp_server *sv, struct sender *s, struct error *e)
{
	char address[SOCKNAME_TEXT_MAX];

	error_prefix(e, "for %s", sockname_format_short(&s->name, address, sizeof(address)));
	report_sender_error(sv, e);
	end_sender(sv, s, END_ERROR);
}

/* Sends the available answers, then waits for its next turn or for more. */
static void
answer_sender(struct serving *g)
{
	struct udp_server *sv = g->sv;
	struct error e = { 0 };
	int n = send_answers(g, &e);

	/* an unterminated last record of a program counts, even if others have its output open */
	if (n == 0 && g->responder.reaped && responder_is_over(&g->responder, sv->relay.now)) {
		record_reader_end(&g->responder.answers);
		n = send_answers(g, &e);
	}
	if (n == 0 && responder_is_over(&g->responder, sv->relay.now)) {
		end_sender(sv, g->sender,
		    sv->how->local == DGRAM_PROGRAM ? END_CHILD_EXIT : END_LOCAL_EOF);
		return;
	}
	if (n > 0)
		add_ready(g);
	if (n < 0 || responder_wait(&g->responder, n == 0, &e) < 0)
		answers_failed(sv, g->sender, &e);
}

static void
on_answers(struct responder *r)
{
	struct serving *g = CONTAINER_OF(r, struct serving, responder);

	add_ready(g);
	/* its turn comes when the queue is empty; until then there is nothing to do */
	if (is_busy(g->sv))
		responder_wait(r, false, NULL);
	relay_wake(&g->sv->relay);
}

static bool
answer_step(struct udp_server *sv)
{
	struct serving *g = sv->ready;

	if (g == NULL || is_busy(sv))
		return false;
	remove_ready(g);
	answer_sender(g);
	return true;
}

static int
start_sender_program(struct udp_server *sv, struct serving *g, struct error *e)
{
	struct process_how how = sv->how->program;
	char *env[PROCESS_ENV_MAX] = { NULL };
	int rc;

	how.env = env;
	rc = sv->how->env_fn(sv, g->sender, env, PROCESS_ENV_MAX);
	if (rc < 0)
		error_set(e, ERROR_INTERNAL, "out of memory");
	else
		rc = responder_open(&g->responder, &how, NULL, e);
	process_env_free(env);
	return rc;
}

static int
init_server_reader(const struct udp_server *sv, struct record_reader *f, struct error *e)
{
	const struct relay_how *how = &sv->relay.how;

	record_reader_init(f, &sv->how->framing, how->rate, how->delay);
	return how->crlf ? filters_add(&f->filters, filter_crlf(e)) : 0;
}

static int
open_responder(struct udp_server *sv, struct serving *g, struct error *e)
{
	if (sv->how->local == DGRAM_PROGRAM)
		return start_sender_program(sv, g, e);
	return sv->how->local == DGRAM_FORWARD
	    ? responder_forward(&g->responder, sv->how->forward, e)
	    : responder_open(&g->responder, NULL, sv->how->file, e);
}

static int
start_responder(struct udp_server *sv, struct sender *s, struct error *e)
{
	struct serving *g = calloc(1, sizeof(*g));
	int rc;

	if (g == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	g->sv = sv;
	g->sender = s;
	g->responder.loop = sv->relay.how.loop;
	g->responder.framing = sv->how->framing;
	g->responder.ready = on_answers;
	g->responder.processes = sv->how->processes;
	rc = init_server_reader(sv, &g->responder.answers, e);
	if (rc == 0)
		rc = open_responder(sv, g, e);
	if (rc < 0)
		free(g);
	else
		s->responder = &g->responder;
	return rc;
}

static void
pass_to_responder(struct udp_server *sv, const struct packet *p)
{
	struct error e = { 0 };
	bool is_new;
	struct sender *s = find_sender(sv, p, &is_new);

	if (s == NULL)
		return;
	if (!is_new || start_responder(sv, s, &e) == 0) {
		responder_send(s->responder, p->data, p->len);
		return;
	}
	if (sv->how->keep_open)
		report_sender_error(sv, &e);
	end_sender(sv, s, END_ERROR);
	if (!sv->how->keep_open)
		relay_fail_late(&sv->relay, ENDING_NO_VERB, &e);
}

/* ---- sending ---- */

static void
run_filters(struct udp_server *sv, int direction, const struct packet *p)
{
	struct error e = { 0 };

	if (sv->filters[direction] == NULL)
		return;
	if (filters_run(sv->filters[direction], p->data, p->len, &sv->seen, &e) < 0)
		report_sender_error(sv, &e);
	buf_consume(&sv->seen, sv->seen.len);
}

static void
on_sent(struct send_queue *o, struct sender *s, const struct packet *p)
{
	struct udp_server *sv = o->arg;

	run_filters(sv, OUT, p);
	recorded_data(&s->recorded, DIALOGUE_SENT, p->data, p->len);
	s->sent += p->len;
	s->sent_datagrams++;
	sv->relay.sent += p->len;
	sv->relay.n_sent++;
	ending_sent(&sv->relay.ending, sv->relay.now);
	peer_table_touch(&sv->senders, s, sv->relay.now);
}

static void
on_failed(struct send_queue *o, struct sender *s, const struct error *e)
{
	(void)s;
	report_sender_error(o->arg, e);
}

static bool
server_send_step(struct udp_server *sv)
{
	if (!is_busy(sv) || relay_is_blocked(&sv->relay, RELAY_REMOTE_OUT))
		return false;
	send_queue_send(&sv->queue, sv->relay.now);
	if (is_busy(sv))
		relay_block(&sv->relay, RELAY_REMOTE_OUT);
	return true;
}

static void
note_loop(struct udp_server *sv, const struct sender *s)
{
	char address[SOCKNAME_TEXT_MAX];

	sv->looped++;
	if (first_time(sv, LOGGED_LOOP))
		log_line(sv->relay.how.log, LOG_NOTE,
		    "%s sends back what it gets: datagrams that go round are dropped",
		    sockname_format_short(&s->name, address, sizeof(address)));
}

static void
echo_packet(struct udp_server *sv, const struct packet *p)
{
	bool is_new;
	struct sender *s = find_sender(sv, p, &is_new);
	struct error e;

	if (s == NULL)
		return;
	if (!is_named(&s->name)) {
		if (!first_time(sv, LOGGED_UNNAMED))
			return;
		error_set(&e, ERROR_NETWORK,
		    "sendto unix:: the sender has no address to answer to");
		report_sender_error(sv, &e);
	} else if (echo_guard_allows(&s->guard, p->data, p->len, sv->relay.now)) {
		send_queue_add(&sv->queue, s, p->data, p->len);
	} else {
		note_loop(sv, s);
	}
}

/* ---- the local side ---- */

/* Records wait while there is nobody to send them to. */
static bool
send_input(struct udp_server *sv)
{
	struct packet records[MMSG_MAX];
	int n;

	if (sv->last == NULL)
		return false;
	n = relay_read_records(&sv->relay, &sv->in, records, MMSG_MAX);
	send_records(sv, sv->last, records, n);
	return n > 0 || sv->in.ended;
}

static bool
input_step(struct udp_server *sv)
{
	enum ending_state state = sv->relay.ending.send;

	if (is_busy(sv) || (state != ENDING_OPEN && state != ENDING_DRAINING))
		return false;
	if (state == ENDING_OPEN && sv->how->local == DGRAM_STDIO)
		return send_input(sv);
	/* echo and discard have no input */
	relay_event(&sv->relay, state == ENDING_OPEN ? ENDING_INPUT_ENDED : ENDING_SENT);
	return true;
}

static void
deliver_packet(struct udp_server *sv, const struct packet *p)
{
	struct error e = { 0 };
	bool is_new;
	struct sender *s = find_sender(sv, p, &is_new);

	if (s == NULL)
		return;
	if (is_named(&s->name))
		sv->last = s;
	if (stream_kind(sv->relay.how.local, STREAM_OUT) != STREAM_NULL &&
	    sv->how->record(sv, s, p, &sv->out, &e) < 0)
		report_sender_error(sv, &e);
}

/* ---- receiving ---- */

static bool
is_loopback(const struct sockname *name)
{
	const void *at = &name->storage;
	const struct in6_addr *v6 = &((const struct sockaddr_in6 *)at)->sin6_addr;

	if (name->sa.sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)at)->sin_addr.s_addr) >> 24 ==
		    IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(v6) ||
	    (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
}

/* Returns true if our own socket sent p. For a socket bound to all addresses, that is the
 * address it was sent to, or a loopback address. */
static bool
is_own(const struct udp_server *sv, const struct packet *p)
{
	struct sockname local = p->local;
	uint16_t port = sockname_port(&sv->local);

	if (p->name.sa.sa_family == AF_UNIX)
		return is_named(&p->name) && sockname_equal(&p->name, &sv->local);
	if (port == 0 || sockname_port(&p->name) != port)
		return false;
	sockname_set_port(&local, port);
	if (local.len == 0 || sockname_equal(&local, &sv->local))
		return sockname_equal(&p->name, &sv->local);
	return sockname_equal(&p->name, &local) || is_loopback(&p->name);
}

static void
drop_own(struct udp_server *sv, const struct packet *p)
{
	char address[SOCKNAME_TEXT_MAX];

	sv->own++;
	if (first_time(sv, LOGGED_OWN))
		log_line(sv->relay.how.log, LOG_NOTE,
		    "recv %s: a datagram from our own address: such are dropped",
		    sockname_format_short(&p->name, address, sizeof(address)));
}

static bool
may_answer(const struct udp_server *sv)
{
	return sv->how->local != DGRAM_DISCARD &&
	    (sv->how->local != DGRAM_STDIO || sv->relay.how.input);
}

static void
report_truncated(struct udp_server *sv, const struct packet *p)
{
	char address[SOCKNAME_TEXT_MAX];
	struct error e;

	error_set(&e, ERROR_NETWORK, "recv %s: a datagram of %zu bytes was cut to %zu",
	    sockname_format_short(&p->name, address, sizeof(address)), p->true_len, p->len);
	report_sender_error(sv, &e);
}

/* Returns how many datagrams may still be received. */
static uint64_t
server_receives_left(const struct udp_server *sv)
{
	const struct relay *r = &sv->relay;

	return r->how.receives == 0 ? UINT64_MAX : r->how.receives - r->n_received;
}

static void
on_packet(struct udp_server *sv, const struct packet *p)
{
	bool is_new;

	if (sv->how->lets_in != NULL && !sv->how->lets_in(sv, &p->name))
		return;
	if (may_answer(sv) && is_own(sv, p)) {
		drop_own(sv, p);
		return;
	}
	sv->relay.received += p->true_len;
	sv->relay.n_received++;
	ending_received(&sv->relay.ending, sv->relay.now);
	if (p->truncated)
		report_truncated(sv, p);
	run_filters(sv, IN, p);
	switch (sv->how->local) {
	case DGRAM_STDIO:
		deliver_packet(sv, p);
		break;
	case DGRAM_ECHO:
		echo_packet(sv, p);
		break;
	case DGRAM_DISCARD:
		find_sender(sv, p, &is_new);
		break;
	case DGRAM_PROGRAM:
	case DGRAM_FILE:
	case DGRAM_FORWARD:
		pass_to_responder(sv, p);
		break;
	}
	if (sv->relay.received >= sv->relay.how.limit || server_receives_left(sv) == 0)
		relay_event(&sv->relay, ENDING_RECEIVE_LIMIT);
}

/* Everything received before has to be sent or written, which bounds memory. */
static bool
server_may_receive(const struct udp_server *sv)
{
	return sv->relay.ending.receive == ENDING_OPEN && sv->out.len == 0 && !is_busy(sv) &&
	    !relay_is_over(&sv->relay);
}

static bool
server_receive_step(struct udp_server *sv)
{
	struct error e = { 0 };
	unsigned max;
	int n, i;

	if (!server_may_receive(sv) || relay_is_blocked(&sv->relay, RELAY_REMOTE_IN))
		return false;
	max = server_receives_left(sv) < sv->n_packets ? (unsigned)server_receives_left(sv)
						       : sv->n_packets;
	n = mmsg_recv(sv->fd, sv->packets, max, &e);
	/* fewer than asked for: the socket is empty */
	if (n < (int)max)
		relay_block(&sv->relay, RELAY_REMOTE_IN);
	if (n < 0 && n != SYS_AGAIN)
		report_sender_error(sv, &e);
	for (i = 0; i < n && sv->relay.ending.receive == ENDING_OPEN && !relay_is_over(&sv->relay);
	     i++)
		on_packet(sv, &sv->packets[i]);
	return n > 0;
}

/* ---- for the relay ---- */

static bool
udp_server_run(struct relay *r)
{
	struct udp_server *sv = udp_server_of(r);
	bool moved = true;
	int i;

	for (i = 0; i < ROUNDS && moved && !relay_is_over(r); i++) {
		moved = server_receive_step(sv);
		moved = relay_output(r, &sv->out) || moved;
		moved = server_send_step(sv) || moved;
		moved = answer_step(sv) || moved;
		moved = input_step(sv) || moved;
		if (r->ending.receive == ENDING_DRAINING && sv->out.len == 0 && !is_busy(sv))
			relay_event(r, ENDING_DELIVERED);
	}
	ending_stalls(&r->ending, sv->out.len > 0 || is_busy(sv));
	forget_idle(sv);
	return false;
}

static struct deadline
udp_server_wants(const struct relay *r, unsigned events[RELAY_SLOTS])
{
	const struct udp_server *sv = udp_server_of(r);
	struct deadline at = deadline_min(idle_deadline(sv), send_queue_next(&sv->queue));

	if (server_may_receive(sv))
		events[RELAY_REMOTE_IN] |= LOOP_READ;
	if (send_queue_wants(&sv->queue))
		events[RELAY_REMOTE_OUT] |= LOOP_WRITE;
	if (sv->out.len > 0)
		events[RELAY_LOCAL_OUT] |= LOOP_WRITE;
	if (sv->ready != NULL && !is_busy(sv))
		return deadline_in(0);
	if (r->ending.send != ENDING_OPEN || sv->last == NULL || is_busy(sv))
		return at;
	if (relay_is_blocked(r, RELAY_LOCAL_IN))
		events[RELAY_LOCAL_IN] |= LOOP_READ;
	else
		at = deadline_min(at, pacer_until(&sv->in.pacer));
	return at;
}

static void
udp_server_drop(struct relay *r, unsigned actions)
{
	struct udp_server *sv = udp_server_of(r);

	if ((actions & ENDING_ACT_DROP_SEND) != 0)
		send_queue_drop(&sv->queue);
	if ((actions & (ENDING_ACT_DROP_RECEIVE | ENDING_ACT_DISCARD)) != 0)
		buf_consume(&sv->out, sv->out.len);
}

static void
udp_server_conclude(struct relay *r)
{
	struct udp_server *sv = udp_server_of(r);

	send_queue_drop(&sv->queue);
	while (sv->senders.oldest != NULL)
		end_sender(sv, sv->senders.oldest, r->ending.end);
}

static void
udp_server_fini(struct relay *r)
{
	struct udp_server *sv = udp_server_of(r);

	peer_table_fini(&sv->senders);
	record_reader_fini(&sv->in);
	buf_fini(&sv->out);
	buf_fini(&sv->seen);
	filters_close(sv->filters[OUT]);
	filters_close(sv->filters[IN]);
	free(sv->packets);
	free(sv->answers);
	pages_free(sv->room, sv->room_size);
}

static const struct relay_ops udp_server_ops = {
	.size = sizeof(struct udp_server),
	.run = udp_server_run,
	.wants = udp_server_wants,
	.drop = udp_server_drop,
	.conclude = udp_server_conclude,
	.fini = udp_server_fini,
};

/* ---- open ---- */

static int
alloc_packets(struct udp_server *sv, struct error *e)
{
	int family = sv->local.sa.sa_family;
	size_t each = family == AF_INET || family == AF_INET6 ? ROOM_INET : ROOM_OTHER;
	unsigned i;

	sv->n_packets = ROOM_ALL / each < MMSG_MAX ? ROOM_ALL / each : MMSG_MAX;
	sv->packets = calloc(sv->n_packets, sizeof(*sv->packets));
	sv->answers = calloc(sv->n_packets, sizeof(*sv->answers));
	if (sv->packets == NULL || sv->answers == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	sv->room_size = sv->n_packets * each;
	if ((sv->room = pages_get(sv->room_size, e)) == NULL)
		return -1;
	for (i = 0; i < sv->n_packets; i++) {
		sv->packets[i].data = sv->answers[i].data = sv->room + i * each;
		sv->packets[i].room = sv->answers[i].room = each;
	}
	return 0;
}

/* The kernel's default is full after some hundred datagrams, which a busy machine makes us miss.
 * The kernel limits the size to net.core.rmem_max without an error. */
static void
enlarge_buffer(const struct udp_server *sv)
{
	int size = 0;
	socklen_t len = sizeof(size);

	/* the kernel returns twice the value (socket(7)) */
	if (getsockopt(sv->fd, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0 &&
	    size / 2 < sv->how->receive_buffer)
		setsockopt(sv->fd, SOL_SOCKET, SO_RCVBUF, &sv->how->receive_buffer,
		    sizeof(sv->how->receive_buffer));
}

static void
prepare_queue(struct udp_server *sv)
{
	send_queue_init(&sv->queue);
	sv->queue.fd = sv->fd;
	sv->queue.polled = sv->local.sa.sa_family == AF_UNIX;
	sv->queue.sent = on_sent;
	sv->queue.failed = on_failed;
	sv->queue.arg = sv;
	/* only a socket bound to all addresses has to be told which one was used */
	if (may_answer(sv))
		mmsg_enable_pktinfo(sv->fd);
}

/* A server for one sender ends with it, others never end by themselves. Datagrams have no
 * half-close. */
static struct ending_rules
server_rules(const struct ending_rules *own, const struct udp_server_how *how)
{
	bool stays = how->keep_open;
	struct ending_rules rules = *own;

	rules.half_open = rules.no_half_close = rules.quiet_ends = true;
	rules.half_close = 0;
	rules.send_only = own->send_only && !stays && how->local == DGRAM_STDIO;
	rules.after_eof = stays || has_responders(how) ? DURATION_NONE : how->quiet;
	rules.idle = stays ? DURATION_NONE : own->idle;
	return rules;
}

/* On a CAN bus there is no peer to wait for. */
static int
join_bus(struct udp_server *sv, struct error *e)
{
	if (sv->local.sa.sa_family != AF_CAN || sv->how->local != DGRAM_STDIO ||
	    !sv->relay.how.input)
		return 0;
	sv->last = peer_table_add(&sv->senders, &sv->local, sv->relay.now);
	if (sv->last == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	start_sender(sv, sv->last);
	return 0;
}

static int
init_udp_server(struct udp_server *sv, struct error *e)
{
	const struct relay_how *how = &sv->relay.how;

	if (sys_local_name(sv->fd, &sv->local, e) < 0 || alloc_packets(sv, e) < 0 ||
	    init_server_reader(sv, &sv->in, e) < 0 ||
	    filters_add_dumps(&sv->filters[OUT], &sv->filters[IN], &how->dumps, e) < 0)
		return -1;
	sv->in.stream = how->local;
	enlarge_buffer(sv);
	prepare_queue(sv);
	sv->dropped_before = mmsg_dropped(sv->fd);
	return join_bus(sv, e);
}

int
udp_server_open(struct udp_server **ret_server, const struct relay_how *how,
    const struct udp_server_how *server_how, struct error *e)
{
	const struct ending_rules rules = server_rules(how->rules, server_how);
	size_t max = server_how->local == DGRAM_PROGRAM ? DGRAM_PROGRAMS_MAX
	    : server_how->local == DGRAM_FORWARD        ? DGRAM_FORWARDED_MAX
							: DGRAM_SENDERS_MAX;
	struct relay_how own = *how;
	struct udp_server *sv;

	own.rules = &rules;
	own.awaited = true;
	/* echo and discard have an input that ends at once */
	own.input = how->input || (server_how->local != DGRAM_STDIO && !has_responders(server_how));
	if ((sv = relay_new(&udp_server_ops, &own, e)) == NULL)
		return -1;
	sv->how = server_how;
	sv->fd = stream_raw_fd(how->remote, STREAM_IN);
	sv->silence_ends = server_how->local == DGRAM_FORWARD && how->rules->idle == DURATION_NONE;
	sv->idle = sv->silence_ends ? DGRAM_FORWARD_SILENCE
	    : server_how->keep_open ? how->rules->idle
				    : DURATION_NONE;
	sv->ready_end = &sv->ready;
	buf_init(&sv->out, OUT_MAX);
	buf_init(&sv->seen, OUT_MAX);
	peer_table_init(&sv->senders, server_how->max_senders != 0 ? server_how->max_senders : max);
	if (init_udp_server(sv, e) < 0) {
		relay_close(&sv->relay);
		return -1;
	}
	*ret_server = sv;
	return 0;
}

uint32_t
udp_server_dropped(const struct udp_server *sv)
{
	return mmsg_dropped(sv->fd) - sv->dropped_before;
}
