/*
 * usock replay as a client: makes the recorded connections again, several at once where they were.
 */
#ifndef CLI_REPLAY_REPLAY_CLIENT_H
#define CLI_REPLAY_REPLAY_CLIENT_H

#include <stdint.h>

#include "base/deadline.h"

struct bind_opts;
struct error;
struct opt_rest;
struct replay;
struct time_opts;
struct tls_opts;

struct replay_client_how {
	struct replay *replay; /* open, with its command context */
	const struct bind_opts *bind;
	const struct time_opts *time;
	const struct tls_opts *tls;
	struct deadline until;
};

/* Connects to the address in the operands. Returns the exit status, or -1. */
int replay_client_run(const struct replay_client_how *how, const struct opt_rest *rest,
    struct error *e);

#endif
