#include "loop/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"

/* glibc's resolver and its modules need some 70 KiB of stack. The default of 8 MiB is a lot to
 * abandon with a thread that waits for a silent name server. */
#define STACK_SIZE (256 * 1024)

void
worker_init(struct worker *w, void (*fn)(struct worker *w), void (*free_fn)(struct worker *w))
{
	w->fn = fn;
	w->free_fn = free_fn;
	w->done_fd = -1;
	atomic_init(&w->owners, 1);
}

void
worker_release(struct worker *w)
{
	if (atomic_fetch_sub(&w->owners, 1) == 1)
		w->free_fn(w);
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;

	w->fn(w);
	close(w->done_fd);
	worker_release(w);
	return NULL;
}

/* Like pthread_create(3): returns 0 or an error number. The thread blocks all signals, which
 * are for the loop. */
static int
start_thread(struct worker *w, pthread_t *ret_thread)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int errnum = pthread_attr_init(&attr);

	if (errnum != 0)
		return errnum;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_fetch_add(&w->owners, 1);
	errnum = pthread_create(ret_thread, &attr, worker_main, w);
	if (errnum != 0)
		atomic_fetch_sub(&w->owners, 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return errnum;
}

static void
close_watch(struct worker_call *c)
{
	loop_unwatch(c->loop, &c->watch);
	close(c->watch.fd);
	c->running = false;
}

static void
on_returned(struct watch *w, unsigned ready)
{
	struct worker_call *c = w->arg;

	(void)ready;
	close_watch(c);
	pthread_join(c->thread, NULL);
	c->done(c);
}

int
worker_start(struct worker_call *c, struct error *e)
{
	int fds[2], errnum;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_errno(e, ERROR_RESOLVE, errno, "pipe");
	c->watch = (struct watch){ .fd = fds[0], .fn = on_returned, .arg = c };
	if (loop_watch(c->loop, &c->watch, LOOP_READ, e) < 0) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	c->worker->done_fd = fds[1];
	errnum = start_thread(c->worker, &c->thread);
	c->running = errnum == 0;
	if (errnum == 0)
		return 0;
	close_watch(c);
	close(fds[1]);
	return error_errno(e, ERROR_RESOLVE, errnum, "thread");
}

void
worker_cancel(struct worker_call *c)
{
	if (!c->running)
		return;
	close_watch(c);
	pthread_detach(c->thread);
}

static void
set_returned(struct worker_call *c)
{
	*(bool *)c->arg = true;
}

int
worker_run(struct worker *w, struct loop *l, struct deadline until, struct error *e)
{
	bool returned = false;
	struct worker_call c = { .worker = w, .loop = l, .done = set_returned, .arg = &returned };
	int rc;

	if (worker_start(&c, e) < 0)
		return -1;
	rc = loop_run(l, &returned, until, e);
	worker_cancel(&c);
	return rc;
}
