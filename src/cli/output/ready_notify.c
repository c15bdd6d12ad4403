#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/core/inherited.h"
#include "cli/output/output_queue.h"
#include "cli/output/ready_notify.h"

static size_t
format_line(const char *address, char line[400])
{
	return (size_t)snprintf(line, 400, "%s\n", address);
}

static int
write_to(struct output_queue *q, const char *address, struct deadline until, struct error *e)
{
	char line[400];
	size_t n = format_line(address, line);

	if (output_queue_result(q, line, n, e) == -1)
		return -1;
	return output_queue_drain(q, until, e);
}

int
ready_notify_fd(int64_t fd, const char *address, struct loop *l, struct deadline until,
    struct error *e)
{
	struct output_queue *list = NULL, *q;
	bool owned = fd > STDERR_FILENO;
	char name[40];
	int rc;

	snprintf(name, sizeof name, "--ready-fd %d", (int)fd);
	rc = output_queue_open(&list, l, (int)fd, owned, name, &q, e);
	if (rc == 0)
		rc = write_to(q, address, until, e);
	output_queue_close_all(&list);
	if (owned)
		inherited_mark_used((int)fd);
	return rc;
}

static int
write_new(const char *temp, const char *address)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int failed, errnum;
	char line[400];
	size_t put;

	if (fd < 0)
		return -1;
	failed = file_write(fd, line, format_line(address, line), &put);
	errnum = errno;
	close(fd);
	errno = errnum;
	return failed;
}

int
ready_notify_file(const char *file, const char *address, struct error *e)
{
	char *temp;
	int rc = 0;

	if (file_may_replace(file, e) == -1) {
		error_prefix(e, "--ready-file");
		return error_hint(e, "--ready-fd N writes to what is open as N");
	}
	if (asprintf(&temp, "%s.%ld", file, (long)getpid()) < 0)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (write_new(temp, address) < 0 || rename(temp, file) < 0) {
		rc = error_errno(e, ERROR_LOCAL_IO, errno, "--ready-file %s", file);
		unlink(temp);
	}
	free(temp);
	return rc;
}
