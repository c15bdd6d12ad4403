/*
 * Makes messages of the frames of one side, without I/O: unmasks, joins
 * fragments, checks UTF-8, and holds the peer to RFC 6455. Control frames come
 * between fragments.
 */
#ifndef STREAM_WEBSOCKET_WEBSOCKET_READER_H
#define STREAM_WEBSOCKET_WEBSOCKET_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/codec/utf8.h"
#include "stream/websocket/websocket_frame.h"

struct error;

/* What websocket_reader_next() has found. */
enum websocket_event {
	WEBSOCKET_NEEDS_MORE, /* append more bytes to `in` */
	WEBSOCKET_GOT_MESSAGE,
	WEBSOCKET_GOT_PING,
	WEBSOCKET_GOT_PONG,
	WEBSOCKET_GOT_CLOSE /* the last event */
};

struct websocket_reader {
	struct buf in; /* the caller appends the bytes of the peer, split in any way */
	/* results */
	/* the message, the payload of a ping or pong, or the reason of a close; valid until the
	 * next call */
	const char *data;
	size_t len;
	bool binary;
	unsigned code; /* of a close; after a failure, the one to send */
	/* private */
	bool server; /* the peer has to mask its frames */
	size_t max;
	struct websocket_frame frame;
	bool in_frame;   /* the head of `frame` is consumed */
	uint64_t at;     /* bytes of its payload that were consumed */
	bool in_message; /* a fragment has come, and the last one has not */
	struct utf8 utf8;
	struct buf message; /* of more than one piece */
	size_t lent;        /* bytes of `in` that data points to */
};

/* server: the peer is a client. max is the length of the longest message. */
void websocket_reader_init(struct websocket_reader *r, bool server, size_t max);
void websocket_reader_fini(struct websocket_reader *r);

/* Returns the next event, or -1: ERROR_NETWORK with the number of the close code, or
 * ERROR_INTERNAL. Not called again after a close or a failure. */
int websocket_reader_next(struct websocket_reader *r, struct error *e);

#endif
