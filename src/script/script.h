/*
 * A script: one interpreter of the language of src/tcl, with commands for sockets. This header is for the
 * program that runs scripts; commands use context.h, args.h, error.h and handle.h.
 *
 * A command of a script that waits runs the program's loop, so callbacks of the loop run meanwhile. An
 * interpreter and its loop belong to one thread.
 */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"

struct error;
struct log;
struct loop;
struct script;

struct script_how {
	struct loop *loop;
	const struct log *log;
	/* Where puts writes; it writes all bytes before it returns. -1: puts fails. The script does not close
	 * these descriptors. */
	int out_fd, err_fd;
	/* Whether exec, and the commands for files, are allowed. Without allow_files `source` still reads files
	 * below folder, an absolute path without symbolic links; NULL: it reads none. */
	bool allow_exec, allow_files;
	const char *folder;
	/* NAME=VALUE strings and a NULL: the array env, and the environment of programs. NULL: empty. */
	char *const *env;
	char *const *program_env;
	/* Returns whether the script may name this descriptor by number; NULL: it may name any. */
	bool (*has_fd)(int fd);
	/* Called when a socket of the script has taken this descriptor; the number is invalid from then on. May
	 * be NULL. */
	void (*took_fd)(int fd);
	/* Called with the bytes that a command sent ('>') or returned to the script ('<'). It must not run
	 * scripts. May be NULL. */
	void (*traffic)(void *arg, const char *handle, char direction, const char *bytes, size_t n);
	void *arg;
};

/* Makes a script with all commands. Copies *how; what its pointers refer to must outlive the script. */
int script_open(struct script **ret_script, const struct script_how *how, struct error *e);

/* Interrupts the bodies of servers and closes all sockets. Call it after the last script_run(); only
 * script_close() may follow. -1 with the first error of a socket that could not send all its bytes. */
int script_finish(struct script *sc, struct error *e);

/* Closes every handle and frees the interpreter. Accepts NULL. Do not call it from a command or a callback of
 * the same script. */
void script_close(struct script *sc);

/* Sets the variables argv0, argv and argc. Without memory the next script_run() fails. */
void script_set_args(struct script *sc, const char *name, int argc, char *const *argv);

/* Stops the script with ERROR_TIMEOUT at this time, while it waits or computes; the script cannot catch this.
 * The deadline stays until the next call; deadline_never() removes it. */
int script_set_deadline(struct script *sc, struct deadline until, struct error *e);

/*
 * Runs text at global level. file ("-c", "stdin") and line say where it begins, for messages. The result is
 * interp_result().
 *
 * 0: done. *ret_status is the argument of `exit`, or 0; *ret_exited (may be NULL) says whether the script
 * called exit.
 * -1: the text of e is "file:line: message". Its code follows -errorcode (expect 4, timeout 124, ..., usage for
 * mistakes in the script itself), or is ERROR_SIGNAL where the loop was interrupted: the caller clears that.
 */
int script_run(struct script *sc, const char *text, size_t n, const char *file, unsigned line,
    int *ret_status, bool *ret_exited, struct error *e);

#endif
