/*
 * How the clients of a server fail: each kind of failure is reported, but a flood of one
 * kind is counted, and so are resets, which a server on the open network has all the time.
 * With -v each is reported. The events have each of them.
 */
#ifndef CLI_OUTPUT_CLIENT_FAILURES_H
#define CLI_OUTPUT_CLIENT_FAILURES_H

#include "base/deadline.h"

struct error;
struct command_context;

#define FAILURE_KINDS_MAX 16

/* Failures with the same code and number. */
struct failure_kind {
	int code, number;
	unsigned told;        /* since the period began */
	unsigned long held;   /* counted, not reported */
	struct deadline next; /* the period's end */
	char text[160];       /* of the last one that was counted */
};

struct client_failures {
	/* set by the caller (zeroed before) */
	struct command_context *rt;
	/* private */
	unsigned long resets; /* since the last report */
	unsigned n_kinds;
	struct failure_kind kinds[FAILURE_KINDS_MAX];
};

/* A client failed otherwise than by a reset. */
void client_failures_add(struct client_failures *cf, const struct error *e);

/* The client's end was a reset. */
void client_failures_add_reset(struct client_failures *cf, const struct error *e);

/* Says how many were only counted: "3 clients ended with a reset". Nothing where none was. */
void client_failures_report(struct client_failures *cf);

#endif
