#include "stream/negotiate/proxy_header/proxy_header_write.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/codec/crc32c.h"
#include "base/error.h"

/* The longest header that is written: the addresses of unix sockets, and two texts. */
enum { BODY_MAX = 2048, TLV_TEXT_MAX = 255, CRC_TLV_SIZE = 7 };

/* Sets v4-mapped addresses to IPv4. Returns the family, or AF_UNSPEC if they cannot be written. */
static int
find_family(const struct proxy_header *h, struct sockname *ret_source, struct sockname *ret_dest)
{
	if (h->local || h->source.len == 0 || h->destination.len == 0)
		return AF_UNSPEC;
	*ret_source = sockname_unmapped(&h->source);
	*ret_dest = sockname_unmapped(&h->destination);
	if (ret_source->sa.sa_family != ret_dest->sa.sa_family)
		return AF_UNSPEC;
	return ret_source->sa.sa_family;
}

/* ---- version 1 ---- */

/* An address has no zone in the protocol. */
static const char *
plain_host(const struct sockname *name, char text[SOCKNAME_TEXT_MAX])
{
	sockname_host(name, text, SOCKNAME_TEXT_MAX);
	text[strcspn(text, "%")] = '\0';
	return text;
}

static int
write_v1(struct buf *out, const struct proxy_header *h, struct error *e)
{
	char from[SOCKNAME_TEXT_MAX], to[SOCKNAME_TEXT_MAX];
	struct sockname source, dest;
	int family = find_family(h, &source, &dest);

	if (family != AF_INET && family != AF_INET6)
		return buf_append(out, "PROXY UNKNOWN\r\n", 15, e);
	return buf_printf(out, e, "PROXY TCP%c %s %s %u %u\r\n", family == AF_INET ? '4' : '6',
	    plain_host(&source, from), plain_host(&dest, to), sockname_port(&source),
	    sockname_port(&dest));
}

/* ---- version 2 ---- */

/* The address and the port of one end, as the kernel has them. */
struct end {
	const void *address, *port;
};

static struct end
end_of(const struct sockname *name)
{
	const struct sockaddr_in *v4 = (const void *)&name->storage;
	const struct sockaddr_in6 *v6 = (const void *)&name->storage;

	if (name->sa.sa_family == AF_INET)
		return (struct end){ &v4->sin_addr, &v4->sin_port };
	return (struct end){ &v6->sin6_addr, &v6->sin6_port };
}

/* n is the size of an address. */
static int
append_ends(struct buf *body, const struct sockname *source, const struct sockname *dest, size_t n,
    struct error *e)
{
	const struct end from = end_of(source), to = end_of(dest);

	if (buf_append(body, from.address, n, e) < 0 || buf_append(body, to.address, n, e) < 0 ||
	    buf_append(body, from.port, 2, e) < 0)
		return -1;
	return buf_append(body, to.port, 2, e);
}

static int
append_path(struct buf *body, const struct sockname *name, struct error *e)
{
	const struct sockaddr_un *un = (const void *)&name->storage;
	size_t n = name->len - offsetof(struct sockaddr_un, sun_path);
	char path[PROXY_V2_PATH_SIZE] = "";

	memcpy(path, un->sun_path, n < sizeof(path) ? n : sizeof(path));
	return buf_append(body, path, sizeof(path), e);
}

/* Returns the byte of the family, or -1. */
static int
append_addresses(struct buf *body, const struct proxy_header *h, struct error *e)
{
	struct sockname source, dest;
	int rc = 0, byte = 0;

	switch (find_family(h, &source, &dest)) {
	case AF_INET:
		byte = PROXY_V2_INET | PROXY_V2_STREAM;
		rc = append_ends(body, &source, &dest, 4, e);
		break;
	case AF_INET6:
		byte = PROXY_V2_INET6 | PROXY_V2_STREAM;
		rc = append_ends(body, &source, &dest, 16, e);
		break;
	case AF_UNIX:
		byte = PROXY_V2_UNIX | PROXY_V2_STREAM;
		rc = append_path(body, &source, e) < 0 ? -1 : append_path(body, &dest, e);
		break;
	default:
		break;
	}
	return rc < 0 ? -1 : byte;
}

static int
append_tlv(struct buf *body, enum proxy_tlv type, const char *text, struct error *e)
{
	size_t n = text != NULL ? strlen(text) : 0;
	const unsigned char head[3] = { (unsigned char)type, 0, (unsigned char)n };

	if (n == 0 || n > TLV_TEXT_MAX)
		return 0;
	return buf_append(body, head, sizeof(head), e) < 0 ? -1 : buf_append(body, text, n, e);
}

/* The checksum is over the whole header, in which it is 0 itself. */
static int
append_v2(struct buf *out, int family, const struct buf *body, bool local, struct error *e)
{
	size_t n = body->len + CRC_TLV_SIZE, at = out->len;
	const unsigned char head[4] = { local ? PROXY_V2_LOCAL : PROXY_V2_PROXY,
		(unsigned char)family, (unsigned char)(n >> 8), (unsigned char)n };
	unsigned char tlv[CRC_TLV_SIZE] = { PROXY_TLV_CRC32C, 0, 4 };
	uint32_t sum;

	if (buf_append(out, PROXY_V2_SIGNATURE, PROXY_V2_SIGNATURE_SIZE, e) < 0 ||
	    buf_append(out, head, sizeof(head), e) < 0 ||
	    (body->len > 0 && buf_append(out, buf_head(body), body->len, e) < 0))
		return -1;
	sum = crc32c(0, buf_head(out) + at, out->len - at);
	sum = crc32c(sum, tlv, sizeof(tlv));
	for (int i = 0; i < 4; i++)
		tlv[3 + i] = (unsigned char)(sum >> (24 - 8 * i));
	return buf_append(out, tlv, sizeof(tlv), e);
}

static int
write_v2(struct buf *out, const struct proxy_header_write_how *how, struct error *e)
{
	struct buf body;
	int family, rc = -1;

	buf_init(&body, BODY_MAX);
	family = append_addresses(&body, &how->header, e);
	if (family >= 0 && append_tlv(&body, PROXY_TLV_ALPN, how->alpn, e) == 0 &&
	    append_tlv(&body, PROXY_TLV_AUTHORITY, how->authority, e) == 0)
		rc = append_v2(out, family, &body, family == 0, e);
	buf_fini(&body);
	return rc;
}

int
proxy_header_write(struct buf *out, const struct proxy_header_write_how *how, struct error *e)
{
	return how->version == 1 ? write_v1(out, &how->header, e) : write_v2(out, how, e);
}
