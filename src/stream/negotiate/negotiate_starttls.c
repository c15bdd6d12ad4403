#include "stream/negotiate/negotiate_starttls.h"

#include <stdlib.h>
#include <sys/types.h>

#include "base/array.h"
#include "base/error.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"

/* The largest read from the server. */
enum { PIECE = 4096 };

struct dialogue {
	struct negotiation base;
	struct starttls s;
};

/* Also called after the server has agreed: in TLS the client speaks first, so anything that arrives
 * now was sent unprotected. */
static ssize_t
read_input(struct starttls *s, struct stream *stream, struct error *e)
{
	char data[PIECE];
	ssize_t n = stream_read(stream, data, sizeof(data), e);

	if (n == 0)
		return error_set(e, ERROR_TLS, "the server has ended before the handshake");
	if (n > 0 && starttls_feed(s, data, (size_t)n, e) < 0)
		return -1;
	return n;
}

static int
dialogue_step(struct negotiation *n, struct stream **top, struct error *e)
{
	struct starttls *s = &((struct dialogue *)n)->s;
	ssize_t rc = starttls_feed(s, NULL, 0, e);

	if (rc < 0)
		return -1;
	do {
		rc = negotiation_send(*top, &s->out, e);
		if (rc == 0)
			rc = read_input(s, *top, e);
	} while (rc > 0);
	return rc == STREAM_WANT_READ && starttls_agreed(s) ? 0 : (int)rc;
}

static void
free_dialogue(struct negotiation *n)
{
	struct dialogue *d = CONTAINER_OF(n, struct dialogue, base);

	starttls_fini(&d->s);
	free(d);
}

static const struct negotiation_ops ops = {
	.name = "starttls",
	.unfinished = "the server has not agreed to TLS",
	.step = dialogue_step,
	.free = free_dialogue,
};

int
negotiate_starttls(struct negotiation **ret_first, const struct negotiate_starttls_how *how,
    struct error *e)
{
	struct dialogue *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	d->base.ops = &ops;
	d->s.protocol = how->protocol;
	d->s.host = how->host;
	d->s.greeted = how->greeted;
	d->s.on_message = how->on_message;
	d->s.arg = how->arg;
	if (starttls_begin(&d->s, e) < 0 ||
	    (how->n_held > 0 && starttls_hold(&d->s, how->held, how->n_held, e) < 0)) {
		free_dialogue(&d->base);
		return -1;
	}
	*ret_first = &d->base;
	return 0;
}
