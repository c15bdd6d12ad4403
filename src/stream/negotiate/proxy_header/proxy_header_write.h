/*
 * Writes a PROXY header, without I/O.
 */
#ifndef STREAM_NEGOTIATE_PROXY_HEADER_PROXY_HEADER_WRITE_H
#define STREAM_NEGOTIATE_PROXY_HEADER_PROXY_HEADER_WRITE_H

#include "stream/negotiate/proxy_header/proxy_header.h"

struct buf;
struct error;

struct proxy_header_write_how {
	int version; /* 1 or 2 */
	struct proxy_header header;
	/* for version 2; NULL: not known */
	const char *alpn;      /* the protocol of TLS inside */
	const char *authority; /* the name that the client wants */
};

/* Appends the header. Addresses that the version cannot express, or of two families, count as not
 * known. Version 2 has a checksum. Fails as buf_append(). */
int proxy_header_write(struct buf *out, const struct proxy_header_write_how *how, struct error *e);

#endif
