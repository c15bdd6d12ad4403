#include "relay/server/broadcast/broadcast_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct broadcast_piece {
	struct broadcast_piece *next; /* NULL: this is the empty one at the end */
	struct broadcast_route route;
	size_t n_readers; /* at this piece */
	size_t n;
	char *data;
};

static size_t
cost(const struct broadcast_piece *p)
{
	return sizeof *p + p->n;
}

static void
free_piece(struct broadcast_piece *p)
{
	free(p->data);
	free(p);
}

/* Frees what all readers have passed. */
static void
trim(struct broadcast_log *l)
{
	struct broadcast_piece *p;

	while ((p = l->first) != l->last && p->n_readers == 0) {
		l->first = p->next;
		l->held -= cost(p);
		free_piece(p);
	}
}

int
broadcast_log_open(struct broadcast_log *l, struct error *e)
{
	l->held = 0;
	l->first = l->last = calloc(1, sizeof *l->last);
	return l->last != NULL ? 0 : error_set(e, ERROR_INTERNAL, "out of memory");
}

void
broadcast_log_close(struct broadcast_log *l)
{
	trim(l);
	free(l->last);
	l->first = l->last = NULL;
}

int
broadcast_log_append(struct broadcast_log *l, const struct broadcast_route *route, const void *data,
    size_t n, struct error *e)
{
	struct broadcast_piece *next = calloc(1, sizeof *next), *p = l->last;

	p->data = next != NULL ? malloc(n) : NULL;
	if (p->data == NULL) {
		free(next);
		return error_set(e, ERROR_INTERNAL, "out of memory");
	}
	memcpy(p->data, data, n);
	p->n = n;
	p->route = *route;
	p->next = l->last = next;
	l->held += cost(p);
	trim(l);
	return 0;
}

/* ---- places ---- */

static void
move_to(struct broadcast_place *place, struct broadcast_piece *p)
{
	if (place->piece != NULL)
		place->piece->n_readers--;
	if (p != NULL)
		p->n_readers++;
	place->piece = p;
	place->at = 0;
}

void
broadcast_log_enter(struct broadcast_log *l, struct broadcast_place *place, const void *who)
{
	place->who = who;
	place->piece = NULL;
	move_to(place, l->last);
}

void
broadcast_log_leave(struct broadcast_log *l, struct broadcast_place *place)
{
	if (place->piece == NULL)
		return;
	move_to(place, NULL);
	trim(l);
}

static bool
is_for(const struct broadcast_piece *p, const void *who)
{
	return p->route.from != who && (p->route.to == NULL || p->route.to == who);
}

/* Returns the next piece for the reader from p on, or the end. */
static struct broadcast_piece *
next_for(struct broadcast_piece *p, const void *who)
{
	while (p->next != NULL && !is_for(p, who))
		p = p->next;
	return p;
}

size_t
broadcast_log_unread(const struct broadcast_place *place)
{
	return place->piece != NULL ? next_for(place->piece, place->who)->n - place->at : 0;
}

bool
broadcast_log_is_behind(struct broadcast_log *l, struct broadcast_place *place)
{
	struct broadcast_piece *p;

	if (place->piece == NULL)
		return false;
	p = next_for(place->piece, place->who);
	if (p != place->piece) {
		move_to(place, p);
		trim(l);
	}
	return p->next != NULL;
}

size_t
broadcast_log_read(struct broadcast_log *l, struct broadcast_place *place, void *data, size_t n)
{
	size_t got = 0, part;

	while (got < n && broadcast_log_is_behind(l, place)) {
		part = place->piece->n - place->at;
		if (part > n - got)
			part = n - got;
		memcpy((char *)data + got, place->piece->data + place->at, part);
		got += part;
		place->at += part;
		if (place->at == place->piece->n)
			move_to(place, place->piece->next);
	}
	trim(l);
	return got;
}
