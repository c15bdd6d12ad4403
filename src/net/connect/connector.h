/*
 * Connects to an endpoint while the loop goes on: what connect_open() waits for. Resolves names in
 * a thread, races the addresses, binds, retries.
 */
#ifndef NET_CONNECT_CONNECTOR_H
#define NET_CONNECT_CONNECTOR_H

#include "base/deadline.h"
#include "base/error.h"
#include "net/connect.h"

struct connector;
struct log;
struct loop;

struct connector_how {
	struct loop *loop;
	/* Both have to outlive the connector. */
	const struct endpoint *endpoint;
	const struct connect_how *connect;
	struct deadline until; /* of all rounds */
	const struct log *log;
	/* Called once, when connector_result() is known: from connector_start() or from the loop. May
	 * close the connector. */
	void (*done)(void *arg);
	void *arg;
};

/* Makes a connector. Returns -1 with ERROR_USAGE for an endpoint that nobody can connect to, or
 * ERROR_INTERNAL. */
int connector_open(struct connector **ret_connector, const struct connector_how *how,
    struct error *e);

/* Begins. done may be called before this returns. */
void connector_start(struct connector *c);

/* Gives the connected descriptor and the address that succeeded to the caller, or returns -1 with
 * the failure; both as connect_open() says. Valid once done was called. */
int connector_result(struct connector *c, int *ret_fd, struct sockname *ret_peer, struct error *e);

/* Returns true if another round may succeed after this failure. */
bool connector_may_retry(const struct error *e);

/* Logs that a round, counted from 0, has failed, and when the next begins. */
void connector_log_retry(const struct log *log, const struct error *e, unsigned round,
    int64_t interval);

/* Gives up, and frees c. done is not called. Accepts NULL. */
void connector_close(struct connector *c);

#endif
