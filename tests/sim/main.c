/*
 * Draws schedules from seeds, and runs the program's relays, negotiations and
 * acceptor through them: sim [-n COUNT] [-s SEED] [-k KIND] [-e] [-v]
 *
 * -e stops at the first failure. A schedule whose callbacks never return fails
 * too. A failed seed is printed with its kind; -s SEED -k KIND -n 1 -v replays
 * it with a trace.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

struct kind {
	const char *name;
	void (*run)(void);
	unsigned from, share; /* of ten seeds: kinds may have the same ones */
};

static const struct kind kinds[] = {
	{ "bytes", sim_bytes, 0, 4 },
	{ "messages", sim_messages, 4, 2 },
	{ "peers", sim_peers, 6, 1 },
	{ "negotiations", sim_negotiations, 7, 1 },
	{ "proxies", sim_proxies, 8, 1 },
	{ "acceptor", sim_acceptor, 9, 1 },
	{ "websocket", sim_websocket, 0, 2 },
	{ "limits", sim_limits, 9, 1 },
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]), FAILURES_MAX = 5 };

/* No schedule takes this many seconds. */
enum { HANGS = 30, LOOKS = 256 };

static const struct kind *running;

static void
on_alarm(int signo)
{
	char text[100];
	int n = snprintf(text, sizeof(text), "not ok - %s, seed %llu: it hangs\n", running->name,
	    (unsigned long long)sim->seed);

	(void)signo;
	(void)!write(STDOUT_FILENO, text, (size_t)n);
	_exit(1);
}

static bool
run_one(const struct kind *k, uint64_t seed, bool trace)
{
	static struct sim world;

	memset(&world, 0, sizeof(world));
	world.seed = world.random = seed;
	world.now = SEC;
	world.trace = trace;
	sim = &world;
	running = k;
	if (setjmp(world.out) == 0)
		k->run();
	if (world.failure[0] == '\0')
		return true;
	printf("not ok - %s, seed %llu: %s\n", k->name, (unsigned long long)seed, world.failure);
	return false;
}

/* Each kind has its share of ten seeds, unless only one is wanted. */
static bool
is_due(const char *only, unsigned k, uint64_t i)
{
	unsigned from = kinds[k].from;

	if (only != NULL)
		return strcmp(only, kinds[k].name) == 0;
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
	int most = FAILURES_MAX;
	const char *only = NULL;
	bool trace = false;
	int c, failures = 0;
	unsigned k;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "n:s:k:ev")) != -1) {
		if (c == 'n')
			n = number(optarg);
		else if (c == 's')
			seed = number(optarg);
		else if (c == 'k')
			only = optarg;
		else if (c == 'e')
			most = 1;
		else if (c == 'v')
			trace = true;
		else
			return 2;
	}
	signal(SIGALRM, on_alarm);
	for (i = 0; i < n && failures < most; i++) {
		if (i % LOOKS == 0)
			alarm(HANGS);
		for (k = 0; k < N_KINDS; k++) {
			if (!is_due(only, k, i))
				continue;
			failures += !run_one(&kinds[k], seed + i, trace);
		}
	}
	printf("%llu schedules from seed %llu: %d failed\n", (unsigned long long)i,
	    (unsigned long long)seed, failures);
	return failures > 0;
}
