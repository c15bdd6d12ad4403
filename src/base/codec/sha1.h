/*
 * SHA-1 (RFC 3174), where a protocol demands it. It protects nothing.
 */
#ifndef BASE_SHA1_H
#define BASE_SHA1_H

#include <stddef.h>

#define SHA1_SIZE 20

/* Hashes n bytes. */
void sha1(const void *data, size_t n, unsigned char ret_hash[SHA1_SIZE]);

#endif
