#include <stddef.h>

#include "stream/stream.h"

void
stream_close(struct stream *s)
{
	if (s != NULL)
		s->ops->close(s);
}
