/*
 * Errors of C code as errors of the language, and back.
 */
#ifndef SCRIPT_ERROR_H
#define SCRIPT_ERROR_H

#include <stdint.h>

struct error;
struct interp;
struct script;

/* Sets e as the error of the interpreter: its text is the message, and -errorcode is
 *	POSIX ECONNREFUSED {Connection refused}
 *	USOCK timeout ETIMEDOUT {Connection timed out}
 *	USOCK gai EAI_NONAME -2
 *	USOCK tls truncated, USOCK tls -9984
 *	USOCK usage, USOCK tls, ... (error_word()) where e has no number.
 * ERROR_SIGNAL stops the script. Returns TCL_ERROR. */
int script_fail(struct interp *in, const struct error *e);

/* Does the same and appends "word number" to -errorcode: what the failed call had done before ("sent 4096",
 * "held 2"). */
int script_fail_with(struct interp *in, const struct error *e, const char *word, int64_t number);

/* Sets *ret_error to the error of the interpreter: the text is "file:line: message", the code follows
 * -errorcode. */
void script_error(struct script *sc, struct error *ret_error);

#endif
