#include "relay/server/echo_guard.h"
#include "test.h"

#define USEC (NSEC_PER_MSEC / 1000)

/* Returns how many of n equal datagrams, 10 us apart, are echoed. */
static unsigned
echoed(struct echo_guard *g, const char *text, unsigned n, int64_t *now)
{
	unsigned sum = 0;

	for (; n > 0; n--)
		sum += echo_guard_allows(g, text, strlen(text), *now += 10 * USEC);
	return sum;
}

/* Returns how often k datagrams loop through a peer that sends back what it gets. */
static unsigned long
rounds(unsigned k)
{
	struct echo_guard g = { 0 };
	unsigned long n = 0;
	int64_t now = NSEC_PER_SEC;

	for (; k > 0 && n < 1000000000; n++)
		k -= !echo_guard_allows(&g, "round", 5, now += USEC);
	return n;
}

TEST("different datagrams are all echoed, however fast and many")
{
	struct echo_guard g = { 0 };
	int64_t now = NSEC_PER_SEC;
	unsigned i, sum = 0;

	for (i = 0; i < 1000000; i++)
		sum += echo_guard_allows(&g, (const char *)&i, sizeof(i), now += USEC);
	check_int(sum, 1000000);
}

TEST("a looping datagram is dropped after the limit")
{
	check_int(rounds(1), ECHO_REPEATS + 1);
	check_int(rounds(ECHO_PROBES), ECHO_REPEATS + ECHO_PROBES);
}

TEST("hundreds that loop at once are dropped too")
{
	check(rounds(1000) < 50UL * (ECHO_REPEATS << ECHO_DOUBLINGS) + 2000);
}

TEST("different ones that loop at once are dropped too")
{
	static const char *const texts[] = { "a", "b", "c", "d", "e", "f", "g" };
	struct echo_guard g = { 0 };
	unsigned long n = 0;
	int64_t now = NSEC_PER_SEC;
	bool gone[7] = { false };
	unsigned left = 7, i;

	for (i = 0; left > 0 && n < 1000000; n++, i = (i + 1) % 7) {
		if (gone[i % 7])
			continue;
		gone[i % 7] = !echo_guard_allows(&g, texts[i % 7], 1, now += USEC);
		left -= gone[i % 7];
	}
	check_int(left, 0);
}

TEST("a client that repeats itself loses one in 400, and fewer over time")
{
	struct echo_guard g = { 0 };
	int64_t now = NSEC_PER_SEC;

	check_int(echoed(&g, "same", ECHO_REPEATS, &now), ECHO_REPEATS);
	check_int(echoed(&g, "same", ECHO_PROBES, &now), 0);
	check_int(echoed(&g, "same", 2 * ECHO_REPEATS, &now), 2 * ECHO_REPEATS);
	check_int(echoed(&g, "same", ECHO_PROBES, &now), 0);
	check_int(echoed(&g, "same", 4 * ECHO_REPEATS, &now), 4 * ECHO_REPEATS);
	check(echoed(&g, "same", 2000000, &now) > 1999000);
}

TEST("another datagram, or a pause after an unanswered one, resets the count")
{
	struct echo_guard g = { 0 };
	int64_t now = NSEC_PER_SEC;

	check_int(echoed(&g, "same", ECHO_REPEATS, &now), ECHO_REPEATS);
	check_int(echoed(&g, "other", 1, &now), 1);
	check_int(echoed(&g, "same", ECHO_REPEATS - 1, &now), ECHO_REPEATS - 1);
	check_int(echoed(&g, "same", 1, &now), 0);
	now += ECHO_PAUSE;
	check_int(echoed(&g, "same", ECHO_REPEATS, &now), ECHO_REPEATS);
}

TEST("a slow loop continues, and occasional pauses do not save a fast one")
{
	struct echo_guard g = { 0 };
	int64_t now = NSEC_PER_SEC;
	unsigned i, sum = 0;

	for (i = 0; i < 10 * ECHO_REPEATS; i++)
		sum += echo_guard_allows(&g, "slow", 4, now += ECHO_PAUSE);
	check_int(sum, 10 * ECHO_REPEATS);
	for (i = 0; i < 200 && echoed(&g, "fast", 100, &now) == 100; i++)
		now += 2 * ECHO_PAUSE;
	check(i < 100);
}

TEST("datagrams are distinguished by length, and by both ends of a long one")
{
	static char long_one[4000];
	struct echo_guard g = { 0 };

	check(echo_guard_allows(&g, "", 0, 1));
	echo_guard_allows(&g, long_one, sizeof(long_one), 2);
	echo_guard_allows(&g, long_one, sizeof(long_one), 3);
	check_int(g.run, 2);
	echo_guard_allows(&g, long_one, sizeof(long_one) - 1, 4);
	check_int(g.run, 1);
	long_one[sizeof(long_one) - 2] = 1;
	echo_guard_allows(&g, long_one, sizeof(long_one) - 1, 5);
	check_int(g.run, 1);
	long_one[0] = 1;
	echo_guard_allows(&g, long_one, sizeof(long_one) - 1, 6);
	check_int(g.run, 1);
}
