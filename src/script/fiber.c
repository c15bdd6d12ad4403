#include "script/fiber.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "script/script_impl.h"

/* As deep as the first stack mostly is; the rest is for the program and the libraries. */
#define STACK ((size_t)8 << 20)
#define STACK_OF_SCRIPTS ((size_t)6 << 20)

struct fiber {
	struct fibers *all;
	pthread_t thread;
	pthread_cond_t turn;
	void (*fn)(void *arg); /* NULL: idle, waiting for another */
	void *arg;
	bool quit;
	/* while another runs */
	struct loop_wait *wait;
	struct interp_turn *interp;
	struct handle *current;
	struct timer alarm; /* its deadline, so that the loop wakes up */
	struct fiber *next;
};

struct fibers {
	struct script *sc;
	pthread_mutex_t lock; /* held by the one that runs */
	struct fiber *running;
	struct fiber first;
	struct fiber *list; /* all but the first */
};

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
	if (f->wait != NULL)
		loop_timer_set(sc->how.loop, &f->alarm, f->wait->until, NULL);
}

static void
take_up(struct fiber *f)
{
	struct script *sc = f->all->sc;

	loop_timer_stop(sc->how.loop, &f->alarm);
	loop_set_waiting(sc->how.loop, f->wait);
	sc->current = f->current;
}

/* to runs from now on; the caller has to wait for its turn, or to end. */
static void
hand_over(struct fiber *from, struct fiber *to)
{
	struct fibers *fs = from->all;

	put_aside(from);
	interp_turn_change(fs->sc->in, from->interp, to->interp);
	take_up(to);
	fs->running = to;
	pthread_cond_signal(&to->turn);
}

static void
await_turn(struct fiber *f)
{
	while (f->all->running != f)
		pthread_cond_wait(&f->turn, &f->all->lock);
}

static void
switch_to(struct fibers *fs, struct fiber *to)
{
	struct fiber *from = fs->running;

	hand_over(from, to);
	await_turn(from);
}

static bool
can_go_on(const struct fibers *fs, const struct fiber *f)
{
	return f != fs->running && (f == &fs->first || f->fn != NULL) && f->wait != NULL &&
	    loop_wait_is_over(fs->sc->how.loop, f->wait);
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

static void *
run_fiber(void *arg)
{
	struct fiber *f = arg, *ready;
	struct fibers *fs = f->all;

	pthread_mutex_lock(&fs->lock);
	await_turn(f);
	while (!f->quit) {
		f->fn(f->arg);
		f->fn = NULL;
		ready = next_ready(fs);
		/* one that waits goes on waiting, for all */
		hand_over(f, ready != NULL ? ready : &fs->first);
		await_turn(f);
	}
	/* who said so waits for the thread's end, without the lock */
	fs->running = &fs->first;
	pthread_cond_signal(&fs->first.turn);
	pthread_mutex_unlock(&fs->lock);
	return NULL;
}

static int
start_thread(struct fiber *f)
{
	pthread_attr_t attr;
	int errnum;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	errnum = pthread_create(&f->thread, &attr, run_fiber, f);
	pthread_attr_destroy(&attr);
	return errnum;
}

static int
init_fiber(struct fibers *fs, struct fiber *f)
{
	f->all = fs;
	f->alarm.fn = on_alarm;
	f->interp = interp_turn_new(fs->sc->in, f == &fs->first ? 0 : STACK_OF_SCRIPTS);
	if (f->interp == NULL)
		return ENOMEM;
	return pthread_cond_init(&f->turn, NULL);
}

static void
free_fiber(struct fibers *fs, struct fiber *f)
{
	pthread_cond_destroy(&f->turn);
	interp_turn_free(fs->sc->in, f->interp);
}

static struct fiber *
new_fiber(struct fibers *fs, struct error *e)
{
	struct fiber *f = calloc(1, sizeof(*f));
	int errnum = f == NULL ? ENOMEM : init_fiber(fs, f);

	if (errnum == 0 && (errnum = start_thread(f)) != 0)
		free_fiber(fs, f);
	if (errnum != 0) {
		free(f);
		error_errno(e, ERROR_INTERNAL, errnum, "thread");
		return NULL;
	}
	f->next = fs->list;
	fs->list = f;
	loop_set_between(fs->sc->how.loop, between_turns, fs);
	return f;
}

int
fiber_start(struct fibers *fs, void (*fn)(void *arg), void *arg, struct error *e)
{
	struct fiber *f = fs->list;

	while (f != NULL && f->fn != NULL)
		f = f->next;
	if (f == NULL && (f = new_fiber(fs, e)) == NULL)
		return -1;
	f->fn = fn;
	f->arg = arg;
	f->wait = NULL;
	f->current = NULL;
	switch_to(fs, f);
	return 0;
}

bool
fiber_is_inner(const struct fibers *fs)
{
	return fs->running != &fs->first;
}

void
fibers_forget(struct fibers *fs, const struct handle *h)
{
	if (fs == NULL)
		return;
	if (fs->first.current == h)
		fs->first.current = NULL;
	for (struct fiber *f = fs->list; f != NULL; f = f->next) {
		if (f->current == h)
			f->current = NULL;
	}
}

/* ---- life ---- */

struct fibers *
fibers_open(struct script *sc)
{
	struct fibers *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return NULL;
	fs->sc = sc;
	pthread_mutex_init(&fs->lock, NULL);
	if (init_fiber(fs, &fs->first) != 0) {
		free(fs);
		return NULL;
	}
	fs->running = &fs->first;
	pthread_mutex_lock(&fs->lock);
	return fs;
}

/* Its waits fail until it is over, and then the thread ends. */
static void
end_fiber(struct fibers *fs, struct fiber *f)
{
	while (f->fn != NULL)
		switch_to(fs, f);
	f->quit = true;
	fs->running = f;
	pthread_cond_signal(&f->turn);
	await_turn(&fs->first);
	pthread_join(f->thread, NULL);
	fs->running = &fs->first;
}

void
fibers_close(struct fibers *fs)
{
	struct loop *l;
	struct fiber *f;
	int interrupt;

	if (fs == NULL)
		return;
	l = fs->sc->how.loop;
	interrupt = loop_interrupted(l);
	loop_interrupt(l, SIGTERM);
	while ((f = fs->list) != NULL) {
		end_fiber(fs, f);
		fs->list = f->next;
		free_fiber(fs, f);
		free(f);
	}
	loop_interrupt(l, interrupt);
	loop_set_between(l, NULL, NULL);
	pthread_mutex_unlock(&fs->lock);
	pthread_mutex_destroy(&fs->lock);
	free_fiber(fs, &fs->first);
	free(fs);
}
