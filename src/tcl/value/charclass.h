/* The classes and cases of characters of ISO 8859-1: a byte is one. */
#ifndef TCL_VALUE_CHARCLASS_H
#define TCL_VALUE_CHARCLASS_H

#include <stdbool.h>

struct interp;
struct value;

enum charclass {
	CHARCLASS_ALNUM,
	CHARCLASS_ALPHA,
	CHARCLASS_ASCII,
	CHARCLASS_CONTROL,
	CHARCLASS_DIGIT,
	CHARCLASS_GRAPH,
	CHARCLASS_LOWER,
	CHARCLASS_PRINT,
	CHARCLASS_PUNCT,
	CHARCLASS_SPACE,
	CHARCLASS_UPPER,
	CHARCLASS_WORD,
	CHARCLASS_XDIGIT,
};

bool charclass_is(enum charclass class, char c);
char charclass_lower(char c);
/* A letter whose upper case is not a byte stays as it is. */
char charclass_upper(char c);

/* string is */
int charclass_string_is(struct interp *in, void *data, int argc, struct value *const argv[]);

#endif
