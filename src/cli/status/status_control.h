/*
 * `usock status PATH`, where PATH is the control socket of a server: asks it for its counts and
 * clients.
 */
#ifndef CLI_STATUS_STATUS_CONTROL_H
#define CLI_STATUS_STATUS_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

struct command_context;
struct error;

struct status_control_how {
	const char *path;
	bool json, no_header, color;
	int64_t interval; /* --watch, in nanoseconds; 0: once */
};

/* Prints what the server answers; with an interval until a signal ends that, or the server: then it
 * returns 0 too. ERROR_NETWORK, ERROR_TIMEOUT if an answer takes more than 10 s, ERROR_PEER_ENDED,
 * ERROR_LOCAL_IO, ERROR_SIGNAL. */
int status_control(struct command_context *rt, const struct status_control_how *how,
    struct error *e);

#endif
