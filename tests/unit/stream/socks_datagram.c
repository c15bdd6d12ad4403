#include "stream/negotiate/proxy/socks_datagram.h"
#include "test.h"

struct row {
	const char *bytes;
	size_t n;
	const char *host;
	unsigned port;
	bool named;
};

#define ROW(bytes, host, port, named)                                                              \
	{                                                                                          \
		bytes, sizeof(bytes) - 1, host, port, named                                        \
	}

static const struct row rows[] = {
	ROW("\0\0\0\1\x7f\0\0\1\1\2", "127.0.0.1", 258, false),
	ROW("\0\0\0\3\4host\0\x35", "host", 53, true),
	ROW("\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xff\xff", "::1", 65535, false),
};

TEST("a header names an address or a host, and is written as it was read")
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char header[SOCKS_DATAGRAM_HEADER_MAX];
		struct proxy_target t;
		const char *why;

		check_int((int)socks_datagram_parse(&t, rows[i].bytes, rows[i].n, &why),
		    (int)rows[i].n);
		check_str(t.host, rows[i].host);
		check_int(t.port, rows[i].port);
		check_int(t.address.len == 0, rows[i].named);
		if (!rows[i].named)
			check_int(sockname_port(&t.address), rows[i].port);
		check_int((int)socks_datagram_put(&t, header), (int)rows[i].n);
		check(memcmp(header, rows[i].bytes, rows[i].n) == 0);
	}
}

TEST("a header that is cut at any byte is none")
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t n = 0; n < rows[i].n; n++) {
			struct proxy_target t;
			const char *why = NULL;
			char *bytes = malloc(n + 1);

			memcpy(bytes, rows[i].bytes, n);
			check_int((int)socks_datagram_parse(&t, bytes, n, &why), 0);
			check_str(why, "a datagram without a header of SOCKS5");
			free(bytes);
		}
}

TEST("a fragment, an unknown type, and a name that is none are refused")
{
	static const struct row wrong[] = {
		ROW("\0\0\1\1\x7f\0\0\1\1\2", NULL, 0, true),
		ROW("\0\0\x80\3\1x\1\2", NULL, 0, true),
		ROW("\0\0\0\2\x7f\0\0\1\1\2", NULL, 0, false),
		ROW("\0\0\0\3\0\1\2", NULL, 0, false),
		ROW("\0\0\0\3\3a b\1\2", NULL, 0, false),
		ROW("\0\0\0\3\2\0a\1\2", NULL, 0, false),
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct proxy_target t;
		const char *why = NULL;

		check_int((int)socks_datagram_parse(&t, wrong[i].bytes, wrong[i].n, &why), 0);
		check_str(why,
		    wrong[i].named
			? "a fragment of a datagram, which SOCKS5 does not have to support"
			: "a datagram without a header of SOCKS5");
	}
}
