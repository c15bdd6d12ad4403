/*
 * The blocks of MD5, SHA-1 and SHA-256: the data, a bit, zeros, and the length in bits.
 */
#ifndef BASE_CODEC_HASH_BLOCKS_H
#define BASE_CODEC_HASH_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_BLOCK 64

struct hash_blocks {
	/* Adds one block to the hash. */
	void (*add)(uint32_t *hash, const unsigned char block[HASH_BLOCK]);
	bool low_first; /* the length has its lowest byte first, as in MD5 */
};

/* Calls add for each block of n bytes of data. */
void hash_blocks(const struct hash_blocks *h, uint32_t *hash, const void *data, size_t n);

static inline uint32_t
hash_rotate_left(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

#endif
