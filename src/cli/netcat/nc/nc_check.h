/*
 * What is wrong with the words of nc, before anything is tried, in its own sentences.
 */
#ifndef CLI_NETCAT_NC_NC_CHECK_H
#define CLI_NETCAT_NC_NC_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct nc;

/* Checks options and operands together, and keeps the parts of -x and -T. Returns what is wrong, or
 * NULL; the text lasts as long as nc. */
const char *nc_check_options(struct nc *nc);

/* Checks a path, and a host with -n. Returns false with the text. */
bool nc_check_address(const struct nc *nc, char *text, size_t size);

#endif
