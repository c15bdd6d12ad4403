#include "relay/capture/ip_packet.h"

#include <string.h>

#include "base/buf.h"
#include "test.h"

static const struct ip_end left = { .address = { 10, 0, 0, 1 }, .port = 4000 };
static const struct ip_end right = { .address = { 10, 0, 0, 2 }, .port = 80 };
static const struct ip_end left6 = { .v6 = true,
	.address = { 0xfe, 0x80, [15] = 1 },
	.port = 4000 };
static const struct ip_end right6 = { .v6 = true, .address = { 0xfe, 0x80, [15] = 2 }, .port = 80 };

/* The ones' complement sum, as a receiver forms it: 0xffff where a checksum is right. */
static unsigned
sum_of(unsigned long sum, const unsigned char *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (unsigned long)data[i] << 8 : data[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)sum;
}

static bool
is_right(const struct buf *packet, unsigned protocol)
{
	const unsigned char *p = (const unsigned char *)buf_head(packet);
	const bool v6 = p[0] >> 4 == 6;
	const size_t header = v6 ? 40 : 20, n = packet->len - header;
	const unsigned sum = sum_of(protocol + n, p + (v6 ? 8 : 12), v6 ? 32 : 8);

	return (v6 || sum_of(0, p, 20) == 0xffff) && sum_of(sum, p + header, n) == 0xffff;
}

TEST("a segment of TCP over IPv4 has its lengths, numbers and right checksums")
{
	const struct tcp_segment s = { .seq = 0x01020304,
		.ack = 0x05060708,
		.flags = TCP_ACK | TCP_PSH,
		.data = "odd",
		.n = 3 };
	const unsigned char *p;
	struct buf out;

	buf_init(&out, 1 << 16);
	check_int(ip_packet_tcp(&out, &left, &right, &s, NULL), 0);
	check_int(out.len, 43);
	p = (const unsigned char *)buf_head(&out);
	check_int(p[2] << 8 | p[3], 43);
	check_int(p[9], 6);
	check_mem(p + 20, 12, "\x0f\xa0\0\x50\1\2\3\4\5\6\7\x08", 12);
	check_int(p[33], TCP_ACK | TCP_PSH);
	check_mem(p + 40, 3, "odd", 3);
	check(is_right(&out, 6));
	buf_fini(&out);
}

TEST("a SYN names the segment size and the scale of the window, over IPv6, too")
{
	const struct tcp_segment s = { .flags = TCP_SYN };
	const unsigned char *p;
	struct buf out;

	buf_init(&out, 1 << 16);
	check_int(ip_packet_tcp(&out, &left6, &right6, &s, NULL), 0);
	check_int(out.len, 40 + 28);
	p = (const unsigned char *)buf_head(&out);
	check_int(p[0] >> 4, 6);
	check_int(p[4] << 8 | p[5], 28);
	check_int(p[40 + 12] >> 4, 7);
	check_int(p[40 + 22] << 8 | p[40 + 23], IP_PACKET_MSS_V6);
	check(is_right(&out, 6));
	buf_fini(&out);
}

TEST("datagrams of 0 and of the most bytes have right lengths and checksums")
{
	static char data[IP_PACKET_UDP_MAX];
	const unsigned char *p;
	struct buf out;

	memset(data, 0xa5, sizeof(data));
	buf_init(&out, 1 << 18);
	check_int(ip_packet_udp(&out, &left, &right, NULL, 0, NULL), 0);
	check_int(out.len, 28);
	check(is_right(&out, 17));
	buf_consume(&out, out.len);
	check_int(ip_packet_udp(&out, &left, &right, data, sizeof(data), NULL), 0);
	check_int(out.len, 65535);
	p = (const unsigned char *)buf_head(&out);
	check_int(p[2] << 8 | p[3], 65535);
	check(is_right(&out, 17));
	buf_fini(&out);
}

TEST("a buffer that is full is an error")
{
	const struct tcp_segment s = { .flags = TCP_ACK, .data = "abc", .n = 3 };
	struct buf out;

	buf_init(&out, 16);
	check_int(ip_packet_tcp(&out, &left, &right, &s, NULL), -1);
	check_int(out.len, 0);
	buf_fini(&out);
}
