/*
 * Counts of the clients of a server of several processes, in memory that they share: how many are
 * connected, so that a limit holds for all, and the numbers that clients get. A process that finds
 * no room is told when another one has made some.
 */
#ifndef RELAY_SERVER_CLIENT_LIMIT_H
#define RELAY_SERVER_CLIENT_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>

struct error;

/* Shared by all processes; zeroed. */
struct client_counts {
	atomic_uint active;   /* the clients of all processes */
	atomic_ulong last_id; /* the last number that was given */
};

/* One process, in shared memory too, so that others can release the clients of one that has died. */
struct client_room {
	atomic_uint clients; /* of this process */
	atomic_bool waits;   /* it wants to know when there is room */
	int event;           /* an eventfd(2), readable when there may be; the same number in all */
};

/* What one process sees of it. */
struct client_limit {
	struct client_counts *all;
	struct client_room *rooms; /* of all processes */
	unsigned n, self;
};

/* Opens the events of n processes, before they are forked. ERROR_INTERNAL; then nothing is open. */
int client_rooms_open(struct client_room *rooms, unsigned n, struct error *e);
void client_rooms_close(struct client_room *rooms, unsigned n);

/* Counts another client. Returns false if there are max already; 0: no limit. */
bool client_limit_take(const struct client_limit *l, unsigned max);

/* Releases n clients, of this process or of another one that has died, and tells those that wait. */
void client_limit_release(const struct client_limit *l, unsigned n);

/* From now on the event of this process becomes readable when another one releases clients. The
 * caller then looks whether there is room: it may have been made before. */
void client_limit_await(const struct client_limit *l);

/* Returns the descriptor of the event, and clears it. */
int client_limit_event(const struct client_limit *l);
void client_limit_clear(const struct client_limit *l);

/* Returns 1, 2, ... */
unsigned long client_limit_next_id(const struct client_limit *l);

#endif
