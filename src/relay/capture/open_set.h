/*
 * The connections of a recording that are open, and the order of events in each.
 */
#ifndef RELAY_OPEN_SET_H
#define RELAY_OPEN_SET_H

#include <stddef.h>
#include <stdint.h>

struct dialogue_event;
struct error;
struct open_connection;

/* Zeroed at the start. */
struct open_set {
	struct open_connection *connections; /* in the order of their numbers */
	size_t n, size;
};

/* Checks that the event may come now, notes that it has, and sets its role and type. Returns -1 with
 * ERROR_USAGE, the reason alone, or ERROR_INTERNAL. */
int open_set_add(struct open_set *set, struct dialogue_event *event, struct error *e);

void open_set_fini(struct open_set *set);

#endif
