/*
 * A negotiation that sends a PROXY header before everything else.
 */
#ifndef STREAM_NEGOTIATE_PROXY_HEADER_NEGOTIATE_SEND_HEADER_H
#define STREAM_NEGOTIATE_PROXY_HEADER_NEGOTIATE_SEND_HEADER_H

struct error;
struct negotiation;
struct proxy_header;

/* All that is pointed to stays the caller's until the negotiation is over. */
struct negotiate_send_header_how {
	int version; /* 1 or 2; 0: no header is sent */
	/* what is said; NULL: the addresses of the connection itself */
	const struct proxy_header *header;
	const char *alpn, *authority; /* as in proxy_header_write() */
};

/* Fails with ERROR_INTERNAL. */
int negotiate_send_header(struct negotiation **ret_first,
    const struct negotiate_send_header_how *how, struct error *e);

#endif
