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
	NUMBER_OCTAL, /* none, but 0 and digits that are not all octal */
};

struct number {
	enum number_kind kind;
	int64_t i;
	double d; /* of NUMBER_BIG too */
	bool negative;
	size_t taken; /* number_scan: bytes */
};

/* The whole of bytes[0..n), blanks around it allowed; bytes[n] is NUL. */
struct number number_parse(const char *bytes, size_t n);
/* The longest number at the beginning, without blanks; taken 0 where there is none. */
struct number number_scan(const char *bytes, size_t n);
/* The longest decimal number at the beginning, as a double; returns its bytes, 0: there is none. */
size_t number_scan_real(const char *bytes, size_t n, double *ret_d);
/* Digits of that base at the beginning, at most n; the value saturates, *ret_big says so. */
size_t number_digits(const char *bytes, size_t n, unsigned base, uint64_t *ret_value,
    bool *ret_big);

/* Shortest text that reads back as d, always with a point, exponent or Inf, NaN. */
size_t number_print_double(double d, char text[32]);
size_t number_print_int(int64_t i, char text[32]);

/* yes no on off true false and their unique beginnings, any case; no numbers. -1: none. */
int number_bool_word(const char *bytes, size_t n);

/* What tclsh makes of an integer in an int: false below -(2^32 - 1) and above 2^32 - 1, else the lower 32 bits. */
bool number_narrow(int64_t *number);

bool number_is_blank(char c);

#endif
