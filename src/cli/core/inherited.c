#include "cli/core/inherited.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/connect.h"
#include "net/endpoint.h"
#include "net/sockopt/sockopt.h"
#include "sock/sock.h"

/* The default limit of descriptors of a process. */
enum { NOTED = 1024 };

static uint64_t noted[NOTED / 64];

enum { FIRST_PASSED = 3 }; /* SD_LISTEN_FDS_START */

/* The sockets that a service manager passed. */
static struct {
	bool recorded;
	int64_t n;
	const char *names; /* "a:b"; NULL: they have none */
} passed;

static bool
is_for_us(const char *pid)
{
	int64_t number;

	return pid != NULL && parse_int(pid, 1, INT32_MAX, &number, NULL) == 0 &&
	    number == getpid();
}

static void
record_passed(void)
{
	const char *n = getenv("LISTEN_FDS");

	passed.recorded = true;
	if (n == NULL || !is_for_us(getenv("LISTEN_PID")) ||
	    parse_int(n, 0, NOTED - FIRST_PASSED, &passed.n, NULL) < 0)
		return;
	passed.names = getenv("LISTEN_FDNAMES");
}

/* A socket must not get the number of a closed standard descriptor. The descriptor is opened
 * read-only, so that writing to it still fails. */
static void
secure_standard_fds(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return;
}

/* One poll(2) finds all open descriptors without /proc. */
void
inherited_record(void)
{
	struct pollfd fds[NOTED];
	nfds_t n = NOTED;

	if (passed.recorded)
		return;
	for (int fd = 0; fd < NOTED; fd++)
		fds[fd] = (struct pollfd){ .fd = fd };
	/* poll() fails with EINVAL above the process's limit */
	while (n > 0 && poll(fds, n, 0) == -1)
		n /= 2;
	for (size_t fd = 0; fd < n; fd++)
		if (!(fds[fd].revents & POLLNVAL))
			noted[fd / 64] |= UINT64_C(1) << fd % 64;
	record_passed();
	secure_standard_fds();
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

void
inherited_close_unused(void)
{
	for (int fd = STDERR_FILENO + 1; fd < NOTED; fd++)
		if ((noted[fd / 64] >> fd % 64 & 1) != 0 && inherited_has(fd))
			close(fd);
}

/* Returns the place of name among the names of the sockets, or -1. */
static int64_t
place_of(const char *name)
{
	const char *at = passed.names;
	size_t len;

	for (int64_t i = 0; at != NULL && i < passed.n; i++) {
		len = strcspn(at, ":");
		if (strlen(name) == len && memcmp(name, at, len) == 0)
			return i;
		at = at[len] == ':' ? at + len + 1 : NULL;
	}
	return -1;
}

static int
fail_ambiguous(struct error *e)
{
	error_set(e, ERROR_USAGE, "systemd: %d sockets were passed", (int)passed.n);
	if (passed.names != NULL)
		return error_hint(e, "systemd:NAME is one of them: %.300s", passed.names);
	return error_hint(e, "they have no names, but are fd:%d to fd:%d", FIRST_PASSED,
	    (int)passed.n + FIRST_PASSED - 1);
}

static int
find_passed(const char *name, int *ret_fd, struct error *e)
{
	int64_t place = name[0] == '\0' ? 0 : place_of(name);

	if (passed.n == 0) {
		error_set(e, ERROR_USAGE, "systemd:%s: no socket was passed", name);
		return error_hint(e,
		    "LISTEN_FDS says how many, and LISTEN_PID which process is meant");
	}
	if (name[0] == '\0' && passed.n > 1)
		return fail_ambiguous(e);
	if (place < 0) {
		error_set(e, ERROR_USAGE, "systemd:%s: no socket of that name was passed", name);
		return error_hint(e, "LISTEN_FDNAMES is %s",
		    passed.names != NULL ? passed.names : "not set");
	}
	*ret_fd = (int)place + FIRST_PASSED;
	if (inherited_has(*ret_fd))
		return 0;
	return error_set(e, ERROR_USAGE, "systemd:%s: descriptor %d is not open", name, *ret_fd);
}

int
inherited_resolve(struct endpoint *ep, struct error *e)
{
	if (ep->kind == ENDPOINT_SYSTEMD) {
		if (find_passed(ep->host, &ep->fd, e) < 0)
			return -1;
		ep->kind = ENDPOINT_FD;
		return 0;
	}
	if (ep->kind != ENDPOINT_FD || fcntl(ep->fd, F_GETFD) == -1 || inherited_has(ep->fd))
		return 0;
	return error_set(e, ERROR_USAGE, "fd:%d: not a descriptor that usock was started with",
	    ep->fd);
}

int
inherited_adopt(struct sock **ret_sock, struct loop *l, int fd, const struct bind_how *how,
    bool listening, struct error *e)
{
	int rc = sockopt_apply(fd, how->settings, how->n_settings, PHASE_SOCKET, e);

	/* those of connections are set on the clients of a listener */
	if (rc == 0 && !listening)
		rc = sockopt_apply(fd, how->settings, how->n_settings, PHASE_CONNECTED, e);
	if (rc == 0)
		rc = sock_adopt(ret_sock, l, fd, e);

	if (rc == 0)
		inherited_mark_used(fd);
	return rc;
}
