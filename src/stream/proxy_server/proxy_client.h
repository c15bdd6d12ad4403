/*
 * A client of our proxy server, as its negotiation and what connects for it share it. And the users
 * that may be clients.
 */
#ifndef STREAM_PROXY_SERVER_PROXY_CLIENT_H
#define STREAM_PROXY_SERVER_PROXY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/endpoint.h"
#include "stream/proxy_server/http_exchange.h"

struct http_server_auth;
struct proxy_users;
struct stream;

/* What became of the connection that a client wants. */
enum proxy_outcome {
	PROXY_PENDING,
	PROXY_CONNECTED,
	PROXY_FORBIDDEN, /* by our lists */
	PROXY_NO_NAME,
	PROXY_REFUSED,
	PROXY_UNREACHABLE,
	PROXY_TIMED_OUT,
	PROXY_FAILED,
	PROXY_OUTCOMES
};

/* Returns the outcome of a failure to connect. */
enum proxy_outcome proxy_outcome_of(const struct error *e);

struct proxy_client {
	/* set by the caller, the rest zeroed */
	const struct proxy_users *users; /* of SOCKS; NULL: everybody */
	struct http_server_auth *auth;   /* of HTTP, the same; shared by all clients */
	/* HTTP: serve CONNECT, GET, HEAD and POST alone, and answer with the statuses of ncat's proxy:
	 * 405 for another method, 504 for a target that cannot be reached */
	bool plain_methods;
	/* Begins to connect; sets outcome, now or later, and then steps the negotiation. Called
	 * once. */
	void (*connect)(struct proxy_client *c, const struct endpoint *target);
	/* Begins to open what the client sends its datagrams to, from this port of its own (0: not
	 * known); sets outcome and relay, as connect does. NULL: datagrams are not served. */
	void (*associate)(struct proxy_client *c, uint16_t port);
	void *arg;
	enum proxy_outcome outcome;
	struct sockname relay; /* of associate */
	/* results of the negotiation */
	struct buf first; /* bytes for the target, before all others */
	bool exchanges;   /* one request goes to the target, and one response comes back */
	struct http_exchange_how exchange;
	bool told;       /* the client has an answer that says why it failed */
	bool associates; /* it sends datagrams, and wants no connection */
	/* private to the negotiations */
	struct buf out; /* to the client */
	bool connecting, done, failed;
	struct error error; /* what follows the answer, once it is sent */
};

void proxy_client_fini(struct proxy_client *c);

/* ---- for the negotiations ---- */

/* What differs between them. self is the negotiation's. */
struct proxy_protocol {
	/* Reads what the client says next and handles it. Returns 0 to go on, STREAM_WANT_* or -1. */
	int (*listen)(void *self, struct stream *top, struct error *e);
	/* Tells the client the outcome: proxy_client_granted(), or proxy_client_refused(). */
	int (*answer)(void *self, struct error *e);
};

/* Goes as far as it can, as a step of a negotiation does. */
int proxy_client_step(struct proxy_client *c, const struct proxy_protocol *p, void *self,
    struct stream *top, struct error *e);

/* Begins to connect, or to associate. */
void proxy_client_connect(struct proxy_client *c, const struct endpoint *target);
void proxy_client_associate(struct proxy_client *c, uint16_t port);

/* The negotiation is done, or fails for this reason, once c->out is sent. */
void proxy_client_granted(struct proxy_client *c);
void proxy_client_refused(struct proxy_client *c, const char *why);

/* Says in words why a connection is not made. */
const char *proxy_outcome_word(enum proxy_outcome outcome);

/* Parses the file of users, NAME:PASSWORD a line; lines that are empty or begin with # are left
 * out. text is name's content, for messages. Returns -1 with ERROR_USAGE, or ERROR_INTERNAL. */
int proxy_users_parse(struct proxy_users **ret_users, const char *name, const char *text, size_t n,
    struct error *e);
/* Accepts NULL. */
void proxy_users_free(struct proxy_users *u);

/* Returns the password of this user, or NULL. */
const char *proxy_users_password(const struct proxy_users *u, const char *name, size_t n);

/* True if this is a user with this password. Takes as long for a wrong password as for a right
 * one. */
bool proxy_users_accept(const struct proxy_users *u, const char *name, size_t name_len,
    const char *password, size_t password_len);

#endif
