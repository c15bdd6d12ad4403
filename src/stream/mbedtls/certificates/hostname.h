/*
 * Matches a name in a certificate against the requested name (RFC 6125, 6.4).
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_HOSTNAME_H
#define STREAM_MBEDTLS_CERTIFICATES_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

/* pattern is n bytes of a certificate, host is the name that the user gave. Case does not matter.
 * "*" stands for the whole left-most label of at least three. A pattern with a NUL matches nothing.
 * A trailing dot of either is ignored. */
bool tls_mbed_hostname_matches(const unsigned char *pattern, size_t n, const char *host);

/* Parses an IPv4 or IPv6 address, ignoring brackets and zone. Returns its length, 4 or 16, or 0
 * if host is a name. */
size_t tls_mbed_hostname_address(const char *host, unsigned char address[16]);

#endif
