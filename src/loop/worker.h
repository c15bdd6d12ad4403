/*
 * A call of libc that may wait for a server, in a helper thread and under a
 * deadline. When that passes the thread is left behind, and what it works on
 * with it: caller and thread own the task together, and the last one frees it.
 */
#ifndef LOOP_WORKER_H
#define LOOP_WORKER_H

#include <stdatomic.h>

#include "base/deadline.h"

struct error;
struct loop;

/* To be embedded as the first member of what fn works on. */
struct worker {
	void (*fn)(struct worker *a);      /* the call; runs without signals */
	void (*free_fn)(struct worker *a); /* run by the last owner that releases it */
	/* private */
	atomic_int owners;
	int done_fd; /* write end of a pipe: closing it reports the end */
};

/* A task that nobody but the caller owns; malloc'ed storage. */
void worker_init(struct worker *a, void (*fn)(struct worker *a), void (*free_fn)(struct worker *a));

/* Runs fn in a thread, and callbacks of l meanwhile. 1 when it is done, and its
 * results can be read; 0 when the deadline passed; -1 with ERROR_SIGNAL, or with
 * ERROR_RESOLVE when no thread can be had. After 0 and -1 the fields are the
 * thread's: the caller may only call worker_release(). */
int worker_run(struct worker *a, struct loop *l, struct deadline until, struct error *e);

/* The caller lets go; once, and whatever worker_run said. */
void worker_release(struct worker *a);

#endif
