/*
 * Signals as callbacks of the loop.
 */
#ifndef LOOP_LOOP_SIGNAL_H
#define LOOP_LOOP_SIGNAL_H

#include <stdbool.h>

struct error;
struct loop;

struct signal_watch {
	int signo;
	void (*fn)(struct signal_watch *s);
	void *arg;
	/* private to the loop */
	struct signal_watch *next, *prev;
	bool active, due;
};

/* Calls fn when signo arrives: from the loop, never from the signal handler. Unblocks signo.
 * Returns -1 with ERROR_INTERNAL. Child programs start with default dispositions
 * (stream/process). */
int loop_signal_watch(struct loop *l, struct signal_watch *s, struct error *e);

/* Removes s. The former disposition is restored with the last watch of the signal. */
void loop_signal_unwatch(struct loop *l, struct signal_watch *s);

#endif
