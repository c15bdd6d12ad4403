/*
 * The terminals of programs (--pty): their size is that of our own terminal, and
 * follows it.
 */
#ifndef CLI_CORE_PROGRAM_TERMINAL_H
#define CLI_CORE_PROGRAM_TERMINAL_H

#include "loop/loop_signal.h"
#include "stream/pty.h"

struct error;
struct loop;
struct session_how;

struct program_terminal {
	/* private; zeroed before */
	struct loop *loop; /* NULL: not open */
	struct pty_group group;
	struct signal_watch resized;
};

/* Gives the programs of how terminals from now on. t has to outlive their sessions. */
int program_terminal_open(struct program_terminal *t, struct loop *l, struct session_how *how,
    struct error *e);

/* Stops following our terminal. Does nothing if t is not open. */
void program_terminal_close(struct program_terminal *t);

#endif
