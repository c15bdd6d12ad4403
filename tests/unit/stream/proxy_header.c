#include "stream/negotiate/proxy_header/proxy_header_parse.h"

#include "base/codec/crc32c.h"
#include "base/error.h"
#include "test.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

/* Feeds as the negotiation does, in pieces of at most `piece` bytes. Returns how many bytes were read,
 * or -1. */
static long
feed(struct proxy_header_parse *p, const char *data, size_t n, size_t piece, struct error *e)
{
	size_t at = 0, take;

	proxy_header_parse_init(p);
	while (p->need > 0 && at < n) {
		take = p->need < piece ? p->need : piece;
		if (take > n - at)
			take = n - at;
		if (proxy_header_parse_feed(p, data + at, take, e) < 0)
			return -1;
		at += take;
	}
	return (long)at;
}

/* The header reads the same in pieces of every size, and never takes a byte behind it. */
static void
check_header(const char *header, size_t n, const char *source, const char *destination)
{
	char data[PROXY_HEADER_MAX + 16], text[SOCKNAME_TEXT_MAX];
	struct proxy_header_parse p;
	struct error e = { 0 };
	size_t piece;

	memcpy(data, header, n);
	memcpy(data + n, "PROXY behind it", 15);
	for (piece = 1; piece <= n + 15; piece++) {
		if (!check_int(feed(&p, data, n + 15, piece, &e), (long)n))
			printf("# pieces of %zu: %s\n", piece, e.text);
		check_int(p.need, 0);
		check_int(p.header.local, source == NULL);
		if (source != NULL) {
			check_str(sockname_format(&p.header.source, text, sizeof(text)), source);
			check_str(sockname_format(&p.header.destination, text, sizeof(text)),
			    destination);
		}
		proxy_header_parse_fini(&p);
	}
	/* without its last byte it is not complete */
	check_int(feed(&p, data, n - 1, n, &e), (long)n - 1);
	check(p.need > 0);
	proxy_header_parse_fini(&p);
}

static void
check_line(const char *line, const char *source, const char *destination)
{
	check_header(line, strlen(line), source, destination);
}

static void
check_refused(const char *data, size_t n, const char *why)
{
	struct proxy_header_parse p;
	struct error e = { 0 };
	char text[128];

	check_int(feed(&p, data, n, 1, &e), -1);
	check_int(e.code, ERROR_NETWORK);
	snprintf(text, sizeof(text), "no valid PROXY header: %s", why);
	check_str(e.text, text);
	proxy_header_parse_fini(&p);
	/* in one piece it may be noticed later, and for another reason */
	check_int(feed(&p, data, n, n, &e), -1);
	proxy_header_parse_fini(&p);
}

static void
check_line_refused(const char *line, const char *why)
{
	check_refused(line, strlen(line), why);
}

/* ---- version 1 ---- */

TEST("a line of version 1 has the addresses of the client and of the proxy's server")
{
	check_line("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n", "192.0.2.1:56324",
	    "198.51.100.2:443");
	check_line("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", "[2001:db8::1]:1",
	    "[2001:db8::2]:65535");
	check_line("PROXY TCP4 1.1.1.1 2.2.2.2 0 0\r\n", "1.1.1.1:0", "2.2.2.2:0");
	check_line("PROXY TCP6 :: :: 0 0\r\n", "[::]:0", "[::]:0");
	check_line("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
	    "255.255.255.255:65535", "255.255.255.255:65535");
	check_line(
	    "PROXY TCP6 "
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
	    "65535\r\n",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

TEST("UNKNOWN has no addresses, and the rest of its line does not count")
{
	char line[PROXY_V1_MAX + 1] = "PROXY UNKNOWN ";

	check_line("PROXY UNKNOWN\r\n", NULL, NULL);
	check_line("PROXY UNKNOWN \r\n", NULL, NULL);
	check_line("PROXY UNKNOWN ffff::1 a b\rc 65535\r\n", NULL, NULL);
	memset(line + 14, 'x', PROXY_V1_MAX - 16);
	memcpy(line + PROXY_V1_MAX - 2, "\r\n", 2);
	check_line(line, NULL, NULL);
}

TEST("a line that is not to the letter is refused")
{
	static const char *const wrong[] = {
		"PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 1\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 \r\n",
		"PROXY TCP4  192.0.2.1 198.51.100.2 56324 443\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 56324 65536\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 56324 0443\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.2 +1 443\r\n",
		"PROXY TCP4 192.0.2.01 198.51.100.2 1 443\r\n",
		"PROXY TCP4 192.0.2 198.51.100.2 1 443\r\n",
		"PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
		"PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n",
		"PROXY TCP6 fe80::1%lo fe80::1%lo 1 2\r\n",
		"PROXY TCP4 192.0.2.1\r198.51.100.2 1 2\r\n",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		check_line_refused(wrong[i], "an address or a port is wrong");
	check_line_refused("PROXY TCP5 192.0.2.1 198.51.100.2 1 2\r\n",
	    "its family is neither TCP4, TCP6 nor UNKNOWN");
	check_line_refused("PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n",
	    "its family is neither TCP4, TCP6 nor UNKNOWN");
	check_line_refused("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\n",
	    "its line does not end in CR LF");
	check_line_refused("PROXY\n\n\n\n\n\n\n\n", "it begins with something else");
	check_line_refused("GET / HTTP/1.1\r\n", "it begins with something else");
}

TEST("a line is never longer than 107 bytes")
{
	char line[300] = "PROXY UNKNOWN ";

	memset(line + 14, 'x', sizeof(line) - 14);
	check_refused(line, sizeof(line), "its line is too long");
	memcpy(line, "PROXY TCP4 ", 11);
	check_refused(line, sizeof(line), "its line is too long");
	line[20] = '\0';
	check_refused(line, sizeof(line), "it has a NUL byte");
}

/* ---- version 2 ---- */

struct made {
	char data[PROXY_HEADER_MAX + 64];
	size_t n;
};

static void
put(struct made *m, const void *data, size_t n)
{
	memcpy(m->data + m->n, data, n);
	m->n += n;
	m->data[14] = (char)((m->n - 16) >> 8);
	m->data[15] = (char)(m->n - 16);
}

static struct made
made(unsigned command, unsigned family)
{
	struct made m = { .n = 16 };

	memcpy(m.data, SIGNATURE, 12);
	m.data[12] = (char)command;
	m.data[13] = (char)family;
	put(&m, "", 0);
	return m;
}

static void
put_tlv(struct made *m, unsigned type, const void *value, size_t n)
{
	const char head[3] = { (char)type, (char)(n >> 8), (char)n };

	put(m, head, sizeof(head));
	put(m, value, n);
}

/* Adds the checksum, which counts as zeros itself. */
static void
put_checksum(struct made *m)
{
	uint32_t crc;
	char *at;

	put_tlv(m, PROXY_TLV_CRC32C, "\0\0\0\0", 4);
	crc = crc32c(0, m->data, m->n);
	at = m->data + m->n - 4;
	at[0] = (char)(crc >> 24);
	at[1] = (char)(crc >> 16);
	at[2] = (char)(crc >> 8);
	at[3] = (char)crc;
}

#define V4 "\xc0\0\x02\x01\xc6\x33\x64\x02\xdc\x04\x01\xbb"

TEST("version 2 has IPv4, IPv6 and unix addresses")
{
	struct made m = made(0x21, 0x11);
	char v6[36] = { 0x20, 1, 0x0d, (char)0xb8, [15] = 1, [31] = 2, [33] = 80, [35] = 81 };
	char paths[216] = "/run/client.sock";

	put(&m, V4, 12);
	check_header(m.data, m.n, "192.0.2.1:56324", "198.51.100.2:443");
	m = made(0x21, 0x21);
	put(&m, v6, sizeof(v6));
	check_header(m.data, m.n, "[2001:db8::1]:80", "[::2]:81");
	m = made(0x21, 0x31);
	memset(paths + 108, 'x', 108);
	put(&m, paths, sizeof(paths));
	{
		struct proxy_header_parse p;
		struct error e = { 0 };
		char text[SOCKNAME_TEXT_MAX];

		check_int(feed(&p, m.data, m.n, 7, &e), (long)m.n);
		check_str(sockname_format(&p.header.source, text, sizeof(text)),
		    "unix:/run/client.sock");
		check_int(strlen(sockname_format(&p.header.destination, text, sizeof(text))), 113);
		proxy_header_parse_fini(&p);
	}
}

TEST("a proxy may speak for itself, or not know")
{
	struct made m = made(0x20, 0x00);

	check_header(m.data, m.n, NULL, NULL);
	m = made(0x20, 0x11);
	put(&m, V4, 12);
	check_header(m.data, m.n, NULL, NULL);
	/* what a LOCAL header says behind its command does not count */
	m = made(0x20, 0x77);
	put(&m, "whatever", 8);
	check_header(m.data, m.n, NULL, NULL);
	m = made(0x21, 0x00);
	check_header(m.data, m.n, NULL, NULL);
	m = made(0x21, 0x10);
	put(&m, V4, 12);
	check_header(m.data, m.n, NULL, NULL);
}

TEST("fields behind the addresses are skipped, and the checksum has to match")
{
	struct made m = made(0x21, 0x11);

	put(&m, V4, 12);
	put_tlv(&m, PROXY_TLV_ALPN, "h2", 2);
	put_tlv(&m, 0xee, "", 0);
	put_checksum(&m);
	put_tlv(&m, PROXY_TLV_AUTHORITY, "example.org", 11);
	/* the field behind it counts too */
	check_refused(m.data, m.n, "its checksum does not match");
	m = made(0x21, 0x11);
	put(&m, V4, 12);
	put_tlv(&m, PROXY_TLV_AUTHORITY, "example.org", 11);
	put_checksum(&m);
	check_header(m.data, m.n, "192.0.2.1:56324", "198.51.100.2:443");
	m.data[17] ^= 1;
	check_refused(m.data, m.n, "its checksum does not match");
	m = made(0x20, 0x00);
	put_checksum(&m);
	check_header(m.data, m.n, NULL, NULL);
	m.data[m.n - 1] ^= 1;
	check_refused(m.data, m.n, "its checksum does not match");
}

TEST("lengths that do not fit are refused")
{
	struct made m = made(0x21, 0x11);
	char fill[PROXY_HEADER_MAX] = { 0 };

	put(&m, V4, 11);
	check_refused(m.data, m.n, "it is too short for its addresses");
	put(&m, "\xbb", 1);
	put(&m, "\x01\0", 2);
	check_refused(m.data, m.n, "its last field is cut off");
	put(&m, "\x09", 1);
	check_refused(m.data, m.n, "a field is longer than the header");
	m = made(0x21, 0x11);
	put(&m, V4, 12);
	put_tlv(&m, PROXY_TLV_CRC32C, "\0\0\0", 3);
	check_refused(m.data, m.n, "the length of its checksum is wrong");
	m = made(0x21, 0x11);
	put(&m, V4, 12);
	put_tlv(&m, 0xe0, fill, PROXY_HEADER_MAX - 16 - 12 - 3);
	check_int(m.n, PROXY_HEADER_MAX);
	check_header(m.data, m.n, "192.0.2.1:56324", "198.51.100.2:443");
	put(&m, "", 1);
	check_refused(m.data, m.n, "it is longer than 4096 bytes");
}

TEST("versions, commands and families that do not exist are refused")
{
	struct made m = made(0x11, 0x11);

	put(&m, V4, 12);
	check_refused(m.data, m.n, "its version or command does not exist");
	m.data[12] = 0x22;
	check_refused(m.data, m.n, "its version or command does not exist");
	m.data[12] = 0x21;
	m.data[13] = 0x41;
	check_refused(m.data, m.n, "its family or transport does not exist");
	m.data[13] = 0x13;
	check_refused(m.data, m.n, "its family or transport does not exist");
	m.data[13] = 0x12;
	check_refused(m.data, m.n, "it is about datagrams");
	m.data[5] = 1;
	check_refused(m.data, m.n, "it begins with something else");
}
