/*
 * The pace of bytes or records: a token bucket of bytes a second, and a pause
 * after each line or record. Every direction of every relay uses one.
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
	int64_t due;   /* private: when the sent bytes are paid for, CLOCK_MONOTONIC */
	int64_t after; /* private: the end of the pause */
};

void pacer_init(struct pacer *p, uint64_t rate, int64_t delay);

/* Returns false if there is neither rate nor delay; the other functions need not be called
 * then. */
bool pacer_limits(const struct pacer *p);

/* Returns how many bytes, at most max, may go now. 0 before pacer_until(). */
size_t pacer_allows(const struct pacer *p, size_t max, int64_t now);

/* Returns when pacer_allows() will return more than 0. */
struct deadline pacer_until(const struct pacer *p);

/* Returns true during the pause after a line or record. */
bool pacer_is_paused(const struct pacer *p, int64_t now);

/* Charges n bytes. A record or line may exceed what was allowed; it is paid for afterwards. */
void pacer_spend(struct pacer *p, size_t n, int64_t now);

/* Begins the pause after a line or record. */
void pacer_pause(struct pacer *p, int64_t now);

/* Returns true if each line or record has to be sent by itself. */
static inline bool
pacer_pauses(const struct pacer *p)
{
	return p->delay > 0;
}

#endif
