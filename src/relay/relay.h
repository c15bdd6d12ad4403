/*
 * What all relays have in common: two sides, the rules of ends between them, the
 * descriptors and the time that are waited for. A relay runs on the loop until it
 * ends for one reason. byte_relay and message_relay are built on this.
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

/* Descriptors of the two sides. A side whose input and output are one descriptor has it in
 * both slots; the loop lets several watches share it. */
enum relay_slot { RELAY_LOCAL_IN, RELAY_LOCAL_OUT, RELAY_REMOTE_IN, RELAY_REMOTE_OUT, RELAY_SLOTS };

/* What the caller sets up. */
struct relay_how {
	struct loop *loop;
	const struct log *log;
	struct scratch *scratch;
	const struct ending_rules *rules; /* copied */
	struct stream *local, *remote;    /* the caller's; local NULL: echo */
	bool input;                       /* the local side is a source */
	bool awaited;                     /* the peer is still to come */
	uint64_t limit;                   /* bytes each way; UINT64_MAX: none */
	uint64_t rate;                    /* bytes a second each way; 0: no limit */
	int64_t delay;                    /* after each line or record sent; 0: none */
	bool crlf, telnet;
	const struct framing *framing; /* of bytes: records stay whole; NULL: there are none */
	void (*hexdump)(void *arg, const char *text, size_t n); /* NULL: none */
	void *hexdump_arg;
	void (*done)(struct relay *r); /* called once, last, from relay_start() or the loop */
	void *arg;
};

struct relay_ops {
	size_t size; /* of the whole relay */
	/* Moves what goes without waiting, and tells the ending what has happened. True: there is
	 * more to do at once. */
	bool (*run)(struct relay *r);
	/* LOOP_* events that each slot waits for (zeroed before); the time at which run() is due
	 * though nothing is ready. */
	struct deadline (*wants)(const struct relay *r, unsigned events[RELAY_SLOTS]);
	/* A slot is ready for these events; RELAY_SLOTS: the time has come. NULL: it is not blocked
	 * any more is all. */
	void (*ready)(struct relay *r, enum relay_slot slot, unsigned events);
	/* Carries out ENDING_ACT_DROP_SEND, _DROP_RECEIVE and _DISCARD. */
	void (*drop)(struct relay *r, unsigned actions);
	/* Bytes of the input that are known to be left. NULL: there is no peer that could end. */
	uint64_t (*left)(const struct relay *r);
	/* It is over: what else there is to tell. NULL: nothing. */
	void (*conclude)(struct relay *r);
	/* Releases what the relay holds, not r itself. */
	void (*fini)(struct relay *r);
};

/* First member of every relay. */
struct relay {
	const struct relay_ops *ops;
	struct relay_how how;
	struct ending_rules rules;
	struct ending ending;
	int64_t now;      /* of this turn, CLOCK_MONOTONIC */
	unsigned blocked; /* slots that are not ready, as bits: see relay_block() */
	/* results */
	struct error *error;         /* NULL: a clean end; the text is the reason alone */
	uint64_t sent, received;     /* bytes */
	uint64_t n_sent, n_received; /* records */
	/* private */
	struct watch watches[RELAY_SLOTS];
	struct timer timer;
	unsigned shuts;        /* ENDING_ACT_SHUT_* that are not done yet */
	ssize_t shut_waits[2]; /* STREAM_WANT_* of each, 0: none */
	bool running;
	bool grown;         /* the output, a pipe, was enlarged */
	bool out_kept;      /* it holds what it has taken */
	bool input_stopped; /* the program's output is not read any more, and it knows */
};

/* For those who build on it: ops->size bytes, zeroed but for this. NULL with *e. */
void *relay_new(const struct relay_ops *ops, const struct relay_how *how, struct error *e);

/* Begins; done() may be called before this returns. */
void relay_start(struct relay *r);

/* The program of the local side is over: when its output is sent, so is the relay. */
void relay_program_gone(struct relay *r);

/* The local side, whose input has no descriptor, has something to read. */
void relay_input_arrived(struct relay *r);

/* Ends now for this reason. done() is not called. */
void relay_stop(struct relay *r, enum sock_end end);

bool relay_is_over(const struct relay *r);

/* "send" "recv" "wait" "accept", or NULL where the text of the error is complete. */
const char *relay_verb(const struct relay *r);

/* Frees r; the streams stay the caller's. NULL is fine. */
void relay_close(struct relay *r);

/* ---- for relays ---- */

/* Runs it, since something else than its slots and its time is ready. */
void relay_wake(struct relay *r);

/* What a slot has nothing of: until it is ready, or the time of the remote side's has come. */
void relay_block(struct relay *r, enum relay_slot slot);
bool relay_is_blocked(const struct relay *r, enum relay_slot slot);

/* Takes up to n records of the local side, as record_reader_take(), and no more than --max-bytes;
 * the ending is told of an end, the limit and a failure. */
int relay_take_records(struct relay *r, struct record_reader *in, struct packet *packets,
    unsigned n);

/* Writes what is held for the local side, once. True where that has changed something. */
bool relay_output(struct relay *r, struct buf *out);

/* Something has happened. */
void relay_event(struct relay *r, enum ending_event event);

/* Reading from or writing to this slot has failed: e is the reason. */
void relay_failed(struct relay *r, enum relay_slot slot, const struct error *e);

/* The same for a failure that is this event. */
void relay_broke(struct relay *r, enum ending_event event, const struct error *e);

/* At the end: it was none without failure after all. */
void relay_spoil(struct relay *r, enum ending_verb verb, const struct error *e);

#endif
