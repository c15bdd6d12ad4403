#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "net/netns/netns.h"

int
netns_enter(const char *name, struct error *e)
{
	char path[PATH_MAX];
	int fd, rc;

	snprintf(path, sizeof(path), strchr(name, '/') != NULL ? "%s" : "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", path);
	rc = setns(fd, CLONE_NEWNET);
	if (rc < 0) {
		error_errno(e, ERROR_NETWORK, errno, "enter network namespace %s", name);
		if (errno == EPERM)
			error_hint(e, "it takes CAP_SYS_ADMIN");
	}
	close(fd);
	return rc;
}
