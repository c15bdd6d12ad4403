#include "script/coroutine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "loop/loop_stack.h"

#include "script/coroutine_stack.h"
#include "script/impl.h"

struct coroutine {
	struct coroutines *all;
	struct coroutine_stack *stack;
	void (*fn)(void *arg);
	void *arg;
	/* while another runs */
	struct stack_wait *wait;
	struct interp_turn *interp;
	struct handle *current; /* held */
	struct acting acting;
	struct timer alarm; /* its deadline, so that the loop wakes up */
	struct coroutine *next, *prev;
};

struct coroutines {
	struct script *sc;
	struct coroutine *running;
	struct coroutine *over; /* has just ended, on its own stack; NULL */
	struct coroutine first;
	struct coroutine *list; /* all but the first */
	unsigned ended;         /* since the last coroutine_stack_tidy() */
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
put_aside(struct coroutine *f)
{
	struct script *sc = f->all->sc;

	f->wait = loop_stack_get_wait(sc->how.loop);
	f->current = sc->current;
	f->acting = sc->acting;
	if (f->current != NULL)
		handle_hold(f->current);
	if (f->wait != NULL)
		loop_timer_set(sc->how.loop, &f->alarm, f->wait->until, NULL);
}

static void
take_up(struct coroutine *f)
{
	struct script *sc = f->all->sc;

	loop_timer_stop(sc->how.loop, &f->alarm);
	loop_stack_set_wait(sc->how.loop, f->wait);
	sc->acting = f->acting;
	sc->current = f->current == NULL || f->current->orphan ? NULL : f->current;
	if (f->current != NULL)
		handle_drop(f->current);
	f->current = NULL;
}

/* to runs from now on; the caller switches the stacks. */
static void
hand_over(struct coroutine *from, struct coroutine *to)
{
	struct coroutines *fs = from->all;

	put_aside(from);
	interp_turn_change(fs->sc->in, from->interp, to->interp);
	take_up(to);
	fs->running = to;
}

static void
free_coroutine(struct coroutines *fs, struct coroutine *f)
{
	if (f == NULL)
		return;
	if (f->current != NULL)
		handle_drop(f->current);
	coroutine_stack_free(f->stack);
	interp_turn_free(fs->sc->in, f->interp);
	if (f != &fs->first)
		free(f);
}

static void
switch_to(struct coroutines *fs, struct coroutine *to)
{
	struct coroutine *from = fs->running, *over;

	hand_over(from, to);
	coroutine_stack_switch(from->stack, to->stack);
	over = fs->over;
	if (over == NULL)
		return;
	fs->over = NULL;
	free_coroutine(fs, over);
	if (++fs->ended >= TIDY && fs->list == NULL) {
		fs->ended = 0;
		coroutine_stack_tidy();
	}
}

static bool
can_go_on(const struct coroutines *fs, const struct coroutine *f)
{
	return f != fs->running && f->wait != NULL &&
	    loop_stack_wait_is_over(fs->sc->how.loop, f->wait);
}

/* In a ring: the first, the list, the first. */
static struct coroutine *
after(struct coroutines *fs, const struct coroutine *f)
{
	struct coroutine *next = f == &fs->first ? fs->list : f->next;

	return next != NULL ? next : &fs->first;
}

/* The next one after the one that runs, so that two cannot keep a third from its
 * turn; NULL: all wait. */
static struct coroutine *
next_ready(struct coroutines *fs)
{
	for (struct coroutine *f = after(fs, fs->running); f != fs->running; f = after(fs, f)) {
		if (can_go_on(fs, f))
			return f;
	}
	return NULL;
}

static bool
between_turns(void *arg)
{
	struct coroutines *fs = arg;
	struct coroutine *ready = next_ready(fs);

	if (ready == NULL)
		return false;
	switch_to(fs, ready);
	return true;
}

/* ---- the stacks ---- */

static void
link_coroutine(struct coroutines *fs, struct coroutine *f)
{
	f->next = fs->list;
	if (f->next != NULL)
		f->next->prev = f;
	fs->list = f;
}

static void
unlink_coroutine(struct coroutines *fs, struct coroutine *f)
{
	if (f->prev != NULL)
		f->prev->next = f->next;
	else
		fs->list = f->next;
	if (f->next != NULL)
		f->next->prev = f->prev;
}

/* What it stands on is released by whoever runs next. */
static struct coroutine_stack *
run_fiber(void *arg)
{
	struct coroutine *f = arg, *next;
	struct coroutines *fs = f->all;

	f->fn(f->arg);
	next = next_ready(fs);
	/* one that waits goes on waiting, for all */
	if (next == NULL)
		next = &fs->first;
	unlink_coroutine(fs, f);
	hand_over(f, next);
	fs->over = f;
	return next->stack;
}

static bool
init_coroutine(struct coroutines *fs, struct coroutine *f, struct coroutine_stack *stack)
{
	f->all = fs;
	f->alarm.fn = on_alarm;
	f->stack = stack;
	f->interp = interp_turn_new(fs->sc->in, f == &fs->first ? 0 : coroutine_stack_room());
	return f->stack != NULL && f->interp != NULL;
}

static struct coroutine *
new_coroutine(struct coroutines *fs, struct error *e)
{
	struct coroutine *f = calloc(1, sizeof(*f));

	if (f != NULL && init_coroutine(fs, f, coroutine_stack_new(run_fiber, f)))
		return f;
	error_errno(e, ERROR_INTERNAL, errno, "stack");
	free_coroutine(fs, f);
	return NULL;
}

int
coroutine_start(struct coroutines *fs, void (*fn)(void *arg), void *arg, struct error *e)
{
	struct coroutine *f = new_coroutine(fs, e);

	if (f == NULL)
		return -1;
	f->fn = fn;
	f->arg = arg;
	link_coroutine(fs, f);
	loop_stack_set_switch(fs->sc->how.loop, between_turns, fs);
	switch_to(fs, f);
	return 0;
}

bool
coroutine_is_inner(const struct coroutines *fs)
{
	return fs->running != &fs->first;
}

/* ---- life ---- */

struct coroutines *
coroutines_open(struct script *sc)
{
	struct coroutines *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return NULL;
	fs->sc = sc;
	fs->running = &fs->first;
	if (init_coroutine(fs, &fs->first, coroutine_stack_of_caller()))
		return fs;
	free_coroutine(fs, &fs->first);
	free(fs);
	return NULL;
}

void
coroutines_close(struct coroutines *fs)
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
	loop_stack_set_switch(l, NULL, NULL);
	free_coroutine(fs, &fs->first);
	free(fs);
}
