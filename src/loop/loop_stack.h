/*
 * For coroutines: several stacks that wait on one loop, of which one runs at a time.
 */
#ifndef LOOP_LOOP_STACK_H
#define LOOP_LOOP_STACK_H

#include <stdbool.h>

#include "base/deadline.h"

struct loop;

/* A call of loop_run() that has not returned. */
struct stack_wait {
	const bool *done;
	struct deadline until;
	struct stack_wait *outer; /* the call that this one is nested in */
};

/* Returns true when the call of loop_run() would return. */
bool loop_stack_wait_is_over(const struct loop *l, const struct stack_wait *w);

/* The innermost wait of the running stack. Code that switches stacks saves and restores it. */
struct stack_wait *loop_stack_get_wait(const struct loop *l);
void loop_stack_set_wait(struct loop *l, struct stack_wait *w);

/* Calls fn after each iteration of a wait. fn may run another stack whose wait is over, and
 * returns true when it did. NULL: there is one stack only. */
void loop_stack_set_switch(struct loop *l, bool (*fn)(void *arg), void *arg);

#endif
