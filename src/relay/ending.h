/*
 * The rules of how a relay ends: a relay connects a local side (stdio, a
 * program, a file) to a remote side (the connection), and every end, failure
 * and silence of either means something. All relays use this state machine;
 * docs/ends.md is its table. Events come in, actions go out. It does no I/O and
 * has no clock.
 */
#ifndef RELAY_ENDING_H
#define RELAY_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "sock/sock.h"

/* What the options say. Has to outlive the relays. Durations are in nanoseconds; DURATION_NONE is
 * no limit. */
struct ending_rules {
	bool half_open;     /* the peer's end does not stop our input */
	bool no_half_close; /* do not half-close at the end of our input */
	bool send_only;     /* end as soon as everything is sent */
	bool local_program; /* the local side is a program: ENDING_PROGRAM_GONE will follow */
	bool quiet_ends;    /* silence for after_eof is a clean end, not a time-out */
	bool silence_fixed; /* after_eof counts from the end of our input, whatever arrives */
	/* silence of the peer between the end of our input and the half-close */
	int64_t half_close;
	int64_t after_eof; /* silence of the peer after the end of our input */
	int64_t idle;      /* time without a byte in either direction */
	int64_t accept;    /* time until the first byte of an awaited peer */
	struct deadline until;
};

/* After the peer's end, an input that is silent for this long is over. */
#define ENDING_INPUT_SILENCE (500 * NSEC_PER_MSEC)

/* The state of a direction: send is local to remote, receive is remote to local. */
enum ending_state {
	ENDING_OPEN,     /* its source may deliver */
	ENDING_DRAINING, /* its source is over, and buffered bytes are being written */
	ENDING_DELAYED,  /* send: everything is written, and the half-close is due later */
	ENDING_SHUTTING, /* its sink is being half-closed */
	ENDING_IDLE,     /* send: no source, but the sink is open */
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

/* Actions of the relay, as bits. */
enum {
	ENDING_ACT_SHUT_SEND = 1,    /* half-close, then report ENDING_SEND_SHUT */
	ENDING_ACT_SHUT_RECEIVE = 2, /* close the local sink, then report ENDING_RECEIVE_SHUT */
	ENDING_ACT_DROP_SEND = 4,    /* drop what is buffered for the peer */
	ENDING_ACT_DROP_RECEIVE = 8, /* drop what is buffered for the local side */
	ENDING_ACT_DISCARD = 16,     /* discard mode: keep receiving, write nothing */
	ENDING_ACT_FINISH = 32       /* the relay is over */
};

/* The verb of the message about the failure that ended the relay. */
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
	unsigned facts; /* private: facts about the rules and what has happened */
	unsigned actions;
	enum sock_end end; /* END_NONE until it is decided */
	enum ending_event decided_by;
	enum ending_verb verb;
	/* Points in time, CLOCK_MONOTONIC. */
	int64_t moved;     /* last byte in either direction */
	int64_t input;     /* last byte of the input; INT64_MIN: count as silent */
	int64_t heard;     /* last byte of the peer */
	int64_t input_end; /* when everything was sent; INT64_MAX: not yet */
};

struct ending_how {
	bool input;    /* the local side is a source: send begins OPEN, else IDLE */
	bool terminal; /* the input is a terminal, which counts as silent from the start */
	bool echo;     /* no local side: received bytes are sent back */
	bool awaited;  /* the peer exists only from its first byte on */
};

void ending_init(struct ending *x, const struct ending_rules *rules, const struct ending_how *how,
    int64_t now);

/* Reports an event. The relay then carries out x->actions and clears them. */
void ending_event(struct ending *x, enum ending_event event, int64_t now);

/* Ends the relay for this reason. */
void ending_stop(struct ending *x, enum sock_end end, int64_t now);

/* Report moved bytes: of any kind, sent from the input, received from the peer. */
void ending_moved(struct ending *x, int64_t now);
void ending_sent(struct ending *x, int64_t now);
void ending_received(struct ending *x, int64_t now);

/* Reports whether the send direction waits for its input with nothing buffered: only then can the
 * input be silent. */
void ending_starves(struct ending *x, bool on);

/* Reports whether received bytes wait for the local side: the peer then does not count as
 * silent. */
void ending_stalls(struct ending *x, bool on);

/* Returns when to call ending_time() next. */
struct deadline ending_next(const struct ending *x);

/* Applies the first event that is due. Returns true where one was. */
bool ending_time(struct ending *x, int64_t now);

/* Returns true where everything was sent before the peer ended. */
bool ending_is_local_first(const struct ending *x);

bool ending_is_over(const struct ending *x);

#endif
