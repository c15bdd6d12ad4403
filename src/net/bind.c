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
#include "net/sockopt/ip_header.h"
#include "net/sys.h"

static bool
family_is_ip(int family)
{
	return family == AF_INET || family == AF_INET6;
}

static int
type_of(const struct bind_how *how)
{
	return how->type != 0 ? how->type : SOCK_STREAM;
}

bool
bind_how_has_ports(const struct bind_how *how)
{
	return type_of(how) != SOCK_RAW && how->proto != IPPROTO_ICMP &&
	    how->proto != IPPROTO_ICMPV6;
}

/* ---- options ---- */

static int
create_socket(const struct bind_spec *b, const struct log *log, struct error *e)
{
	const struct bind_how *how = b->how;
	int type = type_of(how);

	if (how->mptcp && family_is_ip(b->family) && type == SOCK_STREAM) {
		int fd = sys_socket(b->family, type, IPPROTO_MPTCP, e);

		if (fd >= 0)
			return fd;
		/* the kernel is too old, or net.mptcp.enabled is 0 */
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

/* A connection in TIME_WAIT must not block the port of a stream. Datagram sockets have no
 * TIME_WAIT; there the option would let another program take over the port. */
static bool
wants_reuse(const struct bind_spec *b)
{
	if (b->how->no_reuse_addr || b->name.len == 0 || !family_is_ip(b->family))
		return false;
	return type_of(b->how) != SOCK_DGRAM || b->how->joins || is_multicast(&b->name);
}

/* Otherwise a bind to an address alone takes the port away from all peers. */
static bool
wants_port_at_connect(const struct bind_spec *b)
{
	return b->connects && b->name.len != 0 && b->port_hi == 0 && family_is_ip(b->family) &&
	    type_of(b->how) == SOCK_STREAM;
}

static int
set_ip_options(int fd, const struct bind_spec *b, struct error *e)
{
	const struct bind_how *how = b->how;
	const struct ip_header ip = { .ttl = how->ttl,
		.min_ttl = how->min_ttl,
		.tos = how->tos,
		.md5 = how->md5 };

	return ip_header_set(fd, b->family, &ip, e);
}

static int
set_socket_options(int fd, const struct bind_spec *b, struct error *e)
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
	if (set_ip_options(fd, b, e) != 0)
		return -1;
	if (wants_port_at_connect(b))
		(void)sockopt_set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1,
		    "IP_BIND_ADDRESS_NO_PORT", NULL);
	/* the user's own options come last, so that they win */
	return sockopt_apply(fd, how->settings, how->n_settings, PHASE_SOCKET, e);
}

int
bind_set_options(int fd, const struct bind_how *how, int family, struct error *e)
{
	const struct bind_spec b = { .how = how, .family = family, .v6only = -1 };

	return set_socket_options(fd, &b, e);
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
bind_hint_zone(const struct sockname *name, struct error *e)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&name->storage;

	if (e->number == EINVAL && name->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) && in6->sin6_scope_id == 0)
		error_hint(e, "a link-local address needs its interface: ADDRESS%%INTERFACE");
}

static int
add_bind_hint(const struct sockname *name, struct error *e)
{
	if (!family_is_ip(name->sa.sa_family))
		return -1;
	if (e->number == EACCES && sockname_port(name) < unprivileged_port_start())
		error_hint(e, "ports below %d need root or CAP_NET_BIND_SERVICE",
		    unprivileged_port_start());
	else if (e->number == EADDRNOTAVAIL)
		error_hint(e, "no interface of this host has that address");
	bind_hint_zone(name, e);
	return -1;
}

static int
fail_no_port(const struct bind_spec *b, struct error *e)
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
		if (family_is_ip(b->family))
			sockname_set_port(&name, (uint16_t)p);
		if (sys_bind(fd, &name, e) == 0) {
			*port = p;
			return 0;
		}
		if (e->number != EADDRINUSE || b->port_lo == b->port_hi)
			return add_bind_hint(&name, e);
	}
	return fail_no_port(b, e);
}

int
bind_open(const struct bind_spec *b, const struct log *log, unsigned *port, int *ret_fd,
    struct error *e)
{
	int fd = create_socket(b, log, e);

	if (fd < 0)
		return -1;
	if (set_socket_options(fd, b, e) != 0 ||
	    (b->name.len != 0 && bind_ports(fd, b, port, e) != 0)) {
		sys_close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

/* ---- source addresses ---- */

static int
source_open_unix(struct bind_source *s, struct error *e)
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
bind_source_init(struct bind_source *s, const struct bind_how *how, int family,
    const struct log *log, struct resolve_how *ret_how, struct error *e)
{
	*s = (struct bind_source){ .how = how, .log = log };
	if (how->source == NULL || how->source[0] == '\0')
		return 0;
	if (family == AF_UNIX)
		return source_open_unix(s, e);
	if (family != AF_UNSPEC && !family_is_ip(family))
		return error_set(e, ERROR_USAGE, "source %s: only IP and unix sockets have one",
		    how->source);
	*ret_how = (struct resolve_how){
		.family = family_is_ip(family) ? family : how->family,
		.type = type_of(how),
		.passive = true,
	};
	return 1;
}

int
bind_source_open(struct bind_source *s, struct loop *l, const struct bind_how *how, int family,
    struct deadline until, const struct log *log, struct error *e)
{
	struct resolve_how rh;
	int rc = bind_source_init(s, how, family, log, &rh, e);

	if (rc <= 0)
		return rc;
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
fail_no_source(const struct bind_source *s, int family, struct error *e)
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
set_wildcard(int family, struct sockname *ret_name)
{
	memset(ret_name, 0, sizeof(*ret_name));
	ret_name->sa.sa_family = (sa_family_t)family;
	ret_name->len =
	    family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/* Datagrams can be answered only if the sender has a name. A peer with a path is answered
 * through a path; otherwise the name is abstract, in the name space of the network namespace. */
static void
set_return_path(const struct bind_source *s, const struct sockname *peer, struct sockname *ret_name)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&ret_name->storage;
	uint64_t number;
	int n;

	un->sun_family = AF_UNIX;
	/* an unnamed address: the kernel chooses an abstract name (unix(7), "Autobind feature") */
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

	if (family_is_ip(family)) {
		b.port_lo = s->how->port_lo;
		b.port_hi = s->how->port_hi;
	}
	if (name == NULL && s->n > 0)
		return fail_no_source(s, family, e);
	if (name != NULL) {
		b.name = *name;
	} else if (b.port_hi != 0) {
		set_wildcard(family, &b.name);
		/* a server on the IPv4 side of this port does not conflict */
		if (peer != NULL && !is_v4_mapped(peer))
			b.v6only = 1;
	} else if (family == AF_UNIX && type_of(s->how) == SOCK_DGRAM) {
		set_return_path(s, peer, &b.name);
	}
	return bind_open(&b, s->log, port, ret_fd, e);
}

int
bind_connect(int fd, const struct sockname *peer, struct error *e)
{
	int rc = sys_connect(fd, peer, e);

	if (rc != SYS_AGAIN)
		return rc;
	/* A peer on this host has answered already: asking again costs one system call, waiting
	 * costs four. */
	rc = sys_connect(fd, peer, e);
	/* SCTP starts a new attempt when the first has failed, whose error stays pending */
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

	/* a user who sets both ports to the same number wants the self-connect */
	if (s->how->port_hi != 0 || sockname_port(peer) < IPPORT_RESERVED)
		return false;
	return sys_local_name(fd, &local, NULL) == 0 && sockname_equal(&local, peer);
}
