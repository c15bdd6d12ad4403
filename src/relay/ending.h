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
#include "relay/ending_event.h"
#include "sock/sock.h"

/* What an output that nobody reads any more means: the end, or that nothing is written any more. */
enum ending_reader { ENDING_READER_NEEDED, ENDING_READER_OUTLIVED };

/* What the options say. Has to outlive the relays. Durations are in nanoseconds; DURATION_NONE is
 * no limit. */
struct ending_rules {
	enum ending_reader reader;
	bool half_open;     /* the peer's end does not stop our input */
	bool no_half_close; /* do not half-close at the end of our input */
	bool send_only;     /* end as soon as everything is sent */
	bool local_program; /* the local side is a program: ENDING_PROGRAM_GONE will follow */
	/* the program has a terminal, which the end of the peer hangs up */
	bool local_terminal;
	bool quiet_ends;    /* silence for after_eof is a clean end, not a time-out */
	bool closes_both;   /* the end of the peer ends our direction, too */
	bool silence_fixed; /* after_eof counts from the end of our input, whatever arrives */
	/* silence of the peer between the end of our input and the half-close */
	int64_t half_close;
	/* the same for a local side that is a connection: its silence after the end of the peer */
	int64_t local_half_close;
	int64_t after_eof; /* silence of the peer after the end of our input */
	int64_t idle;      /* time without a byte in either direction */
	int64_t accept;    /* time until the first byte of an awaited peer */
	struct deadline until;
};

/* After the peer's end, an input that is silent for this long is over. */
#define ENDING_INPUT_SILENCE (500 * NSEC_PER_MSEC)
/* The same for a program with a terminal: its shell may have to start and to work first. */
#define ENDING_TERMINAL_SILENCE (2 * NSEC_PER_SEC)

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
	int64_t peer_end;  /* when everything was delivered; INT64_MAX: not yet */
};

struct ending_how {
	bool input;      /* the local side is a source: send begins OPEN, else IDLE */
	bool terminal;   /* the input is a terminal, which counts as silent from the start */
	bool echo;       /* no local side: received bytes are sent back */
	bool awaited;    /* the peer exists only from its first byte on */
	bool connection; /* the local side is a connection too */
	bool continues;  /* another connection follows, which gets what this one was not sent */
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

/* Applies the first event that is due. Returns true if one was. */
bool ending_time(struct ending *x, int64_t now);

/* Returns true if everything was sent before the peer ended. */
bool ending_is_local_first(const struct ending *x);

bool ending_is_over(const struct ending *x);

/* True while what the peer has sent waits to be written: the last word of ending_stalls(). */
bool ending_is_stalled(const struct ending *x);
/* True while bytes of the local side wait to be sent: the last word of ending_starves(). */
bool ending_is_sending(const struct ending *x);

#endif
