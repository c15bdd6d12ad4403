/*
 * Strict parsers for command-line values: numbers, ports, durations, sizes, escapes. Each
 * consumes the whole text, or returns -1 with ERROR_USAGE and a text that says what is wrong,
 * such as "'080x' is not a port number (0-65535)"; the caller adds the option as a prefix. An
 * output is set on success only.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

/* Parses a decimal or 0x hexadecimal number with min <= value <= max. A leading '-' is allowed;
 * blanks, '+' and leading zeros are not. */
int parse_int(const char *text, int64_t min, int64_t max, int64_t *ret_value, struct error *e);

/* Parses yes/no, on/off, true/false, 1/0. */
int parse_bool(const char *text, bool *ret_value, struct error *e);

/* Parses a decimal port, 0-65535, without sign, blank or leading zero. Service names are
 * handled in net/endpoint. */
int parse_port(const char *text, uint16_t *ret_port, struct error *e);

/* Parses "LO-HI" with LO <= HI, or a single port. */
int parse_port_range(const char *text, uint16_t *ret_lo, uint16_t *ret_hi, struct error *e);

/* Parses `1.5` `250ms` `2s` `3m` `1h` `10us` into nanoseconds; a bare number is seconds and
 * `none` is DURATION_NONE. A positive value never becomes 0. */
int parse_duration(const char *text, int64_t *ret_ns, struct error *e);

/* Parses `4096` `64k` `64KiB` `1M` `2G` (powers of 1024) and `64kB` `1MB` (powers of 1000) into
 * bytes; `1.5M` is allowed when the result is whole. */
int parse_size(const char *text, uint64_t *ret_bytes, struct error *e);

/* Returns true for '0' to '9', in every locale. */
bool parse_is_digit(char c);

/* Returns the value of a hexadecimal digit, or -1. */
int parse_hex_digit(char c);

/* Appends the bytes of hexadecimal pairs to out; blanks and ':' are allowed between pairs.
 * Leaves out unchanged on failure. */
int parse_hex(const char *text, struct buf *out, struct error *e);

/* Returns the word with the smallest edit distance to `word`, for "did you mean"; NULL when
 * none is close. */
const char *parse_nearest(const char *word, const char *const *words, size_t n);

#endif
