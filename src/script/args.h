/*
 * Readers of command arguments beyond those of tcl/interp.h.
 */
#ifndef SCRIPT_ARGS_H
#define SCRIPT_ARGS_H

#include <stdint.h>

struct interp;
struct value;

/* Reads a duration as the command line does ("1.5", "250ms", "none"), in nanoseconds. TCL_OK or TCL_ERROR. */
int script_get_duration(struct interp *in, struct value *v, int64_t *ret_nsec);

/* Returns the bytes as a C string, for a look-up in a table; "" where they contain a NUL byte. Borrowed from v. */
const char *script_word(struct value *v);

/* Returns the bytes as a C string, for names and paths; borrowed from v. NULL with the error set where they
 * contain a NUL byte; what names the argument in the message. */
const char *script_get_text(struct interp *in, struct value *v, const char *what);

#endif
