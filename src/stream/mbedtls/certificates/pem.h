/*
 * Reads certificates from a PEM file (RFC 7468), fast: a system bundle has some
 * 150, and every client connection begins with it.
 */
#ifndef STREAM_MBEDTLS_CERTIFICATES_PEM_H
#define STREAM_MBEDTLS_CERTIFICATES_PEM_H

#include <stddef.h>

/* Decodes the next "-----BEGIN CERTIFICATE-----" block at or after *at to out, which holds room
 * bytes. Returns its length and moves *at behind it, or returns 0 if there is no more. Skips
 * blocks that are not base64, or too long for out. */
size_t tls_mbed_pem_next(const char *text, size_t n, size_t *at, unsigned char *out, size_t room);

#endif
