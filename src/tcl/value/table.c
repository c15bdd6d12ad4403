#include "tcl/value/table.h"

#include <string.h>

enum { FIRST_SIZE = 4, LOAD = 3 };

void
table_init(struct table *t, struct heap *h)
{
	t->buckets = NULL;
	t->count = 0;
	t->size = 0;
	t->heap = h;
}

void
table_fini(struct table *t)
{
	heap_release(t->heap, t->buckets, t->size * sizeof(struct table_entry *));
	table_init(t, t->heap);
}

/* Hashes the UTF-8 form that Tcl uses internally, so that the order is that of tclsh for every byte. */
unsigned
table_hash(const char *key, size_t n)
{
	unsigned hash = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned c = (unsigned char)key[i];

		if (c == 0 || c >= 0x80) {
			hash += (hash << 3) + (0xc0 | c >> 6);
			c = 0x80 | (c & 0x3f);
		}
		hash += (hash << 3) + c;
	}
	return hash;
}

struct table_entry *
table_find(const struct table *t, const char *key, size_t n)
{
	struct table_entry *entry;
	unsigned hash;

	if (t->count == 0)
		return NULL;
	hash = table_hash(key, n);
	for (entry = t->buckets[hash & (t->size - 1)]; entry != NULL; entry = entry->next) {
		if (entry->hash == hash && entry->key->len == n &&
		    memcmp(entry->key->bytes, key, n) == 0)
			return entry;
	}
	return NULL;
}

static void
link_entry(struct table_entry **buckets, unsigned size, struct table_entry *entry)
{
	struct table_entry **bucket = &buckets[entry->hash & (size - 1)];

	entry->next = *bucket;
	*bucket = entry;
}

static void
resize(struct table *t, unsigned size)
{
	struct table_entry **buckets =
	    heap_resize(t->heap, NULL, 0, size * sizeof(struct table_entry *));
	struct table_entry *entry;

	if (buckets == NULL)
		return;
	memset(buckets, 0, size * sizeof(struct table_entry *));
	for (unsigned i = 0; i < t->size; i++) {
		while ((entry = t->buckets[i]) != NULL) {
			t->buckets[i] = entry->next;
			link_entry(buckets, size, entry);
		}
	}
	heap_release(t->heap, t->buckets, t->size * sizeof(struct table_entry *));
	t->buckets = buckets;
	t->size = size;
}

void
table_insert(struct table *t, struct table_entry *entry, struct value *key)
{
	size_t n;
	const char *bytes = value_bytes(key, &n);

	if (t->size == 0)
		resize(t, FIRST_SIZE);
	entry->key = value_ref(key);
	entry->hash = table_hash(bytes, n);
	link_entry(t->buckets, t->size, entry);
	if (++t->count >= t->size * LOAD)
		resize(t, t->size * 4);
}

void
table_remove(struct table *t, struct table_entry *entry)
{
	struct table_entry **at = &t->buckets[entry->hash & (t->size - 1)];

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	t->count--;
	value_unref(entry->key);
	entry->key = NULL;
}

struct table_entry *
table_next(const struct table *t, const struct table_entry *entry)
{
	unsigned i = 0;

	if (entry != NULL && entry->next != NULL)
		return entry->next;
	if (entry != NULL)
		i = (entry->hash & (t->size - 1)) + 1;
	return table_left(t, &i);
}

struct table_entry *
table_left(const struct table *t, unsigned *at)
{
	while (*at < t->size && t->buckets[*at] == NULL)
		++*at;
	return *at < t->size ? t->buckets[*at] : NULL;
}
