/*
 * The line of usock for a command line of nc.
 */
#ifndef CLI_NETCAT_NC_NC_LINE_H
#define CLI_NETCAT_NC_NC_LINE_H

struct nc;
struct nc_ports;
struct usock_line;

/* Appends all words, for one port, or a range to scan; ports are not used where nc listens or has a
 * unix path. nc is checked. */
void nc_line_make(const struct nc *nc, const struct nc_ports *ports, struct usock_line *line);

#endif
