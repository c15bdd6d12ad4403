/*
 * Who has sent datagrams: a table by address, bounded, in the order of when each
 * was last heard.
 */
#ifndef RELAY_SERVER_PEER_TABLE_H
#define RELAY_SERVER_PEER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/endpoint.h"
#include "relay/server/echo_guard.h"
#include "sock/sock.h"

struct responder;

struct sender {
	struct sockname name, here; /* its address; the one of ours that it sent to, or len 0 */
	unsigned long id;           /* 1, 2, ... */
	uint64_t received, sent;    /* bytes */
	uint64_t received_datagrams, sent_datagrams;
	int64_t started, heard; /* CLOCK_MONOTONIC, nanoseconds */
	enum sock_end end;      /* END_NONE while it is known */
	bool has_status;
	int status;                  /* of its program, as waitpid(2) gives it */
	struct responder *responder; /* what answers it; NULL: we do */
	unsigned in_flight;          /* datagrams to it that lie in the send queue */
	struct echo_guard guard;
	/* private to the table */
	uint64_t hash;
	struct sender *chain, *older, *newer;
};

struct peer_table {
	size_t n, max;
	struct sender *oldest, *newest; /* by heard */
	/* private */
	struct sender **buckets;
	size_t n_buckets; /* a power of two, or 0 */
	uint64_t secret;  /* a stranger cannot choose addresses that share a bucket */
	unsigned long ids;
};

/* No allocation until the first sender. max: how many are held at most. */
void peer_table_init(struct peer_table *t, size_t max);

/* Frees the senders too, but not what answers them. */
void peer_table_fini(struct peer_table *t);

/* The sender of this name, or NULL. */
struct sender *peer_table_find(struct peer_table *t, const struct sockname *name);

/* A new one, heard now, even where there is one of this name. NULL where the table
 * is full or memory is. */
struct sender *peer_table_add(struct peer_table *t, const struct sockname *name, int64_t now);

/* Of n bytes, as the table hashes names with its secret. */
uint64_t peer_table_hash(uint64_t seed, const void *data, size_t n);

/* Heard again. */
void peer_table_touch(struct peer_table *t, struct sender *s, int64_t now);

/* Forgets and frees it. */
void peer_table_remove(struct peer_table *t, struct sender *s);

#endif
