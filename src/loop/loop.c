#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "loop/loop_kernel.h"

struct loop {
	struct loop_kernel *kernel;

	/* What one wait gave. There is one batch for all runs, nested ones
	 * too: a nested run takes it over, and what the outer run had not come
	 * to is reported by the kernel again if it is still so. */
	struct loop_ready ready[LOOP_BATCH];
	int next, count;

	struct watch **rested; /* by descriptor: registered, without being wanted */
	int rested_size;

	struct timer **timers; /* heap, the earliest first */
	int timer_count, timer_size;
	int64_t now; /* timers up to here have run */

	struct signal_watch *signals;
	bool signals_due;  /* some of them may be */
	struct watch wake; /* reading end of the pipe that the handler writes to */
	int wake_write;

	struct child_watch *children; /* alive as far as is known */
	struct child_watch *ended;    /* reaped, not yet reported */
	struct signal_watch child_signal;

	struct loop_wait *waiting;
	bool (*between)(void *arg);
	void *between_arg;

	bool looks_first;
	int looks_off, sleeps; /* so many waits go by without looking, so many of them have */

	int interrupt; /* signal number, 0: none */
	int fault;     /* errno of what failed where there was nobody to tell */
};

/* A handler has no argument, so this cannot be in a struct loop. */
static struct {
	volatile sig_atomic_t wake_fd; /* of the newest loop with a pipe; -1: none */
	volatile sig_atomic_t arrived[NSIG];
	int watches[NSIG];
	struct sigaction former[NSIG];
} signals = { .wake_fd = -1 };

int
loop_open(struct loop **ret_loop, struct error *e)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL || (l->kernel = loop_kernel_open()) == NULL) {
		error_errno(e, ERROR_INTERNAL, errno, "event loop");
		free(l);
		return -1;
	}
	l->wake.fd = l->wake_write = -1;
	*ret_loop = l;
	return 0;
}

static void free_orphans(struct child_watch *c);

void
loop_close(struct loop *l)
{
	int saved = errno;

	if (l == NULL)
		return;
	while (l->signals != NULL)
		loop_signal_unwatch(l, l->signals);
	if (l->wake_write != -1) {
		if (signals.wake_fd == l->wake_write)
			signals.wake_fd = -1;
		loop_unwatch(l, &l->wake);
		close(l->wake.fd);
		close(l->wake_write);
	}
	loop_kernel_close(l->kernel);
	free_orphans(l->children);
	free_orphans(l->ended);
	free(l->timers);
	free(l->rested);
	free(l);
	errno = saved;
}

/* Descriptors */

/* True where there is a slot for the descriptor. */
static bool
rested_grow(struct loop *l, int fd)
{
	int size = l->rested_size > 0 ? l->rested_size : 64;
	struct watch **rested;

	if (fd < l->rested_size)
		return true;
	while (size <= fd)
		size *= 2;
	rested = realloc(l->rested, (size_t)size * sizeof(struct watch *));
	if (rested == NULL)
		return false;
	memset(rested + l->rested_size, 0,
	    (size_t)(size - l->rested_size) * sizeof(struct watch *));
	l->rested = rested;
	l->rested_size = size;
	return true;
}

/* What rests on the descriptor; NULL: nothing. It does no more then. */
static struct watch *
rested_take(struct loop *l, int fd)
{
	struct watch *w = fd >= 0 && fd < l->rested_size ? l->rested[fd] : NULL;

	if (w != NULL)
		l->rested[fd] = NULL;
	return w;
}

void
loop_rest(struct loop *l, struct watch *w)
{
	if (w->always_ready || w->fd < 0 || !rested_grow(l, w->fd) ||
	    (l->rested[w->fd] != NULL && l->rested[w->fd] != w)) {
		loop_unwatch(l, w);
		return;
	}
	w->events = 0;
	l->rested[w->fd] = w;
}

int
loop_watch(struct loop *l, struct watch *w, unsigned events, struct error *e)
{
	struct watch *other = rested_take(l, w->fd);
	int errnum;

	if (other != NULL && other != w)
		loop_kernel_want(l->kernel, other, 0);
	errnum = loop_kernel_want(l->kernel, w, events);

	if (errnum != 0)
		return error_errno(e, ERROR_LOCAL_IO, errnum, "wait for descriptor %d", w->fd);
	w->events = events;
	return 0;
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	if (w->fd >= 0 && w->fd < l->rested_size && l->rested[w->fd] == w)
		l->rested[w->fd] = NULL;
	loop_kernel_want(l->kernel, w, 0);
	w->events = 0;
	for (int i = l->next; i < l->count; i++)
		if (l->ready[i].w == w)
			l->ready[i].w = NULL;
}

static void
run_ready(struct loop *l)
{
	while (l->next < l->count) {
		struct loop_ready *r = &l->ready[l->next++];
		struct watch *w = r->w;
		unsigned events = r->events;

		if (w == NULL)
			continue;
		/* it rests, and nobody has wanted this */
		if (w->events == 0)
			loop_unwatch(l, w);
		/* against what is wanted now: a callback of this batch may have changed that */
		if (events & LOOP_HANGUP)
			events = w->events != 0 ? w->events | LOOP_HANGUP : 0;
		else
			events &= w->events;
		if (events != 0)
			w->fn(w, events);
	}
}

/* Timers */

/* Slots count from 1, so that 0 says "not running". */
static struct timer *
timer_at(const struct loop *l, int slot)
{
	return l->timers[slot - 1];
}

static void
timer_put(struct loop *l, int slot, struct timer *t)
{
	l->timers[slot - 1] = t;
	t->slot = slot;
}

static bool
timer_before(const struct timer *a, const struct timer *b)
{
	return a->at.at < b->at.at;
}

/* Puts t at slot of the heap, or where above or below it belongs. */
static void
timer_settle(struct loop *l, int slot, struct timer *t)
{
	int child;

	for (; slot > 1 && timer_before(t, timer_at(l, slot / 2)); slot /= 2)
		timer_put(l, slot, timer_at(l, slot / 2));
	for (; (child = 2 * slot) <= l->timer_count; slot = child) {
		if (child < l->timer_count &&
		    timer_before(timer_at(l, child + 1), timer_at(l, child)))
			child++;
		if (!timer_before(timer_at(l, child), t))
			break;
		timer_put(l, slot, timer_at(l, child));
	}
	timer_put(l, slot, t);
}

static int
timers_grow(struct loop *l, struct error *e)
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
		if (l->timer_count == l->timer_size && timers_grow(l, e) == -1)
			return -1;
		t->slot = ++l->timer_count;
	}
	t->at = at;
	/* One that is set into the past again and again must neither run for
	 * ever nor keep those behind it from their turn. */
	if (at.at <= l->now)
		t->at.at = l->now + 1;
	timer_settle(l, t->slot, t);
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
		timer_settle(l, slot, last);
}

static void
run_timers(struct loop *l)
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

/* Signals */

/* The handler: all else happens in wake_ready() and run_signals(). */
static void
note_signal(int signo)
{
	int saved = errno;

	signals.arrived[signo] = 1;
	if (signals.wake_fd != -1 && write(signals.wake_fd, "", 1) == -1) {
		/* full: the loop is about to wake up anyway */
	}
	errno = saved;
}

static void
wake_ready(struct watch *w, unsigned ready)
{
	struct loop *l = w->arg;
	char bytes[64];

	(void)ready;
	while (read(w->fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
		continue;
	l->signals_due = true;
	for (int signo = 1; signo < NSIG; signo++) {
		if (!signals.arrived[signo])
			continue;
		/* first, so that one that comes now counts again */
		signals.arrived[signo] = 0;
		for (struct signal_watch *s = l->signals; s != NULL; s = s->next)
			s->due |= s->signo == signo;
	}
}

static struct signal_watch *
first_due(struct loop *l)
{
	struct signal_watch *s = l->signals;

	while (s != NULL && !s->due)
		s = s->next;
	return s;
}

/* A callback may run the loop, which then goes on here with the others. */
static void
run_signals(struct loop *l)
{
	struct signal_watch *s;

	/* from the start each time: the callback may change the list */
	while (l->signals_due && (s = first_due(l)) != NULL) {
		s->due = false;
		s->fn(s);
	}
	l->signals_due = false;
}

/* The pipe is made with the first signal that is watched: most runs of the
 * program end before that. */
static int
wake_open(struct loop *l)
{
	int fds[2], errnum;

	if (l->wake_write != -1)
		return 0;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return errno;
	l->wake = (struct watch){ .fd = fds[0], .fn = wake_ready, .arg = l };
	if ((errnum = loop_kernel_want(l->kernel, &l->wake, LOOP_READ)) != 0) {
		close(fds[0]);
		close(fds[1]);
		return errnum;
	}
	l->wake.events = LOOP_READ;
	l->wake_write = fds[1];
	signals.wake_fd = fds[1];
	return 0;
}

static int
catch_signal(int signo)
{
	struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESTART };
	sigset_t set;

	if (signals.watches[signo] > 0)
		return 0;
	sigemptyset(&action.sa_mask);
	if (sigaction(signo, &action, &signals.former[signo]) == -1)
		return errno;
	/* who started us may have blocked it, and then SIGCHLD would never come */
	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 0;
}

int
loop_signal_watch(struct loop *l, struct signal_watch *s, struct error *e)
{
	int errnum;

	if (s->active)
		return 0;
	errnum = s->signo > 0 && s->signo < NSIG ? wake_open(l) : EINVAL;
	if (errnum == 0)
		errnum = catch_signal(s->signo);
	if (errnum != 0)
		return error_errno(e, ERROR_INTERNAL, errnum, "wait for signal %d", s->signo);
	signals.watches[s->signo]++;
	s->active = true;
	s->due = false;
	s->prev = NULL;
	s->next = l->signals;
	if (s->next != NULL)
		s->next->prev = s;
	l->signals = s;
	return 0;
}

void
loop_signal_unwatch(struct loop *l, struct signal_watch *s)
{
	if (!s->active)
		return;
	s->active = false;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		l->signals = s->next;
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (--signals.watches[s->signo] > 0)
		return;
	sigaction(s->signo, &signals.former[s->signo], NULL);
	signals.arrived[s->signo] = 0;
}

/* Children */

static void
child_push(struct child_watch **list, struct child_watch *c)
{
	c->prev = NULL;
	c->next = *list;
	if (c->next != NULL)
		c->next->prev = c;
	*list = c;
}

/* Without effect on one that is in no list. */
void
loop_child_unwatch(struct loop *l, struct child_watch *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else if (l->children == c)
		l->children = c->next;
	else if (l->ended == c)
		l->ended = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->next = c->prev = NULL;
}

/* True when the child has ended; its status is then in c. */
static bool
reap(struct child_watch *c)
{
	pid_t pid = waitpid(c->pid, &c->status, WNOHANG);

	/* ECHILD: it ended while SIGCHLD was ignored, so nobody knows how */
	if (pid == -1)
		c->status = 125 << 8;
	return pid != 0;
}

static void
children_ended(struct signal_watch *s)
{
	struct loop *l = s->arg;
	struct child_watch *c, *next;

	for (c = l->children; c != NULL; c = next) {
		next = c->next;
		if (!reap(c))
			continue;
		loop_child_unwatch(l, c);
		child_push(&l->ended, c);
	}
}

static void
orphan_ended(struct child_watch *c, int status)
{
	(void)status;
	free(c);
}

void
loop_child_disown(struct loop *l, struct child_watch *c)
{
	struct child_watch *orphan = calloc(1, sizeof(*orphan));

	loop_child_unwatch(l, c);
	if (orphan == NULL)
		return;
	orphan->pid = c->pid;
	orphan->fn = orphan_ended;
	child_push(&l->children, orphan);
}

/* Disowned ones are the loop's own. */
static void
free_orphans(struct child_watch *c)
{
	struct child_watch *next;

	for (; c != NULL; c = next) {
		next = c->next;
		if (c->fn == orphan_ended)
			free(c);
	}
}

static void
run_children(struct loop *l)
{
	struct child_watch *c;

	while ((c = l->ended) != NULL) {
		loop_child_unwatch(l, c);
		c->fn(c, c->status);
	}
}

void
loop_child_watch(struct loop *l, struct child_watch *c)
{
	struct error e;

	if (!l->child_signal.active) {
		l->child_signal =
		    (struct signal_watch){ .signo = SIGCHLD, .fn = children_ended, .arg = l };
		if (loop_signal_watch(l, &l->child_signal, &e) == -1)
			l->fault = e.number;
	}
	/* it may have ended before the handler was there */
	child_push(reap(c) ? &l->ended : &l->children, c);
}

/* Waiting */

void
loop_interrupt(struct loop *l, int signo)
{
	l->interrupt = signo;
}

void
loop_clear_interrupt(struct loop *l)
{
	l->interrupt = 0;
}

int
loop_interrupted(struct loop *l)
{
	if (l->wake_write != -1) {
		wake_ready(&l->wake, LOOP_READ);
		run_signals(l);
	}
	return l->interrupt;
}

int
loop_interrupt_seen(const struct loop *l)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		if (signals.arrived[ends[i]])
			return ends[i];
	}
	return l->interrupt;
}

enum {
	LOOK_NSEC = 50000, /* about what it takes to fall asleep and to be woken up again */
	LOOKS_OFF_MAX = 63
};

void
loop_busy_poll(struct loop *l)
{
	l->looks_first = true;
}

/* Each time in vain doubles the number of waits that do without, up to where it costs next to nothing. */
static int
look(struct loop *l)
{
	int64_t end;
	int n;

	if (!l->looks_first || ++l->sleeps <= l->looks_off)
		return 0;
	end = clock_now() + LOOK_NSEC;
	do
		n = loop_kernel_wait(l->kernel, l->ready, 0);
	while (n == 0 && clock_now() < end);
	l->sleeps = 0;
	if (n != 0)
		l->looks_off /= 2;
	else if (l->looks_off < LOOKS_OFF_MAX)
		l->looks_off = 2 * l->looks_off + 1;
	return n;
}

static int
wait_for_kernel(struct loop *l, int timeout_ms)
{
	int n = timeout_ms != 0 ? look(l) : 0;

	return n != 0 ? n : loop_kernel_wait(l->kernel, l->ready, timeout_ms);
}

/* One wait, and the work that it brought. */
static int
turn(struct loop *l, struct deadline until, struct error *e)
{
	int n;

	if (l->fault != 0)
		return error_errno(e, ERROR_INTERNAL, l->fault, "wait for children");
	if (l->timer_count > 0)
		until = deadline_min(until, timer_at(l, 1)->at);
	if (l->signals_due || l->ended != NULL)
		until.at = 0;
	l->next = l->count = 0;
	n = wait_for_kernel(l, deadline_left_ms(until));
	if (n == -1)
		return error_errno(e, ERROR_INTERNAL, errno, "wait for events");
	l->count = n;
	run_ready(l);
	run_signals(l);
	run_children(l);
	run_timers(l);
	return 0;
}

bool
loop_wait_is_over(const struct loop *l, const struct loop_wait *w)
{
	return l->interrupt != 0 || *w->done || deadline_passed(w->until);
}

struct loop_wait *
loop_waiting(const struct loop *l)
{
	return l->waiting;
}

void
loop_set_waiting(struct loop *l, struct loop_wait *w)
{
	l->waiting = w;
}

void
loop_set_between(struct loop *l, bool (*fn)(void *arg), void *arg)
{
	l->between = fn;
	l->between_arg = arg;
}

static int
run_until(struct loop *l, const struct loop_wait *w, struct error *e)
{
	const struct deadline at_once = { .at = 0 };

	for (bool waited = false;; waited = true) {
		if (l->interrupt != 0)
			return error_signal(e, l->interrupt);
		if (*w->done)
			return 1;
		if (waited && deadline_passed(w->until))
			return 0;
		/* no turn may last while another stack could go on */
		if (turn(l, waited || l->between == NULL ? w->until : at_once, e) == -1)
			return -1;
		while (l->between != NULL && l->between(l->between_arg) && !loop_wait_is_over(l, w))
			continue;
	}
}

int
loop_run(struct loop *l, const bool *done, struct deadline until, struct error *e)
{
	struct loop_wait w = { .done = done, .until = until, .outer = l->waiting };
	int rc;

	l->waiting = &w;
	rc = run_until(l, &w, e);
	l->waiting = w.outer;
	return rc;
}

struct waiter {
	struct loop *loop;
	unsigned ready;
	bool done;
};

static void
waiter_ready(struct watch *w, unsigned ready)
{
	struct waiter *waiter = w->arg;

	waiter->ready = ready;
	waiter->done = true;
	/* now, or a nested run would come here for as long as it lasts */
	loop_unwatch(waiter->loop, w);
}

int
loop_wait(struct loop *l, int fd, unsigned events, struct deadline until, struct error *e)
{
	struct waiter waiter = { .loop = l };
	struct watch w = { .fd = fd, .fn = waiter_ready, .arg = &waiter };
	int rc;

	if (loop_watch(l, &w, events, e) == -1)
		return -1;
	rc = loop_run(l, &waiter.done, until, e);
	loop_unwatch(l, &w);
	return rc == 1 ? (int)waiter.ready : rc;
}
