#include "relay/server/client_limit.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"
#include "net/sys.h"

int
client_rooms_open(struct client_room *rooms, unsigned n, struct error *e)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		rooms[i].event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (rooms[i].event == -1) {
			error_errno(e, ERROR_INTERNAL, errno, "eventfd");
			client_rooms_close(rooms, i);
			return -1;
		}
	}
	return 0;
}

void
client_rooms_close(struct client_room *rooms, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		sys_close(rooms[i].event);
}

bool
client_limit_take(const struct client_limit *l, unsigned max)
{
	unsigned n = atomic_load(&l->all->active);

	do {
		if (max != 0 && n >= max)
			return false;
	} while (!atomic_compare_exchange_weak(&l->all->active, &n, n + 1));
	atomic_fetch_add(&l->rooms[l->self].clients, 1);
	return true;
}

/* An event that is set already has not been seen yet, which is enough. */
static void
tell(const struct client_room *room)
{
	const uint64_t one = 1;
	(void)sys_write(room->event, &one, sizeof(one), NULL);
}

void
client_limit_release(const struct client_limit *l, unsigned n)
{
	atomic_fetch_sub(&l->rooms[l->self].clients, n);
	atomic_fetch_sub(&l->all->active, n);
	for (unsigned i = 0; i < l->n; i++)
		if (atomic_exchange(&l->rooms[i].waits, false))
			tell(&l->rooms[i]);
}

void
client_limit_await(const struct client_limit *l)
{
	atomic_store(&l->rooms[l->self].waits, true);
}

int
client_limit_event(const struct client_limit *l)
{
	return l->rooms[l->self].event;
}

void
client_limit_clear(const struct client_limit *l)
{
	uint64_t n;

	(void)sys_read(client_limit_event(l), &n, sizeof(n), NULL);
}

unsigned long
client_limit_next_id(const struct client_limit *l)
{
	return atomic_fetch_add(&l->all->last_id, 1) + 1;
}
