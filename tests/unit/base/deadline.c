#include <limits.h>

#include "base/deadline.h"
#include "test.h"

TEST("a deadline is never for no duration, a negative one, and one beyond the clock")
{
	check(deadline_is_never(deadline_never()));
	check(deadline_is_never(deadline_in(DURATION_NONE)));
	check(deadline_is_never(deadline_in(-1)));
	check(deadline_is_never(deadline_in(INT64_MAX - 1)));
	check(!deadline_passed(deadline_never()));
	check_int(deadline_left(deadline_never()), DURATION_NONE);
	check_int(deadline_left_ms(deadline_never()), -1);
}

TEST("a deadline of zero has passed at the first check")
{
	struct deadline d = deadline_in(0);

	check(deadline_passed(d));
	check_int(deadline_left(d), 0);
	check_int(deadline_left_ms(d), 0);
}

TEST("a deadline is its duration away")
{
	int64_t before = clock_now();
	struct deadline d = deadline_in(10 * NSEC_PER_SEC);

	check(d.at >= before + 10 * NSEC_PER_SEC);
	check(!deadline_passed(d));
	check(deadline_left(d) > 9 * NSEC_PER_SEC);
	check(deadline_left(d) <= 10 * NSEC_PER_SEC);
}

TEST("a deadline after a point in time is the sum, whatever the point's sign")
{
	check_int(deadline_after(1000, 0).at, 1000);
	check_int(deadline_after(1000, 7).at, 1007);
	check_int(deadline_after(0, INT64_MAX - 1).at, INT64_MAX - 1);
	check_int(deadline_after(-5, INT64_MAX - 1).at, INT64_MAX - 6);
}

TEST("a deadline after a point in time that the clock cannot reach is never")
{
	/* 9223372036 s, the longest duration that the command line accepts */
	const int64_t longest = INT64_C(9223372036) * NSEC_PER_SEC;

	check(deadline_is_never(deadline_after(clock_now(), longest)));
	check(deadline_is_never(deadline_after(1, INT64_MAX - 1)));
	check(deadline_is_never(deadline_after(2, INT64_MAX - 1)));
	check(deadline_is_never(deadline_after(INT64_MAX, 0)));
	check(deadline_is_never(deadline_after(1000, DURATION_NONE)));
	check(deadline_is_never(deadline_after(1000, -1)));
	check(!deadline_passed(deadline_in(longest)));
}

TEST("milliseconds left are rounded up and fit an int")
{
	check_int(deadline_left_ms(deadline_in(3600 * NSEC_PER_SEC - 1)), 3600 * 1000);
	check_int(deadline_left_ms(deadline_in(INT64_MAX / 2)), INT_MAX);
	/* a nanosecond may pass before the first check */
	for (int i = 0; i < 100; i++) {
		struct deadline d = deadline_in(NSEC_PER_MSEC / 2);
		int ms = deadline_left_ms(d);

		check(ms == 1 || deadline_passed(d));
	}
}

TEST("the earlier of two deadlines is the smaller one, and never is the latest")
{
	struct deadline soon = deadline_in(1), late = deadline_in(NSEC_PER_SEC);

	check_int(deadline_min(soon, late).at, soon.at);
	check_int(deadline_min(late, soon).at, soon.at);
	check_int(deadline_min(deadline_never(), late).at, late.at);
}

TEST("the clock does not go back")
{
	int64_t last = clock_now();

	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_now();

		require(now >= last);
		last = now;
	}
}
