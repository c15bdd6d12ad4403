#include "relay/capture/packet_flow.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/parse.h"
#include "relay/capture/pcapng.h"

enum {
	PACKET_BYTES_MAX = 66 << 10,
	ACK_EVERY = 32,       /* segments, as a receiver does that merges them */
	MADE_UP_PORT = 49152, /* the first of the dynamic ones (RFC 6335, 6) */
	MADE_UP_PORTS = 16384
};

/* ---- addresses ---- */

static const char *
skip_transport(const char *text)
{
	static const char *const transports[] = { "tcp:", "udp:", "tls:", "dtls:", "sctp:" };

	for (size_t i = 0; i < ARRAY_LEN(transports); i++)
		if (strncmp(text, transports[i], strlen(transports[i])) == 0)
			return text + strlen(transports[i]);
	return text;
}

/* Parses "1.2.3.4:80" or "[fe80::1%eth0]:80". */
static bool
parse_ip_end(const char *text, struct ip_end *ret_end)
{
	char host[INET6_ADDRSTRLEN];
	struct ip_end end = { .v6 = text[0] == '[' };
	const char *colon = strrchr(text, ':');
	size_t n = end.v6 ? strcspn(++text, "]%") : strcspn(text, ":");

	if (colon == NULL || n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (parse_port(colon + 1, &end.port, NULL) == -1 ||
	    inet_pton(end.v6 ? AF_INET6 : AF_INET, host, end.address) != 1)
		return false;
	*ret_end = end;
	return true;
}

static void
make_up_end(struct ip_end *end, const struct packet_flow_how *how, enum packet_side side)
{
	static const unsigned char loopback[4] = { 127, 0, 0, 1 };
	const bool serves = how->accepted ? side == PACKET_LOCAL : side == PACKET_PEER;

	*end = (struct ip_end){ .port = (uint16_t)(MADE_UP_PORT + how->id % (MADE_UP_PORTS - 1)) };
	/* all clients of a server see the same port */
	if (serves)
		end->port = MADE_UP_PORT + MADE_UP_PORTS - 1;
	memcpy(end->address, loopback, sizeof(loopback));
}

void
packet_flow_comment(struct packet_flow *f, const char *text)
{
	size_t n = strlen(f->comment);

	snprintf(f->comment + n, sizeof(f->comment) - n, "%s%s", n > 0 ? "; " : "", text);
}

static void
comment_made_up(struct packet_flow *f, const char *text, enum packet_side side)
{
	char line[384];

	snprintf(line, sizeof(line), "127.0.0.1:%u stands for %s", f->ends[side].port,
	    text[0] != '\0' ? text : "an address that is unknown");
	packet_flow_comment(f, line);
}

/* Both ends are of one version, so both are made up where one has to be. */
static void
set_ends(struct packet_flow *f, const struct packet_flow_how *how)
{
	if (parse_ip_end(skip_transport(how->local), &f->ends[PACKET_LOCAL]) &&
	    parse_ip_end(skip_transport(how->peer), &f->ends[PACKET_PEER]) &&
	    f->ends[PACKET_LOCAL].v6 == f->ends[PACKET_PEER].v6)
		return;
	make_up_end(&f->ends[PACKET_LOCAL], how, PACKET_LOCAL);
	make_up_end(&f->ends[PACKET_PEER], how, PACKET_PEER);
	comment_made_up(f, how->local, PACKET_LOCAL);
	comment_made_up(f, how->peer, PACKET_PEER);
}

/* ---- packets ---- */

static int
write_packet(struct packet_flow *f, enum packet_side from, struct buf *packet, int64_t time,
    struct error *e)
{
	const struct pcapng_about about = { .time = time,
		.direction = from == PACKET_PEER ? PCAPNG_INBOUND : PCAPNG_OUTBOUND,
		.comment = f->comment[0] != '\0' ? f->comment : NULL };
	int rc = pcapng_packet(f->file, &about, buf_head(packet), packet->len, e);

	f->comment[0] = '\0';
	return rc;
}

/* Writes a segment of a side, and counts what it takes of the sequence numbers. */
static int
write_segment(struct packet_flow *f, enum packet_side from, unsigned flags, const void *data,
    size_t n, int64_t time, struct error *e)
{
	const struct tcp_segment segment = { .seq = f->next[from],
		.ack = (flags & TCP_ACK) != 0 ? f->next[!from] : 0,
		.flags = flags,
		.data = data,
		.n = n };
	struct buf packet;
	int rc;

	buf_init(&packet, PACKET_BYTES_MAX);
	rc = ip_packet_tcp(&packet, &f->ends[from], &f->ends[!from], &segment, e);
	if (rc == 0)
		rc = write_packet(f, from, &packet, time, e);
	buf_fini(&packet);
	f->next[from] += (uint32_t)n + ((flags & (TCP_SYN | TCP_FIN)) != 0);
	if ((flags & TCP_ACK) != 0)
		f->known[!from] = f->next[!from];
	return rc;
}

/* A side acknowledges what it has not acknowledged yet. */
static int
acknowledge(struct packet_flow *f, enum packet_side by, int64_t time, struct error *e)
{
	if (f->known[!by] == f->next[!by])
		return 0;
	return write_segment(f, by, TCP_ACK, NULL, 0, time, e);
}

static int
shake_hands(struct packet_flow *f, enum packet_side client, int64_t time, struct error *e)
{
	if (write_segment(f, client, TCP_SYN, NULL, 0, time, e) == -1 ||
	    write_segment(f, !client, TCP_SYN | TCP_ACK, NULL, 0, time, e) == -1)
		return -1;
	return acknowledge(f, client, time, e);
}

void
packet_flow_init(struct packet_flow *f, struct pcapng *file, const struct packet_flow_how *how)
{
	*f = (struct packet_flow){ .file = file, .datagrams = how->datagrams };
	set_ends(f, how);
	/* another connection of the same addresses must not look like this one again */
	f->next[PACKET_LOCAL] = (uint32_t)how->id * 2654435761U;
	f->next[PACKET_PEER] = f->next[PACKET_LOCAL] ^ 0x55555555;
	f->known[PACKET_LOCAL] = f->next[PACKET_LOCAL];
	f->known[PACKET_PEER] = f->next[PACKET_PEER];
}

int
packet_flow_open(struct packet_flow *f, const struct packet_flow_how *how, int64_t time,
    struct error *e)
{
	if (how->name != NULL && how->name[0] != '\0' &&
	    pcapng_name(f->file, &f->ends[PACKET_PEER], how->name, e) == -1)
		return -1;
	if (f->datagrams)
		return 0;
	return shake_hands(f, how->accepted ? PACKET_PEER : PACKET_LOCAL, time, e);
}

/* ---- data ---- */

static int
write_segments(struct packet_flow *f, enum packet_side from, const char *data, size_t n,
    int64_t time, struct error *e)
{
	const size_t mss = f->ends[from].v6 ? IP_PACKET_MSS_V6 : IP_PACKET_MSS_V4;

	for (size_t part, count = 1; n > 0; n -= part, data += part, count++) {
		part = n < mss ? n : mss;
		if (write_segment(f, from, part == n ? TCP_ACK | TCP_PSH : TCP_ACK, data, part,
			time, e) == -1)
			return -1;
		if ((part == n || count % ACK_EVERY == 0) && acknowledge(f, !from, time, e) == -1)
			return -1;
	}
	return 0;
}

static int
write_udp(struct packet_flow *f, enum packet_side from, const char *data, size_t n, int64_t time,
    struct error *e)
{
	struct buf packet;
	int rc;

	buf_init(&packet, PACKET_BYTES_MAX);
	rc = ip_packet_udp(&packet, &f->ends[from], &f->ends[!from], data, n, e);
	if (rc == 0)
		rc = write_packet(f, from, &packet, time, e);
	buf_fini(&packet);
	return rc;
}

static int
write_datagrams(struct packet_flow *f, enum packet_side from, const char *data, size_t n,
    int64_t time, struct error *e)
{
	const size_t parts = n / IP_PACKET_UDP_MAX + 1;
	char line[96];
	size_t part;

	if (n <= IP_PACKET_UDP_MAX)
		return write_udp(f, from, data, n, time, e);
	for (size_t i = 1; n > 0; n -= part, data += part, i++) {
		part = n < IP_PACKET_UDP_MAX ? n : IP_PACKET_UDP_MAX;
		snprintf(line, sizeof(line),
		    "part %zu of %zu of one message, which is too long for UDP", i, parts);
		packet_flow_comment(f, line);
		if (write_udp(f, from, data, part, time, e) == -1)
			return -1;
	}
	return 0;
}

int
packet_flow_data(struct packet_flow *f, enum packet_side from, const void *data, size_t n,
    int64_t time, struct error *e)
{
	if (f->reset || f->ended[from])
		return 0;
	return f->datagrams ? write_datagrams(f, from, data, n, time, e)
			    : write_segments(f, from, data, n, time, e);
}

/* ---- ends ---- */

int
packet_flow_end(struct packet_flow *f, enum packet_side from, int64_t time, struct error *e)
{
	if (f->datagrams || f->reset || f->ended[from])
		return 0;
	f->ended[from] = true;
	if (write_segment(f, from, TCP_FIN | TCP_ACK, NULL, 0, time, e) == -1)
		return -1;
	return acknowledge(f, !from, time, e);
}

int
packet_flow_reset(struct packet_flow *f, enum packet_side from, int64_t time, struct error *e)
{
	if (f->datagrams || f->reset)
		return 0;
	f->reset = true;
	return write_segment(f, from, TCP_RST | TCP_ACK, NULL, 0, time, e);
}
