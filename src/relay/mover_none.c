#include <stddef.h>

#include "relay/mover.h"

const struct mover *
mover_in_kernel(const struct way *w)
{
	(void)w;
	return NULL;
}
