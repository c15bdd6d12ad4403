/*
 * Lines of a hexdump: an offset, bytes as two digits each, and the same bytes as ASCII:
 * "00000000  68 65 6c 6c 6f  |hello|".
 */
#ifndef BASE_HEXDUMP_H
#define BASE_HEXDUMP_H

#include <stddef.h>
#include <stdint.h>

enum { HEXDUMP_BYTES = 16, HEXDUMP_NARROW = 8, HEXDUMP_LEAST = 4, HEXDUMP_LINE_MAX = 112 };

/* Writes the line of n bytes, at most per_line, which is HEXDUMP_BYTES, HEXDUMP_NARROW or
 * HEXDUMP_LEAST. The columns of missing bytes are blank. Returns the length, without the NUL. */
size_t hexdump_line(char line[HEXDUMP_LINE_MAX], uint64_t offset, const void *data, size_t n,
    size_t per_line);

/* Returns the per_line whose lines fit into so many columns, at least HEXDUMP_LEAST. */
size_t hexdump_per_line(size_t columns);

#endif
