/*
 * Connects each client of a server to a target. Several targets take turns. One that cannot be
 * reached is left out for a while, and its turn goes to the next.
 */
#ifndef RELAY_DIAL_FORWARD_H
#define RELAY_DIAL_FORWARD_H

#include <stddef.h>

#include "base/deadline.h"
#include "relay/dial/dial.h"
#include "relay/session_local.h"

struct shortage;

/* How long a target is left out after it could not be reached. */
#define FORWARD_PAUSE (5 * NSEC_PER_SEC)

struct forward_target {
	/* set by the caller, the rest zeroed */
	struct dial_how how; /* with a PROXY header, its addresses are those of the client */
	int64_t half_close;  /* as in struct session_connection */
	char name[SOCKNAME_TEXT_MAX + ENDPOINT_HOST_MAX]; /* for messages */
	/* private */
	struct deadline again_at; /* left out until then */
};

/* Set by the caller, the rest zeroed. Has to outlive the sessions. */
struct forward {
	struct loop *loop;
	const struct log *log;
	struct forward_target *targets;
	size_t n;
	struct deadline until;
	struct shortage *shortage; /* of all dials */
	/* private */
	size_t next;
};

/* Returns the dialler for a session_how. */
struct session_dialler forward_dialler(struct forward *f);

/* ---- for targets of datagrams ---- */

/* Returns the target whose turn it is. */
struct forward_target *forward_take_turn(struct forward *f);

/* Leaves out a target for a while, as it could not be reached for this reason. */
void forward_leave_out(struct forward *f, struct forward_target *t, const struct error *e);

#endif
