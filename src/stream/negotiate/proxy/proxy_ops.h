/*
 * What proxy.c needs from the protocols, and they from it.
 */
#ifndef STREAM_NEGOTIATE_PROXY_PROXY_OPS_H
#define STREAM_NEGOTIATE_PROXY_PROXY_OPS_H

#include "stream/negotiate/proxy/proxy.h"

/* The longest reply, and the most bytes that a proxy may send before it agrees or refuses. */
#define PROXY_IN_MAX (64u << 10)
#define PROXY_RECEIVED_MAX (4 * PROXY_IN_MAX)

struct proxy_ops {
	/* Fills d->out and sets d->need. */
	int (*begin)(struct proxy_dialogue *d, struct error *e);
	/* Parses d->in, which holds d->need bytes. Consumes them or asks for more: sets d->need. */
	int (*parse)(struct proxy_dialogue *d, struct error *e);
};

extern const struct proxy_ops proxy_socks4_ops, proxy_socks5_ops, proxy_http_ops;

/* Fails with ERROR_PROXY "connect TARGET: " and the text. Returns -1. */
int proxy_fail(const struct proxy_dialogue *d, struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
