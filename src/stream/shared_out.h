/*
 * An output that several streams write to. A piece that one of them has begun
 * is completed before another begins. Only one unfinished piece is kept at a
 * time, so memory is bounded by the longest piece.
 */
#ifndef STREAM_SHARED_OUT_H
#define STREAM_SHARED_OUT_H

#include "base/buf.h"
#include "stream/stream.h"

struct shared_out {
	/* private */
	struct stream *out;
	struct buf rest; /* of the unfinished piece */
};

/* Opens the output on fd, which stays the caller's. */
int shared_out_open(struct shared_out *o, int fd, struct error *e);

/* Makes a stream on o, which has to outlive it. Each write is one piece, taken whole or not at all.
 * Reads never give anything. After close, another stream or shared_out_flush() writes the rest of
 * the last piece. */
int shared_out_stream(struct stream **ret_stream, struct shared_out *o, struct error *e);

/* Writes the rest of the unfinished piece. Returns 0 when none is left, STREAM_WANT_WRITE, or
 * -1. */
int shared_out_flush(struct shared_out *o, struct error *e);

/* Returns the unwritten bytes of the unfinished piece. */
size_t shared_out_held(const struct shared_out *o);

/* Accepts a zeroed o. */
void shared_out_close(struct shared_out *o);

#endif
