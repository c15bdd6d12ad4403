/*
 * SHA-256 (RFC 6234).
 */
#ifndef BASE_CODEC_SHA256_H
#define BASE_CODEC_SHA256_H

#include <stddef.h>

#define SHA256_SIZE 32

/* Hashes n bytes. */
void sha256(const void *data, size_t n, unsigned char ret_hash[SHA256_SIZE]);

#endif
