#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream/tls_mbed.h"

static int
read_all(int fd, char *data, size_t size, size_t *ret_n)
{
	size_t n = 0;
	ssize_t got = 1;

	while (n < size && got != 0) {
		got = read(fd, data + n, size - n);
		if (got < 0 && errno != EINTR)
			return -1;
		n += got > 0 ? (size_t)got : 0;
	}
	*ret_n = n;
	return 0;
}

/* A byte more than there should be tells that there are too many. */
static char *
read_fd(int fd, size_t max, size_t *ret_n)
{
	struct stat st;
	size_t size = max;
	char *data;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size < max)
		size = (size_t)st.st_size;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return NULL;
	}
	data = malloc(size + 2);
	if (data == NULL || read_all(fd, data, size + 1, ret_n) < 0) {
		free(data);
		return NULL;
	}
	if (*ret_n > size) {
		free(data);
		errno = EFBIG;
		return NULL;
	}
	data[*ret_n] = '\0';
	return data;
}

char *
tls_mbed_read(const char *path, size_t max, size_t *ret_n, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), failure;
	char *data = NULL;

	if (fd >= 0)
		data = read_fd(fd, max, ret_n);
	failure = errno;
	if (fd >= 0)
		close(fd);
	if (data == NULL)
		error_errno(e, ERROR_LOCAL_IO, failure, "open %s", path);
	return data;
}

int
tls_mbed_open_secret(const char *path, struct error *e)
{
	int fd =
	    open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 && errno == ELOOP)
		return error_set(e, ERROR_LOCAL_IO, "open %s: it is a symbolic link", path);
	if (fd < 0)
		return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", path);
	/* one that was there may be open to all */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0 &&
	    fchmod(fd, 0600) < 0) {
		error_errno(e, ERROR_LOCAL_IO, errno, "chmod %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

static int
write_all(int fd, const char *data, size_t n)
{
	ssize_t put;

	while (n > 0) {
		put = write(fd, data, n);
		if (put < 0 && errno != EINTR)
			return -1;
		if (put > 0) {
			data += put;
			n -= (size_t)put;
		}
	}
	return 0;
}

int
tls_mbed_write_secret(const char *path, const void *data, size_t n, struct error *e)
{
	size_t size = strlen(path) + 8;
	char *fresh = malloc(size);
	int fd = -1, rc = -1;

	if (fresh == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	snprintf(fresh, size, "%s.XXXXXX", path);
	/* 0600, and a link that lies at path is replaced, not followed */
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd >= 0) {
		rc = write_all(fd, data, n);
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
