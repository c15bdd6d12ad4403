/*
 * One connection of a capture file: makes the packets that would have carried what is known of it.
 * A stream becomes TCP with handshake, segments, acknowledgements and ends; datagrams become UDP. What
 * has no IP address gets 127.0.0.1 and a made-up port, and its first packet a comment that says so.
 */
#ifndef RELAY_CAPTURE_PACKET_FLOW_H
#define RELAY_CAPTURE_PACKET_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/capture/ip_packet.h"

struct error;
struct pcapng;

enum packet_side { PACKET_LOCAL, PACKET_PEER };

struct packet_flow_how {
	const char *local, *peer; /* "127.0.0.1:80" "tcp:[::1]:80" "unix:/path"; may be "" */
	const char *name;         /* of the peer's host; NULL: unknown */
	unsigned long id;         /* of the connection; made-up numbers depend on it */
	bool datagrams;
	bool accepted; /* the peer has connected to us */
};

/* All private. */
struct packet_flow {
	struct pcapng *file;
	struct ip_end ends[2];
	uint32_t next[2];  /* sequence number of the next byte of each side */
	uint32_t known[2]; /* what the other side has acknowledged of it */
	bool ended[2];
	bool datagrams, reset;
	char comment[512]; /* for the next packet; "": none */
};

/* Sets the addresses of both ends; the caller may change their ports. */
void packet_flow_init(struct packet_flow *f, struct pcapng *file,
    const struct packet_flow_how *how);

/* Starts the flow at time (nanoseconds since 1970-01-01): writes the name of the peer and the handshake
 * of TCP. -1 where the file cannot be written, as every function here. */
int packet_flow_open(struct packet_flow *f, const struct packet_flow_how *how, int64_t time,
    struct error *e);

/* Puts text into the comment of the next packet. */
void packet_flow_comment(struct packet_flow *f, const char *text);

/* Writes n bytes that a side has sent: segments, or one datagram. A datagram that is too long for UDP
 * becomes several with comments. */
int packet_flow_data(struct packet_flow *f, enum packet_side from, const void *data, size_t n,
    int64_t time, struct error *e);

/* Writes the end of what a side sends, once. Datagrams have none. */
int packet_flow_end(struct packet_flow *f, enum packet_side from, int64_t time, struct error *e);

/* Writes the reset of a side; nothing follows it. */
int packet_flow_reset(struct packet_flow *f, enum packet_side from, int64_t time, struct error *e);

#endif
