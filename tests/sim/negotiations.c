/*
 * Schedules of negotiations: chains that read, write, retry, put a stream on
 * top and fail, over a link that is slow, ends or is reset. Each call of step
 * is compared with the time at which it was due.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fake.h"
#include "relay/negotiator.h"
#include "sim.h"

enum { CHAIN = 4, MOVES = 4, ARRIVALS = 6, ALERT = 7, TRIES = 12 };

/* How late a wake-up may be: the kernel waits in milliseconds. */
#define SLACK (4 * MSEC)

struct incoming {
	int64_t at;
	size_t n;
};

/* The connection at the bottom. */
struct link {
	struct stream stream; /* first */
	int fd;
	bool dgram;
	struct incoming in[ARRIVALS];
	int n_in, at;
	enum fate fate; /* after the last arrival, or a reset at any time */
	int64_t fate_at;
	int64_t gate; /* it takes nothing before */
	bool closed, shut, told, failed;
};

/* A stream that a negotiation puts on top. It owns what it has taken. */
struct layer {
	struct stream stream; /* first */
	size_t held;
};

struct move {
	enum { MOVE_READ, MOVE_WRITE, MOVE_LAYER } kind;
	size_t left;
};

struct deal {
	struct negotiation n; /* first */
	struct negotiation_ops ops;
	int index;
	struct move moves[MOVES];
	int n_moves, at;
	bool fails, sends_alert;
	enum error_code code; /* of the failure */
	int64_t period;       /* between retries; 0: no retries */
	int64_t retry;        /* when the next is due */
	int tries;
	int wants;     /* what the last step returned */
	int64_t since; /* when it did */
};

struct talk {
	struct loop *loop;
	struct negotiator *g;
	struct link link;
	struct layer layers[CHAIN * MOVES];
	int n_layers;
	struct stream *top;
	int n, live, finished;
	int64_t until;
	struct deal last; /* the state after the last step */
	/* the first failure of a step */
	bool failed, parts;
	int64_t failed_at;
	struct error reason;
	/* the end */
	bool over, stopped, has_error;
	struct error error;
	const char *verb;
	int64_t ended;
};

static struct talk *t;

/* ---- the link ---- */

static bool
is_reset(const struct link *l)
{
	return l->fate == FATE_RESET && l->fate_at <= sim->now;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
readable_at(const struct link *l)
{
	int64_t at = l->at < l->n_in ? l->in[l->at].at : l->fate_at;

	return l->fate == FATE_RESET ? sooner(at, l->fate_at) : at;
}

static int64_t
writable_at(const struct link *l)
{
	return l->fate == FATE_RESET ? sooner(l->gate, l->fate_at) : l->gate;
}

static unsigned
link_ready(void *arg)
{
	const struct link *l = arg;

	return (readable_at(l) <= sim->now ? LOOP_READ : 0) |
	    (writable_at(l) <= sim->now ? LOOP_WRITE : 0) | (is_reset(l) ? LOOP_HANGUP : 0);
}

static int64_t
link_next(void *arg)
{
	const struct link *l = arg;
	int64_t reads = readable_at(l), writes = writable_at(l);

	return sooner(reads > sim->now ? reads : NEVER, writes > sim->now ? writes : NEVER);
}

static int
link_broken(struct link *l, struct error *e)
{
	l->failed = true;
	sim->progress++;
	return error_errno(e, ERROR_NETWORK, ECONNRESET, "link");
}

static ssize_t
link_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct link *l = (struct link *)(void *)s;
	struct incoming *in = &l->in[l->at];

	must(!l->closed, "read after the end");
	if (is_reset(l))
		return link_broken(l, e);
	if (readable_at(l) > sim->now)
		return STREAM_WANT_READ;
	sim->progress++;
	if (l->at == l->n_in) {
		l->told = true;
		return 0;
	}
	n = n < in->n ? n : in->n;
	n = one_in(3) ? 1 + (size_t)draw(n) : n;
	memset(data, 'x', n);
	in->n -= n;
	l->at += in->n == 0;
	return (ssize_t)n;
}

static ssize_t
link_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct link *l = (struct link *)(void *)s;

	(void)data;
	must(!l->closed, "write after the end");
	must(!l->shut, "write after shut");
	if (is_reset(l))
		return link_broken(l, e);
	if (l->gate > sim->now)
		return STREAM_WANT_WRITE;
	sim->progress++;
	if (one_in(4))
		l->gate = one_in(10) ? NEVER : sim->now + draw_time();
	return one_in(3) ? 1 + (ssize_t)draw(n) : (ssize_t)n;
}

static int
link_shut(struct stream *s, struct error *e)
{
	struct link *l = (struct link *)(void *)s;
	int i;

	must(!l->closed, "shut after the end");
	must(t->parts, "shut, and nobody is to be told anything");
	if (is_reset(l))
		return link_broken(l, e);
	for (i = 0; i < t->n_layers; i++)
		must(t->layers[i].held == 0, "shut, and the peer was not told why");
	sim->progress += !l->shut;
	l->shut = true;
	return 0;
}

static int
link_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)side;
	return ((const struct link *)(const void *)s)->fd;
}

static enum stream_kind
link_kind(const struct stream *s, enum stream_side side)
{
	(void)side;
	return ((const struct link *)(const void *)s)->dgram ? STREAM_DGRAM : STREAM_SOCKET;
}

static const struct stream_ops link_ops = {
	.read = link_read,
	.write = link_write,
	.shut = link_shut,
	.raw_fd = link_raw_fd,
	.kind = link_kind,
};

/* ---- the stream on top ---- */

static int
layer_flush(struct stream *s, struct error *e)
{
	struct layer *y = (struct layer *)(void *)s;
	ssize_t n = 1;

	while (y->held > 0 && (n = stream_write(s->next, "alert", y->held, e)) > 0)
		y->held -= (size_t)n;
	return n < 0 ? (int)n : stream_flush(s->next, e);
}

static ssize_t
layer_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct layer *y = (struct layer *)(void *)s;
	int rc = layer_flush(s, e);

	(void)data;
	if (rc < 0)
		return rc;
	y->held = n;
	return layer_flush(s, e) == -1 ? -1 : (ssize_t)n;
}

static ssize_t
layer_read(struct stream *s, void *data, size_t n, struct error *e)
{
	return stream_read(s->next, data, n, e);
}

static int
layer_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	sim_fail("a layer was shut, not what is below");
}

static int
layer_raw_fd(const struct stream *s, enum stream_side side)
{
	return stream_raw_fd(s->next, side);
}

static enum stream_kind
layer_kind(const struct stream *s, enum stream_side side)
{
	(void)s, (void)side;
	return STREAM_OPAQUE;
}

static const struct stream_ops layer_ops = {
	.read = layer_read,
	.write = layer_write,
	.flush = layer_flush,
	.shut = layer_shut,
	.raw_fd = layer_raw_fd,
	.kind = layer_kind,
};

static void
put_layer(struct stream **top)
{
	struct layer *y = &t->layers[t->n_layers++];

	y->stream = (struct stream){ &layer_ops, *top };
	*top = &y->stream;
}

/* ---- one negotiation ---- */

static int64_t
ready_at(const struct deal *d)
{
	const struct link *l = &t->link;

	return later(d->since, d->wants == STREAM_WANT_READ ? readable_at(l) : writable_at(l));
}

/* Nothing that has arrived or is due is left waiting. */
static void
check_not_late(const struct deal *d)
{
	if (d->wants == 0)
		return;
	must(ready_at(d) >= sim->now - SLACK, "%s waited %lld ms too long", d->ops.name,
	    (long long)((sim->now - ready_at(d)) / MSEC));
	must(d->period == 0 || d->retry >= sim->now - SLACK, "%s did not try again in time",
	    d->ops.name);
}

static void
check_call(const struct deal *d)
{
	must(!t->over, "%s goes on after the end", d->ops.name);
	must(!t->failed, "%s goes on after a failure", d->ops.name);
	must(d->index == t->finished, "%s is not the next one", d->ops.name);
	check_not_late(d);
}

static int
try_again(struct deal *d, struct error *e)
{
	if (d->period == 0 || d->retry > sim->now)
		return 0;
	sim->progress++;
	if (d->tries++ > 0)
		d->period *= 2;
	d->retry = sim->now + d->period;
	return d->tries < TRIES ? 0 : error_set(e, ERROR_TIMEOUT, "%s gives up", d->ops.name);
}

static int
go(struct move *m, struct stream **top, struct error *e)
{
	char data[300] = { 0 };
	ssize_t n;

	if (m->kind == MOVE_LAYER) {
		put_layer(top);
		m->left = 0;
	}
	while (m->left > 0) {
		n = m->kind == MOVE_READ ? stream_read(*top, data, m->left, e)
					 : stream_write(*top, data, m->left, e);
		if (n == 0)
			return error_set(e, ERROR_PEER_ENDED, "the peer ended");
		if (n < 0)
			return (int)n;
		m->left -= (size_t)n;
	}
	return 0;
}

/* Sends the peer an alert, as far as possible. */
static int
fail(struct deal *d, struct stream **top, struct error *e)
{
	struct error ignored;

	if (d->sends_alert)
		(void)stream_write(*top, "refused", ALERT, &ignored);
	return error_set(e, d->code, "%s says no", d->ops.name);
}

static void
note_failure(const struct deal *d, const struct error *e)
{
	sim_trace("%s fails: %s", d->ops.name, e->text);
	t->failed = true;
	t->failed_at = sim->now;
	t->reason = *e;
	/* a failure of the link cannot be told */
	t->parts =
	    d->sends_alert && !t->link.dgram && (e->code == ERROR_TLS || e->origin == ORIGIN_NONE);
}

static int
step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct deal *d = (struct deal *)(void *)n;
	int rc;

	check_call(d);
	n->sends_alert = d->sends_alert;
	sim->now += (int64_t)draw(2000);
	rc = try_again(d, e);
	while (rc == 0 && d->at < d->n_moves)
		if ((rc = go(&d->moves[d->at], top, e)) == 0)
			d->at++;
	if (rc == 0 && d->fails)
		rc = fail(d, top, e);
	if (rc == -1)
		note_failure(d, e);
	if (rc == 0)
		t->finished++;
	sim->progress += rc >= -1;
	d->wants = rc;
	d->since = sim->now;
	t->last = *d;
	sim_trace("%s: step gives %d", d->ops.name, rc);
	return rc;
}

static struct deadline
retry_at(const struct negotiation *n, const struct stream *top)
{
	(void)top;
	return (struct deadline){ ((const struct deal *)(const void *)n)->retry };
}

static void
deal_free(struct negotiation *n)
{
	t->live--;
	free(n);
}

/* ---- the schedule ---- */

static struct negotiation *
plan_deal(int index, struct negotiation *next)
{
	static const char *const names[CHAIN] = { "first", "second", "third", "fourth" };
	static const enum error_code codes[] = { ERROR_TLS, ERROR_TLS, ERROR_NETWORK, ERROR_PROXY };
	struct deal *d = calloc(1, sizeof(*d));
	int i;

	t->live++;
	d->index = index;
	d->ops = (struct negotiation_ops){ names[index], "it is not over", step, NULL, deal_free };
	d->n = (struct negotiation){ .ops = &d->ops, .next = next };
	d->n_moves = (int)draw(MOVES + 1);
	for (i = 0; i < d->n_moves; i++) {
		d->moves[i].kind = one_in(5) ? MOVE_LAYER : one_in(2) ? MOVE_READ : MOVE_WRITE;
		d->moves[i].left = 1 + (size_t)draw(one_in(3) ? 299 : 20);
	}
	d->fails = one_in(8);
	d->code = codes[draw(4)];
	d->sends_alert = !one_in(3);
	if (one_in(3)) {
		d->period = 1 + draw_time();
		d->ops.retry_at = retry_at;
	}
	return &d->n;
}

static size_t
reads_in_all(const struct negotiation *n)
{
	size_t all = 0;
	int i;

	for (; n != NULL; n = n->next) {
		const struct deal *d = (const struct deal *)(const void *)n;

		for (i = 0; i < d->n_moves; i++)
			all += d->moves[i].kind == MOVE_READ ? d->moves[i].left : 0;
	}
	return all;
}

static void
plan_link(size_t wanted)
{
	struct link *l = &t->link;
	int64_t at = sim->now;
	size_t left = one_in(8) ? (size_t)draw(wanted + 1) : wanted + (size_t)draw(100);

	l->stream.ops = &link_ops;
	l->fd = one_in(60) ? 7 : sim_fd(link_ready, link_next, l);
	l->dgram = one_in(6);
	while (left > 0 && l->n_in < ARRIVALS) {
		size_t n = l->n_in == ARRIVALS - 1 ? left : 1 + (size_t)draw(left);

		at += draw_time();
		l->in[l->n_in++] = (struct incoming){ at, n };
		left -= n;
	}
	l->fate = one_in(2) ? FATE_NONE : one_in(3) ? FATE_RESET : FATE_END;
	l->fate_at = l->fate == FATE_NONE ? NEVER : at + draw_time();
	if (l->fate == FATE_RESET && one_in(2))
		l->fate_at = sim->now + draw_time();
	t->top = &l->stream;
}

static void
plan(void)
{
	struct negotiation *chain = NULL;
	int i;

	t->n = 1 + (int)draw(CHAIN);
	for (i = t->n - 1; i >= 0; i--)
		chain = plan_deal(i, chain);
	plan_link(reads_in_all(chain));
	t->until = one_in(3) ? NEVER : sim->now + draw_time() + draw_time();
	t->g = calloc(1, sizeof(*t->g));
	t->g->loop = t->loop;
	t->g->chain.at = chain;
	t->g->chain.top = &t->top;
	t->g->chain.until.at = t->until;
	sim_trace("%d negotiations, fate %d, until %lld, descriptor %d", t->n, (int)t->link.fate,
	    (long long)t->until, t->link.fd);
}

/* ---- running ---- */

static void
end(struct negotiator *g)
{
	negotiator_stop(g);
	must(t->live == 0, "%d negotiations were not freed", t->live);
	must(sim->n_watches == 0 && g->timer.slot == 0, "it still waits for something");
}

static void
on_done(struct negotiator *g)
{
	const struct error *e = negotiator_error(g);

	must(!t->over, "done() was called twice, or after stop");
	t->over = true;
	t->ended = sim->now;
	t->link.closed = true;
	must(sim->n_watches == 0 && g->timer.slot == 0, "done, and it still waits");
	if (e != NULL) {
		t->has_error = true;
		t->error = *e;
		t->verb = negotiator_verb(g);
	}
	sim_trace("done: %s", e != NULL ? e->text : "all");
	if (one_in(2))
		return;
	end(g);
	free(g);
	t->g = NULL;
}

static void
stop(void *arg)
{
	(void)arg;
	if (t->over)
		return;
	sim_trace("stopped");
	t->over = t->stopped = true;
	t->link.closed = true;
	end(t->g);
	end(t->g);
}

/* ---- the expected result ---- */

static const char *
name_of(int index)
{
	static const char *const names[CHAIN] = { "first", "second", "third", "fourth" };

	return names[index];
}

static void
check_parting(void)
{
	const struct link *l = &t->link;
	int64_t took = t->ended - t->failed_at;

	if (!t->parts) {
		must(took < MSEC, "a failure was told late");
		must(!l->shut, "the connection was shut without need");
		return;
	}
	must(took <= NEGOTIATION_LINGER + SLACK, "the parting took too long");
	must(took >= NEGOTIATION_LINGER || l->failed || l->fd < SIM_FD || (l->told && l->shut),
	    "the peer had no time to read why");
}

static void
check_failure(void)
{
	must(t->has_error, "a failure without an error");
	must(t->error.code == t->reason.code && strcmp(t->error.text, t->reason.text) == 0,
	    "%s failed with '%s', and '%s' is told", name_of(t->finished), t->reason.text,
	    t->error.text);
	must(strcmp(t->verb, name_of(t->finished)) == 0, "%s failed, and %s is named",
	    name_of(t->finished), t->verb);
	check_parting();
}

static void
check_timeout(void)
{
	must(t->error.number == ETIMEDOUT, "a time-out with another error: %s", t->error.text);
	must(t->ended >= t->until, "it timed out %lld us too early",
	    (long long)((t->until - t->ended) / 1000));
	must(strcmp(t->verb, name_of(t->finished)) == 0, "%s timed out, and %s is named",
	    name_of(t->finished), t->verb);
	check_not_late(&t->last);
}

static void
check_end(void)
{
	if (t->stopped)
		return;
	must(t->failed || t->ended - SLACK <= t->until, "the deadline was overrun");
	if (t->failed)
		check_failure();
	else if (t->has_error && t->error.code == ERROR_TIMEOUT)
		check_timeout();
	else if (t->has_error)
		must(t->link.fd < SIM_FD, "a failure that nobody told: %s", t->error.text);
	else
		must(t->finished == t->n, "it succeeds after %d of %d", t->finished, t->n);
}

/* It may wait for ever only if nothing will arrive, and nobody stopped it. */
static void
check_hang(void)
{
	must(t->until == NEVER, "the deadline did not come");
	must(!t->failed, "the parting does not end");
	must(ready_at(&t->last) == NEVER && t->last.period == 0, "it hangs");
}

static void
run(void)
{
	t->g->done = on_done;
	if (one_in(10))
		sim_at(sim->now + draw_time(), stop, NULL);
	negotiator_start(t->g);
	if (!t->over && !sim_run(t->loop, &t->over))
		check_hang();
	if (t->over)
		check_end();
	if (t->g != NULL) {
		end(t->g);
		end(t->g);
	}
}

void
sim_negotiations(void)
{
	struct error e = { 0 };
	jmp_buf outer;

	t = calloc(1, sizeof(*t));
	if (loop_open(&t->loop, &e) < 0)
		sim_fail("loop: %s", e.text);
	plan();
	memcpy(&outer, &sim->out, sizeof(outer));
	if (setjmp(sim->out) == 0)
		run();
	memcpy(&sim->out, &outer, sizeof(outer));
	if (t->g != NULL)
		negotiator_stop(t->g);
	free(t->g);
	loop_close(t->loop);
	free(t);
	t = NULL;
	if (sim->failure[0] != '\0')
		longjmp(sim->out, 1);
}
