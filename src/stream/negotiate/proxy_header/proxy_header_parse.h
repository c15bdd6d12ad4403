/*
 * Reads a PROXY header from bytes, without I/O. It never asks for a byte behind the header: that one
 * belongs to the connection.
 */
#ifndef STREAM_NEGOTIATE_PROXY_HEADER_PROXY_HEADER_PARSE_H
#define STREAM_NEGOTIATE_PROXY_HEADER_PROXY_HEADER_PARSE_H

#include <stddef.h>

#include "base/buf.h"
#include "stream/negotiate/proxy_header/proxy_header.h"

struct error;

/* The longest header that is read; the protocol would allow 64 KiB. */
#define PROXY_HEADER_MAX 4096

struct proxy_header_parse {
	struct proxy_header header; /* complete when need is 0 */
	/* How many bytes surely belong to the header and are still to come. */
	size_t need;
	/* private */
	struct buf in;
};

void proxy_header_parse_init(struct proxy_header_parse *p);

/* Adds n bytes, at most p->need. Returns 0, or -1 with ERROR_NETWORK for anything that is no PROXY
 * header, or a wrong one: a checksum that does not match, an address that is none, more than
 * PROXY_HEADER_MAX bytes. */
int proxy_header_parse_feed(struct proxy_header_parse *p, const void *data, size_t n,
    struct error *e);

/* Frees everything but p itself. */
void proxy_header_parse_fini(struct proxy_header_parse *p);

#endif
