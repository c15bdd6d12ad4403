#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "net/bind.h"
#include "net/can/can_socket.h"
#include "net/ports.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

/* SOMAXCONN of the C library is 128 or 4096; the kernel caps the backlog at net.core.somaxconn. */
#define BACKLOG_MAX INT_MAX

#define UNIX_MODE 0600

struct listening {
	const struct endpoint *ep;
	const struct listen_how *how;
	const struct log *log;
	bool dual; /* one socket for both families */
};

static int
listen_type(const struct listening *s)
{
	return s->how->bind.type != 0 ? s->how->bind.type : SOCK_STREAM;
}

static bool
has_connections(const struct listening *s)
{
	return listen_type(s) == SOCK_STREAM || listen_type(s) == SOCK_SEQPACKET;
}

static int
start_listening(const struct listening *s, int fd, struct error *e)
{
	int backlog = s->how->backlog;

	if (!has_connections(s))
		return 0;
	return sys_listen(fd, backlog < 0 ? BACKLOG_MAX : backlog, e);
}

/* ---- IP ---- */

static int
listen_failed(const struct sockname *name, unsigned port, struct error *e)
{
	struct sockname taken = *name;
	char text[SOCKNAME_TEXT_MAX];
	int errnum = e->number;

	if (e->origin != ORIGIN_ERRNO)
		return -1;
	if (name->sa.sa_family == AF_INET || name->sa.sa_family == AF_INET6)
		sockname_set_port(&taken, (uint16_t)port);
	return error_errno(e, ERROR_NETWORK, errnum, "listen %s",
	    sockname_format(&taken, text, sizeof(text)));
}

/* With SO_REUSEADDR two sockets can bind the same port; only listen(2) shows which one may
 * listen. */
static int
bind_and_listen(const struct listening *s, struct bind_spec *b, int *ret_fd, struct error *e)
{
	unsigned port = b->port_lo;

	for (;;) {
		int fd;

		if (bind_open(b, s->log, &port, &fd, e) != 0)
			return -1;
		if (start_listening(s, fd, e) == 0) {
			*ret_fd = fd;
			return 0;
		}
		sys_close(fd);
		if (e->number != EADDRINUSE || port == b->port_hi)
			return listen_failed(&b->name, port, e);
		port++;
	}
}

static int
listen_name(const struct listening *s, const struct sockname *name, int *ret_fd, struct error *e)
{
	const struct bind_how *bind = &s->how->bind;
	struct bind_spec b = {
		.how = bind,
		.family = name->sa.sa_family,
		.name = *name,
		.port_lo = sockname_port(name),
		.port_hi = sockname_port(name),
		.v6only = -1,
	};

	if (s->ep->port[0] == '\0') {
		b.port_lo = bind->port_lo;
		b.port_hi = bind->port_hi;
	}
	/* an IPv6 socket that the user requested leaves the IPv4 side of the port free */
	if (s->dual || bind->family == AF_INET6)
		b.v6only = !s->dual;
	return bind_and_listen(s, &b, ret_fd, e);
}

/* Returns true when this host lacks the address or the whole family. */
static bool
address_is_missing(const struct error *e)
{
	return e->number == EAFNOSUPPORT || e->number == EADDRNOTAVAIL;
}

static int
listen_family(struct loop *l, const struct listening *s, int family, struct deadline until,
    int *ret_fd, struct error *e)
{
	struct resolve_how rh = {
		.family = family,
		.type = listen_type(s),
		.proto = s->how->bind.proto,
		.passive = true,
	};
	struct resolved *list;
	struct error next;
	size_t n, i;
	int rc;

	if (resolve(l, s->ep->host, s->ep->port, &rh, until, &list, &n, e) != 0)
		return -1;
	rc = listen_name(s, &list[0].name, ret_fd, e);
	for (i = 1; rc != 0 && i < n; i++) {
		rc = listen_name(s, &list[i].name, ret_fd, &next);
		/* "in use" helps the user more than "no such address" */
		if (rc != 0 && address_is_missing(e))
			*e = next;
	}
	free(list);
	return rc;
}

static int
listen_inet(struct loop *l, struct listening *s, struct deadline until, int *ret_fd,
    struct error *e)
{
	const char *host = s->ep->host;
	int family = s->how->bind.family;

	if (s->ep->port[0] != '\0' && !ports_is_single(s->ep->port))
		return error_set(e, ERROR_USAGE, "listen %s: more than one port", s->ep->port);
	if (family != AF_UNSPEC || (host[0] != '\0' && strcmp(host, "*") != 0))
		return listen_family(l, s, family, until, ret_fd, e);
	s->dual = true;
	if (listen_family(l, s, AF_INET6, until, ret_fd, e) == 0)
		return 0;
	if (!address_is_missing(e))
		return -1;
	s->dual = false;
	return listen_family(l, s, AF_INET, until, ret_fd, e);
}

/* ---- unix ---- */

/* Returns 1 when a server answers at the path, 0 when the socket file is stale. */
static int
probe_unix_server(const struct listening *s, const struct sockname *name)
{
	struct error e;
	/* Use another type than the server's: the kernel refuses it with EPROTOTYPE, and the
	 * server sees no client. */
	int type = listen_type(s) == SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM;
	int fd = sys_socket(AF_UNIX, type, 0, &e);
	int rc;

	if (fd < 0)
		return 1;
	rc = sys_connect(fd, name, &e);
	sys_close(fd);
	/* any other failure (full backlog, wrong type, no permission) means that a server exists */
	return rc != -1 || e.number != ECONNREFUSED;
}

static unsigned
unix_mode(const struct listening *s)
{
	return s->how->mode != 0 ? s->how->mode : UNIX_MODE;
}

static int
bind_unix(const struct listening *s, const struct bind_spec *b, int *ret_fd, struct error *e)
{
	/* for its new owner it is opened later */
	unsigned mode = s->how->owner == NULL ? unix_mode(s) : UNIX_MODE;
	mode_t before = umask(~(mode_t)mode & 0777);
	unsigned port = 0;
	/* A chmod(2) after the bind would let others in for a moment. */
	int rc = bind_open(b, s->log, &port, ret_fd, e);

	umask(before);
	return rc;
}

/* The descriptor names the file itself, whatever stands at the path by now. */
static int
change_owner(const struct listening *s, int fd, struct error *e)
{
	const struct listen_owner *o = s->how->owner;
	char name[32];
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return error_set(e, ERROR_NETWORK, "chown %s: another file is there", s->ep->path);
	if (fchownat(fd, "", o->uid, o->gid, AT_EMPTY_PATH) != 0) {
		error_errno(e, ERROR_NETWORK, errno, "chown %s", s->ep->path);
		return error_hint(e,
		    "only root may give it to another user, or to a group that this "
		    "process is not in");
	}
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (chmod(name, unix_mode(s)) != 0)
		return error_errno(e, ERROR_NETWORK, errno, "chmod %s", s->ep->path);
	return 0;
}

/* Nobody can connect before listen(2), so that there is no moment with the wrong owner. */
static int
set_owner(const struct listening *s, struct error *e)
{
	int fd, rc;

	if (s->how->owner == NULL)
		return 0;
	fd = open(s->ep->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(e, ERROR_NETWORK, errno, "chown %s", s->ep->path);
	rc = change_owner(s, fd, e);
	sys_close(fd);
	return rc;
}

/* Returns 0 when the path, which was in use, is free now. */
static int
remove_stale_path(const struct listening *s, const struct sockname *name, struct error *e)
{
	const char *path = s->ep->path;
	struct stat st;

	if (s->ep->abstract)
		return error_hint(e, "a server has that name");
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISSOCK(st.st_mode))
		return error_hint(e, "that file is not a socket, and stays");
	if (probe_unix_server(s, name))
		return error_hint(e, "a server answers there");
	if (!s->how->unlink_stale)
		return error_hint(e, "no server answers there: --unlink removes a stale socket");
	if (unlink(path) != 0)
		return error_errno(e, ERROR_NETWORK, errno, "unlink %s", path);
	return 0;
}

static int
listen_unix(const struct listening *s, int *ret_fd, struct error *e)
{
	struct bind_spec b = { .how = &s->how->bind, .family = AF_UNIX, .v6only = -1 };
	int fd, rc;

	if (sockname_unix(s->ep, &b.name, e) != 0)
		return -1;
	if (bind_unix(s, &b, &fd, e) != 0) {
		if (e->number != EADDRINUSE || remove_stale_path(s, &b.name, e) != 0)
			return -1;
		if (bind_unix(s, &b, &fd, e) != 0)
			return -1;
	}
	rc = set_owner(s, e);
	if (rc == 0 && start_listening(s, fd, e) == 0) {
		*ret_fd = fd;
		return 0;
	}
	sys_close(fd);
	if (!s->ep->abstract)
		unlink(s->ep->path);
	return rc == 0 ? listen_failed(&b.name, 0, e) : -1;
}

/* ---- vsock ---- */

static int
listen_vsock(const struct listening *s, int *ret_fd, struct error *e)
{
	struct bind_spec b = { .how = &s->how->bind, .family = AF_VSOCK, .v6only = -1 };
	struct sockaddr_vm *vm = (struct sockaddr_vm *)&b.name.storage;

	sockname_vsock(s->ep, &b.name);
	/* 0 lets the kernel choose, as in all families */
	if (vm->svm_port == 0)
		vm->svm_port = VMADDR_PORT_ANY;
	return bind_and_listen(s, &b, ret_fd, e);
}

/* ---- all families ---- */

static int
listen_endpoint(struct loop *l, struct listening *s, struct deadline until, int *ret_fd,
    struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];
	struct sockname can;

	switch (s->ep->kind) {
	case ENDPOINT_INET:
		return listen_inet(l, s, until, ret_fd, e);
	case ENDPOINT_UNIX:
		return listen_unix(s, ret_fd, e);
	case ENDPOINT_VSOCK:
		return listen_vsock(s, ret_fd, e);
	case ENDPOINT_CAN:
		return can_socket_open(s->ep, &s->how->bind, s->log, ret_fd, &can, e);
	default:
		return error_set(e, ERROR_USAGE, "listen %s: nothing to listen on",
		    endpoint_format(s->ep, text, sizeof(text)));
	}
}

/* When the kernel chose the port, the user must learn it. */
static void
log_listening(const struct listening *s, const struct sockname *local)
{
	char text[SOCKNAME_TEXT_MAX];
	bool has_ports = s->ep->kind == ENDPOINT_VSOCK ||
	    (s->ep->kind == ENDPOINT_INET && bind_how_has_ports(&s->how->bind));
	bool chosen = has_ports && s->how->bind.port_hi == 0 &&
	    (s->ep->port[0] == '\0' || strcmp(s->ep->port, "0") == 0);

	log_line(s->log, chosen ? LOG_CHOSEN : LOG_VERBOSE, "listening on %s",
	    sockname_format(local, text, sizeof(text)));
}

int
listen_open(struct loop *l, const struct endpoint *ep, const struct listen_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_local,
    struct error *e)
{
	struct listening s = { .ep = ep, .how = how, .log = log };
	struct sockname local;
	struct error err;
	int fd;

	if (listen_endpoint(l, &s, until, &fd, &err) != 0) {
		if (e != NULL)
			*e = err;
		return -1;
	}
	if (sys_local_name(fd, &local, e) != 0) {
		sys_close(fd);
		return -1;
	}
	log_listening(&s, &local);
	sockopt_log(fd, how->bind.settings, how->bind.n_settings, log);
	*ret_fd = fd;
	*ret_local = local;
	return 0;
}
