/*
 * One round of Happy Eyeballs (RFC 8305, 5): attempts over a list of addresses, a new one every
 * 250 ms or as soon as one fails. The first that connects wins, and the others are closed.
 * Private to connect; e is never NULL here.
 */
#ifndef NET_CONNECT_HAPPY_EYEBALLS_H
#define NET_CONNECT_HAPPY_EYEBALLS_H

#include <stddef.h>

#include "net/bind.h"
#include "net/connect.h"

struct resolved;

struct happy_eyeballs_how {
	const struct connect_how *connect;
	const struct bind_source *source;
	const char *host; /* as the user wrote it, for messages */
	int64_t started;  /* start of the round, for messages */
	const struct log *log;
};

/* Copies the addresses of list with alternating families, beginning with the family of the
 * first, and otherwise in the order of the list (RFC 8305, 4). n is at least 1; ret_peers has
 * room for n. */
void happy_eyeballs_interleave(const struct resolved *list, size_t n, struct sockname *ret_peers);

/* Tries the peers in this order. Fails like connect_open(), and prefers the peer's answer to a
 * failure of this host. */
int happy_eyeballs_run(struct loop *l, const struct sockname *peers, size_t n,
    const struct happy_eyeballs_how *how, struct deadline until, int *ret_fd,
    struct sockname *ret_peer, struct error *e);

/* Formats a duration as "2 s" or "0.25 s"; returns text. */
const char *happy_eyeballs_duration(int64_t nsec, char *text, size_t size);

#endif
