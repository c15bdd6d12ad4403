#include "tcl/value/dict.h"

#include <string.h>

#include "tcl/value/table.h"

struct dict *
dict_new(struct heap *h)
{
	struct dict *d = heap_resize(h, NULL, 0, sizeof(*d));

	memset(d, 0, sizeof(*d));
	d->refs = 1;
	return d;
}

static void
drop_entry(struct dict_entry *entry)
{
	value_unref(entry->key);
	value_unref(entry->value);
	entry->key = entry->value = NULL;
}

void
dict_unref(struct heap *h, struct dict *d)
{
	if (--d->refs > 0)
		return;
	for (unsigned i = 0; i < d->used; i++)
		drop_entry(&d->entries[i]);
	heap_release(h, d->entries, d->size * sizeof(*d->entries));
	heap_release(h, d->index, d->index_size * sizeof(*d->index));
	heap_release(h, d, sizeof(*d));
}

void
dict_free(struct value *v)
{
	dict_unref(v->heap, v->as.dict);
}

/* The first place to probe. Multiplies, because names with consecutive numbers have adjacent hashes. */
static unsigned
first_place(const struct dict *d, unsigned hash)
{
	return (unsigned)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (d->index_size - 1);
}

/* Returns the place of the key in the index, or the free one for it. */
static unsigned
probe(const struct dict *d, const char *key, size_t n, unsigned hash)
{
	unsigned mask = d->index_size - 1, at = first_place(d, hash);

	while (d->index[at] != 0) {
		const struct dict_entry *entry = &d->entries[d->index[at] - 1];

		if (entry->key != NULL && entry->hash == hash && entry->key->len == n &&
		    memcmp(entry->key->bytes, key, n) == 0)
			break;
		at = (at + 1) & mask;
	}
	return at;
}

static struct dict_entry *
find_entry(const struct dict *d, struct value *key)
{
	size_t n;
	const char *bytes = value_bytes(key, &n);
	unsigned at;

	if (d->count == 0)
		return NULL;
	at = d->index[probe(d, bytes, n, table_hash(bytes, n))];
	return at == 0 ? NULL : &d->entries[at - 1];
}

static void
reindex(struct dict *d)
{
	unsigned mask = d->index_size - 1;

	memset(d->index, 0, d->index_size * sizeof(*d->index));
	for (unsigned i = 0; i < d->used; i++) {
		unsigned at = first_place(d, d->entries[i].hash);

		while (d->index[at] != 0)
			at = (at + 1) & mask;
		d->index[at] = i + 1;
	}
}

static void
compact(struct dict *d)
{
	unsigned to = 0;

	for (unsigned i = 0; i < d->used; i++) {
		if (d->entries[i].key != NULL)
			d->entries[to++] = d->entries[i];
	}
	d->used = to;
}

/* Makes room for an entry; false with a fault. */
static bool
grow_entries(struct heap *h, struct dict *d)
{
	unsigned size = d->size < 4 ? 4 : d->size * 2;
	struct dict_entry *entries;
	unsigned *index;

	if (d->used < d->size)
		return true;
	if (d->count < d->used / 2) {
		compact(d);
		reindex(d);
		return true;
	}
	entries = heap_resize(h, d->entries, d->size * sizeof(*entries), size * sizeof(*entries));
	if (entries == NULL)
		return false;
	d->entries = entries;
	index = heap_resize(h, d->index, d->index_size * sizeof(*index), size * 2 * sizeof(*index));
	if (index == NULL) {
		heap_release(h, NULL, 0);
		h->used -= (size - d->size) * sizeof(*entries);
		return false;
	}
	d->size = size;
	d->index = index;
	d->index_size = size * 2;
	compact(d);
	reindex(d);
	return true;
}

void
dict_set(struct heap *h, struct dict *d, struct value *key, struct value *value)
{
	size_t n;
	const char *bytes = value_bytes(key, &n);
	struct dict_entry *entry = find_entry(d, key);
	unsigned hash, at;

	value_ref(value);
	if (entry != NULL) {
		value_unref(entry->value);
		entry->value = value;
		return;
	}
	if (!grow_entries(h, d)) {
		value_unref(value);
		return;
	}
	hash = table_hash(bytes, n);
	at = probe(d, bytes, n, hash);
	d->entries[d->used] = (struct dict_entry){ value_ref(key), value, hash };
	d->index[at] = ++d->used;
	d->count++;
}

bool
dict_remove(struct dict *d, struct value *key)
{
	struct dict_entry *entry = find_entry(d, key);

	if (entry == NULL)
		return false;
	drop_entry(entry);
	d->count--;
	return true;
}

struct value *
dict_get(const struct dict *d, struct value *key)
{
	struct dict_entry *entry = find_entry(d, key);

	return entry == NULL ? NULL : entry->value;
}

struct value **
dict_slot(struct dict *d, struct value *key)
{
	struct dict_entry *entry = find_entry(d, key);

	return entry == NULL ? NULL : &entry->value;
}

/* ---- values ---- */

struct value *
value_from_dict(struct heap *h, struct dict *d)
{
	struct value *v = value_new(h);

	v->bytes = NULL;
	v->type = VALUE_DICT;
	v->as.dict = d;
	return v;
}

static struct dict *
from_list(struct heap *h, const struct list *l)
{
	struct dict *d = dict_new(h);

	for (size_t i = 0; i + 1 < l->n; i += 2) {
		dict_set(h, d, l->items[i], l->items[i + 1]);
		if (heap_work(h, 16)) {
			dict_unref(h, d);
			return NULL;
		}
	}
	return d;
}

struct dict *
value_to_dict(struct value *v, struct list_error *err)
{
	struct list *l;
	struct dict *d;

	if (v->type == VALUE_DICT)
		return v->as.dict;
	l = value_to_list(v, err);
	if (l == NULL)
		return NULL;
	if (l->n % 2 != 0) {
		if (err != NULL)
			*err = (struct list_error){ "TCL VALUE DICTIONARY",
				"missing value to go with key", NULL, 0 };
		return NULL;
	}
	d = from_list(v->heap, l);
	if (d == NULL) {
		if (err != NULL)
			*err = (struct list_error){ "TCL LIMIT STOP", "interrupted", NULL, 0 };
		return NULL;
	}
	/* a repeated key makes the dictionary shorter than the text, which stays */
	if (v->bytes == NULL && d->count * 2 == l->n) {
		list_unref(v->heap, l);
	} else {
		value_reset_type(v);
	}
	v->type = VALUE_DICT;
	v->as.dict = d;
	return d;
}

struct dict *
value_dict_own(struct value *v)
{
	struct dict *old = v->as.dict, *d;

	if (old->refs > 1) {
		d = dict_new(v->heap);
		for (unsigned i = dict_next(old, 0); i < old->used; i = dict_next(old, i + 1))
			dict_set(v->heap, d, old->entries[i].key, old->entries[i].value);
		old->refs--;
		v->as.dict = d;
	}
	value_drop_bytes(v);
	return v->as.dict;
}

void
dict_print(struct value *out)
{
	const struct dict *d = out->as.dict;
	bool first = true;

	for (unsigned i = dict_next(d, 0); i < d->used; i = dict_next(d, i + 1)) {
		if (!first)
			value_append_char(out, ' ');
		list_append_quoted(out, d->entries[i].key, first);
		value_append_char(out, ' ');
		list_append_quoted(out, d->entries[i].value, false);
		first = false;
	}
}
