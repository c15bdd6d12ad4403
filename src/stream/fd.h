/*
 * Streams over descriptors: a connected socket, the process's own stdin and
 * stdout, a file. A descriptor that was inherited keeps its O_NONBLOCK as it
 * is: the flag belongs to an open file that others share (the shell's), so each
 * call asks for "now or not at all" by itself.
 */
#ifndef STREAM_FD_H
#define STREAM_FD_H

#include "stream/stream.h"

/* Takes over a non-blocking socket; closing the stream closes it. */
int fd_stream_socket(struct stream **ret_stream, int fd, struct error *e);

/* Reads from in_fd and writes to out_fd (either may be -1: that side is at its
 * end, or swallows). Neither is made non-blocking nor closed, except that shut
 * closes out_fd when close_on_shut (so that a pipe's reader sees the end). */
int fd_stream_stdio(struct stream **ret_stream, int in_fd, int out_fd, bool close_on_shut,
    struct error *e);

/* Opens path for reading, at once; writes are swallowed. With fifo it may be a FIFO, whose end is
 * that of its writers: before the first one comes, reading is STREAM_WANT_READ. Without, a
 * FIFO fails. ERROR_LOCAL_IO "open PATH: reason". */
int fd_stream_file(struct stream **ret_stream, const char *path, bool fifo, struct error *e);

/* Reads nothing, ever (not even an end), and swallows what is written. */
int fd_stream_null(struct stream **ret_stream, struct error *e);

/* What a descriptor is: STREAM_PIPE, STREAM_FILE ... */
enum stream_kind fd_kind(int fd);

#endif
