#include "relay/server/broadcast/chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/record.h"
#include "relay/server/broadcast/chat_command.h"
#include "stream/write_only.h"

/* ---- lines ---- */

static int
run_line(struct chat_user *u, struct error *e)
{
	struct buf shown;
	char *text;
	int rc = -1;

	if (u->line.len > 0 && buf_head(&u->line)[u->line.len - 1] == '\r')
		u->line.len--;
	buf_init(&shown, SIZE_MAX / 2);
	if (record_escape_text(&shown, u->line.len > 0 ? buf_head(&u->line) : "", u->line.len, e) ==
		0 &&
	    (text = buf_text(&shown, e)) != NULL)
		rc = chat_command(u, text, e);
	buf_fini(&shown);
	buf_fini(&u->line);
	return rc;
}

static int
cut_line(struct chat_user *u, struct error *e)
{
	u->cut = true;
	return chat_room_tell(u->room, NULL, u, e, "* your line was cut after %d bytes",
	    CHAT_LINE_MAX);
}

/* Takes bytes up to the end of a line. Returns how many. */
static ssize_t
take_part(struct chat_user *u, const char *data, size_t n, struct error *e)
{
	const char *lf = memchr(data, '\n', n);
	size_t part = lf != NULL ? (size_t)(lf - data) : n, room = CHAT_LINE_MAX - u->line.len;

	if (!u->cut && buf_append(&u->line, data, part < room ? part : room, e) < 0)
		return -1;
	if (!u->cut && part > room && cut_line(u, e) < 0)
		return -1;
	if (lf == NULL)
		return (ssize_t)n;
	u->cut = false;
	return run_line(u, e) < 0 ? -1 : (ssize_t)part + 1;
}

/* Takes lines while the log has room. */
static ssize_t
take_lines(struct chat_user *u, const char *data, size_t n, struct error *e)
{
	size_t at = 0;
	ssize_t part;

	while (at < n && !u->gone) {
		if (!broadcast_has_room(u->room->b, &u->waiter))
			return at > 0 ? (ssize_t)at : STREAM_WANT_WRITE;
		part = take_part(u, data + at, n - at, e);
		if (part < 0)
			return -1;
		at += (size_t)part;
	}
	return (ssize_t)n;
}

int
chat_operator_input(struct chat *c, const char *data, size_t n, struct error *e)
{
	size_t at = 0;
	ssize_t part;

	/* the input is read while there is room, and what is read is taken */
	for (; at < n; at += (size_t)part)
		if ((part = take_part(&c->operator_user, data + at, n - at, e)) < 0)
			return -1;
	return 0;
}

/* ---- what a user writes, as a stream ---- */

struct chat_stream {
	struct stream base;
	struct chat_user user;
};

static struct chat_user *
user_of(const struct stream *s)
{
	return &CONTAINER_OF(s, struct chat_stream, base)->user;
}

static ssize_t
chat_write(struct stream *s, const void *data, size_t n, struct error *e)
{
	return take_lines(user_of(s), data, n, e);
}

static int
chat_leave(struct chat_user *u, struct error *e)
{
	if (u->gone)
		return 0;
	if (u->line.len > 0 && run_line(u, e) < 0)
		return -1;
	u->gone = true;
	return chat_room_tell(u->room, u, NULL, e, "* %s has left", u->name);
}

/* A last line without its end counts. */
static int
chat_shut(struct stream *s, struct error *e)
{
	struct chat_user *u = user_of(s);

	if (chat_leave(u, e) < 0)
		return -1;
	broadcast_stream_end(u->local);
	return 0;
}

static void
chat_stream_close(struct stream *s)
{
	struct chat_user *u = user_of(s);

	(void)chat_leave(u, NULL);
	chat_room_remove(u);
	free(CONTAINER_OF(s, struct chat_stream, base));
}

static const struct stream_ops chat_ops = {
	.read = write_only_read,
	.write = chat_write,
	.shut = chat_shut,
	.close = chat_stream_close,
	.raw_fd = write_only_raw_fd,
	.kind = write_only_kind,
};

/* ---- open and close ---- */

void
chat_open(struct chat *c, void *who)
{
	chat_room_add(&c->room, &c->operator_user, who);
	snprintf(c->operator_user.name, sizeof c->operator_user.name, "%s", CHAT_OPERATOR);
}

static int
greet(struct chat_user *u, struct error *e)
{
	if (chat_room_tell(u->room, u, NULL, e, "* %s has joined", u->name) < 0)
		return -1;
	return chat_room_tell(u->room, NULL, u, e, "* you are %s; /help lists the commands",
	    u->name);
}

int
chat_join(struct chat *c, void *who, unsigned long id, struct stream **ret_local, struct error *e)
{
	struct chat_stream *cs = calloc(1, sizeof *cs);

	if (cs == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	cs->base.ops = &chat_ops;
	chat_room_add(&c->room, &cs->user, who);
	snprintf(cs->user.name, sizeof cs->user.name, "guest%lu", id);
	/* until it has joined, nobody is told that it leaves */
	cs->user.gone = true;
	if (broadcast_stream(&cs->user.local, c->room.b, who, &cs->base, e) < 0)
		return -1;
	cs->user.gone = false;
	if (greet(&cs->user, e) < 0) {
		stream_close(cs->user.local);
		return -1;
	}
	*ret_local = cs->user.local;
	return 0;
}

void
chat_close(struct chat *c)
{
	if (c->room.users != NULL)
		chat_room_remove(c->room.users);
}
