/*
 * Addresses of IPv4 by their octets: `192.168.0-3.1,7-9` `10.0.0.*` `10.0.0.128-`.
 */
#ifndef NET_ACCESS_OCTETS_H
#define NET_ACCESS_OCTETS_H

#include <stdbool.h>
#include <stdint.h>

struct error;

/* Which values each octet may have, as bits. */
struct octets {
	uint64_t allowed[4][4];
};

/* True for four parts of numbers, hyphens, commas and asterisks, and not numbers alone. */
bool octets_is_text(const char *text);

/* Parses a text of that form. A part is a list of numbers and ranges; a range without a start begins
 * at 0, and one without an end ends at 255; an asterisk is all. Returns 0, or -1 with ERROR_USAGE. */
int octets_parse(const char *text, struct octets *ret_octets, struct error *e);

/* address: 4 bytes in network order. */
bool octets_has(const struct octets *o, const unsigned char *address);

#endif
