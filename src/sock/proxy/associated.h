/*
 * The socket of datagrams that belongs to an association with a SOCKS5 proxy.
 */
#ifndef SOCK_PROXY_ASSOCIATED_H
#define SOCK_PROXY_ASSOCIATED_H

#include <stdbool.h>

struct bind_how;
struct error;
struct loop;
struct proxy_target;
struct sock;
struct sockname;

struct associated_how {
	struct loop *loop;
	const struct bind_how *bind;
	/* The relay, as the proxy has named it. Any address: that of the proxy. */
	const struct sockname *relay;
	const struct proxy_target *target;
	bool connected; /* as in struct socks_stream_how */
};

/* Opens a socket that is connected to the relay, with a socks_stream() on top. Takes over control, the
 * connection to the proxy, also on failure. Fails with ERROR_PROXY if the proxy has named no address,
 * and as connect_socket() and sys_connect(). */
int sock_associate(struct sock **ret_sock, struct sock *control, const struct associated_how *how,
    struct error *e);

#endif
