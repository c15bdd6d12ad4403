/*
 * Connects each client of a server to the target that it asks for: runs the proxy negotiation with
 * the client, and connects meanwhile.
 */
#ifndef RELAY_DIAL_PROXY_SERVER_H
#define RELAY_DIAL_PROXY_SERVER_H

#include <stdint.h>

#include "base/deadline.h"
#include "relay/session_local.h"

struct access;
struct connect_how;
struct http_server_auth;
struct log;
struct loop;
struct negotiation;
struct proxy_client;
struct proxy_users;
struct shortage;

/* How long a client has by default for its request, and then to take the answer. */
#define PROXY_SERVER_PATIENCE (10 * NSEC_PER_SEC)

/* Set by the caller. Has to outlive the sessions. */
struct proxy_server {
	struct loop *loop;
	const struct log *log;
	/* socks_server() or http_server() */
	int (*negotiation)(struct negotiation **ret_first, struct proxy_client *c, struct error *e);
	const struct proxy_users *users; /* of SOCKS; NULL: everybody */
	struct http_server_auth *auth;   /* of HTTP; NULL: everybody */
	bool plain_methods;              /* of HTTP: as proxy_client.h has it */
	const struct access *targets;    /* which may be connected to; NULL: all */
	const struct connect_how *connect;
	int64_t patience; /* with a client: PROXY_SERVER_PATIENCE, or as the user says */
	struct deadline until;
	struct shortage *shortage; /* of all dials */
};

/* Returns the dialler for a session_how. */
struct session_dialler proxy_server_dialler(struct proxy_server *p);

#endif
