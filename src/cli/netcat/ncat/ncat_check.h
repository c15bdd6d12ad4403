/*
 * What is wrong with the words of ncat, before anything is tried, in its own sentences but without
 * QUITTING.
 */
#ifndef CLI_NETCAT_NCAT_NCAT_CHECK_H
#define CLI_NETCAT_NCAT_NCAT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct ncat;

/* Check values: times, numbers, the words of --exec, which they keep. Return false with the text. */
bool ncat_check_values(struct ncat *nc, char *text, size_t size);

/* Returns what is wrong with the options together, or NULL. The mode is set. */
const char *ncat_check_conflicts(const struct ncat *nc);

/* Takes host and port. One operand is a port to listen on where it is a number, and a CID's port with
 * --vsock. Returns false with the text. */
bool ncat_check_operands(struct ncat *nc, char *text, size_t size);

#endif
