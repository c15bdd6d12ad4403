#include <errno.h>

#include "base/error.h"
#include "net/ktls/ktls.h"

int
ktls_attach(int fd, struct error *e)
{
	(void)fd;
	return error_errno(e, ERROR_NETWORK, ENOTSUP, "kTLS");
}

/* ---- never called, because nothing was attached ---- */

int
ktls_set_keys(int fd, enum ktls_side side, const struct ktls_keys *keys, struct error *e)
{
	(void)side, (void)keys;
	return ktls_attach(fd, e);
}

ssize_t
ktls_recv(int fd, void *data, size_t n, unsigned char *ret_kind, struct error *e)
{
	(void)data, (void)n, (void)ret_kind;
	return ktls_attach(fd, e);
}

int
ktls_send(int fd, unsigned char kind, const void *data, size_t n, struct error *e)
{
	(void)kind, (void)data, (void)n;
	return ktls_attach(fd, e);
}
