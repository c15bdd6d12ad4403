#include "sock/end/end.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/error.h"
#include "sock/impl.h"
#include "sock/names.h"
#include "stream/tls.h"
#include "stream/websocket/websocket_frame.h"

/* Other numbers say that one call was refused, and the next may succeed. */
static const struct {
	int errnum;
	enum sock_end end;
} ends[] = {
	{ ECONNRESET, END_PEER_RESET },
	{ EPIPE, END_PEER_RESET },
	{ ECONNREFUSED, END_REFUSED },
	{ ETIMEDOUT, END_ERROR },
	{ ECONNABORTED, END_ERROR },
	{ ENETRESET, END_ERROR },
	{ ENETDOWN, END_ERROR },
	{ ENETUNREACH, END_ERROR },
	{ EHOSTDOWN, END_ERROR },
	{ EHOSTUNREACH, END_ERROR },
	{ EPROTO, END_ERROR },
	{ EIO, END_ERROR },
};

/* EPIPE also comes from our own shutdown, and where there was no connection. */
static bool
is_own_epipe(const struct sock *s, const struct error *e)
{
	struct sockname peer;

	if (e->number != EPIPE)
		return false;
	sock_kernel_peer(s, &peer);
	return s->shut || (peer.len == 0 && s->family != AF_UNIX);
}

static enum sock_end
end_of_errno(const struct sock *s, const struct error *e)
{
	/* a time-out of the kernel is a failure of the network */
	if (e->code == ERROR_TIMEOUT || is_own_epipe(s, e))
		return END_NONE;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (ends[i].errnum == e->number)
			return ends[i].end;
	return END_NONE;
}

enum sock_end
sock_end_of_failure(const struct sock *s, const struct error *e)
{
	if (e->origin == ORIGIN_WEBSOCKET)
		return e->number == WEBSOCKET_NO_CLOSE ? END_WS_TRUNCATED : END_ERROR;
	if (e->origin == ORIGIN_TLS)
		return e->number == TLS_TRUNCATED ? END_TLS_TRUNCATED : END_ERROR;
	/* the next datagram may arrive */
	if (e->origin != ORIGIN_ERRNO || s->type == SOCK_DGRAM || s->type == SOCK_RAW)
		return END_NONE;
	return end_of_errno(s, e);
}
