/*
 * The lanes of a diagram: one for each endpoint of a conversation, in the order in which they appear,
 * clients at the left of their servers.
 */
#ifndef CLI_DIALOGUE_LANES_H
#define CLI_DIALOGUE_LANES_H

#include <stddef.h>

struct conversation;
struct error;

struct lanes {
	const char **names; /* of the conversation */
	size_t n;
	struct lane_pair {
		size_t local, peer;
	} * of; /* by connection */
};

/* Finds the lanes. ERROR_INTERNAL. Call lanes_fini() after failure too. */
int lanes_init(struct lanes *l, const struct conversation *c, struct error *e);
void lanes_fini(struct lanes *l);

#endif
