/*
 * `usock status --watch`: the sockets that match, again and again: in place on a
 * terminal, line after line elsewhere.
 */
#ifndef CLI_STATUS_STATUS_WATCH_H
#define CLI_STATUS_STATUS_WATCH_H

#include <stdint.h>

#include "cli/status/status_query.h"

struct error;
struct command_context;

/* Every `interval` nanoseconds until q is typed, or a signal comes, which is its
 * error. The terminal is left as it was. */
int status_watch(struct command_context *rt, const struct status_query *q, int64_t interval,
    struct error *e);

#endif
