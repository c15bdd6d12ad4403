/*
 * One direction of a relay: bytes from one stream to another. The copier moves
 * them, filters change them, a pacer limits the rate. direction_step() makes a step.
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
struct filter;
struct recorded;
struct scratch;

enum direction_result {
	DIRECTION_MOVED,   /* continue */
	DIRECTION_BLOCKED, /* wait for wait_for on wait_on */
	DIRECTION_PAUSED,  /* wait until pacer_until() */
	DIRECTION_ENDED,   /* the source has ended; buffered bytes remain to be written */
	DIRECTION_LIMITED, /* the limit was reached; buffered bytes remain to be written */
	DIRECTION_DRAINED, /* the source is over and everything is written */
	DIRECTION_FAILED   /* *e is set; sink_failed tells which side */
};

enum direction_source {
	DIRECTION_SOURCE, /* read from `from` */
	DIRECTION_NONE,   /* no source: only bytes that others append to buf are written */
	DIRECTION_OVER    /* nothing more will be read */
};

/* What one read takes where reads are counted. */
#define DIRECTION_READ (16u << 10)

struct direction {
	struct stream *from, *to;
	enum direction_source source;
	bool sink_failed;
	bool unflushed;                /* the sink has taken bytes that it has not sent */
	bool discards;                 /* discard mode: keep reading, write nothing */
	bool dry;                      /* the last read was large, and emptied the source */
	bool source_grown, sink_grown; /* the pipe was enlarged */
	const struct copier *copier;
	struct filter *filters; /* in order; NULL: none */
	/* Who records what is read from the source, and what the sink has taken. NULL: nobody. */
	struct recorded *recorded_in, *recorded_out;
	struct pacer pacer;
	struct scratch *scratch;
	char *loan; /* the scratch block with loan_len bytes from loan_start, or NULL */
	size_t loan_start, loan_len;
	struct buf buf;   /* small rests, and what filters made */
	uint64_t in, out; /* bytes read from the source, written to the sink */
	uint64_t limit;   /* maximum of in; UINT64_MAX: none */
	uint64_t
	    moves; /* reads of at most DIRECTION_READ bytes that are left; UINT64_MAX: no limit,
			   * of either */
	const struct stream *wait_on;
	unsigned wait_for; /* LOOP_READ or LOOP_WRITE */
};

/* from and to stay the caller's. Call copier_choose() next. */
void direction_init(struct direction *d, struct stream *from, struct stream *to,
    struct scratch *scratch);
void direction_fini(struct direction *d);

/* Returns how many bytes are read and not written. */
size_t direction_buffered(const struct direction *d);

/* Drops buffered bytes. */
void direction_drop(struct direction *d);

/* Moves buffered bytes to the end of out, as far as memory goes. */
void direction_take(struct direction *d, struct buf *out);

/* Moves the bytes of in to the buffer, which is empty: they are written first. */
int direction_resume(struct direction *d, struct buf *in, struct error *e);

/* Reads nothing more. Buffered bytes are still written. */
void direction_end_source(struct direction *d);

/* ---- for steps ---- */

/* Writes what is held, once; with a delay up to the end of a line. */
enum direction_result direction_write_held(struct direction *d, int64_t now, struct error *e);

/* Flushes the sink. Returns DIRECTION_MOVED when nothing is left. */
enum direction_result direction_flush(struct direction *d, struct error *e);

/* ---- for copiers ---- */

/* Writes n bytes and buffers what the sink does not take. A large rest in the scratch block stays
 * there, and the block is on loan. Returns -1 if the sink failed. */
int direction_write(struct direction *d, char *data, size_t n, struct error *e);

/* Returns memory for *max bytes; *max may be reduced. Returns NULL with *e. */
char *direction_scratch(struct direction *d, size_t *max, struct error *e);

/* Records that a read of max bytes gave n. After a large read that emptied the source, another
 * would find nothing; after a small one it often finds the end. */
void direction_note_dry(struct direction *d, size_t n, size_t max);

/* Sets what the direction waits for: want is STREAM_WANT_*. Returns DIRECTION_BLOCKED. */
enum direction_result direction_block(struct direction *d, const struct stream *on, ssize_t want);

#endif
