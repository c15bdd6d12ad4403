/*
 * The script language: a strict subset of Tcl 8.6 over byte strings. A script
 * that uses no command of the embedding program gives the same result, return
 * code and error message in tclsh(1), where its system encoding is ISO 8859-1.
 * Its differences, on purpose, are in docs/language.md.
 *
 * Nothing here prints, waits or exits: the embedding program gives hooks. An
 * interpreter belongs to one thread.
 */
#ifndef TCL_INTERP_H
#define TCL_INTERP_H

#include <sys/types.h>

#include "tcl/command.h"

struct regex_ops;

/* ---- life ---- */

/* With all core commands. NULL on out of memory. */
struct interp *interp_new(void);
/* Accepts NULL; not from within a command of its own. */
void interp_free(struct interp *in);
/* What the values of this interpreter are made from: value_text(interp_heap(in), ...). */
struct heap *interp_heap(struct interp *in);

/* ---- hooks and limits ---- */

struct interp_hooks {
	void *data;
	/* puts. channel is "stdout" or "stderr". NULL: output is dropped. */
	int (*put)(struct interp *in, void *data, const char *channel, const char *bytes, size_t n);
	/* after MS: waits that long, running the program's loop meanwhile. NULL: no such command. */
	int (*wait)(struct interp *in, void *data, int64_t msec);
	/* The bytes of a file for "source". NULL: no such command. */
	int (*load)(struct interp *in, void *data, struct value *path, struct value **ret_text);
	/* exit: normally notes the status and calls interp_stop(). NULL: no such command. */
	int (*leave)(struct interp *in, void *data, int status);
	/* Waits until fd can be read (written), running the program's loop meanwhile; TCL_ERROR: the script
	 * is to stop. NULL: reading and writing wait by themselves. */
	int (*ready)(struct interp *in, void *data, int fd, bool write);
	/* Waits for the end of a program of exec; *ret_status as of waitpid(2). ret_status NULL: nobody
	 * waits, but it shall be reaped. NULL: no exec. */
	int (*reap)(struct interp *in, void *data, pid_t pid, int *ret_status);
	/* "ENOENT", for -errorcode. NULL: all are "E?". */
	const char *(*errno_name)(int number);
};

void interp_set_hooks(struct interp *in, const struct interp_hooks *hooks);
/* The data of the hooks: what the interpreter belongs to. */
void *interp_owner(const struct interp *in);

/* What a script may do beyond computing and its hooks; by default nothing of it. Its commands are there, and
 * fail with the name of the option: "open: not allowed without --allow-files". */
enum { INTERP_FILES = 1, INTERP_EXEC = 2 };
void interp_allow(struct interp *in, unsigned what);
/* The descriptor of the channel stdin, for gets and read; -1: there is none, as at the beginning. */
void interp_set_stdin(struct interp *in, int fd);
/* close of a file that open has given, for an embedding program with a command of that name. */
int interp_close_channel(struct interp *in, struct value *name);
/* Sets the global array env: NAME=VALUE, a NULL at the end. Programs get what is in it. */
void interp_set_env(struct interp *in, char *const *env);
/* What programs get besides, where the array has nothing of that name. Borrowed; NULL: nothing. */
void interp_set_program_env(struct interp *in, char *const *env);

/* The regular expression module (regex.h); without it regexp, regsub and switch -regexp fail.
 * ops must outlive the interpreter. */
void interp_set_regex(struct interp *in, const struct regex_ops *ops);

/* Called at least every few thousand commands, and loop rounds without a command. A
 * return other than 0 stops the script as interp_stop() does. It may not run scripts. */
void interp_set_poll(struct interp *in, int (*poll)(struct interp *in, void *data), void *data);

/* Makes every evaluation that is going on end with TCL_ERROR and this message, which no
 * catch or try holds up; finally clauses do not run. Safe in a hook or a command. The state
 * ends when the outermost evaluation returns. */
void interp_stop(struct interp *in, const char *message);
bool interp_stopped(struct interp *in);

/* Nested calls of procedures, 1000 by default, and bytes of C stack, 6 MiB or what the
 * process has of it by default:
 * "too many nested evaluations (infinite loop?)". */
void interp_limit_depth(struct interp *in, int calls, size_t stack);
/* Bytes that values may take, by default 1 GiB: "memory limit exceeded"; stops the script. */
void interp_limit_memory(struct interp *in, size_t bytes);

/* ---- running scripts ---- */

/* Evaluates at the current level of calls: the global one unless a procedure runs. file (may be
 * NULL) and line say where the text comes from, for errors. */
int interp_eval(struct interp *in, const char *text, size_t n, const char *file, unsigned line);
/* The same of a value, which keeps its parsed form for the next time. */
int interp_eval_value(struct interp *in, struct value *script);
/* At global level, whatever runs: for callbacks out of an event loop during a wait. The result and
 * error state of who waits are kept; the outcome is given to done (may be NULL) before that. */
int interp_callback(struct interp *in, struct value *script,
    void (*done)(struct interp *in, void *data, int code), void *data);
/* Evaluations that take turns, each on a C stack of its own and each waiting while the others
 * run: what one of them has is put aside, and that of another taken up. A new one is at global
 * level and has nothing. Freed only when nothing runs in it. */
struct interp_turn;
/* stack: bytes that scripts may use of it, 0 for that of the process. NULL: out of memory. */
struct interp_turn *interp_turn_new(struct interp *in, size_t stack);
void interp_turn_free(struct interp *in, struct interp_turn *t);
void interp_turn_change(struct interp *in, struct interp_turn *from, struct interp_turn *to);
/* What the code of a whole script means: a return ends it well, unless it has another -code; a break, a continue
 * and other codes are errors, as for tclsh. TCL_OK or TCL_ERROR. */
int interp_conclude(struct interp *in, int code);
/* Whether text is whole commands: false while a brace, bracket or quote is open, or a line ends in \. */
bool interp_is_complete(struct interp *in, const char *text, size_t n);
/* The length of the whole commands that text begins with, for who reads a script as it comes.
 * text ends behind a line. */
size_t interp_whole_commands(struct interp *in, const char *text, size_t n);
/* A text-wise expression, as expr: the result is interp_result(). */
int interp_expr(struct interp *in, struct value *text);
int interp_expr_bool(struct interp *in, struct value *text, bool *ret_truth);

#endif
