#include "stream/negotiate/negotiate_tls.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/dtls.h"
#include "stream/negotiate/negotiation.h"

struct handshake {
	struct negotiation base;
	struct negotiate_tls_how how;
	bool on; /* the TLS stream is on top */
};

static int
push_tls(struct handshake *h, struct stream **top, struct error *e)
{
	struct stream *s;

	if (tls_stream(&s, h->how.tls, *top, h->how.name, e) < 0)
		return -1;
	*top = s;
	h->on = h->base.sends_alert = true;
	return h->how.n_first > 0 ? tls_push_datagram(s, h->how.first, h->how.n_first, e) : 0;
}

static int
tls_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct handshake *h = CONTAINER_OF(n, struct handshake, base);

	if (!h->on && push_tls(h, top, e) < 0)
		return -1;
	return tls_handshake(*top, e);
}

/* DTLS sends lost flights again. */
static struct deadline
tls_step_retry_at(const struct negotiation *n, const struct stream *top)
{
	return ((const struct handshake *)n)->on ? tls_retry_at(top) : deadline_never();
}

static const struct negotiation_ops ops = {
	.name = "tls",
	.unfinished = "the handshake is not over",
	.step = tls_step,
	.retry_at = tls_step_retry_at,
};

int
negotiate_tls(struct negotiation **ret_first, const struct negotiate_tls_how *how, struct error *e)
{
	struct handshake *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	h->base.ops = &ops;
	h->how = *how;
	*ret_first = &h->base;
	return 0;
}
