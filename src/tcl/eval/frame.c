#include <string.h>

#include "tcl/eval/eval.h"

/* ---- layouts ---- */

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
	/* a copy: the name itself will refer to this layout */
	key = value_text(h, bytes, n);
	table_insert(&l->names, &entry->entry, key);
	value_unref(key);
	return entry->slot;
}

void
frame_init(struct frame *f, struct layout *layout, struct var *vars, unsigned n)
{
	memset(f, 0, sizeof(*f));
	f->layout = layout;
	f->vars = vars;
	f->n = n;
	if (n > 0)
		memset(vars, 0, n * sizeof(*vars));
}

struct var *
frame_var_far(struct interp *in, struct frame *f, unsigned slot)
{
	unsigned chunk = (slot - f->n) / FRAME_CHUNK;
	size_t size = FRAME_CHUNK * sizeof(struct var);

	while (f->chunk_count <= chunk) {
		struct var **chunks =
		    heap_resize(&in->heap, f->chunks, f->chunk_count * sizeof(struct var *),
			(f->chunk_count + 1) * sizeof(struct var *));

		if (chunks == NULL)
			return &f->spare;
		f->chunks = chunks;
		f->chunks[f->chunk_count++] = NULL;
	}
	if (f->chunks[chunk] == NULL) {
		f->chunks[chunk] = heap_resize(&in->heap, NULL, 0, size);
		memset(f->chunks[chunk], 0, size);
	}
	return &f->chunks[chunk][(slot - f->n) % FRAME_CHUNK];
}

void
frame_fini(struct interp *in, struct frame *f)
{
	for (unsigned i = 0; i < f->n; i++)
		var_release(in, &f->vars[i]);
	for (unsigned c = 0; c < f->chunk_count; c++) {
		for (unsigned i = 0; f->chunks[c] != NULL && i < FRAME_CHUNK; i++)
			var_release(in, &f->chunks[c][i]);
		heap_release(&in->heap, f->chunks[c], FRAME_CHUNK * sizeof(struct var));
	}
	heap_release(&in->heap, f->chunks, f->chunk_count * sizeof(struct var *));
	var_release(in, &f->spare);
}
