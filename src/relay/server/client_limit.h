/*
 * Counts of the clients of a server of several processes, in memory that they share: how many are
 * connected, so that a limit holds for all, and the numbers that clients get.
 */
#ifndef RELAY_SERVER_CLIENT_LIMIT_H
#define RELAY_SERVER_CLIENT_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>

/* Shared by all processes; zeroed. */
struct client_counts {
	atomic_uint active;   /* the clients of all processes */
	atomic_ulong last_id; /* the last number that was given */
};

/* What one process sees of it. own is shared too, so that others can release the clients of a
 * process that has died. */
struct client_limit {
	struct client_counts *all;
	atomic_uint *own; /* the clients of this process */
};

/* Counts another client. Returns false if there are max already; 0: no limit. */
bool client_limit_take(const struct client_limit *l, unsigned max);

/* Releases n clients, of this process or of another one that has died. */
void client_limit_release(const struct client_limit *l, unsigned n);

/* Returns 1, 2, ... */
unsigned long client_limit_next_id(const struct client_limit *l);

#endif
