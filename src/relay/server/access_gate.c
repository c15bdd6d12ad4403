#include "relay/server/access_gate.h"

#include <errno.h>

#include "base/error.h"
#include "sock/sock.h"

static enum access_verdict
verdict_of(const struct access *access, const struct sock *conn)
{
	struct sockname peer;
	const struct access_subject subject = { .name = &peer, .fd = sock_fileno(conn) };

	sock_peer(conn, &peer);
	return access_check(access, &subject);
}

bool
access_gate_is_proxy(const struct access_gate *g, const struct sock *conn)
{
	return g->proxies != NULL && verdict_of(g->proxies, conn) == ACCESS_ALLOWED;
}

enum access_verdict
access_gate_check(struct access_gate *g, const struct sock *conn)
{
	enum access_verdict verdict = verdict_of(g->access, conn);

	if (verdict != ACCESS_ALLOWED) {
		g->n_denied++;
		g->denied(g->arg, conn, verdict);
	}
	return verdict;
}

/* A denied client is one that is gone: the acceptor goes on with the next. */
static int
take_allowed(void *arg, struct sock **ret_conn, struct error *e)
{
	struct access_gate *g = arg;
	struct sock *conn;

	if (g->inner.take(g->inner.arg, &conn, e) < 0)
		return -1;
	if (access_gate_is_proxy(g, conn) || access_gate_check(g, conn) == ACCESS_ALLOWED) {
		*ret_conn = conn;
		return 0;
	}
	sock_abort(conn);
	sock_free(conn);
	return error_errno(e, ERROR_NETWORK, ECONNABORTED, "accept");
}

static bool
has_spare(void *arg, const struct sock *conn, unsigned n)
{
	const struct access_gate *g = arg;

	return g->inner.has_spare == NULL || g->inner.has_spare(g->inner.arg, conn, n);
}

struct client_source
access_gate_source(struct access_gate *g, struct client_source inner)
{
	g->inner = inner;
	return (struct client_source){
		.fd = inner.fd,
		.take = take_allowed,
		.has_spare = has_spare,
		.arg = g,
	};
}

bool
access_gate_lets_in(struct access_gate *g, const struct sockname *name)
{
	const struct access_subject subject = { .name = name, .fd = -1 };

	if (access_check(g->access, &subject) == ACCESS_ALLOWED)
		return true;
	g->n_denied++;
	return false;
}
