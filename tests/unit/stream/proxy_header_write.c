#include "stream/negotiate/proxy_header/proxy_header_write.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/codec/crc32c.h"
#include "base/error.h"
#include "test.h"

static struct sockname
name_of(const char *host, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockname name = { .len = 0 };

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		name.len = sizeof(v4);
		memcpy(&name.storage, &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		name.len = sizeof(v6);
		memcpy(&name.storage, &v6, sizeof(v6));
	}
	return name;
}

static struct proxy_header_write_how
header_of(int version, const char *from, const char *to)
{
	return (struct proxy_header_write_how){ .version = version,
		.header = { .source = name_of(from, 258), .destination = name_of(to, 443) } };
}

static void
check_line(const struct proxy_header_write_how *how, const char *want)
{
	struct error e;
	struct buf out;

	buf_init(&out, 4096);
	check_int(proxy_header_write(&out, how, &e), 0);
	check_str(buf_text(&out, &e), want);
	buf_fini(&out);
}

TEST("version 1 is a line with both addresses, or says that it does not know them")
{
	static const struct {
		const char *from, *to, *line;
	} rows[] = {
		{ "1.2.3.4", "5.6.7.8", "PROXY TCP4 1.2.3.4 5.6.7.8 258 443\r\n" },
		{ "::ffff:1.2.3.4", "5.6.7.8", "PROXY TCP4 1.2.3.4 5.6.7.8 258 443\r\n" },
		{ "fe80::1", "::1", "PROXY TCP6 fe80::1 ::1 258 443\r\n" },
		{ "1.2.3.4", "::1", "PROXY UNKNOWN\r\n" },
		{ "", "", "PROXY UNKNOWN\r\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct proxy_header_write_how how = header_of(1, rows[i].from, rows[i].to);

		check_line(&how, rows[i].line);
		how.header.local = true;
		check_line(&how, "PROXY UNKNOWN\r\n");
	}
}

/* Checks the bytes before the checksum, and the checksum. */
static void
check_binary(const struct proxy_header_write_how *how, const char *want, size_t n)
{
	unsigned char *data;
	struct error e;
	struct buf out;
	uint32_t sum;

	buf_init(&out, 4096);
	check_int(proxy_header_write(&out, how, &e), 0);
	data = (unsigned char *)buf_head(&out);
	if (check_int((int64_t)out.len, (int64_t)n + 7)) {
		check(memcmp(data, want, n) == 0);
		check(memcmp(data + n, "\3\0\4", 3) == 0);
		sum = (uint32_t)data[n + 3] << 24 | (uint32_t)data[n + 4] << 16 |
		    (uint32_t)data[n + 5] << 8 | data[n + 6];
		memset(data + n + 3, 0, 4);
		check(crc32c(0, data, out.len) == sum);
	}
	buf_fini(&out);
}

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define CHECK_BINARY(how, want) check_binary(how, SIGNATURE want, sizeof(SIGNATURE want) - 1)

TEST("version 2 has the addresses, what TLS asks for, and a checksum")
{
	struct proxy_header_write_how how = header_of(2, "1.2.3.4", "5.6.7.8");

	CHECK_BINARY(&how, "\x21\x11\0\x13\1\2\3\4\5\6\7\10\1\2\1\xbb");
	how.alpn = "h2";
	how.authority = "a.b";
	CHECK_BINARY(&how,
	    "\x21\x11\0\x1e\1\2\3\4\5\6\7\10\1\2\1\xbb\1\0\2h2\2\0\3"
	    "a.b");
	how = header_of(2, "::1", "::2");
	CHECK_BINARY(&how,
	    "\x21\x21\0\x2b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\1\2\1\xbb");
}

TEST("version 2 without addresses is a local connection")
{
	struct proxy_header_write_how how = header_of(2, "1.2.3.4", "::1");

	CHECK_BINARY(&how, "\x20\0\0\7");
	how = header_of(2, "1.2.3.4", "5.6.7.8");
	how.header.local = true;
	CHECK_BINARY(&how, "\x20\0\0\7");
}

TEST("version 2 has the paths of unix sockets, of any length")
{
	struct proxy_header_write_how how = { .version = 2 };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct error e;
	struct buf out;

	memset(un.sun_path, 'x', sizeof(un.sun_path));
	how.header.source.len = sizeof(un);
	memcpy(&how.header.source.storage, &un, sizeof(un));
	how.header.destination.len = offsetof(struct sockaddr_un, sun_path);
	memcpy(&how.header.destination.storage, &un, how.header.destination.len);
	buf_init(&out, 4096);
	check_int(proxy_header_write(&out, &how, &e), 0);
	check_int((int64_t)out.len, 16 + 216 + 7);
	check_int(buf_head(&out)[13], 0x31);
	check_int(buf_head(&out)[16 + 107], 'x');
	check_int(buf_head(&out)[16 + 108], 0);
	buf_fini(&out);
}
