/*
 * The rules of ends: how a relay between a local side (standard input and output, a
 * program, a file) and a remote side (the connection) comes to its end, and what each
 * end, failure and silence means. Every relay asks this machine; docs/ends.md is its
 * table. It is pure: events come in, actions go out, and it neither reads nor writes
 * nor knows a clock.
 */
#ifndef RELAY_ENDING_H
#define RELAY_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "sock/sock.h"

/* What a command says about ends; outlives the relays of it. Durations in nanoseconds. */
struct ending_rules {
	bool half_open;     /* the peer's end never stops our input */
	bool no_half_close; /* the end of our input is not passed on */
	bool send_only;     /* over as soon as everything is sent */
	bool local_program; /* the local side is a program: ENDING_PROGRAM_GONE will follow */
	bool quiet_ends;    /* silence for after_eof is a clean end, not a time-out */
	bool silence_fixed; /* ... and counted from the end of our input, whatever comes */
	int64_t half_close; /* the peer's silence between the end of our input and the half-close */
	int64_t after_eof;  /* the peer's silence after the end of our input; DURATION_NONE: any */
	int64_t idle;       /* no byte either way; DURATION_NONE: any */
	int64_t accept;     /* of an awaited peer: until it is there; DURATION_NONE: any */
	struct deadline until;
};

/* After the peer's end, an input that was silent for so long will deliver no more. */
#define ENDING_INPUT_SILENCE (500 * NSEC_PER_MSEC)

/* A direction: send is local to remote, receive is remote to local. */
enum ending_state {
	ENDING_OPEN,     /* its source may deliver */
	ENDING_DRAINING, /* its source is over; what is held is being written */
	ENDING_DELAYED,  /* send: all is written, the half-close is due later */
	ENDING_SHUTTING, /* its sink is told that this was all */
	ENDING_IDLE,     /* send: there is no source, but the sink is still open */
	ENDING_CLOSED,
	ENDING_STATES
};

#define ENDING_EVENTS(X)                                                                           \
	X(ENDING_INPUT_ENDED, "input ended")                                                       \
	X(ENDING_INPUT_LIMIT, "send limit")                                                        \
	X(ENDING_SENT, "all sent")                                                                 \
	X(ENDING_SEND_SHUT, "half-closed")                                                         \
	X(ENDING_PEER_ENDED, "peer ended")                                                         \
	X(ENDING_RECEIVE_LIMIT, "receive limit")                                                   \
	X(ENDING_DELIVERED, "all delivered")                                                       \
	X(ENDING_RECEIVE_SHUT, "output closed")                                                    \
	X(ENDING_PEER_CUT, "peer cut")                                                             \
	X(ENDING_RECEIVE_RESET, "reset on receive")                                                \
	X(ENDING_RECEIVE_FAILED, "receive failed")                                                 \
	X(ENDING_SEND_RESET, "reset on send")                                                      \
	X(ENDING_SEND_FAILED, "send failed")                                                       \
	X(ENDING_REFUSED, "refused")                                                               \
	X(ENDING_INPUT_RESET, "input reset")                                                       \
	X(ENDING_INPUT_FAILED, "input failed")                                                     \
	X(ENDING_OUTPUT_GONE, "output gone")                                                       \
	X(ENDING_OUTPUT_FAILED, "output failed")                                                   \
	X(ENDING_PROGRAM_GONE, "program gone")                                                     \
	X(ENDING_STOP, "stop")                                                                     \
	X(ENDING_DEADLINE, "deadline")                                                             \
	X(ENDING_NOBODY, "nobody came")                                                            \
	X(ENDING_IDLE_OVER, "idle over")                                                           \
	X(ENDING_SILENCE, "peer silent")                                                           \
	X(ENDING_HALF_CLOSE_DUE, "half-close due")                                                 \
	X(ENDING_INPUT_SILENT, "input silent")

enum ending_event {
#define X(event, word) event,
	ENDING_EVENTS(X)
#undef X
	    ENDING_EVENT_COUNT
};

/* What the relay does next; bits. */
enum {
	ENDING_ACT_SHUT_SEND = 1,    /* half-close, then tell ENDING_SEND_SHUT */
	ENDING_ACT_SHUT_RECEIVE = 2, /* close the local sink, then tell ENDING_RECEIVE_SHUT */
	ENDING_ACT_DROP_SEND = 4,    /* what is held for the peer is given up */
	ENDING_ACT_DROP_RECEIVE = 8, /* ... for the local side */
	ENDING_ACT_DISCARD = 16,     /* go on receiving, and write nothing of it */
	ENDING_ACT_FINISH = 32       /* over */
};

/* Whose failure it was that ended the relay, for the message. */
enum ending_verb {
	ENDING_NO_VERB,
	ENDING_VERB_SEND,
	ENDING_VERB_RECV,
	ENDING_VERB_WAIT,
	ENDING_VERB_ACCEPT
};

struct ending {
	const struct ending_rules *rules;
	enum ending_state send, receive;
	unsigned facts; /* private: what has happened */
	unsigned actions;
	enum sock_end end; /* END_NONE until something has decided it: */
	enum ending_event decided_by;
	enum ending_verb verb;
	/* Points in time, CLOCK_MONOTONIC. */
	int64_t moved;     /* the last byte either way */
	int64_t input;     /* the last byte of the input; INT64_MIN: none counts */
	int64_t heard;     /* the last byte of the peer */
	int64_t input_end; /* when all of the input was sent; INT64_MAX: it was not yet */
};

struct ending_how {
	bool input;    /* there is one: send begins OPEN, else IDLE */
	bool terminal; /* the input is a terminal, which is silent from the start */
	bool echo;     /* there is no local side: what is received goes back */
	bool awaited;  /* there is no peer before its first byte, and no silence of it */
};

void ending_init(struct ending *x, const struct ending_rules *rules, const struct ending_how *how,
    int64_t now);

/* Something has happened. Afterwards the relay carries out x->actions and clears them. */
void ending_event(struct ending *x, enum ending_event event, int64_t now);

/* The caller ends it, for this reason. */
void ending_stop(struct ending *x, enum sock_end end, int64_t now);

/* Bytes have moved: of the input, of the peer, or others. */
void ending_moved(struct ending *x, int64_t now);
void ending_sent(struct ending *x, int64_t now);
void ending_received(struct ending *x, int64_t now);

/* Whether the send direction waits for its input and holds nothing: only then is the input silent. */
void ending_starves(struct ending *x, bool on);

/* Whether what was received waits for the local side: the peer is not silent then. */
void ending_stalls(struct ending *x, bool on);

/* When ending_time() has to be called next. */
struct deadline ending_next(const struct ending *x);

/* Time has passed: the first event that is due happens. True where one did. */
bool ending_time(struct ending *x, int64_t now);

/* The input ended before the peer did. */
bool ending_is_local_first(const struct ending *x);

bool ending_is_over(const struct ending *x);

#endif
