#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "net/accept.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"
#include "net/udp_accept.h"
#include "sock/addr_in_use.h"
#include "sock/end/end.h"
#include "sock/impl.h"
#include "sock/names.h"
#include "sock/wait.h"
#include "stream/serial/line.h"

/* The backlog by default, as in CPython. */
#define BACKLOG_REASONABLE 128

/* Sets the hint of a failed bind or listen. Returns -1. */
static int
explain_in_use(struct sock *s, uint16_t port, struct error *e)
{
	struct clash clash = { .port = port, .remedy = "SO_REUSEADDR takes it over" };
	int reuse = 0;
	size_t n = sizeof(reuse);

	if (sock_is_record(s) || port == 0)
		return -1;
	sock_getsockopt(s, SOL_SOCKET, SO_REUSEADDR, &reuse, &n, NULL);
	clash.reuse = reuse != 0;
	sock_explain_addr_in_use(&clash, e);
	return -1;
}

int
sock_bind(struct sock *s, const struct sockname *name, struct error *e)
{
	if (s->fd == -1)
		return sock_fail_closed("bind", e);
	if (sys_bind(s->fd, name, e) == -1)
		return explain_in_use(s, sockname_port(name), e);
	return 0;
}

/* Calls sys_connect() again while the queue of a unix listener is full: a blocking connect(2) would
 * wait there, a non-blocking one returns EAGAIN (unix(7)). */
static int
connect_start(struct sock *s, const struct sockname *name, const struct wait_limit *p,
    struct error *e)
{
	int rc;

	while ((rc = sys_connect(s->fd, name, e)) == -1) {
		if (s->family != AF_UNIX || e->number != EAGAIN)
			return -1;
		if (sock_wait_moment(s, p, "connect", e) == -1)
			return -1;
	}
	return rc;
}

static int
connect_finish(struct sock *s, const struct sockname *name, const struct wait_limit *p,
    struct error *e)
{
	char text[SOCKNAME_TEXT_MAX], verb[SOCKNAME_TEXT_MAX + 10];
	int rc;

	snprintf(verb, sizeof(verb), "connect %s", sockname_format(name, text, sizeof(text)));
	if (p->none)
		return error_errno(e, ERROR_NETWORK, EINPROGRESS, "%s", verb);
	if (sock_wait(s, LOOP_WRITE, p, verb, e) == -1)
		return -1;
	/* a second connect(2) on vsock would start again after a failure */
	if (s->family == AF_VSOCK)
		return sys_connected(s->fd, name, e);
	/* A second connect(2) returns the result as SO_ERROR would. It also records in the kernel
	 * that we know, so that a third returns EISCONN. */
	rc = sys_connect(s->fd, name, e);
	return rc == SYS_AGAIN ? error_errno(e, ERROR_NETWORK, EALREADY, "%s", verb) : rc;
}

static int
connect_within(struct sock *s, const struct sockname *name, const struct wait_limit *p,
    struct error *e)
{
	struct error err;
	enum sock_end end;
	int rc = connect_start(s, name, p, &err);

	if (rc == SYS_AGAIN)
		rc = connect_finish(s, name, p, &err);
	if (rc == 0) {
		sock_learn_peer(s);
		s->end = END_NONE;
		sock_show(s, SOCK_CONNECTED, NULL);
		return 0;
	}
	end = err.number == ECONNREFUSED ? END_REFUSED : sock_end_of_failure(s, &err);
	/* the last attempt counts */
	if (end != END_NONE)
		s->end = end;
	return sock_fail(&err, e);
}

/* Fails with EISCONN on a connected socket. The kernel would allow one more connect(2) after
 * connect_open(). */
static int
connect_check(struct sock *s, const struct sockname *name, struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];

	if (s->fd == -1)
		return sock_fail_closed("connect", e);
	if (name != NULL && s->peer != NULL && !sock_is_record(s))
		return error_errno(e, ERROR_NETWORK, EISCONN, "connect %s",
		    sockname_format(name, text, sizeof(text)));
	return 0;
}

int
sock_connect(struct sock *s, const struct sockname *name, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->send_timeout);

	if (connect_check(s, name, e) == -1)
		return -1;
	return connect_within(s, name, &p, e);
}

static int
unix_sockname(const char *path, struct sockname *ret_name, struct error *e)
{
	struct endpoint ep = { .kind = ENDPOINT_UNIX, .abstract = path[0] == '@' };

	path += ep.abstract;
	ep.path_len = strlen(path);
	if (ep.path_len >= sizeof(ep.path))
		return error_set(e, ERROR_USAGE, "'%s' is too long for a unix socket", path);
	memcpy(ep.path, path, ep.path_len);
	return sockname_unix(&ep, ret_name, e);
}

/* Parses "vsock:CID:PORT" or "can:INTERFACE", as in endpoints. */
static int
endpoint_sockname(const char *text, struct sockname *ret_name, struct error *e)
{
	struct endpoint ep;

	if (endpoint_parse(text, NULL, &ep, e) == -1)
		return -1;
	if (ep.kind == ENDPOINT_CAN)
		return sockname_can(&ep, ret_name, e);
	sockname_vsock(&ep, ret_name);
	return 0;
}

/* Makes the name for families without name resolution. */
static int
local_sockname(int family, const char *host, const char *port, struct sockname *ret_name,
    struct error *e)
{
	char text[ENDPOINT_HOST_MAX + ENDPOINT_PORT_MAX + 16];

	if (family == AF_UNIX)
		return unix_sockname(host, ret_name, e);
	if (family == AF_VSOCK)
		snprintf(text, sizeof(text), "vsock:%s:%s", host, port);
	else
		snprintf(text, sizeof(text), "can:%s", host);
	return endpoint_sockname(text, ret_name, e);
}

/* Resolves to the first address of the socket's family, as CPython does; connect_open() tries
 * several. */
static int
resolve_sockname(struct sock *s, const char *host, const char *port, bool passive,
    const struct wait_limit *p, struct sockname *ret_name, struct error *e)
{
	const struct resolve_how how = { .family = s->family, .type = s->type, .passive = passive };
	/* resolving cannot be non-blocking: CPython waits too */
	struct deadline until = p->none ? deadline_never() : p->until;
	struct resolved *list;
	size_t n;

	if (s->family == AF_UNIX || s->family == AF_VSOCK || s->family == AF_CAN)
		return local_sockname(s->family, host, port, ret_name, e);
	if (resolve(s->loop, host, port, &how, until, &list, &n, e) == -1)
		return -1;
	*ret_name = list[0].name;
	free(list);
	return 0;
}

int
sock_bind_host(struct sock *s, const char *host, const char *port, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->send_timeout);
	struct sockname name;

	if (s->fd == -1)
		return sock_fail_closed("bind", e);
	if (resolve_sockname(s, host, port, true, &p, &name, e) == -1)
		return -1;
	return sock_bind(s, &name, e);
}

int
sock_connect_host(struct sock *s, const char *host, const char *port, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->send_timeout);
	struct sockname name;

	if (connect_check(s, NULL, e) == -1)
		return -1;
	if (resolve_sockname(s, host, port, false, &p, &name, e) == -1)
		return -1;
	/* a callback may have closed the socket during the look-up */
	if (connect_check(s, &name, e) == -1)
		return -1;
	return connect_within(s, &name, &p, e);
}

ssize_t
sock_sendto_host(struct sock *s, const void *data, size_t n, int flags, const char *host,
    const char *port, struct error *e)
{
	struct wait_limit p = sock_wait_limit((flags & MSG_DONTWAIT) != 0 ? 0 : s->send_timeout);
	struct sockname name = { .len = 0 };

	if (s->fd == -1)
		return sock_fail_closed("sendto", e);
	if (sock_is_record(s) && resolve_sockname(s, host, port, false, &p, &name, e) == -1)
		return -1;
	return sock_sendto(s, data, n, flags, &name, e);
}

int
sock_listen(struct sock *s, int backlog, struct error *e)
{
	struct sockname local;

	if (s->fd == -1)
		return sock_fail_closed("listen", e);
	if (backlog == SOCK_BACKLOG_DEFAULT)
		backlog = BACKLOG_REASONABLE;
	if (sys_listen(s->fd, backlog < 0 ? 0 : backlog, e) == 0)
		return 0;
	sock_local(s, &local);
	return explain_in_use(s, sockname_port(&local), e);
}

static int
accept_line(struct sock *s, struct sock **ret_conn, struct sockname *ret_peer, struct error *e)
{
	struct stream *stream;
	int rc = line_accept(s->line, s->fd, &stream, e);

	if (rc == 0)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "accept");
	if (rc == -1)
		return -1;
	*ret_conn = sock_wrap_line(s->loop, stream, line_endpoint(s->line), e);
	if (*ret_conn == NULL)
		return -1;
	(*ret_conn)->dialect = s->dialect;
	(*ret_conn)->accepted = true;
	if (ret_peer != NULL)
		sock_peer(*ret_conn, ret_peer);
	return 0;
}

int
sock_accept_now(struct sock *s, struct sock **ret_conn, struct sockname *ret_peer, struct error *e)
{
	struct sockname peer;
	struct sock *conn;
	int fd;

	if (s->fd == -1)
		return sock_fail_closed("accept", e);
	if (s->line != NULL)
		return accept_line(s, ret_conn, ret_peer, e);
	if (sock_prepare_next(s, e) == -1)
		return -1;
	fd = sys_accept(s->fd, &peer, e);
	if (fd == SYS_AGAIN)
		return error_errno(e, ERROR_NETWORK, EAGAIN, "accept");
	if (fd == -1)
		return -1;
	conn = sock_take_next(s, fd);
	conn->dialect = s->dialect;
	conn->accepted = true;
	sock_keep_peer(conn, &peer);
	if (ret_peer != NULL)
		*ret_peer = peer;
	*ret_conn = conn;
	return 0;
}

/* When a client has gone before accept(2), the next wait returns at once if another is there. */
int
sock_accept(struct sock *s, struct sock **ret_conn, struct sockname *ret_peer, struct error *e)
{
	struct wait_limit p = sock_wait_limit(s->recv_timeout);
	enum accept_verdict verdict;
	struct error err;

	while (sock_accept_now(s, ret_conn, ret_peer, &err) == -1) {
		verdict = accept_verdict_of(&err);
		if (verdict != ACCEPT_WOULD_BLOCK && verdict != ACCEPT_RETRY)
			return sock_fail(&err, e);
		if (sock_wait(s, LOOP_READ, &p, "accept", e) == -1)
			return -1;
	}
	return 0;
}

int
sock_udp_accept(struct sock *s, const struct udp_accept_how *how, struct sock **ret_conn,
    struct error *e)
{
	int fd = udp_accept_open(s->fd, how, e);
	struct sock *conn;

	if (fd == -1)
		return -1;
	conn = sock_wrap(s->loop, fd, s->family, s->type, e);
	if (conn == NULL)
		return -1;
	conn->accepted = true;
	sock_keep_peer(conn, how->peer);
	*ret_conn = conn;
	return 0;
}
