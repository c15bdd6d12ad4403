/*
 * Characters of ISO 8859-1, which a byte is: their classes and case.
 */
#ifndef TCL_VALUE_CHARCLASS_H
#define TCL_VALUE_CHARCLASS_H

#include <stdbool.h>

struct interp;
struct value;

enum chars_class {
	CHARS_ALNUM,
	CHARS_ALPHA,
	CHARS_ASCII,
	CHARS_CONTROL,
	CHARS_DIGIT,
	CHARS_GRAPH,
	CHARS_LOWER,
	CHARS_PRINT,
	CHARS_PUNCT,
	CHARS_SPACE,
	CHARS_UPPER,
	CHARS_WORD,
	CHARS_XDIGIT,
};

bool chars_is(enum chars_class class, char c);
char chars_lower(char c);
/* A letter whose capital is no byte stays as it is. */
char chars_upper(char c);

/* string is */
int chars_string_is(struct interp *in, void *data, int argc, struct value *const argv[]);

#endif
