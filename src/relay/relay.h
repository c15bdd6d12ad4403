/*
 * What all relays share: two sides, the rules of ends between them, the
 * descriptors and times that are waited for. A relay runs on the loop until it
 * ends, for one reason. byte_relay and message_relay are built on this.
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"
#include "relay/ending.h"
#include "relay/filter/filter.h"

struct error;
struct framing;
struct log;
struct recorded;
struct relay;
struct relay_carry;
struct relay_ops;
struct scratch;
struct stream;

/* The descriptors of both sides. If the input and output of a side are one descriptor, it is in
 * both slots; the loop allows several watches of one. The control connection of a proxy that relays
 * datagrams tells of its end only. */
enum relay_slot {
	RELAY_LOCAL_IN,
	RELAY_LOCAL_OUT,
	RELAY_REMOTE_IN,
	RELAY_REMOTE_OUT,
	RELAY_REMOTE_CONTROL,
	RELAY_SLOTS
};

/* Set by the caller. */
struct relay_how {
	struct loop *loop;
	const struct log *log;
	struct scratch *scratch;
	const struct ending_rules *rules; /* copied */
	struct stream *local, *remote;    /* the caller's; local is NULL for an echo */
	/* The local side is a connection, which messages call this: "forward 127.0.0.1:80". NULL: it
	 * is none. */
	const char *connection;
	/* Bytes for the local side that the peer sent before the relay began. Copied. */
	const void *first;
	size_t n_first;
	bool input;        /* the local side is a source */
	bool drops_input;  /* byte relays: of the input only its end is sent */
	bool awaited;      /* the peer exists only from its first byte on */
	uint64_t limit;    /* bytes each way; UINT64_MAX: none */
	uint64_t receives; /* datagrams, or reads of a stream; 0: no limit */
	uint64_t rate;     /* bytes a second each way; 0: no limit */
	int64_t delay;     /* nanoseconds after each line or record sent; 0: none */
	bool crlf, telnet;
	/* byte relays: another connection follows. The end of the peer ends the relay, and what it has
	 * not been sent goes here. NULL: none follows */
	struct relay_carry *carry;
	const struct framing *framing; /* byte relays: keep records whole; NULL: no records */
	struct dumps dumps;
	struct recorded *recorded;     /* records the connection; NULL: nobody does */
	void (*done)(struct relay *r); /* called once, last, from relay_start() or the loop */
	void *arg;
};

/* The first member of every relay. */
struct relay {
	const struct relay_ops *ops;
	struct relay_how how;
	struct ending_rules rules;
	struct ending ending;
	int64_t now;      /* time of this turn, CLOCK_MONOTONIC */
	unsigned blocked; /* bits of slots that are not ready: see relay_block() */
	/* results */
	const struct error *error;   /* NULL: a clean end; the text is the reason alone */
	uint64_t sent, received;     /* bytes */
	uint64_t n_sent, n_received; /* records */
	/* private */
	struct watch watches[RELAY_SLOTS];
	struct timer timer;
	unsigned shuts;        /* ENDING_ACT_SHUT_* to be done */
	ssize_t shut_waits[2]; /* STREAM_WANT_* of each, or 0 */
	bool running;
	bool grown;         /* the output pipe was enlarged */
	bool out_kept;      /* the output has taken bytes that it has not written */
	bool input_stopped; /* the local side was told that its output is no longer read */
};

/* Starts the relay. done() may be called before this returns. */
void relay_start(struct relay *r);

/* Reports that the local program has exited. The relay ends when its output is sent. */
void relay_program_gone(struct relay *r);

/* Reports that a local side without a descriptor is ready: LOOP_READ, LOOP_WRITE. */
void relay_local_ready(struct relay *r, unsigned events);

/* The peer has sent a datagram that another socket has received. */
void relay_push(struct relay *r, const void *data, size_t n);

/* Ends the relay for this reason. done() is not called. */
void relay_stop(struct relay *r, enum sock_end end);

bool relay_is_over(const struct relay *r);

/* Returns "send", "recv", "wait" or "accept", or NULL if the text of the error is complete. */
const char *relay_verb(const struct relay *r);

/* Frees r. The streams stay the caller's. Accepts NULL. */
void relay_close(struct relay *r);

#endif
