/*
 * usock listen --reserve: reserves ports and prints them.
 */
#ifndef CLI_SUITE_RESERVE_PORTS_H
#define CLI_SUITE_RESERVE_PORTS_H

#include "cli/core/command_context.h"

struct reserve_ports {
	/* set by the caller (zeroed before) */
	struct command_context rt;
	const char *count; /* text of the option; "": one */
	int family;
	struct deadline until;
};

/* The operand is a host, or none for the loopback addresses of both families. Prints a port a
 * line. Returns 0 or -1. */
int reserve_ports(struct reserve_ports *rp, const struct opt_rest *rest, struct error *e);

#endif
