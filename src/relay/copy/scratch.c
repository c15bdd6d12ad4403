#include "relay/copy/scratch.h"

#include "relay/copy/pages.h"

/* malloc() places a large block 16 bytes behind the start of a page. Copying pages to there is half
 * as fast as to the start of a page, as loads wait for stores whose address only looks the same. */
char *
scratch_get(struct scratch *s, struct error *e)
{
	if (s->data == NULL)
		s->data = pages_get(s->size, e);
	return s->data;
}

void
scratch_return(struct scratch *s, char *block)
{
	if (s->data == NULL)
		s->data = block;
	else
		pages_free(block, s->size);
}

void
scratch_fini(struct scratch *s)
{
	pages_free(s->data, s->size);
	s->data = NULL;
}
