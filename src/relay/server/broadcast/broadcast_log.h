/*
 * Pieces of bytes for many readers, each at a place of its own. A piece is for
 * all readers but its sender, or for one reader alone. It is freed when all
 * readers have passed it, so the slowest decides what is held.
 */
#ifndef RELAY_SERVER_BROADCAST_BROADCAST_LOG_H
#define RELAY_SERVER_BROADCAST_BROADCAST_LOG_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct broadcast_piece;

struct broadcast_log {
	size_t held; /* bytes of all pieces, with what it takes to keep them */
	/* private: the last piece is empty, and the next append fills it */
	struct broadcast_piece *first, *last;
};

/* Where a reader is. */
struct broadcast_place {
	const void *who; /* its name */
	/* private */
	struct broadcast_piece *piece; /* NULL: not in a log */
	size_t at;                     /* offset in the piece */
};

/* Whose a piece is. */
struct broadcast_route {
	const void *from; /* this reader does not get it; NULL: none */
	const void *to;   /* only this reader gets it; NULL: all */
};

/* Fails with ERROR_INTERNAL. */
int broadcast_log_open(struct broadcast_log *l, struct error *e);

/* Needs all readers gone. Accepts a zeroed l. */
void broadcast_log_close(struct broadcast_log *l);

/* Places a reader at the end: it gets what is appended from then on. */
void broadcast_log_enter(struct broadcast_log *l, struct broadcast_place *place, const void *who);

/* Takes a reader out. Does nothing if it is not in a log. */
void broadcast_log_leave(struct broadcast_log *l, struct broadcast_place *place);

/* Appends n > 0 bytes as one piece. On ERROR_INTERNAL nothing is appended. */
int broadcast_log_append(struct broadcast_log *l, const struct broadcast_route *route,
    const void *data, size_t n, struct error *e);

/* Copies up to n unread bytes of several pieces. Returns how many; 0: there are none. */
size_t broadcast_log_read(struct broadcast_log *l, struct broadcast_place *place, void *data,
    size_t n);

/* Returns how many bytes of its next piece the reader has not read; 0: there are none. */
size_t broadcast_log_unread(const struct broadcast_place *place);

/* Passes the pieces that are not for the reader. Returns true if there is something to read. */
bool broadcast_log_is_behind(struct broadcast_log *l, struct broadcast_place *place);

#endif
