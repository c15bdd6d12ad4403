#include <errno.h>
#include <sys/socket.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/negotiate.h"
#include "sock/wait.h"
#include "sock/websocket/websocket.h"
#include "stream/negotiate/plan.h"
#include "stream/stream.h"
#include "stream/tls.h"

static int
check_kind(const struct sock *s, const struct sock_tls_how *how, struct error *e)
{
	struct sockname peer;

	if (s->fd == -1)
		return sock_fail_closed("starttls", e);
	if (sock_is_record(s) != how->datagrams || (sock_is_record(s) && s->type != SOCK_DGRAM))
		return error_set(e, ERROR_USAGE,
		    "starttls: needs a stream, or UDP, where it is DTLS");
	if (s->wait != NULL)
		return error_errno(e, ERROR_NETWORK, EBUSY,
		    "starttls: another call waits on this socket");
	if (sock_is_layered(s))
		return error_errno(e, ERROR_NETWORK, EISCONN, "starttls: TLS is on");
	sock_peer(s, &peer);
	if (peer.len == 0)
		return error_errno(e, ERROR_NETWORK, ENOTCONN, "starttls");
	return 0;
}

/* Bytes received without protection must not pass for protected ones. */
static int
check_buffered(const struct sock *s, const struct sock_tls_how *how, struct error *e)
{
	if (s->in.len == 0 ||
	    (how->protocol != STARTTLS_NONE && starttls_is_greeted(how->protocol)))
		return 0;
	error_set(e, ERROR_TLS, "%zu bytes have come before the handshake", s->in.len);
	return error_hint(e, "nothing may follow the go-ahead; receive what came before it");
}

struct dialogue {
	struct sock *sock;
	const struct sock_tls_how *how;
};

static void
on_message(void *arg, char who, const char *text)
{
	const struct dialogue *g = arg;

	g->how->on_message(g->how->arg, g->sock, who, text);
}

/* A greeting that a script has read, or has begun to read, does not come again. One in the buffer
 * counts as not yet received. */
static int
make_chain(struct dialogue *g, struct negotiation **ret_first, struct error *e)
{
	struct sock *s = g->sock;
	const struct sock_tls_how *how = g->how;
	struct plan plan = { .starttls = { .protocol = how->protocol,
				 .host = how->name,
				 .on_message = how->on_message != NULL ? on_message : NULL,
				 .arg = g },
		.tls = { .tls = how->tls, .name = how->name } };

	if (check_buffered(s, how, e) == -1)
		return -1;
	if (how->protocol != STARTTLS_NONE && starttls_is_greeted(how->protocol)) {
		plan.starttls.greeted = s->received > s->in.len;
		plan.starttls.held = buf_head(&s->in);
		plan.starttls.n_held = plan.starttls.greeted ? 0 : s->in.len;
	}
	if (plan_chain(ret_first, &plan, e) == -1)
		return -1;
	buf_fini(&s->in);
	return 0;
}

int
sock_start_tls(struct sock *s, const struct sock_tls_how *how, struct deadline until,
    struct error *e)
{
	struct dialogue g = { .sock = s, .how = how };
	struct negotiation *first;
	struct error unasked;

	if (e == NULL)
		e = &unasked;
	if (check_kind(s, how, e) == -1)
		return -1;
	if (make_chain(&g, &first, e) == -1)
		return sock_close_failed(s, "starttls", e);
	if (sock_negotiate(s, first, until, e) == -1)
		return -1;
	s->secured = s->says_end = true;
	sock_show(s, SOCK_SECURED, NULL);
	return 0;
}

bool
sock_tls_info(const struct sock *s, struct tls_info *ret_info)
{
	if (!s->secured || s->fd == -1)
		return false;
	tls_get_info(sock_is_websocket(s) ? s->stream->next : s->stream, ret_info);
	return true;
}
