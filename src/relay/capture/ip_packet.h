/*
 * IP packets with TCP segments or UDP datagrams in them, for captures of what never was a packet
 * here: lengths and checksums are right, the rest is what the caller says.
 */
#ifndef RELAY_CAPTURE_IP_PACKET_H
#define RELAY_CAPTURE_IP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

struct ip_end {
	bool v6;
	unsigned char address[16]; /* IPv4: the first four bytes */
	uint16_t port;
};

/* Flags of TCP (RFC 9293, 3.1). */
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

/* How many bytes a TCP segment carries where packets have 1500 bytes, and how many a datagram has
 * at most. */
enum { IP_PACKET_MSS_V4 = 1460, IP_PACKET_MSS_V6 = 1440, IP_PACKET_UDP_MAX = 65507 };

struct tcp_segment {
	uint32_t seq, ack;
	unsigned flags; /* TCP_SYN adds the options for MSS and window scale */
	const void *data;
	size_t n;
};

/* Appends an IP packet. Both ends have the same version. Fails like buf_append(). */
int ip_packet_tcp(struct buf *out, const struct ip_end *from, const struct ip_end *to,
    const struct tcp_segment *s, struct error *e);

/* The same with n bytes in UDP; n is at most IP_PACKET_UDP_MAX. */
int ip_packet_udp(struct buf *out, const struct ip_end *from, const struct ip_end *to,
    const void *data, size_t n, struct error *e);

#endif
