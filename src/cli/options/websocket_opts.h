/*
 * The options of WebSocket, and the session settings they make. A client is asked
 * for by its address, ws://HOST/PATH or wss://, a server by --ws.
 */
#ifndef CLI_OPTIONS_WEBSOCKET_OPTS_H
#define CLI_OPTIONS_WEBSOCKET_OPTS_H

#include "cli/options/opt.h"
#include "cli/options/session_opts.h"
#include "net/endpoint.h"

struct websocket_opts {
	bool ws, binary;
	const char *path; /* NULL: any */
	struct opt_list headers, subprotocols;
	uint64_t max_message; /* 0: not given */
};

enum { N_CONNECT_WEBSOCKET = 4, N_LISTEN_WEBSOCKET = 5 };

extern const struct opt connect_websocket_rows[N_CONNECT_WEBSOCKET];
extern const struct opt listen_websocket_rows[N_LISTEN_WEBSOCKET];

/* What a client asks for, kept for the life of its session. */
struct websocket_use {
	/* the Host of the request: HOST[:PORT] */
	char host[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 4];
};

/* Returns true for ws:// and wss://. */
bool websocket_opts_is_url(const struct endpoint *ep);

/* ERROR_USAGE for options of WebSocket without it, values that cannot be sent, data options that
 * have no meaning for messages, and sockets that are not streams. */
int websocket_opts_check(const struct websocket_opts *o, const struct endpoint *ep, int type,
    const struct data_opts *d, struct error *e);

/* Sets the WebSocket part of how, where it is asked for. Call it after session_opts_how() and
 * tls_use_open(). */
void websocket_opts_how(const struct websocket_opts *o, const struct endpoint *ep,
    const struct data_opts *d, struct websocket_use *use, struct session_how *how);

#endif
