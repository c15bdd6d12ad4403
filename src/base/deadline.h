/*
 * Points in time on the monotonic clock. A duration is int64_t nanoseconds,
 * DURATION_NONE means for ever; a deadline is made from one when the wait
 * begins, and then passed down unchanged, so that retries cannot stretch it.
 */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_NONE INT64_MAX
#define NSEC_PER_SEC INT64_C(1000000000)
#define NSEC_PER_MSEC INT64_C(1000000)

struct deadline {
	int64_t at; /* nanoseconds on CLOCK_MONOTONIC; INT64_MAX: never */
};

/* Nanoseconds on CLOCK_MONOTONIC now. */
int64_t clock_now(void);

/* now + duration; DURATION_NONE, a negative duration and a sum beyond the clock
 * give never. 0 has passed as soon as it is asked about. */
struct deadline deadline_in(int64_t duration);

/* from + duration, where from is a point on the same clock; as deadline_in. */
struct deadline deadline_after(int64_t from, int64_t duration);

struct deadline deadline_never(void);
bool deadline_is_never(struct deadline d);
bool deadline_passed(struct deadline d);
/* The same for who knows the time. */
bool deadline_is_due(struct deadline d, int64_t now);

/* The earlier of two. */
struct deadline deadline_min(struct deadline a, struct deadline b);

/* Nanoseconds left, 0 when passed, DURATION_NONE for never. */
int64_t deadline_left(struct deadline d);

/* Left in milliseconds for poll and epoll: rounded up, so that a wait never
 * ends before the deadline; -1 for never; clamped to INT_MAX. */
int deadline_left_ms(struct deadline d);

#endif
