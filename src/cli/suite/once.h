/*
 * usock listen --once: counts the clients of a server, and ends it after the last.
 */
#ifndef CLI_SUITE_ONCE_H
#define CLI_SUITE_ONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/loop.h"

struct error;

struct once {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	uint64_t clients;       /* how many to serve; 0: no limit, and nothing here has an effect */
	int64_t accept_timeout; /* limits the wait for each of them; DURATION_NONE: no limit */
	bool *over;             /* set when that time has passed */
	/* readable */
	bool complete; /* the last client has come: accept no more */
	bool late;     /* a client did not come in time */
	int status;    /* of the first client that failed */
	/* private */
	uint64_t came;
	struct timer timer;
};

/* Starts to wait for the first client. */
void once_start(struct once *o);

/* Counts a client that has come. Returns true where it is the last. */
bool once_client(struct once *o);

/* Notes the exit status of a client that has ended. */
void once_ended(struct once *o, int status);

/* Stops the timer. Returns -1 with ERROR_TIMEOUT "accept ADDRESS: ..." where a client did not come
 * in time. */
int once_stop(struct once *o, const char *address, struct error *e);

#endif
