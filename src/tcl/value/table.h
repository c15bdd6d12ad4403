/* A hash table with names as keys. It is traversed in the order of Tcl's tables, so "array names" returns the
 * order of tclsh. */
#ifndef TCL_VALUE_TABLE_H
#define TCL_VALUE_TABLE_H

#include <stddef.h>

#include "tcl/value/value.h"

/* The first member of each stored structure. */
struct table_entry {
	struct table_entry *next;
	struct value *key;
	unsigned hash;
};

struct table {
	struct table_entry **buckets;
	unsigned count, size; /* of entries, of buckets */
	struct heap *heap;
};

void table_init(struct table *t, struct heap *h);
/* Frees the buckets. The caller must have removed all entries. */
void table_fini(struct table *t);
unsigned table_hash(const char *key, size_t n);
struct table_entry *table_find(const struct table *t, const char *key, size_t n);
/* References key, which must not be in the table. */
void table_insert(struct table *t, struct table_entry *entry, struct value *key);
/* Drops the reference to the key. */
void table_remove(struct table *t, struct table_entry *entry);
/* Returns the first entry for NULL, else the next; NULL at the end. To remove an entry, get its successor
 * first. */
struct table_entry *table_next(const struct table *t, const struct table_entry *entry);
/* Returns any remaining entry, for a caller that removes all, or NULL. *at is 0 at first. */
struct table_entry *table_left(const struct table *t, unsigned *at);

#endif
