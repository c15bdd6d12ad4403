/*
 * Strict readers for the small languages of the command line: numbers, ports,
 * durations, sizes, escapes. Each takes the whole text or fails with
 * ERROR_USAGE and a text that names what is wrong with it, in the form
 * "'080x' is not a port number (0-65535)"; the caller prefixes the option.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/* Decimal, or 0x hexadecimal; optional leading '-'; no blanks, no '+', no
 * leading zeros before another digit; min <= value <= max. */
int parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value, struct error *e);

/* yes/no on/off true/false 1/0 */
int parse_bool(const char *text, bool *ret_value, struct error *e);

/* Strictly decimal 0-65535: no sign, blank or leading zero. Services are
 * net/endpoint's business. */
int parse_port(const char *text, uint16_t *ret_port, struct error *e);

/* "LO-HI" or one port, LO <= HI. */
int parse_port_range(const char *text, uint16_t *ret_lo, uint16_t *ret_hi, struct error *e);

/* `1.5` `250ms` `2s` `3m` `1h` `10us`; bare is seconds; `0`; `none` gives
 * DURATION_NONE. Result in nanoseconds; a positive value never becomes 0. */
int parse_duration(const char *text, int64_t *ret_ns, struct error *e);

/* `4096` `64k` `64KiB` `1M` `2G` (1024) `64kB` `1MB` (1000); `1.5M` allowed
 * where it gives whole bytes. */
int parse_size(const char *text, uint64_t *ret_bytes, struct error *e);

/* \n \r \t \0 \\ \a \b \e \f \v \xHH \ooo; appends the bytes to out. */
int parse_escapes(const char *text, struct buf *out, struct error *e);

/* The value of a hexadecimal digit, -1 for other characters. */
int parse_hex_digit(char c);

/* An even number of hexadecimal digits, blanks and ':' between pairs allowed. */
int parse_hex(const char *text, struct buf *out, struct error *e);

/* The nearest of n candidate words to an unknown one (edit distance), or NULL
 * when none is near: for "did you mean". */
const char *parse_nearest(const char *word, const char *const *words, size_t n);

#endif
