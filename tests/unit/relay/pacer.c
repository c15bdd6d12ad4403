#include "relay/pacer.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC
#define SEC NSEC_PER_SEC

/* Returns how much is sent in this time, asking whenever the pacer says. */
static uint64_t
sent_in(struct pacer *p, int64_t from, int64_t duration)
{
	uint64_t sum = 0;
	int64_t now = from;
	size_t n;

	while (now < from + duration) {
		n = pacer_allows(p, SIZE_MAX, now);
		pacer_spend(p, n, now);
		sum += n;
		if (pacer_until(p).at > now)
			now = pacer_until(p).at;
		else if (n == 0)
			return UINT64_MAX;
	}
	return sum;
}

TEST("without a rate everything may go, at any time")
{
	struct pacer p;

	pacer_init(&p, 0, 0);
	check(!pacer_limits(&p));
	check_int(pacer_allows(&p, 12345, 0), 12345);
	pacer_spend(&p, 12345, 0);
	check_int(pacer_allows(&p, SIZE_MAX / 2, 0), SIZE_MAX / 2);
	check_int(pacer_until(&p).at, 0);
}

TEST("a rate is kept over time")
{
	struct pacer p;
	uint64_t n;

	pacer_init(&p, 1000000, 0);
	n = sent_in(&p, 100 * SEC, 10 * SEC);
	/* and no more than the burst beyond it */
	check(n >= 10000000);
	check(n <= 10000000 + 70000);
}

TEST("after a pause of an hour only a burst is caught up")
{
	struct pacer p;
	uint64_t n;

	pacer_init(&p, 1000000, 0);
	sent_in(&p, 100 * SEC, SEC);
	n = sent_in(&p, 3700 * SEC, SEC);
	check(n >= 1000000);
	check(n <= 1000000 + 70000);
}

TEST("a rate of one byte a second sends one byte each second")
{
	struct pacer p;

	pacer_init(&p, 1, 0);
	check_int(pacer_allows(&p, 100, 10 * SEC), 1);
	pacer_spend(&p, 1, 10 * SEC);
	check_int(pacer_allows(&p, 100, 10 * SEC + 900 * MSEC), 0);
	check(pacer_until(&p).at > 10 * SEC + 900 * MSEC);
	check(pacer_until(&p).at <= 11 * SEC);
	check_int(pacer_allows(&p, 100, 11 * SEC), 1);
}

TEST("a rate of 10 GB a second does not overflow")
{
	struct pacer p;
	uint64_t n;

	pacer_init(&p, UINT64_C(10000000000), 0);
	n = sent_in(&p, 5 * SEC, SEC);
	check(n >= UINT64_C(10000000000));
	check(n <= UINT64_C(10700000000));
	pacer_init(&p, UINT64_MAX, 0);
	check(pacer_allows(&p, SIZE_MAX, 5 * SEC) > UINT64_C(10000000000));
}

TEST("a piece larger than allowed is paid for afterwards")
{
	struct pacer p;

	pacer_init(&p, 1000, 0);
	check(pacer_allows(&p, 5000, SEC) > 0);
	pacer_spend(&p, 5000, SEC);
	check_int(pacer_allows(&p, 1, 5 * SEC), 0);
	check_int(pacer_allows(&p, 1, 6 * SEC), 1);
	/* a debt longer than the clock can express */
	pacer_init(&p, 1, 0);
	pacer_spend(&p, SIZE_MAX, SEC);
	check_int(pacer_allows(&p, 1, 1000000 * SEC), 0);
	check(pacer_until(&p).at > 1000000 * SEC);
}

TEST("the pause after a record holds the next one for the delay, and no longer")
{
	struct pacer p;

	pacer_init(&p, 0, 200 * MSEC);
	check(pacer_limits(&p));
	check(pacer_pauses(&p));
	check_int(pacer_allows(&p, 10, SEC), 10);
	pacer_pause(&p, SEC);
	check(pacer_is_paused(&p, SEC + 199 * MSEC));
	check_int(pacer_allows(&p, 10, SEC + 199 * MSEC), 0);
	check_int(pacer_until(&p).at, SEC + 200 * MSEC);
	check(!pacer_is_paused(&p, SEC + 200 * MSEC));
	check_int(pacer_allows(&p, 10, SEC + 200 * MSEC), 10);
}

TEST("rate and delay both count")
{
	struct pacer p;

	pacer_init(&p, 1000, 100 * MSEC);
	pacer_spend(&p, 1000, SEC);
	pacer_pause(&p, SEC);
	check_int(pacer_allows(&p, 1, SEC + 200 * MSEC), 0);
	check_int(pacer_allows(&p, 1, 2 * SEC), 1);
	pacer_init(&p, 1000, 5 * SEC);
	pacer_spend(&p, 1, SEC);
	pacer_pause(&p, SEC);
	check_int(pacer_until(&p).at, 6 * SEC);
}
