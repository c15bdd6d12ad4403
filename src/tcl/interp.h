/* An interpreter of a strict subset of Tcl 8.6 over byte strings. A script that uses no command of the
 * embedding program gives the same result, return code and error message in tclsh(1) with the system encoding
 * ISO 8859-1; docs/language.md has the intended differences. Nothing here prints, waits or exits: the
 * embedding program does it in hooks. An interpreter belongs to one thread. */
#ifndef TCL_INTERP_H
#define TCL_INTERP_H

#include <sys/types.h>

#include "tcl/command.h"

struct regex_ops;

/* ---- creation and destruction ---- */

/* Makes an interpreter with all core commands. NULL: out of memory. */
struct interp *interp_new(void);
/* Accepts NULL. Do not call it from a command of the same interpreter. */
void interp_free(struct interp *in);
/* The heap of all values of this interpreter: value_text(interp_heap(in), ...). */
struct heap *interp_heap(struct interp *in);

/* ---- hooks and limits ---- */

struct interp_hooks {
	void *data;
	/* For puts; channel is "stdout" or "stderr". NULL: output is discarded. */
	int (*write)(struct interp *in, void *data, const char *channel, const char *bytes,
	    size_t n);
	/* For after: waits, and runs the program's loop meanwhile. NULL: after fails. */
	int (*wait)(struct interp *in, void *data, int64_t msec);
	/* For source: returns the bytes of a file. NULL: source fails. */
	int (*load)(struct interp *in, void *data, struct value *path, struct value **ret_text);
	/* For exit: keeps the status and calls interp_stop(). NULL: exit fails. */
	int (*exit)(struct interp *in, void *data, int status);
	/* Waits until fd is readable (writable), and runs the program's loop meanwhile; TCL_ERROR stops the
	 * script. NULL: read(2) and write(2) block. */
	int (*ready)(struct interp *in, void *data, int fd, bool write);
	/* For exec: waits until a program ends; *ret_status is that of waitpid(2). ret_status NULL: does not
	 * wait, but the program must be reaped. NULL: exec fails. */
	int (*reap)(struct interp *in, void *data, pid_t pid, int *ret_status);
	/* Returns the name of an errno value ("ENOENT") for -errorcode. NULL: each is "E?". */
	const char *(*errno_name)(int number);
};

void interp_set_hooks(struct interp *in, const struct interp_hooks *hooks);
/* Returns the data of the hooks. */
void *interp_owner(const struct interp *in);

/* What a script may do besides computing and calling hooks; by default nothing. The commands exist and fail
 * with the name of the option: "open: not allowed without --allow-files". */
enum { INTERP_FILES = 1, INTERP_EXEC = 2 };
void interp_allow(struct interp *in, unsigned what);
/* Sets the descriptor of the channel stdin, for gets and read; -1, the default: no such channel. */
void interp_set_stdin(struct interp *in, int fd);
/* Closes a channel; for an embedding program whose own command close replaces that of the language. */
int interp_close_channel(struct interp *in, struct value *name);
/* Closes all channels; TCL_ERROR with the result where bytes could not be written. interp_free() does it, too. */
int interp_close_channels(struct interp *in);
/* Sets the global array env from NAME=VALUE strings and a NULL. Programs get its elements. */
void interp_set_env(struct interp *in, char *const *env);
/* Sets what programs get: names that env does not have (borrowed; NULL: nothing), their output. */
void interp_set_programs(struct interp *in, char *const *env, int out);

/* Sets the functions for regular expressions; without them regexp, regsub and switch -regexp fail. ops must
 * outlive the interpreter. */
void interp_set_regex(struct interp *in, const struct regex_ops *ops);

/* Sets a function that is called at least every few thousand commands or rounds of a loop. A value other than
 * 0 stops the script as interp_stop() does. It must not run scripts. */
void interp_set_poll(struct interp *in, int (*poll)(struct interp *in, void *data), void *data);

/* Ends every running evaluation with TCL_ERROR and this message; catch and try do not catch it, finally
 * clauses do not run. Hooks and commands may call it. The state ends when the outermost evaluation returns. */
void interp_stop(struct interp *in, const char *message);
bool interp_stopped(struct interp *in);

/* Limits nested calls (default 1000) and bytes of C stack (default 6 MiB, or what the process has): "too many
 * nested evaluations (infinite loop?)". */
void interp_limit_depth(struct interp *in, int calls, size_t stack);
/* Limits the bytes of all values (default 1 GiB); beyond it "memory limit exceeded" stops the script. */
void interp_limit_memory(struct interp *in, size_t bytes);

/* ---- running scripts ---- */

/* Evaluates text at the current level: the global one, or that of the running procedure. file (may be NULL)
 * and line say where it begins, for errors. */
int interp_eval(struct interp *in, const char *text, size_t n, const char *file, unsigned line);
/* Evaluates a value, which keeps its parsed form for the next time. */
int interp_eval_value(struct interp *in, struct value *script);
/* Evaluates at global level, for callbacks of an event loop. Calls done (may be NULL), then restores the
 * result and error of the evaluation that waits. */
int interp_callback(struct interp *in, struct value *script,
    void (*done)(struct interp *in, void *data, int code), void *data);
/* The state of one of several evaluations that take turns, each on a C stack of its own. A new one is at
 * global level. Free it only when no evaluation runs in it. */
struct interp_state;
/* stack: the bytes of C stack that scripts may use; 0: as the process. NULL: out of memory. */
struct interp_state *interp_state_new(struct interp *in, size_t stack);
void interp_state_free(struct interp *in, struct interp_state *t);
void interp_state_switch(struct interp *in, struct interp_state *from, struct interp_state *to);
/* Turns the code of a whole script into TCL_OK or TCL_ERROR as tclsh does: return is no error unless it has
 * another -code; break, continue and other codes are errors. */
int interp_conclude(struct interp *in, int code);
/* Returns false while a brace, bracket or quote is open, or the text ends in a backslash and newline. */
bool interp_is_complete(struct interp *in, const char *text, size_t n);
/* Returns the length of the complete commands at the beginning of text, which ends with a newline. */
size_t interp_whole_commands(struct interp *in, const char *text, size_t n);
/* Evaluates an expression; the result is interp_result(). */
int interp_expr(struct interp *in, struct value *text);
int interp_expr_bool(struct interp *in, struct value *text, bool *ret_truth);

#endif
