/*
 * An output that several streams write to: a piece that one of them has begun is written to its
 * end before another's begins. Only one such rest is held at a time, so that memory is bounded by
 * the largest piece.
 */
#ifndef STREAM_SHARED_OUT_H
#define STREAM_SHARED_OUT_H

#include "base/buf.h"
#include "stream/stream.h"

struct shared_out {
	/* private */
	struct stream *out;
	struct buf rest; /* of the piece that was begun */
};

/* Over a descriptor that stays the caller's. */
int shared_out_open(struct shared_out *o, int fd, struct error *e);

/* A stream of its own: what one write is given is a piece, and is taken whole or not at all.
 * Reading it gives nothing, ever; closing it leaves the rest of its piece, which others, or
 * shared_out_flush(), write. o outlives it. */
int shared_out_stream(struct stream **ret_stream, struct shared_out *o, struct error *e);

/* Writes what is left of a piece: 0 when nothing is, STREAM_WANT_WRITE, -1. */
int shared_out_flush(struct shared_out *o, struct error *e);

/* The bytes of a piece that are not written. */
size_t shared_out_held(const struct shared_out *o);

/* Zeroed is fine. */
void shared_out_close(struct shared_out *o);

#endif
