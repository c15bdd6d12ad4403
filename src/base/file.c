#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"

enum { CHUNK = 64 << 10 };

int
file_open(const char *path, int flags, mode_t mode, struct error *e)
{
	struct stat st;
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
	while (fd == -1 && errno == EINTR);
	if (fd != -1 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		fd = -1;
		errno = EISDIR;
	}
	if (fd != -1)
		return fd;
	if (errno == ENXIO && file_is_fifo(path)) {
		error_errno(e, ERROR_LOCAL_IO, ENXIO, "open %s", path);
		return error_hint(e, "%s is a FIFO that nobody reads", path);
	}
	return error_errno(e, ERROR_LOCAL_IO, errno, "open %s", path);
}

/* An existing file may be open to all. */
static int
make_private(const char *path, int fd, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) == 0 ||
	    fchmod(fd, 0600) == 0)
		return fd;
	error_errno(e, ERROR_LOCAL_IO, errno, "chmod %s", path);
	close(fd);
	return -1;
}

/* As /dev/fd/N, too. Nobody else can put another in its place, unless the folder is theirs. */
static bool
is_own_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && st.st_uid == geteuid();
}

int
file_open_private(const char *path, int flags, struct error *e)
{
	struct error failure = { 0 };
	int follow = is_own_link(path) ? flags & O_NOFOLLOW : O_NOFOLLOW;
	int fd = file_open(path, O_WRONLY | O_CREAT | follow | flags, 0600, &failure);

	if (fd >= 0)
		return make_private(path, fd, e);
	if (e != NULL)
		*e = failure;
	if (failure.number != ELOOP || follow == 0)
		return -1;
	return error_set(e, ERROR_LOCAL_IO, "open %s: it is a symbolic link%s", path,
	    (flags & O_NOFOLLOW) != 0 ? "" : " of somebody else");
}

/* A read from a FIFO without a writer returns 0 like the end of file, so wait until it is
 * readable. */
static int
wait_readable(const struct file_source *source, struct error *e)
{
	struct stat st;

	if (fstat(source->fd, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	if (source->wait == NULL)
		return error_set(e, ERROR_LOCAL_IO, "read %s: it has to be a regular file",
		    source->path);
	if (source->wait->readable(source->wait->arg, source->fd, e) == -1)
		return error_prefix(e, "read %s", source->path);
	return 0;
}

int
file_read(const struct file_source *source, void *data, size_t n, size_t *ret_n, struct error *e)
{
	size_t held = 0;
	ssize_t got = 1;

	while (held < n && got != 0) {
		if (wait_readable(source, e) == -1)
			return -1;
		got = read(source->fd, (char *)data + held, n - held);
		if (got == -1 && errno != EINTR && errno != EAGAIN)
			return error_errno(e, ERROR_LOCAL_IO, errno, "read %s", source->path);
		held += got > 0 ? (size_t)got : 0;
	}
	*ret_n = held;
	return 0;
}

int
file_read_all(const struct file_source *source, struct buf *out, struct error *e)
{
	size_t got = CHUNK;
	char *room;

	while (got == CHUNK) {
		room = buf_reserve(out, CHUNK, e);
		if (room == NULL || file_read(source, room, CHUNK, &got, e) == -1)
			return -1;
		buf_added(out, got);
	}
	return 0;
}

int
file_write(int fd, const void *data, size_t n, size_t *ret_put)
{
	ssize_t put;

	for (*ret_put = 0; *ret_put<n; *ret_put += put> 0 ? (size_t)put : 0) {
		put = write(fd, (const char *)data + *ret_put, n - *ret_put);
		if (put == -1 && errno != EINTR)
			return -1;
	}
	return 0;
}

int
file_may_replace(const char *path, struct error *e)
{
	struct stat st;

	if (stat(path, &st) == -1 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return 0;
	return error_set(e, ERROR_LOCAL_IO, "%s: it is %s, which a file would replace", path,
	    S_ISFIFO(st.st_mode)       ? "a FIFO"
		: S_ISSOCK(st.st_mode) ? "a socket"
				       : "a device");
}

bool
file_is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}
