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

int
worker_run(struct worker *w, struct loop *l, struct deadline until, struct error *e)
{
	pthread_t thread;
	int fds[2], errnum, ready;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_errno(e, ERROR_RESOLVE, errno, "pipe");
	w->done_fd = fds[1];
	errnum = start_thread(w, &thread);
	if (errnum != 0) {
		close(fds[0]);
		close(fds[1]);
		return error_errno(e, ERROR_RESOLVE, errnum, "thread");
	}
	ready = loop_wait(l, fds[0], LOOP_READ, until, e);
	close(fds[0]);
	if (ready > 0) {
		pthread_join(thread, NULL);
		return 1;
	}
	pthread_detach(thread);
	return ready;
}
