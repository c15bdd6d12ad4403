/*
 * Coroutines of a script, each with a C stack of its own. When one waits on the loop, another whose wait is
 * over continues. So the body of a server can wait for what the script sends next, while the script waits for
 * the answer of that body.
 *
 * One coroutine runs at a time, so nothing needs a lock. The one that runs the loop waits for all. The memory of
 * an ended coroutine is freed at once.
 */
#ifndef SCRIPT_COROUTINE_COROUTINE_H
#define SCRIPT_COROUTINE_COROUTINE_H

#include <stdbool.h>

struct error;
struct coroutines;
struct script;

/* Makes the set of coroutines of a script; the caller is the first one. NULL: out of memory. */
struct coroutines *coroutines_open(struct script *sc);

/* Interrupts all others and runs them until they end; only the first one may call it. Accepts NULL. */
void coroutines_close(struct coroutines *cs);

/* Runs fn on a new stack at once; returns when fn waits or has returned. The new coroutine has a current socket of
 * its own. Fails with ERROR_INTERNAL where there is no memory for a stack. */
int coroutine_start(struct coroutines *cs, void (*fn)(void *arg), void *arg, struct error *e);

/* Returns whether a started coroutine runs, not the first one. */
bool coroutine_is_inner(const struct coroutines *cs);

#endif
