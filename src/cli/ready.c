#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/ready.h"

static int
write_line(int fd, const char *address)
{
	char line[400];
	int n = snprintf(line, sizeof line, "%s\n", address);
	ssize_t put;

	do
		put = write(fd, line, (size_t)n);
	while (put < 0 && errno == EINTR);
	return put == n ? 0 : -1;
}

int
ready_fd(int64_t fd, const char *address, struct error *e)
{
	int failed = write_line((int)fd, address), errnum = errno;

	if (fd > STDERR_FILENO)
		close((int)fd);
	if (failed)
		return error_errno(e, ERROR_LOCAL_IO, errnum, "--ready-fd %d", (int)fd);
	return 0;
}

static int
write_new(const char *temp, const char *address)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int failed, errnum;

	if (fd < 0)
		return -1;
	failed = write_line(fd, address);
	errnum = errno;
	close(fd);
	errno = errnum;
	return failed;
}

int
ready_file(const char *file, const char *address, struct error *e)
{
	char *temp;
	int rc = 0;

	if (asprintf(&temp, "%s.%ld", file, (long)getpid()) < 0)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (write_new(temp, address) < 0 || rename(temp, file) < 0) {
		rc = error_errno(e, ERROR_LOCAL_IO, errno, "--ready-file %s", file);
		unlink(temp);
	}
	free(temp);
	return rc;
}
