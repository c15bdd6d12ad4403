/*
 * An operand of nc that names ports.
 */
#ifndef CLI_NETCAT_NC_NC_PORTS_H
#define CLI_NETCAT_NC_NC_PORTS_H

#include <stdint.h>

struct error;
struct nc;

/* A port, or a range with the lower one first. */
struct nc_ports {
	uint16_t lo, hi;
};

/* Parses a number, a range in any order, or the name of a service. ERROR_USAGE with nc's text. */
int nc_ports_parse(const struct nc *nc, const char *word, struct nc_ports *ret_range,
    struct error *e);

/* Makes a number of the port to listen on, or of the name of a source port. ERROR_USAGE in nc's words. */
int nc_ports_own(struct nc *nc, struct error *e);

#endif
