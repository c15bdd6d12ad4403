/*
 * The senders of datagrams: a bounded hash table by address, ordered by when
 * each was last heard.
 */
#ifndef RELAY_SERVER_PEER_TABLE_H
#define RELAY_SERVER_PEER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/endpoint.h"
#include "relay/capture/recorder.h"
#include "relay/server/echo_guard.h"
#include "sock/sock.h"

struct responder;

struct sender {
	struct sockname name,
	    local;               /* its address; our address that it sent to, len 0 if unknown */
	unsigned long id;        /* 1, 2, ... */
	uint64_t received, sent; /* bytes */
	uint64_t received_datagrams, sent_datagrams;
	int64_t started, heard; /* CLOCK_MONOTONIC, nanoseconds */
	enum sock_end end;      /* END_NONE while it is in the table */
	bool has_status;
	int status;                  /* of its program, as from waitpid(2) */
	struct responder *responder; /* answers it; NULL: the server does */
	unsigned in_flight;          /* datagrams to it in the send queue */
	struct echo_guard guard;
	struct recorded recorded;
	/* private to the table */
	uint64_t hash;
	struct sender *chain, *older, *newer;
};

struct peer_table {
	size_t n, max;
	struct sender *oldest, *newest; /* ordered by `heard` */
	/* private */
	struct sender **buckets;
	size_t n_buckets; /* a power of two, or 0 */
	uint64_t secret;  /* of the hash: a stranger cannot choose addresses that share a bucket */
	unsigned long ids;
};

/* Allocates nothing until the first sender. max is the number of senders. */
void peer_table_init(struct peer_table *t, size_t max);

/* Frees the senders, but not their responders. */
void peer_table_fini(struct peer_table *t);

/* Returns the sender with this name, or NULL. */
struct sender *peer_table_find(struct peer_table *t, const struct sockname *name);

/* Adds a sender, heard now, even if another has this name. Returns NULL if the table is full, or
 * without memory. */
struct sender *peer_table_add(struct peer_table *t, const struct sockname *name, int64_t now);

/* Hashes n bytes, as the table does with its secret as the seed. */
uint64_t peer_table_hash(uint64_t seed, const void *data, size_t n);

/* Marks the sender as heard now. */
void peer_table_touch(struct peer_table *t, struct sender *s, int64_t now);

/* Removes and frees the sender. */
void peer_table_remove(struct peer_table *t, struct sender *s);

#endif
