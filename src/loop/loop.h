/*
 * The event loop, the only place where the program waits: for descriptors, timers, signals
 * (loop_signal.h) and children (loop_child.h). A process has one loop, which is passed to every
 * function that may wait. Callbacks run from loop_run() only. They may add, change and remove
 * anything, themselves included, and may call loop_run() again (a script server does).
 *
 * All structures are storage of the caller. They must be zeroed before their first use and must
 * not move while they are active.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>

#include "base/deadline.h"

struct error;
struct loop;

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HANGUP = 4 /* an error, or both directions ended; implied by READ and WRITE */
};

/* Watches a descriptor, level-triggered. Regular files and devices that cannot be polled are
 * always ready, since read(2) on them never waits. All watches of one descriptor are called, each
 * of them first in turn. */
struct watch {
	int fd;
	/* ready: LOOP_* bits; a hang-up sets LOOP_HANGUP and all wanted bits */
	void (*fn)(struct watch *w, unsigned ready);
	void *arg;
	/* private to the loop */
	unsigned events;
	unsigned registered;
	bool always_ready;
	struct watch *next, *prev;
	int slot;
};

struct timer {
	void (*fn)(struct timer *t);
	void *arg;
	/* private to the loop */
	struct deadline at;
	int slot; /* heap index + 1; 0: not running */
};

/* Creates a loop. Signals wake the newest loop of the process. Returns -1 with ERROR_INTERNAL.
 * loop_close() accepts NULL and keeps errno. */
int loop_open(struct loop **ret_loop, struct error *e);
void loop_close(struct loop *l);

/* Call it first in a child that fork(2) has made outside of loop_run(): l keeps its watches, timers
 * and signals, and shares nothing with the parent's any more. Children of the parent are forgotten.
 * ERROR_INTERNAL. */
int loop_after_fork(struct loop *l, struct error *e);

/* Watches w->fd for exactly these LOOP_READ and LOOP_WRITE events, or with LOOP_HANGUP for a hang-up
 * alone; 0 stops watching. Returns -1 with ERROR_LOCAL_IO for a bad descriptor or when memory runs out, and leaves w unchanged. */
int loop_watch(struct loop *l, struct watch *w, unsigned events, struct error *e);

/* Stops the callbacks of w but keeps its descriptor registered in the kernel, so that
 * loop_watch() for the same events costs no system call. Another watch of the descriptor ends
 * the registration. Call loop_unwatch() before the descriptor is closed. */
void loop_suspend(struct loop *l, struct watch *w);

/* Removes w. Call it before w->fd is closed. It does nothing for a watch that was never added. */
void loop_unwatch(struct loop *l, struct watch *w);

/* Starts or restarts t: fn runs once, at or after the deadline. deadline_never() stops t.
 * Returns -1 with ERROR_INTERNAL when memory runs out. */
int loop_timer_set(struct loop *l, struct timer *t, struct deadline at, struct error *e);
void loop_timer_stop(struct loop *l, struct timer *t);

/* Makes every current and later wait fail with the error of this signal, until
 * loop_clear_interrupt(). */
void loop_interrupt(struct loop *l, int signo);
void loop_clear_interrupt(struct loop *l);

/* Runs the callbacks of signals that have arrived, and no others, for code that computes without
 * waiting. Returns the signal of the interrupt, or 0. */
int loop_interrupted(struct loop *l);

/* Returns the signal of the interrupt, or SIGINT, SIGTERM or SIGHUP when it has arrived and its
 * callback has not run; otherwise 0. Runs nothing; safe in a signal handler. */
int loop_interrupt_seen(const struct loop *l);

/* Runs callbacks until *done is true. Returns 1 when it is, 0 when the deadline passed, -1 when
 * interrupted (ERROR_SIGNAL) or when the kernel fails (ERROR_INTERNAL). Handles what is ready
 * before it checks the deadline. */
int loop_run(struct loop *l, const bool *done, struct deadline until, struct error *e);

/* Waits for LOOP_* events on one descriptor and runs all other callbacks meanwhile. Returns the
 * bits that are ready (> 0), 0 when the deadline passed, -1 like loop_run(). */
int loop_wait(struct loop *l, int fd, unsigned events, struct deadline until, struct error *e);

/* Makes every later wait poll for 50 us before it sleeps, which saves a sleep and a wake-up when
 * an answer arrives at once. Stops busy-polling when it finds nothing. For a client that waits
 * for an answer to each request; bulk transfers gain nothing. */
void loop_busy_poll(struct loop *l);

#endif
