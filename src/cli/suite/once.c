#include "cli/suite/once.h"

#include <stddef.h>

#include "base/error.h"

static void
on_late(struct timer *t)
{
	struct once *o = t->arg;

	o->late = true;
	*o->over = true;
}

static void
await_next(struct once *o)
{
	loop_timer_set(o->loop, &o->timer, deadline_in(o->accept_timeout), NULL);
}

void
once_start(struct once *o)
{
	o->timer = (struct timer){ .fn = on_late, .arg = o };
	if (o->clients > 0)
		await_next(o);
}

bool
once_client(struct once *o)
{
	if (o->clients == 0)
		return false;
	o->complete = ++o->came == o->clients;
	if (o->complete)
		loop_timer_stop(o->loop, &o->timer);
	else
		await_next(o);
	return o->complete;
}

void
once_ended(struct once *o, int status)
{
	if (o->clients > 0 && o->status == 0)
		o->status = status;
}

int
once_stop(struct once *o, const char *address, struct error *e)
{
	loop_timer_stop(o->loop, &o->timer);
	if (!o->late)
		return 0;
	return error_set(e, ERROR_TIMEOUT, "accept %s: timed out: %llu of %llu clients came",
	    address, (unsigned long long)o->came, (unsigned long long)o->clients);
}
