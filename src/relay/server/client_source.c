#include "relay/server/client_source.h"

#include <sys/resource.h>

#include "base/error.h"
#include "net/sys.h"
#include "sock/sock.h"

/* The kernel hands out the lowest free number, so low numbers mean that there is room. */
static bool
is_low(int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) < 0 || (rlim_t)fd + 64 < limit.rlim_cur;
}

bool
client_source_has_spare(void *arg, const struct sock *conn, unsigned n)
{
	(void)arg;
	return is_low(sock_fileno(conn)) || sys_has_descriptors(n);
}

static int
take_connection(void *arg, struct sock **ret_conn, struct error *e)
{
	return sock_accept_now(arg, ret_conn, NULL, e);
}

struct client_source
client_source_of(struct sock *listener)
{
	return (struct client_source){
		.fd = sock_fileno(listener),
		.take = take_connection,
		.has_spare = client_source_has_spare,
		.arg = listener,
	};
}
