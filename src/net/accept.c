#include "net/accept.h"

#include <errno.h>
#include <stddef.h>

#include "base/array.h"
#include "base/error.h"

/* Linux reports pending errors of the new connection as errors of accept(2); those are the
 * network errors. accept(2) lists EOPNOTSUPP among them, but a socket that cannot listen
 * answers with it too, and no TCP connection has it. */
static const struct {
	int errnum;
	enum accept_verdict verdict;
} verdicts[] = {
	{ EAGAIN, ACCEPT_WOULD_BLOCK },
	{ EWOULDBLOCK, ACCEPT_WOULD_BLOCK },
	{ ECONNABORTED, ACCEPT_RETRY },
	{ ECONNRESET, ACCEPT_RETRY },
	{ EINTR, ACCEPT_RETRY },
	{ EPROTO, ACCEPT_RETRY },
	{ ENOPROTOOPT, ACCEPT_RETRY },
	{ ENETDOWN, ACCEPT_RETRY },
	{ ENETUNREACH, ACCEPT_RETRY },
	{ EHOSTDOWN, ACCEPT_RETRY },
	{ EHOSTUNREACH, ACCEPT_RETRY },
	{ ENONET, ACCEPT_RETRY },
	{ ETIMEDOUT, ACCEPT_RETRY },
	{ EMFILE, ACCEPT_SHORTAGE },
	{ ENFILE, ACCEPT_SHORTAGE },
	{ ENOBUFS, ACCEPT_SHORTAGE },
	{ ENOMEM, ACCEPT_SHORTAGE },
	{ ENOSR, ACCEPT_SHORTAGE },
	{ EINVAL, ACCEPT_GONE },
	{ EBADF, ACCEPT_GONE },
	{ ENOTSOCK, ACCEPT_GONE },
	{ EOPNOTSUPP, ACCEPT_GONE },
};

enum accept_verdict
accept_verdict(int errnum)
{
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		if (verdicts[i].errnum == errnum)
			return verdicts[i].verdict;
	}
	return ACCEPT_FAILED;
}

enum accept_verdict
accept_verdict_of(const struct error *e)
{
	if (e->origin == ORIGIN_ERRNO)
		return accept_verdict(e->number);
	return e->code == ERROR_INTERNAL ? ACCEPT_SHORTAGE : ACCEPT_FAILED;
}
