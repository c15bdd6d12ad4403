/*
 * `usock status --watch`: shows the matching sockets periodically, in place on
 * a terminal and line after line elsewhere.
 */
#ifndef CLI_STATUS_STATUS_WATCH_H
#define CLI_STATUS_STATUS_WATCH_H

#include <stdint.h>

#include "cli/status/status_query.h"

struct error;
struct command_context;

/* Shows them each `interval` nanoseconds until q is typed, which returns 0, or a signal comes:
 * ERROR_SIGNAL. Restores the terminal. */
int status_watch(struct command_context *rt, const struct status_query *q, int64_t interval,
    struct error *e);

#endif
