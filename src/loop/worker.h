/*
 * Runs a call of libc that may wait for a server in a thread, under a deadline. When the
 * deadline passes, the thread is abandoned together with the data it works on: caller and
 * thread both own the task, and the last owner frees it.
 */
#ifndef LOOP_WORKER_H
#define LOOP_WORKER_H

#include <stdatomic.h>

#include "base/deadline.h"

struct error;
struct loop;

/* Embed it as the first member of the data that fn works on. */
struct worker {
	void (*fn)(struct worker *w);      /* the blocking call; runs with all signals blocked */
	void (*free_fn)(struct worker *w); /* called by the last owner when it releases */
	/* private */
	atomic_int owners;
	int done_fd; /* write end of a pipe; closing it reports the end */
};

/* Initializes a task in malloc'ed storage. The caller owns it. */
void worker_init(struct worker *w, void (*fn)(struct worker *w), void (*free_fn)(struct worker *w));

/* Runs fn in a thread, and the callbacks of l meanwhile. Returns 1 when fn has returned; its
 * results can then be read. Returns 0 when the deadline passed, and -1 with ERROR_SIGNAL, or
 * with ERROR_RESOLVE when no thread can be created. After 0 or -1 the thread owns the fields:
 * the caller may only call worker_release(). */
int worker_run(struct worker *w, struct loop *l, struct deadline until, struct error *e);

/* Releases the caller's ownership. Call it once, whatever worker_run() returned. */
void worker_release(struct worker *w);

#endif
