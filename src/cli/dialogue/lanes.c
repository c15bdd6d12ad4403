#include "cli/dialogue/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/dialogue/conversation.h"

/* Returns the lane of an address, a new one where it has none. Addresses that are unknown, as of unix
 * clients, are one each. */
static size_t
lane_of(struct lanes *l, const char *name)
{
	const size_t n = strlen(name);
	const int known = n > 0 && name[n - 1] != ':';

	for (size_t i = 0; known && i < l->n; i++)
		if (l->names[i] != NULL && strcmp(l->names[i], name) == 0)
			return i;
	l->names[l->n] = name;
	return l->n++;
}

int
lanes_init(struct lanes *l, const struct conversation *c, struct error *e)
{
	*l = (struct lanes){ .n = 0 };
	l->names = calloc(2 * c->n_connections + 1, sizeof(*l->names));
	l->of = calloc(c->n_connections + 1, sizeof(*l->of));
	if (l->names == NULL || l->of == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < c->n_connections; i++) {
		const struct conversation_connection *k = &c->connections[i];
		const size_t client = lane_of(l, conversation_client(k));
		const size_t server = lane_of(l, conversation_server(k));
		const int ours = k->role == DIALOGUE_CLIENT;

		l->of[i].local = ours ? client : server;
		l->of[i].peer = ours ? server : client;
	}
	return 0;
}

void
lanes_fini(struct lanes *l)
{
	free(l->names);
	free(l->of);
}
