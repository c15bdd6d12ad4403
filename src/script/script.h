/*
 * A script that talks: the language of src/tcl with sockets in it. One script
 * is one interpreter with its handles; commands of it wait on the program's one
 * loop, where callbacks run meanwhile.
 *
 * Errors are two things that become each other: a struct error of the layers
 * below is an error of the language with an -errorcode (script_fail), and what
 * no try or catch held up is a struct error with an exit status (script_run).
 */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"

struct error;
struct interp;
struct interp_command;
struct log;
struct loop;
struct script;
struct value;

struct script_how {
	struct loop *loop;
	const struct log *log;
	/* puts: written completely before the command ends, without a buffer. -1: none,
	 * and writing is an error. Not closed here. */
	int out_fd, err_fd;
	/* exec; files and directories: off by default. Without files, `source` still has what lies
	 * below folder, an absolute path without links; NULL: nothing. */
	bool allow_exec, allow_files;
	const char *folder;
	/* NAME=VALUE, a NULL at the end: what the array env holds, and what programs get; NULL: none */
	char *const *env;
	char *const *program_env;
	/* Whether a descriptor may be named by its number; NULL: any */
	bool (*has_fd)(int fd);
	/* It is a socket of the script now, and its number no longer anybody's to name; may be NULL */
	void (*took_fd)(int fd);
	/* What data commands sent ('>') and gave to the script ('<'); may be NULL. It may
	 * not run scripts. */
	void (*traffic)(void *arg, const char *handle, char direction, const char *bytes, size_t n);
	void *arg;
};

/* With the language's own commands and all of this room. how is copied; what it
 * points to must outlive the script. */
int script_open(struct script **ret_script, const struct script_how *how, struct error *e);

/* After the last command: ends the bodies of servers, and closes the sockets. -1 with the first
 * that could not send everything; only script_close may follow. */
int script_finish(struct script *sc, struct error *e);

/* Closes every handle, then the interpreter. NULL is fine. Not from within a
 * command or callback of its own. */
void script_close(struct script *sc);

struct interp *script_interp(struct script *sc);
/* The other way round, for commands. */
struct script *script_of(struct interp *in);
const struct script_how *script_how(const struct script *sc);

/* Sets argv0, argv and argc. */
void script_set_args(struct script *sc, const char *name, int argc, char *const *argv);

/* A script that runs longer ends with ERROR_TIMEOUT, in a wait or a loop of its
 * own; nothing in it can hold that up. Never: no limit. Counts until it is set anew. */
int script_set_deadline(struct script *sc, struct deadline until, struct error *e);

/* Runs a text from line `line` of `file` ("-c", "stdin") on, at global level.
 * 0: done, *ret_status is what `exit` said, or 0, and *ret_left (may be NULL)
 * whether it said anything. -1: text is "file:line: message", code is that of
 * -errorcode: expect 4, timeout 124, ... (cli.md), usage for mistakes in the
 * script itself; ERROR_SIGNAL where the loop was interrupted, which the caller
 * clears. The result is interp_result(). */
int script_run(struct script *sc, const char *text, size_t n, const char *file, unsigned line,
    int *ret_status, bool *ret_left, struct error *e);

/* True where a signal or the deadline stopped what ran last, and as which error. */
bool script_was_stopped(const struct script *sc, struct error *ret_error);

/* What a callback could not tell anyone, as an error in the body of `server`:
 * true and the first one since the last call. script_run fails with it where
 * nothing else did. */
bool script_take_background(struct script *sc, struct error *ret_error);

/* Notes such an error, if none is: what failed, or NULL where the text says so. */
void script_note_background(struct script *sc, const char *what, const struct error *e);

/* ---- for the commands of this room ---- */

/* e as an error of the language: message, and -errorcode
 *	POSIX ECONNREFUSED {Connection refused}
 *	USOCK timeout ETIMEDOUT {Connection timed out}
 *	USOCK gai EAI_NONAME -2
 *	USOCK tls truncated, USOCK tls -9984
 *	USOCK usage, USOCK tls, ... (error_word) where there is no number.
 * ERROR_SIGNAL stops the script. Returns TCL_ERROR. */
int script_fail(struct interp *in, const struct error *e);

/* The same with "word number" behind the -errorcode: what a call that failed had
 * done already ("sent 4096", "held 2"). */
int script_fail_with(struct interp *in, const struct error *e, const char *word, int64_t number);

/* What the error of in means to the outside. */
void script_error(struct script *sc, struct error *ret_error);

/* A duration as the command line takes it ("1.5", "250ms", "none"); TCL_ERROR
 * with the reason. Nanoseconds. */
int script_get_duration(struct interp *in, struct value *v, int64_t *ret_nsec);

/* The bytes as a word of a table; with a NUL in them it is empty, which no table has. */
const char *script_word(struct value *v);
/* The bytes as text without NUL, for names and paths; NULL with the error set. */
const char *script_get_text(struct interp *in, struct value *v, const char *what);

#endif
