/*
 * Draws schedules from seeds, and runs the program's relays, negotiations and acceptor
 * through them: sim [-n COUNT] [-s SEED] [-k KIND] [-v]
 *
 * A seed that fails is printed with its kind; -s SEED -k KIND -n 1 -v replays it with a trace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

struct kind {
	const char *name;
	void (*run)(void);
	unsigned share; /* of ten schedules */
};

static const struct kind kinds[] = {
	{ "bytes", sim_bytes, 4 },
	{ "messages", sim_messages, 3 },
	{ "negotiations", sim_negotiations, 2 },
	{ "acceptor", sim_acceptor, 1 },
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]), FAILURES_MAX = 5 };

static bool
run_one(const struct kind *k, uint64_t seed, bool trace)
{
	static struct sim world;

	memset(&world, 0, sizeof(world));
	world.seed = world.random = seed;
	world.now = SEC;
	world.trace = trace;
	sim = &world;
	if (setjmp(world.out) == 0)
		k->run();
	if (world.failure[0] == '\0')
		return true;
	printf("not ok - %s, seed %llu: %s\n", k->name, (unsigned long long)seed, world.failure);
	return false;
}

/* Of ten schedules each kind has its share, unless only one is wanted. */
static bool
is_due(const char *only, unsigned k, uint64_t i)
{
	unsigned from = 0, j;

	if (only != NULL)
		return strcmp(only, kinds[k].name) == 0;
	for (j = 0; j < k; j++)
		from += kinds[j].share;
	return i % 10 >= from && i % 10 < from + kinds[k].share;
}

static uint64_t
number(const char *text)
{
	return strtoull(text, NULL, 0);
}

int
main(int argc, char **argv)
{
	uint64_t n = 10000, seed = 1, i;
	const char *only = NULL;
	bool trace = false;
	int c, failures = 0;
	unsigned k;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "n:s:k:v")) != -1) {
		if (c == 'n')
			n = number(optarg);
		else if (c == 's')
			seed = number(optarg);
		else if (c == 'k')
			only = optarg;
		else if (c == 'v')
			trace = true;
		else
			return 2;
	}
	for (i = 0; i < n && failures < FAILURES_MAX; i++)
		for (k = 0; k < N_KINDS; k++) {
			if (!is_due(only, k, i))
				continue;
			failures += !run_one(&kinds[k], seed + i, trace);
		}
	printf("%llu schedules from seed %llu: %d failed\n", (unsigned long long)i,
	    (unsigned long long)seed, failures);
	return failures > 0;
}
