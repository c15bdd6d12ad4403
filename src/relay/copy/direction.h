/*
 * One direction of a relay: bytes from one stream to another. A way is OPEN
 * until its source ends, DRAINING until what it holds is written, then SHUT.
 * How bytes move is its copier's business, what happens to them its filters'.
 */
#ifndef RELAY_COPY_DIRECTION_H
#define RELAY_COPY_DIRECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "relay/pacer.h"
#include "stream/stream.h"

struct copier;
struct error;
struct scratch;
struct filter;

enum direction_result {
	DIRECTION_MOVED,   /* go on */
	DIRECTION_BLOCKED, /* wait for wait_for on wait_on */
	DIRECTION_PAUSED,  /* nothing before pacer_until() */
	DIRECTION_ENDED,   /* the source has ended; what is held is still to be written */
	DIRECTION_LIMITED, /* ... because of limit */
	DIRECTION_DRAINED, /* the source is over, and everything is written */
	DIRECTION_FAILED   /* *e is filled; sink_failed says which side */
};

enum direction_source {
	DIRECTION_SOURCE, /* bytes come from `from` */
	DIRECTION_NONE,   /* nothing does: only what others put into buf goes out */
	DIRECTION_OVER    /* nothing more will */
};

struct direction {
	struct stream *from, *to;
	enum direction_source source;
	bool sink_failed;
	bool unflushed; /* the sink has taken bytes that are not out yet */
	bool discards;  /* discard mode: keep reading, write nothing */
	bool dry;       /* the last move took a good part of what was asked, and all there was */
	bool source_grown, sink_grown; /* pipes enlarged */
	const struct copier *copier;
	struct filter *filters; /* in order; NULL: bytes go as they are */
	struct pacer pacer;
	struct scratch *scratch;
	char *loan; /* block of the scratch that holds loan_len bytes from loan_start */
	size_t loan_start, loan_len;
	struct buf buf;   /* small rests and what filters made, in front of nothing else */
	uint64_t in, out; /* bytes taken from the source, given to the sink */
	uint64_t limit;   /* of in; UINT64_MAX: none */
	const struct stream *wait_on;
	unsigned wait_for; /* LOOP_READ or LOOP_WRITE */
};

/* from and to stay the caller's. The caller chooses the copier next (copier_choose). */
void direction_init(struct direction *w, struct stream *from, struct stream *to,
    struct scratch *scratch);
void direction_fini(struct direction *w);

/* Moves once: first what is held, then from the source. */
enum direction_result direction_step(struct direction *w, int64_t now, struct error *e);

/* Bytes read and not yet written. */
size_t direction_held(const struct direction *w);

/* Drops them. */
void direction_drop(struct direction *w);

/* Nothing more is taken from the source; what is held is still written. */
void direction_end_source(struct direction *w);

/* ---- for copiers ---- */

/* Hands n bytes to the sink, keeps what it does not take. Bytes that lie in the
 * scratch may be kept by taking the block on loan. -1 on failure of the sink. */
int direction_give(struct direction *w, char *data, size_t n, struct error *e);

/* Room for *max bytes, which may become less. NULL with *e. */
char *direction_scratch(struct direction *w, size_t *max, struct error *e);

/* After n of max bytes came from the source: another try at once would most likely
 * find nothing, while after a small read it often finds the end. */
void direction_note_dry(struct direction *w, size_t n, size_t max);

/* Says what the direction waits for; returns DIRECTION_BLOCKED. want: STREAM_WANT_*. */
enum direction_result direction_block(struct direction *w, const struct stream *on, ssize_t want);

#endif
