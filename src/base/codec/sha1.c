#include "base/codec/sha1.h"

#include <stdint.h>
#include <string.h>

#include "base/codec/hash_blocks.h"

enum { WORDS = 80 };

/* RFC 3174, 5: the function and constant of a step. */
static uint32_t
mix(const uint32_t h[5], unsigned step)
{
	uint32_t b = h[1], c = h[2], d = h[3];

	if (step < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (step < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (step < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void
expand(const unsigned char block[HASH_BLOCK], uint32_t w[WORDS])
{
	unsigned i;

	for (i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		    (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (; i < WORDS; i++)
		w[i] = hash_rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

static void
add_sha1_block(uint32_t *hash, const unsigned char block[HASH_BLOCK])
{
	uint32_t w[WORDS], h[5], first;
	unsigned i;

	expand(block, w);
	memcpy(h, hash, sizeof(h));
	for (i = 0; i < WORDS; i++) {
		first = hash_rotate_left(h[0], 5) + mix(h, i) + h[4] + w[i];
		memmove(h + 1, h, 4 * sizeof(h[0]));
		h[0] = first;
		h[2] = hash_rotate_left(h[2], 30);
	}
	for (i = 0; i < 5; i++)
		hash[i] += h[i];
}

void
sha1(const void *data, size_t n, unsigned char ret_hash[SHA1_SIZE])
{
	static const struct hash_blocks blocks = { add_sha1_block, false };
	uint32_t hash[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	size_t i;

	hash_blocks(&blocks, hash, data, n);
	for (i = 0; i < SHA1_SIZE; i++)
		ret_hash[i] = (unsigned char)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
