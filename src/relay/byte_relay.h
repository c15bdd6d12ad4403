/*
 * A relay of two ways between a near end (stdio, a program, a file) and a far
 * end (the connection), driven by the loop until it ends for one reason. What
 * each end of input means is written here once, for every command.
 *
 *   near ends   what is queued is written, then the far end is half-closed and
 *               receiving goes on (after_eof bounds the silence)
 *   far ends    what was received is delivered, what is queued or can be read
 *               at once is sent, then the relay is over; with half_open sending
 *               goes on until the near end ends
 *   far fails   what was received is delivered before the failure is reported
 *   near fails  the relay is over; a program that closed its input is not a
 *               failure: what comes for it is dropped
 */
#ifndef RELAY_BYTE_RELAY_H
#define RELAY_BYTE_RELAY_H

#include <stdbool.h>

#include "base/loop.h"
#include "relay/direction.h"
#include "sock/sock.h"

struct error;
struct log;

struct byte_relay_rules {
	bool half_open;     /* the far end's end does not stop our sending */
	bool no_half_close; /* the near end's end is not passed on */
	bool send_only;     /* over as soon as everything is sent */
	bool near_program;  /* the near end is a program: byte_relay_program_ended() will follow */
	int64_t after_eof;  /* nanoseconds; DURATION_NONE: for ever */
	bool quiet_ends;    /* silence for after_eof is a clean end, not a time-out */
	int64_t idle;       /* no byte either way for so long: over; DURATION_NONE: never */
	struct deadline until;
};

struct lane {
	struct direction way;
	bool blocked, paused;
	int slot; /* of the watch that it waits for, -1: none */
	unsigned event;
};

enum {
	BYTE_RELAY_NEAR_IN,
	BYTE_RELAY_NEAR_OUT,
	BYTE_RELAY_FAR_IN,
	BYTE_RELAY_FAR_OUT,
	BYTE_RELAY_SLOTS
};

struct byte_relay {
	/* set by the caller before byte_relay_start */
	struct loop *loop;
	const struct log *log;
	struct scratch *scratch;
	const struct byte_relay_rules *rules; /* outlives the pump */
	struct stream *near, *far;            /* the caller's; near NULL: echo */
	void (*done)(struct byte_relay *p);   /* called once, last; may free the pump */
	void *arg;
	/* results */
	struct lane send, recv;
	enum sock_end end;
	struct error *error; /* NULL: a clean end; text is the reason alone */
	const char *verb;    /* what failed: "send" "recv" "wait"; NULL: text is complete */
	/* private */
	struct watch watches[BYTE_RELAY_SLOTS];
	struct timer timer;
	int64_t last_move;
	struct deadline quiet_at;
	bool near_first; /* the near end's source ended before the far end's */
	bool far_ended, near_gone, over, running;
};

/* Sets up ways of p (zeroed, with the caller's part filled), so that taps, paces and
 * limits can be put on them before byte_relay_start. send: whether the near end is a source. */
void byte_relay_init(struct byte_relay *p, bool send);

/* Begins; runs both ways once, so done() may be called before this returns. */
void byte_relay_start(struct byte_relay *p);

/* The program behind the near end is over: when its output is sent, so are we. */
void byte_relay_program_ended(struct byte_relay *p);

/* Ends now for this reason (deadline of the caller, a signal). */
void byte_relay_end(struct byte_relay *p, enum sock_end end);

/* Releases what the pump holds; not the streams. */
void byte_relay_fini(struct byte_relay *p);

#endif
