/*
 * Streams over descriptors: a connected socket, the stdin and stdout of the
 * process, a file. The O_NONBLOCK flag of an inherited descriptor is never
 * changed, because other processes (the shell) share the open file; instead
 * each call asks not to block.
 */
#ifndef STREAM_FD_H
#define STREAM_FD_H

#include "stream/stream.h"

/* Takes ownership of a non-blocking socket; stream_close() closes it. fd -1: a stream that may only be
 * closed, or given a socket by fd_stream_give(). */
int fd_stream_socket(struct stream **ret_stream, int fd, struct error *e);

/* Gives a stream that was made with fd -1 its socket. */
void fd_stream_give(struct stream *s, int fd);

/* Reads from in_fd and writes to out_fd. Either may be -1: that side reads the end, or discards.
 * Both descriptors stay the caller's and keep their flags; only if close_on_shut is set does
 * stream_shut() close out_fd, so that the reader of a pipe sees the end. */
int fd_stream_stdio(struct stream **ret_stream, int in_fd, int out_fd, bool close_on_shut,
    struct error *e);

/* Opens path for reading without blocking; what is written is discarded. If fifo is set, path may
 * be a FIFO: reading gives STREAM_WANT_READ until its first writer opens it, and the end when its
 * last writer has closed it. If not, a FIFO is an error. Fails with ERROR_LOCAL_IO "open PATH:
 * reason". */
int fd_stream_file(struct stream **ret_stream, const char *path, bool fifo, struct error *e);

/* A stream that never reads anything, not even an end, and discards what is written. */
int fd_stream_null(struct stream **ret_stream, struct error *e);

/* Returns what a descriptor is: STREAM_PIPE, STREAM_FILE ... */
enum stream_kind fd_kind(int fd);

#endif
