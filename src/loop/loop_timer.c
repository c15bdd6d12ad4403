#include <stdlib.h>

#include "base/error.h"
#include "loop/loop_private.h"

/* Slots count from 1, so that 0 means "not running". */
static struct timer *
timer_at(const struct loop *l, int slot)
{
	return l->timers[slot - 1];
}

static void
set_slot(struct loop *l, int slot, struct timer *t)
{
	l->timers[slot - 1] = t;
	t->slot = slot;
}

static bool
is_earlier(const struct timer *a, const struct timer *b)
{
	return a->at.at < b->at.at;
}

/* Puts t at its place in the heap: at slot, or above or below it. */
static void
heap_sift(struct loop *l, int slot, struct timer *t)
{
	int child;

	for (; slot > 1 && is_earlier(t, timer_at(l, slot / 2)); slot /= 2)
		set_slot(l, slot, timer_at(l, slot / 2));
	for (; (child = 2 * slot) <= l->timer_count; slot = child) {
		if (child < l->timer_count &&
		    is_earlier(timer_at(l, child + 1), timer_at(l, child)))
			child++;
		if (!is_earlier(timer_at(l, child), t))
			break;
		set_slot(l, slot, timer_at(l, child));
	}
	set_slot(l, slot, t);
}

static int
heap_grow(struct loop *l, struct error *e)
{
	int size = l->timer_size > 0 ? 2 * l->timer_size : 16;
	struct timer **timers = realloc(l->timers, (size_t)size * sizeof(struct timer *));

	if (timers == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	l->timers = timers;
	l->timer_size = size;
	return 0;
}

int
loop_timer_set(struct loop *l, struct timer *t, struct deadline at, struct error *e)
{
	if (deadline_is_never(at)) {
		loop_timer_stop(l, t);
		return 0;
	}
	if (t->slot == 0) {
		if (l->timer_count == l->timer_size && heap_grow(l, e) == -1)
			return -1;
		t->slot = ++l->timer_count;
	}
	t->at = at;
	/* A timer that is set to a past time again and again must neither run for ever nor
	 * delay the others. */
	if (at.at <= l->now)
		t->at.at = l->now + 1;
	heap_sift(l, t->slot, t);
	return 0;
}

void
loop_timer_stop(struct loop *l, struct timer *t)
{
	int slot = t->slot;
	struct timer *last;

	if (slot == 0)
		return;
	t->slot = 0;
	last = l->timers[--l->timer_count];
	if (last != t)
		heap_sift(l, slot, last);
}

void
loop_timer_run(struct loop *l)
{
	struct timer *t;

	if (l->timer_count == 0)
		return;
	l->now = clock_now();
	while (l->timer_count > 0 && (t = timer_at(l, 1))->at.at <= l->now) {
		loop_timer_stop(l, t);
		t->fn(t);
	}
}

struct deadline
loop_timer_next(const struct loop *l)
{
	return l->timer_count > 0 ? timer_at(l, 1)->at : deadline_never();
}

void
loop_timer_fini(struct loop *l)
{
	free(l->timers);
}
