#include "base/codec/sha1.h"
#include "test.h"

static void
check_hash(const char *text, size_t n, const char *want)
{
	unsigned char hash[SHA1_SIZE];
	char hex[2 * SHA1_SIZE + 1] = "";

	sha1(text, n, hash);
	for (int i = 0; i < SHA1_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	check_str(hex, want);
}

TEST("known texts have their hashes")
{
	check_hash("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	check_hash("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
	check_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
	    "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

TEST("the padding takes a block more where it has to")
{
	static const struct {
		size_t n;
		const char *want;
	} rows[] = {
		{ 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a" },
		{ 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699" },
		{ 63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5" },
		{ 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d" },
		{ 1000, "291e9a6c66994949b57ba5e650361e98fc36b1ba" },
	};
	char text[1000];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_hash(text, rows[i].n, rows[i].want);
}
