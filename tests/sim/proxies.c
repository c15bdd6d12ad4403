/*
 * Schedules of what is said before the bytes: chains of proxies with a PROXY header behind them, and
 * the PROXY header of a client, over a link that brings the peer's bytes in pieces, is slow, and ends
 * or is reset at any byte. What the peer says is followed by bytes of the target, none of which may be
 * read. The model knows each dialogue as text, and not how it is parsed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "fake.h"
#include "relay/negotiator.h"
#include "sim.h"
#include "stream/negotiate/plan.h"
#include "stream/negotiate/proxy_header/proxy_header.h"

enum { CHAIN = 3, ARRIVALS = 8, BYTES = 4096 };

/* How late a wake-up may be: the kernel waits in milliseconds. */
#define SLACK (4 * MSEC)

/* A dialogue: what is sent and said, and how many of the peer's bytes decide it. */
struct dialogue {
	enum proxy_kind kind;
	bool login, agrees;
	const char *sent, *said;
	size_t n_sent, n_said, decides;
};

#define SAYS(kind, login, agrees, sent, said, decides)                                             \
	{                                                                                          \
		PROXY_##kind, login, agrees, sent, said, sizeof(sent) - 1, sizeof(said) - 1,       \
		    decides                                                                        \
	}
#define ALL(kind, login, agrees, sent, said) SAYS(kind, login, agrees, sent, said, sizeof(said) - 1)

#define ASK4 "\4\1\0\7\0\0\0\1\0t\0"
#define ASK5 "\5\1\0\5\1\0\3\1t\0\7"
#define LOGIN5 "\5\2\0\2\1\1u\1p"
#define TARGET5 "\5\1\0\3\1t\0\7"
#define OK5 "\5\0\0\1\0\0\0\0\0\0"
#define CONNECT "CONNECT t:7 HTTP/1.1\r\nHost: t:7\r\n"
#define BASIC "Proxy-Authorization: Basic dTpw\r\n"
#define WHO                                                                                        \
	"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: "            \
	"5\r\n\r\nwho?\n"

static const struct dialogue dialogues[] = {
	ALL(SOCKS4A, false, true, ASK4, "\0\x5a\0\0\0\0\0\0"),
	ALL(SOCKS4A, false, false, ASK4, "\0\x5b\0\0\0\0\0\0"),
	ALL(SOCKS5H, false, true, ASK5, "\5\0" OK5),
	ALL(SOCKS5H, false, true, ASK5, "\5\0\5\0\0\3\3abc\0\0"),
	ALL(SOCKS5H, true, true, LOGIN5 TARGET5, "\5\2\1\0" OK5),
	SAYS(SOCKS5H, false, false, ASK5, "\5\0\5\5\0\1\0\0\0\0\0\0", 7),
	SAYS(SOCKS5H, false, false, "\5\1\0", "\5\xff", 2),
	SAYS(SOCKS5H, true, false, LOGIN5, "\5\2\1\1", 4),
	ALL(HTTP, false, true, CONNECT "\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n\r\n"),
	ALL(HTTP, false, true, CONNECT "\r\n", "HTTP/1.1 103 Go\r\n\r\nHTTP/1.0 204 OK\n\n"),
	ALL(HTTP, true, true, CONNECT "\r\n" CONNECT BASIC "\r\n", WHO "HTTP/1.1 200 OK\r\n\r\n"),
	ALL(HTTP, false, false, CONNECT "\r\n", "HTTP/1.1 403 No\r\n\r\n"),
	/* the body of the second refusal is not read */
	SAYS(HTTP, true, false, CONNECT "\r\n" CONNECT BASIC "\r\n", WHO WHO,
	    sizeof(WHO WHO) - 1 - 5),
};

enum { N_DIALOGUES = sizeof(dialogues) / sizeof(dialogues[0]) };

/* What comes from a proxy in front of us. Nothing is sent. */
#define V2 "\r\n\r\n\0\r\nQUIT\n"
static const struct dialogue headers[] = {
	ALL(HTTP, false, true, "", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"),
	ALL(HTTP, false, true, "", "PROXY UNKNOWN\r\n"),
	ALL(HTTP, false, true, "", V2 "\x20\0\0\0"),
	ALL(HTTP, false, true, "", V2 "\x21\x11\0\x0c\1\2\3\4\5\6\7\x08\0\1\0\2"),
	ALL(HTTP, false, true, "", V2 "\x21\x11\0\x10\1\2\3\4\5\6\7\x08\0\1\0\2\4\0\1x"),
};

enum { N_HEADERS = sizeof(headers) / sizeof(headers[0]) };

#define SENT_HEADER "PROXY UNKNOWN\r\n"

struct piece {
	int64_t at;
	size_t n;
};

struct link {
	struct stream stream; /* first */
	int fd;
	char said[BYTES];
	size_t n_said, read; /* of all that ever comes */
	struct piece in[ARRIVALS];
	int n_in;
	enum fate fate; /* after the last piece; a reset at any time */
	int64_t fate_at, gate;
	/* what the last call waits for, and since when */
	int waits;
	int64_t since;
	bool closed, broken, ended;
};

struct talk {
	struct loop *loop;
	struct negotiator *g;
	struct link link;
	struct stream *top;
	const struct dialogue *parts[CHAIN];
	int n;
	bool reads_header, sends_header, got_header;
	struct proxy_hop hops[CHAIN];
	struct proxy_route route;
	struct proxy_target targets[CHAIN];
	struct proxy_header unknown;
	char sent[BYTES];
	size_t n_sent, wrote;
	/* the model: the dialogue that decides, and how many bytes decide */
	bool agrees;
	size_t decides;
	int64_t until;
	bool over, stopped, has_error;
	struct error error;
	int64_t ended_at;
};

static struct talk *t;

/* ---- the link ---- */

static size_t
arrived(const struct link *l)
{
	size_t n = 0;

	for (int i = 0; i < l->n_in && l->in[i].at <= sim->now; i++)
		n += l->in[i].n;
	return n;
}

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

/* When byte number n, from 1 on, arrives; NEVER: it does not. */
static int64_t
byte_at(const struct link *l, size_t n)
{
	for (int i = 0; i < l->n_in; i++) {
		if (n <= l->in[i].n)
			return l->in[i].at;
		n -= l->in[i].n;
	}
	return NEVER;
}

static int64_t
readable_at(const struct link *l)
{
	int64_t at = byte_at(l, l->read + 1);

	if (l->fate != FATE_NONE)
		at = sooner(at, l->fate_at);
	return at;
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
next_change(const int64_t *times, int n)
{
	int64_t next = NEVER;

	for (int i = 0; i < n; i++)
		if (times[i] > sim->now)
			next = sooner(next, times[i]);
	return next;
}

static int64_t
link_next(void *arg)
{
	const struct link *l = arg;
	const int64_t times[] = { readable_at(l), writable_at(l) };

	return next_change(times, 2);
}

/* What was ready must not be left waiting. */
static void
check_in_time(struct link *l)
{
	int64_t ready = l->waits == STREAM_WANT_READ ? readable_at(l) : writable_at(l);

	if (l->waits == 0)
		return;
	ready = ready > l->since ? ready : l->since;
	must(ready >= sim->now - SLACK, "it waited %lld ms too long",
	    (long long)((sim->now - ready) / MSEC));
	l->waits = 0;
}

static ssize_t
wait_for(struct link *l, int want)
{
	l->waits = want;
	l->since = sim->now;
	return want;
}

static ssize_t
break_link(struct link *l, struct error *e)
{
	l->broken = true;
	sim->progress++;
	return error_errno(e, ERROR_NETWORK, ECONNRESET, "link");
}

static ssize_t
link_read(struct stream *s, void *data, size_t n, struct error *e)
{
	struct link *l = (struct link *)(void *)s;
	size_t there = arrived(l) - l->read;

	must(!l->closed, "read after the end");
	must(n > 0, "a read of nothing");
	check_in_time(l);
	if (is_reset(l))
		return break_link(l, e);
	if (readable_at(l) > sim->now)
		return wait_for(l, STREAM_WANT_READ);
	sim->progress++;
	if (there == 0) {
		l->ended = true;
		return 0;
	}
	n = n < there ? n : there;
	n = one_in(2) ? 1 + (size_t)draw(n) : n;
	must(l->read + n <= t->decides, "%zu bytes behind what decides are read",
	    l->read + n - t->decides);
	memcpy(data, l->said + l->read, n);
	l->read += n;
	return (ssize_t)n;
}

/* How many bytes may be sent: no request before the proxy in front of it has agreed. */
static size_t
may_be_sent(void)
{
	size_t said = 0, sent = 0;

	for (int i = 0; i < t->n; i++) {
		sent += t->parts[i]->n_sent;
		said += t->parts[i]->n_said;
		if (t->link.read < said)
			return sent;
	}
	return t->n_sent;
}

static ssize_t
link_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	struct link *l = (struct link *)(void *)s;

	must(!l->closed, "write after the end");
	check_in_time(l);
	if (is_reset(l))
		return break_link(l, e);
	if (l->gate > sim->now)
		return wait_for(l, STREAM_WANT_WRITE);
	sim->progress++;
	if (one_in(4))
		l->gate = one_in(20) ? NEVER : sim->now + draw_time();
	n = one_in(3) ? 1 + (size_t)draw(n) : n;
	must(t->wrote + n <= may_be_sent(), "it sends before the proxy has agreed");
	must(memcmp(data, t->sent + t->wrote, n) == 0, "another request at byte %zu", t->wrote);
	t->wrote += n;
	return (ssize_t)n;
}

static int
link_shut(struct stream *s, struct error *e)
{
	(void)s, (void)e;
	sim_fail("a proxy is to be told nothing");
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
	(void)s, (void)side;
	return STREAM_SOCKET;
}

static const struct stream_ops link_ops = {
	.read = link_read,
	.write = link_write,
	.shut = link_shut,
	.raw_fd = link_raw_fd,
	.kind = link_kind,
};

/* ---- the schedule ---- */

static void
add_bytes(char *to, size_t *n, const char *bytes, size_t more)
{
	memcpy(to + *n, bytes, more);
	*n += more;
}

static void
plan_hop(int i, const struct dialogue *d)
{
	struct proxy_hop *hop = &t->hops[i];

	*hop = (struct proxy_hop){ .kind = d->kind, .login = d->login };
	if (d->login) {
		hop->user[0] = 'u';
		hop->pass[0] = 'p';
	}
	t->targets[i] = (struct proxy_target){ .host = "t", .port = 7 };
}

/* The first that does not agree decides; what follows it is never said. */
static void
plan_dialogues(void)
{
	struct link *l = &t->link;
	int wanted = 1 + (int)draw(CHAIN);

	t->reads_header = one_in(4);
	t->sends_header = !t->reads_header && one_in(2);
	t->agrees = true;
	if (t->reads_header)
		wanted = 1;
	for (t->n = 0; t->n < wanted && t->agrees;) {
		const struct dialogue *d =
		    t->reads_header ? &headers[draw(N_HEADERS)] : &dialogues[draw(N_DIALOGUES)];

		t->parts[t->n] = d;
		plan_hop(t->n++, d);
		t->agrees = d->agrees;
		t->decides = l->n_said + d->decides;
		add_bytes(l->said, &l->n_said, d->said, d->n_said);
		add_bytes(t->sent, &t->n_sent, d->sent, d->n_sent);
	}
	/* others of the chain are not asked */
	for (int i = t->n; i < wanted; i++)
		plan_hop(i, &dialogues[draw(N_DIALOGUES)]);
	t->route = (struct proxy_route){ t->hops, (size_t)wanted };
	if (t->sends_header && t->agrees)
		add_bytes(t->sent, &t->n_sent, SENT_HEADER, sizeof(SENT_HEADER) - 1);
	add_bytes(l->said, &l->n_said, "TAIL", 4);
}

static void
plan_link(void)
{
	struct link *l = &t->link;
	size_t left = one_in(2) ? l->n_said : (size_t)draw(l->n_said + 1);
	int64_t at = sim->now;

	l->stream.ops = &link_ops;
	l->fd = sim_fd(link_ready, link_next, l);
	while (left > 0 && l->n_in < ARRIVALS) {
		size_t n = l->n_in == ARRIVALS - 1 ? left : 1 + (size_t)draw(left);

		at += draw_time();
		l->in[l->n_in++] = (struct piece){ at, n };
		left -= n;
	}
	l->fate = one_in(2) ? FATE_NONE : one_in(2) ? FATE_RESET : FATE_END;
	l->fate_at = l->fate == FATE_NONE ? NEVER : at + draw_time();
	if (l->fate == FATE_RESET && one_in(2))
		l->fate_at = sim->now + draw_time();
	t->top = &l->stream;
}

static int
on_header(void *arg, const struct proxy_header *h, struct error *e)
{
	(void)arg, (void)h, (void)e;
	must(!t->got_header, "the header came twice");
	t->got_header = true;
	return 0;
}

static void
plan(void)
{
	struct plan plan = { .send_header = { .header = &t->unknown } };
	struct error e;

	plan_dialogues();
	plan_link();
	t->unknown.local = true;
	if (t->reads_header)
		plan.header.on_header = on_header;
	else
		plan.proxies =
		    (struct negotiate_proxy_how){ .route = &t->route, .targets = t->targets };
	plan.send_header.version = t->sends_header ? 1 : 0;
	t->until = one_in(3) ? NEVER : sim->now + 2 * draw_time() + draw_time();
	t->g = calloc(1, sizeof(*t->g));
	t->g->loop = t->loop;
	t->g->chain.top = &t->top;
	t->g->chain.until.at = t->until;
	if (plan_chain(&t->g->chain.at, &plan, &e) < 0)
		sim_fail("plan: %s", e.text);
	sim_trace("%d dialogues, %zu bytes decide, agrees %d, fate %d at %lld, until %lld", t->n,
	    t->decides, t->agrees, (int)t->link.fate, (long long)t->link.fate_at,
	    (long long)t->until);
}

/* ---- running ---- */

static void
end(struct negotiator *g)
{
	negotiator_stop(g);
	must(sim->n_watches == 0 && g->timer.slot == 0, "it still waits for something");
}

static void
on_done(struct negotiator *g)
{
	const struct error *e = negotiator_error(g);

	must(!t->over, "done() was called twice, or after stop");
	t->over = true;
	t->ended_at = sim->now;
	t->link.closed = true;
	must(sim->n_watches == 0 && g->timer.slot == 0, "done, and it still waits");
	if (e != NULL) {
		t->has_error = true;
		t->error = *e;
	}
	sim_trace("done: %s", e != NULL ? e->text : "agreed");
}

static void
stop(void *arg)
{
	(void)arg;
	if (t->over)
		return;
	t->over = t->stopped = true;
	t->link.closed = true;
	end(t->g);
}

/* ---- the expected result ---- */

static void
check_agreed(void)
{
	must(t->agrees, "it agrees with a proxy that refuses");
	must(t->link.read == t->decides, "it agrees after %zu of %zu bytes", t->link.read,
	    t->decides);
	must(t->wrote == t->n_sent, "%zu of %zu bytes were sent", t->wrote, t->n_sent);
	must(t->got_header == t->reads_header, "no header was told");
}

static void
check_error(void)
{
	const struct link *l = &t->link;
	enum error_code code = t->error.code;

	if (l->broken)
		must(code == ERROR_NETWORK && t->error.number == ECONNRESET,
		    "a reset is told as: %s", t->error.text);
	else if (code == ERROR_TIMEOUT)
		must(t->ended_at >= t->until, "it timed out too early");
	else if (l->ended)
		must(code == (t->reads_header ? ERROR_PEER_ENDED : ERROR_PROXY),
		    "the end is told as: %s", t->error.text);
	else
		must(code == ERROR_PROXY && !t->agrees && l->read == t->decides,
		    "a failure that nobody told: %s", t->error.text);
}

static void
check_end(void)
{
	if (t->stopped)
		return;
	must(t->until == NEVER || t->ended_at - SLACK <= t->until, "the deadline was overrun");
	if (t->has_error)
		check_error();
	else
		check_agreed();
}

/* It may wait for ever only if nothing will arrive. */
static void
check_hang(void)
{
	const struct link *l = &t->link;

	must(t->until == NEVER, "the deadline did not come");
	must(l->waits != 0, "it waits for nothing");
	must((l->waits == STREAM_WANT_READ ? readable_at(l) : writable_at(l)) == NEVER, "it hangs");
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
	end(t->g);
	end(t->g);
}

void
sim_proxies(void)
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
	negotiator_stop(t->g);
	free(t->g);
	loop_close(t->loop);
	free(t);
	t = NULL;
	if (sim->failure[0] != '\0')
		longjmp(sim->out, 1);
}
