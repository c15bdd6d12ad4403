/*
 * Numbers with units for people, one notation everywhere: "20.0 MiB", "20.0 MiB/s", "0.04 ms".
 */
#ifndef CLI_OUTPUT_TABLE_UNITS_H
#define CLI_OUTPUT_TABLE_UNITS_H

#include <stdint.h>

enum { UNITS_TEXT_MAX = 32 };

/* Each writes to text and returns it. */

/* "512 B", "20.0 MiB"; steps of 1024. */
const char *units_size(double bytes, char text[UNITS_TEXT_MAX]);

/* "512 B/s", "20.0 MiB/s". */
const char *units_rate(double bytes_per_second, char text[UNITS_TEXT_MAX]);

/* "0.04 ms" below a second, "59.8 s" below ten minutes, then "12 min", "3.5 h". */
const char *units_time(int64_t nsec, char text[UNITS_TEXT_MAX]);

#endif
