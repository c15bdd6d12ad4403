/*
 * Loose source routes of ncat, -g and -G: the option of the IP header that they ask for.
 */
#ifndef CLI_NETCAT_NCAT_NCAT_ROUTE_H
#define CLI_NETCAT_NCAT_NCAT_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/netcat/foreign.h"

enum { NCAT_ROUTE_HOPS = 8 };

struct ncat_route {
	uint8_t hops[NCAT_ROUTE_HOPS][4]; /* IPv4 addresses */
	size_t n;                         /* 0: no route */
	uint8_t pointer;                  /* where the next hop is in the option, from 1 on */
};

/* Parses -g and -G; looks up hops that are names, which may wait for a server. Returns false with
 * the text, in ncat's words but without QUITTING. */
bool ncat_route_parse(struct ncat_route *route, const struct foreign_args *args, char *text,
    size_t size);

/* Writes the option, loose source and record route (RFC 791), in hexadecimal. The kernel puts the
 * destination behind the hops. */
void ncat_route_format(const struct ncat_route *route, char *text, size_t size);

#endif
