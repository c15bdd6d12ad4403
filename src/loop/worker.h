/*
 * Runs a call of libc that may wait for a server in a thread, under a deadline. When the
 * deadline passes, the thread is abandoned together with the data it works on: caller and
 * thread both own the task, and the last owner frees it.
 */
#ifndef LOOP_WORKER_H
#define LOOP_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/deadline.h"
#include "loop/loop.h"

struct error;

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

/* A call that runs in its thread while the loop goes on. */
struct worker_call {
	/* set by the caller, the rest zeroed */
	struct worker *worker;
	struct loop *loop;
	/* Called from the loop when fn has returned; the results can then be read. May free the
	 * storage of c. */
	void (*done)(struct worker_call *c);
	void *arg;
	/* private */
	struct watch watch; /* read end of the pipe */
	pthread_t thread;
	bool running;
};

/* Starts fn in a thread. Returns -1 with ERROR_RESOLVE when no thread can be created, or as
 * loop_watch() fails; done is not called then. */
int worker_start(struct worker_call *c, struct error *e);

/* Abandons the call: done is not called, and from now on the thread owns the fields. Does nothing
 * for a call that is over or was never started. */
void worker_cancel(struct worker_call *c);

/* Runs fn in a thread, and the callbacks of l meanwhile. Returns 1 when fn has returned; its
 * results can then be read. Returns 0 when the deadline passed, and -1 with ERROR_SIGNAL, or
 * with ERROR_RESOLVE when no thread can be created. After 0 or -1 the thread owns the fields:
 * the caller may only call worker_release(). */
int worker_run(struct worker *w, struct loop *l, struct deadline until, struct error *e);

/* Releases the caller's ownership. Call it once, whatever worker_run() returned. */
void worker_release(struct worker *w);

#endif
