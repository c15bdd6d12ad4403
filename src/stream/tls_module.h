/*
 * The interface of the TLS module, for tls.c and the module alone.
 */
#ifndef STREAM_TLS_MODULE_H
#define STREAM_TLS_MODULE_H

#include "base/module.h"
#include "stream/dtls.h"

#define TLS_ABI 9

struct tls_module {
	struct module_head head;
	bool may_fork; /* as tls_may_fork() */
	int (*open)(struct tls **ret_tls, const struct tls_how *how, struct error *e);
	void (*close)(struct tls *tls);
	void (*self_signed_digests)(const struct tls *tls, char sha256[65], char pin[64]);
	int (*stream)(struct stream **ret_stream, struct tls *tls, struct stream *lower,
	    const char *name, struct error *e);
	int (*handshake)(struct stream *s, struct error *e);
	void (*get_info)(const struct stream *s, struct tls_info *ret_info);
	const char *(*secrets)(const struct stream *s);
	struct deadline (*retry_at)(const struct stream *s);
	bool (*verify_cookie)(struct tls *tls, const struct sockname *peer, const void *datagram,
	    size_t n, unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n);
	int (*push_datagram)(struct stream *s, const void *datagram, size_t n, struct error *e);
};

/* The first members of the module's objects, which lead calls back to it. */
struct tls_base {
	const struct tls_module *module;
};

struct tls_stream_base {
	struct stream stream;
	const struct tls_module *module;
};

#endif
