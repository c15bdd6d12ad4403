#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "net/batch.h"
#include "net/sys.h"
#include "relay/responder.h"
#include "relay/tap.h"
#include "relay/udp_server.h"
#include "stream/fd.h"
#include "stream/stream.h"

/* More than IP has, so that nothing of it is cut. */
#define ROOM_INET (64 << 10)
#define ROOM_OTHER FRAMING_MAX
/* Of pages that are touched only where large datagrams come. */
#define ROOM_ALL (16u << 20)
/* Batches before others on the loop get their turn. */
#define ROUNDS 16
/* What is formatted for out_fd at most: a batch, with the longest form of each. */
#define OUT_MAX (512u << 20)
#define ENV_MAX 48

/* A sender that something else answers. */
struct serving {
	struct responder responder; /* first */
	struct udp_server *sv;
	struct sender *sender;
	bool waits; /* for the outbox */
};

static struct serving *
serving_of(const struct sender *s)
{
	return (struct serving *)(void *)s->responder;
}

static bool
has_responders(const struct udp_server *sv)
{
	return sv->near == DGRAM_PROGRAM || sv->near == DGRAM_FILE;
}

static bool
is_named(const struct sockname *name)
{
	return name->len > sizeof(sa_family_t);
}

/* ---- troubles and the end ---- */

static void
trouble(struct udp_server *sv, const struct error *e)
{
	sv->troubled = true;
	sv->trouble(sv, e);
}

static void
set_end(struct udp_server *sv, enum sock_end end)
{
	if (sv->end == END_NONE)
		sv->end = end;
}

static void
fail(struct udp_server *sv, enum sock_end end, const struct error *e)
{
	if (sv->end != END_NONE)
		return;
	sv->end = end;
	sv->error = *e;
	sv->has_error = sv->over = true;
}

/* Over as soon as all that was received is written and all replies are sent. */
static void
settle(struct udp_server *sv)
{
	struct error e = { 0 };
	unsigned events = LOOP_READ;

	if (sv->end != END_NONE && sv->out.len == 0 && !send_queue_is_busy(&sv->outbox))
		sv->over = true;
	if (send_queue_is_busy(&sv->outbox))
		events = sv->outbox.polled ? 0 : LOOP_WRITE;
	else if (sv->out.len > 0 || sv->end != END_NONE)
		events = 0;
	if (sv->over || events == 0)
		loop_unwatch(sv->loop, &sv->watch);
	else if (events != sv->watch.events && loop_watch(sv->loop, &sv->watch, events, &e) < 0)
		fail(sv, END_ERROR, &e);
}

/* ---- time ---- */

static struct deadline
after(int64_t from, int64_t duration)
{
	struct deadline d = deadline_never();

	if (duration != DURATION_NONE && duration < INT64_MAX - from)
		d.at = from + duration;
	return d;
}

/* True where nothing more will be sent but answers. */
static bool
input_is_over(const struct udp_server *sv)
{
	return sv->near == DGRAM_STDIO ? sv->feed.ended : !has_responders(sv);
}

static struct deadline
quiet_end(const struct udp_server *sv)
{
	bool counts = !sv->keep_open && sv->received_datagrams > 0 && input_is_over(sv);

	return after(sv->last_move, counts ? sv->quiet : DURATION_NONE);
}

static struct deadline
idle_end(const struct udp_server *sv)
{
	if (!sv->keep_open)
		return after(sv->last_move, sv->received_datagrams > 0 ? sv->idle : DURATION_NONE);
	return sv->senders.oldest == NULL ? deadline_never()
					  : after(sv->senders.oldest->heard, sv->idle);
}

static struct deadline
accept_end(const struct udp_server *sv)
{
	return sv->received_datagrams > 0 ? deadline_never() : sv->accept_by;
}

/* It may run out early: what moves does not put it off, so that a datagram costs no timer. */
static void
set_timer(struct udp_server *sv)
{
	struct deadline at =
	    deadline_min(quiet_end(sv), deadline_min(idle_end(sv), accept_end(sv)));
	struct error e = { 0 };

	if (at.at >= sv->timer_at.at)
		return;
	sv->timer_at = at;
	if (loop_timer_set(sv->loop, &sv->timer, at, &e) < 0)
		fail(sv, END_ERROR, &e);
}

static void end_sender(struct udp_server *sv, struct sender *s, enum sock_end end);

static void
time_out(struct udp_server *sv, enum sock_end end)
{
	char address[SOCKNAME_TEXT_MAX];
	struct sockname local;
	const char *text;
	struct error e;

	sock_local(sv->sock, &local);
	text = sockname_format(&local, address, sizeof address);
	if (end == END_IDLE_TIMEOUT)
		error_set(&e, ERROR_TIMEOUT, "wait %s: timed out: idle for %.6g s", text,
		    (double)sv->idle / (double)NSEC_PER_SEC);
	else
		error_set(&e, ERROR_TIMEOUT, "accept %s: timed out: no datagram came", text);
	fail(sv, end, &e);
}

static void
forget_idle(struct udp_server *sv)
{
	while (sv->senders.oldest != NULL && sv->senders.oldest->in_flight == 0 &&
	    deadline_passed(idle_end(sv)))
		end_sender(sv, sv->senders.oldest, END_IDLE_TIMEOUT);
	/* one that is in flight is moving */
	if (sv->senders.oldest != NULL && deadline_passed(idle_end(sv)))
		peer_table_touch(&sv->senders, sv->senders.oldest, clock_now());
}

static void
on_timer(struct timer *t)
{
	struct udp_server *sv = t->arg;

	sv->timer_at = deadline_never();
	if (sv->end != END_NONE)
		return;
	if (deadline_passed(accept_end(sv)))
		time_out(sv, END_DEADLINE);
	else if (sv->keep_open)
		forget_idle(sv);
	else if (deadline_passed(quiet_end(sv)))
		set_end(sv, END_QUIET);
	else if (deadline_passed(idle_end(sv)))
		time_out(sv, END_IDLE_TIMEOUT);
	set_timer(sv);
	settle(sv);
}

/* ---- senders ---- */

static void
end_sender(struct udp_server *sv, struct sender *s, enum sock_end end)
{
	struct serving *serving = serving_of(s);

	s->end = end;
	if (serving != NULL) {
		s->has_status = serving->responder.reaped;
		s->status = serving->responder.status;
		sv->unread += serving->responder.dropped;
		responder_close(&serving->responder);
		free(serving);
		s->responder = NULL;
	}
	sv->ended(sv, s);
	if (!sv->keep_open && has_responders(sv) && sv->end == END_NONE) {
		sv->has_status = s->has_status;
		sv->status = s->status;
		sv->end = end;
	}
	if (sv->last == s)
		sv->last = NULL;
	peer_table_remove(&sv->senders, s);
}

static void
refuse(struct udp_server *sv)
{
	if (sv->refused++ > 0 || sv->one_served)
		return;
	log_line(sv->log, LOG_NOTE,
	    "%zu senders are served: datagrams of others are dropped (--max-clients)",
	    sv->senders.n);
}

/* Room for a new one, of those that cost nothing to forget. */
static void
forget_oldest(struct udp_server *sv)
{
	if (sv->senders.oldest->in_flight > 0)
		send_queue_send(&sv->outbox);
	if (sv->senders.oldest->in_flight > 0)
		return;
	if (!sv->told_full)
		log_line(sv->log, LOG_NOTE,
		    "more than %zu senders: the one silent for longest is forgotten",
		    sv->senders.max);
	sv->told_full = true;
	end_sender(sv, sv->senders.oldest, END_LIMIT);
}

static struct sender *
new_sender(struct udp_server *sv, const struct packet *p)
{
	struct sender *s;

	if (sv->one_served && has_responders(sv))
		return NULL;
	if (sv->senders.n >= sv->senders.max && !has_responders(sv))
		forget_oldest(sv);
	s = peer_table_add(&sv->senders, &p->name, sv->last_move);
	if (s == NULL)
		return NULL;
	s->here = p->here;
	sv->one_served = !sv->keep_open;
	sv->started(sv, s);
	return s;
}

/* Who sent this: known, or new (*ret_new), or NULL where there is no room. */
static struct sender *
hear(struct udp_server *sv, const struct packet *p, bool *ret_new)
{
	bool apart =
	    has_responders(sv) && (sv->near == DGRAM_FILE || sv->framing.kind == FRAMING_WHOLE);
	struct sender *s = apart ? NULL : peer_table_find(&sv->senders, &p->name);

	*ret_new = s == NULL;
	if (s == NULL && (s = new_sender(sv, p)) == NULL) {
		refuse(sv);
		return NULL;
	}
	peer_table_touch(&sv->senders, s, sv->last_move);
	s->here = p->here;
	s->received += p->true_len;
	s->received_datagrams++;
	return s;
}

/* ---- answers of programs and files ---- */

static void
feed_failed(struct udp_server *sv, const struct sender *s, struct error *e)
{
	char address[SOCKNAME_TEXT_MAX];

	error_prefix(e, "for %s", sockname_format_end(&s->name, address, sizeof address));
	trouble(sv, e);
}

static int
take_records(struct udp_server *sv, struct record_reader *f, struct sender *to, struct error *e)
{
	struct packet records[BATCH_MAX];
	int n, i;

	/* to whom, and from which address, is the outbox's business */
	n = record_reader_take(f, records, BATCH_MAX, e);
	for (i = 0; i < n; i++)
		send_queue_add(&sv->outbox, to, records[i].data, records[i].len);
	if (n > 0)
		send_queue_send(&sv->outbox);
	return n;
}

static void
pull(struct serving *g)
{
	struct udp_server *sv = g->sv;
	struct sender *s = g->sender;
	struct error e = { 0 };
	int n = 1, rounds;

	for (rounds = 0; n > 0 && rounds < ROUNDS && !send_queue_is_busy(&sv->outbox); rounds++)
		n = take_records(sv, &g->responder.feed, s, &e);
	if (n < 0) {
		feed_failed(sv, s, &e);
		end_sender(sv, s, END_ERROR);
	} else if (n == 0) {
		if (responder_is_over(&g->responder))
			end_sender(sv, s, sv->near == DGRAM_FILE ? END_LOCAL_EOF : END_CHILD_EXIT);
	} else if (send_queue_is_busy(&sv->outbox)) {
		g->waits = true;
		record_reader_read(&g->responder.feed, false, NULL);
	} else if (record_reader_again(&g->responder.feed, &e) < 0) {
		fail(sv, END_ERROR, &e);
	}
	settle(sv);
}

static void
pull_or_wait(struct serving *g)
{
	if (!send_queue_is_busy(&g->sv->outbox)) {
		pull(g);
		return;
	}
	g->waits = true;
	record_reader_read(&g->responder.feed, false, NULL);
}

static void
on_answers(struct record_reader *f)
{
	pull_or_wait(f->arg);
}

static void
on_reaped(struct responder *r)
{
	pull_or_wait((struct serving *)(void *)r);
}

static void
prepare_feed(const struct udp_server *sv, struct record_reader *f)
{
	f->loop = sv->loop;
	f->framing = sv->framing;
	f->rate = sv->rate;
	f->delay = sv->delay;
	f->crlf = sv->crlf;
}

static int
start_program(struct udp_server *sv, struct serving *g, struct error *e)
{
	struct child_how how = sv->program;
	char *env[ENV_MAX] = { NULL };
	int rc, i;

	how.env = env;
	rc = sv->env_fn(sv, g->sender, env, ENV_MAX);
	if (rc < 0)
		error_set(e, ERROR_INTERNAL, "out of memory");
	else
		rc = responder_program(&g->responder, &how, e);
	for (i = 0; i < ENV_MAX && env[i] != NULL; i++)
		free(env[i]);
	return rc;
}

static int
start_responder(struct udp_server *sv, struct sender *s, struct error *e)
{
	struct serving *g = calloc(1, sizeof *g);
	int rc;

	if (g == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	g->sv = sv;
	g->sender = s;
	g->responder.reaped_fn = on_reaped;
	g->responder.processes = sv->processes;
	prepare_feed(sv, &g->responder.feed);
	g->responder.feed.ready = on_answers;
	g->responder.feed.arg = g;
	if (sv->near == DGRAM_PROGRAM)
		rc = start_program(sv, g, e);
	else
		rc = responder_file(&g->responder, sv->file, e);
	if (rc < 0)
		free(g);
	else
		s->responder = &g->responder;
	return rc;
}

static void
respond(struct udp_server *sv, const struct packet *p)
{
	struct error e = { 0 };
	bool is_new;
	struct sender *s = hear(sv, p, &is_new);

	if (s == NULL)
		return;
	if (is_new && start_responder(sv, s, &e) < 0) {
		bool only = !sv->keep_open;

		if (!only)
			trouble(sv, &e);
		end_sender(sv, s, END_ERROR);
		if (only) {
			sv->error = e;
			sv->has_error = true;
		}
		return;
	}
	responder_give(s->responder, p->data, p->len);
}

/* ---- replies ---- */

enum { OUT, IN }; /* of taps */

static void
look(struct udp_server *sv, int way, const struct packet *p)
{
	struct error e = { 0 };

	if (sv->taps[way] == NULL)
		return;
	if (taps_run(sv->taps[way], p->data, p->len, &sv->seen, &e) < 0)
		trouble(sv, &e);
	buf_consume(&sv->seen, sv->seen.len);
}

static void
on_sent(struct send_queue *o, struct sender *s, const struct packet *p)
{
	struct udp_server *sv = o->arg;

	look(sv, OUT, p);
	s->sent += p->len;
	s->sent_datagrams++;
	sv->last_move = clock_now();
	peer_table_touch(&sv->senders, s, sv->last_move);
}

static void
on_failed(struct send_queue *o, struct sender *s, const struct error *e)
{
	(void)s;
	trouble(o->arg, e);
}

static void
on_blocked(struct send_queue *o, bool on)
{
	(void)on;
	settle(o->arg);
}

static void
resume_responders(struct udp_server *sv)
{
	struct sender *s, *next;

	for (s = sv->senders.oldest; s != NULL && !send_queue_is_busy(&sv->outbox); s = next) {
		struct serving *g = serving_of(s);

		next = s->newer;
		if (g == NULL || !g->waits)
			continue;
		g->waits = false;
		if (record_reader_read(&g->responder.feed, true, NULL) == 0)
			pull(g);
	}
}

static void pull_input(struct udp_server *sv);

static void
on_drained(struct send_queue *o)
{
	struct udp_server *sv = o->arg;

	/* what is resumed may block and drain in turn */
	if (sv->resuming)
		return;
	sv->resuming = true;
	if (has_responders(sv))
		resume_responders(sv);
	else if (sv->feed_waits)
		pull_input(sv);
	sv->resuming = false;
	settle(sv);
}

static void
echo(struct udp_server *sv, const struct packet *p)
{
	bool is_new;
	struct sender *s = hear(sv, p, &is_new);
	struct error e;

	if (s == NULL)
		return;
	if (is_named(&s->name)) {
		send_queue_add(&sv->outbox, s, p->data, p->len);
		return;
	}
	if (sv->told_unnamed)
		return;
	sv->told_unnamed = true;
	error_set(&e, ERROR_NETWORK, "sendto unix:: the sender has no address to answer to");
	trouble(sv, &e);
}

/* ---- standard input and output ---- */

/* Records wait while nobody is there to get them. */
static void
pull_input(struct udp_server *sv)
{
	struct error e = { 0 };
	int n = 1, rounds;

	sv->feed_waits = send_queue_is_busy(&sv->outbox) || sv->last == NULL;
	for (rounds = 0; !sv->feed_waits && n > 0 && rounds < ROUNDS; rounds++) {
		n = take_records(sv, &sv->feed, sv->last, &e);
		sv->feed_waits = send_queue_is_busy(&sv->outbox);
	}
	if (n > 0 && !sv->feed_waits && n >= 0)
		n = record_reader_again(&sv->feed, &e);
	if (n < 0 || record_reader_read(&sv->feed, !sv->feed_waits, &e) < 0)
		fail(sv, END_ERROR, &e);
	if (sv->feed.ended) {
		sv->last_move = clock_now();
		if (sv->send_only && !sv->keep_open)
			set_end(sv, END_LOCAL_EOF);
	}
	set_timer(sv);
	settle(sv);
}

static void
on_input(struct record_reader *f)
{
	pull_input(f->arg);
}

static void
flush_out(struct udp_server *sv)
{
	struct error e = { 0 };
	ssize_t put = 0;

	while (sv->out.len > 0 && put >= 0) {
		put = stream_write(sv->out_stream, buf_head(&sv->out), sv->out.len, &e);
		if (put > 0)
			buf_consume(&sv->out, (size_t)put);
	}
	if (put == -1) {
		fail(sv, e.number == EPIPE ? END_STDOUT_CLOSED : END_ERROR, &e);
		return;
	}
	if (sv->out.len == 0)
		loop_unwatch(sv->loop, &sv->out_watch);
	else if (loop_watch(sv->loop, &sv->out_watch, LOOP_WRITE, &e) < 0)
		fail(sv, END_ERROR, &e);
}

static void
on_out(struct watch *w, unsigned ready)
{
	struct udp_server *sv = w->arg;

	(void)ready;
	flush_out(sv);
	settle(sv);
}

static void
show(struct udp_server *sv, const struct packet *p)
{
	struct error e = { 0 };
	bool is_new;
	struct sender *s = hear(sv, p, &is_new);

	if (s == NULL)
		return;
	if (is_named(&s->name))
		sv->last = s;
	if (sv->out_stream != NULL && sv->record(sv, s, p, &sv->out, &e) < 0)
		trouble(sv, &e);
}

/* ---- receiving ---- */

static void
tell_cut(struct udp_server *sv, const struct packet *p)
{
	char address[SOCKNAME_TEXT_MAX];
	struct error e;

	error_set(&e, ERROR_NETWORK, "recv %s: a datagram of %zu bytes was cut to %zu",
	    sockname_format_end(&p->name, address, sizeof address), p->true_len, p->len);
	trouble(sv, &e);
}

static void
handle(struct udp_server *sv, const struct packet *p)
{
	bool is_new;

	sv->received += p->true_len;
	sv->received_datagrams++;
	if (p->cut)
		tell_cut(sv, p);
	look(sv, IN, p);
	switch (sv->near) {
	case DGRAM_STDIO:
		show(sv, p);
		break;
	case DGRAM_ECHO:
		echo(sv, p);
		break;
	case DGRAM_DISCARD:
		hear(sv, p, &is_new);
		break;
	case DGRAM_PROGRAM:
	case DGRAM_FILE:
		respond(sv, p);
		break;
	}
	if (sv->received >= sv->max_bytes)
		set_end(sv, END_LIMIT);
}

/* What a batch has led to. */
static void
after_batch(struct udp_server *sv)
{
	if (sv->near == DGRAM_ECHO)
		send_queue_send(&sv->outbox);
	if (sv->out.len > 0)
		flush_out(sv);
	if (sv->feed_started && sv->feed_waits && !sv->feed.ended && sv->last != NULL)
		pull_input(sv);
	set_timer(sv);
}

/* True while there may be more. */
static bool
receive(struct udp_server *sv)
{
	struct error e = { 0 };
	int n = batch_recv(sv->watch.fd, sv->packets, sv->n_packets, &e), i;

	if (n == SYS_AGAIN)
		return false;
	if (n < 0) {
		trouble(sv, &e);
		return false;
	}
	sv->last_move = clock_now();
	for (i = 0; i < n && sv->end == END_NONE; i++)
		handle(sv, &sv->packets[i]);
	after_batch(sv);
	return (unsigned)n == sv->n_packets && sv->end == END_NONE && sv->out.len == 0 &&
	    !send_queue_is_busy(&sv->outbox);
}

static void
on_socket(struct watch *w, unsigned ready)
{
	struct udp_server *sv = w->arg;
	int rounds;

	(void)ready;
	if (send_queue_is_busy(&sv->outbox))
		send_queue_go(&sv->outbox);
	else
		for (rounds = 0; rounds < ROUNDS && receive(sv); rounds++)
			;
	settle(sv);
}

/* ---- life ---- */

static int
make_room(struct udp_server *sv, int family, struct error *e)
{
	size_t each = family == AF_INET || family == AF_INET6 ? ROOM_INET : ROOM_OTHER;
	unsigned i;

	sv->n_packets = ROOM_ALL / each < BATCH_MAX ? ROOM_ALL / each : BATCH_MAX;
	sv->packets = calloc(sv->n_packets, sizeof *sv->packets);
	sv->room = malloc(sv->n_packets * each);
	if (sv->packets == NULL || sv->room == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (i = 0; i < sv->n_packets; i++) {
		sv->packets[i].data = sv->room + i * each;
		sv->packets[i].room = each;
	}
	return 0;
}

/* The kernel's own choice is full after some hundred datagrams, which is less than a busy
 * machine lets one wait. More than net.core.rmem_max is not given, nor an error. */
static void
enlarge_buffer(const struct udp_server *sv)
{
	int fd = sock_fileno(sv->sock), size = 0;
	socklen_t len = sizeof size;

	/* what is asked for comes back twofold (socket(7)) */
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0 &&
	    size / 2 < sv->receive_buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &sv->receive_buffer,
		    sizeof sv->receive_buffer);
}

/* Only an address of all has to be told which of them was written to. */
static void
prepare_replies(struct udp_server *sv, const struct sockname *local)
{
	sv->outbox.loop = sv->loop;
	sv->outbox.fd = sock_fileno(sv->sock);
	sv->outbox.polled = local->sa.sa_family == AF_UNIX;
	sv->outbox.sent = on_sent;
	sv->outbox.failed = on_failed;
	sv->outbox.blocked = on_blocked;
	sv->outbox.drained = on_drained;
	sv->outbox.arg = sv;
	if (sv->near != DGRAM_DISCARD && (sv->near != DGRAM_STDIO || sv->in_fd >= 0))
		batch_ask_here(sv->outbox.fd);
}

/* A bus has no peer that would have to be heard first. */
static int
join_bus(struct udp_server *sv, const struct sockname *local, struct error *e)
{
	if (local->sa.sa_family != AF_CAN || sv->near != DGRAM_STDIO || sv->in_fd < 0)
		return 0;
	sv->last = peer_table_add(&sv->senders, local, clock_now());
	if (sv->last == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	sv->started(sv, sv->last);
	pull_input(sv);
	return 0;
}

static int
open_stdio(struct udp_server *sv, struct error *e)
{
	if (sv->near != DGRAM_STDIO)
		return 0;
	if (sv->out_fd >= 0 && fd_stream_stdio(&sv->out_stream, -1, sv->out_fd, false, e) < 0)
		return -1;
	sv->out_watch.fd = sv->out_fd;
	sv->out_watch.fn = on_out;
	sv->out_watch.arg = sv;
	if (sv->in_fd < 0)
		return 0;
	if (fd_stream_stdio(&sv->in_stream, sv->in_fd, -1, false, e) < 0)
		return -1;
	prepare_feed(sv, &sv->feed);
	sv->feed.stream = sv->in_stream;
	sv->feed.ready = on_input;
	sv->feed.arg = sv;
	record_reader_start(&sv->feed);
	sv->feed_started = sv->feed_waits = true;
	return 0;
}

int
udp_server_start(struct udp_server *sv, struct error *e)
{
	size_t max = has_responders(sv) && sv->near == DGRAM_PROGRAM ? DGRAM_PROGRAMS_MAX
								     : DGRAM_SENDERS_MAX;
	struct sockname local;

	peer_table_init(&sv->senders, sv->max_senders != 0 ? sv->max_senders : max);
	buf_init(&sv->out, OUT_MAX);
	buf_init(&sv->seen, OUT_MAX);
	sock_local(sv->sock, &local);
	if (make_room(sv, local.sa.sa_family, e) < 0 || open_stdio(sv, e) < 0)
		return -1;
	enlarge_buffer(sv);
	prepare_replies(sv, &local);
	sv->accept_by = deadline_in(sv->accept);
	sv->last_move = clock_now();
	sv->timer_at = deadline_never();
	sv->timer.fn = on_timer;
	sv->timer.arg = sv;
	sv->watch.fd = sv->outbox.fd;
	sv->watch.fn = on_socket;
	sv->watch.arg = sv;
	sv->dropped_before = batch_dropped(sv->outbox.fd);
	set_timer(sv);
	if (loop_watch(sv->loop, &sv->watch, LOOP_READ, e) < 0)
		return -1;
	return join_bus(sv, &local, e);
}

void
udp_server_stop(struct udp_server *sv, enum sock_end end)
{
	set_end(sv, end);
	loop_unwatch(sv->loop, &sv->watch);
	loop_unwatch(sv->loop, &sv->out_watch);
	loop_timer_stop(sv->loop, &sv->timer);
	send_queue_stop(&sv->outbox);
	while (sv->senders.oldest != NULL)
		end_sender(sv, sv->senders.oldest, sv->end);
	peer_table_fini(&sv->senders);
	if (sv->feed_started)
		record_reader_stop(&sv->feed);
	stream_close(sv->in_stream);
	stream_close(sv->out_stream);
	buf_fini(&sv->out);
	buf_fini(&sv->seen);
	taps_close(sv->taps[OUT]);
	taps_close(sv->taps[IN]);
	free(sv->packets);
	free(sv->room);
}

uint32_t
udp_server_dropped(const struct udp_server *sv)
{
	return batch_dropped(sv->outbox.fd) - sv->dropped_before;
}
