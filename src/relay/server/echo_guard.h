/*
 * Decides whether to echo a datagram. Two echo servers with each other's
 * address would answer each other for ever, with datagrams seen before. So
 * after ECHO_REPEATS repeated datagrams in a row, ECHO_PROBES are not answered.
 * That ends a loop of up to some hundred different datagrams. A client that
 * repeats itself continues, or comes back later, and loses at most one in 400.
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
/* Repeats at longer intervals are no load. Pauses of a busy machine reduce the count by their share
 * only. */
#define ECHO_PAUSE (20 * NSEC_PER_MSEC)

/* For one peer; zeroed before use. */
struct echo_guard {
	uint64_t seen[4]; /* a bloom filter of hashes */
	unsigned n_seen;  /* bits set */
	int64_t at;       /* when the last one arrived */
	unsigned run;     /* repeats in a row */
	unsigned doublings;
};

bool echo_guard_allows(struct echo_guard *g, const char *data, size_t n, int64_t now);

#endif
