/*
 * What two ends agree on before a stream carries data: a STARTTLS dialogue, a TLS handshake.
 * Each is a struct negotiation; several are run in order, as a chain. Nothing here waits:
 * relay/negotiator runs a chain on the loop, sock_negotiate() of sock/ waits for it. What both
 * have to do alike is here: the deadline, retry times, whose failure it is, and that the peer gets
 * to know of it before the connection is closed.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATION_H
#define STREAM_NEGOTIATE_NEGOTIATION_H

#include <stdbool.h>

#include "base/deadline.h"
#include "base/error.h"

struct negotiation;
struct stream;

/* Nothing is waited for but the time of retry_at. */
#define NEGOTIATION_WANT_TIME (-5)

struct negotiation_ops {
	const char *name;       /* the verb of its messages: "tls" */
	const char *unfinished; /* what a time-out says of it: "the handshake is not over" */
	/* Goes on as far as it can: 0 done, STREAM_WANT_* of *top, NEGOTIATION_WANT_TIME, -1. May
	 * put a stream on top of *top. Not called again after 0 and -1. */
	int (*step)(struct negotiation *n, struct stream **top, struct error *e);
	/* When step has to be called though the descriptor is not ready. NULL: never. */
	struct deadline (*retry_at)(const struct negotiation *n, const struct stream *top);
	/* Frees n. A stream that it has put on is not its own. NULL: free(n) does. */
	void (*free)(struct negotiation *n);
};

/* First member of every negotiation. */
struct negotiation {
	const struct negotiation_ops *ops;
	struct negotiation *next; /* owned; NULL: the last of its chain */
	bool tells;               /* set by step: a failure with ERROR_TLS tells the peer why */
};

/* A peer that is told why it is refused is given so long to end its side. */
#define NEGOTIATION_PARTING NSEC_PER_SEC

enum negotiation_state { NEGOTIATION_RUNS, NEGOTIATION_PARTS, NEGOTIATION_FAILED };

struct negotiation_chain {
	/* set by the caller (zeroed before) */
	struct negotiation *at; /* the first; owned from then on */
	struct stream **top;    /* stays the caller's, what negotiations put there too */
	struct deadline until;  /* of all of them */
	/* private */
	enum negotiation_state state;
	struct negotiation *parting; /* of one that has failed, from its peer */
	struct error error;
};

/* Goes on: 0 all are done; STREAM_WANT_*: to be called again when the descriptor of *top is ready,
 * or (and NEGOTIATION_WANT_TIME) at negotiation_wake_at(); -1: one has failed, and the connection may be closed. What is
 * ready is done before the deadline is looked at; ERROR_TIMEOUT with ETIMEDOUT is its failure. */
int negotiation_step(struct negotiation_chain *c);

/* After STREAM_WANT_*. */
struct deadline negotiation_wake_at(const struct negotiation_chain *c);

/* Fails it where the caller cannot wait: negotiation_step() gives -1 from now on. The first failure
 * counts. */
void negotiation_fail(struct negotiation_chain *c, const struct error *e);

/* Why it has failed, known before negotiation_step() gives -1: the peer may still have to hear of
 * it. The text is the reason alone. NULL: it has not. */
const struct error *negotiation_error(const struct negotiation_chain *c);

/* The verb of the one that runs or has failed. Not once all are done. */
const char *negotiation_name(const struct negotiation_chain *c);

/* Frees what it holds, not c itself. At any time, and twice. */
void negotiation_fini(struct negotiation_chain *c);

#endif
