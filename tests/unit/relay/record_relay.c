#include "relay/dial/record_relay.h"

#include <errno.h>
#include <time.h>

#include "fake_records.h"
#include "relay/copy/scratch.h"

#define MSEC NSEC_PER_MSEC

/* Replaces base/clock: a test may advance it. */
static int64_t ahead;

int64_t
clock_now(void)
{
	struct timespec real;

	clock_gettime(CLOCK_MONOTONIC, &real);
	return real.tv_sec * NSEC_PER_SEC + real.tv_nsec + ahead;
}

/* A relay between two streams of records. */
struct stage {
	struct loop *loop;
	struct scratch scratch;
	struct ending_rules rules;
	struct relay_how how;
	struct relay *relay;
	struct fake_records local, remote;
	char seen[200]; /* of both directions, by the dump */
	bool over;
};

static void
on_done(struct relay *r)
{
	((struct stage *)r->how.arg)->over = true;
}

static void
on_seen(void *arg, const char *data, size_t n)
{
	strncat(((struct stage *)arg)->seen, data, n);
}

static void
stage_open(struct stage *st)
{
	*st = (struct stage){ .scratch = { .size = 256 << 10 } };
	check_int(loop_open(&st->loop, NULL), 0);
	fake_records_open(&st->local);
	fake_records_open(&st->remote);
	st->rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = DURATION_NONE,
		.until = deadline_never() };
	st->how = (struct relay_how){ .loop = st->loop,
		.scratch = &st->scratch,
		.rules = &st->rules,
		.local = &st->local.base,
		.remote = &st->remote.base,
		.connection = "forward there",
		.input = true,
		.limit = UINT64_MAX,
		.done = on_done,
		.arg = st };
}

static void
stage_start(struct stage *st)
{
	check_int(record_relay_open(&st->relay, &st->how, NULL), 0);
	relay_start(st->relay);
}

static void
stage_run(struct stage *st, int ms)
{
	check(loop_run(st->loop, &st->over, deadline_in(ms * MSEC), NULL) >= 0);
}

/* Returns the error of a relay that is over, or NULL. */
static const char *
stage_end(struct stage *st)
{
	stage_run(st, 20000);
	check(st->over);
	return st->relay->error != NULL ? st->relay->error->text : NULL;
}

static void
stage_close(struct stage *st)
{
	relay_close(st->relay);
	stream_close(&st->local.base);
	stream_close(&st->remote.base);
	scratch_fini(&st->scratch);
	loop_close(st->loop);
}

TEST("a record of one side is a record of the other, an empty one too, and both are counted")
{
	struct stage st;

	stage_open(&st);
	st.how.dumps.plain = (struct dump){ on_seen, &st, 0 };
	fake_records_put(&st.local, "one");
	fake_records_put(&st.local, "");
	fake_records_put(&st.local, "two");
	fake_records_put(&st.remote, "answer");
	stage_start(&st);
	stage_run(&st, 30);
	check_str(st.remote.out, "one||two|");
	check_str(st.local.out, "answer|");
	fake_records_put(&st.remote, "more");
	stage_run(&st, 30);
	check_str(st.local.out, "answer|more|");
	check(!st.over);
	check_int((intmax_t)st.relay->sent, 6);
	check_int((intmax_t)st.relay->n_sent, 3);
	check_int((intmax_t)st.relay->received, 10);
	check_int((intmax_t)st.relay->n_received, 2);
	check_str(st.seen, "answeronetwomore");
	stage_close(&st);
}

TEST("more records than one turn moves, held by the stream, go all")
{
	struct stage st;

	stage_open(&st);
	st.local.holds = true;
	for (int i = 0; i < FAKE_RECORDS_MAX; i++)
		fake_records_put(&st.local, "x");
	stage_start(&st);
	check(st.relay->n_sent < FAKE_RECORDS_MAX);
	stage_run(&st, 30);
	check_int((intmax_t)st.relay->n_sent, FAKE_RECORDS_MAX);
	stage_close(&st);
}

TEST("the end of either side is told to the other, and is a clean end")
{
	for (int i = 0; i < 2; i++) {
		struct stage st;
		struct fake_records *ends = i == 0 ? &st.local : &st.remote;
		const struct fake_records *other = i == 0 ? &st.remote : &st.local;

		stage_open(&st);
		fake_records_put(ends, "last");
		fake_records_end(ends);
		stage_start(&st);
		stage_run(&st, 30);
		check_str(other->out, "last|");
		check_int(other->shut, 1);
		ahead += 2 * NSEC_PER_SEC;
		check_str(stage_end(&st), NULL);
		check_int(st.relay->ending.end, i == 0 ? END_QUIET : END_PEER_FIN);
		stage_close(&st);
	}
}

TEST("silence is a clean end, unless a time-out for it is given")
{
	struct stage st;

	stage_open(&st);
	fake_records_put(&st.local, "one");
	stage_start(&st);
	ahead += RECORD_RELAY_SILENCE - NSEC_PER_SEC;
	stage_run(&st, 20);
	check(!st.over);
	ahead += 2 * NSEC_PER_SEC;
	check_str(stage_end(&st), NULL);
	check_int(st.relay->ending.end, END_QUIET);
	stage_close(&st);

	stage_open(&st);
	st.rules.idle = RECORD_RELAY_SILENCE / 2;
	stage_start(&st);
	ahead += RECORD_RELAY_SILENCE;
	check_str(stage_end(&st), "timed out: idle for 30 s");
	check_int(st.relay->ending.end, END_IDLE_TIMEOUT);
	stage_close(&st);
}

TEST("for a side that is slow one record is held, and the others stay where they are")
{
	static const int wants[] = { STREAM_WANT_WRITE, STREAM_WANT_READ };

	for (int i = 0; i < 2; i++) {
		struct stage st;

		stage_open(&st);
		fake_records_refuse(&st.remote, wants[i], 0, 0);
		fake_records_put(&st.local, "one");
		fake_records_put(&st.local, "two");
		stage_start(&st);
		check_int((intmax_t)st.local.n_read, 1);
		fake_records_refuse(&st.remote, 0, 0, 0);
		if (wants[i] == STREAM_WANT_READ)
			fake_records_put(&st.remote, "go on");
		stage_run(&st, 30);
		check_str(st.remote.out, "one|two|");
		stage_close(&st);
	}
}

TEST("what is held is that record alone, again and again, and an empty one, too")
{
	static const char *const texts[] = { "one", "", "two" };
	struct stage st;

	stage_open(&st);
	stage_start(&st);
	for (int i = 0; i < 3; i++) {
		fake_records_refuse(&st.remote, STREAM_WANT_WRITE, 0, 0);
		fake_records_put(&st.local, texts[i]);
		stage_run(&st, 10);
		check_int((intmax_t)st.relay->n_sent, i);
		fake_records_refuse(&st.remote, 0, 0, 0);
		stage_run(&st, 10);
		check_int((intmax_t)st.relay->n_sent, i + 1);
	}
	check_str(st.remote.out, "one||two|");
	stage_close(&st);
}

TEST("a record that was taken and not sent is flushed before the next")
{
	struct stage st;

	stage_open(&st);
	fake_records_refuse(&st.remote, 0, STREAM_WANT_WRITE, 0);
	fake_records_put(&st.local, "one");
	fake_records_put(&st.local, "two");
	fake_records_put(&st.local, "three");
	stage_start(&st);
	stage_run(&st, 20);
	check_str(st.remote.out, "one|");
	check_int((intmax_t)st.local.n_read, 2);
	fake_records_refuse(&st.remote, 0, 0, 0);
	stage_run(&st, 20);
	check_str(st.remote.out, "one|two|three|");
	stage_close(&st);
}

TEST("a flush that fails is a failure")
{
	struct stage st;

	stage_open(&st);
	fake_records_refuse(&st.remote, 0, STREAM_WANT_WRITE, 0);
	fake_records_put(&st.local, "one");
	stage_start(&st);
	fake_records_refuse(&st.remote, 0, -1, EPERM);
	check_str(stage_end(&st), "Operation not permitted");
	check_int(st.relay->ending.end, END_ERROR);
	check_str(relay_verb(st.relay), "send");
	stage_close(&st);
}

TEST("a record that is too long for the other side is not sent, and is a failure at the end")
{
	struct stage st;

	stage_open(&st);
	fake_records_put(&st.local, "one");
	stage_start(&st);
	fake_records_refuse(&st.remote, -1, 0, EMSGSIZE);
	fake_records_put(&st.local, "too long");
	stage_run(&st, 20);
	check(!st.over);
	fake_records_refuse(&st.remote, 0, 0, 0);
	fake_records_put(&st.local, "two");
	stage_run(&st, 20);
	check_str(st.remote.out, "one|two|");
	check_int((intmax_t)st.relay->sent, 6);
	check_int((intmax_t)st.relay->n_sent, 2);
	fake_records_end(&st.remote);
	ahead += 2 * NSEC_PER_SEC;
	check_str(stage_end(&st), "1 datagram was longer than the other side takes");
	check_int(st.relay->error->code, ERROR_NETWORK);
	stage_close(&st);
}

TEST("a record that is too long for the local side is a failure at the end, too")
{
	struct stage st;

	stage_open(&st);
	fake_records_refuse(&st.local, -1, 0, EMSGSIZE);
	fake_records_put(&st.remote, "too long");
	fake_records_put(&st.remote, "this one too");
	fake_records_end(&st.remote);
	stage_start(&st);
	ahead += 2 * NSEC_PER_SEC;
	check_str(stage_end(&st), "2 datagrams were longer than the other side takes");
	stage_close(&st);
}

TEST("a side that fails is named")
{
	struct stage st;

	stage_open(&st);
	fake_records_refuse(&st.local, -1, 0, EPERM);
	fake_records_put(&st.remote, "one");
	stage_start(&st);
	check_str(stage_end(&st), "forward there: Operation not permitted");
	stage_close(&st);

	stage_open(&st);
	fake_records_refuse(&st.remote, -1, 0, ECONNREFUSED);
	fake_records_put(&st.local, "one");
	stage_start(&st);
	check_str(stage_end(&st), "Connection refused");
	check_int(st.relay->ending.end, END_REFUSED);
	stage_close(&st);
}

TEST("the limit counts each direction, and the record that reaches it still moves")
{
	for (int i = 0; i < 4; i++) {
		struct stage st;
		struct fake_records *from = i % 2 == 0 ? &st.local : &st.remote;
		const struct fake_records *to = i % 2 == 0 ? &st.remote : &st.local;

		stage_open(&st);
		st.how.limit = i < 2 ? 5 : 7;
		fake_records_put(from, "1234");
		fake_records_put(from, "567");
		fake_records_put(from, "8");
		stage_start(&st);
		stage_run(&st, 30);
		ahead += 2 * NSEC_PER_SEC;
		check_str(stage_end(&st), NULL);
		check_str(to->out, "1234|567|");
		check_int((intmax_t)(i % 2 == 0 ? st.relay->sent : st.relay->received), 7);
		stage_close(&st);
	}
}

TEST("a rate holds back the next record until the last is paid for")
{
	struct stage st;

	stage_open(&st);
	st.how.rate = 1;
	fake_records_put(&st.local, "1234567890");
	fake_records_put(&st.local, "x");
	stage_start(&st);
	stage_run(&st, 20);
	check_str(st.remote.out, "1234567890|");
	ahead += 11 * NSEC_PER_SEC;
	stage_run(&st, 20);
	check_str(st.remote.out, "1234567890|x|");
	stage_close(&st);
}
