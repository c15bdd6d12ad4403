/*
 * An address of socat that is a socket, or a serial line: its options in usock's words, and its
 * address.
 */
#ifndef CLI_NETCAT_SOCAT_SOCAT_SOCKET_H
#define CLI_NETCAT_SOCAT_SOCAT_SOCKET_H

#include <stdbool.h>

#include "cli/netcat/socat/socat_address.h"

struct error;
struct foreign_args;
struct usock_line;

/* Appends the words of each option that was given and has words for this role. */
void socat_socket_add_words(struct usock_line *line, const struct socat_address *a);

/* Appends all options of the socket, and of its type. args: of socat itself. ERROR_USAGE for a value
 * that usock has no counterpart of. */
int socat_socket_add(struct usock_line *line, const struct socat_address *a,
    const struct foreign_args *args, struct error *e);

/* Appends the address as one word; as_target: with its transport in front. ERROR_USAGE. */
int socat_socket_add_address(struct usock_line *line, const struct socat_address *a, bool as_target,
    struct error *e);

/* True where a client can be the target of a server's --forward. */
bool socat_socket_is_target(const struct socat_address *client, const struct socat_address *server);

#endif
