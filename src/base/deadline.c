#include "base/deadline.h"

#include <limits.h>

struct deadline
deadline_never(void)
{
	return (struct deadline){ INT64_MAX };
}

struct deadline
deadline_after(int64_t from, int64_t duration)
{
	if (duration < 0 || duration == DURATION_NONE)
		return deadline_never();
	/* with a negative `from` the sum cannot overflow */
	if (from > 0 && duration > INT64_MAX - from)
		return deadline_never();
	return (struct deadline){ from + duration };
}

struct deadline
deadline_in(int64_t duration)
{
	return deadline_after(clock_now(), duration);
}

bool
deadline_is_never(struct deadline d)
{
	return d.at == INT64_MAX;
}

bool
deadline_passed(struct deadline d)
{
	return !deadline_is_never(d) && clock_now() >= d.at;
}

bool
deadline_is_due(struct deadline d, int64_t now)
{
	return !deadline_is_never(d) && now >= d.at;
}

struct deadline
deadline_min(struct deadline a, struct deadline b)
{
	return a.at <= b.at ? a : b;
}

int64_t
deadline_left(struct deadline d)
{
	int64_t now;

	if (deadline_is_never(d))
		return DURATION_NONE;
	now = clock_now();
	return d.at > now ? d.at - now : 0;
}

int
deadline_left_ms(struct deadline d)
{
	int64_t left = deadline_left(d), ms;

	if (left == DURATION_NONE)
		return -1;
	ms = left / NSEC_PER_MSEC + (left % NSEC_PER_MSEC != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}
