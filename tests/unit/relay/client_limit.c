#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "relay/server/client_limit.h"
#include "test.h"

TEST("a limit counts the clients of all, and releases those of one")
{
	struct client_counts all = { 0 };
	struct client_room own[2] = { { 0 }, { 0 } };
	const struct client_limit a = { &all, own, 2, 0 }, b = { &all, own, 2, 1 };

	check(client_limit_take(&a, 3));
	check(client_limit_take(&a, 3));
	check(client_limit_take(&b, 3));
	check(!client_limit_take(&b, 3));
	check_int(own[0].clients, 2);
	check_int(own[1].clients, 1);
	client_limit_release(&a, 2);
	check_int(all.active, 1);
	check_int(own[0].clients, 0);
	check(client_limit_take(&b, 3));
}

TEST("a limit of 0 is none")
{
	struct client_counts all = { 0 };
	struct client_room own = { 0 };
	const struct client_limit l = { &all, &own, 1, 0 };

	for (int i = 0; i < 1000; i++)
		check(client_limit_take(&l, 0));
	check_int(all.active, 1000);
}

TEST("several processes never exceed the limit, and never give a number twice")
{
	enum { PROCESSES = 4, TURNS = 20000, MAX = 3 };
	struct shared {
		struct client_counts all;
		struct client_room own[PROCESSES];
		atomic_uint most;
	} *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	require(s != MAP_FAILED);
	for (int p = 0; p < PROCESSES; p++) {
		const struct client_limit l = { &s->all, s->own, PROCESSES, (unsigned)p };

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

/* Waits for the event of a process. */
static bool
is_told(const struct client_limit *l, int milliseconds)
{
	struct pollfd p = { .fd = client_limit_event(l), .events = POLLIN };

	return poll(&p, 1, milliseconds) == 1;
}

TEST("who waits is told of room, all of them, once")
{
	enum { N = 3 };
	struct client_counts all = { 0 };
	struct client_room own[N] = { { 0 } };
	struct client_limit l[N];
	struct error e;

	require(check_int(client_rooms_open(own, N, &e), 0));
	for (unsigned i = 0; i < N; i++)
		l[i] = (struct client_limit){ &all, own, N, i };
	check(client_limit_take(&l[0], 1));
	for (unsigned i = 1; i < N; i++) {
		check(!client_limit_take(&l[i], 1));
		client_limit_await(&l[i]);
		check(!is_told(&l[i], 0));
	}
	client_limit_release(&l[0], 1);
	check(!is_told(&l[0], 0));
	for (unsigned i = 1; i < N; i++) {
		check(is_told(&l[i], 0));
		client_limit_clear(&l[i]);
		check(!is_told(&l[i], 0));
	}
	/* nobody waits any more */
	check(client_limit_take(&l[1], 1));
	client_limit_release(&l[1], 1);
	check(!is_told(&l[2], 0));
	client_rooms_close(own, N);
}

/* A process that takes and releases, and sleeps without a time-out when there is no room. */
static void
take_turns(const struct client_limit *l, int turns)
{
	for (int i = 0; i < turns;) {
		if (client_limit_take(l, 1)) {
			i++;
			client_limit_release(l, 1);
			continue;
		}
		client_limit_await(l);
		/* room that was made before is not told */
		if (atomic_load(&l->all->active) == 0)
			continue;
		if (!is_told(l, 10000))
			_exit(1);
		client_limit_clear(l);
	}
	_exit(0);
}

TEST("no process that waits is forgotten")
{
	enum { PROCESSES = 4, TURNS = 5000 };
	struct shared {
		struct client_counts all;
		struct client_room own[PROCESSES];
	} *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct error e;
	int status, failed = 0;

	require(s != MAP_FAILED);
	require(check_int(client_rooms_open(s->own, PROCESSES, &e), 0));
	for (int p = 0; p < PROCESSES; p++) {
		const struct client_limit l = { &s->all, s->own, PROCESSES, (unsigned)p };

		if (fork() == 0)
			take_turns(&l, TURNS);
	}
	while (wait(&status) > 0)
		failed += status != 0;
	check_int(failed, 0);
	check_int(s->all.active, 0);
	client_rooms_close(s->own, PROCESSES);
	munmap(s, sizeof(*s));
}
