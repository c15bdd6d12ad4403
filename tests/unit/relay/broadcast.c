#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"
#include "relay/filter/framing.h"
#include "relay/server/broadcast/broadcast.h"
#include "relay/server/broadcast/broadcast_sink.h"
#include "stream/fd.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

/* A reader and what it read: "|" after each read, "." for the end, "!" for a failure. */
struct hearer {
	struct stream *stream;
	char text[200];
	uint64_t sent;
	bool asked, lazy, given_up;
	const char *says;      /* when there is room */
	struct hearer *closes; /* closed when this one is woken */
};

static struct error error;
static struct loop *loop;
static struct broadcast all;
static struct hearer hearers[3];
static int ends[2];
static int failures;

static void
note(struct hearer *h, const char *data, size_t n)
{
	size_t len = strlen(h->text);

	require(len + n < sizeof(h->text));
	memcpy(h->text + len, data, n);
	h->text[len + n] = '\0';
}

static void
hear(struct hearer *h)
{
	char data[10];
	struct error e;
	ssize_t n = 1;

	while (n > 0 && !h->lazy) {
		n = stream_read(h->stream, data, sizeof(data), &e);
		if (n > 0)
			note(h, data, (size_t)n);
		if (n >= -1)
			note(h, n > 0 ? "|" : n == 0 ? "." : "!", 1);
		h->sent += n > 0 ? (uint64_t)n : 0;
	}
}

static void
leave(struct hearer *h)
{
	stream_close(h->stream);
	h->stream = NULL;
}

static void
on_ready(void *arg, void *who)
{
	struct hearer *h = who;

	(void)arg;
	hear(h);
	if (h->closes != NULL && h->closes->stream != NULL)
		leave(h->closes);
}

static void
on_room(void *arg, void *who)
{
	struct hearer *h = who;
	size_t n = strlen(h->says);

	(void)arg;
	if (stream_write(h->stream, h->says, n, &error) == (ssize_t)n)
		h->says = "";
}

static uint64_t
on_sent(void *arg, void *who)
{
	struct hearer *h = who;

	(void)arg;
	h->asked = true;
	return h->sent;
}

static void
on_give_up(void *arg, void *who)
{
	struct hearer *h = who;

	(void)arg;
	h->given_up = true;
	leave(h);
}

static void
on_failed(void *arg, const struct error *e)
{
	(void)arg;
	(void)e;
	failures++;
}

static void
come(struct hearer *h)
{
	struct stream *out;

	check_int(fd_stream_null(&out, &error), 0);
	check_int(broadcast_stream(&h->stream, &all, h, out, &error), 0);
	hear(h);
}

/* A client that says things, too. */
static void
come_saying(struct hearer *h, bool whole)
{
	struct stream *out;

	check_int(broadcast_sink(&out, &all, h, whole, &error), 0);
	check_int(broadcast_stream(&h->stream, &all, h, out, &error), 0);
	hear(h);
}

/* The log takes one piece, which all have to read before the next. */
static bool
begin(const struct framing *framing, int64_t patience)
{
	memset(hearers, 0, sizeof(hearers));
	failures = 0;
	all = (struct broadcast){ .framing = framing,
		.held_max = 1,
		.patience = patience,
		.ready = on_ready,
		.room = on_room,
		.sent = on_sent,
		.give_up = on_give_up,
		.failed = on_failed };
	if (!check_int(loop_open(&loop, &error), 0) || !check_int(pipe2(ends, O_CLOEXEC), 0) ||
	    !check_int(fd_stream_stdio(&all.source, ends[0], -1, false, &error), 0))
		return false;
	all.loop = loop;
	return check_int(broadcast_open(&all, &error), 0);
}

static void
end(void)
{
	for (size_t i = 0; i < 3; i++)
		stream_close(hearers[i].stream);
	broadcast_close(&all);
	stream_close(all.source);
	close(ends[0]);
	if (ends[1] >= 0)
		close(ends[1]);
	loop_close(loop);
}

static void
run(int64_t nsec)
{
	const bool never = false;

	check_int(loop_run(loop, &never, deadline_in(nsec), &error), 0);
}

static void
say(const char *text)
{
	check_int(write(ends[1], text, strlen(text)), (intmax_t)strlen(text));
	run(20 * MSEC);
}

TEST("every reader gets everything, and a new one what is read from then on")
{
	require(begin(NULL, NSEC_PER_SEC));
	say("waits");
	come(&hearers[0]);
	run(20 * MSEC);
	check_str(hearers[0].text, "waits|");
	come(&hearers[1]);
	say("both");
	check_str(hearers[0].text, "waits|both|");
	check_str(hearers[1].text, "both|");
	close(ends[1]);
	ends[1] = -1;
	run(20 * MSEC);
	come(&hearers[2]);
	check_str(hearers[0].text, "waits|both|.");
	check_str(hearers[2].text, ".");
	end();
}

TEST("nothing more is read before all have read the block")
{
	char data[10];

	require(begin(NULL, NSEC_PER_SEC * 60));
	come(&hearers[0]);
	come(&hearers[1]);
	hearers[1].lazy = true;
	say("one");
	say("two");
	check_str(hearers[0].text, "one|");
	check_int(stream_read(hearers[0].stream, data, sizeof(data), &error), STREAM_WANT_READ);
	hearers[1].lazy = false;
	hear(&hearers[1]);
	run(20 * MSEC);
	check_str(hearers[0].text, "one|two|");
	check_str(hearers[1].text, "one|two|");
	end();
}

TEST("a reader without progress is given up, one with progress is not")
{
	require(begin(NULL, 700 * MSEC));
	come(&hearers[0]);
	come(&hearers[1]);
	come(&hearers[2]);
	hearers[1].lazy = hearers[2].lazy = true;
	say("one");
	for (int i = 0; i < 8; i++) {
		hearers[2].sent++;
		run(150 * MSEC);
	}
	check(hearers[1].given_up);
	check(!hearers[2].given_up);
	hearers[2].lazy = false;
	hear(&hearers[2]);
	say("two");
	check_str(hearers[0].text, "one|two|");
	check_str(hearers[2].text, "one|two|");
	end();
}

TEST("any reader may close while they are woken up")
{
	for (int first = 0; first < 3; first++)
		for (int goes = 0; goes < 3; goes++) {
			require(begin(NULL, NSEC_PER_SEC));
			for (int i = 0; i < 3; i++)
				come(&hearers[i]);
			hearers[first].closes = &hearers[goes];
			say("one");
			say("two");
			for (int i = 0; i < 3; i++)
				if (hearers[i].stream != NULL)
					check_str(hearers[i].text, "one|two|");
			end();
		}
}

TEST("blocks end with a record, and a malformed one is a failure for all")
{
	static const struct framing framing = { .kind = FRAMING_OCTETS };

	require(begin(&framing, NSEC_PER_SEC));
	come(&hearers[0]);
	say("2 ab3 x");
	check_str(hearers[0].text, "2 ab|");
	come(&hearers[1]);
	say("yz");
	check_str(hearers[0].text, "2 ab|3 xyz|");
	check_str(hearers[1].text, "3 xyz|");
	say("1 !bad");
	check_str(hearers[1].text, "3 xyz|1 !|!");
	check_int(failures, 1);
	come(&hearers[2]);
	check_str(hearers[2].text, "!");
	end();
}

static ssize_t
says(struct hearer *h, const char *text)
{
	return stream_write(h->stream, text, strlen(text), &error);
}

static bool
begin_talk(size_t held_max)
{
	if (!begin(NULL, NSEC_PER_SEC))
		return false;
	broadcast_close(&all);
	stream_close(all.source);
	all.source = NULL;
	all.held_max = held_max;
	return check_int(broadcast_open(&all, &error), 0);
}

TEST("what one says all others get, and not inside the call")
{
	require(begin_talk(0));
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], false);
	check_int(says(&hearers[0], "one"), 3);
	check_str(hearers[1].text, "");
	check_int(says(&hearers[1], "two"), 3);
	check_int(says(&hearers[0], "x"), 1);
	run(20 * MSEC);
	check_str(hearers[0].text, "two|");
	check_str(hearers[1].text, "onex|");
	check_str(hearers[2].text, "onetwox|");
	check_int(all.log.held, 0);
	end();
}

TEST("who finds the log full is woken in turn when there is room")
{
	require(begin_talk(1));
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], true);
	hearers[2].lazy = true;
	check_int(says(&hearers[0], "a1"), 2);
	hearers[1].says = "b1";
	check_int(says(&hearers[1], "b1"), STREAM_WANT_WRITE);
	hearers[0].says = "a2";
	check_int(says(&hearers[0], "a2"), STREAM_WANT_WRITE);
	run(20 * MSEC);
	check_str(hearers[0].says, "a2");
	hearers[2].lazy = false;
	hear(&hearers[2]);
	run(20 * MSEC);
	check_str(hearers[0].text, "b1|");
	check_str(hearers[1].text, "a1|a2|");
	check_str(hearers[2].text, "a1|b1|a2|");
	end();
}

TEST("who waits for room may leave")
{
	require(begin_talk(1));
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], true);
	hearers[2].lazy = true;
	check_int(says(&hearers[0], "a"), 1);
	hearers[1].says = "b";
	check_int(says(&hearers[1], "b"), STREAM_WANT_WRITE);
	hearers[0].says = "c";
	check_int(says(&hearers[0], "c"), STREAM_WANT_WRITE);
	leave(&hearers[1]);
	hearers[2].lazy = false;
	hear(&hearers[2]);
	run(20 * MSEC);
	check_str(hearers[2].text, "a|c|");
	end();
}

TEST("a reader that sends on too little in the patience is given up, if others wait")
{
	require(begin_talk(1));
	all.pace = 100;
	all.patience = 300 * MSEC;
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], true);
	hearers[2].lazy = true;
	check_int(says(&hearers[0], "a"), 1);
	for (int i = 0; i < 8; i++) {
		hearers[2].sent++;
		run(100 * MSEC);
	}
	check(hearers[2].given_up);
	check(!hearers[1].given_up);
	end();
}

TEST("a reader that is kept is never given up, nor asked what it has sent on")
{
	require(begin_talk(1));
	all.patience = 200 * MSEC;
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], true);
	hearers[2].lazy = true;
	broadcast_stream_keep(hearers[2].stream);
	check_int(says(&hearers[0], "a"), 1);
	run(800 * MSEC);
	check(hearers[1].asked);
	check(!hearers[2].asked);
	check(!hearers[2].given_up);
	end();
}

TEST("nobody is given up while the log has room")
{
	require(begin_talk(0));
	all.patience = 200 * MSEC;
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], true);
	hearers[2].lazy = true;
	check_int(says(&hearers[0], "a"), 1);
	run(800 * MSEC);
	check(!hearers[2].given_up);
	end();
}

TEST("a reader whose input is ended reads what there is, and then the end")
{
	require(begin_talk(0));
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], false);
	check_int(says(&hearers[0], "last"), 4);
	broadcast_stream_end(hearers[1].stream);
	run(20 * MSEC);
	check_str(hearers[1].text, "last|.");
	check_str(hearers[2].text, "last|");
	end();
}

TEST("a reader that is not read any more holds up nobody")
{
	require(begin_talk(1));
	for (int i = 0; i < 3; i++)
		come_saying(&hearers[i], false);
	hearers[2].lazy = true;
	stream_stop_reading(hearers[2].stream);
	check_int(says(&hearers[0], "one"), 3);
	run(20 * MSEC);
	check_int(says(&hearers[2], "two"), 3);
	run(20 * MSEC);
	check_str(hearers[1].text, "one|two|");
	check_int(all.log.held, 0);
	end();
}
