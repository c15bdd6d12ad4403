#include "relay/echo_guard.h"

#include "relay/peer_table.h"

/* Of a long one the ends are enough: it has to be cheaper than sending it. */
#define END_MAX 512

static unsigned
limit_of(const struct echo_guard *g)
{
	return ECHO_REPEATS << g->doublings;
}

bool
echo_guard_allows(struct echo_guard *g, const char *data, size_t n, int64_t now)
{
	size_t end = n < END_MAX ? n : END_MAX;
	uint64_t sum = peer_table_hash(peer_table_hash(n + 1, data, end), data + n - end, end);
	int64_t pauses = (now - g->at) / ECHO_PAUSE;

	if (g->sum != sum) {
		g->run = g->doublings = 0;
	} else if (g->run == limit_of(g) + ECHO_PROBES) {
		g->run = 0;
		g->doublings += g->doublings < ECHO_DOUBLINGS;
	} else if (pauses >= g->run || (pauses > 0 && g->run > limit_of(g))) {
		g->run = 0;
	} else {
		g->run -= (unsigned)pauses;
	}
	g->sum = sum;
	g->at = now;
	return ++g->run <= limit_of(g);
}
