/*
 * Eight bytes of memory as one word, for loops over bytes that are many. The same word on every host.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include <stdint.h>
#include <string.h>

/* A word whose bytes are all n. */
#define WORD_EACH(n) (UINT64_C(0x0101010101010101) * (n))

static inline uint64_t
word_swap_on(uint64_t word, int order)
{
	return __BYTE_ORDER__ == order ? __builtin_bswap64(word) : word;
}

/* The first byte is the lowest. */
static inline uint64_t
word_load(const void *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return word_swap_on(word, __ORDER_BIG_ENDIAN__);
}

/* The first byte is the highest. */
static inline uint64_t
word_load_big(const void *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return word_swap_on(word, __ORDER_LITTLE_ENDIAN__);
}

/* Sets the top bit of the first byte that is n; what it says of the bytes after that one means nothing. */
static inline uint64_t
word_find(uint64_t word, unsigned char n)
{
	const uint64_t zeroed = word ^ WORD_EACH(n);

	return (zeroed - WORD_EACH(1)) & ~zeroed & WORD_EACH(0x80);
}

/* The same for the first byte outside of ' ' to '~'. */
static inline uint64_t
word_find_unprintable(uint64_t word)
{
	return (((word - WORD_EACH(' ')) & ~word) | (word + WORD_EACH(1)) | word) & WORD_EACH(0x80);
}

#endif
