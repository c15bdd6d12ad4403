/*
 * One round of Happy Eyeballs (RFC 8305, 5): attempts over a list of addresses, a new one every
 * 250 ms or as soon as one fails. The first that connects wins, and the others are closed.
 * Private to connector; e is never NULL here.
 */
#ifndef NET_CONNECT_HAPPY_EYEBALLS_H
#define NET_CONNECT_HAPPY_EYEBALLS_H

#include <stddef.h>

#include "net/bind.h"
#include "net/connect.h"

struct resolved;

struct happy_eyeballs;

struct happy_eyeballs_how {
	const struct connect_how *connect;
	const struct bind_source *source;
	const char *host; /* as the user wrote it, for messages */
	int64_t started;  /* start of the round, for messages */
	const struct log *log;
	/* Called from the loop when the race is decided. May close it. */
	void (*done)(void *arg);
	void *arg;
};

/* Copies the addresses of list with alternating families, beginning with the family of the
 * first, and otherwise in the order of the list (RFC 8305, 4). n is at least 1; ret_peers has
 * room for n. */
void happy_eyeballs_interleave(const struct resolved *list, size_t n, struct sockname *ret_peers);

/* Starts a race over the peers in this order. Returns 1 when it is decided already, 0 when
 * how->done will be called, -1 with ERROR_INTERNAL. how has to outlive the race. */
int happy_eyeballs_start(struct happy_eyeballs **ret_race, struct loop *l,
    const struct sockname *peers, size_t n, const struct happy_eyeballs_how *how, struct error *e);

/* Returns the result of a race that is decided. Fails like connect_open(), and prefers the peer's
 * answer to a failure of this host. */
int happy_eyeballs_result(struct happy_eyeballs *r, int *ret_fd, struct sockname *ret_peer,
    struct error *e);

/* Sets the ERROR_TIMEOUT of a race that is not decided at this time. Returns -1. */
int happy_eyeballs_timed_out(const struct happy_eyeballs *r, int64_t now, struct error *e);

/* Abandons what is in progress, and frees r. Accepts NULL. */
void happy_eyeballs_close(struct happy_eyeballs *r);

/* Formats a duration as "2 s" or "0.25 s"; returns text. */
const char *happy_eyeballs_duration(int64_t nsec, char *text, size_t size);

#endif
