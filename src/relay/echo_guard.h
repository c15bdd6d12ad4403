/*
 * Whether a datagram is worth an echo. Two echo servers that have each other's address
 * would answer for ever: what one of them gets is what it has just sent. So the same
 * datagram, again and again, is answered ECHO_REPEATS times, and then ECHO_PROBES are not. What goes
 * round is gone with that. Who sends it of its own accord goes on or comes back after a
 * while, and loses no more than one in 400.
 */
#ifndef RELAY_ECHO_GUARD_H
#define RELAY_ECHO_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"

#define ECHO_REPEATS 8000
#define ECHO_PROBES 20
#define ECHO_DOUBLINGS 6
/* What goes round once in this time is no burden. A busy machine makes pauses too: each takes
 * back its share of the repeats, and no more. */
#define ECHO_PAUSE (20 * NSEC_PER_MSEC)

/* Of one peer; zeroed before. */
struct echo_guard {
	uint64_t sum; /* of the last one */
	int64_t at;   /* when it came */
	unsigned run; /* so many like it */
	unsigned doublings;
};

bool echo_guard_allows(struct echo_guard *g, const char *data, size_t n, int64_t now);

#endif
