/*
 * The only waiting in the program: descriptors, timers, signals and children.
 * One loop per process, passed to whatever has to wait; loop_epoll.c or
 * loop_poll.c supplies the kernel side. Callbacks run from loop_run() only and
 * may add, change and remove anything, themselves included, and may run the
 * loop again (a script server does).
 *
 * All structures are storage of the caller and must be zeroed before their
 * first use and stay put while active.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/deadline.h"

struct error;
struct loop;

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HANGUP = 4 /* error or both directions over; implied while READ or WRITE is wanted */
};

/* A descriptor that is waited for (level-triggered). Regular files and devices
 * that cannot be polled are always ready, as read(2) on them never waits. Several
 * watches of one descriptor are all called, each first in its turn. */
struct watch {
	int fd;
	void (*fn)(struct watch *w,
	    unsigned ready); /* ready: LOOP_* bits; errors set all wanted bits */
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

struct child_watch {
	pid_t pid;
	void (*fn)(struct child_watch *c,
	    int status); /* status as waitpid(2) gives it; already reaped */
	void *arg;
	/* private to the loop */
	int status;
	struct child_watch *next, *prev;
};

struct signal_watch {
	int signo;
	void (*fn)(struct signal_watch *s);
	void *arg;
	/* private to the loop */
	struct signal_watch *next, *prev;
	bool active, due;
};

/* One loop a process: signal wake-ups go to the newest. */
int loop_open(struct loop **ret_loop, struct error *e);
void loop_close(struct loop *l);

/* Wants exactly these events from now on; 0 keeps w known but asks for nothing.
 * Fails only for a bad descriptor or out of memory. */
int loop_watch(struct loop *l, struct watch *w, unsigned events, struct error *e);

/* As loop_watch() with no events, for a watch that will soon ask for the same ones again:
 * that then costs no system call. Until then another watch of the descriptor may take its
 * place. loop_unwatch() has to come before the descriptor is closed. */
void loop_rest(struct loop *l, struct watch *w);

/* Forgets w; must be called before w->fd is closed. A watch never added is fine. */
void loop_unwatch(struct loop *l, struct watch *w);

/* (Re)starts t; a deadline of never stops it. fn runs once, at or after the deadline. */
int loop_timer_set(struct loop *l, struct timer *t, struct deadline at, struct error *e);
void loop_timer_stop(struct loop *l, struct timer *t);

/* Reports the end of child pid once; then forgets it. A status that the system
 * no longer has (SIGCHLD was ignored when it ended) is reported as exit 125. */
void loop_child_watch(struct loop *l, struct child_watch *c);
void loop_child_unwatch(struct loop *l, struct child_watch *c);

/* As loop_child_unwatch, but the child is still reaped when it ends. c is free at once. */
void loop_child_disown(struct loop *l, struct child_watch *c);

/* Calls fn from the loop, never from the handler, when signo arrives. The
 * former disposition comes back when the last watch of signo goes. Children
 * that are started get default dispositions (stream/process). */
int loop_signal_watch(struct loop *l, struct signal_watch *s, struct error *e);
void loop_signal_unwatch(struct loop *l, struct signal_watch *s);

/* Every wait under way and every later one fails with this signal's error
 * until loop_clear_interrupt(). */
void loop_interrupt(struct loop *l, int signo);
void loop_clear_interrupt(struct loop *l);

/* For who computes and does not wait: runs the callbacks of signals that have
 * arrived, no others. The signal of an interrupt, 0 where there is none. */
int loop_interrupted(struct loop *l);

/* The same without a look at anything else, for the handler of a signal: an interrupt, or SIGINT, SIGTERM or
 * SIGHUP that has arrived and whose callback has not run. */
int loop_interrupt_seen(const struct loop *l);

/* Runs callbacks until *done is true: returns 1; the deadline passes: 0;
 * interrupted or a fault of the kernel: -1. Ready work is done before a
 * deadline is looked at. */
int loop_run(struct loop *l, const bool *done, struct deadline until, struct error *e);

/* From now on a wait first looks again and again, for 50 us, and only then sleeps: an answer that comes
 * at once then costs no sleep and no waking up. Stops busy-polling when it finds nothing. For
 * who asks and waits for the answer; in bulk it would find nothing. */
void loop_busy_poll(struct loop *l);

/* ---- for several stacks that wait on one loop, each in its turn ---- */

/* A loop_run that has begun and is not over. */
struct loop_wait {
	const bool *done;
	struct deadline until;
	struct loop_wait *outer; /* the one that it is nested in */
};

/* True where its loop_run would return. */
bool loop_wait_is_over(const struct loop *l, const struct loop_wait *w);

/* The innermost wait of the stack that runs: who changes stacks changes it. */
struct loop_wait *loop_waiting(const struct loop *l);
void loop_set_waiting(struct loop *l, struct loop_wait *w);

/* fn is called after each turn of a wait, and may let another stack run whose wait
 * is over; true where it has. NULL: there is but one stack. */
void loop_set_between(struct loop *l, bool (*fn)(void *arg), void *arg);

/* Waits for events on one descriptor while everything else goes on. Returns
 * the LOOP_* bits that are ready (> 0), 0 when the deadline passed, -1. */
int loop_wait(struct loop *l, int fd, unsigned events, struct deadline until, struct error *e);

#endif
