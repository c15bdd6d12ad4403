/*
 * A tap: a stream on another that shows to an observer what passes, and what is known of the ends. As
 * the bytes have to be seen, it is no socket for a copier, and TLS above it keeps its keys.
 */
#ifndef STREAM_TAP_H
#define STREAM_TAP_H

#include <stdbool.h>
#include <stddef.h>

#include "stream/stream.h"

struct error;

enum tap_event {
	TAP_SENT,
	TAP_RECEIVED,
	TAP_SENT_END,     /* our direction has ended */
	TAP_RECEIVED_END, /* the other one has ended */
	TAP_RESET,        /* by the peer */
	TAP_CLOSE,        /* the stream is closed; the last event */
	TAP_ABORT         /* the same, by a reset of ours */
};

struct tap_observer {
	/* data and n are the bytes of the first two, one record where there are records. The observer
	 * must not use the stream. */
	void (*on_event)(void *arg, enum tap_event event, const void *data, size_t n);
	void *arg;
};

/* Puts a tap on lower, which it owns on success. ERROR_INTERNAL. */
int tap_stream(struct stream **ret_stream, struct stream *lower,
    const struct tap_observer *observer, struct error *e);

bool tap_is(const struct stream *s);

/* Shows what has passed by the descriptor and not through the tap. */
void tap_show(struct stream *s, enum tap_event event, const void *data, size_t n);

#endif
