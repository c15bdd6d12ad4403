#include <string.h>

#include "base/error.h"
#include "stream/dtls.h"

bool
tls_exists(void)
{
	return false;
}

int
tls_open(struct tls **ret_tls, const struct tls_how *how, struct error *e)
{
	(void)ret_tls, (void)how;
	error_set(e, ERROR_USAGE, "tls: this usock was built without TLS");
	return error_hint(e, "it needs mbedTLS when it is built");
}

void
tls_close(struct tls *tls)
{
	(void)tls;
}

/* Never called, since no context can exist. */

bool
tls_may_fork(const struct tls *tls)
{
	(void)tls;
	return false;
}

void
tls_self_signed_digests(const struct tls *tls, char sha256[65], char pin[64])
{
	(void)tls;
	sha256[0] = pin[0] = '\0';
}

int
tls_stream(struct stream **ret_stream, struct tls *tls, struct stream *lower, const char *name,
    struct error *e)
{
	(void)ret_stream, (void)lower, (void)name;
	return tls_open(NULL, (const void *)tls, e);
}

int
tls_handshake(struct stream *s, struct error *e)
{
	(void)s;
	return tls_open(NULL, NULL, e);
}

void
tls_get_info(const struct stream *s, struct tls_info *ret_info)
{
	(void)s;
	memset(ret_info, 0, sizeof(*ret_info));
}

const char *
tls_secrets(const struct stream *s)
{
	(void)s;
	return NULL;
}

struct deadline
tls_retry_at(const struct stream *s)
{
	(void)s;
	return deadline_never();
}

bool
tls_verify_cookie(struct tls *tls, const struct sockname *peer, const void *datagram, size_t n,
    unsigned char answer[TLS_ANSWER_MAX], size_t *ret_n)
{
	(void)tls, (void)peer, (void)datagram, (void)n, (void)answer;
	*ret_n = 0;
	return false;
}

int
tls_push_datagram(struct stream *s, const void *datagram, size_t n, struct error *e)
{
	(void)s, (void)datagram, (void)n;
	return tls_open(NULL, NULL, e);
}
