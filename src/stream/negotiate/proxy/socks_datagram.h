/*
 * The header that is in front of each datagram between a client and a SOCKS5 proxy (RFC 1928, 7),
 * without I/O. Towards the proxy it names the receiver, towards the client the sender.
 */
#ifndef STREAM_NEGOTIATE_PROXY_SOCKS_DATAGRAM_H
#define STREAM_NEGOTIATE_PROXY_SOCKS_DATAGRAM_H

#include <stddef.h>

#include "stream/negotiate/proxy/proxy.h"

#define SOCKS_DATAGRAM_HEADER_MAX (4 + 1 + 255 + 2)

/* Writes the header for this receiver or sender: the address, where it is known, else the name.
 * Returns its length. */
size_t socks_datagram_put(const struct proxy_target *t,
    unsigned char ret_header[SOCKS_DATAGRAM_HEADER_MAX]);

/* Parses the header of a datagram of n bytes. Returns its length, or 0 with *ret_why for a fragment,
 * and for what is no header: cut, of an unknown type, or with a name that is empty or has control
 * characters or blanks. */
size_t socks_datagram_parse(struct proxy_target *ret_target, const void *data, size_t n,
    const char **ret_why);

#endif
