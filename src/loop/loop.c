#include "loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "loop/loop_private.h"

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

void
loop_close(struct loop *l)
{
	int saved = errno;

	if (l == NULL)
		return;
	loop_signal_fini(l);
	loop_kernel_close(l->kernel);
	loop_child_fini(l);
	loop_timer_fini(l);
	free(l->suspended);
	free(l);
	errno = saved;
}

/* ---- descriptors ---- */

/* Makes room for descriptor fd in the array. Returns false when memory runs out. */
static bool
suspended_reserve(struct loop *l, int fd)
{
	int size = l->suspended_size > 0 ? l->suspended_size : 64;
	struct watch **suspended;

	if (fd < l->suspended_size)
		return true;
	while (size <= fd)
		size *= 2;
	suspended = realloc(l->suspended, (size_t)size * sizeof(struct watch *));
	if (suspended == NULL)
		return false;
	memset(suspended + l->suspended_size, 0,
	    (size_t)(size - l->suspended_size) * sizeof(struct watch *));
	l->suspended = suspended;
	l->suspended_size = size;
	return true;
}

/* Ends the suspension of the watch of fd, and returns the watch; NULL when none is suspended. */
static struct watch *
suspended_remove(struct loop *l, int fd)
{
	struct watch *w = fd >= 0 && fd < l->suspended_size ? l->suspended[fd] : NULL;

	if (w != NULL)
		l->suspended[fd] = NULL;
	return w;
}

void
loop_suspend(struct loop *l, struct watch *w)
{
	if (w->always_ready || w->fd < 0 || !suspended_reserve(l, w->fd) ||
	    (l->suspended[w->fd] != NULL && l->suspended[w->fd] != w)) {
		loop_unwatch(l, w);
		return;
	}
	w->events = 0;
	l->suspended[w->fd] = w;
}

int
loop_watch(struct loop *l, struct watch *w, unsigned events, struct error *e)
{
	struct watch *other = suspended_remove(l, w->fd);
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
	if (w->fd >= 0 && w->fd < l->suspended_size && l->suspended[w->fd] == w)
		l->suspended[w->fd] = NULL;
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
		/* it is suspended, so nobody wants these events */
		if (w->events == 0)
			loop_unwatch(l, w);
		/* compare with what is wanted now; a callback of this batch may have changed it */
		if (events & LOOP_HANGUP)
			events = w->events != 0 ? w->events | LOOP_HANGUP : 0;
		else
			events &= w->events;
		if (events != 0)
			w->fn(w, events);
	}
}

/* ---- waiting ---- */

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
		loop_signal_collect(l);
		loop_signal_run(l);
	}
	return l->interrupt;
}

int
loop_interrupt_seen(const struct loop *l)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		if (loop_signal_arrived(ends[i]))
			return ends[i];
	}
	return l->interrupt;
}

enum {
	BUSY_POLL_NSEC = 50000, /* about the time that falling asleep and waking up take */
	SKIP_MAX = 63
};

void
loop_busy_poll(struct loop *l)
{
	l->busy_polls = true;
}

/* Polls without sleeping. Each time that it finds nothing, it doubles the number of waits that
 * sleep at once, until polling costs next to nothing. */
static int
busy_poll(struct loop *l)
{
	int64_t end;
	int n;

	if (!l->busy_polls || ++l->polls_skipped <= l->polls_to_skip)
		return 0;
	end = clock_now() + BUSY_POLL_NSEC;
	do
		n = loop_kernel_wait(l->kernel, l->ready, 0);
	while (n == 0 && clock_now() < end);
	l->polls_skipped = 0;
	if (n != 0)
		l->polls_to_skip /= 2;
	else if (l->polls_to_skip < SKIP_MAX)
		l->polls_to_skip = 2 * l->polls_to_skip + 1;
	return n;
}

static int
wait_for_kernel(struct loop *l, int timeout_ms)
{
	int n = timeout_ms != 0 ? busy_poll(l) : 0;

	return n != 0 ? n : loop_kernel_wait(l->kernel, l->ready, timeout_ms);
}

/* Waits once and runs what became ready. */
static int
run_once(struct loop *l, struct deadline until, struct error *e)
{
	int n;

	if (l->fault != 0)
		return error_errno(e, ERROR_INTERNAL, l->fault, "wait for children");
	until = deadline_min(until, loop_timer_next(l));
	if (l->signals_due || l->ended != NULL)
		until.at = 0;
	l->next = l->count = 0;
	n = wait_for_kernel(l, deadline_left_ms(until));
	if (n == -1)
		return error_errno(e, ERROR_INTERNAL, errno, "wait for events");
	l->count = n;
	run_ready(l);
	loop_signal_run(l);
	loop_child_run(l);
	loop_timer_run(l);
	return 0;
}

static int
run_until(struct loop *l, const struct stack_wait *w, struct error *e)
{
	const struct deadline at_once = { .at = 0 };

	for (bool waited = false;; waited = true) {
		if (l->interrupt != 0)
			return error_signal(e, l->interrupt);
		if (*w->done)
			return 1;
		if (waited && deadline_passed(w->until))
			return 0;
		/* do not sleep before another stack had the chance to run */
		if (run_once(l, waited || l->switch_stack == NULL ? w->until : at_once, e) == -1)
			return -1;
		while (l->switch_stack != NULL && l->switch_stack(l->switch_arg) &&
		    !loop_stack_wait_is_over(l, w))
			continue;
	}
}

int
loop_run(struct loop *l, const bool *done, struct deadline until, struct error *e)
{
	struct stack_wait w = { .done = done, .until = until, .outer = l->waiting };
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
on_waiter_ready(struct watch *w, unsigned ready)
{
	struct waiter *waiter = w->arg;

	waiter->ready = ready;
	waiter->done = true;
	/* at once, or a nested run would be called again for as long as it lasts */
	loop_unwatch(waiter->loop, w);
}

int
loop_wait(struct loop *l, int fd, unsigned events, struct deadline until, struct error *e)
{
	struct waiter waiter = { .loop = l };
	struct watch w = { .fd = fd, .fn = on_waiter_ready, .arg = &waiter };
	int rc;

	if (loop_watch(l, &w, events, e) == -1)
		return -1;
	rc = loop_run(l, &waiter.done, until, e);
	loop_unwatch(l, &w);
	return rc == 1 ? (int)waiter.ready : rc;
}
