#include "records.h"

#include "sim.h"

void
records_plan(struct records *r, struct fake *f)
{
	struct source *s = &f->source;
	size_t at = 0, left;
	unsigned i, j;

	r->n = (unsigned)draw(RECORDS);
	for (i = 0; i < r->n; i++) {
		r->sizes[i] = one_in(6) ? 0 : 1 + (unsigned)draw(RECORD_MAX - 1);
		r->bytes[at++] = (char)(r->sizes[i] >> 8);
		r->bytes[at++] = (char)r->sizes[i];
		for (j = 0; j < r->sizes[i]; j++)
			r->data[i][j] = r->bytes[at++] = (char)draw(256);
	}
	f->bytes = r->bytes;
	s->n_segments = 0;
	for (left = at; left > 0; s->n_segments++) {
		size_t n = s->n_segments == SEGMENTS - 1 ? left : 1 + (size_t)draw(left);

		s->segments[s->n_segments] = (struct segment){ draw_time(), n };
		left -= n;
	}
}
