/*
 * Runs negotiations on a socket object, and waits for them.
 */
#ifndef SOCK_NEGOTIATE_H
#define SOCK_NEGOTIATE_H

#include "base/deadline.h"

struct error;
struct negotiation;
struct sock;

/* Runs a chain and waits for it; frees the chain. A failure closes s. If the peer is told why,
 * this waits up to a second for it first. The error begins with the verb of the failed negotiation
 * and the peer. e may not be NULL. */
int sock_negotiate(struct sock *s, struct negotiation *first, struct deadline until,
    struct error *e);

/* Fails before a chain runs: puts verb and peer in front of e, and closes s. Returns -1. */
int sock_close_failed(struct sock *s, const char *name, struct error *e);

#endif
