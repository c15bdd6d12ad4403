/*
 * Who uses a port, as the hint of a failed bind or listen.
 */
#ifndef SOCK_ADDR_IN_USE_H
#define SOCK_ADDR_IN_USE_H

#include <stdbool.h>
#include <stdint.h>

struct error;

/* Sets the hint of e to who uses the port, if bind or listen failed with EADDRINUSE or
 * EADDRNOTAVAIL. Does nothing for other errors, if there is a hint already, or if nothing is
 * known. */
struct clash {
	uint16_t port;
	bool reuse; /* SO_REUSEADDR was on */
	/* the option that reuses a port in TIME_WAIT: "--reuse-addr takes it over" */
	const char *remedy;
};
void sock_explain_addr_in_use(const struct clash *clash, struct error *e);

#endif
