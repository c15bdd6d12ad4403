#include "net/udp_accept.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/bind.h"
#include "net/sys.h"

static int
set_reuse_addr(int fd, int on, struct error *e)
{
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "setsockopt SO_REUSEADDR");
	return 0;
}

/* A dual-stack socket accepts IPv4 addresses only in v4-mapped form. */
static void
map_v4(const struct sockname *v4, struct sockname *ret_v6)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&v4->storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&ret_v6->storage;

	memset(ret_v6, 0, sizeof(*ret_v6));
	in6->sin6_family = AF_INET6;
	in6->sin6_addr.s6_addr[10] = in6->sin6_addr.s6_addr[11] = 0xff;
	memcpy(&in6->sin6_addr.s6_addr[12], &in->sin_addr, sizeof(in->sin_addr));
	ret_v6->len = sizeof(*in6);
}

static void
choose_local_address(const struct sockname *bound, const struct sockname *local_ip,
    struct sockname *ret_local)
{
	*ret_local = *bound;
	if (local_ip->len == 0)
		return;
	if (bound->sa.sa_family == AF_INET6 && local_ip->sa.sa_family == AF_INET)
		map_v4(local_ip, ret_local);
	else
		*ret_local = *local_ip;
	sockname_set_port(ret_local, sockname_port(bound));
}

static int
bind_and_connect(int fd, const struct sockname *local, const struct sockname *peer, struct error *e)
{
	char byte;

	if (set_reuse_addr(fd, 1, e) < 0 || sys_bind(fd, local, e) < 0 ||
	    sys_connect(fd, peer, e) < 0)
		return -1;
	/* between bind and connect, the kernel may have queued datagrams of other peers */
	while (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0 || errno == EINTR)
		;
	return 0;
}

int
udp_accept_open(int fd, const struct udp_accept_how *how, struct error *e)
{
	const struct bind_how *bind = how->bind;
	struct sockname bound, local;
	int client, before = 0, rc = 0;
	socklen_t len = sizeof(before);

	if (sys_local_name(fd, &bound, e) < 0)
		return -1;
	choose_local_address(&bound, how->local, &local);
	client = sys_socket(bound.sa.sa_family, SOCK_DGRAM, bind != NULL ? bind->proto : 0, e);
	if (client < 0)
		return -1;
	getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &before, &len);
	if (bind != NULL)
		rc = bind_set_options(client, bind, bound.sa.sa_family, e);
	if (rc == 0)
		rc = set_reuse_addr(fd, 1, e);
	if (rc == 0)
		rc = bind_and_connect(client, &local, how->peer, e);
	set_reuse_addr(fd, before, NULL);
	if (rc == 0)
		return client;
	sys_close(client);
	return -1;
}
