/*
 * One round of Happy Eyeballs (RFC 8305, 5): attempts over a list of addresses,
 * a new one every 250 ms or as soon as one fails; the first that connects wins,
 * the others are closed. Private to connect; e is never NULL here.
 */
#ifndef NET_HAPPY_EYEBALLS_H
#define NET_HAPPY_EYEBALLS_H

#include <stddef.h>

#include "net/bind.h"
#include "net/connect.h"

struct resolved;

struct happy_eyeballs_how {
	const struct connect_how *connect;
	const struct bind_source *source;
	const char *host; /* as the user wrote it, for messages */
	int64_t started;  /* of the round, likewise */
	const struct log *log;
};

/* The addresses of list with the families taking turns, the first one's first, and
 * in the order of the list otherwise (RFC 8305, 4). n is at least 1; ret_peers has
 * room for as many. */
void happy_eyeballs_interleave(const struct resolved *list, size_t n, struct sockname *ret_peers);

/* Peers are tried in this order. Errors as connect_open() has them; the peer's own
 * answer is preferred to a failure of this host. */
int happy_eyeballs_run(struct loop *l, const struct sockname *peers, size_t n,
    const struct happy_eyeballs_how *how, struct deadline until, int *ret_fd,
    struct sockname *ret_peer, struct error *e);

/* Writes "2 s", "0.25 s"; returns text. */
const char *happy_eyeballs_duration(int64_t nsec, char *text, size_t size);

#endif
