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

/* A struct command_work's run, where arg is a struct reserve_ports and the operand a host, or
 * none for the loopback addresses of both families. Prints a port a line. */
int reserve_ports(void *arg, const struct opt_rest *rest, struct error *e);

#endif
