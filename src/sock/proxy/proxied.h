/*
 * Opens a client's connection through proxies, and waits for it.
 */
#ifndef SOCK_PROXY_PROXIED_H
#define SOCK_PROXY_PROXIED_H

#include "net/connect.h"
#include "stream/negotiate/proxy/negotiate_proxy.h"

struct error;
struct log;
struct loop;
struct sock;

/* How long the proxies of a route have by default, together. A proxy that cannot reach the target
 * answers when its kernel gives up. */
#define PROXIED_TIMEOUT (150 * NSEC_PER_SEC)

struct proxied_how {
	/* For the connection to the first proxy. Its time-out and its retries are those of the
	 * whole way. */
	const struct connect_how *connect;
	/* The way; targets and result are set here. */
	struct negotiate_proxy_how proxies;
	bool connected; /* of datagrams, only those of the target are received */
	/* How long the proxies have on one connection, once it is there. */
	int64_t handshake_timeout;
	const struct log *log;
};

/* Connects to ep through the proxies, and runs the callbacks of l meanwhile. Where a proxy needs an
 * address, this resolves the name; if the last proxy refuses the first address of ep, the others
 * are tried. Where a proxy closes the connection after it has told how to log in, this connects
 * again. sock_peer() is the first proxy.
 *
 * With proxies.datagrams the socket is one of datagrams, whose peer is the relay of the only proxy, and
 * a stream of records is on top (stream/negotiate/proxy/socks_stream.h). Options of the socket, and the
 * local port, are for this socket.
 *
 * Fails as sock_open_connected() and resolve(), "proxy: " in front; with ERROR_PROXY "proxy ADDRESS:
 * reason" when one refuses; with ERROR_TLS when the TLS of one fails; with ERROR_USAGE if ep is
 * neither a host and port nor can be reached through these proxies. */
int sock_open_proxied(struct sock **ret_sock, struct loop *l, const struct endpoint *ep,
    const struct proxied_how *how, struct deadline until, struct error *e);

#endif
