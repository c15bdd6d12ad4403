#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relay/server/client_limit.h"
#include "test.h"

TEST("a limit counts the clients of all, and releases those of one")
{
	struct client_counts all = { 0 };
	atomic_uint own[2] = { 0, 0 };
	const struct client_limit a = { &all, &own[0] }, b = { &all, &own[1] };

	check(client_limit_take(&a, 3));
	check(client_limit_take(&a, 3));
	check(client_limit_take(&b, 3));
	check(!client_limit_take(&b, 3));
	check_int(own[0], 2);
	check_int(own[1], 1);
	client_limit_release(&a, 2);
	check_int(all.active, 1);
	check_int(own[0], 0);
	check(client_limit_take(&b, 3));
}

TEST("a limit of 0 is none")
{
	struct client_counts all = { 0 };
	atomic_uint own = 0;
	const struct client_limit l = { &all, &own };

	for (int i = 0; i < 1000; i++)
		check(client_limit_take(&l, 0));
	check_int(all.active, 1000);
}

TEST("several processes never exceed the limit, and never give a number twice")
{
	enum { PROCESSES = 4, TURNS = 20000, MAX = 3 };
	struct shared {
		struct client_counts all;
		atomic_uint own[PROCESSES], most;
	} *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	require(s != MAP_FAILED);
	for (int p = 0; p < PROCESSES; p++) {
		const struct client_limit l = { &s->all, &s->own[p] };

		if (fork() != 0)
			continue;
		for (int i = 0; i < TURNS; i++) {
			unsigned n;

			if (!client_limit_take(&l, MAX))
				continue;
			n = atomic_load(&s->all.active);
			if (n > atomic_load(&s->most))
				atomic_store(&s->most, n);
			client_limit_next_id(&l);
			client_limit_release(&l, 1);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		continue;
	check_int(s->all.active, 0);
	check(s->most <= MAX);
	check(s->all.last_id <= PROCESSES * TURNS);
	munmap(s, sizeof(*s));
}
