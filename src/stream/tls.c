#include "stream/dtls.h"

#include "base/error.h"
#include "stream/tls_module.h"

static const struct tls_module *
module_of(const struct tls *tls)
{
	return ((const struct tls_base *)tls)->module;
}

bool
tls_exists(void)
{
	return module_exists("tls");
}

int
tls_open(struct tls **ret_tls, const struct tls_how *how, struct error *e)
{
	const struct tls_module *m = (const void *)module_open("tls", TLS_ABI, e);

	return m != NULL ? m->open(ret_tls, how, e) : error_prefix(e, "tls");
}

void
tls_close(struct tls *tls)
{
	if (tls != NULL)
		module_of(tls)->close(tls);
}

bool
tls_may_fork(const struct tls *tls)
{
	return module_of(tls)->may_fork;
}

void
tls_self_signed_digests(const struct tls *tls, char sha256[65], char pin[64])
{
	module_of(tls)->self_signed_digests(tls, sha256, pin);
}

int
tls_stream(struct stream **ret_stream, struct tls *tls, struct stream *lower, const char *name,
    struct error *e)
{
	return module_of(tls)->stream(ret_stream, tls, lower, name, e);
}

int
tls_handshake(struct stream *s, struct error *e)
{
	return ((struct tls_stream_base *)s)->module->handshake(s, e);
}

void
tls_get_info(const struct stream *s, struct tls_info *ret_info)
{
	((const struct tls_stream_base *)s)->module->get_info(s, ret_info);
}

const char *
tls_secrets(const struct stream *s)
{
	return ((const struct tls_stream_base *)s)->module->secrets(s);
}

static const struct tls_module *
module_of_stream(const struct stream *s)
{
	return ((const struct tls_stream_base *)s)->module;
}

struct deadline
tls_retry_at(const struct stream *s)
{
	return module_of_stream(s)->retry_at(s);
}

bool
tls_verify_cookie(struct tls *tls, const struct sockname *peer, const void *datagram, size_t n,
    unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n)
{
	return module_of(tls)->verify_cookie(tls, peer, datagram, n, answer, ret_n);
}

int
tls_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e)
{
	return module_of_stream(s)->push_datagram(s, datagram, n, e);
}
