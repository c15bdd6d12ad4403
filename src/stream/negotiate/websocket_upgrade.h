/*
 * The handshake of WebSocket as text (RFC 6455, 4): a request to upgrade, and
 * the answer. Nothing here does I/O.
 */
#ifndef STREAM_NEGOTIATE_WEBSOCKET_UPGRADE_H
#define STREAM_NEGOTIATE_WEBSOCKET_UPGRADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "stream/websocket/websocket.h"

struct error;

/* The base64 of 16 bytes, and of a SHA-1. */
#define WEBSOCKET_KEY_LENGTH 24
#define WEBSOCKET_ACCEPT_LENGTH 28

/* Strings stay the caller's. */
struct websocket_upgrade {
	const char *host; /* client: HOST[:PORT] as in the address */
	const char *path; /* client: what is asked for; server: the only one, or NULL: any */
	const char *const *headers; /* client: more fields, each "NAME: VALUE" */
	size_t n_headers;
	const char *const *subprotocols; /* best first */
	size_t n_subprotocols;
};

/* Returns true for "NAME: VALUE" or "NAME:VALUE" that can be a field of a request. */
bool websocket_upgrade_is_header(const char *text);

/* Returns true for the name of a field that the handshake itself decides. */
bool websocket_upgrade_is_own_header(const char *text);

/* Returns true for a word that can name a subprotocol. */
bool websocket_upgrade_is_subprotocol(const char *text);

/* Appends the request of a client. key is the base64 of 16 random bytes. */
int websocket_upgrade_request(const struct websocket_upgrade *u, const char *key, struct buf *out,
    struct error *e);

/* Checks the head of the answer, of n bytes as http_head_length() counts. Stores the subprotocol
 * that the server has chosen, "" for none. ERROR_NETWORK with the status line if it refuses. */
int websocket_upgrade_check(const struct websocket_upgrade *u, const char *key, const char *head,
    size_t n, char ret_subprotocol[WEBSOCKET_SUBPROTOCOL_MAX], struct error *e);

/* Appends the answer of a server to the head of a request, and stores the subprotocol that it
 * chooses. Returns -1 with ERROR_NETWORK if it refuses: the answer then says so to the client. */
int websocket_upgrade_answer(const struct websocket_upgrade *u, const char *head, size_t n,
    struct buf *out, char ret_subprotocol[WEBSOCKET_SUBPROTOCOL_MAX], struct error *e);

#endif
