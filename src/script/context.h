/*
 * The running script, as its commands see it.
 */
#ifndef SCRIPT_CONTEXT_H
#define SCRIPT_CONTEXT_H

#include <stdbool.h>

struct endpoint;
struct error;
struct interp;
struct interp_command;
struct script;
struct script_how;
struct sock;

struct interp *script_interp(struct script *sc);
struct script *script_of(struct interp *in);
const struct script_how *script_how(const struct script *sc);

/* Adds all rows of a table; the last row has no name. The script is the data of the commands. */
void script_add_commands(struct script *sc, const struct interp_command *rows);

/* Calls sock_adopt() for a descriptor that the script may name; for any other it fails with EBADF. */
int script_adopt(struct script *sc, int fd, struct sock **ret_sock, struct error *e);

/* ERROR_USAGE where ep is a serial line: that is a file, and the script may use none. */
int script_check_endpoint(const struct script *sc, const struct endpoint *ep, struct error *e);

/* Stops the script for this reason; the script cannot catch this. Returns TCL_ERROR. */
int script_stop(struct script *sc, const struct error *e);

/* Returns whether a signal or the deadline stopped the last run, and if so sets the error. */
bool script_was_stopped(const struct script *sc, struct error *ret_error);

/* Records an error of a callback, which no command can report: script_run() then fails with it, unless it
 * fails anyway. Only the first error is kept. what (may be NULL) becomes its prefix. */
void script_note_background(struct script *sc, const char *what, const struct error *e);

/* Returns and clears the recorded error; false where there is none. */
bool script_take_background(struct script *sc, struct error *ret_error);

#endif
