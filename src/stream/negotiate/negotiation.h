/*
 * What two ends agree on before a stream carries data: a STARTTLS dialogue, a
 * TLS handshake. Each is a struct negotiation; a chain runs several in order.
 * Nothing here blocks: relay/negotiator runs a chain on the loop,
 * sock_negotiate() waits for it. What both drivers share is here: the deadline,
 * retry times, which negotiation failed, and that the peer learns of it before
 * the connection is closed.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATION_H
#define STREAM_NEGOTIATE_NEGOTIATION_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/error.h"

struct buf;
struct negotiation;
struct stream;

/* Wait for retry_at only, not for the descriptor. */
#define NEGOTIATION_WANT_TIME (-5)

struct negotiation_ops {
	const char *name;       /* prefix of its messages: "tls" */
	const char *unfinished; /* what a time-out reports: "the handshake is not over" */
	/* Goes as far as it can without blocking. Returns 0 when done, STREAM_WANT_* for *top,
	 * NEGOTIATION_WANT_TIME, or -1. May put a stream on top of *top. Not called again after 0
	 * or -1. */
	int (*step)(struct negotiation *n, struct stream **top, struct error *e);
	/* When to call step even if the descriptor is not ready. NULL: never. */
	struct deadline (*retry_at)(const struct negotiation *n, const struct stream *top);
	/* Frees n, but not a stream that it put on top. NULL: free(n) is enough. */
	void (*free)(struct negotiation *n);
};

/* The first member of every negotiation. */
struct negotiation {
	const struct negotiation_ops *ops;
	struct negotiation *next; /* owned; NULL: the last one */
	bool sends_alert;         /* set by step: after a failure the peer is told why */
};

/* How long a refused peer has to end its direction. */
#define NEGOTIATION_LINGER NSEC_PER_SEC

enum negotiation_state { NEGOTIATION_RUNS, NEGOTIATION_LINGERS, NEGOTIATION_FAILED };

struct negotiation_chain {
	/* set by the caller, the rest zeroed */
	struct negotiation *at; /* the first; owned from now on */
	struct stream **top;    /* the caller's, including streams that negotiations put there */
	struct deadline until;  /* the deadline of the whole chain */
	/* private */
	enum negotiation_state state;
	struct negotiation *lingering; /* the lingering close after a failure */
	struct error error;
};

/* For a negotiation: sends what is in out, and consumes it. Returns 0 when nothing is left,
 * STREAM_WANT_* or -1. */
int negotiation_send(struct stream *s, struct buf *out, struct error *e);

/* Returns where a chain that begins at *first continues. */
struct negotiation **negotiation_end(struct negotiation **first);

/* Goes as far as it can without blocking. Returns 0 when all are done. Returns STREAM_WANT_* or
 * NEGOTIATION_WANT_TIME: call again when the descriptor of *top is ready, and at
 * negotiation_wake_at(). Returns -1 when one has failed and the connection may be closed. Work that
 * is ready is done before the deadline is checked; a missed deadline is ERROR_TIMEOUT with
 * ETIMEDOUT. */
int negotiation_step(struct negotiation_chain *c);

/* When to call negotiation_step() again, after STREAM_WANT_* or NEGOTIATION_WANT_TIME. */
struct deadline negotiation_wake_at(const struct negotiation_chain *c);

/* Makes the chain fail with e: negotiation_step() returns -1 from now on. For a caller that cannot
 * wait. The first failure counts. */
void negotiation_fail(struct negotiation_chain *c, const struct error *e);

/* Returns the failure, without a prefix, or NULL. It is known before negotiation_step() returns -1,
 * while the peer is still being told. */
const struct error *negotiation_error(const struct negotiation_chain *c);

/* Returns the prefix of the negotiation that runs or failed. Must not be called once all are
 * done. */
const char *negotiation_name(const struct negotiation_chain *c);

/* Frees everything but c itself. May be called at any time, and twice. */
void negotiation_fini(struct negotiation_chain *c);

#endif
