#include "stream/negotiate/proxy_header/negotiate_send_header.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"
#include "net/sys.h"
#include "stream/negotiate/negotiation.h"
#include "stream/negotiate/proxy_header/proxy_header_write.h"
#include "stream/stream.h"

enum { HEADER_MAX = 4096 };

struct header_sender {
	struct negotiation base;
	struct negotiate_send_header_how how;
	struct buf out;
	bool made;
};

/* The client is this process. */
static void
name_connection(struct proxy_header *h, const struct stream *top)
{
	int fd = stream_raw_fd(top, STREAM_OUT);

	h->local = sys_local_name(fd, &h->source, NULL) < 0 ||
	    sys_peer_name(fd, &h->destination, NULL) < 0;
}

static int
make_header_bytes(struct header_sender *s, const struct stream *top, struct error *e)
{
	struct proxy_header_write_how how = { .version = s->how.version,
		.alpn = s->how.alpn,
		.authority = s->how.authority };

	if (s->how.header != NULL)
		how.header = *s->how.header;
	else
		name_connection(&how.header, top);
	s->made = true;
	return proxy_header_write(&s->out, &how, e);
}

static int
header_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct header_sender *s = CONTAINER_OF(n, struct header_sender, base);

	if (!s->made && make_header_bytes(s, *top, e) < 0)
		return -1;
	return negotiation_send(*top, &s->out, e);
}

static void
free_header_sender(struct negotiation *n)
{
	struct header_sender *s = CONTAINER_OF(n, struct header_sender, base);

	buf_fini(&s->out);
	free(s);
}

static const struct negotiation_ops ops = {
	.name = "send PROXY header",
	.unfinished = "the PROXY header is not sent",
	.step = header_step,
	.free = free_header_sender,
};

int
negotiate_send_header(struct negotiation **ret_first, const struct negotiate_send_header_how *how,
    struct error *e)
{
	struct header_sender *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	s->base.ops = &ops;
	s->how = *how;
	buf_init(&s->out, HEADER_MAX);
	*ret_first = &s->base;
	return 0;
}
