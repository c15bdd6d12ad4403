#include "cli/dialogue/both_ends.h"

#include <stdlib.h>
#include <string.h>

#include "cli/dialogue/conversation.h"

/* Numbers of connections. */
struct ends_pair {
	uint64_t shown, other;
};

void
both_ends_fini(struct both_ends *b)
{
	free(b->pairs);
	*b = (struct both_ends){ 0 };
}

static const struct ends_pair *
pair_of_connection(const struct both_ends *b, uint64_t id)
{
	for (size_t i = b->n; i > 0; i--)
		if (b->pairs[i - 1].shown == id || b->pairs[i - 1].other == id)
			return &b->pairs[i - 1];
	return NULL;
}

/* Returns the connection that is open and is the other end of the one that opens, or NULL. */
static const struct conversation_connection *
find_other_end(const struct conversation *c, const struct dialogue_event *open)
{
	if (open->local == NULL || open->peer == NULL)
		return NULL;
	for (size_t i = c->n_connections; i > 0; i--) {
		const struct conversation_connection *k = &c->connections[i - 1];

		if (!k->over && strcmp(k->local, open->peer) == 0 &&
		    strcmp(k->peer, open->local) == 0)
			return k;
	}
	return NULL;
}

/* Without memory both ends are shown. */
static bool
pair_ends(struct both_ends *b, const struct conversation *c, const struct dialogue_event *open)
{
	const struct conversation_connection *k = find_other_end(c, open);
	struct ends_pair *more;

	if (k == NULL)
		return false;
	more = reallocarray(b->pairs, b->n + 1, sizeof(*more));
	if (more == NULL)
		return false;
	b->pairs = more;
	more[b->n++] = (struct ends_pair){ k->id, open->connection };
	return true;
}

/* What the other end has sent is what the shown one receives. */
bool
both_ends_event(struct both_ends *b, const struct conversation *c, struct dialogue_event *event)
{
	const struct ends_pair *pair;

	if (event->kind == DIALOGUE_OPEN)
		return !pair_ends(b, c, event);
	pair = pair_of_connection(b, event->connection);
	if (pair == NULL)
		return true;
	if (event->dir == DIALOGUE_RECEIVED)
		return false;
	if (event->connection == pair->shown)
		return true;
	event->connection = pair->shown;
	event->dir = DIALOGUE_RECEIVED;
	return event->kind != DIALOGUE_TLS;
}

static bool
has_connection(const struct conversation *c, uint64_t id)
{
	for (size_t i = 0; i < c->n_connections; i++)
		if (c->connections[i].id == id)
			return true;
	return false;
}

void
both_ends_forget(struct both_ends *b, const struct conversation *c)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (has_connection(c, b->pairs[i].shown))
			b->pairs[n++] = b->pairs[i];
	b->n = n;
}
