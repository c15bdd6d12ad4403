/*
 * `usock status --wait`: until sockets are in a state, without touching them.
 */
#ifndef CLI_STATUS_STATUS_WAIT_H
#define CLI_STATUS_STATUS_WAIT_H

#include <stdint.h>

#include "cli/status/status_query.h"

struct error;
struct loop;

struct status_goal {
	int code;      /* state that is waited for; -2: any */
	int64_t count; /* at least so many are in it, */
	bool at_most;  /* or no more than that */
};

/* STATE, listening, gone, STATE=N (0: none), STATE<=N. ERROR_USAGE. */
int status_goal_parse(const char *text, struct status_goal *ret_goal, struct error *e);

/* 0 as soon as it is so. ERROR_TIMEOUT, ERROR_SIGNAL, ERROR_NETWORK. */
int status_wait(struct loop *l, const struct status_query *q, const struct status_goal *goal,
    int64_t timeout, struct error *e);

#endif
