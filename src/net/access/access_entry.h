/*
 * One entry of an access list, as people write it: an address, CIDR, a range of addresses, a user
 * or group, or a name of a host. Does not wait: names are looked up elsewhere.
 */
#ifndef NET_ACCESS_ACCESS_ENTRY_H
#define NET_ACCESS_ACCESS_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "net/access/octets.h"
#include "net/endpoint.h"

struct error;

/* Addresses of both families in one order: the family comes first. */
#define ACCESS_KEY_SIZE 17

struct access_key {
	unsigned char bytes[ACCESS_KEY_SIZE];
};

/* From lo to hi; scope is the number of an interface, 0: any. */
struct access_range {
	struct access_key lo, hi;
	uint32_t scope;
};

enum access_entry_kind { ACCESS_RANGE, ACCESS_OCTETS, ACCESS_UID, ACCESS_GID, ACCESS_HOST };

struct access_entry {
	enum access_entry_kind kind;
	struct access_range range;
	struct octets octets;
	/* UID, GID: the name, or the number. HOST: a name, or "*.DOMAIN" for all names below it */
	char name[ENDPOINT_HOST_MAX + 3];
};

/* Parses `10.0.0.1` `::1` `fe80::1%eth0` `10.0.0.0/8` `fe80::%eth0/10` `10.0.0.1-10.0.0.9`
 * `10.0-3.*.1,7-9` `uid:1000` `gid:NAME` `HOST` `*.DOMAIN`. An address may have brackets; v4-mapped ones are IPv4. Bits of an
 * address beyond the prefix are ignored. Returns 0, or -1 with ERROR_USAGE. */
int access_entry_parse(const char *text, struct access_entry *ret_entry, struct error *e);

/* Sets *ret_range to the one address of name, with its scope. Returns false for other families than
 * IPv4 and IPv6. */
bool access_range_of(const struct sockname *name, struct access_range *ret_range);

#endif
