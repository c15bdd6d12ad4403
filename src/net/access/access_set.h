/*
 * The addresses, users, groups and names of one access list. A look-up takes the time of a binary
 * search.
 */
#ifndef NET_ACCESS_ACCESS_SET_H
#define NET_ACCESS_ACCESS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/access/access_entry.h"

struct error;

struct access_set {
	struct buf ranges; /* struct access_range: sorted, and apart from each other when sealed */
	struct buf scoped; /* struct access_range with a scope */
	struct buf octets; /* struct octets */
	struct buf uids, gids; /* uint32_t */
	struct buf hosts;      /* names, each ended by a NUL */
};

void access_set_init(struct access_set *s);
void access_set_fini(struct access_set *s);

/* Add a member; ERROR_INTERNAL. */
int access_set_add_range(struct access_set *s, const struct access_range *r, struct error *e);
int access_set_add_octets(struct access_set *s, const struct octets *o, struct error *e);
int access_set_add_id(struct access_set *s, enum access_entry_kind kind, uint32_t id,
    struct error *e);
int access_set_add_host(struct access_set *s, const char *name, struct error *e);

/* Sorts the set. Call it after the last member is added, and before the look-ups. */
void access_set_seal(struct access_set *s);

/* address is a range of one address. A member without a scope matches in every scope. */
bool access_set_has_address(const struct access_set *s, const struct access_range *address);
bool access_set_has_id(const struct access_set *s, enum access_entry_kind kind, uint32_t id);
/* Ignores case, and a dot at the end. "*.example.org" matches the names below example.org, and not
 * that name. */
bool access_set_has_host(const struct access_set *s, const char *name);

#endif
