/*
 * A program as a stream: started with its stdin and stdout on a socket (a
 * socketpair, or directly the client's own), stderr ours.
 */
#ifndef STREAM_PROCESS_H
#define STREAM_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stream/stream.h"

struct process_how {
	const char *const *argv; /* NULL-terminated, argv as given */
	const char *shell_line;  /* instead of argv: /bin/sh -c LINE */
	char *const
	    *env; /* NULL-terminated NAME=VALUE added to (or replacing in) the environment */
	uint64_t descriptors;  /* the program's soft limit of descriptors; 0: ours */
	bool stderr_to_stdout; /* stderr goes to the socket too */
};

/* Starts the program with fd as its stdin and stdout; fd stays the caller's.
 * The child gets default signal dispositions, an empty signal mask, no other
 * descriptors (those that this process inherited become close-on-exec), and fd blocking where block is set (which makes the shared open
 * file blocking). exec's own failure is reported here: ERROR_NOT_FOUND (127) or
 * ERROR_NOT_EXECUTABLE (126), text "exec NAME: reason". Returns 0 with *ret_pid. */
int process_start(const struct process_how *how, int fd, bool block, pid_t *ret_pid,
    struct error *e);

/* Starts the program on one end of a socketpair; the stream is the other. */
int process_stream(struct stream **ret_stream, const struct process_how *how, pid_t *ret_pid,
    struct error *e);

#endif
