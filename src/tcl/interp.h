/*
 * The script language: a strict subset of Tcl 8.6 over byte strings. A script
 * that uses no command of the embedding program gives the same result, return
 * code and error message in tclsh(1), where its system encoding is ISO 8859-1.
 *
 * Differences, on purpose: no namespaces (but "::name" is a global), packages,
 * interpreters, coroutines, traces or rename; files and programs only where
 * they are allowed; integers have 64
 * bits, and what does not fit is an error ("integer value too large to
 * represent"); regular expressions are PCRE2's.
 *
 * Nothing here prints, waits or exits: the embedding program gives hooks. An
 * interpreter belongs to one thread.
 */
#ifndef TCL_INTERP_H
#define TCL_INTERP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tcl/value/value.h"

struct interp;
struct regex_ops;

/* How a command ended. Every command and evaluation returns one of these, or any
 * other number that a script asked for with "return -code". */
enum { TCL_OK, TCL_ERROR, TCL_RETURN, TCL_BREAK, TCL_CONTINUE };

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

/* ---- commands ---- */

/* argv[0] is the name. Borrowed; alive during the call. The result is empty unless set. */
struct interp_command {
	const char *name;
	int (*run)(struct interp *in, void *data, int argc, struct value *const argv[]);
	int min, max;      /* arguments behind the name; max -1: any number */
	const char *usage; /* "varName ?newValue?": wrong # args is answered without a call */
};

/* Adds or replaces; row is copied, its strings must stay. destroy (may be NULL) is called with data
 * when the command is replaced, deleted, or its interpreter freed; never while it runs. */
void interp_add(struct interp *in, const struct interp_command *row, void *data,
    void (*destroy)(void *data));
/* The same under a name made at run time, which is copied. */
void interp_add_named(struct interp *in, const char *name, const struct interp_command *row,
    void *data, void (*destroy)(void *data));
/* False where there is no such command. Procedures and core commands too. */
bool interp_delete(struct interp *in, const char *name);
bool interp_has(struct interp *in, const char *name);

/* ---- results and errors, for commands ---- */

/* Takes the reference. */
void interp_set_result(struct interp *in, struct value *v);
/* TCL_OK with that result: return interp_return_int(in, 7). */
int interp_return(struct interp *in, struct value *v);
int interp_return_int(struct interp *in, int64_t number);
int interp_return_text(struct interp *in, const void *bytes, size_t n);
/* Borrowed until the next evaluation. */
struct value *interp_result(struct interp *in);

/* Sets the message and returns TCL_ERROR. code is the beginning of -errorcode, words of a list
 * ("TCL LOOKUP INDEX"), NULL for NONE; detail, NULL or one more word of it. In fmt %v is a value,
 * %s a string, %d an int, %l an int64_t, %c a character, %% a percent sign. */
int interp_fail(struct interp *in, const char *code, struct value *detail, const char *fmt, ...);
/* -errorcode as a list value instead. Both are taken. */
int interp_fail_with(struct interp *in, struct value *code, struct value *message);
/* wrong # args: should be "<the first n of argv> usage" */
int interp_wrong_args(struct interp *in, int n, struct value *const argv[], const char *usage);

/* Of the last error: its -errorcode, its -errorinfo (message and chain of calls), and where it
 * happened ("file:line", or "" if unknown). Borrowed. */
struct value *interp_errorcode(struct interp *in);
struct value *interp_errorinfo(struct interp *in);
const char *interp_errorplace(struct interp *in);

/* Where the command that is being run is written; file "" and line 0 where unknown. */
const char *interp_file(struct interp *in);
unsigned interp_line(struct interp *in);

/* Readers of arguments: TCL_OK or TCL_ERROR with tclsh's message. */
int interp_get_int(struct interp *in, struct value *v, int64_t *ret_number);
int interp_get_double(struct interp *in, struct value *v, double *ret_real);
int interp_get_bool(struct interp *in, struct value *v, bool *ret_truth);
/* Items are borrowed as long as v lives and is not changed. */
int interp_get_list(struct interp *in, struct value *v, size_t *ret_n,
    struct value *const **ret_items);
/* A word, or a unique beginning of one, of a NULL-terminated table. what: "option", "mode" …:
 * bad option "x": must be a, b, or c */
int interp_get_word(struct interp *in, struct value *v, const char *const *words, const char *what,
    int *ret_index);
/* Sub-commands: runs the row that argv[1] names, with argv and argc of the whole command; min and
 * max count behind the sub-command. The last row has no name; a row without run only takes part in
 * the message. */
int interp_run_row(struct interp *in, void *data, int argc, struct value *const argv[],
    const struct interp_command *rows);

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

/* ---- variables, at the current level; "a(x)" is an element ---- */

/* Borrowed; NULL where it does not exist, without an error. */
struct value *interp_get_var(struct interp *in, const char *name);
/* Takes the reference. TCL_ERROR where name cannot be set (an array). */
int interp_set_var(struct interp *in, const char *name, struct value *v);
/* The same with the name as a script gave it, with tclsh's errors. get is borrowed. */
struct value *interp_read(struct interp *in, struct value *name);
int interp_write(struct interp *in, struct value *name, struct value *v);

/* ---- names, for completion and help ---- */

/* Calls each with the names of all commands or variables of the current level that begin with prefix, in no order. */
void interp_each_command(struct interp *in, const char *prefix,
    void (*each)(void *data, const char *name), void *data);
void interp_each_var(struct interp *in, const char *prefix,
    void (*each)(void *data, const char *name), void *data);

#endif
