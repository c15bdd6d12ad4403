/*
 * Schedules of an acceptor: clients at any time, errors of every kind,
 * shortages, holds, callbacks that stop the acceptor or run the loop, a
 * listener that fails. The model counts the source's clients apart from the
 * code.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fake.h"
#include "relay/server/acceptor.h"
#include "sim.h"
#include "sock/impl.h"

enum { CLIENTS = 12, WINDOWS = 3 };

/* The acceptor's pause in a shortage. */
#define PAUSE (100 * MSEC)
/* How late a client may be accepted. */
#define SLACK (5 * MSEC)

enum whereabouts { WITH_SOURCE, GIVEN, LOST, SERVED, REFUSED, LEFT };

struct client {
	struct sock *conn;
	enum whereabouts is;
	int64_t comes;
	struct timer leaves;
};

struct window {
	int64_t from, to;
	int number; /* errno of accept(2) meanwhile; 0: out of memory in the program */
};

struct hall {
	struct loop *loop;
	struct acceptor *a;
	int fd;
	struct client clients[CLIENTS];
	unsigned n, next;                 /* clients in all; the next one */
	struct window shortages[WINDOWS]; /* accept(2) fails */
	struct window scarce;             /* no descriptors besides the client's */
	struct window hangup; /* an error of the descriptor that accepting does not clear */
	int64_t gone_at;
	int gone_number;
	unsigned active, ids, served, refused, gone;
	bool stops, runs, held, stopped;
	int64_t failed_at;   /* the last failure that requires a pause */
	int64_t hindered_to; /* until then no client had to be accepted */
};

static struct hall *h;

static bool
is_in(const struct window *w)
{
	return w->from <= sim->now && sim->now < w->to;
}

static bool
is_gone(void)
{
	return h->gone_at <= sim->now;
}

static void
hinder(int64_t to)
{
	if (to > h->hindered_to)
		h->hindered_to = to;
}

/* ---- the source ---- */

static unsigned
ready(void *arg)
{
	(void)arg;
	if (is_gone())
		return LOOP_READ | LOOP_HANGUP;
	return (h->next < h->n && h->clients[h->next].comes <= sim->now ? LOOP_READ : 0) |
	    (is_in(&h->hangup) ? LOOP_HANGUP : 0);
}

static void
sooner(int64_t at, int64_t *first)
{
	if (at > sim->now && at < *first)
		*first = at;
}

static int64_t
next(void *arg)
{
	int64_t at = NEVER;

	(void)arg;
	sooner(h->gone_at, &at);
	sooner(h->hangup.from, &at);
	if (h->next < h->n)
		sooner(h->clients[h->next].comes, &at);
	return at;
}

/* A failure that must not be followed by another try at once. */
static int
fall_short(int number, struct error *e)
{
	must(sim->now - h->failed_at >= PAUSE - MSEC, "the next try %lld ms after a shortage",
	    (long long)((sim->now - h->failed_at) / MSEC));
	sim_trace("take: error %d", number);
	h->failed_at = sim->now;
	hinder(sim->now + PAUSE);
	if (number == 0)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	return error_errno(e, ERROR_NETWORK, number, "accept");
}

/* An error of one client, or of none. Returns 0 if there is none now. */
static int
passing_error(void)
{
	static const int numbers[] = { ECONNABORTED, ECONNRESET, EPROTO, ENOPROTOOPT, ENETDOWN,
		ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, ETIMEDOUT };

	sim->progress++;
	if (one_in(12))
		return EINTR;
	if (!one_in(12))
		return 0;
	h->clients[h->next++].is = LOST;
	return numbers[draw(sizeof(numbers) / sizeof(numbers[0]))];
}

static void
check_not_late(const struct client *c)
{
	int64_t since = c->comes > h->hindered_to ? c->comes : h->hindered_to;

	must(sim->now - since <= SLACK, "a client waited %lld ms too long",
	    (long long)((sim->now - since) / MSEC));
}

static int
take(void *arg, struct sock **ret_conn, struct error *e)
{
	struct client *c = &h->clients[h->next];
	int i, number;

	(void)arg;
	must(!h->stopped && h->gone == 0, "taken after the end");
	must(!h->held, "taken while it is held");
	must(h->a->max_clients == 0 || h->active < h->a->max_clients || h->a->refuse,
	    "taken, and there is no room");
	sim->now += (int64_t)draw(2000);
	if (is_gone())
		return error_errno(e, ERROR_NETWORK, h->gone_number, "accept");
	for (i = 0; i < WINDOWS; i++)
		if (is_in(&h->shortages[i]))
			return fall_short(h->shortages[i].number, e);
	if (h->next == h->n || c->comes > sim->now) {
		if (is_in(&h->hangup))
			hinder(sim->now + PAUSE);
		return error_errno(e, ERROR_NETWORK, EAGAIN, "accept");
	}
	if ((number = passing_error()) != 0)
		return error_errno(e, ERROR_NETWORK, number, "accept");
	check_not_late(c);
	if ((c->conn = calloc(1, sizeof(*c->conn))) == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	c->conn->fd = -1;
	c->is = GIVEN;
	h->next++;
	h->active += h->a->max_clients == 0 || h->active < h->a->max_clients;
	sim_trace("take: client %d", (int)(c - h->clients));
	*ret_conn = c->conn;
	return 0;
}

static bool
has_spare(void *arg, const struct sock *conn, unsigned n)
{
	(void)arg;
	must(conn != NULL && n == h->a->spare, "spare descriptors for nobody");
	if (!is_in(&h->scarce))
		return true;
	must(sim->now - h->failed_at >= PAUSE - MSEC, "the next look %lld ms after a shortage",
	    (long long)((sim->now - h->failed_at) / MSEC));
	h->failed_at = sim->now;
	hinder(sim->now + PAUSE);
	return false;
}

/* ---- the callbacks ---- */

static struct client *
client_of(const struct sock *conn, unsigned long id, enum whereabouts now_is)
{
	unsigned i;

	for (i = 0; i < h->n && (h->clients[i].conn != conn || h->clients[i].is != GIVEN); i++)
		;
	must(i < h->n, "a client that the source did not give, or one twice");
	must(!h->stopped, "a client after the end");
	must(id == ++h->ids, "client %lu instead of %u", id, h->ids);
	h->clients[i].is = now_is;
	sim->progress++;
	sim_trace("client %u is %s", i, now_is == SERVED ? "served" : "refused");
	return &h->clients[i];
}

static void
leave(struct timer *t)
{
	struct client *c = t->arg;

	sim_trace("client %d leaves", (int)(c - h->clients));
	c->is = LEFT;
	h->active--;
	hinder(sim->now);
	sock_free(c->conn);
	c->conn = NULL;
	if (h->a != NULL)
		acceptor_released(h->a);
}

static void
stop(void *arg)
{
	(void)arg;
	if (h->a == NULL)
		return;
	sim_trace("stopped");
	h->stopped = true;
	acceptor_stop(h->a);
	must(sim->n_watches == 0, "stopped, and it still waits");
	acceptor_stop(h->a);
	free(h->a);
	h->a = NULL;
}

static void
run_the_loop(void)
{
	struct error e;
	bool never = false;

	sim_trace("the callback runs the loop");
	(void)loop_run(h->loop, &never, deadline_in(draw_time()), &e);
	sim_trace("the callback goes on");
}

static void
on_client(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct client *c = client_of(conn, id, SERVED);
	struct error e;

	h->served++;
	must(a->active == h->active, "%u are active, not %u", h->active, a->active);
	must(a->max_clients == 0 || a->active <= a->max_clients, "%u active of at most %u",
	    a->active, a->max_clients);
	c->leaves = (struct timer){ .fn = leave, .arg = c };
	if (loop_timer_set(h->loop, &c->leaves, deadline_in(draw_time()), &e) < 0)
		sim_fail("timer: %s", e.text);
	if (h->runs && one_in(3))
		run_the_loop();
	if (h->stops && one_in(4))
		stop(NULL);
}

static void
on_refused(struct acceptor *a, struct sock *conn, unsigned long id)
{
	struct client *c = client_of(conn, id, REFUSED);

	must(a->refuse && a->active == a->max_clients, "refused, and there is room");
	h->refused++;
	sock_free(conn);
	c->conn = NULL;
	if (h->runs && one_in(3))
		run_the_loop();
	if (h->stops && one_in(4))
		stop(NULL);
}

static void
on_gone(struct acceptor *a, const struct error *e)
{
	must(is_gone() && h->gone++ == 0, "gone, and it is there, or was told twice");
	must(e->number == h->gone_number, "gone for another reason: %s", e->text);
	must(a->state == ACCEPTOR_GONE, "gone, and the state says otherwise");
	sim->progress++;
	sim_trace("gone");
	if (h->stops)
		stop(NULL);
}

static void
hold(void *arg)
{
	(void)arg;
	if (h->a == NULL)
		return;
	h->held = !h->held;
	sim_trace("held: %d", h->held);
	hinder(sim->now);
	acceptor_hold(h->a, h->held);
}

/* ---- the schedule ---- */

static struct window
plan_window(unsigned chance, int number)
{
	struct window w = { NEVER, NEVER, number };

	if (!one_in(chance))
		return w;
	w.from = sim->now + draw_time() + draw_time();
	w.to = w.from + (int64_t)draw(one_in(10) ? 60 * SEC : SEC);
	return w;
}

static void
plan(void)
{
	static const int short_of[] = { 0, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSR, EPERM, EIO };
	static const int gone[] = { EINVAL, EBADF, ENOTSOCK, EOPNOTSUPP };
	int64_t at = sim->now;
	unsigned i;

	h->n = (unsigned)draw(CLIENTS + 1);
	for (i = 0; i < h->n; i++)
		h->clients[i].comes = at += one_in(2) ? 0 : draw_time();
	for (i = 0; i < WINDOWS; i++)
		h->shortages[i] = plan_window(4, short_of[draw(8)]);
	h->scarce = plan_window(4, 0);
	h->hangup = plan_window(8, 0);
	h->gone_at = one_in(5) ? sim->now + draw_time() + draw_time() : NEVER;
	h->gone_number = gone[draw(4)];
	h->fd = sim_fd(ready, next, h);
	h->failed_at = h->hindered_to = 0;
	h->stops = one_in(8);
	h->runs = one_in(4);
	h->a = calloc(1, sizeof(*h->a));
	*h->a = (struct acceptor){ .loop = h->loop,
		.source = { h->fd, take, has_spare, h },
		.max_clients = one_in(2) ? 0 : 1 + (unsigned)draw(4),
		.spare = 1 + (unsigned)draw(3),
		.batch = one_in(3) ? 1 + (unsigned)draw(3) : 0,
		.client = on_client,
		.refused = on_refused,
		.gone = on_gone };
	h->a->refuse = h->a->max_clients != 0 && one_in(3);
	for (i = one_in(3) ? 2 * (1 + (unsigned)draw(2)) : 0; i > 0; i--)
		sim_at(sim->now + draw_time(), hold, NULL);
	if (one_in(12))
		sim_at(sim->now + draw_time(), stop, NULL);
	sim_trace("%u clients, at most %u, refuse %d, gone at %lld", h->n, h->a->max_clients,
	    h->a->refuse, (long long)h->gone_at);
}

/* ---- the expected result ---- */

static void
check_end(void)
{
	unsigned is[LEFT + 1] = { 0 }, i;

	for (i = 0; i < h->n; i++)
		is[h->clients[i].is]++;
	must(is[SERVED] == 0 && h->active == is[GIVEN], "%u are still active", h->active);
	if (h->stopped)
		return;
	must(is[GIVEN] == 0, "%u clients were taken and never served", is[GIVEN]);
	must(h->a->active == 0 && h->a->accepted == is[LEFT] + is[REFUSED], "counts are wrong");
	must(is[REFUSED] == h->refused && is[LEFT] == h->served, "clients are counted twice");
	if (h->gone_at != NEVER) {
		must(h->gone == 1 && h->a->state == ACCEPTOR_GONE, "nobody was told it is gone");
		return;
	}
	must(is[WITH_SOURCE] == 0, "%u clients were never taken", is[WITH_SOURCE]);
}

static void
run(void)
{
	bool never = false;
	struct error e;

	if (acceptor_start(h->a, &e) < 0)
		sim_fail("start: %s", e.text);
	(void)sim_run(h->loop, &never);
	check_end();
}

static void
tidy_up(void)
{
	unsigned i;

	for (i = 0; i < h->n; i++)
		if (h->clients[i].is == SERVED)
			sock_free(h->clients[i].conn);
	if (h->a != NULL)
		acceptor_stop(h->a);
	free(h->a);
	loop_close(h->loop);
	free(h);
	h = NULL;
}

void
sim_acceptor(void)
{
	struct error e = { 0 };
	jmp_buf outer;

	h = calloc(1, sizeof(*h));
	if (loop_open(&h->loop, &e) < 0)
		sim_fail("loop: %s", e.text);
	plan();
	memcpy(&outer, &sim->out, sizeof(outer));
	if (setjmp(sim->out) == 0)
		run();
	memcpy(&sim->out, &outer, sizeof(outer));
	tidy_up();
	if (sim->failure[0] != '\0')
		longjmp(sim->out, 1);
}
