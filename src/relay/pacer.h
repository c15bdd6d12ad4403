/*
 * How fast bytes or records may go: a token bucket of bytes a second, and a pause
 * after each line or record. One for every direction of every relay.
 */
#ifndef RELAY_PACER_H
#define RELAY_PACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"

struct pacer {
	uint64_t rate; /* bytes a second; 0: no limit */
	int64_t delay; /* nanoseconds after each line or record; 0: none */
	int64_t due;   /* private: when the bytes that went are paid for, CLOCK_MONOTONIC */
	int64_t after; /* private: the end of the pause */
};

void pacer_init(struct pacer *p, uint64_t rate, int64_t delay);

/* False where neither limits anything: nothing else needs to be asked then. */
bool pacer_limits(const struct pacer *p);

/* Bytes of at most max that may go now. 0: none before pacer_until(). */
size_t pacer_allows(const struct pacer *p, size_t max, int64_t now);

/* When pacer_allows() gives more than 0 again. */
struct deadline pacer_until(const struct pacer *p);

/* True until the pause after a line or record is over. */
bool pacer_is_paused(const struct pacer *p, int64_t now);

/* n bytes went. A record or line that is larger than what was allowed may go whole:
 * it is paid for afterwards. */
void pacer_spend(struct pacer *p, size_t n, int64_t now);

/* A line or record is complete: the pause begins. */
void pacer_pause(struct pacer *p, int64_t now);

/* True where each line or record has to go alone. */
static inline bool
pacer_pauses(const struct pacer *p)
{
	return p->delay > 0;
}

#endif
