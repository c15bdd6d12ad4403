#include "relay/server/client_source.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "sock/sock.h"

#define SPARE_MAX 4

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
	int fd = sock_fileno(conn), spare[SPARE_MAX];
	unsigned opened = 0;
	bool enough;

	(void)arg;
	if (is_low(fd))
		return true;
	while (opened < n && opened < SPARE_MAX &&
	    (spare[opened] = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0)
		opened++;
	enough = opened == n;
	while (opened > 0)
		close(spare[--opened]);
	return enough;
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
