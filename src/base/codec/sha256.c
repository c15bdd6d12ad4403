#include "base/codec/sha256.h"

#include <stdint.h>
#include <string.h>

#include "base/codec/hash_blocks.h"

/* RFC 6234, 5.1: the fractions of the cube roots of the first 64 primes. */
static const uint32_t roots[64] = {
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
};

static uint32_t
rotate_right(uint32_t x, unsigned n)
{
	return hash_rotate_left(x, 32 - n);
}

static void
expand_words(const unsigned char block[HASH_BLOCK], uint32_t w[64])
{
	uint32_t s0, s1;
	unsigned i;

	for (i = 0; i < 16; i++, block += 4)
		w[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
		    (uint32_t)block[2] << 8 | block[3];
	for (; i < 64; i++) {
		s0 = rotate_right(w[i - 15], 7) ^ rotate_right(w[i - 15], 18) ^ w[i - 15] >> 3;
		s1 = rotate_right(w[i - 2], 17) ^ rotate_right(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

static void
run_sha256_step(uint32_t h[8], uint32_t word)
{
	uint32_t s0 = rotate_right(h[0], 2) ^ rotate_right(h[0], 13) ^ rotate_right(h[0], 22);
	uint32_t s1 = rotate_right(h[4], 6) ^ rotate_right(h[4], 11) ^ rotate_right(h[4], 25);
	uint32_t choice = (h[4] & h[5]) ^ (~h[4] & h[6]);
	uint32_t majority = (h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]);
	uint32_t t = h[7] + s1 + choice + word;

	memmove(h + 1, h, 7 * sizeof(h[0]));
	h[4] += t;
	h[0] = t + s0 + majority;
}

static void
add_sha256_block(uint32_t *hash, const unsigned char block[HASH_BLOCK])
{
	uint32_t w[64], h[8];
	unsigned i;

	expand_words(block, w);
	memcpy(h, hash, sizeof(h));
	for (i = 0; i < 64; i++)
		run_sha256_step(h, roots[i] + w[i]);
	for (i = 0; i < 8; i++)
		hash[i] += h[i];
}

void
sha256(const void *data, size_t n, unsigned char ret_hash[SHA256_SIZE])
{
	static const struct hash_blocks blocks = { add_sha256_block, false };
	uint32_t hash[8] = {
		0x6a09e667,
		0xbb67ae85,
		0x3c6ef372,
		0xa54ff53a,
		0x510e527f,
		0x9b05688c,
		0x1f83d9ab,
		0x5be0cd19,
	};
	size_t i;

	hash_blocks(&blocks, hash, data, n);
	for (i = 0; i < SHA256_SIZE; i++)
		ret_hash[i] = (unsigned char)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
