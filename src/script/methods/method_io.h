/*
 * What methods of sockets and of file objects share: sizes, buffers, and how a
 * result is told.
 *
 * Where the documents' method gives None, since a non-blocking socket has
 * nothing and takes nothing: those that give a count say "none", those that
 * give bytes fail with EAGAIN, as "none" might be bytes.
 */
#ifndef SCRIPT_METHODS_METHOD_IO_H
#define SCRIPT_METHODS_METHOD_IO_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct error;
struct handle;
struct interp;
struct value;

/* A line and the rest of a stream that a script takes at once. */
#define METHOD_IO_LINE_MAX ((size_t)16 << 20)
#define METHOD_IO_ALL_MAX ((size_t)256 << 20)

/* How bytes come into room; *ret_held is set on failure. */
struct method_io_source {
	ssize_t (*receive)(struct handle *h, char *room, size_t n, int flags, size_t *ret_held,
	    struct error *e);
	int flags;
};

/* 0 to METHOD_IO_ALL_MAX. TCL_OK or TCL_ERROR. */
int method_io_get_size(struct interp *in, struct value *v, size_t *ret_n);
/* The size for varName: v, or as many bytes as the variable has where v is NULL or
 * negative (the documents' len(buf)). NULL where that is not known either. */
struct value *method_io_size_value(struct interp *in, struct value *name, struct value *v);

/* Returns the bytes. */
int method_io_read(struct interp *in, struct handle *h, struct value *size,
    const struct method_io_source *source);
/* Overwrites the first bytes of the variable, which keeps the others. Takes bytes, which nobody else has. */
int method_io_store(struct interp *in, struct value *name, struct value *bytes);
/* The same with what comes; returns the count. */
int method_io_read_into(struct interp *in, struct handle *h, struct value *name, struct value *size,
    const struct method_io_source *source);
/* Returns what collect has appended. */
int method_io_collect(struct interp *in, struct handle *h,
    int (*collect)(struct handle *h, struct buf *out, struct error *e));
/* Returns the count. */
int method_io_write(struct interp *in, struct handle *h, struct value *bytes,
    ssize_t (
	*put)(struct handle *h, const char *bytes, size_t n, size_t *ret_sent, struct error *e));

#endif
