/*
 * One direction of a relay: bytes from one stream to another. A way is OPEN
 * until its source ends, DRAINING until what it holds is written, then SHUT.
 * How bytes move is its mover's business, what happens to them its taps'.
 */
#ifndef RELAY_DIRECTION_H
#define RELAY_DIRECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/deadline.h"
#include "stream/stream.h"

struct error;
struct copier;
struct tap;

enum direction_state { DIRECTION_OPEN, DIRECTION_DRAINING, DIRECTION_SHUT };

enum direction_result {
	DIRECTION_MOVED,   /* go on */
	DIRECTION_BLOCKED, /* wait for way->wait_for on way->wait_on */
	DIRECTION_PAUSED,  /* nothing before way->pace->until */
	DIRECTION_DRAINED, /* the source ended and everything is written */
	DIRECTION_FAILED   /* *e is filled; way->sink_failed says which end */
};

/* Storage that all ways of a process share: one block at a time is on loan to
 * a way whose sink took only part of it. */
struct scratch {
	char *data; /* NULL while on loan */
	size_t size;
};

/* Slows a way down. */
struct pace {
	uint64_t rate;  /* bytes a second; 0: no limit */
	int64_t delay;  /* nanoseconds between lines; 0: none */
	int64_t tokens; /* bytes that may go now */
	int64_t filled; /* when tokens were last counted, CLOCK_MONOTONIC */
	struct deadline until;
};

struct direction {
	struct stream *from, *to;
	enum direction_state state;
	bool sink_failed;
	bool no_source; /* nothing comes from `from`: only what others put into buf goes out */
	bool answers;   /* others do (telnet) */
	bool swallow;   /* the sink is gone on purpose: read on, drop */
	bool dry;       /* the last move took a good part of what was asked, and all there was */
	bool source_grown, sink_grown; /* pipes enlarged */
	const struct copier *mover;
	struct tap *taps;  /* in order; NULL: bytes go as they are */
	struct pace *pace; /* NULL: as fast as it goes */
	struct scratch *scratch;
	char *loan; /* block of the scratch that holds loan_len bytes from loan_start */
	size_t loan_start, loan_len;
	struct buf buf;   /* small rests and what taps made, in front of nothing else */
	uint64_t in, out; /* bytes taken from the source, given to the sink */
	uint64_t limit;   /* of in; UINT64_MAX: none */
	const struct stream *wait_on;
	unsigned wait_for; /* LOOP_READ or LOOP_WRITE */
};

/* from and to stay the caller's. The mover is chosen from their kinds. */
void direction_init(struct direction *w, struct stream *from, struct stream *to,
    struct scratch *scratch);
void direction_fini(struct direction *w);

/* Chooses the mover again: after taps or a pace were set. */
void direction_choose(struct direction *w);

/* Moves once: first what is held, then from the source. */
enum direction_result direction_step(struct direction *w, struct error *e);

/* Bytes read and not yet written. */
size_t direction_held(const struct direction *w);

/* Drops them. */
void direction_drop(struct direction *w);

/* The source is over for us: what is held is still written. */
void direction_end_source(struct direction *w);

/* ---- for movers ---- */

/* Hands n bytes to the sink, keeps what it does not take. Bytes that lie in the
 * scratch may be kept by taking the block on loan. -1 on failure of the sink. */
int direction_give(struct direction *w, char *data, size_t n, struct error *e);

/* After n of max bytes came from the source: another try at once would most likely
 * find nothing, while after a small read it often finds the end. */
void direction_note_dry(struct direction *w, size_t n, size_t max);

/* Says what the way waits for; returns DIRECTION_BLOCKED. want: STREAM_WANT_*. */
enum direction_result direction_block(struct direction *w, const struct stream *on, ssize_t want);

/* The block of the scratch, allocated when needed. */
char *scratch_take(struct scratch *s, struct error *e);
void scratch_fini(struct scratch *s);

#endif
