/*
 * The users of a chat, and what they are told: lines in the log of a broadcast,
 * for all of them or for one alone.
 */
#ifndef RELAY_SERVER_BROADCAST_CHAT_ROOM_H
#define RELAY_SERVER_BROADCAST_CHAT_ROOM_H

#include <stdbool.h>

#include "base/buf.h"
#include "loop/loop.h"
#include "relay/server/broadcast/broadcast.h"

struct error;
struct stream;

#define CHAT_NAME_MAX 32 /* bytes of a name */
/* How long a user that was sent away may take to read why. */
#define CHAT_PARTING NSEC_PER_SEC

struct chat_user {
	struct chat_user *next, **prev;
	struct chat_room *room;
	char name[CHAT_NAME_MAX + 1];
	struct broadcast_waiter waiter; /* waiter.who is the user among the readers */
	struct stream *local;           /* NULL: the operator */
	struct buf line;                /* what has come of its line */
	struct timer parting;
	bool cut;  /* the rest of a line that is too long is dropped */
	bool gone; /* left, or sent away: it is not heard any more */
};

struct chat_room {
	/* set by the caller, the rest zeroed */
	struct broadcast *b;
	/* Ends the connection of a user that was sent away and stays. Its stream has to be closed
	 * before this returns. */
	void (*expel)(void *arg, void *who);
	void *arg;
	/* readable */
	struct chat_user *users; /* the one that came last is the first */
};

/* Adds a user, who is one of the readers. Its name and local side are the caller's to set. */
void chat_room_add(struct chat_room *c, struct chat_user *u, void *who);

/* Removes a user, and frees what belongs to it but u. */
void chat_room_remove(struct chat_user *u);

/* Tells text with its format, and a newline, to the user alone, or if it is NULL to all but
 * `from`, or if that is NULL, too, to all. */
int chat_room_tell(struct chat_room *c, const struct chat_user *from, const struct chat_user *to,
    struct error *e, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Returns the user of this name who is there, or NULL. */
struct chat_user *chat_room_find(struct chat_room *c, const char *name);

/* Sends a user away, not the operator: its input ends once it has read what there is, and its
 * connection CHAT_PARTING later. */
void chat_room_part(struct chat_user *u);

#endif
