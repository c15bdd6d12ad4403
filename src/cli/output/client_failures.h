/*
 * Failures of a server's clients. Each kind of failure is reported, but many
 * failures of one kind are only counted, as are resets, which a server on the
 * open network sees all the time. With -v each failure is reported. Events
 * contain each failure.
 */
#ifndef CLI_OUTPUT_CLIENT_FAILURES_H
#define CLI_OUTPUT_CLIENT_FAILURES_H

#include "base/deadline.h"

struct error;
struct command_context;

#define FAILURE_KINDS_MAX 16

/* Failures with the same code and errno. */
struct failure_kind {
	int code, number;
	unsigned reported;     /* reported in this period */
	unsigned long counted; /* counted but not reported */
	struct deadline next;  /* end of the period */
	char text[160];        /* text of the last one that was only counted */
};

struct client_failures {
	/* set by the caller (zeroed before) */
	struct command_context *rt;
	/* private */
	unsigned long resets; /* since the last report */
	unsigned n_kinds;
	struct failure_kind kinds[FAILURE_KINDS_MAX];
};

/* Adds a failure that is not a reset. */
void client_failures_add(struct client_failures *cf, const struct error *e);

/* Adds a client that ended with a reset. */
void client_failures_add_reset(struct client_failures *cf, const struct error *e);

/* Reports how many failures were only counted: "3 clients ended with a reset". Writes nothing
 * where there are none. */
void client_failures_report(struct client_failures *cf);

#endif
