/*
 * The programs of a server that outlive their session: they are reaped,
 * counted, and ended with the server.
 */
#ifndef RELAY_PROCESS_SET_H
#define RELAY_PROCESS_SET_H

#include <stdbool.h>

#include "loop/loop.h"
#include "loop/loop_child.h"

struct process;

struct process_set {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	void (*ended)(void *arg); /* called when one has ended; NULL: not called */
	void *arg;
	/* readable */
	unsigned n;
	/* private */
	struct process *list;
	bool is_empty;
};

/* Takes over the program that c watches; c may be reused at once. Without memory the program is
 * only reaped, as by loop_child_disown(). */
void process_set_adopt(struct process_set *ps, struct child_watch *c);

/* Sends SIGTERM to all, and SIGKILL to those that remain after 2 s or at the next interrupt of the
 * loop. Blocks until all are reaped. Clears a pending interrupt. */
void process_set_end(struct process_set *ps);

#endif
