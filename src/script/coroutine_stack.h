/*
 * Further C stacks, of which one runs at a time: with the context calls of libc
 * (coroutine_stack_context.c), or where it has none as threads that take turns
 * (coroutine_stack_thread.c).
 */
#ifndef SCRIPT_COROUTINE_STACK_H
#define SCRIPT_COROUTINE_STACK_H

#include <stddef.h>

struct coroutine_stack;

/* The one that the caller is on. NULL: out of memory. */
struct coroutine_stack *coroutine_stack_of_caller(void);

/* One on which fn(arg) begins at the first switch to it; what fn returns is the stack that
 * goes on then. NULL with errno set. */
struct coroutine_stack *coroutine_stack_new(struct coroutine_stack *(*fn)(void *arg), void *arg);

/* How much of it fn may use, in bytes. */
size_t coroutine_stack_room(void);

/* The caller's stack is from. Comes back when something switches to that one. */
void coroutine_stack_switch(struct coroutine_stack *from, struct coroutine_stack *to);

/* Many have ended: gives back to the system what of their memory libc would keep. */
void coroutine_stack_tidy(void);

/* One whose fn has returned, or never began, or the caller's own as the last. NULL is fine. */
void coroutine_stack_free(struct coroutine_stack *s);

#endif
