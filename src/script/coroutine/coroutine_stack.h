/*
 * Additional C stacks, of which one runs at a time: by makecontext(3) (coroutine_stack_context.c), or, where libc
 * has no contexts, by threads that take turns (coroutine_stack_thread.c).
 */
#ifndef SCRIPT_COROUTINE_COROUTINE_STACK_H
#define SCRIPT_COROUTINE_COROUTINE_STACK_H

#include <stddef.h>

struct coroutine_stack;

/* Makes an object for the caller's own stack. NULL: out of memory. */
struct coroutine_stack *coroutine_stack_of_caller(void);

/* Makes a stack; the first switch to it calls fn(arg). fn returns the stack that continues after it. NULL with
 * errno set. */
struct coroutine_stack *coroutine_stack_new(struct coroutine_stack *(*fn)(void *arg), void *arg);

/* The number of bytes of a stack that fn may use. */
size_t coroutine_stack_room(void);

/* Switches from the caller's stack to another. Returns when something switches back. */
void coroutine_stack_switch(struct coroutine_stack *from, struct coroutine_stack *to);

/* Returns memory that libc keeps to the system; worth its time when many stacks have ended. */
void coroutine_stack_tidy(void);

/* Frees a stack whose fn has returned or was never called, or, last of all, the caller's own. Accepts NULL. */
void coroutine_stack_free(struct coroutine_stack *s);

#endif
