#include "sock/proxy/associated.h"

#include <netinet/in.h>

#include "base/error.h"
#include "net/connect.h"
#include "net/sys.h"
#include "sock/impl.h"
#include "sock/names.h"
#include "sock/wait.h"
#include "stream/negotiate/proxy/socks_stream.h"
#include "stream/stream.h"

static bool
is_any_address(const struct sockname *name)
{
	const void *at = &name->storage;

	if (name->sa.sa_family == AF_INET)
		return ((const struct sockaddr_in *)at)->sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)at)->sin6_addr);
}

/* A proxy that is bound to all its addresses is reached at the one that we have. */
static int
find_relay(const struct sock *control, const struct sockname *named, struct sockname *ret_relay,
    struct error *e)
{
	char text[SOCKNAME_TEXT_MAX];
	struct sockname proxy;

	sock_peer(control, &proxy);
	proxy = sockname_unmapped(&proxy);
	if (named->len == 0 || sockname_port(named) == 0)
		return error_set(e, ERROR_PROXY, "proxy %s: it names no address for datagrams",
		    sockname_format(&proxy, text, sizeof(text)));
	*ret_relay = *named;
	if (!is_any_address(named))
		return 0;
	*ret_relay = proxy;
	sockname_set_port(ret_relay, sockname_port(named));
	return 0;
}

static int
open_datagrams(struct sock **ret_sock, const struct associated_how *how,
    const struct sockname *relay, struct error *e)
{
	int fd;

	if (connect_socket(how->loop, how->bind, relay->sa.sa_family, relay, &fd, e) < 0)
		return -1;
	if (sys_connect(fd, relay, e) < 0 ||
	    sockopt_apply(fd, how->bind->settings, how->bind->n_settings, PHASE_CONNECTED, e) < 0) {
		sys_close(fd);
		return -1;
	}
	*ret_sock = sock_wrap(how->loop, fd, relay->sa.sa_family, SOCK_DGRAM, e);
	if (*ret_sock == NULL)
		return -1;
	sock_keep_peer(*ret_sock, relay);
	return 0;
}

/* Its stream lives on. */
static void
free_without_stream(struct sock *s)
{
	sock_wake(s);
	s->stream = NULL;
	s->fd = -1;
	sock_free(s);
}

int
sock_associate(struct sock **ret_sock, struct sock *control, const struct associated_how *how,
    struct error *e)
{
	struct socks_stream_how stream = { .target = *how->target, .connected = how->connected };
	struct sockname relay;
	struct sock *s = NULL;

	if (find_relay(control, how->relay, &relay, e) < 0 ||
	    open_datagrams(&s, how, &relay, e) < 0) {
		sock_free(control);
		return -1;
	}
	stream.lower = s->stream;
	stream.control = control->stream;
	if (socks_stream(&s->stream, &stream, e) < 0) {
		sock_free(s);
		sock_free(control);
		return -1;
	}
	free_without_stream(control);
	*ret_sock = s;
	return 0;
}
