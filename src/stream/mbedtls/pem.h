/*
 * Certificates out of a PEM file (RFC 7468), fast: a bundle of the system has
 * 150 of them, and every connection of a client begins with it.
 */
#ifndef STREAM_MBEDTLS_PEM_H
#define STREAM_MBEDTLS_PEM_H

#include <stddef.h>

/* The next "-----BEGIN CERTIFICATE-----" block at or after *at, decoded to out,
 * which has room for *room bytes. Returns its length, and moves *at behind it; 0
 * where there is none any more. Blocks that are no base64, or too long for out, are
 * skipped. */
size_t tls_mbed_pem_next(const char *text, size_t n, size_t *at, unsigned char *out, size_t room);

#endif
