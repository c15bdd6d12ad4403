/*
 * -T of nc, and with --openbsd the letters of TLS: -c -C -e -H -K -o -R -Z.
 */
#ifndef CLI_NETCAT_NC_NC_TLS_H
#define CLI_NETCAT_NC_NC_TLS_H

struct nc;
struct usock_line;

/* Takes all values of -T. Returns what is wrong, or NULL; the text lasts as long as nc. */
const char *nc_tls_parse(struct nc *nc);

/* Returns what is wrong with the options of TLS together, or NULL; the text lasts as long as nc. */
const char *nc_tls_find_conflict(struct nc *nc);

/* Appends the options that are no row of the table. */
void nc_tls_add(const struct nc *nc, struct usock_line *line);

#endif
