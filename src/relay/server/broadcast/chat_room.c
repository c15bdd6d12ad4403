#include "relay/server/broadcast/chat_room.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int
chat_room_tell(struct chat_room *c, const struct chat_user *from, const struct chat_user *to,
    struct error *e, const char *fmt, ...)
{
	const struct broadcast_route route = { from != NULL ? from->waiter.who : NULL,
		to != NULL ? to->waiter.who : NULL };
	char *text;
	va_list ap;
	int n, rc;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	/* the newline instead of the NUL */
	text[n] = '\n';
	rc = broadcast_put(c->b, &route, text, (size_t)n + 1, e);
	free(text);
	return rc;
}

struct chat_user *
chat_room_find(struct chat_room *c, const char *name)
{
	struct chat_user *u;

	for (u = c->users; u != NULL; u = u->next)
		if (!u->gone && strcmp(u->name, name) == 0)
			return u;
	return NULL;
}

static void
on_parting(struct timer *t)
{
	const struct chat_user *u = t->arg;

	u->room->expel(u->room->arg, u->waiter.who);
}

void
chat_room_part(struct chat_user *u)
{
	u->gone = true;
	broadcast_stop_waiting(u->room->b, &u->waiter);
	broadcast_stream_end(u->local);
	u->parting = (struct timer){ .fn = on_parting, .arg = u };
	/* without memory for the timer, it may stay until it leaves by itself */
	(void)loop_timer_set(u->room->b->loop, &u->parting, deadline_in(CHAT_PARTING), NULL);
}

void
chat_room_add(struct chat_room *c, struct chat_user *u, void *who)
{
	u->room = c;
	u->waiter.who = who;
	buf_init(&u->line, SIZE_MAX / 2);
	u->next = c->users;
	u->prev = &c->users;
	if (u->next != NULL)
		u->next->prev = &u->next;
	c->users = u;
}

void
chat_room_remove(struct chat_user *u)
{
	broadcast_stop_waiting(u->room->b, &u->waiter);
	loop_timer_stop(u->room->b->loop, &u->parting);
	*u->prev = u->next;
	if (u->next != NULL)
		u->next->prev = u->prev;
	buf_fini(&u->line);
}
