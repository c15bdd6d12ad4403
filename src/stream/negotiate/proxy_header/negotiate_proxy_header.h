/*
 * A negotiation that reads the PROXY header which a proxy sends before everything else.
 */
#ifndef STREAM_NEGOTIATE_PROXY_HEADER_NEGOTIATE_PROXY_HEADER_H
#define STREAM_NEGOTIATE_PROXY_HEADER_NEGOTIATE_PROXY_HEADER_H

struct error;
struct negotiation;
struct proxy_header;

struct negotiate_proxy_header_how {
	/* Called with the header. Returns 0, or -1 to refuse the client. NULL: no header comes. */
	int (*on_header)(void *arg, const struct proxy_header *h, struct error *e);
	void *arg;
};

/* Reads not a byte more than the header. ERROR_PEER_ENDED if the peer ends before, and as
 * proxy_header_parse_feed(). */
int negotiate_proxy_header(struct negotiation **ret_first,
    const struct negotiate_proxy_header_how *how, struct error *e);

#endif
