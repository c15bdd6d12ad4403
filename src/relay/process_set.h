/*
 * The programs of a server that outlive their session: they are reaped, counted, and
 * ended with the server.
 */
#ifndef RELAY_PROCESS_SET_H
#define RELAY_PROCESS_SET_H

#include <stdbool.h>

#include "loop/loop.h"
#include "loop/loop_child.h"

struct process;

struct process_set {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	void (*ended)(void *arg); /* one of them has ended; NULL: nobody wants to know */
	void *arg;
	/* readable */
	unsigned n;
	/* private */
	struct process *list;
	bool is_empty;
};

/* Takes over a program that is watched for by c; c is free at once. Without memory the
 * program is only reaped, as loop_child_disown() does. */
void process_set_adopt(struct process_set *ps, struct child_watch *c);

/* SIGTERM to all of them, and SIGKILL to those that are still there after 2 s or when a
 * signal interrupts the loop again. Waits until all are reaped; an interrupt that is
 * pending is cleared. */
void process_set_end(struct process_set *ps);

#endif
