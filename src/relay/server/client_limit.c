#include "relay/server/client_limit.h"

bool
client_limit_take(const struct client_limit *l, unsigned max)
{
	unsigned n = atomic_load(&l->all->active);

	do {
		if (max != 0 && n >= max)
			return false;
	} while (!atomic_compare_exchange_weak(&l->all->active, &n, n + 1));
	atomic_fetch_add(l->own, 1);
	return true;
}

void
client_limit_release(const struct client_limit *l, unsigned n)
{
	atomic_fetch_sub(l->own, n);
	atomic_fetch_sub(&l->all->active, n);
}

unsigned long
client_limit_next_id(const struct client_limit *l)
{
	return atomic_fetch_add(&l->all->last_id, 1) + 1;
}
