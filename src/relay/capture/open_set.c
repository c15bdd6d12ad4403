#include "relay/capture/open_set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "relay/capture/dialogue.h"

struct open_connection {
	uint64_t id;
	int64_t time; /* of its last event */
	enum dialogue_role role;
	enum dialogue_type type;
	enum dialogue_direction more; /* the next event is data of this direction; or none */
	unsigned ended;               /* bits of directions */
};

/* Returns where the connection is, or would be. */
static size_t
find_place(const struct open_set *set, uint64_t id)
{
	size_t low = 0, high = set->n;

	/* the newest is looked for most */
	if (set->n > 0 && set->connections[set->n - 1].id < id)
		return set->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->connections[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
grow(struct open_set *set, struct error *e)
{
	size_t size = set->size > 0 ? 2 * set->size : 16;
	void *more;

	if (set->connections != NULL && set->n < set->size)
		return 0;
	more = reallocarray(set->connections, size, sizeof(*set->connections));
	if (more == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	set->connections = more;
	set->size = size;
	return 0;
}

static int
insert_connection(struct open_set *set, size_t at, const struct dialogue_event *event,
    struct error *e)
{
	struct open_connection *c;

	if (grow(set, e) < 0)
		return -1;
	c = set->connections + at;
	memmove(c + 1, c, (set->n - at) * sizeof(*c));
	*c = (struct open_connection){ .id = event->connection,
		.time = event->time,
		.role = event->role,
		.type = event->type,
		.more = DIALOGUE_NO_DIRECTION };
	set->n++;
	return 0;
}

static int
check_event_data(struct open_connection *c, const struct dialogue_event *event, struct error *e)
{
	if (event->more && c->type == DIALOGUE_STREAM)
		return error_set(e, ERROR_USAGE, "\"more\" is for datagrams and records");
	if ((c->ended & 1u << event->dir) != 0)
		return error_set(e, ERROR_USAGE, "data after the end of this direction");
	c->more = event->more ? event->dir : DIALOGUE_NO_DIRECTION;
	return 0;
}

static int
check_event_end(struct open_connection *c, const struct dialogue_event *event, struct error *e)
{
	if ((c->ended & 1u << event->dir) != 0)
		return error_set(e, ERROR_USAGE, "this direction has ended before");
	c->ended |= 1u << event->dir;
	return 0;
}

static int
check_order(struct open_connection *c, const struct dialogue_event *event, struct error *e)
{
	if (event->time < c->time)
		return error_set(e, ERROR_USAGE,
		    "the time of connection %" PRIu64 " goes back, from %" PRId64, c->id, c->time);
	if (c->more != DIALOGUE_NO_DIRECTION &&
	    (event->kind != DIALOGUE_DATA || event->dir != c->more))
		return error_set(e, ERROR_USAGE,
		    "the record of the line before is not complete: it has \"more\"");
	if (event->kind == DIALOGUE_DATA)
		return check_event_data(c, event, e);
	return event->kind == DIALOGUE_END ? check_event_end(c, event, e) : 0;
}

int
open_set_add(struct open_set *set, struct dialogue_event *event, struct error *e)
{
	size_t at = find_place(set, event->connection);
	struct open_connection *c = at < set->n ? set->connections + at : NULL;
	bool open = c != NULL && c->id == event->connection;

	if (event->kind == DIALOGUE_OPEN)
		return open ? error_set(e, ERROR_USAGE, "connection %" PRIu64 " is open already",
				  event->connection)
			    : insert_connection(set, at, event, e);
	if (!open)
		return error_set(e, ERROR_USAGE, "connection %" PRIu64 " is not open",
		    event->connection);
	if (check_order(c, event, e) < 0)
		return -1;
	c->time = event->time;
	event->role = c->role;
	event->type = c->type;
	if (dialogue_is_last(event->kind)) {
		set->n--;
		memmove(c, c + 1, (set->n - at) * sizeof(*c));
	}
	return 0;
}

void
open_set_fini(struct open_set *set)
{
	free(set->connections);
	*set = (struct open_set){ 0 };
}
