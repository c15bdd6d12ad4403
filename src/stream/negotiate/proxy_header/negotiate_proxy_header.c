#include "stream/negotiate/proxy_header/negotiate_proxy_header.h"

#include <stdlib.h>
#include <sys/types.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/negotiate/negotiation.h"
#include "stream/negotiate/proxy_header/proxy_header_parse.h"
#include "stream/stream.h"

struct header_reader {
	struct negotiation base;
	struct proxy_header_parse parse;
	struct negotiate_proxy_header_how how;
};

static int
header_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct header_reader *r = CONTAINER_OF(n, struct header_reader, base);
	char data[PROXY_HEADER_MAX];
	ssize_t got;

	while (r->parse.need > 0) {
		got = stream_read(*top, data, r->parse.need, e);
		if (got == 0)
			return error_set(e, ERROR_PEER_ENDED, "it ended before its PROXY header");
		if (got < 0)
			return (int)got;
		if (proxy_header_parse_feed(&r->parse, data, (size_t)got, e) < 0)
			return -1;
	}
	return r->how.on_header(r->how.arg, &r->parse.header, e);
}

static void
free_header_reader(struct negotiation *n)
{
	struct header_reader *r = CONTAINER_OF(n, struct header_reader, base);

	proxy_header_parse_fini(&r->parse);
	free(r);
}

static const struct negotiation_ops header_ops = {
	.name = "proxy-protocol",
	.unfinished = "no PROXY header has come",
	.step = header_step,
	.free = free_header_reader,
};

int
negotiate_proxy_header(struct negotiation **ret_first, const struct negotiate_proxy_header_how *how,
    struct error *e)
{
	struct header_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	r->base.ops = &header_ops;
	r->how = *how;
	proxy_header_parse_init(&r->parse);
	*ret_first = &r->base;
	return 0;
}
