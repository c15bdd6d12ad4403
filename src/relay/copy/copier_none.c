#include <stddef.h>

#include "relay/copy/copier.h"

const struct copier *
copier_in_kernel(const struct direction *d)
{
	(void)d;
	return NULL;
}
