/*
 * Whether a certificate's name is the one that was wanted (RFC 6125, 6.4).
 */
#ifndef STREAM_MBEDTLS_HOSTNAME_H
#define STREAM_MBEDTLS_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

/* pattern is n bytes of a certificate, host is what the user asked for. Case does
 * not matter; "*" stands for one whole label, the left-most, of at least three; a NUL
 * in the pattern matches nothing; a dot at the end of either is nothing. */
bool tls_mbed_hostname_matches(const unsigned char *pattern, size_t n, const char *host);

/* Reads an IPv4 or IPv6 address, brackets and zone left out: 4, 16, or 0 for a name. */
size_t tls_mbed_hostname_address(const char *host, unsigned char address[16]);

#endif
