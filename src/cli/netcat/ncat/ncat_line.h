/*
 * The line of usock for a command line of ncat.
 */
#ifndef CLI_NETCAT_NCAT_NCAT_LINE_H
#define CLI_NETCAT_NCAT_NCAT_LINE_H

struct ncat;
struct usock_line;

/* Appends all words. nc is checked. */
void ncat_line_make(const struct ncat *nc, struct usock_line *line);

#endif
