#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "stream/tls_mbed.h"

/* A byte more than there should be tells that there are too many. */
static char *
read_source(const struct file_source *source, size_t max, size_t *ret_n, struct error *e)
{
	struct stat st;
	size_t size = max;
	char *data;

	if (fstat(source->fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size < max)
		size = (size_t)st.st_size;
	data = malloc(size + 2);
	if (data == NULL) {
		error_set(e, ERROR_INTERNAL, "out of memory");
		return NULL;
	}
	if (file_read(source, data, size + 1, ret_n, e) < 0) {
		free(data);
		return NULL;
	}
	if (*ret_n > size) {
		free(data);
		error_errno(e, ERROR_LOCAL_IO, EFBIG, "read %s", source->path);
		return NULL;
	}
	data[*ret_n] = '\0';
	return data;
}

char *
tls_mbed_read(const char *path, size_t max, const struct file_wait *wait, size_t *ret_n,
    struct error *e)
{
	struct file_source source = { .path = path, .wait = wait };
	char *data;

	source.fd = file_open(path, O_RDONLY, 0, e);
	if (source.fd < 0)
		return NULL;
	data = read_source(&source, max, ret_n, e);
	close(source.fd);
	return data;
}

int
tls_mbed_open_secret(const char *path, struct error *e)
{
	struct error failure;
	struct stat st;
	int fd;

	fd = file_open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600, &failure);
	if (fd < 0 && failure.number == ELOOP)
		return error_set(e, ERROR_LOCAL_IO, "open %s: it is a symbolic link", path);
	if (fd < 0) {
		if (e != NULL)
			*e = failure;
		return -1;
	}
	/* one that was there may be open to all */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0 &&
	    fchmod(fd, 0600) < 0) {
		error_errno(e, ERROR_LOCAL_IO, errno, "chmod %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

int
tls_mbed_write_secret(const char *path, const void *data, size_t n, struct error *e)
{
	size_t size = strlen(path) + 8, put;
	char *fresh = malloc(size);
	int fd = -1, rc = -1;

	if (fresh == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	snprintf(fresh, size, "%s.XXXXXX", path);
	/* 0600, and a link that lies at path is replaced, not followed */
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd >= 0) {
		rc = file_write(fd, data, n, &put);
		if (close(fd) < 0)
			rc = -1;
		if (rc == 0)
			rc = rename(fresh, path);
	}
	if (rc < 0)
		error_errno(e, ERROR_LOCAL_IO, errno, "write %s", path);
	if (rc < 0 && fd >= 0)
		unlink(fresh);
	free(fresh);
	return rc;
}
