#include "control/control_channel.h"

#include <string.h>

#include "base/error.h"
#include "control/control_answer.h"
#include "control/control_request.h"
#include "sock/sock.h"
#include "stream/stream.h"

enum { READ_SIZE = 64 << 10, IN_MAX = 1 << 20, OUT_MAX = 1 << 20 };

const char control_channel_gone[] = "the connection has ended";

/* ---- answers ---- */

/* The callback may ask for more. */
static void
finish_first(struct control_channel *ch, const char *failure)
{
	struct control_ask *a = ch->first;

	ch->first = a->next;
	if (ch->first == NULL)
		ch->last = &ch->first;
	a->done(a, failure);
}

/* Those that are asked meanwhile fail at once. */
static void
fail_all(struct control_channel *ch)
{
	ch->broken = true;
	loop_unwatch(ch->loop, &ch->watch);
	while (ch->first != NULL)
		finish_first(ch, control_channel_gone);
}

static void
handle_line(struct control_channel *ch, char *line)
{
	const char *failure;

	if (ch->first == NULL)
		return;
	if (control_answer_is_end(line, &failure))
		finish_first(ch, failure);
	else
		ch->first->line(ch->first, line);
}

/* A callback may close the channel. */
static void
handle_lines(struct control_channel *ch)
{
	long at;

	while (ch->sock != NULL && (at = buf_find(&ch->in, '\n', 0)) >= 0) {
		char *line = buf_head(&ch->in);

		line[at] = '\0';
		handle_line(ch, line);
		if (ch->sock != NULL)
			buf_consume(&ch->in, (size_t)at + 1);
	}
}

/* ---- the connection ---- */

/* Returns false if the connection has ended. */
static bool
read_answer_lines(struct control_channel *ch)
{
	char *room = buf_reserve(&ch->in, READ_SIZE, NULL);
	ssize_t n;

	if (room == NULL)
		return false;
	n = stream_read(sock_stream(ch->sock), room, READ_SIZE, NULL);
	if (n > 0)
		buf_added(&ch->in, (size_t)n);
	return n > 0 || n == STREAM_WANT_READ;
}

static bool
write_commands(struct control_channel *ch)
{
	ssize_t n;

	while (ch->out.len > 0) {
		n = stream_write(sock_stream(ch->sock), buf_head(&ch->out), ch->out.len, NULL);
		if (n == STREAM_WANT_WRITE)
			break;
		if (n <= 0)
			return false;
		buf_consume(&ch->out, (size_t)n);
	}
	return loop_watch(ch->loop, &ch->watch,
		   ch->out.len > 0 ? LOOP_READ | LOOP_WRITE : LOOP_READ, NULL) == 0;
}

static void
on_ready(struct watch *w, unsigned ready)
{
	struct control_channel *ch = w->arg;
	bool alive = (ready & LOOP_READ) == 0 || read_answer_lines(ch);

	handle_lines(ch);
	if (ch->sock != NULL && !(alive && write_commands(ch)))
		fail_all(ch);
}

int
control_channel_start(struct control_channel *ch, struct error *e)
{
	buf_init(&ch->in, IN_MAX);
	buf_init(&ch->out, OUT_MAX);
	ch->last = &ch->first;
	ch->watch = (struct watch){ .fd = sock_fileno(ch->sock), .fn = on_ready, .arg = ch };
	return loop_watch(ch->loop, &ch->watch, LOOP_READ, e);
}

void
control_channel_ask(struct control_channel *ch, const struct control_request *rq,
    struct control_ask *a)
{
	if (ch->broken || control_request_format(rq, &ch->out, NULL) < 0) {
		a->done(a, control_channel_gone);
		return;
	}
	a->next = NULL;
	*ch->last = a;
	ch->last = &a->next;
	if (!write_commands(ch))
		fail_all(ch);
}

void
control_channel_close(struct control_channel *ch)
{
	if (ch->sock == NULL)
		return;
	fail_all(ch);
	control_channel_forget(ch);
}

void
control_channel_forget(struct control_channel *ch)
{
	if (ch->sock == NULL)
		return;
	loop_unwatch(ch->loop, &ch->watch);
	buf_fini(&ch->in);
	buf_fini(&ch->out);
	sock_free(ch->sock);
	ch->sock = NULL;
}
