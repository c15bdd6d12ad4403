#include "loop/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "loop/loop.h"

/* glibc's resolver and its modules need some 70 KiB; the default of 8 MiB is a
 * lot to leave behind for a name server that never answers. */
#define STACK_SIZE (256 * 1024)

void
worker_init(struct worker *a, void (*fn)(struct worker *a), void (*free_fn)(struct worker *a))
{
	a->fn = fn;
	a->free_fn = free_fn;
	a->done_fd = -1;
	atomic_init(&a->owners, 1);
}

void
worker_release(struct worker *a)
{
	if (atomic_fetch_sub(&a->owners, 1) == 1)
		a->free_fn(a);
}

static void *
aside_main(void *arg)
{
	struct worker *a = arg;

	a->fn(a);
	close(a->done_fd);
	worker_release(a);
	return NULL;
}

/* As pthread_create(3): 0 or an error number. The thread gets no signals, they
 * are for the loop. */
static int
aside_start(struct worker *a, pthread_t *ret_thread)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int errnum = pthread_attr_init(&attr);

	if (errnum != 0)
		return errnum;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_fetch_add(&a->owners, 1);
	errnum = pthread_create(ret_thread, &attr, aside_main, a);
	if (errnum != 0)
		atomic_fetch_sub(&a->owners, 1);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return errnum;
}

int
worker_run(struct worker *a, struct loop *l, struct deadline until, struct error *e)
{
	pthread_t thread;
	int fds[2], errnum, ready;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_errno(e, ERROR_RESOLVE, errno, "pipe");
	a->done_fd = fds[1];
	errnum = aside_start(a, &thread);
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
