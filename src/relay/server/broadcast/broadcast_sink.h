/*
 * What one client says, for all others: a write-only stream that appends to the
 * log of a broadcast. While the log is full it takes nothing, so the client's
 * connection is not read.
 */
#ifndef RELAY_SERVER_BROADCAST_BROADCAST_SINK_H
#define RELAY_SERVER_BROADCAST_BROADCAST_SINK_H

#include "relay/server/broadcast/broadcast.h"

struct error;
struct stream;

/* Makes such a stream for the reader `who`, as the output of its broadcast_stream(). whole: each
 * write is whole records, and one piece. b must outlive it. */
int broadcast_sink(struct stream **ret_stream, struct broadcast *b, void *who, bool whole,
    struct error *e);

#endif
