/* Numbers as Tcl writes them. */
#ifndef TCL_VALUE_NUMBER_H
#define TCL_VALUE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_kind {
	NUMBER_NONE,
	NUMBER_INT,
	NUMBER_DOUBLE,
	NUMBER_BIG,   /* an integer of more than 64 bits */
	NUMBER_OCTAL, /* not a number: 0 and digits that are not all octal */
};

struct number {
	enum number_kind kind;
	int64_t i;
	double d; /* also of NUMBER_BIG */
	bool negative;
	size_t taken; /* number_scan(): the number of bytes */
};

/* Reads all of bytes[0..n), with white space around a number; bytes[n] must be NUL. */
struct number number_parse(const char *bytes, size_t n);
/* Reads the longest number at the beginning, without white space; taken is 0 where there is none. */
struct number number_scan(const char *bytes, size_t n);
/* Reads the longest decimal number at the beginning; returns its length, 0: none. */
size_t number_scan_real(const char *bytes, size_t n, double *ret_d);
/* Reads at most n digits of that base; returns their number. *ret_big: the value does not fit and is
 * UINT64_MAX. */
size_t number_digits(const char *bytes, size_t n, unsigned base, uint64_t *ret_value,
    bool *ret_big);

/* Writes the shortest text that reads back as d, with a point or an exponent, or Inf or NaN; returns its
 * length. */
size_t number_print_double(double d, char text[32]);
size_t number_print_int(int64_t i, char text[32]);

/* Reads yes, no, on, off, true, false or a unique prefix, in any case; -1: none of these. */
int number_bool_word(const char *bytes, size_t n);

/* Keeps the low 32 bits, as tclsh does for an int; false below -(2^32 - 1) and above 2^32 - 1. */
bool number_narrow(int64_t *number);

bool number_is_blank(char c);

#endif
