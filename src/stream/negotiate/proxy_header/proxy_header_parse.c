#include "stream/negotiate/proxy_header/proxy_header_parse.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/array.h"
#include "base/codec/crc32c.h"
#include "base/error.h"
#include "base/parse.h"

/* The shortest line of version 1 is longer than the signature of version 2. */
#define V1_BEGIN "PROXY "
#define V1_BEGIN_SIZE 6
#define TLV_HEAD 3
#define CRC_SIZE 4

static int
header_fail(struct error *e, const char *why)
{
	return error_set(e, ERROR_NETWORK, "no valid PROXY header: %s", why);
}

/* ---- version 1 ---- */

/* The fields of a line, and the length of the shortest. */
static const struct {
	size_t v4, v6;
} field_sizes[] = { { 5, 5 }, { 4, 4 }, { 7, 2 }, { 7, 2 }, { 1, 1 }, { 1, 1 } };

/* Returns how many bytes an unfinished line has at least to come. */
static size_t
v1_need(const char *line, size_t n)
{
	bool v6 = n >= 10 && memcmp(line + V1_BEGIN_SIZE, "TCP6", 4) == 0;
	bool known = v6 || (n >= 10 && memcmp(line + V1_BEGIN_SIZE, "TCP4", 4) == 0);
	size_t fields = 0, need = 2, i;

	if (line[n - 1] == '\r')
		return 1;
	if (!known)
		return need;
	for (i = 0; i < n; i++)
		fields += line[i] == ' ';
	/* the field that has begun may be complete */
	for (i = fields + 1; i < ARRAY_LEN(field_sizes); i++)
		need += 1 + (v6 ? field_sizes[i].v6 : field_sizes[i].v4);
	return need;
}

/* Ends the first word of *rest at its space. The last word is all that is left; behind it *rest is
 * NULL, and there are no more. */
static const char *
v1_word(char **rest)
{
	char *word = *rest;

	if (word == NULL)
		return "";
	*rest = strchr(word, ' ');
	if (*rest != NULL)
		*(*rest)++ = '\0';
	return word;
}

static int
read_v1_name(int family, const char *address, const char *port, struct sockname *ret_name)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&ret_name->storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret_name->storage;
	void *bytes = family == AF_INET ? (void *)&in->sin_addr : (void *)&in6->sin6_addr;
	uint16_t number;

	*ret_name = (struct sockname){ .len = family == AF_INET ? sizeof(*in) : sizeof(*in6) };
	ret_name->sa.sa_family = (sa_family_t)family;
	if (inet_pton(family, address, bytes) != 1 || parse_port(port, &number, NULL) < 0)
		return -1;
	sockname_set_port(ret_name, number);
	return 0;
}

static int
read_v1(struct proxy_header_parse *p, char *line, struct error *e)
{
	struct proxy_header *h = &p->header;
	const char *family, *source, *destination, *source_port, *port;
	char *rest = line + V1_BEGIN_SIZE;
	int af;

	family = v1_word(&rest);
	if (strcmp(family, "UNKNOWN") == 0) {
		h->local = true;
		return 0;
	}
	if (strcmp(family, "TCP4") != 0 && strcmp(family, "TCP6") != 0)
		return header_fail(e, "its family is neither TCP4, TCP6 nor UNKNOWN");
	af = family[3] == '4' ? AF_INET : AF_INET6;
	source = v1_word(&rest);
	destination = v1_word(&rest);
	source_port = v1_word(&rest);
	port = v1_word(&rest);
	if (rest != NULL || read_v1_name(af, source, source_port, &h->source) < 0 ||
	    read_v1_name(af, destination, port, &h->destination) < 0)
		return header_fail(e, "an address or a port is wrong");
	return 0;
}

static int
feed_v1(struct proxy_header_parse *p, struct error *e)
{
	char *line = buf_head(&p->in), *end;
	size_t n = p->in.len;

	if (memchr(line, '\0', n) != NULL)
		return header_fail(e, "it has a NUL byte");
	end = memchr(line, '\n', n);
	if (end == NULL) {
		p->need = v1_need(line, n);
		return n + p->need <= PROXY_V1_MAX ? 0 : header_fail(e, "its line is too long");
	}
	if (end[-1] != '\r')
		return header_fail(e, "its line does not end in CR LF");
	if (end != line + n - 1)
		return header_fail(e, "a part of its line is missing");
	line[n - 2] = '\0';
	p->need = 0;
	return read_v1(p, line, e);
}

/* ---- version 2 ---- */

static unsigned
get_u16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static struct sockname
name_v4(const unsigned char *address, const unsigned char *port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in) };

	name.sa.sa_family = AF_INET;
	memcpy(&((struct sockaddr_in *)&name.storage)->sin_addr, address, 4);
	sockname_set_port(&name, (uint16_t)get_u16(port));
	return name;
}

static struct sockname
name_v6(const unsigned char *address, const unsigned char *port)
{
	struct sockname name = { .len = sizeof(struct sockaddr_in6) };

	name.sa.sa_family = AF_INET6;
	memcpy(&((struct sockaddr_in6 *)&name.storage)->sin6_addr, address, 16);
	sockname_set_port(&name, (uint16_t)get_u16(port));
	return name;
}

static struct sockname
name_path(const unsigned char *path)
{
	struct sockname name = { .len = offsetof(struct sockaddr_un, sun_path) };
	struct sockaddr_un *un = (struct sockaddr_un *)&name.storage;
	size_t n = strnlen((const char *)path, PROXY_V2_PATH_SIZE);

	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, n);
	name.len += (socklen_t)n;
	return name;
}

/* Returns the size of both addresses, or -1 for a family or transport that does not exist. */
static int
address_size(unsigned char family)
{
	if ((family & 0x0f) > PROXY_V2_DGRAM)
		return -1;
	switch (family & 0xf0) {
	case 0:
		return 0;
	case PROXY_V2_INET:
		return PROXY_V2_INET_SIZE;
	case PROXY_V2_INET6:
		return PROXY_V2_INET6_SIZE;
	case PROXY_V2_UNIX:
		return PROXY_V2_UNIX_SIZE;
	default:
		return -1;
	}
}

static void
read_addresses(struct proxy_header *h, unsigned char family, const unsigned char *at)
{
	switch (family & 0xf0) {
	case PROXY_V2_INET:
		h->source = name_v4(at, at + 8);
		h->destination = name_v4(at + 4, at + 10);
		break;
	case PROXY_V2_INET6:
		h->source = name_v6(at, at + 32);
		h->destination = name_v6(at + 16, at + 34);
		break;
	default:
		h->source = name_path(at);
		h->destination = name_path(at + PROXY_V2_PATH_SIZE);
		break;
	}
}

/* The checksum is that of the whole header, with zeros in its own place. */
static bool
is_checksum_right(const unsigned char *header, size_t n, const unsigned char *at)
{
	static const unsigned char zeros[CRC_SIZE];
	uint32_t told = (uint32_t)get_u16(at) << 16 | get_u16(at + 2), crc;

	crc = crc32c(0, header, (size_t)(at - header));
	crc = crc32c(crc, zeros, CRC_SIZE);
	return crc32c(crc, at + CRC_SIZE, n - (size_t)(at + CRC_SIZE - header)) == told;
}

/* Skips all but the checksum. */
static int
read_tlvs(const unsigned char *header, size_t n, size_t at, struct error *e)
{
	size_t len;

	for (; at < n; at += TLV_HEAD + len) {
		if (n - at < TLV_HEAD)
			return header_fail(e, "its last field is cut off");
		len = get_u16(header + at + 1);
		if (len > n - at - TLV_HEAD)
			return header_fail(e, "a field is longer than the header");
		if (header[at] != PROXY_TLV_CRC32C)
			continue;
		if (len != CRC_SIZE)
			return header_fail(e, "the length of its checksum is wrong");
		if (!is_checksum_right(header, n, header + at + TLV_HEAD))
			return header_fail(e, "its checksum does not match");
	}
	return 0;
}

static int
read_v2(struct proxy_header_parse *p, struct error *e)
{
	const unsigned char *header = (const unsigned char *)buf_head(&p->in);
	unsigned char family = header[13];
	size_t n = p->in.len;
	int size = address_size(family);

	p->header.local =
	    header[12] == PROXY_V2_LOCAL || (family & 0xf0) == 0 || (family & 0x0f) == 0;
	if (size < 0 && !p->header.local)
		return header_fail(e, "its family or transport does not exist");
	if (!p->header.local && (family & 0x0f) != PROXY_V2_STREAM)
		return header_fail(e, "it is about datagrams");
	if (size < 0 || (size_t)size > n - PROXY_V2_FIXED) {
		if (p->header.local)
			return 0;
		return header_fail(e, "it is too short for its addresses");
	}
	if (!p->header.local)
		read_addresses(&p->header, family, header + PROXY_V2_FIXED);
	return read_tlvs(header, n, PROXY_V2_FIXED + (size_t)size, e);
}

static int
feed_v2(struct proxy_header_parse *p, struct error *e)
{
	const unsigned char *header = (const unsigned char *)buf_head(&p->in);
	size_t n;

	if (p->in.len < PROXY_V2_FIXED) {
		p->need = PROXY_V2_FIXED - p->in.len;
		return 0;
	}
	if (header[12] != PROXY_V2_LOCAL && header[12] != PROXY_V2_PROXY)
		return header_fail(e, "its version or command does not exist");
	n = PROXY_V2_FIXED + get_u16(header + 14);
	if (n > PROXY_HEADER_MAX)
		return header_fail(e, "it is longer than 4096 bytes");
	p->need = n - p->in.len;
	return p->need > 0 ? 0 : read_v2(p, e);
}

/* ---- both ---- */

void
proxy_header_parse_init(struct proxy_header_parse *p)
{
	*p = (struct proxy_header_parse){ .need = PROXY_V2_SIGNATURE_SIZE };
	buf_init(&p->in, PROXY_HEADER_MAX);
}

void
proxy_header_parse_fini(struct proxy_header_parse *p)
{
	buf_fini(&p->in);
}

/* True if the first n bytes are those of begin. */
static bool
header_begins(const struct buf *in, const char *begin, size_t n)
{
	return memcmp(buf_head(in), begin, in->len < n ? in->len : n) == 0;
}

int
proxy_header_parse_feed(struct proxy_header_parse *p, const void *data, size_t n, struct error *e)
{
	bool v1, v2;

	if (n == 0)
		return 0;
	if (buf_append(&p->in, data, n, e) < 0)
		return -1;
	p->need -= n;
	v1 = header_begins(&p->in, V1_BEGIN, V1_BEGIN_SIZE);
	v2 = header_begins(&p->in, PROXY_V2_SIGNATURE, PROXY_V2_SIGNATURE_SIZE);
	if (!v1 && !v2)
		return header_fail(e, "it begins with something else");
	if (p->in.len < PROXY_V2_SIGNATURE_SIZE)
		return 0;
	if (v1)
		return feed_v1(p, e);
	return p->need > 0 ? 0 : feed_v2(p, e);
}
