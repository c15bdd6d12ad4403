/*
 * The handshake of WebSocket as a negotiation, of a client or a server. It
 * leaves a WebSocket stream on top.
 */
#ifndef STREAM_NEGOTIATE_NEGOTIATE_WEBSOCKET_H
#define STREAM_NEGOTIATE_NEGOTIATE_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "stream/negotiate/websocket_upgrade.h"

struct error;
struct negotiation;

enum websocket_role { WEBSOCKET_NONE, WEBSOCKET_CLIENT, WEBSOCKET_SERVER };

/* Strings stay the caller's until the negotiation is over. */
struct negotiate_websocket_how {
	enum websocket_role role; /* WEBSOCKET_NONE: there is no WebSocket */
	bool binary;              /* write sends binary messages */
	size_t max_message;       /* of the peer */
	struct websocket_upgrade upgrade;
};

/* Makes the negotiation. Fails with ERROR_INTERNAL. A server that refuses tells the client why, in
 * HTTP, before the negotiation fails. */
int negotiate_websocket(struct negotiation **ret_first, const struct negotiate_websocket_how *how,
    struct error *e);

#endif
