/*
 * `usock status --wait`: waits until sockets reach a state, without touching
 * them.
 */
#ifndef CLI_STATUS_STATUS_WAIT_H
#define CLI_STATUS_STATUS_WAIT_H

#include <stdint.h>

#include "cli/status/status_query.h"

struct error;
struct loop;

struct status_goal {
	int code;      /* state to wait for; -2: any */
	int64_t count; /* at least this many sockets in that state, */
	bool at_most;  /* or at most this many */
};

/* Parses STATE, listening, gone, STATE=N (0: none) and STATE<=N. ERROR_USAGE. */
int status_goal_parse(const char *text, struct status_goal *ret_goal, struct error *e);

/* Waits until the goal is reached and returns 0. ERROR_TIMEOUT, ERROR_SIGNAL, ERROR_NETWORK. */
int status_wait(struct loop *l, const struct status_query *q, const struct status_goal *goal,
    int64_t timeout, struct error *e);

#endif
