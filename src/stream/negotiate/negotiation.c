#include "stream/negotiate/negotiation.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>

#include "base/buf.h"
#include "stream/negotiate/lingering_close.h"
#include "stream/stream.h"

static void
remove_first(struct negotiation **first)
{
	struct negotiation *n = *first;

	*first = n->next;
	if (n->ops->free != NULL)
		n->ops->free(n);
	else
		free(n);
}

void
negotiation_fini(struct negotiation_chain *c)
{
	while (c->at != NULL)
		remove_first(&c->at);
	if (c->lingering != NULL)
		remove_first(&c->lingering);
}

int
negotiation_send(struct stream *s, struct buf *out, struct error *e)
{
	ssize_t n;

	while (out->len > 0) {
		n = stream_write(s, buf_head(out), out->len, e);
		if (n < 0)
			return (int)n;
		buf_consume(out, (size_t)n);
	}
	return stream_flush(s, e);
}

struct negotiation **
negotiation_end(struct negotiation **first)
{
	while (*first != NULL)
		first = &(*first)->next;
	return first;
}

static int
timed_out(const struct negotiation *n, struct error *e)
{
	error_set(e, ERROR_TIMEOUT, "timed out: %s", n->ops->unfinished);
	e->origin = ORIGIN_ERRNO;
	e->number = ETIMEDOUT;
	return -1;
}

static int
run_steps(struct negotiation_chain *c)
{
	int rc = 0;

	while (c->at != NULL && (rc = c->at->ops->step(c->at, c->top, &c->error)) == 0)
		remove_first(&c->at);
	if (rc < -1 && deadline_passed(c->until))
		rc = timed_out(c->at, &c->error);
	return rc;
}

/* ---- failure ---- */

/* The peer gets an alert or an answer, and time to read it: a TLS 1.3 client may already have sent data (RFC
 * 8446, 2), and closing with that unread would reset the connection. Datagrams are not affected by
 * closing. */
static bool
needs_lingering_close(const struct negotiation_chain *c)
{
	return c->at->sends_alert &&
	    (c->error.code == ERROR_TLS || c->error.origin == ORIGIN_NONE) &&
	    stream_kind(stream_bottom(*c->top), STREAM_OUT) != STREAM_DGRAM;
}

int
negotiation_step(struct negotiation_chain *c)
{
	int rc = c->state == NEGOTIATION_RUNS ? run_steps(c) : -1;

	if (c->state == NEGOTIATION_RUNS && rc == -1) {
		c->state = NEGOTIATION_FAILED;
		if (needs_lingering_close(c) &&
		    lingering_close(&c->lingering, true, NULL, NULL) == 0)
			c->state = NEGOTIATION_LINGERS;
	}
	if (c->state != NEGOTIATION_LINGERS)
		return rc;
	rc = c->lingering->ops->step(c->lingering, c->top, NULL);
	/* whether the alert was acknowledged does not matter */
	if (rc < -1 && rc != NEGOTIATION_WANT_TIME)
		return rc;
	c->state = NEGOTIATION_FAILED;
	return -1;
}

void
negotiation_fail(struct negotiation_chain *c, const struct error *e)
{
	if (c->state == NEGOTIATION_RUNS)
		c->error = *e;
	c->state = NEGOTIATION_FAILED;
}

struct deadline
negotiation_wake_at(const struct negotiation_chain *c)
{
	if (c->state != NEGOTIATION_RUNS)
		return c->lingering->ops->retry_at(c->lingering, *c->top);
	if (c->at->ops->retry_at == NULL)
		return c->until;
	return deadline_min(c->until, c->at->ops->retry_at(c->at, *c->top));
}

const struct error *
negotiation_error(const struct negotiation_chain *c)
{
	return c->state != NEGOTIATION_RUNS ? &c->error : NULL;
}

const char *
negotiation_name(const struct negotiation_chain *c)
{
	return c->at->ops->name;
}
