#include "base/codec/hash_blocks.h"

#include <string.h>

static void
add_rest(const struct hash_blocks *h, uint32_t *hash, const unsigned char *rest, size_t n,
    uint64_t total)
{
	unsigned char blocks[2 * HASH_BLOCK] = { 0 };
	size_t size = n + 9 > HASH_BLOCK ? 2 * HASH_BLOCK : HASH_BLOCK, i;

	if (n > 0)
		memcpy(blocks, rest, n);
	blocks[n] = 0x80;
	for (i = 0; i < 8; i++)
		blocks[h->low_first ? size - 8 + i : size - 1 - i] =
		    (unsigned char)(total * 8 >> 8 * i);
	for (i = 0; i < size; i += HASH_BLOCK)
		h->add(hash, blocks + i);
}

void
hash_blocks(const struct hash_blocks *h, uint32_t *hash, const void *data, size_t n)
{
	const unsigned char *bytes = data;
	size_t at;

	for (at = 0; n - at >= HASH_BLOCK; at += HASH_BLOCK)
		h->add(hash, bytes + at);
	add_rest(h, hash, n > at ? bytes + at : NULL, n - at, n);
}
