/*
 * A capture file in memory, for tests: its blocks, and the segments of TCP over IPv4 in them.
 */
#ifndef TEST_CAPTURE_FILE_H
#define TEST_CAPTURE_FILE_H

#include <stdint.h>
#include <string.h>

#include "base/buf.h"

enum { BLOCK_PACKET = 6, BLOCK_SECRETS = 10, SEGMENTS_MAX = 64 };

struct segment {
	unsigned from, to; /* ports */
	uint32_t seq, ack;
	unsigned flags;
	const char *data;
	size_t n;
};

static int
write_capture_file(void *arg, const void *data, size_t n, struct error *e)
{
	return buf_append(arg, data, n, e);
}

static uint32_t
host32(const char *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof value);
	return value;
}

static uint32_t
net32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

/* Appends the types of the blocks to types, one letter each: s(ection) i(nterface) p(acket) k(eys) n(ames). */
static void
types_of_blocks(const struct buf *file, char *types)
{
	const char *at = buf_head(file), *end = at + file->len;

	for (; at < end; at += host32(at + 4)) {
		const uint32_t type = host32(at);

		*types++ = (char)(type == 0x0a0d0d0a ? 's'
			: type == 1                  ? 'i'
			: type == BLOCK_PACKET       ? 'p'
			: type == BLOCK_SECRETS      ? 'k'
			: type == 4                  ? 'n'
						     : '?');
	}
	*types = '\0';
}

static struct segment
segment_of(const char *ip, size_t n)
{
	const char *tcp = ip + 20;
	const size_t head = (size_t)((unsigned char)tcp[12] >> 4) * 4;

	return (struct segment){ .from = net32(tcp) >> 16,
		.to = net32(tcp) & 0xffff,
		.seq = net32(tcp + 4),
		.ack = net32(tcp + 8),
		.flags = (unsigned char)tcp[13],
		.data = tcp + head,
		.n = n - 20 - head };
}

/* Returns how many segments the file has. */
static size_t
segments_of_file(const struct buf *file, struct segment *segments)
{
	const char *at = buf_head(file), *end = at + file->len;
	size_t n = 0;

	for (; at < end && n < SEGMENTS_MAX; at += host32(at + 4))
		if (host32(at) == BLOCK_PACKET)
			segments[n++] = segment_of(at + 28, host32(at + 20));
	return n;
}

#endif
