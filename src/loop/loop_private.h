/*
 * The state of a loop, for the files of this folder only. Timers, signals and children have a file
 * each; loop.c has the descriptors, waits, and runs the other parts.
 */
#ifndef LOOP_LOOP_PRIVATE_H
#define LOOP_LOOP_PRIVATE_H

#include "loop/loop.h"
#include "loop/loop_child.h"
#include "loop/loop_kernel.h"
#include "loop/loop_signal.h"
#include "loop/loop_stack.h"

struct loop {
	struct loop_kernel *kernel;

	/* What one wait returned. All runs share it, nested ones too: a nested run overwrites
	 * it, and the kernel reports again what the outer run had not reached. */
	struct loop_ready ready[LOOP_BATCH];
	int next, count;

	struct watch **suspended; /* by descriptor: registered in the kernel, not wanted */
	int suspended_size;

	struct timer **timers; /* binary heap, the earliest first */
	int timer_count, timer_size;
	int64_t now; /* timers up to this time have run */

	struct signal_watch *signals;
	bool signals_due;  /* some watches may be due */
	struct watch wake; /* read end of the pipe that the signal handler writes to */
	int wake_write;

	struct child_watch *children; /* not reaped */
	struct child_watch *ended;    /* reaped, callback not run */
	struct signal_watch child_signal;

	struct stack_wait *waiting;
	bool (*switch_stack)(void *arg);
	void *switch_arg;

	bool busy_polls;
	int polls_to_skip, polls_skipped; /* waits to go without busy-polling; those that have */

	int interrupt; /* signal number; 0: none */
	int fault;     /* errno of a failure that no caller could receive */
};

/* Returns the deadline of the earliest timer; never when there is none. */
struct deadline loop_timer_next(const struct loop *l);

/* Runs the timers that are due. */
void loop_timer_run(struct loop *l);

/* Frees the heap. */
void loop_timer_fini(struct loop *l);

/* Returns true when signo has arrived and was not collected. Safe in a signal handler. */
bool loop_signal_arrived(int signo);

/* Empties the wake-up pipe and marks the watches of the signals that have arrived. */
void loop_signal_collect(struct loop *l);

/* Runs the callbacks of the marked watches. */
void loop_signal_run(struct loop *l);

/* Gives a forked child a wake-up pipe of its own. Returns 0 or an errno. */
int loop_signal_after_fork(struct loop *l);

/* Restores the dispositions of the signals and closes the wake-up pipe. */
void loop_signal_fini(struct loop *l);

/* Runs the callbacks of the children that have ended. */
void loop_child_run(struct loop *l);

/* Frees the watches of disowned children. */
void loop_child_fini(struct loop *l);

#endif
