#include "cli/dialogue/figures.h"
#include "base/buf.h"
#include "base/error.h"
#include "cli/dialogue/conversation.h"
#include "test.h"

static void
add(struct conversation *c, enum dialogue_kind kind, enum dialogue_direction dir, int64_t time,
    size_t n)
{
	static const char data[64];
	const struct dialogue_event event = { .kind = kind,
		.role = DIALOGUE_CLIENT,
		.connection = 1,
		.dir = dir,
		.time = time,
		.data = data,
		.n = n };

	require(conversation_add(c, &event, NULL) == 0);
}

TEST("figures of many messages are those of all of them, and none is kept")
{
	enum { TURNS = 5000 };
	struct figures *f = figures_open(NULL);
	struct conversation c;
	struct buf out;
	int64_t time = 0;

	require(f != NULL);
	buf_init(&out, 10000);
	conversation_init(&c, 0);
	c.followed = figures_measure;
	c.arg = f;
	add(&c, DIALOGUE_OPEN, DIALOGUE_NO_DIRECTION, 0, 0);
	/* answers after 1 to 5000 milliseconds, in an order that jumps */
	for (int64_t i = 0; i < TURNS; i++) {
		add(&c, DIALOGUE_DATA, DIALOGUE_SENT, time, 10);
		time += (i * 3001 % TURNS + 1) * 1000000;
		add(&c, DIALOGUE_DATA, DIALOGUE_RECEIVED, time, 20 + (size_t)(i % 2) * 10);
	}
	add(&c, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, time, 0);
	check_int(c.n_messages, 1);
	check_int(figures_finish(f, &c, NULL), 0);
	check_int(f->of[ROUND_TRIPS].n, TURNS);
	check_int(f->of[ROUND_TRIPS].least, 1000000);
	check_int(f->of[ROUND_TRIPS].most, INT64_C(5000000000));
	check_int(f->of[THINK_TIMES].n, TURNS - 1);
	check_int(f->end, time);
	/* the mean of a bucket is within a hundredth of what is in it */
	check_int(figures_json(f, &c, &out, NULL), 0);
	check(strstr(buf_text(&out, NULL), "\"least\":0.001,\"median\":2.5") != NULL ||
	    strstr(buf_text(&out, NULL), "\"least\":0.001,\"median\":2.49") != NULL);
	check(strstr(buf_text(&out, NULL),
		  "{\"what\":\"answers\",\"n\":5000,\"least\":20,\"median\":20,\"p90\":30,\"most\":"
		  "30}") != NULL);
	figures_close(f);
	conversation_fini(&c);
	buf_fini(&out);
}

TEST("a few values are exact, as each has a bucket of its own")
{
	struct figures *f = figures_open(NULL);
	struct conversation c;
	struct buf out;

	require(f != NULL);
	buf_init(&out, 10000);
	conversation_init(&c, 0);
	c.followed = figures_measure;
	c.arg = f;
	add(&c, DIALOGUE_OPEN, DIALOGUE_NO_DIRECTION, 0, 0);
	add(&c, DIALOGUE_DATA, DIALOGUE_SENT, 100, 1);
	add(&c, DIALOGUE_DATA, DIALOGUE_RECEIVED, 123456889, 2);
	add(&c, DIALOGUE_DATA, DIALOGUE_SENT, 123456890, 3);
	add(&c, DIALOGUE_DATA, DIALOGUE_RECEIVED, 1111111111, 4);
	check_int(figures_finish(f, &c, NULL), 0);
	check_int(figures_json(f, &c, &out, NULL), 0);
	check(strstr(buf_text(&out, NULL),
		  "{\"what\":\"round-trips\",\"n\":2,\"least\":0.123457,"
		  "\"median\":0.123457,\"p90\":0.987654,\"most\":0.987654}") != NULL);
	figures_close(f);
	conversation_fini(&c);
	buf_fini(&out);
}

TEST("figures of the longest times are none that overflow")
{
	struct figures *f = figures_open(NULL);
	const struct figures_how how = { .columns = 0 };
	struct conversation c;
	struct buf out;

	require(f != NULL);
	buf_init(&out, 10000);
	conversation_init(&c, SIZE_MAX);
	for (int i = 0; i < 6; i++) {
		conversation_forget(&c);
		add(&c, DIALOGUE_OPEN, DIALOGUE_NO_DIRECTION, 0, 0);
		add(&c, DIALOGUE_DATA, DIALOGUE_SENT, 0, 1);
		add(&c, DIALOGUE_DATA, DIALOGUE_RECEIVED, DIALOGUE_TIME_MOST, 1);
		add(&c, DIALOGUE_CLOSE, DIALOGUE_NO_DIRECTION, DIALOGUE_TIME_MOST, 0);
		for (size_t m = 0; m < c.n_messages; m++)
			figures_measure(f, &c, &c.messages[m]);
	}
	check_int((intmax_t)f->of[ROUND_TRIPS].n, 6);
	check_int(f->of[ROUND_TRIPS].most, DIALOGUE_TIME_MOST);
	check_int(figures_text(f, &c, &how, &out, NULL), 0);
	check(strstr(buf_text(&out, NULL), "640511.9 h") != NULL);
	figures_close(f);
	conversation_fini(&c);
	buf_fini(&out);
}
