#include "base/codec/md5.h"
#include "test.h"

static void
check_md5(const char *text, size_t n, const char *want)
{
	char hex[2 * MD5_SIZE + 1] = "";
	unsigned char hash[MD5_SIZE];

	md5(text, n, hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	check_str(hex, want);
}

TEST("known texts have their hashes")
{
	check_md5("", 0, "d41d8cd98f00b204e9800998ecf8427e");
	check_md5("abc", 3, "900150983cd24fb0d6963f7d28e17f72");
	check_md5("message digest", 14, "f96b697d7cb7938d525a2f31aaf161d0");
	check_md5("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
	    "8215ef0796a20bcaaae116d3876c664a");
}

TEST("the padding takes a block more where it has to")
{
	static const struct {
		size_t n;
		const char *want;
	} rows[] = {
		{ 55, "ef1772b6dff9a122358552954ad0df65" },
		{ 56, "3b0c8ac703f828b04c6c197006d17218" },
		{ 63, "b06521f39153d618550606be297466d5" },
		{ 64, "014842d480b571495a4a0363793f7367" },
		{ 1000, "cabe45dcc9ae5b66ba86600cca6b8ba8" },
	};
	char text[1000];

	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_md5(text, rows[i].n, rows[i].want);
}
