/*
 * A lack of descriptors or memory that passes: what has met it waits a moment and tries again, and it is
 * reported once.
 */
#ifndef RELAY_DIAL_SHORTAGE_H
#define RELAY_DIAL_SHORTAGE_H

#include <stdbool.h>

#include "base/deadline.h"

struct error;
struct log;

/* How long to wait before the next try. */
#define SHORTAGE_PAUSE (100 * NSEC_PER_MSEC)

/* Of all that wait together; zeroed at first. */
struct shortage {
	unsigned waiting;            /* clients that were accepted: the next ones come after them */
	struct deadline quiet_until; /* private */
};

/* Returns true if e is one: the same may succeed later. s may be NULL. */
bool shortage_is(const struct shortage *s, const struct error *e);

/* Logs a line, unless there was a shortage in the last 10 s. */
void shortage_report(struct shortage *s, const struct log *log, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
