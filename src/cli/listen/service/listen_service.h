/*
 * What a client of usock listen gets: a program, an echo, a file, the shared
 * input. Each is a row of one table.
 */
#ifndef CLI_LISTEN_SERVICE_LISTEN_SERVICE_H
#define CLI_LISTEN_SERVICE_LISTEN_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/listen/listen_opts.h"

struct error;
struct listen_server;
struct session;

/* The operations may be NULL. */
struct listen_service {
	const char *option; /* that chooses it, with "--" */
	/* The option's value in struct listen_opts: a flag if is_flag is set, the index of a choice
	 * if is_choice is, else a pointer that is NULL where the option is not given. */
	size_t offset;
	bool is_flag, is_choice;
	bool keep_open;   /* only with --keep-open */
	bool connected;   /* not with datagrams without a connection */
	bool one_process; /* clients have to be in one process: not with --workers */
	bool sends;       /* it has something to send even with --send-only */
	/* Decides sv->how, before the socket is opened. */
	int (*set_up)(struct listen_server *sv, struct error *e);
	/* Opens what all clients share, when serving with --keep-open begins. */
	int (*open)(struct listen_server *sv, struct error *e);
	/* Runs the loop until sv->over, as loop_run() does; may set sv->once.status, the exit status. NULL:
	 * loop_run(). */
	int (*run)(struct listen_server *sv, struct error *e);
	/* Reports how a client has ended, and returns its exit status. NULL: the server does. */
	int (*ended)(struct listen_server *sv, const struct session *s);
	/* Closes it after the last session, also if open failed or was not called. */
	void (*close)(struct listen_server *sv);
	/* Frees what set_up made, after close, also if set_up failed. */
	void (*fini)(struct listen_server *sv);
};

/* Returns the service that an option chooses. NULL: none; clients get the program after --, or
 * standard input and output. */
const struct listen_service *listen_service_of(const struct listen_opts *o);

/* Sets sv->service, and decides sv->how for it and the program in rest. */
int listen_service_set_up(struct listen_server *sv, const struct opt_rest *rest, struct error *e);

/* Opens and closes what all clients share, standard input and output included. */
int listen_service_open(struct listen_server *sv, struct error *e);
void listen_service_close(struct listen_server *sv);

/* Frees what listen_service_set_up() made, also after it failed. */
void listen_service_fini(struct listen_server *sv);

#endif
