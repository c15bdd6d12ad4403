/*
 * A stream of datagrams through a SOCKS5 proxy (RFC 1928, 7): a record is a datagram, to one target
 * and from it. The proxy relays for as long as the connection over which that was agreed is open.
 */
#ifndef STREAM_NEGOTIATE_PROXY_SOCKS_STREAM_H
#define STREAM_NEGOTIATE_PROXY_SOCKS_STREAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "stream/negotiate/proxy/proxy.h"

struct error;
struct stream;

struct socks_stream_how {
	struct stream *lower;   /* datagrams, connected to the proxy's relay */
	struct stream *control; /* the connection over which the relay was agreed on */
	struct proxy_target target;
	/* Datagrams of others than the target's address are dropped, as on a connected socket. A
	 * name has no address here: then all are received. */
	bool connected;
};

/* Makes a stream of records, which owns both streams on success. Once the control connection has
 * ended, reading what has come and then the next call, and writing, fail with ERROR_PROXY. So does reading a
 * datagram that has no header or is a fragment. Fails with ERROR_INTERNAL. */
int socks_stream(struct stream **ret_stream, const struct socks_stream_how *how, struct error *e);

/* Returns true if s is such a stream. */
bool socks_stream_is(const struct stream *s);

/* As stream_read(), and gets the sender, as the proxy names it; len 0: by a name. */
ssize_t socks_stream_receive(struct stream *s, void *data, size_t n, struct sockname *ret_from,
    struct error *e);

/* Returns the descriptor of the control connection: when it is readable, reading may fail. */
int socks_stream_control_fd(const struct stream *s);

#endif
