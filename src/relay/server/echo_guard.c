#include "relay/server/echo_guard.h"

#include <string.h>

#include "relay/server/peer_table.h"

/* Of a long datagram only the ends are hashed, so that this is cheaper than sending it. */
#define END_MAX 512

static unsigned
repeat_limit(const struct echo_guard *g)
{
	return ECHO_REPEATS << g->doublings;
}

/* With more bits set, new datagrams too often look repeated. */
#define SEEN_MAX 128

/* Returns true if no datagram with this hash was seen. */
static bool
note_hash(struct echo_guard *g, uint64_t sum)
{
	uint64_t bit = UINT64_C(1) << (sum >> 56 & 63), *word = &g->seen[sum >> 62];

	if ((*word & bit) != 0)
		return false;
	if (g->n_seen++ == SEEN_MAX) {
		memset(g->seen, 0, sizeof(g->seen));
		g->n_seen = 1;
	}
	*word |= bit;
	return true;
}

bool
echo_guard_allows(struct echo_guard *g, const char *data, size_t n, int64_t now)
{
	size_t end = n < END_MAX ? n : END_MAX;
	uint64_t sum = peer_table_hash(peer_table_hash(n + 1, data, end), data + n - end, end);
	int64_t pauses = (now - g->at) / ECHO_PAUSE;

	if (note_hash(g, sum)) {
		g->run = g->doublings = 0;
	} else if (g->run == repeat_limit(g) + ECHO_PROBES) {
		g->run = 0;
		g->doublings += g->doublings < ECHO_DOUBLINGS;
	} else if (pauses >= g->run || (pauses > 0 && g->run > repeat_limit(g))) {
		g->run = 0;
	} else {
		g->run -= (unsigned)pauses;
	}
	g->at = now;
	return ++g->run <= repeat_limit(g);
}
