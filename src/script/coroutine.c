#include "script/coroutine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "script/coroutine_stack.h"
#include "script/impl.h"

struct fiber {
	struct fibers *all;
	struct fiber_stack *stack;
	void (*fn)(void *arg);
	void *arg;
	/* while another runs */
	struct loop_wait *wait;
	struct interp_turn *interp;
	struct handle *current; /* held */
	struct acting acting;
	struct timer alarm; /* its deadline, so that the loop wakes up */
	struct fiber *next, *prev;
};

struct fibers {
	struct script *sc;
	struct fiber *running;
	struct fiber *over; /* has just ended, on its own stack; NULL */
	struct fiber first;
	struct fiber *list; /* all but the first */
	unsigned ended;     /* since the last fiber_stack_tidy() */
};

/* So many are worth the time that it takes. */
#define TIDY 100

/* ---- taking turns ---- */

static void
on_alarm(struct timer *t)
{
	(void)t;
}

static void
put_aside(struct fiber *f)
{
	struct script *sc = f->all->sc;

	f->wait = loop_waiting(sc->how.loop);
	f->current = sc->current;
	f->acting = sc->acting;
	if (f->current != NULL)
		handle_hold(f->current);
	if (f->wait != NULL)
		loop_timer_set(sc->how.loop, &f->alarm, f->wait->until, NULL);
}

static void
take_up(struct fiber *f)
{
	struct script *sc = f->all->sc;

	loop_timer_stop(sc->how.loop, &f->alarm);
	loop_set_waiting(sc->how.loop, f->wait);
	sc->acting = f->acting;
	sc->current = f->current == NULL || f->current->orphan ? NULL : f->current;
	if (f->current != NULL)
		handle_drop(f->current);
	f->current = NULL;
}

/* to runs from now on; the caller switches the stacks. */
static void
hand_over(struct fiber *from, struct fiber *to)
{
	struct fibers *fs = from->all;

	put_aside(from);
	interp_turn_change(fs->sc->in, from->interp, to->interp);
	take_up(to);
	fs->running = to;
}

static void
free_fiber(struct fibers *fs, struct fiber *f)
{
	if (f == NULL)
		return;
	if (f->current != NULL)
		handle_drop(f->current);
	fiber_stack_free(f->stack);
	interp_turn_free(fs->sc->in, f->interp);
	if (f != &fs->first)
		free(f);
}

static void
switch_to(struct fibers *fs, struct fiber *to)
{
	struct fiber *from = fs->running, *over;

	hand_over(from, to);
	fiber_stack_switch(from->stack, to->stack);
	over = fs->over;
	if (over == NULL)
		return;
	fs->over = NULL;
	free_fiber(fs, over);
	if (++fs->ended >= TIDY && fs->list == NULL) {
		fs->ended = 0;
		fiber_stack_tidy();
	}
}

static bool
can_go_on(const struct fibers *fs, const struct fiber *f)
{
	return f != fs->running && f->wait != NULL && loop_wait_is_over(fs->sc->how.loop, f->wait);
}

/* In a ring: the first, the list, the first. */
static struct fiber *
after(struct fibers *fs, const struct fiber *f)
{
	struct fiber *next = f == &fs->first ? fs->list : f->next;

	return next != NULL ? next : &fs->first;
}

/* The next one after the one that runs, so that two cannot keep a third from its
 * turn; NULL: all wait. */
static struct fiber *
next_ready(struct fibers *fs)
{
	for (struct fiber *f = after(fs, fs->running); f != fs->running; f = after(fs, f)) {
		if (can_go_on(fs, f))
			return f;
	}
	return NULL;
}

static bool
between_turns(void *arg)
{
	struct fibers *fs = arg;
	struct fiber *ready = next_ready(fs);

	if (ready == NULL)
		return false;
	switch_to(fs, ready);
	return true;
}

/* ---- the stacks ---- */

static void
link_fiber(struct fibers *fs, struct fiber *f)
{
	f->next = fs->list;
	if (f->next != NULL)
		f->next->prev = f;
	fs->list = f;
}

static void
unlink_fiber(struct fibers *fs, struct fiber *f)
{
	if (f->prev != NULL)
		f->prev->next = f->next;
	else
		fs->list = f->next;
	if (f->next != NULL)
		f->next->prev = f->prev;
}

/* What it stands on is released by whoever runs next. */
static struct fiber_stack *
run_fiber(void *arg)
{
	struct fiber *f = arg, *next;
	struct fibers *fs = f->all;

	f->fn(f->arg);
	next = next_ready(fs);
	/* one that waits goes on waiting, for all */
	if (next == NULL)
		next = &fs->first;
	unlink_fiber(fs, f);
	hand_over(f, next);
	fs->over = f;
	return next->stack;
}

static bool
init_fiber(struct fibers *fs, struct fiber *f, struct fiber_stack *stack)
{
	f->all = fs;
	f->alarm.fn = on_alarm;
	f->stack = stack;
	f->interp = interp_turn_new(fs->sc->in, f == &fs->first ? 0 : fiber_stack_room());
	return f->stack != NULL && f->interp != NULL;
}

static struct fiber *
new_fiber(struct fibers *fs, struct error *e)
{
	struct fiber *f = calloc(1, sizeof(*f));

	if (f != NULL && init_fiber(fs, f, fiber_stack_new(run_fiber, f)))
		return f;
	error_errno(e, ERROR_INTERNAL, errno, "stack");
	free_fiber(fs, f);
	return NULL;
}

int
fiber_start(struct fibers *fs, void (*fn)(void *arg), void *arg, struct error *e)
{
	struct fiber *f = new_fiber(fs, e);

	if (f == NULL)
		return -1;
	f->fn = fn;
	f->arg = arg;
	link_fiber(fs, f);
	loop_set_between(fs->sc->how.loop, between_turns, fs);
	switch_to(fs, f);
	return 0;
}

bool
fiber_is_inner(const struct fibers *fs)
{
	return fs->running != &fs->first;
}

/* ---- life ---- */

struct fibers *
fibers_open(struct script *sc)
{
	struct fibers *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return NULL;
	fs->sc = sc;
	fs->running = &fs->first;
	if (init_fiber(fs, &fs->first, fiber_stack_of_caller()))
		return fs;
	free_fiber(fs, &fs->first);
	free(fs);
	return NULL;
}

void
fibers_close(struct fibers *fs)
{
	struct loop *l;
	int interrupt;

	if (fs == NULL)
		return;
	l = fs->sc->how.loop;
	interrupt = loop_interrupted(l);
	/* their waits fail until they are over */
	loop_interrupt(l, SIGTERM);
	while (fs->list != NULL)
		switch_to(fs, fs->list);
	loop_interrupt(l, interrupt);
	loop_set_between(l, NULL, NULL);
	free_fiber(fs, &fs->first);
	free(fs);
}
