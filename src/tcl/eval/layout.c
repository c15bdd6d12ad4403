#include "tcl/eval/frame.h"

struct layout *
layout_new(struct heap *h)
{
	struct layout *l = heap_resize(h, NULL, 0, sizeof(*l));

	l->refs = 1;
	l->n = 0;
	l->known = 0;
	table_init(&l->names, h);
	return l;
}

void
layout_unref(struct heap *h, struct layout *l)
{
	struct table_entry *entry;
	unsigned at = 0;

	if (l == NULL || --l->refs > 0)
		return;
	while ((entry = table_left(&l->names, &at)) != NULL) {
		table_remove(&l->names, entry);
		heap_release(h, entry, sizeof(struct layout_name));
	}
	table_fini(&l->names);
	heap_release(h, l, sizeof(*l));
}

void
layout_free(struct value *v)
{
	layout_unref(v->heap, v->as.layout);
}

long
layout_find(const struct layout *l, const char *name, size_t n)
{
	struct table_entry *entry = table_find(&l->names, name, n);

	return entry == NULL ? -1 : (long)((struct layout_name *)entry)->slot;
}

unsigned
layout_slot(struct heap *h, struct layout *l, struct value *name)
{
	size_t n;
	const char *bytes = value_bytes(name, &n);
	struct table_entry *found = table_find(&l->names, bytes, n);
	struct layout_name *entry;
	struct value *key;

	if (found != NULL)
		return ((struct layout_name *)found)->slot;
	entry = heap_resize(h, NULL, 0, sizeof(*entry));
	entry->slot = l->n++;
	/* a copy, since the name itself will refer to this layout */
	key = value_text(h, bytes, n);
	table_insert(&l->names, &entry->entry, key);
	value_unref(key);
	return entry->slot;
}
