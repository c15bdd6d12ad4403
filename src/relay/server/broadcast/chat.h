/*
 * A chat on a broadcast: lines of users with names. What a user writes goes to
 * the others as "<name> line"; a line that begins with "/" is a command, and
 * "//" a line that begins with "/". Control characters are escaped, lines are
 * bounded. A user leaves with the end of its side.
 */
#ifndef RELAY_SERVER_BROADCAST_CHAT_H
#define RELAY_SERVER_BROADCAST_CHAT_H

#include <stddef.h>

#include "relay/server/broadcast/chat_room.h"

struct error;
struct stream;

#define CHAT_LINE_MAX 4096 /* bytes of a line; the rest is dropped, and the user told */

struct chat {
	struct chat_room room; /* with what its caller sets */
	/* private */
	struct chat_user operator_user;
};

/* Makes `who`, one of the readers, the operator. */
void chat_open(struct chat *c, void *who);

/* Makes the local side of a new user, who is called guestID. c must outlive it. */
int chat_join(struct chat *c, void *who, unsigned long id, struct stream **ret_local,
    struct error *e);

/* Takes n bytes of the operator; 0: the end of its input. */
int chat_operator_input(struct chat *c, const char *data, size_t n, struct error *e);

/* Needs all streams closed. Accepts a zeroed c. */
void chat_close(struct chat *c);

#endif
