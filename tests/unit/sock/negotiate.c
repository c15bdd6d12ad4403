/* The driver that waits: chains on a real socket. The test plays the peer from the loop. */
#include "sock/negotiate.h"
#include "sock/impl.h"
#include "sock_test.h"
#undef MSEC
#include "stream/negotiation_test.h"

/* A peer: sends its text in two pieces, the second one later, and then closes if told to. */
struct peer {
	struct sock *sock;
	const char *text;
	size_t n, cut;
	bool ends;
	bool spoken;
};

static void
speak(void *arg)
{
	struct peer *p = arg;

	check_int(sock_sendall(p->sock, p->text + p->cut, p->n - p->cut, NULL, &error), 0);
	if (p->ends)
		check_int(sock_shutdown(p->sock, SHUT_WR, &error), 0);
	p->spoken = true;
}

struct scene {
	struct pair pair;
	struct peer peer;
	struct later later;
	char name[SOCKNAME_TEXT_MAX];
};

static bool
scene_open(struct scene *sc, const char *text, size_t cut)
{
	struct sockname name;

	memset(sc, 0, sizeof(*sc));
	memset(&error, 0, sizeof(error));
	if (!begin() || !pair_open(&sc->pair))
		return false;
	sock_peer(sc->pair.a, &name);
	sockname_format(&name, sc->name, sizeof(sc->name));
	sc->peer = (struct peer){ .sock = sc->pair.b, .text = text, .n = strlen(text), .cut = cut };
	if (cut > 0)
		check_int(sock_sendall(sc->pair.b, text, cut, NULL, &error), 0);
	later_start(&sc->later, MSEC, speak, &sc->peer);
	return true;
}

/* Calls fn instead of the peer's second piece. */
static void
instead(struct scene *sc, void (*fn)(void *arg), void *arg)
{
	loop_timer_stop(loop, &sc->later.timer);
	later_start(&sc->later, MSEC, fn, arg);
}

static void
scene_close(struct scene *sc)
{
	loop_timer_stop(loop, &sc->later.timer);
	pair_free(&sc->pair);
	end();
}

static int
run(struct scene *sc, const struct fake_how *hows, size_t n, int64_t time)
{
	return sock_negotiate(sc->pair.a, fake_chain(hows, n), deadline_in(time), &error);
}

static void
check_closed(struct scene *sc, size_t i, enum error_code code, const char *reason)
{
	char text[SOCKNAME_TEXT_MAX + 64];

	snprintf(text, sizeof(text), "%c %s: %s", (int)('a' + i), sc->name, reason);
	check_str(error.text, text);
	check_int(error.code, code);
	check_int(sock_fileno(sc->pair.a), -1);
	check_int(sock_end(sc->pair.a), code == ERROR_TIMEOUT ? END_DEADLINE : END_ERROR);
	check_trace_ends_in(i);
}

TEST("negotiations of a chain run in order, however the peer's bytes are split")
{
	struct scene sc;
	char said[sizeof(THREE_SAY)] = "";
	size_t cut;

	for (cut = 0; cut <= strlen(THREE_WANT); cut++) {
		require(scene_open(&sc, THREE_WANT, cut));
		check_int(run(&sc, three, 3, PATIENCE), 0);
		check_str(trace, "a -a b -b c -c ");
		check(sock_fileno(sc.pair.a) >= 0);
		check_int(sock_read(sc.pair.b, said, strlen(THREE_SAY), NULL, &error),
		    (ssize_t)strlen(THREE_SAY));
		check_str(said, THREE_SAY);
		scene_close(&sc);
	}
}

TEST("a time-out names the unfinished negotiation, and closes the socket")
{
	static const char *const reasons[] = { "timed out: a is not over",
		"timed out: b is not over", "timed out: c is not over" };
	struct scene sc;
	size_t at;

	for (at = 0; at < strlen(THREE_WANT); at++) {
		require(scene_open(&sc, THREE_WANT, at));
		loop_timer_stop(loop, &sc.later.timer);
		check_int(run(&sc, three, 3, 5 * MSEC), -1);
		check_closed(&sc, three_at(at), ERROR_TIMEOUT, reasons[three_at(at)]);
		check_int(error.number, ETIMEDOUT);
		scene_close(&sc);
	}
}

TEST("a refusal or an end fails the negotiation that it meets, and closes the socket")
{
	static const char *const refused[] = { "!", "one\n!", "one\ntwo!" };
	static const char *const ended[] = { "on", "one\nt", "one\ntwo" };
	struct scene sc;
	size_t i;

	for (i = 0; i < 3; i++) {
		require(scene_open(&sc, refused[i], 0));
		check_int(run(&sc, three, 3, PATIENCE), -1);
		check_closed(&sc, i, ERROR_TLS, "not what was wanted");
		scene_close(&sc);
		require(scene_open(&sc, ended[i], 0));
		sc.peer.ends = true;
		check_int(run(&sc, three, 3, PATIENCE), -1);
		check_closed(&sc, i, ERROR_TLS, "the peer has ended");
		scene_close(&sc);
	}
}

TEST("a negotiation continues at its retry time without input")
{
	static const struct fake_how again[] = {
		{ .say = "", .want = "x", .retry = MSEC, .goes = 4 }
	};
	struct scene sc;

	require(scene_open(&sc, "", 0));
	check_int(run(&sc, again, 1, PATIENCE), 0);
	check_str(trace, "a -a ");
	scene_close(&sc);
}

struct pause {
	struct negotiation base;
	struct deadline until;
	unsigned *steps;
};

static int
pause_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct pause *p = (struct pause *)n;

	(void)top, (void)e;
	++*p->steps;
	return deadline_passed(p->until) ? 0 : NEGOTIATION_WANT_TIME;
}

static struct deadline
pause_retry_at(const struct negotiation *n, const struct stream *top)
{
	(void)top;
	return ((const struct pause *)n)->until;
}

TEST("a negotiation that waits for time alone does not keep the processor busy")
{
	static const struct negotiation_ops ops = {
		.name = "pause",
		.unfinished = "it is not over",
		.step = pause_step,
		.retry_at = pause_retry_at,
	};
	struct pause *p = calloc(1, sizeof(*p));
	unsigned steps = 0;
	struct scene sc;

	require(p != NULL && scene_open(&sc, "", 0));
	*p = (struct pause){ { &ops, NULL, false }, deadline_in(50 * MSEC), &steps };
	check_int(sock_negotiate(sc.pair.a, &p->base, deadline_in(PATIENCE), &error), 0);
	check(steps >= 2 && steps < 100);
	scene_close(&sc);
}

/* ---- a refused peer ---- */

static const struct fake_how told[] = { { .say = "no", .want = "x", .sends_alert = true } };

static void
hear_and_end(void *arg)
{
	struct peer *p = arg;
	char said[3] = "";

	/* our end follows what was sent: only then does the peer end, with more unread here */
	check_int(sock_read(p->sock, said, 2, NULL, &error), 2);
	check_str(said, "no");
	check_int(sock_recv(p->sock, said, 1, 0, &error), 0);
	check_int(sock_sendall(p->sock, "more", 4, NULL, &error), 0);
	check_int(sock_shutdown(p->sock, SHUT_WR, &error), 0);
	p->spoken = true;
}

TEST("a refused peer, client or server, gets the alert before the close, and is read until its end")
{
	struct scene sc;
	char c;

	require(scene_open(&sc, "!and more", 9));
	instead(&sc, hear_and_end, &sc.peer);
	check_int(run(&sc, told, 1, PATIENCE), -1);
	check(sc.peer.spoken);
	check_int(error.code, ERROR_TLS);
	check_int(sock_fileno(sc.pair.a), -1);
	check_str(trace, "-a ");
	/* not a reset: nothing was left unread */
	check_int(sock_recv(sc.pair.b, &c, 1, 0, &error), 0);
	scene_close(&sc);
}

static void
interrupt(void *arg)
{
	(void)arg;
	loop_interrupt(loop, 2);
}

TEST("an interrupt ends the wait: its error, but the refusal's once there is one")
{
	struct scene sc;

	require(scene_open(&sc, "", 0));
	instead(&sc, interrupt, NULL);
	check_int(run(&sc, three, 3, PATIENCE), -1);
	check_int(error.code, ERROR_SIGNAL);
	check_int(sock_fileno(sc.pair.a), -1);
	check_trace_ends_in(0);
	scene_close(&sc);
	require(scene_open(&sc, "!", 1));
	instead(&sc, interrupt, NULL);
	check_int(run(&sc, told, 1, PATIENCE), -1);
	check_str(trace, "-a ");
	check_int(error.code, ERROR_TLS);
	scene_close(&sc);
}

static void
close_it(void *arg)
{
	sock_close(arg, NULL);
}

TEST("a socket closed meanwhile is a failure, and nothing is used after it")
{
	struct scene sc;

	require(scene_open(&sc, "", 0));
	instead(&sc, close_it, sc.pair.a);
	check_int(run(&sc, three, 3, PATIENCE), -1);
	check_int(error.number, EBADF);
	check_trace_ends_in(0);
	scene_close(&sc);
}
