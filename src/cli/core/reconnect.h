/*
 * Connections that follow each other (connect --reconnect): when one ends, whether
 * another follows, and what is told of the one that ended.
 */
#ifndef CLI_CORE_RECONNECT_H
#define CLI_CORE_RECONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "relay/copy/relay_carry.h"

struct command_context;
struct error;
struct session;
struct session_how;

struct reconnect {
	/* set by the caller, the rest zeroed */
	struct command_context *rt;
	int64_t interval; /* between the end of a connection and the next attempt */
	struct deadline until;
	/* private */
	bool open;
	int in_fd, out_fd;
	struct relay_carry carry;
};

/* Lets sessions of how hand over what they have not sent. Their local side is standard input and
 * output. */
void reconnect_open(struct reconnect *r, struct session_how *how);

/* Says what of the input was read and not sent, if anything. */
void reconnect_close(struct reconnect *r);

/* Tells what the peer has not acknowledged. Returns true if the peer has gone, and there is
 * something left to do: the input has not ended, or not all of it was sent. */
bool reconnect_is_due(struct reconnect *r, const struct session *s);

/* Reports the event and waits for the interval. Returns 0, or -1 with ERROR_SIGNAL or
 * ERROR_TIMEOUT. */
int reconnect_wait(struct reconnect *r, const struct session *s, struct error *e);

#endif
