#include <string.h>

#include "tcl/eval/eval.h"

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
frame_var_slow(struct interp *in, struct frame *f, unsigned slot)
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
