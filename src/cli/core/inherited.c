#include "cli/core/inherited.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>

#include "base/error.h"
#include "net/endpoint.h"
#include "sock/sock.h"

/* The default limit of descriptors of a process. */
enum { NOTED = 1024 };

static uint64_t noted[NOTED / 64];

/* One poll(2) finds all open descriptors without /proc. */
void
inherited_record(void)
{
	struct pollfd fds[NOTED];
	nfds_t n = NOTED;

	for (int fd = 0; fd < NOTED; fd++)
		fds[fd] = (struct pollfd){ .fd = fd };
	/* poll() fails with EINVAL above the process's limit */
	while (n > 0 && poll(fds, n, 0) == -1)
		n /= 2;
	for (size_t fd = 0; fd < n; fd++)
		if (!(fds[fd].revents & POLLNVAL))
			noted[fd / 64] |= UINT64_C(1) << fd % 64;
}

/* Inherited descriptors are not close-on-exec, and all of ours are from birth: where fd is, the
 * inherited one was closed and its number reused. */
bool
inherited_has(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags == -1 || (flags & FD_CLOEXEC))
		return false;
	return fd >= NOTED || (noted[fd / 64] >> fd % 64 & 1) != 0;
}

void
inherited_mark_used(int fd)
{
	if (fd >= 0 && fd < NOTED)
		noted[fd / 64] &= ~(UINT64_C(1) << fd % 64);
}

int
inherited_check(const struct endpoint *ep, struct error *e)
{
	if (ep->kind != ENDPOINT_FD || fcntl(ep->fd, F_GETFD) == -1 || inherited_has(ep->fd))
		return 0;
	return error_set(e, ERROR_USAGE, "fd:%d: not a descriptor that usock was started with",
	    ep->fd);
}

int
inherited_adopt(struct sock **ret_sock, struct loop *l, int fd, struct error *e)
{
	int rc = sock_adopt(ret_sock, l, fd, e);

	if (rc == 0)
		inherited_mark_used(fd);
	return rc;
}
