#include "sock/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "net/ports.h"
#include "net/sys.h"
#include "sock/addr_in_use.h"
#include "sock/end/end_stream.h"
#include "sock/impl.h"
#include "sock/names.h"
#include "sock/records.h"
#include "sock/unix_path.h"
#include "sock/wait.h"
#include "sock/websocket/websocket.h"
#include "stream/fd.h"
#include "stream/serial/line.h"
#include "stream/websocket/websocket.h"

/* ---- open and close ---- */

static void
init_sock(struct sock *s, struct loop *l, int family, int type)
{
	s->loop = l;
	s->fd = stream_raw_fd(s->stream, STREAM_IN);
	s->family = family;
	s->type = type;
	s->recv_timeout = s->send_timeout = DURATION_NONE;
	buf_init(&s->in, SIZE_MAX / 2);
}

/* fd stays the caller's on failure. */
static struct sock *
new_sock(struct loop *l, int fd, int family, int type, struct error *e)
{
	struct sock *s = calloc(1, sizeof(*s));

	if (s == NULL)
		error_set(e, ERROR_INTERNAL, "out of memory");
	if (s == NULL || fd_stream_socket(&s->stream, fd, e) == -1) {
		free(s);
		return NULL;
	}
	init_sock(s, l, family, type);
	return s;
}

struct sock *
sock_wrap(struct loop *l, int fd, int family, int type, struct error *e)
{
	struct sock *s = new_sock(l, fd, family, type, e);

	if (s == NULL)
		sys_close(fd);
	return s;
}

int
sock_prepare_next(struct sock *s, struct error *e)
{
	if (s->next == NULL)
		s->next = new_sock(s->loop, -1, s->family, s->type, e);
	return s->next != NULL ? 0 : -1;
}

struct sock *
sock_take_next(struct sock *s, int fd)
{
	struct sock *conn = s->next;

	s->next = NULL;
	conn->fd = fd;
	fd_stream_give(conn->stream, fd);
	return conn;
}

static int
query_kind(int fd, int *ret_family, int *ret_type, struct error *e)
{
	*ret_family = sys_family(fd);
	*ret_type = sys_type(fd);
	if (*ret_family == -1 || *ret_type == -1)
		return error_errno(e, ERROR_NETWORK, errno, "fd:%d", fd);
	return 0;
}

int
sock_open(struct sock **ret_sock, struct loop *l, int family, int type, int proto,
    enum sock_dialect dialect, struct error *e)
{
	bool documented = proto == SOCK_PROTO_TCP_SER || proto == SOCK_PROTO_CUSTOMIZE_PORT;
	int fd = sys_socket(family, type, documented ? IPPROTO_TCP : proto, e);
	struct sock *s;

	if (fd == -1)
		return -1;
	s = sock_wrap(l, fd, family, type, e);
	if (s == NULL)
		return -1;
	s->dialect = dialect;
	/* both are for a fixed port, which has to be usable again after a restart */
	if (documented && sock_setsockopt_int(s, SOL_SOCKET, SO_REUSEADDR, 1, e) == -1) {
		sock_free(s);
		return -1;
	}
	*ret_sock = s;
	return 0;
}

/* accept(2) has no flag like MSG_DONTWAIT, so an inherited listener is non-blocking while we have
 * it. Returns true if that has to be undone. */
static bool
unblock_listener(int fd)
{
	int listens = 0, flags = fcntl(fd, F_GETFL);
	socklen_t len = sizeof(listens);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || !listens)
		return false;
	return flags >= 0 && !(flags & O_NONBLOCK) && sys_set_nonblocking(fd, true, NULL) == 0;
}

int
sock_adopt(struct sock **ret_sock, struct loop *l, int fd, struct error *e)
{
	int family, type;
	struct sock *s;

	if (query_kind(fd, &family, &type, e) == -1)
		return -1;
	s = new_sock(l, fd, family, type, e);
	if (s == NULL)
		return -1;
	/* programs must not inherit it; but a closed standard descriptor would be worse */
	if (fd > 2)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	s->restores_blocking = unblock_listener(fd) ? getpid() : 0;
	sock_learn_peer(s);
	*ret_sock = s;
	return 0;
}

/* Wraps a descriptor that connect_open() or listen_open() made. */
static int
wrap_opened(struct sock **ret_sock, struct loop *l, int fd, struct error *e)
{
	int family, type;
	struct sock *s;

	if (query_kind(fd, &family, &type, e) == -1) {
		sys_close(fd);
		return -1;
	}
	s = sock_wrap(l, fd, family, type, e);
	if (s == NULL)
		return -1;
	*ret_sock = s;
	return 0;
}

/* The socket table of `status` has only TCP, and somebody else's TCP port would explain nothing for
 * UDP. */
static void
explain_open_failure(const struct bind_how *how, unsigned port, struct error *e)
{
	struct clash clash = { .port = (uint16_t)port,
		.reuse = !how->no_reuse_addr,
		.remedy = "--reuse-addr takes it over" };

	if (port != 0 && (how->type == 0 || how->type == SOCK_STREAM))
		sock_explain_addr_in_use(&clash, e);
}

struct sock *
sock_wrap_line(struct loop *l, struct stream *stream, const struct endpoint *ep, struct error *e)
{
	struct sock *s = calloc(1, sizeof(*s));
	struct sockname name;

	if (s == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		stream_close(stream);
		return NULL;
	}
	s->stream = stream;
	init_sock(s, l, SOCKNAME_LINE, SOCK_STREAM);
	sockname_line(ep, &name);
	sock_keep_line_name(s, &name);
	return s;
}

static int
connect_line(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, const struct log *log, struct error *e)
{
	struct stream *stream;

	if (line_connect(&stream, l, ep, how, until, log, e) == -1)
		return -1;
	*ret_sock = sock_wrap_line(l, stream, ep, e);
	return *ret_sock != NULL ? 0 : -1;
}

static int
listen_line(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct log *log, struct error *e)
{
	struct line_listener *line;
	struct sockname name;
	struct sock *s;
	int fd;

	if (line_listen(&line, ep, &fd, log, e) == -1)
		return -1;
	s = sock_wrap(l, fd, SOCKNAME_LINE, SOCK_STREAM, e);
	if (s == NULL) {
		line_close(line);
		return -1;
	}
	s->line = line;
	sockname_line(ep, &name);
	sock_keep_line_name(s, &name);
	*ret_sock = s;
	return 0;
}

int
sock_open_connected(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, const struct log *log, struct error *e)
{
	struct sockname peer;
	int fd;

	if (ep->kind == ENDPOINT_FD)
		return sock_adopt(ret_sock, l, ep->fd, e);
	if (endpoint_is_line(ep))
		return connect_line(ret_sock, l, ep, how, until, log, e);
	if (connect_open(l, ep, how, until, log, &fd, &peer, e) == -1) {
		/* any port of a range may be the one in use */
		if (how->bind.port_lo == how->bind.port_hi)
			explain_open_failure(&how->bind, how->bind.port_lo, e);
		return -1;
	}
	if (wrap_opened(ret_sock, l, fd, e) == -1)
		return -1;
	sock_keep_peer(*ret_sock, &peer);
	if (sock_path_keep_source(*ret_sock, e) == -1) {
		sock_free(*ret_sock);
		return -1;
	}
	return 0;
}

int
sock_open_listening(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct listen_how *how, struct deadline until, const struct log *log, struct error *e)
{
	struct sockname local;
	uint16_t port = 0;
	int fd;

	if (ep->kind == ENDPOINT_FD)
		return sock_adopt(ret_sock, l, ep->fd, e);
	if (endpoint_is_line(ep))
		return listen_line(ret_sock, l, ep, log, e);
	if (listen_open(l, ep, how, until, log, &fd, &local, e) == -1) {
		if (ep->kind == ENDPOINT_INET && ports_single(ep->port, "tcp", &port, NULL) == 0)
			explain_open_failure(&how->bind, port, e);
		return -1;
	}
	if (wrap_opened(ret_sock, l, fd, e) == -1)
		return -1;
	sock_keep_local(*ret_sock, &local);
	if (ep->kind == ENDPOINT_UNIX && !ep->abstract &&
	    sock_path_keep(*ret_sock, ep->path, e) == -1) {
		sock_free(*ret_sock);
		return -1;
	}
	return 0;
}

/* A peer that answers our close frame, or sends close_notify after its own, would have the connection
 * reset, and lose what it has not read. */
static bool
awaits_end(const struct sock *s)
{
	struct websocket_end end = { .heard = true };

	if (!s->says_end || !websocket_is(s->stream))
		return false;
	websocket_get_end(s->stream, &end);
	return s->secured || !end.heard;
}

static void
show_close(struct sock *s)
{
	if (s->observer != NULL)
		sock_show(s, sys_resets_at_close(s->fd) ? SOCK_ABORTED : SOCK_CLOSED, NULL);
}

/* Releases everything but the object. Methods fail from now on, while the stream may still have
 * bytes to send. */
static int
release(struct sock *s, struct error *e)
{
	struct end_stream_how ending = { .loop = s->loop,
		.stream = s->stream,
		.unsent = s->unsent };
	int saved = errno, fd = s->fd, rc = 0;

	/* that of sock_prepare_next() has no descriptor yet */
	if (s->stream == NULL)
		return 0;
	ending.for_peer = awaits_end(s);
	show_close(s);
	sock_wake(s);
	sock_stop_flusher(s);
	s->stream = NULL;
	s->fd = -1;
	buf_fini(&s->in);
	sock_drop_records(s);
	ending.limit = s->send_timeout;
	if (s->says_end || s->unsent > 0 || s->family == SOCKNAME_LINE)
		rc = sock_end_stream(&ending, e);
	/* a forked child shares the flag */
	if (s->restores_blocking != 0 && s->restores_blocking == getpid())
		sys_set_nonblocking(fd, false, NULL);
	stream_close(ending.stream);
	sock_path_remove(s);
	line_close(s->line);
	s->line = NULL;
	errno = saved;
	return rc;
}

static void
keep_websocket_end(struct sock *s)
{
	if (s->close == NULL)
		s->close = malloc(sizeof(*s->close));
	if (s->close != NULL)
		websocket_get_end(s->stream, s->close);
}

int
sock_close(struct sock *s, struct error *e)
{
	if (s == NULL || s->fd == -1)
		return 0;
	/* the state is looked up by the 4-tuple from now on */
	sock_keep_names(s);
	if (s->says_end && sock_is_websocket(s))
		keep_websocket_end(s);
	return release(s, e);
}

void
sock_free(struct sock *s)
{
	if (s == NULL)
		return;
	/* sock_close() would record the names, which nobody can ask for */
	release(s, NULL);
	if (s->files > 0) {
		s->freed = true;
		return;
	}
	free(s->local);
	free(s->peer);
	free(s->told);
	free(s->close);
	sock_free(s->next);
	free(s);
}

int
sock_drop_file(struct sock *s, struct error *e)
{
	int rc;

	if (--s->files > 0)
		return 0;
	rc = sock_close(s, e);
	if (s->freed)
		sock_free(s);
	return rc;
}

void
sock_reset_at_close(struct sock *s)
{
	sys_reset_at_close(s->fd);
}

void
sock_abort(struct sock *s)
{
	sock_reset_at_close(s);
	s->says_end = false;
	s->unsent = 0;
	sock_close(s, NULL);
}
