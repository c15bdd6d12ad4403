/*
 * Parts of a script that take turns: each has a C stack of its own, and while
 * one waits on the loop another whose wait is over goes on. So the body of a
 * server may wait for what the script that waits for it does next.
 *
 * They are threads of which one runs at a time, since that is the one way to
 * have a second stack that every libc and every checker knows; nothing else is
 * to be locked. All waiting is the loop's: whoever runs waits for all.
 */
#ifndef SCRIPT_FIBER_H
#define SCRIPT_FIBER_H

#include <stdbool.h>

struct error;
struct fibers;
struct script;

/* NULL: out of memory. The caller is the first of them. */
struct fibers *fibers_open(struct script *sc);

/* Interrupts all but the caller, which is the first, until they are over. NULL is fine. */
void fibers_close(struct fibers *fs);

/* Runs fn on a stack of its own, at once; comes back when that waits or is over.
 * The current socket is the fiber's own. Fails with ERROR_INTERNAL. */
int fiber_start(struct fibers *fs, void (*fn)(void *arg), void *arg, struct error *e);

/* True in a fiber that was started, false in the first. */
bool fiber_is_inner(const struct fibers *fs);

/* A handle goes: nobody's current socket any more. */
struct handle;
void fibers_forget(struct fibers *fs, const struct handle *h);

#endif
