#include "relay/capture/packet_flow.h"

#include "capture_file.h"
#include "relay/capture/pcapng.h"
#include "test.h"

static struct buf file;
static struct pcapng pcapng;
static struct packet_flow flow;
static struct segment segments[SEGMENTS_MAX];

static void
open_flow(bool accepted, bool datagrams)
{
	const struct packet_flow_how how = { .local = "127.0.0.1:4000",
		.peer = "127.0.0.1:80",
		.id = 7,
		.datagrams = datagrams,
		.accepted = accepted };

	buf_init(&file, 1 << 20);
	check_int(pcapng_init(&pcapng, write_capture_file, &file, NULL, NULL), 0);
	packet_flow_init(&flow, &pcapng, &how);
	check_int(packet_flow_open(&flow, &how, 1000, NULL), 0);
}

static void
close_flow(void)
{
	pcapng_fini(&pcapng);
	buf_fini(&file);
}

/* Each side's numbers go on where its last segment ended, and no acknowledgement is ahead of what was sent. */
static void
check_numbers(size_t n)
{
	uint32_t next[2] = { 0, 0 };
	bool begun[2] = { false, false };

	for (size_t i = 0; i < n; i++) {
		const struct segment *s = &segments[i];
		const int side = s->from == 4000 ? 0 : 1;

		if (begun[side])
			check_int(s->seq, next[side]);
		begun[side] = true;
		next[side] = s->seq + (uint32_t)s->n + ((s->flags & TCP_SYN) != 0) +
		    ((s->flags & TCP_FIN) != 0);
		if ((s->flags & TCP_ACK) != 0 && begun[!side])
			check(next[!side] - s->ack < 1U << 20);
	}
}

TEST("a stream has a handshake, from the side that connected")
{
	for (int accepted = 0; accepted < 2; accepted++) {
		open_flow(accepted != 0, false);
		require(segments_of_file(&file, segments) == 3);
		check_int(segments[0].flags, TCP_SYN);
		check_int(segments[0].from, accepted ? 80 : 4000);
		check_int(segments[1].flags, TCP_SYN | TCP_ACK);
		check_int(segments[2].flags, TCP_ACK);
		check_numbers(3);
		close_flow();
	}
}

TEST("data becomes segments of at most the segment size, whose bytes and numbers go on")
{
	static char data[4000];
	char seen[sizeof data];
	size_t n, at = 0;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i * 7);
	open_flow(false, false);
	check_int(packet_flow_data(&flow, PACKET_LOCAL, data, sizeof data, 2000, NULL), 0);
	check_int(packet_flow_data(&flow, PACKET_PEER, "answer", 6, 3000, NULL), 0);
	check_int(packet_flow_end(&flow, PACKET_LOCAL, 4000, NULL), 0);
	check_int(packet_flow_end(&flow, PACKET_LOCAL, 4000, NULL), 0);
	check_int(packet_flow_end(&flow, PACKET_PEER, 5000, NULL), 0);
	n = segments_of_file(&file, segments);
	check_numbers(n);
	for (size_t i = 0; i < n; i++) {
		check(segments[i].n <= IP_PACKET_MSS_V4);
		if (segments[i].from == 4000 && segments[i].n > 0 &&
		    at + segments[i].n <= sizeof seen) {
			memcpy(seen + at, segments[i].data, segments[i].n);
			at += segments[i].n;
		}
	}
	check_mem(seen, at, data, sizeof data);
	close_flow();
}

TEST("an end is a FIN, once, and a reset is the last")
{
	unsigned fins = 0, resets = 0;
	size_t n;

	open_flow(false, false);
	check_int(packet_flow_end(&flow, PACKET_PEER, 2000, NULL), 0);
	check_int(packet_flow_end(&flow, PACKET_PEER, 2000, NULL), 0);
	check_int(packet_flow_reset(&flow, PACKET_LOCAL, 3000, NULL), 0);
	check_int(packet_flow_data(&flow, PACKET_LOCAL, "late", 4, 4000, NULL), 0);
	n = segments_of_file(&file, segments);
	for (size_t i = 0; i < n; i++) {
		fins += (segments[i].flags & TCP_FIN) != 0;
		resets += (segments[i].flags & TCP_RST) != 0;
	}
	check_int(fins, 1);
	check_int(resets, 1);
	check((segments[n - 1].flags & TCP_RST) != 0);
	close_flow();
}

TEST("datagrams have no handshake and no end; an empty one is a packet")
{
	char types[SEGMENTS_MAX];

	open_flow(false, true);
	check_int(packet_flow_data(&flow, PACKET_LOCAL, "", 0, 2000, NULL), 0);
	check_int(packet_flow_data(&flow, PACKET_PEER, "reply", 5, 3000, NULL), 0);
	check_int(packet_flow_end(&flow, PACKET_LOCAL, 4000, NULL), 0);
	types_of_blocks(&file, types);
	check_str(types, "sipp");
	close_flow();
}
