#include "script/coroutine/coroutine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "loop/loop_stack.h"
#include "script/coroutine/coroutine_stack.h"
#include "script/impl.h"

struct coroutine {
	struct coroutines *all;
	struct coroutine_stack *stack;
	void (*fn)(void *arg);
	void *arg;
	/* while another runs */
	struct stack_wait *wait;
	struct interp_state *interp;
	struct handle *current; /* held */
	struct acting acting;
	struct timer alarm; /* the deadline of its wait, to wake the loop */
	struct coroutine *next, *prev;
};

struct coroutines {
	struct script *sc;
	struct coroutine *running;
	struct coroutine *over; /* has ended but still runs on its own stack; NULL */
	struct coroutine first;
	struct coroutine *list; /* all except the first */
	unsigned ended;         /* since the last coroutine_stack_tidy() */
};

/* The number of ended coroutines between two calls of coroutine_stack_tidy(), which is slow. */
#define TIDY 100

/* ---- taking turns ---- */

static void
on_alarm(struct timer *t)
{
	(void)t;
}

static void
suspend(struct coroutine *co)
{
	struct script *sc = co->all->sc;

	co->wait = loop_stack_get_wait(sc->how.loop);
	co->current = sc->current;
	co->acting = sc->acting;
	if (co->current != NULL)
		handle_hold(co->current);
	if (co->wait != NULL)
		loop_timer_set(sc->how.loop, &co->alarm, co->wait->until, NULL);
}

static void
resume(struct coroutine *co)
{
	struct script *sc = co->all->sc;

	loop_timer_stop(sc->how.loop, &co->alarm);
	loop_stack_set_wait(sc->how.loop, co->wait);
	sc->acting = co->acting;
	sc->current = co->current == NULL || co->current->orphan ? NULL : co->current;
	if (co->current != NULL)
		handle_drop(co->current);
	co->current = NULL;
}

/* Makes `to` the running coroutine; the caller then switches the stacks. */
static void
change_running(struct coroutine *from, struct coroutine *to)
{
	struct coroutines *cs = from->all;

	suspend(from);
	interp_state_switch(cs->sc->in, from->interp, to->interp);
	resume(to);
	cs->running = to;
}

static void
free_coroutine(struct coroutines *cs, struct coroutine *co)
{
	if (co == NULL)
		return;
	if (co->current != NULL)
		handle_drop(co->current);
	coroutine_stack_free(co->stack);
	interp_state_free(cs->sc->in, co->interp);
	if (co != &cs->first)
		free(co);
}

static void
switch_to(struct coroutines *cs, struct coroutine *to)
{
	struct coroutine *from = cs->running, *over;

	change_running(from, to);
	coroutine_stack_switch(from->stack, to->stack);
	over = cs->over;
	if (over == NULL)
		return;
	cs->over = NULL;
	free_coroutine(cs, over);
	if (++cs->ended >= TIDY && cs->list == NULL) {
		cs->ended = 0;
		coroutine_stack_tidy();
	}
}

static bool
is_ready(const struct coroutines *cs, const struct coroutine *co)
{
	return co != cs->running && co->wait != NULL &&
	    loop_stack_wait_is_over(cs->sc->how.loop, co->wait);
}

/* The order is a ring: the first, the list, the first again. */
static struct coroutine *
next_in_ring(struct coroutines *cs, const struct coroutine *co)
{
	struct coroutine *next = co == &cs->first ? cs->list : co->next;

	return next != NULL ? next : &cs->first;
}

/* Returns the next coroutine that can continue; NULL: all wait. It begins after the running one, so that two
 * cannot starve a third. */
static struct coroutine *
next_ready(struct coroutines *cs)
{
	for (struct coroutine *co = next_in_ring(cs, cs->running); co != cs->running;
	     co = next_in_ring(cs, co)) {
		if (is_ready(cs, co))
			return co;
	}
	return NULL;
}

static bool
resume_ready(void *arg)
{
	struct coroutines *cs = arg;
	struct coroutine *ready = next_ready(cs);

	if (ready == NULL)
		return false;
	switch_to(cs, ready);
	return true;
}

/* ---- the stacks ---- */

static void
link_coroutine(struct coroutines *cs, struct coroutine *co)
{
	co->next = cs->list;
	if (co->next != NULL)
		co->next->prev = co;
	cs->list = co;
}

static void
unlink_coroutine(struct coroutines *cs, struct coroutine *co)
{
	if (co->prev != NULL)
		co->prev->next = co->next;
	else
		cs->list = co->next;
	if (co->next != NULL)
		co->next->prev = co->prev;
}

/* The coroutine that runs next frees this stack. */
static struct coroutine_stack *
run_coroutine(void *arg)
{
	struct coroutine *co = arg, *next;
	struct coroutines *cs = co->all;

	co->fn(co->arg);
	next = next_ready(cs);
	/* all wait: the first one runs the loop for all */
	if (next == NULL)
		next = &cs->first;
	unlink_coroutine(cs, co);
	change_running(co, next);
	cs->over = co;
	return next->stack;
}

static bool
init_coroutine(struct coroutines *cs, struct coroutine *co, struct coroutine_stack *stack)
{
	co->all = cs;
	co->alarm.fn = on_alarm;
	co->stack = stack;
	co->interp = interp_state_new(cs->sc->in, co == &cs->first ? 0 : coroutine_stack_room());
	return co->stack != NULL && co->interp != NULL;
}

static struct coroutine *
new_coroutine(struct coroutines *cs, struct error *e)
{
	struct coroutine *co = calloc(1, sizeof(*co));

	if (co != NULL && init_coroutine(cs, co, coroutine_stack_new(run_coroutine, co)))
		return co;
	error_errno(e, ERROR_INTERNAL, errno, "stack");
	free_coroutine(cs, co);
	return NULL;
}

int
coroutine_start(struct coroutines *cs, void (*fn)(void *arg), void *arg, struct error *e)
{
	struct coroutine *co = new_coroutine(cs, e);

	if (co == NULL)
		return -1;
	co->fn = fn;
	co->arg = arg;
	link_coroutine(cs, co);
	loop_stack_set_switch(cs->sc->how.loop, resume_ready, cs);
	switch_to(cs, co);
	return 0;
}

bool
coroutine_is_inner(const struct coroutines *cs)
{
	return cs->running != &cs->first;
}

/* ---- creation and destruction ---- */

struct coroutines *
coroutines_open(struct script *sc)
{
	struct coroutines *cs = calloc(1, sizeof(*cs));

	if (cs == NULL)
		return NULL;
	cs->sc = sc;
	cs->running = &cs->first;
	if (init_coroutine(cs, &cs->first, coroutine_stack_of_caller()))
		return cs;
	free_coroutine(cs, &cs->first);
	free(cs);
	return NULL;
}

void
coroutines_close(struct coroutines *cs)
{
	struct loop *l;
	int interrupt;

	if (cs == NULL)
		return;
	l = cs->sc->how.loop;
	interrupt = loop_interrupted(l);
	/* each wait of theirs fails, so they end */
	loop_interrupt(l, SIGTERM);
	while (cs->list != NULL)
		switch_to(cs, cs->list);
	loop_interrupt(l, interrupt);
	loop_stack_set_switch(l, NULL, NULL);
	free_coroutine(cs, &cs->first);
	free(cs);
}
