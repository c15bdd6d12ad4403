#include "net/bind.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/parse.h"
#include "net/resolve/resolve.h"
#include "net/sys.h"

static bool
is_inet(int family)
{
	return family == AF_INET || family == AF_INET6;
}

static int
socket_type(const struct bind_how *how)
{
	return how->type != 0 ? how->type : SOCK_STREAM;
}

bool
bind_how_has_ports(const struct bind_how *how)
{
	return socket_type(how) != SOCK_RAW && how->proto != IPPROTO_ICMP &&
	    how->proto != IPPROTO_ICMPV6;
}

/* ---- options ---- */

static int
open_socket(const struct bind_spec *b, const struct log *log, struct error *e)
{
	const struct bind_how *how = b->how;
	int type = socket_type(how);

	if (how->mptcp && is_inet(b->family) && type == SOCK_STREAM) {
		int fd = sys_socket(b->family, type, IPPROTO_MPTCP, e);

		if (fd >= 0)
			return fd;
		/* too old, or switched off by net.mptcp.enabled */
		if (e->number != EPROTONOSUPPORT && e->number != ENOPROTOOPT)
			return -1;
		log_line(log, LOG_NOTE, "this kernel offers no MPTCP: using TCP");
	}
	return sys_socket(b->family, type, how->proto, e);
}

static int
set_interface(int fd, const char *name, struct error *e)
{
	size_t n = strlen(name);

	if (n >= IFNAMSIZ)
		return error_errno(e, ERROR_NETWORK, ENODEV, "bind to interface %s", name);
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)n) == 0)
		return 0;
	error_errno(e, ERROR_NETWORK, errno, "bind to interface %s", name);
	if (e->number == EPERM)
		error_hint(e, "this needs root or CAP_NET_RAW on this kernel");
	return -1;
}

static bool
is_multicast(const struct sockname *name)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&name->storage;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&name->storage;

	if (name->sa.sa_family == AF_INET)
		return IN_MULTICAST(ntohl(in->sin_addr.s_addr));
	return name->sa.sa_family == AF_INET6 && IN6_IS_ADDR_MULTICAST(&in6->sin6_addr);
}

/* TIME_WAIT must not keep a stream from its port. Datagrams have none, and there
 * the option would let a second program take the first one's away. */
static bool
wants_reuse(const struct bind_spec *b)
{
	if (b->how->no_reuse_addr || b->name.len == 0 || !is_inet(b->family))
		return false;
	return socket_type(b->how) != SOCK_DGRAM || b->how->joins || is_multicast(&b->name);
}

/* Without this a bind to an address alone takes a port away from all peers. */
static bool
wants_late_port(const struct bind_spec *b)
{
	return b->connects && b->name.len != 0 && b->port_hi == 0 && is_inet(b->family) &&
	    socket_type(b->how) == SOCK_STREAM;
}

/* How far packets go. A stream has no multicast and says so (EINVAL, ENOPROTOOPT). */
static int
set_hops(int fd, const struct bind_spec *b, struct error *e)
{
	int ttl = b->how->ttl;

	if (ttl == 0 || !is_inet(b->family))
		return 0;
	(void)sockopt_set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, ttl, "IP_MULTICAST_TTL", NULL);
	/* on an IPv6 socket this is for the IPv4 peers of both families' sockets */
	if (sockopt_set_int(fd, IPPROTO_IP, IP_TTL, ttl, "IP_TTL", e) != 0 && b->family == AF_INET)
		return -1;
	if (b->family != AF_INET6)
		return 0;
	(void)sockopt_set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl, "IPV6_MULTICAST_HOPS",
	    NULL);
	return sockopt_set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl, "IPV6_UNICAST_HOPS", e);
}

static int
set_options(int fd, const struct bind_spec *b, struct error *e)
{
	const struct bind_how *how = b->how;

	if (wants_reuse(b) &&
	    sockopt_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR", e) != 0)
		return -1;
	if (how->reuse_port &&
	    sockopt_set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT", e) != 0)
		return -1;
	if (b->v6only >= 0 && b->family == AF_INET6 &&
	    sockopt_set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, b->v6only, "IPV6_V6ONLY", e) != 0)
		return -1;
	if (how->interface != NULL && set_interface(fd, how->interface, e) != 0)
		return -1;
	if (how->broadcast &&
	    sockopt_set_int(fd, SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST", e) != 0)
		return -1;
	if (set_hops(fd, b, e) != 0)
		return -1;
	if (wants_late_port(b))
		(void)sockopt_set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1,
		    "IP_BIND_ADDRESS_NO_PORT", NULL);
	/* the user's own last, so that they win */
	return sockopt_apply(fd, how->settings, how->n_settings, PHASE_SOCKET, e);
}

int
bind_set_options(int fd, const struct bind_how *how, int family, struct error *e)
{
	const struct bind_spec b = { .how = how, .family = family, .v6only = -1 };

	return set_options(fd, &b, e);
}

/* ---- bind ---- */

static int
unprivileged_port_start(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "re");
	char line[16] = "";
	int64_t port;

	if (f == NULL)
		return IPPORT_RESERVED;
	if (fgets(line, sizeof(line), f) != NULL)
		line[strcspn(line, "\n")] = '\0';
	fclose(f);
	return parse_int(line, 0, UINT16_MAX + 1, &port, NULL) == 0 ? (int)port : IPPORT_RESERVED;
}

void
bind_explain_zone(const struct sockname *name, struct error *e)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&name->storage;

	if (e->number == EINVAL && name->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) && in6->sin6_scope_id == 0)
		error_hint(e, "a link-local address needs its interface: ADDRESS%%INTERFACE");
}

static int
explain_bind(const struct sockname *name, struct error *e)
{
	if (!is_inet(name->sa.sa_family))
		return -1;
	if (e->number == EACCES && sockname_port(name) < unprivileged_port_start())
		error_hint(e, "ports below %d need root or CAP_NET_BIND_SERVICE",
		    unprivileged_port_start());
	else if (e->number == EADDRNOTAVAIL)
		error_hint(e, "no interface of this host has that address");
	bind_explain_zone(name, e);
	return -1;
}

static int
no_port_left(const struct bind_spec *b, struct error *e)
{
	char host[SOCKNAME_TEXT_MAX];
	bool v6 = b->family == AF_INET6;

	sockname_host(&b->name, host, sizeof(host));
	return error_errno(e, ERROR_NETWORK, EADDRINUSE, "bind %s%s%s:%u-%u", v6 ? "[" : "", host,
	    v6 ? "]" : "", b->port_lo, b->port_hi);
}

static int
bind_ports(int fd, const struct bind_spec *b, unsigned *port, struct error *e)
{
	struct sockname name = b->name;
	unsigned p;

	for (p = *port > b->port_lo ? *port : b->port_lo; p <= b->port_hi; p++) {
		if (is_inet(b->family))
			sockname_set_port(&name, (uint16_t)p);
		if (sys_bind(fd, &name, e) == 0) {
			*port = p;
			return 0;
		}
		if (e->number != EADDRINUSE || b->port_lo == b->port_hi)
			return explain_bind(&name, e);
	}
	return no_port_left(b, e);
}

int
bind_open(const struct bind_spec *b, const struct log *log, unsigned *port, int *ret_fd,
    struct error *e)
{
	int fd = open_socket(b, log, e);

	if (fd < 0)
		return -1;
	if (set_options(fd, b, e) != 0 || (b->name.len != 0 && bind_ports(fd, b, port, e) != 0)) {
		sys_close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

/* ---- where connections start from ---- */

static int
source_unix(struct bind_source *s, struct error *e)
{
	struct endpoint ep;

	if (endpoint_parse(s->how->source, NULL, &ep, e) != 0)
		return error_prefix(e, "source");
	if (ep.kind != ENDPOINT_UNIX)
		return error_set(e, ERROR_USAGE, "source %s: not a unix address", s->how->source);
	s->names = calloc(1, sizeof(*s->names));
	if (s->names == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (sockname_unix(&ep, &s->names->name, e) != 0) {
		bind_source_close(s);
		return error_prefix(e, "source");
	}
	s->names->family = AF_UNIX;
	s->n = 1;
	return 0;
}

int
bind_source_open(struct bind_source *s, struct loop *l, const struct bind_how *how, int family,
    struct deadline until, const struct log *log, struct error *e)
{
	struct resolve_how rh = {
		.family = is_inet(family) ? family : how->family,
		.type = socket_type(how),
		.passive = true,
	};

	*s = (struct bind_source){ .how = how, .log = log };
	if (how->source == NULL || how->source[0] == '\0')
		return 0;
	if (family == AF_UNIX)
		return source_unix(s, e);
	if (family != AF_UNSPEC && !is_inet(family))
		return error_set(e, ERROR_USAGE, "source %s: only IP and unix sockets have one",
		    how->source);
	if (resolve(l, how->source, "", &rh, until, &s->names, &s->n, e) != 0)
		return error_prefix(e, "source");
	return 0;
}

void
bind_source_close(struct bind_source *s)
{
	free(s->names);
	s->names = NULL;
	s->n = 0;
}

static const struct sockname *
source_name(const struct bind_source *s, int family)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->names[i].family == family)
			return &s->names[i].name;
	}
	return NULL;
}

static int
no_source(const struct bind_source *s, int family, struct error *e)
{
	const char *version = family == AF_INET6 ? "IPv6" : "IPv4";

	error_set(e, ERROR_NETWORK, "bind %s: no %s address", s->how->source, version);
	return error_hint(e, "the address to reach is %s, the source must be too", version);
}

static bool
is_v4_mapped(const struct sockname *name)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&name->storage;

	return name->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
}

static void
wildcard(int family, struct sockname *ret_name)
{
	memset(ret_name, 0, sizeof(*ret_name));
	ret_name->sa.sa_family = (sa_family_t)family;
	ret_name->len =
	    family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/* Datagrams come back to a name only. One in the file system is as good as the
 * peer's; the abstract name space is the network namespace's. */
static void
return_path(const struct bind_source *s, const struct sockname *peer, struct sockname *ret_name)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&ret_name->storage;
	uint64_t number;
	int n;

	un->sun_family = AF_UNIX;
	/* without a name: the kernel finds one (unix(7), "Autobind feature") */
	ret_name->len = sizeof(sa_family_t);
	if (s->how->return_dir == NULL || peer == NULL || !sockname_is_path(peer) ||
	    getrandom(&number, sizeof(number), 0) != sizeof(number))
		return;
	n = snprintf(un->sun_path, sizeof(un->sun_path), "%s/usock.%016" PRIx64, s->how->return_dir,
	    number);
	if (n > 0 && (size_t)n < sizeof(un->sun_path))
		ret_name->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + 1);
}

void
bind_discard(int fd)
{
	struct sockname local;

	if (sys_local_name(fd, &local, NULL) == 0 && sockname_is_path(&local))
		unlink(((const struct sockaddr_un *)&local.storage)->sun_path);
	sys_close(fd);
}

int
bind_source_socket(const struct bind_source *s, int family, const struct sockname *peer,
    unsigned *port, int *ret_fd, struct error *e)
{
	struct bind_spec b = { .how = s->how,
		.family = family,
		.v6only = -1,
		.connects = peer != NULL };
	const struct sockname *name = source_name(s, family);

	if (is_inet(family)) {
		b.port_lo = s->how->port_lo;
		b.port_hi = s->how->port_hi;
	}
	if (name == NULL && s->n > 0)
		return no_source(s, family, e);
	if (name != NULL) {
		b.name = *name;
	} else if (b.port_hi != 0) {
		wildcard(family, &b.name);
		/* a server on the IPv4 side of this port is not in our way */
		if (peer != NULL && !is_v4_mapped(peer))
			b.v6only = 1;
	} else if (family == AF_UNIX && socket_type(s->how) == SOCK_DGRAM) {
		return_path(s, peer, &b.name);
	}
	return bind_open(&b, s->log, port, ret_fd, e);
}

int
bind_connect(int fd, const struct sockname *peer, struct error *e)
{
	int rc = sys_connect(fd, peer, e);

	if (rc != SYS_AGAIN)
		return rc;
	/* On this host the answer is already here: asking for it costs one call
	 * where waiting for it costs four. */
	rc = sys_connect(fd, peer, e);
	/* SCTP begins anew where the first one has failed: its error waits */
	if (rc != -1)
		return rc;
	if (e->number == EISCONN)
		return 0;
	return e->number == EALREADY ? SYS_AGAIN : -1;
}

bool
bind_is_self_connect(const struct bind_source *s, int fd, const struct sockname *peer)
{
	struct sockname local;

	/* who fixes both ports to the same number means it */
	if (s->how->port_hi != 0 || sockname_port(peer) < IPPORT_RESERVED)
		return false;
	return sys_local_name(fd, &local, NULL) == 0 && sockname_equal(&local, peer);
}
