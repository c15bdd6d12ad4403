#include "sock/websocket/websocket.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/sockopt/sockopt.h"
#include "sock/impl.h"
#include "sock/negotiate.h"
#include "sock/wait.h"
#include "stream/negotiate/plan.h"
#include "stream/stream.h"
#include "stream/websocket/websocket.h"

/* ---- the handshake ---- */

static int
check_start(const struct sock *s, struct error *e)
{
	struct sockname peer;

	if (s->fd == -1)
		return sock_fail_closed("websocket", e);
	if (sock_is_record(s))
		return error_set(e, ERROR_USAGE, "websocket: needs a stream of bytes");
	if (s->wait != NULL)
		return error_errno(e, ERROR_NETWORK, EBUSY,
		    "websocket: another call waits on this socket");
	sock_peer(s, &peer);
	return peer.len != 0 ? 0 : error_errno(e, ERROR_NETWORK, ENOTCONN, "websocket");
}

int
sock_start_websocket(struct sock *s, const struct negotiate_websocket_how *how,
    struct deadline until, struct error *e)
{
	const struct plan plan = { .websocket = *how };
	struct negotiation *first;
	struct error unasked;

	if (e == NULL)
		e = &unasked;
	if (check_start(s, e) == -1)
		return -1;
	if (plan_chain(&first, &plan, e) == -1)
		return sock_close_failed(s, "websocket", e);
	if (sock_negotiate(s, first, until, e) == -1)
		return -1;
	sockopt_send_at_once(s->fd);
	s->says_end = true;
	sock_show(s, SOCK_SECURED, NULL);
	return 0;
}

void
sock_own_layers(struct sock *s, bool secured)
{
	s->says_end = sock_is_layered(s);
	s->secured = secured;
}

/* ---- closing ---- */

int
sock_close_websocket(struct sock *s, unsigned code, const char *reason, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->send_timeout);
	int rc;

	if (s->fd == -1)
		return sock_fail_closed("close", e);
	if (!sock_is_websocket(s))
		return error_set(e, ERROR_USAGE, "close: this socket is no WebSocket");
	while ((rc = websocket_close(s->stream, (enum websocket_code)code, reason, e)) < -1)
		if (sock_wait(s, rc == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE, &p, "close", e) ==
		    -1)
			return -1;
	if (rc == 0) {
		s->shut = true;
		sock_show(s, SOCK_SENT_END, NULL);
	}
	return rc;
}

bool
sock_websocket_end(const struct sock *s, struct websocket_end *ret_end)
{
	if (sock_is_websocket(s))
		websocket_get_end(s->stream, ret_end);
	else if (s->close != NULL)
		*ret_end = *s->close;
	else
		return false;
	return true;
}

const char *
sock_websocket_subprotocol(const struct sock *s)
{
	return sock_is_websocket(s) ? websocket_subprotocol(s->stream) : "";
}
