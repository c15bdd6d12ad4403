#include "relay/copy/copier.h"

#include "relay/filter/filter.h"

void
copier_choose(struct direction *w)
{
	bool plain = w->filters == NULL && !pacer_pauses(&w->pacer) && !w->discards;
	const struct copier *kernel = plain ? copier_in_kernel(w) : NULL;

	w->copier = kernel != NULL ? kernel : &copier_copy;
}
