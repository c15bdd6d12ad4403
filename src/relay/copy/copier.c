#include "relay/copy/copier.h"

#include "relay/filter/filter.h"

void
copier_choose(struct direction *d)
{
	bool seen = d->recorded_in != NULL || d->recorded_out != NULL;
	bool plain = d->filters == NULL && !seen && !pacer_pauses(&d->pacer) && !d->discards;
	const struct copier *kernel = plain ? copier_in_kernel(d) : NULL;

	d->copier = kernel != NULL ? kernel : &copier_copy;
}
