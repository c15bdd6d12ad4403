#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "control/control_conn.h"
#include "sock/sock.h"
#include "test.h"

/* A connection, its other end, and a target that keeps what it is asked. */
struct stage {
	struct loop *loop;
	struct control_target target;
	struct control_conn conn;
	struct control_reply *asked; /* not answered yet */
	int n_asked, n_ended;
	bool at_once; /* answers within the call */
	bool over;
	int peer;
};

static void
ask(void *arg, struct control_reply *r)
{
	struct stage *st = arg;

	st->n_asked++;
	if (st->at_once)
		control_reply_finish(r, NULL);
	else
		st->asked = r;
}

static void
on_ended(struct control_conn *c)
{
	struct stage *st = c->arg;

	st->n_ended++;
	control_conn_close(c);
	st->over = true;
}

static void
stage_open(struct stage *st)
{
	struct error e = { 0 };
	int pair[2];

	*st = (struct stage){ .target = { ask, st } };
	check_int(loop_open(&st->loop, &e), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	st->peer = pair[1];
	st->conn = (struct control_conn){ .loop = st->loop,
		.target = &st->target,
		.ended = on_ended,
		.arg = st };
	check_int(sock_adopt(&st->conn.sock, st->loop, pair[0], &e), 0);
	check_int(control_conn_start(&st->conn, &e), 0);
}

static void
stage_close(struct stage *st)
{
	control_conn_close(&st->conn);
	loop_close(st->loop);
	close(st->peer);
}

/* Runs the loop until nothing more happens. */
static void
turn(struct stage *st)
{
	struct error e = { 0 };

	loop_run(st->loop, &st->over, deadline_in(20 * NSEC_PER_MSEC), &e);
}

static void
say(struct stage *st, const char *text)
{
	check_int(write(st->peer, text, strlen(text)), (long)strlen(text));
	turn(st);
}

static void
check_said(const struct stage *st, const char *want)
{
	char data[4096];
	ssize_t n = read(st->peer, data, sizeof(data));

	check_mem(data, n > 0 ? (size_t)n : 0, want, strlen(want));
}

static void
answer(struct stage *st, const char *failure)
{
	struct control_reply *r = st->asked;
	struct error e = { 0 };

	st->asked = NULL;
	if (failure != NULL)
		error_set(&e, ERROR_NETWORK, "%s", failure);
	control_reply_finish(r, failure != NULL ? &e : NULL);
	turn(st);
}

TEST("the next command is read when the last one is answered")
{
	struct stage st;

	stage_open(&st);
	say(&st, "pause\nkick 7\n");
	check_int(st.n_asked, 1);
	require(st.asked != NULL);
	check_int(st.asked->request.verb, CONTROL_PAUSE);
	answer(&st, NULL);
	check_said(&st, "ok\n");
	check_int(st.n_asked, 2);
	require(st.asked != NULL);
	check_int(st.asked->request.verb, CONTROL_KICK);
	check_int(st.asked->request.id, 7);
	answer(&st, "no client has the number 7");
	check_said(&st, "error: no client has the number 7\n");
	check_int(st.n_ended, 0);
	stage_close(&st);
}

TEST("many commands in one write have their answers in order, made at once")
{
	struct stage st;

	stage_open(&st);
	st.at_once = true;
	say(&st, "pause\nnonsense\n\n \t\r\nresume\r\npause -json\n");
	check_int(st.n_asked, 3);
	check_said(&st,
	    "ok\nerror: unknown command 'nonsense': help lists the commands\nok\n"
	    "{\"ok\":true}\n");
	stage_close(&st);
}

TEST("the last line needs no newline, and the connection ends after its answer")
{
	struct stage st;

	stage_open(&st);
	check_int(write(st.peer, "pause", 5), 5);
	shutdown(st.peer, SHUT_WR);
	turn(&st);
	check_int(st.n_asked, 1);
	check_int(st.n_ended, 0);
	require(st.asked != NULL);
	answer(&st, NULL);
	check_said(&st, "ok\n");
	check_int(st.n_ended, 1);
	stage_close(&st);
}

TEST("a line in pieces is one command")
{
	struct stage st;
	const char *line = "kick 12\n";

	stage_open(&st);
	for (const char *at = line; *at != '\0'; at++) {
		check_int(st.n_asked, 0);
		check_int(write(st.peer, at, 1), 1);
		turn(&st);
	}
	check_int(st.n_asked, 1);
	require(st.asked != NULL);
	check_int(st.asked->request.id, 12);
	answer(&st, NULL);
	stage_close(&st);
}

TEST("a line that is too long is refused, and is the last")
{
	char line[CONTROL_LINE_MAX + 10];
	struct stage st;

	stage_open(&st);
	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 7, "\npause", 6);
	line[sizeof(line) - 1] = '\n';
	line[CONTROL_LINE_MAX + 1] = 'x';
	check_int(write(st.peer, line, CONTROL_LINE_MAX + 2), CONTROL_LINE_MAX + 2);
	turn(&st);
	check_said(&st, "error: the line is longer than 1024 bytes\n");
	check_int(st.n_ended, 1);
	check_int(st.n_asked, 0);
	stage_close(&st);
}

TEST("an answer to a connection that has closed goes nowhere, and is freed")
{
	struct stage st;

	stage_open(&st);
	say(&st, "pause\n");
	require(st.asked != NULL);
	control_conn_close(&st.conn);
	control_reply_finish(st.asked, NULL);
	check_int(st.n_ended, 0);
	stage_close(&st);
}

TEST("a reply that is forgotten leaves the connection")
{
	struct stage st;

	stage_open(&st);
	say(&st, "pause\n");
	require(st.asked != NULL);
	control_reply_forget(st.asked);
	check(st.conn.reply == NULL);
	stage_close(&st);
}

TEST("the end of the other end is told once, though a command is being executed")
{
	struct stage st;

	stage_open(&st);
	say(&st, "pause\n");
	require(st.asked != NULL);
	close(st.peer);
	st.peer = -1;
	turn(&st);
	answer(&st, NULL);
	check_int(st.n_ended, 1);
	stage_close(&st);
}

TEST("an answer of more than the socket takes arrives whole")
{
	enum { ROWS = 20000 };
	struct stage st;
	size_t got = 0;
	char data[65536];
	ssize_t n;

	stage_open(&st);
	say(&st, "list -no-header\n");
	require(st.asked != NULL);
	for (int i = 0; i < ROWS; i++)
		check_int(buf_append(&st.asked->answer.rows, "a row of a client\n", 18, NULL), 0);
	answer(&st, NULL);
	while ((n = read(st.peer, data, sizeof(data))) > 0) {
		got += (size_t)n;
		turn(&st);
	}
	check_int(got, ROWS * 18 + 3);
	check_int(st.n_ended, 0);
	stage_close(&st);
}
