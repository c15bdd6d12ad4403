#include "stream/negotiation.h"

#include <errno.h>
#include <stddef.h>

#include "stream/stream.h"

/* What is read away in one step: others on the loop get their turn after that. */
enum { READ_AWAY = 16 * 1024, READS = 16 };

static void
drop_first(struct negotiation_chain *c)
{
	struct negotiation *n = c->at;

	c->at = n->next;
	n->ops->free(n);
}

void
negotiation_free(struct negotiation *n)
{
	struct negotiation_chain c = { .at = n };

	negotiation_fini(&c);
}

void
negotiation_fini(struct negotiation_chain *c)
{
	while (c->at != NULL)
		drop_first(c);
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
		drop_first(c);
	if (rc < -1 && deadline_passed(c->until))
		rc = timed_out(c->at, &c->error);
	return rc;
}

/* ---- the end of one that has failed ---- */

static struct stream *
bottom_of(struct stream *s)
{
	while (s->next != NULL)
		s = s->next;
	return s;
}

/* Datagrams are out, and nothing resets what they are on. */
static bool
has_to_part(const struct negotiation_chain *c)
{
	return c->at->tells && c->error.code == ERROR_TLS &&
	    stream_kind(bottom_of(*c->top), STREAM_OUT) != STREAM_DGRAM;
}

static int
read_away(struct stream *bottom)
{
	char data[READ_AWAY];
	struct error ignored;
	ssize_t n = 1;
	int i;

	for (i = 0; i < READS && n > 0; i++)
		n = stream_read(bottom, data, sizeof(data), &ignored);
	return n > 0 ? STREAM_WANT_READ : (int)n;
}

/* The alert goes out, then our end, and what the peer sends is read until it ends too: a peer that
 * is ahead of us (RFC 8446, 2) has sent more by now, and closing with that unread would reset the
 * connection and destroy the alert. */
static int
part(struct negotiation_chain *c)
{
	struct stream *bottom = bottom_of(*c->top);
	struct error ignored;
	int rc = 0;

	if (!c->shut)
		rc = stream_flush(*c->top, &ignored);
	if (!c->shut && rc == 0) {
		c->shut = true;
		rc = stream_shut(bottom, &ignored);
	}
	if (rc == 0)
		rc = read_away(bottom);
	if (rc < -1 && !deadline_passed(c->parted))
		return rc;
	c->state = NEGOTIATION_FAILED;
	return -1;
}

int
negotiation_step(struct negotiation_chain *c)
{
	int rc;

	if (c->state == NEGOTIATION_FAILED)
		return -1;
	if (c->state == NEGOTIATION_PARTS)
		return part(c);
	rc = run(c);
	if (rc != -1)
		return rc;
	c->state = has_to_part(c) ? NEGOTIATION_PARTS : NEGOTIATION_FAILED;
	c->parted = deadline_in(NEGOTIATION_PARTING);
	return negotiation_step(c);
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
		return c->parted;
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
