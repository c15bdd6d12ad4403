#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "control/control_channel.h"
#include "control/control_request.h"
#include "sock/sock.h"
#include "test.h"

enum { ASKS = 4 };

/* A channel, the server's end of it, and what came back. */
struct stage {
	struct loop *loop;
	struct control_channel ch;
	struct control_ask asks[ASKS];
	char said[256]; /* lines and ends, in order */
	struct control_channel *close_in_done;
	bool over;
	int server;
};

static void
note(struct stage *st, const struct control_ask *a, const char *text)
{
	size_t n = strlen(st->said);

	snprintf(st->said + n, sizeof(st->said) - n, "%d:%s ", (int)(a - st->asks), text);
}

static void
on_line(struct control_ask *a, char *line)
{
	note(a->arg, a, line);
}

static void
on_done(struct control_ask *a, const char *failure)
{
	struct stage *st = a->arg;

	note(st, a, failure == NULL ? "." : failure == control_channel_gone ? "gone" : failure);
	if (st->close_in_done != NULL)
		control_channel_close(st->close_in_done);
}

static void
stage_open(struct stage *st)
{
	struct error e = { 0 };
	int pair[2];

	*st = (struct stage){ .over = false };
	check_int(loop_open(&st->loop, &e), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	st->server = pair[1];
	st->ch.loop = st->loop;
	check_int(sock_adopt(&st->ch.sock, st->loop, pair[0], &e), 0);
	check_int(control_channel_start(&st->ch, &e), 0);
}

static void
stage_close(struct stage *st)
{
	control_channel_close(&st->ch);
	loop_close(st->loop);
	close(st->server);
}

static void
turn(struct stage *st)
{
	struct error e = { 0 };

	loop_run(st->loop, &st->over, deadline_in(20 * NSEC_PER_MSEC), &e);
}

static void
ask(struct stage *st, int i, enum control_verb verb)
{
	const struct control_request rq = { .verb = verb };

	st->asks[i] = (struct control_ask){ .line = on_line, .done = on_done, .arg = st };
	control_channel_ask(&st->ch, &rq, &st->asks[i]);
}

static void
serve(struct stage *st, const char *text)
{
	check_int(write(st->server, text, strlen(text)), (long)strlen(text));
	turn(st);
}

TEST("commands are sent at once, and answers belong to them in order")
{
	struct stage st;
	char sent[100];
	ssize_t n;

	stage_open(&st);
	ask(&st, 0, CONTROL_PAUSE);
	ask(&st, 1, CONTROL_STATS);
	n = read(st.server, sent, sizeof(sent));
	check_mem(sent, n > 0 ? (size_t)n : 0, "pause\nstats\n", 12);
	serve(&st, "ok\nfirst\nsecond\n");
	check_str(st.said, "0:. 1:first 1:second ");
	serve(&st, "error: why\n");
	check_str(st.said, "0:. 1:first 1:second 1:why ");
	stage_close(&st);
	check_str(st.said, "0:. 1:first 1:second 1:why ");
}

TEST("a line in pieces is one")
{
	struct stage st;

	stage_open(&st);
	ask(&st, 0, CONTROL_LIST);
	serve(&st, "ro");
	serve(&st, "w\no");
	check_str(st.said, "0:row ");
	serve(&st, "k\n");
	check_str(st.said, "0:row 0:. ");
	stage_close(&st);
}

TEST(
    "when the connection ends, all that is not answered has failed, and so has what is asked later")
{
	struct stage st;

	stage_open(&st);
	ask(&st, 0, CONTROL_PAUSE);
	ask(&st, 1, CONTROL_PAUSE);
	serve(&st, "ok\nhalf a li");
	close(st.server);
	st.server = -1;
	turn(&st);
	check_str(st.said, "0:. 1:gone ");
	ask(&st, 2, CONTROL_PAUSE);
	check_str(st.said, "0:. 1:gone 2:gone ");
	stage_close(&st);
}

TEST("a callback may close the channel, with answers left in the buffer")
{
	struct stage st;

	stage_open(&st);
	ask(&st, 0, CONTROL_PAUSE);
	ask(&st, 1, CONTROL_PAUSE);
	st.close_in_done = &st.ch;
	serve(&st, "ok\nok\n");
	check_str(st.said, "0:. 1:gone ");
	stage_close(&st);
}

TEST("lines that nobody has asked for are ignored")
{
	struct stage st;

	stage_open(&st);
	serve(&st, "hello\nok\n");
	check_str(st.said, "");
	ask(&st, 0, CONTROL_PAUSE);
	serve(&st, "ok\n");
	check_str(st.said, "0:. ");
	stage_close(&st);
}

TEST("a channel that is forgotten calls nothing")
{
	struct stage st;

	stage_open(&st);
	ask(&st, 0, CONTROL_PAUSE);
	control_channel_forget(&st.ch);
	check_str(st.said, "");
	stage_close(&st);
}
