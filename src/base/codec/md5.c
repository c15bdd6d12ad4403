#include "base/codec/md5.h"

#include <stdint.h>
#include <string.h>

#include "base/codec/hash_blocks.h"

/* RFC 1321, 3.4: 2^32 times the absolute sine of 1, 2, 3 ... */
static const uint32_t sines[64] = {
	0xd76aa478,
	0xe8c7b756,
	0x242070db,
	0xc1bdceee,
	0xf57c0faf,
	0x4787c62a,
	0xa8304613,
	0xfd469501,
	0x698098d8,
	0x8b44f7af,
	0xffff5bb1,
	0x895cd7be,
	0x6b901122,
	0xfd987193,
	0xa679438e,
	0x49b40821,
	0xf61e2562,
	0xc040b340,
	0x265e5a51,
	0xe9b6c7aa,
	0xd62f105d,
	0x02441453,
	0xd8a1e681,
	0xe7d3fbc8,
	0x21e1cde6,
	0xc33707d6,
	0xf4d50d87,
	0x455a14ed,
	0xa9e3e905,
	0xfcefa3f8,
	0x676f02d9,
	0x8d2a4c8a,
	0xfffa3942,
	0x8771f681,
	0x6d9d6122,
	0xfde5380c,
	0xa4beea44,
	0x4bdecfa9,
	0xf6bb4b60,
	0xbebfbc70,
	0x289b7ec6,
	0xeaa127fa,
	0xd4ef3085,
	0x04881d05,
	0xd9d4d039,
	0xe6db99e5,
	0x1fa27cf8,
	0xc4ac5665,
	0xf4292244,
	0x432aff97,
	0xab9423a7,
	0xfc93a039,
	0x655b59c3,
	0x8f0ccc92,
	0xffeff47d,
	0x85845dd1,
	0x6fa87e4f,
	0xfe2ce6e0,
	0xa3014314,
	0x4e0811a1,
	0xf7537e82,
	0xbd3af235,
	0x2ad7d2bb,
	0xeb86d391,
};

static const unsigned char turns[4][4] = {
	{ 7, 12, 17, 22 },
	{ 5, 9, 14, 20 },
	{ 4, 11, 16, 23 },
	{ 6, 10, 15, 21 },
};

/* The function of a step, and the number of the word that it uses. */
static uint32_t
mix_md5(const uint32_t h[4], unsigned step, unsigned *ret_word)
{
	uint32_t b = h[1], c = h[2], d = h[3];

	switch (step / 16) {
	case 0:
		*ret_word = step;
		return (b & c) | (~b & d);
	case 1:
		*ret_word = (5 * step + 1) % 16;
		return (b & d) | (c & ~d);
	case 2:
		*ret_word = (3 * step + 5) % 16;
		return b ^ c ^ d;
	default:
		*ret_word = 7 * step % 16;
		return c ^ (b | ~d);
	}
}

static uint32_t
low_first_word(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void
add_md5_block(uint32_t *hash, const unsigned char block[HASH_BLOCK])
{
	uint32_t h[4], sum;
	unsigned i, word;

	memcpy(h, hash, sizeof(h));
	for (i = 0; i < 64; i++) {
		sum = h[0] + mix_md5(h, i, &word) + sines[i];
		sum += low_first_word(block + 4 * (size_t)word);
		h[0] = h[3];
		h[3] = h[2];
		h[2] = h[1];
		h[1] += hash_rotate_left(sum, turns[i / 16][i % 4]);
	}
	for (i = 0; i < 4; i++)
		hash[i] += h[i];
}

void
md5(const void *data, size_t n, unsigned char ret_hash[MD5_SIZE])
{
	static const struct hash_blocks blocks = { add_md5_block, true };
	uint32_t hash[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	size_t i;

	hash_blocks(&blocks, hash, data, n);
	for (i = 0; i < MD5_SIZE; i++)
		ret_hash[i] = (unsigned char)(hash[i / 4] >> 8 * (i % 4));
}
