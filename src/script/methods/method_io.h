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
#define TRANSFER_LINE_MAX ((size_t)16 << 20)
#define TRANSFER_ALL_MAX ((size_t)256 << 20)

/* How bytes come into room; *ret_held is set on failure. */
struct transfer_source {
	ssize_t (*receive)(struct handle *h, char *room, size_t n, int flags, size_t *ret_held,
	    struct error *e);
	int flags;
};

/* 0 to TRANSFER_ALL_MAX. TCL_OK or TCL_ERROR. */
int transfer_get_size(struct interp *in, struct value *v, size_t *ret_n);
/* The size for varName: v, or as many bytes as the variable has where v is NULL or
 * negative (the documents' len(buf)). NULL where that is not known either. */
struct value *transfer_size_value(struct interp *in, struct value *name, struct value *v);

/* Returns the bytes. */
int transfer_read(struct interp *in, struct handle *h, struct value *size,
    const struct transfer_source *source);
/* Overwrites the first bytes of the variable, which keeps the others. Takes bytes, which nobody else has. */
int transfer_store(struct interp *in, struct value *name, struct value *bytes);
/* The same with what comes; returns the count. */
int transfer_read_into(struct interp *in, struct handle *h, struct value *name, struct value *size,
    const struct transfer_source *source);
/* Returns what collect has appended. */
int transfer_collect(struct interp *in, struct handle *h,
    int (*collect)(struct handle *h, struct buf *out, struct error *e));
/* Returns the count. */
int transfer_write(struct interp *in, struct handle *h, struct value *bytes,
    ssize_t (
	*put)(struct handle *h, const char *bytes, size_t n, size_t *ret_sent, struct error *e));

#endif
