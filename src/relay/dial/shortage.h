/*
 * A lack of descriptors or memory that passes: what has met it waits a moment and tries again, and it is
 * reported once.
 */
#ifndef RELAY_DIAL_SHORTAGE_H
#define RELAY_DIAL_SHORTAGE_H

#include <stdbool.h>

#include "base/deadline.h"
#include "loop/loop.h"

struct error;
struct log;

/* How long to wait before the next try. */
#define SHORTAGE_PAUSE (100 * NSEC_PER_MSEC)

/* Of all that wait together; zeroed at first. */
struct shortage {
	unsigned waiting;            /* clients that were accepted: the next ones come after them */
	struct deadline quiet_until; /* private */
};

/* One of them. */
struct shortage_wait {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	const struct log *log;
	struct shortage *shortage; /* NULL: it does not wait */
	int64_t patience;          /* from the first shortage on */
	struct deadline until;     /* the end of all */
	void (*again)(void *arg);  /* tries again; called from the loop */
	void *arg;
	/* private */
	struct timer timer;
	struct deadline short_until;
	bool was_short, waits;
};

/* After a failure: returns true if it is a shortage, and another try follows. */
bool shortage_wait(struct shortage_wait *w, const struct error *e);

/* No try follows. Accepts a zeroed w. */
void shortage_wait_stop(struct shortage_wait *w);

/* Returns true if e is one: the same may succeed later. s may be NULL. */
bool shortage_is(const struct shortage *s, const struct error *e);

/* Logs a line, unless there was a shortage in the last 10 s. */
void shortage_report(struct shortage *s, const struct log *log, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
