/*
 * Points in time on the monotonic clock. A duration is int64_t nanoseconds; DURATION_NONE means
 * for ever. A duration becomes a deadline when the wait begins and is passed down unchanged, so
 * that retries cannot extend it.
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

/* Returns nanoseconds on CLOCK_MONOTONIC. */
int64_t clock_now(void);

/* Returns now + duration; never, for DURATION_NONE, a negative duration or a sum beyond the
 * clock. A deadline of duration 0 has passed at the first check. */
struct deadline deadline_in(int64_t duration);

/* Returns from + duration, where `from` is a time of clock_now(). Handles the special values
 * like deadline_in(). */
struct deadline deadline_after(int64_t from, int64_t duration);

struct deadline deadline_never(void);
bool deadline_is_never(struct deadline d);
bool deadline_passed(struct deadline d);
/* Like deadline_passed(), for a caller that knows the time. */
bool deadline_is_due(struct deadline d, int64_t now);

/* Returns the earlier of two deadlines. */
struct deadline deadline_min(struct deadline a, struct deadline b);

/* Returns the nanoseconds left: 0 when d has passed, DURATION_NONE when d is never. */
int64_t deadline_left(struct deadline d);

/* Returns the milliseconds left, for poll(2) and epoll_wait(2): -1 for never. Rounds up, so
 * that a wait never ends before the deadline, and clamps to INT_MAX. */
int deadline_left_ms(struct deadline d);

#endif
