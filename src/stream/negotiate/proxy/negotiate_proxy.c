#include "stream/negotiate/proxy/negotiate_proxy.h"

#include <stdlib.h>
#include <sys/types.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/negotiate/negotiate_tls.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"

/* The largest read from a proxy. */
enum { PIECE = 4096 };

struct proxy_negotiation {
	struct negotiation base;
	struct negotiate_proxy_how how;
	size_t index;
	struct proxy_dialogue d;
};

/* The first proxy is the peer, which the caller names. */
static int
name_proxy(const struct proxy_negotiation *p, struct error *e)
{
	char text[PROXY_TEXT_MAX];

	if (p->how.result != NULL)
		p->how.result->again |= p->d.again;
	if (p->index == 0)
		return -1;
	return error_prefix(e, "%s", proxy_format(p->d.hop, text, sizeof(text)));
}

/* Reads no byte behind the proxy's reply, so that nothing has to be given back to the stream. */
static ssize_t
read_reply(struct proxy_dialogue *d, struct stream *stream, struct error *e)
{
	char data[PIECE];
	size_t want = proxy_wants(d);
	ssize_t n = stream_read(stream, data, want < sizeof(data) ? want : sizeof(data), e);

	if (n == 0)
		return proxy_ended(d, e);
	if (n > 0 && proxy_feed(d, data, (size_t)n, e) < 0)
		return -1;
	return n;
}

static void
keep_result(const struct proxy_negotiation *p)
{
	if (p->how.result != NULL)
		p->how.result->bound = p->d.bound;
	if (p->how.on_agreed != NULL)
		p->how.on_agreed(p->how.arg, p->d.hop, p->d.target);
}

static int
proxy_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct proxy_negotiation *p = CONTAINER_OF(n, struct proxy_negotiation, base);
	ssize_t rc;

	do {
		rc = negotiation_send(*top, &p->d.out, e);
		if (rc == 0 && proxy_wants(&p->d) == 0) {
			keep_result(p);
			return 0;
		}
		if (rc == 0)
			rc = read_reply(&p->d, *top, e);
	} while (rc > 0);
	return rc == -1 ? name_proxy(p, e) : (int)rc;
}

static void
free_proxy(struct negotiation *n)
{
	struct proxy_negotiation *p = CONTAINER_OF(n, struct proxy_negotiation, base);

	proxy_fini(&p->d);
	free(p);
}

static const struct negotiation_ops ops = {
	.name = "proxy",
	.unfinished = "the proxy has not answered",
	.step = proxy_step,
	.free = free_proxy,
};

static int
make_dialogue(struct negotiation **ret_first, const struct negotiate_proxy_how *how, size_t index,
    struct error *e)
{
	struct proxy_negotiation *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	p->base.ops = &ops;
	p->how = *how;
	p->index = index;
	p->d.hop = &how->route->hops[index];
	p->d.target = &how->targets[index];
	p->d.datagrams = how->datagrams && index + 1 == how->route->n;
	*ret_first = &p->base;
	return proxy_begin(&p->d, e) == 0 ? 0 : name_proxy(p, e);
}

static int
make_hop(struct negotiation **ret_first, const struct negotiate_proxy_how *how, size_t index,
    struct error *e)
{
	const struct proxy_hop *hop = &how->route->hops[index];
	const struct negotiate_tls_how tls = { .tls = hop->tls, .name = hop->ep.host };

	if (hop->kind != PROXY_HTTPS)
		return make_dialogue(ret_first, how, index, e);
	if (negotiate_tls(ret_first, &tls, e) < 0)
		return -1;
	return make_dialogue(&(*ret_first)->next, how, index, e);
}

int
negotiate_proxy(struct negotiation **ret_first, const struct negotiate_proxy_how *how,
    struct error *e)
{
	struct negotiation_chain made = { .at = NULL };
	int rc = 0;

	for (size_t i = 0; i < how->route->n && rc == 0; i++)
		rc = make_hop(negotiation_end(&made.at), how, i, e);
	if (rc < 0)
		negotiation_fini(&made);
	else
		*ret_first = made.at;
	return rc;
}
