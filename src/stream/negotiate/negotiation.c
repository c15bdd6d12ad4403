#include "stream/negotiate/negotiation.h"

#include <errno.h>
#include <stdlib.h>

#include "stream/negotiate/lingering_close.h"
#include "stream/stream.h"

static void
drop(struct negotiation **first)
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
		drop(&c->at);
	if (c->parting != NULL)
		drop(&c->parting);
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
run(struct negotiation_chain *c)
{
	int rc = 0;

	while (c->at != NULL && (rc = c->at->ops->step(c->at, c->top, &c->error)) == 0)
		drop(&c->at);
	if (rc < -1 && deadline_passed(c->until))
		rc = timed_out(c->at, &c->error);
	return rc;
}

/* ---- the end of one that has failed ---- */

/* The peer gets to know why, and has time to read it: one that is ahead of us (RFC 8446, 2) has sent
 * more by now. Datagrams are out, and nothing resets what they are on. */
static bool
has_to_part(const struct negotiation_chain *c)
{
	return c->at->tells && c->error.code == ERROR_TLS &&
	    stream_kind(stream_bottom(*c->top), STREAM_OUT) != STREAM_DGRAM;
}

int
negotiation_step(struct negotiation_chain *c)
{
	int rc = c->state == NEGOTIATION_RUNS ? run(c) : -1;

	if (c->state == NEGOTIATION_RUNS && rc == -1) {
		c->state = NEGOTIATION_FAILED;
		if (has_to_part(c) && lingering_close(&c->parting, true, NULL, NULL) == 0)
			c->state = NEGOTIATION_PARTS;
	}
	if (c->state != NEGOTIATION_PARTS)
		return rc;
	rc = c->parting->ops->step(c->parting, c->top, NULL);
	/* nobody asks whether the alert was acknowledged */
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
		return c->parting->ops->retry_at(c->parting, *c->top);
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
