/*
 * Connections whose ends are both recorded, as by a script that plays both: they are shown as one, with
 * what each end has sent, read or not.
 */
#ifndef CLI_DIALOGUE_BOTH_ENDS_H
#define CLI_DIALOGUE_BOTH_ENDS_H

#include <stdbool.h>
#include <stddef.h>

struct conversation;
struct dialogue_event;
struct ends_pair;

/* Zeroed at the start. */
struct both_ends {
	struct ends_pair *pairs;
	size_t n;
};

void both_ends_fini(struct both_ends *b);

/* Makes of an event what is to be added to c, which has what came before. Returns false where that is
 * nothing. */
bool both_ends_event(struct both_ends *b, const struct conversation *c,
    struct dialogue_event *event);

/* Forgets the pairs that c does not have. */
void both_ends_forget(struct both_ends *b, const struct conversation *c);

#endif
