/*
 * Whether a datagram is worth an echo. Two echo servers that have each other's address
 * would answer for ever: what one of them gets is what it has sent before. So ECHO_REPEATS
 * datagrams in a row that have all come before are answered, and then ECHO_PROBES are not. What goes
 * round is gone with that, up to some hundred different ones at once. Who sends them of its own
 * accord goes on or comes back after a while, and loses no more than one in 400.
 */
#ifndef RELAY_SERVER_ECHO_GUARD_H
#define RELAY_SERVER_ECHO_GUARD_H

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
	uint64_t seen[4]; /* a bit for each that has come, by its sum */
	unsigned n_seen;  /* bits */
	int64_t at;       /* when the last one came */
	unsigned run;     /* so many in a row that have come before */
	unsigned doublings;
};

bool echo_guard_allows(struct echo_guard *g, const char *data, size_t n, int64_t now);

#endif
