#include <stddef.h>

#include "stream/stream.h"

void
stream_close(struct stream *s)
{
	if (s != NULL)
		s->ops->close(s);
}

void
stream_stop_reading(struct stream *s)
{
	if (s->ops->stop_reading != NULL)
		s->ops->stop_reading(s);
}

struct stream *
stream_bottom(struct stream *s)
{
	while (s->next != NULL)
		s = s->next;
	return s;
}
