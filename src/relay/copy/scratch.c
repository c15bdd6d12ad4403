#include "relay/copy/scratch.h"

#include <stdlib.h>

#include "base/error.h"

/* malloc() places a large block 16 bytes behind the start of a page. Copying pages to there is half
 * as fast as to the start of a page, as loads wait for stores whose address only looks the same. */
#define ALIGN 4096

char *
scratch_get(struct scratch *s, struct error *e)
{
	if (s->data == NULL && (s->data = aligned_alloc(ALIGN, s->size)) == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	return s->data;
}

void
scratch_return(struct scratch *s, char *block)
{
	if (s->data == NULL)
		s->data = block;
	else
		free(block);
}

void
scratch_fini(struct scratch *s)
{
	free(s->data);
	s->data = NULL;
}
