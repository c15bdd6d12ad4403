/*
 * MD5 (RFC 1321), where a protocol demands it. It protects nothing.
 */
#ifndef BASE_CODEC_MD5_H
#define BASE_CODEC_MD5_H

#include <stddef.h>

#define MD5_SIZE 16

/* Hashes n bytes. */
void md5(const void *data, size_t n, unsigned char ret_hash[MD5_SIZE]);

#endif
