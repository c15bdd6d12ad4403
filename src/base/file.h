/*
 * Files that users name in options and arguments. They are opened, read and written so that a
 * signal or a time-out can end every wait. A name may be a FIFO without a peer, a device, or
 * one end of a pipe (/dev/fd/N, as <(...) of a shell makes it).
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct error;

/* Waits until fd is readable. Returns 0, or -1 with *e set when a signal or a time-out ended
 * the wait. */
struct file_wait {
	int (*readable)(void *arg, int fd, struct error *e);
	void *arg;
};

/* Opens path close-on-exec, non-blocking and without making it the controlling terminal; never
 * waits. A FIFO opens for reading before it has a writer; for writing it fails with ENXIO when
 * it has no reader. A directory fails with EISDIR. The open file is not shared, so O_NONBLOCK
 * affects no other program. Returns -1 with ERROR_LOCAL_IO "open PATH: reason". */
int file_open(const char *path, int flags, mode_t mode, struct error *e);

/* Opens a file for writing that only its owner may read: mode 0600, also of an existing file. A
 * symbolic link of somebody else is not followed, with O_NOFOLLOW none is. flags: also O_APPEND,
 * O_TRUNC. Fails like file_open(). */
int file_open_private(const char *path, int flags, struct error *e);

/* What to read. A NULL wait allows regular files only. */
struct file_source {
	int fd;
	const char *path; /* for messages */
	const struct file_wait *wait;
};

/* Reads n bytes, or up to the end: *ret_n < n only at the end. Returns -1 with ERROR_LOCAL_IO
 * "read PATH: reason" (also where it would have to wait, without `wait`), or with the error of
 * the wait. */
int file_read(const struct file_source *source, void *data, size_t n, size_t *ret_n,
    struct error *e);

/* Appends the whole rest of the source, 64 KiB at a time. Returns -1 like file_read(), or when
 * out is full. */
int file_read_all(const struct file_source *source, struct buf *out, struct error *e);

/* Repeats write(2) on a descriptor that may block until all n bytes are written. Returns -1
 * with errno set after *ret_put bytes. */
int file_write(int fd, const void *data, size_t n, size_t *ret_put);

/* Checks that a new file may replace path. Returns 0 for a regular file, a directory or a
 * missing path. Returns -1 with ERROR_LOCAL_IO "PATH: reason" for a FIFO, a device or a socket,
 * which the new file would destroy. */
int file_may_replace(const char *path, struct error *e);

/* Returns true when path names a FIFO or a pipe. */
bool file_is_fifo(const char *path);

#endif
