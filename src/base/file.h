/*
 * Files that users name in options and operands: opened, read and written
 * without a wait that a signal or a time-out could not end. A name may stand for
 * a FIFO whose other end is not there, a device, or one end of a pipe
 * (/dev/fd/N, as <(...) of a shell makes it).
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct error;

/* How a reader waits until fd is readable: 0, or -1 with *e filled, where a signal or a
 * time-out ended the wait. */
struct file_wait {
	int (*readable)(void *arg, int fd, struct error *e);
	void *arg;
};

/* open(2), close-on-exec, without a controlling terminal, and at once: a FIFO for reading is open
 * before it has a writer, and one for writing that nobody reads fails with ENXIO. The
 * descriptor is non-blocking, which concerns no other program: the open file is ours alone.
 * A directory fails with EISDIR. -1: ERROR_LOCAL_IO "open PATH: reason". */
int file_open(const char *path, int flags, mode_t mode, struct error *e);

/* What is read: wait NULL where only a regular file will do. */
struct file_source {
	int fd;
	const char *path; /* for messages */
	const struct file_wait *wait;
};

/* Reads until n bytes are there, or the end: *ret_n is less than n only there. -1:
 * ERROR_LOCAL_IO "read PATH: reason" (EAGAIN: it would have to be waited for), or the error
 * of the wait. */
int file_read(const struct file_source *source, void *data, size_t n, size_t *ret_n,
    struct error *e);

/* Appends all that there is, in pieces of 64 KiB of room. -1: as file_read, or out is full. */
int file_read_all(const struct file_source *source, struct buf *out, struct error *e);

/* The loop around write(2), for descriptors that may block: all n bytes, or -1 with errno after
 * *ret_put of them. */
int file_write(int fd, const void *data, size_t n, size_t *ret_put);

/* Where a new file is to take the place of path: 0, also where nothing is there yet. -1: what is there
 * is no file (a FIFO, a device, a socket), and would be gone: ERROR_LOCAL_IO "PATH: reason". */
int file_may_replace(const char *path, struct error *e);

/* True where path names a FIFO or a pipe. */
bool file_is_fifo(const char *path);

#endif
