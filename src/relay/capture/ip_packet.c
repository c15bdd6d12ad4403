#include "relay/capture/ip_packet.h"

#include <netinet/in.h>
#include <string.h>

#include "base/buf.h"

/* With this scale a window of 16 bits is 1 GiB, so that no peer seems to be out of room. */
enum { WINDOW = 0xffff, WINDOW_SCALE = 14, HOPS = 64 };

static void
put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static void
put32(unsigned char *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* ---- checksums (RFC 1071) ---- */

static uint64_t
sum_words(uint64_t sum, const unsigned char *data, size_t n)
{
	for (; n > 1; n -= 2, data += 2)
		sum += (uint64_t)data[0] << 8 | data[1];
	return n == 1 ? sum + ((uint64_t)data[0] << 8) : sum;
}

static unsigned
fold_sum(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)(~sum & 0xffff);
}

/* Over the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1), a header and its data. */
static unsigned
transport_checksum(const struct ip_end *from, const struct ip_end *to, unsigned protocol,
    const unsigned char *header, size_t n)
{
	size_t width = from->v6 ? 16 : 4;
	uint64_t sum = protocol + n;

	sum = sum_words(sum, from->address, width);
	sum = sum_words(sum, to->address, width);
	return fold_sum(sum_words(sum, header, n));
}

/* ---- IP ---- */

static size_t
put_ip4(unsigned char *at, const struct ip_end *from, const struct ip_end *to, unsigned protocol,
    size_t n)
{
	memset(at, 0, 20);
	at[0] = 0x45;
	put16(at + 2, (unsigned)(20 + n));
	at[6] = 0x40; /* do not fragment */
	at[8] = HOPS;
	at[9] = (unsigned char)protocol;
	memcpy(at + 12, from->address, 4);
	memcpy(at + 16, to->address, 4);
	put16(at + 10, fold_sum(sum_words(0, at, 20)));
	return 20;
}

static size_t
put_ip6(unsigned char *at, const struct ip_end *from, const struct ip_end *to, unsigned protocol,
    size_t n)
{
	memset(at, 0, 8);
	at[0] = 0x60;
	put16(at + 4, (unsigned)n);
	at[6] = (unsigned char)protocol;
	at[7] = HOPS;
	memcpy(at + 8, from->address, 16);
	memcpy(at + 24, to->address, 16);
	return 40;
}

/* Reserves a packet with n bytes after the header of IP, which it writes. Returns where they
 * belong. */
static unsigned char *
start_packet(struct buf *out, const struct ip_end *from, const struct ip_end *to, unsigned protocol,
    size_t n, struct error *e)
{
	unsigned char *at = (unsigned char *)buf_reserve(out, 40 + n, e);
	size_t header;

	if (at == NULL)
		return NULL;
	header = from->v6 ? put_ip6(at, from, to, protocol, n) : put_ip4(at, from, to, protocol, n);
	buf_added(out, header + n);
	return at + header;
}

/* ---- TCP and UDP ---- */

/* The maximum segment size, and the scale of the window (RFC 7323, 2.2). */
static void
put_syn_options(unsigned char *at, bool v6)
{
	at[0] = 2;
	at[1] = 4;
	put16(at + 2, v6 ? IP_PACKET_MSS_V6 : IP_PACKET_MSS_V4);
	at[4] = 1;
	at[5] = 3;
	at[6] = 3;
	at[7] = WINDOW_SCALE;
}

int
ip_packet_tcp(struct buf *out, const struct ip_end *from, const struct ip_end *to,
    const struct tcp_segment *s, struct error *e)
{
	size_t header = (s->flags & TCP_SYN) != 0 ? 28 : 20;
	unsigned char *at = start_packet(out, from, to, IPPROTO_TCP, header + s->n, e);

	if (at == NULL)
		return -1;
	memset(at, 0, header);
	put16(at, from->port);
	put16(at + 2, to->port);
	put32(at + 4, s->seq);
	put32(at + 8, s->ack);
	at[12] = (unsigned char)(header / 4 << 4);
	at[13] = (unsigned char)s->flags;
	put16(at + 14, WINDOW);
	if (header > 20)
		put_syn_options(at + 20, from->v6);
	if (s->n > 0)
		memcpy(at + header, s->data, s->n);
	put16(at + 16, transport_checksum(from, to, IPPROTO_TCP, at, header + s->n));
	return 0;
}

int
ip_packet_udp(struct buf *out, const struct ip_end *from, const struct ip_end *to, const void *data,
    size_t n, struct error *e)
{
	unsigned char *at = start_packet(out, from, to, IPPROTO_UDP, 8 + n, e);
	unsigned sum;

	if (at == NULL)
		return -1;
	put16(at, from->port);
	put16(at + 2, to->port);
	put16(at + 4, (unsigned)(8 + n));
	put16(at + 6, 0);
	if (n > 0)
		memcpy(at + 8, data, n);
	sum = transport_checksum(from, to, IPPROTO_UDP, at, 8 + n);
	/* 0 means that there is none (RFC 768) */
	put16(at + 6, sum == 0 ? 0xffff : sum);
	return 0;
}
