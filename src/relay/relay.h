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

struct buf;
struct error;
struct framing;
struct log;
struct packet;
struct record_reader;
struct relay;
struct scratch;
struct stream;

/* The descriptors of both sides. Where the input and output of a side are one descriptor, it is in
 * both slots; the loop allows several watches of one. */
enum relay_slot { RELAY_LOCAL_IN, RELAY_LOCAL_OUT, RELAY_REMOTE_IN, RELAY_REMOTE_OUT, RELAY_SLOTS };

/* Set by the caller. */
struct relay_how {
	struct loop *loop;
	const struct log *log;
	struct scratch *scratch;
	const struct ending_rules *rules; /* copied */
	struct stream *local, *remote;    /* the caller's; local is NULL for an echo */
	bool input;                       /* the local side is a source */
	bool awaited;                     /* the peer exists only from its first byte on */
	uint64_t limit;                   /* bytes each way; UINT64_MAX: none */
	uint64_t rate;                    /* bytes a second each way; 0: no limit */
	int64_t delay;                    /* nanoseconds after each line or record sent; 0: none */
	bool crlf, telnet;
	const struct framing *framing; /* byte relays: keep records whole; NULL: no records */
	void (*hexdump)(void *arg, const char *text, size_t n); /* NULL: none */
	void *hexdump_arg;
	void (*done)(struct relay *r); /* called once, last, from relay_start() or the loop */
	void *arg;
};

struct relay_ops {
	size_t size; /* of the structure that begins with struct relay */
	/* Moves what it can without blocking, and reports events to the ending. Returns true where
	 * more can be done at once. */
	bool (*run)(struct relay *r);
	/* Sets the LOOP_* events that each slot waits for, zeroed before. Returns when run() is due
	 * without an event. */
	struct deadline (*wants)(const struct relay *r, unsigned events[RELAY_SLOTS]);
	/* Called when a slot is ready for these events, or with RELAY_SLOTS when the time has come.
	 * NULL: the slot is only unblocked. */
	void (*ready)(struct relay *r, enum relay_slot slot, unsigned events);
	/* Carries out ENDING_ACT_DROP_SEND, _DROP_RECEIVE and _DISCARD. */
	void (*drop)(struct relay *r, unsigned actions);
	/* Returns how many bytes of the input are known to be unsent. NULL: the peer has no end. */
	uint64_t (*left)(const struct relay *r);
	/* Called at the end, to report more. NULL: nothing to report. */
	void (*conclude)(struct relay *r);
	/* Frees what the relay holds, not r itself. */
	void (*fini)(struct relay *r);
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
	struct error *error;         /* NULL: a clean end; the text is the reason alone */
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
	bool input_stopped; /* the program was told that its output is no longer read */
};

/* For relays: allocates ops->size bytes, zeroed except struct relay. Returns NULL with *e. */
void *relay_new(const struct relay_ops *ops, const struct relay_how *how, struct error *e);

/* Starts the relay. done() may be called before this returns. */
void relay_start(struct relay *r);

/* Reports that the local program has exited. The relay ends when its output is sent. */
void relay_program_gone(struct relay *r);

/* Reports that a local input without a descriptor is readable. */
void relay_input_arrived(struct relay *r);

/* Ends the relay for this reason. done() is not called. */
void relay_stop(struct relay *r, enum sock_end end);

bool relay_is_over(const struct relay *r);

/* Returns "send", "recv", "wait" or "accept", or NULL where the text of the error is complete. */
const char *relay_verb(const struct relay *r);

/* Frees r. The streams stay the caller's. Accepts NULL. */
void relay_close(struct relay *r);

/* ---- for relays ---- */

/* Runs the relay because of something other than its slots and times. */
void relay_wake(struct relay *r);

/* Marks a slot as not ready, until the loop reports it, or for the remote side until the next time
 * is due. */
void relay_block(struct relay *r, enum relay_slot slot);
bool relay_is_blocked(const struct relay *r, enum relay_slot slot);

/* Reads up to n records of the local side, as record_reader_take(), within the limit. Reports the
 * end, the limit and failures to the ending. */
int relay_take_records(struct relay *r, struct record_reader *in, struct packet *packets,
    unsigned n);

/* Writes buffered bytes to the local side, once. Returns true where anything changed. */
bool relay_output(struct relay *r, struct buf *out);

/* Reports an event to the ending. */
void relay_event(struct relay *r, enum ending_event event);

/* Reports that reading or writing this slot failed with e. */
void relay_failed(struct relay *r, enum relay_slot slot, const struct error *e);

/* Reports a failure as this event. */
void relay_broke(struct relay *r, enum ending_event event, const struct error *e);

/* Turns a clean end into this failure. */
void relay_spoil(struct relay *r, enum ending_verb verb, const struct error *e);

#endif
