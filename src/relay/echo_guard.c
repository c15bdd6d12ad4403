#include "relay/echo_guard.h"

#include <string.h>

/* Of a long one the ends are enough: it has to be cheaper than sending it. */
#define END_MAX 512

static uint64_t
add(uint64_t sum, const char *data, size_t n)
{
	uint64_t word;
	size_t at;

	for (at = 0; at < n; at += sizeof(word)) {
		word = 0;
		memcpy(&word, data + at, n - at < sizeof(word) ? n - at : sizeof(word));
		sum = (sum ^ word) * UINT64_C(0xff51afd7ed558ccd);
		sum ^= sum >> 32;
	}
	return sum;
}

static unsigned
limit_of(const struct echo_guard *g)
{
	return ECHO_REPEATS << g->doublings;
}

bool
echo_guard_allows(struct echo_guard *g, const char *data, size_t n, int64_t now)
{
	size_t end = n < END_MAX ? n : END_MAX;
	uint64_t sum = add(add(n + 1, data, end), data + n - end, end);
	bool again = g->sum == sum && now - g->at < ECHO_PAUSE;

	g->sum = sum;
	g->at = now;
	if (!again) {
		g->run = g->doublings = 0;
	} else if (g->run == limit_of(g) + ECHO_PROBES) {
		g->run = 0;
		g->doublings += g->doublings < ECHO_DOUBLINGS;
	}
	return ++g->run <= limit_of(g);
}
