/* Dictionaries: keys in the order in which they were set, and a hash index. */
#ifndef TCL_VALUE_DICT_H
#define TCL_VALUE_DICT_H

#include "tcl/value/list.h"
#include "tcl/value/value.h"

struct dict_entry {
	struct value *key, *value; /* key NULL: removed */
	unsigned hash;
};

struct dict {
	unsigned refs;
	unsigned count;      /* entries that are there */
	unsigned used, size; /* of entries, removed ones included */
	unsigned index_size; /* a power of two, 0 while there is none */
	struct dict_entry *entries;
	unsigned *index; /* number of the entry + 1; 0 free */
};

struct dict *dict_new(struct heap *h);
static inline void
dict_ref(struct dict *d)
{
	d->refs++;
}
void dict_unref(struct heap *h, struct dict *d);

/* Borrowed; NULL where there is none. */
struct value *dict_get(const struct dict *d, struct value *key);
/* Both are referenced. d has a single reference. */
void dict_set(struct heap *h, struct dict *d, struct value *key, struct value *value);
bool dict_remove(struct dict *d, struct value *key);
/* The entry's value slot, to be changed in place. */
struct value **dict_slot(struct dict *d, struct value *key);

/* The number of the first entry at or after i; d->used at the end. */
static inline unsigned
dict_at(const struct dict *d, unsigned i)
{
	while (i < d->used && d->entries[i].key == NULL)
		i++;
	return i;
}

struct value *value_from_dict(struct heap *h, struct dict *d);
/* Borrowed: the dictionary form; NULL with *err where it has none. */
struct dict *value_to_dict(struct value *v, struct list_error *err);
/* v has a single reference and is a dictionary: with a single reference too, v's bytes dropped. */
struct dict *value_dict_own(struct value *v);

/* The form VALUE_DICT. */
void dict_free(struct value *v);
void dict_print(struct value *out);

#endif
