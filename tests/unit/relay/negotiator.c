#include "relay/negotiator.h"

#include "stream/negotiation_test.h"

/* A negotiator on a stream in memory. The test is the peer, and stops the negotiator in done() as
 * its owners do. */
struct stage {
	struct loop *loop;
	struct memory memory;
	struct stream *top;
	struct negotiator negotiator;
	bool over; /* done() was called */
	bool lazy; /* does not stop it in done() */
	unsigned calls;
	bool failed;
	struct error error;
	char verb[8];
};

static void
on_done(struct negotiator *g)
{
	struct stage *st = g->arg;
	const struct error *e = negotiator_error(g);

	st->over = true;
	st->calls++;
	st->failed = e != NULL;
	if (e != NULL) {
		st->error = *e;
		snprintf(st->verb, sizeof(st->verb), "%s", negotiator_verb(g));
	}
	if (!st->lazy)
		negotiator_stop(g);
}

static void
stage_open(struct stage *st, const struct fake_how *hows, size_t n)
{
	struct error e = { 0 };

	memset(st, 0, sizeof(*st));
	memory_open(&st->memory);
	check_int(loop_open(&st->loop, &e), 0);
	st->top = &st->memory.base;
	st->negotiator.loop = st->loop;
	st->negotiator.chain.at = fake_chain(hows, n);
	st->negotiator.chain.top = &st->top;
	/* later than any test waits */
	st->negotiator.chain.until = deadline_in(100 * LONG);
	st->negotiator.done = on_done;
	st->negotiator.arg = st;
}

static void
stage_close(struct stage *st)
{
	negotiator_stop(&st->negotiator);
	loop_close(st->loop);
	memory_fini(&st->memory);
	check_int(st->memory.closed, 0);
	check(st->calls <= 1);
}

static void
until_over(struct stage *st)
{
	struct error e = { 0 };

	check_int(loop_run(st->loop, &st->over, deadline_in(LONG), &e), 1);
}

static void
wake(struct timer *t)
{
	*(bool *)t->arg = true;
}

/* Handles what is ready: the loop runs timers after that. */
static void
turn(struct stage *st)
{
	bool woken = false;
	struct timer t = { .fn = wake, .arg = &woken };
	struct error e = { 0 };

	for (int i = 0; i < 4; i++) {
		woken = false;
		check_int(loop_timer_set(st->loop, &t, deadline_in(0), &e), 0);
		check_int(loop_run(st->loop, &woken, deadline_in(LONG), &e), 1);
	}
}

static void
check_failed(struct stage *st, size_t i, enum error_code code, const char *text)
{
	const char verb[] = { (char)('a' + i), '\0' };

	check(st->over && st->failed);
	check_int(st->error.code, code);
	check_str(st->error.text, text);
	check_str(st->verb, verb);
	check_trace_ends_in(i);
}

TEST("negotiations of a chain run in order, however the peer's bytes are split")
{
	struct stage st;
	size_t n = strlen(THREE_WANT), cut;

	for (cut = 0; cut <= n; cut++) {
		stage_open(&st, three, 3);
		negotiator_start(&st.negotiator);
		memory_put(&st.memory, THREE_WANT, cut);
		turn(&st);
		check(st.over == (cut == n));
		memory_put(&st.memory, THREE_WANT + cut, n - cut);
		until_over(&st);
		check(!st.failed);
		check_str(trace, "a -a b -b c -c ");
		check_mem(st.memory.out, st.memory.n_out, THREE_SAY, strlen(THREE_SAY));
		stage_close(&st);
	}
}

TEST("with all bytes there already, done is called before the start returns")
{
	struct stage st;

	stage_open(&st, three, 3);
	memory_put(&st.memory, THREE_WANT, strlen(THREE_WANT));
	negotiator_start(&st.negotiator);
	check(st.over && !st.failed);
	stage_close(&st);
	stage_open(&st, three, 0);
	negotiator_start(&st.negotiator);
	check(st.over && !st.failed);
	stage_close(&st);
}

TEST("once it is over nothing is waited for, even if its owner stops it later")
{
	struct stage st;

	stage_open(&st, three, 3);
	st.lazy = true;
	st.negotiator.chain.until = deadline_in(50 * MSEC);
	negotiator_start(&st.negotiator);
	memory_put(&st.memory, "one\n", 4);
	turn(&st);
	memory_put(&st.memory, "!", 1);
	until_over(&st);
	memory_put(&st.memory, "more", 4);
	turn(&st);
	st.over = false;
	check_int(loop_run(st.loop, &st.over, deadline_in(60 * MSEC), &st.error), 0);
	check_int(st.calls, 1);
	stage_close(&st);
}

TEST("a full output is waited for, as a missing input is")
{
	struct stage st;
	size_t room;

	for (room = 0; room < strlen(THREE_SAY); room++) {
		stage_open(&st, three, 3);
		memory_give_room(&st.memory, room);
		memory_put(&st.memory, THREE_WANT, strlen(THREE_WANT));
		negotiator_start(&st.negotiator);
		turn(&st);
		check(!st.over);
		memory_give_room(&st.memory, MEMORY_MAX);
		until_over(&st);
		check(!st.failed);
		check_mem(st.memory.out, st.memory.n_out, THREE_SAY, strlen(THREE_SAY));
		stage_close(&st);
	}
}

TEST("a time-out names the unfinished negotiation, and what has not happened")
{
	static const char *const texts[] = { "timed out: a is not over", "timed out: b is not over",
		"timed out: c is not over" };
	struct stage st;
	size_t at;

	for (at = 0; at < strlen(THREE_WANT); at++) {
		stage_open(&st, three, 3);
		st.negotiator.chain.until = deadline_in(5 * MSEC);
		memory_put(&st.memory, THREE_WANT, at);
		negotiator_start(&st.negotiator);
		check(!st.over);
		until_over(&st);
		check(deadline_passed(st.negotiator.chain.until));
		check_failed(&st, three_at(at), ERROR_TIMEOUT, texts[three_at(at)]);
		check_int(st.error.origin, ORIGIN_ERRNO);
		check_int(st.memory.shut, 0);
		stage_close(&st);
	}
}

TEST("work that is ready is done before the deadline is checked")
{
	struct stage st;

	stage_open(&st, three, 3);
	st.negotiator.chain.until = deadline_in(0);
	memory_put(&st.memory, THREE_WANT, strlen(THREE_WANT));
	negotiator_start(&st.negotiator);
	check(st.over && !st.failed);
	stage_close(&st);
}

TEST("a refusal or an end fails the negotiation that it meets, and no later one begins")
{
	struct stage st;
	size_t at;

	for (at = 0; at < strlen(THREE_WANT); at++) {
		stage_open(&st, three, 3);
		negotiator_start(&st.negotiator);
		memory_put(&st.memory, THREE_WANT, at);
		turn(&st);
		memory_put(&st.memory, "!", 1);
		until_over(&st);
		check_failed(&st, three_at(at), ERROR_TLS, "not what was wanted");
		check_int(st.memory.shut, 0);
		stage_close(&st);
		stage_open(&st, three, 3);
		negotiator_start(&st.negotiator);
		memory_put(&st.memory, THREE_WANT, at);
		memory_end(&st.memory);
		until_over(&st);
		check_failed(&st, three_at(at), ERROR_TLS, "the peer has ended");
		stage_close(&st);
	}
}

TEST("stopped at any point it frees everything, and done is not called")
{
	struct stage st;
	size_t at;

	for (at = 0; at < strlen(THREE_WANT); at++) {
		stage_open(&st, three, 3);
		negotiator_start(&st.negotiator);
		memory_put(&st.memory, THREE_WANT, at);
		turn(&st);
		check(negotiator_error(&st.negotiator) == NULL);
		negotiator_stop(&st.negotiator);
		check_trace_ends_in(three_at(at));
		memory_put(&st.memory, THREE_WANT + at, strlen(THREE_WANT) - at);
		turn(&st);
		check_int(st.calls, 0);
		stage_close(&st);
	}
}

TEST("a negotiation continues at its retry time without input, and not later than the deadline")
{
	static const struct fake_how again[] = {
		{ .say = "", .want = "x", .retry = 2 * MSEC, .goes = 4 }
	};
	static const struct fake_how late[] = { { .say = "", .want = "x", .retry = LONG } };
	static const struct fake_how early[] = { { .say = "", .want = "x", .retry = 1 } };
	struct stage st;
	int64_t before = clock_now();

	stage_open(&st, again, 1);
	negotiator_start(&st.negotiator);
	until_over(&st);
	check(!st.failed);
	check_str(trace, "a -a ");
	check(clock_now() - before >= 6 * MSEC);
	stage_close(&st);
	stage_open(&st, late, 1);
	st.negotiator.chain.until = deadline_in(5 * MSEC);
	negotiator_start(&st.negotiator);
	until_over(&st);
	check_str(st.error.text, "timed out: a is not over");
	stage_close(&st);
	stage_open(&st, early, 1);
	st.negotiator.chain.until = deadline_in(5 * MSEC);
	negotiator_start(&st.negotiator);
	until_over(&st);
	check_str(st.error.text, "timed out: a is not over");
	stage_close(&st);
}

static const struct fake_how told[] = {
	{ .say = "", .want = "x", .sends_alert = true, .alert = 1 }
};

TEST("a refused peer gets the alert, then our end, and is read until its end")
{
	struct stage st;

	stage_open(&st, told, 1);
	memory_give_room(&st.memory, 0);
	memory_put(&st.memory, "!and more", 9);
	negotiator_start(&st.negotiator);
	turn(&st);
	/* known from now on, but the alert is not sent yet */
	check(!st.over && negotiator_error(&st.negotiator) != NULL);
	check_str(negotiator_verb(&st.negotiator), "a");
	check_int(st.memory.shut, 0);
	memory_give_room(&st.memory, MEMORY_MAX);
	turn(&st);
	check_int(st.memory.shut, 1);
	check_int(st.memory.n_read, 9);
	check(!st.over);
	memory_put(&st.memory, "still", 5);
	turn(&st);
	check_int(st.memory.n_read, 14);
	check(!st.over);
	memory_end(&st.memory);
	until_over(&st);
	check_int(st.memory.shut, 1);
	check_str(st.error.text, "not what was wanted");
	stage_close(&st);
}

TEST("a refused peer that never ends, silent or flooding, has a second")
{
	struct stage st;
	int64_t before;
	int endless;

	for (endless = 0; endless < 2; endless++) {
		stage_open(&st, told, 1);
		memory_put(&st.memory, "!", 1);
		negotiator_start(&st.negotiator);
		before = clock_now();
		st.memory.endless = endless != 0;
		memory_update(&st.memory);
		/* others get their turn */
		turn(&st);
		check(!st.over);
		until_over(&st);
		check(clock_now() - before >= 900 * MSEC);
		check(st.failed);
		stage_close(&st);
	}
}

TEST("only a failure with an alert lingers, and never on datagrams")
{
	static const struct fake_how untold[] = { { .say = "", .want = "x" } };
	static const struct fake_how stalled[] = {
		{ .say = "", .want = "x", .sends_alert = true }
	};
	struct stage st;

	stage_open(&st, untold, 1);
	memory_put(&st.memory, "!", 1);
	negotiator_start(&st.negotiator);
	check(st.over && st.memory.shut == 0);
	stage_close(&st);
	stage_open(&st, told, 1);
	st.memory.records = true;
	memory_put(&st.memory, "!", 1);
	negotiator_start(&st.negotiator);
	check(st.over && st.memory.shut == 0);
	stage_close(&st);
	stage_open(&st, stalled, 1);
	st.negotiator.chain.until = deadline_in(MSEC);
	negotiator_start(&st.negotiator);
	until_over(&st);
	check_int(st.error.code, ERROR_TIMEOUT);
	check_int(st.memory.shut, 0);
	stage_close(&st);
}

TEST("a descriptor that the loop cannot wait for is a failure")
{
	struct stage st;
	int in_fd;

	stage_open(&st, three, 3);
	in_fd = st.memory.in_fd;
	st.memory.in_fd = -1;
	negotiator_start(&st.negotiator);
	st.memory.in_fd = in_fd;
	check(st.over && st.failed);
	check_int(st.error.code, ERROR_LOCAL_IO);
	check_str(st.verb, "a");
	check_trace_ends_in(0);
	stage_close(&st);
}

TEST("a refusal stays the reason if the peer cannot be told")
{
	struct stage st;
	int in_fd;

	stage_open(&st, told, 1);
	memory_put(&st.memory, "!", 1);
	in_fd = st.memory.in_fd;
	st.memory.in_fd = -1;
	negotiator_start(&st.negotiator);
	st.memory.in_fd = in_fd;
	check(st.over && st.failed);
	check_int(st.error.code, ERROR_TLS);
	stage_close(&st);
}
