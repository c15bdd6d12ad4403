/* Dictionaries: keys in the order of insertion, and a hash index. */
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
	unsigned count;      /* entries without removed ones */
	unsigned used, size; /* of entries, with removed ones */
	unsigned index_size; /* a power of two, 0 while there is none */
	struct dict_entry *entries;
	unsigned *index; /* the number of an entry plus 1; 0: free */
};

struct dict *dict_new(struct heap *h);
static inline void
dict_ref(struct dict *d)
{
	d->refs++;
}
void dict_unref(struct heap *h, struct dict *d);

/* Borrowed; NULL: no such key. */
struct value *dict_get(const struct dict *d, struct value *key);
/* References key and value. d must have a single reference. */
void dict_set(struct heap *h, struct dict *d, struct value *key, struct value *value);
bool dict_remove(struct dict *d, struct value *key);
/* Returns the slot of the value, which the caller may change; NULL: no such key. */
struct value **dict_slot(struct dict *d, struct value *key);

/* Returns the number of the first entry at or after i; d->used at the end. */
static inline unsigned
dict_next(const struct dict *d, unsigned i)
{
	while (i < d->used && d->entries[i].key == NULL)
		i++;
	return i;
}

struct value *value_from_dict(struct heap *h, struct dict *d);
/* Returns the dictionary form, borrowed; NULL with *err set where v is not a dictionary. */
struct dict *value_to_dict(struct value *v, struct list_error *err);
/* Makes the dictionary of v, which has a single reference, changeable: a single reference, no bytes. */
struct dict *value_dict_own(struct value *v);

/* For struct value_form. */
void dict_free(struct value *v);
void dict_print(struct value *out);

#endif
