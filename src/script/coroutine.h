/*
 * Parts of a script that take turns: each has a C stack of its own, and while
 * one waits on the loop another whose wait is over goes on. So the body of a
 * server may wait for what the script that waits for it does next.
 *
 * One runs at a time, and nothing is to be locked. All waiting is the loop's:
 * whoever runs waits for all. What has ended gives its memory back at once.
 */
#ifndef SCRIPT_COROUTINE_H
#define SCRIPT_COROUTINE_H

#include <stdbool.h>

struct error;
struct coroutines;
struct script;

/* NULL: out of memory. The caller is the first of them. */
struct coroutines *coroutines_open(struct script *sc);

/* Interrupts all but the caller, which is the first, until they are over. NULL is fine. */
void coroutines_close(struct coroutines *fs);

/* Runs fn on a stack of its own, at once; comes back when that waits or is over.
 * The current socket is the coroutine's own. Fails with ERROR_INTERNAL. */
int coroutine_start(struct coroutines *fs, void (*fn)(void *arg), void *arg, struct error *e);

/* True in a coroutine that was started, false in the first. */
bool coroutine_is_inner(const struct coroutines *fs);

#endif
