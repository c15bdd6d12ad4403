/*
 * A program as a stream, or beside us, or instead of us. Its stdin and stdout are a socket: one end of a
 * socketpair, or the client's own; its stderr is ours. Or all three are a terminal of its own.
 */
#ifndef STREAM_PROCESS_H
#define STREAM_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stream/stream.h"

struct pty_group;

/* Room for the variables of a program, and NULL. */
enum { PROCESS_ENV_MAX = 64 };

struct process_how {
	const char *const *argv; /* NULL-terminated */
	const char *shell_line;  /* replaces argv: /bin/sh -c LINE */
	/* NULL-terminated NAME=VALUE list, added to the environment or replacing */
	char *const *env;
	uint64_t descriptors;  /* the program's soft limit of open descriptors; 0: ours */
	bool stderr_to_stdout; /* stderr goes to the socket too */
	bool own_stdio;        /* stdin, stdout and stderr are ours, and no socket is passed */
	bool own_group;        /* the program leads a process group of its own */
	/* For process_stream(): the program leads a session on a terminal of this group. NULL: a
	 * socket. */
	struct pty_group *terminal;
};

/* Starts the program with fd, which stays the caller's, as its stdin and stdout. The child has
 * default signal dispositions, an empty signal mask and no other descriptors: those that this
 * process inherited become close-on-exec. If block is set, fd becomes blocking, for everyone who
 * shares the open file. Returns 0 with *ret_pid. A failed exec is reported here, as ERROR_NOT_FOUND
 * (127) or ERROR_NOT_EXECUTABLE (126) with the text "exec NAME: reason". */
int process_start(const struct process_how *how, int fd, bool block, pid_t *ret_pid,
    struct error *e);

/* Becomes the program, which gets fd as descriptor 3, our stdin, stdout and stderr, and no other
 * descriptor; its signals are as for process_start(). Returns -1 like process_start(). */
int process_exec(const struct process_how *how, int fd, struct error *e);

/* Sets the error of an exec that fails with errnum: "exec NAME: reason", ERROR_NOT_FOUND,
 * ERROR_NOT_EXECUTABLE, or ERROR_INTERNAL for a lack of memory. Returns -1. */
int process_exec_error(const char *name, int errnum, struct error *e);

/* Frees the strings of a list that ends with NULL. */
void process_env_free(char **env);

/* Starts the program on one end of a socketpair, or on the slave of a pseudo-terminal. The stream
 * is the other end. */
int process_stream(struct stream **ret_stream, const struct process_how *how, pid_t *ret_pid,
    struct error *e);

#endif
