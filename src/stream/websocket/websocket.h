/*
 * A stream of WebSocket messages on a stream of bytes (RFC 6455). It is a stream
 * of records: a message is one read or one write. Pings are answered while it is
 * read. Extensions are never agreed on.
 *
 * Half-closing sends a close frame. The end of the stream is the peer's; a
 * lower stream that ends without one is a failure with ORIGIN_WEBSOCKET and
 * WEBSOCKET_NO_CLOSE. A peer that violates the protocol gets a close frame with
 * the code of the failure, which is ORIGIN_WEBSOCKET, too.
 */
#ifndef STREAM_WEBSOCKET_WEBSOCKET_H
#define STREAM_WEBSOCKET_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stream/websocket/websocket_frame.h"

struct error;
struct stream;

/* The longest name of a subprotocol, with its NUL. */
#define WEBSOCKET_SUBPROTOCOL_MAX 64

/* The longest message, by default. */
#define WEBSOCKET_MESSAGE_MAX (16u << 20)

struct websocket_how {
	bool server;
	bool binary;             /* write sends binary messages, else text */
	size_t max_message;      /* the longest message of the peer */
	const char *subprotocol; /* that was agreed on, "": none; copied */
	/* bytes after the peer's handshake, which are copied */
	const void *held;
	size_t n_held;
};

struct websocket_message {
	const char *data; /* valid until the next call with the stream */
	size_t len;
	bool binary;
};

/* How both sides have closed, and what they have said. */
struct websocket_end {
	unsigned code;  /* the first close frame's, of either side; 0: none */
	bool from_peer; /* it came from the peer */
	bool heard;     /* the peer's close frame has come */
	bool arrived;   /* all that we had sent before our close frame */
	char reason[WEBSOCKET_CONTROL_MAX - 1]; /* the peer's; ends with NUL */
	uint64_t n_sent, n_received;            /* messages so far */
};

/* Makes a stream on lower, which it owns on success. Fails with ERROR_INTERNAL. */
int websocket_stream(struct stream **ret_stream, struct stream *lower,
    const struct websocket_how *how, struct error *e);

/* Returns true if s is such a stream. */
bool websocket_is(const struct stream *s);

/* Receives a message without copying it. Returns 0, STREAM_END, STREAM_WANT_* or -1. */
int websocket_receive(struct stream *s, struct websocket_message *ret_message, struct error *e);

/* As stream_write(), of a text or a binary message. A text that is not UTF-8 is ERROR_LOCAL_IO. */
ssize_t websocket_send(struct stream *s, const struct websocket_message *message, struct error *e);

/* The longest reason of a close frame. */
#define WEBSOCKET_REASON_MAX (WEBSOCKET_CONTROL_MAX - 2)

/* Sends a close frame with this code and reason (UTF-8, at most WEBSOCKET_REASON_MAX bytes; NULL:
 * none), unless one was sent. Returns as stream_shut(). */
int websocket_close(struct stream *s, enum websocket_code code, const char *reason,
    struct error *e);

/* Returns the subprotocol that was agreed on, or "". */
const char *websocket_subprotocol(const struct stream *s);

void websocket_get_end(const struct stream *s, struct websocket_end *ret_end);

#endif
