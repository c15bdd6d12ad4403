/*
 * A hash table with names as keys, which is walked in the order in which
 * Tcl's tables are: "array names" gives the same order as tclsh.
 */
#ifndef TCL_VALUE_TABLE_H
#define TCL_VALUE_TABLE_H

#include <stddef.h>

#include "tcl/value/value.h"

/* First member of what is stored. */
struct table_entry {
	struct table_entry *next;
	struct value *key;
	unsigned hash;
};

struct table {
	struct table_entry **buckets;
	unsigned count, size; /* entries, buckets */
	struct heap *heap;
};

void table_init(struct table *t, struct heap *h);
/* Frees the buckets; the entries are the caller's, who removed them before. */
void table_fini(struct table *t);
unsigned table_hash(const char *key, size_t n);
struct table_entry *table_find(const struct table *t, const char *key, size_t n);
/* Entry, with its key referenced; not in the table yet. */
void table_insert(struct table *t, struct table_entry *entry, struct value *key);
/* Drops the key. */
void table_remove(struct table *t, struct table_entry *entry);
/* The first entry for NULL, the next one, NULL at the end. Removing the current one is allowed
 * where its successor was asked for before. */
struct table_entry *table_next(const struct table *t, const struct table_entry *entry);
/* For who removes all, one after the other: an entry that is left, or NULL. *at is 0 at first. */
struct table_entry *table_left(const struct table *t, unsigned *at);

#endif
