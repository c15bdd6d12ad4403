#include "base/codec/sha1.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, WORDS = 80 };

static uint32_t
rotate_left(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

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
expand(const unsigned char block[BLOCK], uint32_t w[WORDS])
{
	unsigned i;

	for (i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		    (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (; i < WORDS; i++)
		w[i] = rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

static void
add_block(uint32_t hash[5], const unsigned char block[BLOCK])
{
	uint32_t w[WORDS], h[5], first;
	unsigned i;

	expand(block, w);
	memcpy(h, hash, sizeof(h));
	for (i = 0; i < WORDS; i++) {
		first = rotate_left(h[0], 5) + mix(h, i) + h[4] + w[i];
		memmove(h + 1, h, 4 * sizeof(h[0]));
		h[0] = first;
		h[2] = rotate_left(h[2], 30);
	}
	for (i = 0; i < 5; i++)
		hash[i] += h[i];
}

/* The rest of the data, a bit, and the length in bits (RFC 3174, 4). */
static void
add_rest(uint32_t hash[5], const unsigned char *rest, size_t n, uint64_t total)
{
	unsigned char blocks[2 * BLOCK] = { 0 };
	size_t size = n + 9 > BLOCK ? 2 * BLOCK : BLOCK, i;

	if (n > 0)
		memcpy(blocks, rest, n);
	blocks[n] = 0x80;
	for (i = 0; i < 8; i++)
		blocks[size - 1 - i] = (unsigned char)(total * 8 >> 8 * i);
	for (i = 0; i < size; i += BLOCK)
		add_block(hash, blocks + i);
}

void
sha1(const void *data, size_t n, unsigned char ret_hash[SHA1_SIZE])
{
	uint32_t hash[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	const unsigned char *bytes = data;
	size_t at, i;

	for (at = 0; n - at >= BLOCK; at += BLOCK)
		add_block(hash, bytes + at);
	add_rest(hash, bytes + at, n - at, n);
	for (i = 0; i < SHA1_SIZE; i++)
		ret_hash[i] = (unsigned char)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
