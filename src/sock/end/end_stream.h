/*
 * What close still sends.
 */
#ifndef SOCK_END_END_STREAM_H
#define SOCK_END_END_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct loop;
struct stream;

/* A stream that no socket object owns any more. */
struct end_stream_how {
	struct loop *loop;
	struct stream *stream;
	size_t unsent; /* bytes of the last send, if some are still queued */
	int64_t limit; /* nanoseconds; 0 and DURATION_NONE: a second without progress */
	bool for_peer; /* the peer has a second to answer the end */
};

/* Sends what the stream has queued, then its end, and lingers until the peer has acknowledged both:
 * at most a second without progress. Returns -1 if the peer cannot know that the end is one, or has
 * reset the connection before it acknowledged everything. */
int sock_end_stream(const struct end_stream_how *how, struct error *e);

#endif
