/*
 * Reading and writing for the methods of sockets and of file objects: sizes, buffers and results.
 *
 * Where a non-blocking socket has no bytes, or no room for them, the documents' methods return None. Here the
 * methods that return a count return "none". Those that return bytes fail with EAGAIN, because "none" could be
 * the bytes.
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

/* The longest line, and the most bytes of one readall, in bytes. */
#define METHOD_IO_LINE_MAX ((size_t)16 << 20)
#define METHOD_IO_ALL_MAX ((size_t)256 << 20)

/* How to receive at most n bytes into room. On failure *ret_held is the number of bytes that stay buffered. */
struct method_io_source {
	ssize_t (*receive)(struct handle *h, char *room, size_t n, int flags, size_t *ret_held,
	    struct error *e);
	int flags;
};

/* Reads a size from 0 to METHOD_IO_ALL_MAX. TCL_OK or TCL_ERROR. */
int method_io_get_size(struct interp *in, struct value *v, size_t *ret_n);
/* Returns the size argument of a method that reads into a variable: v, or the length of the variable where v is
 * NULL or negative (the documents' len(buf)). Borrowed; NULL where the variable does not exist. */
struct value *method_io_size_value(struct interp *in, struct value *name, struct value *v);

/* Receives; the result is the bytes. */
int method_io_read(struct interp *in, struct handle *h, struct value *size,
    const struct method_io_source *source);
/* Overwrites the first bytes of the variable and keeps the rest. Takes bytes, a value with one reference. */
int method_io_store(struct interp *in, struct value *name, struct value *bytes);
/* Receives into the variable as method_io_store() does; the result is the count. */
int method_io_read_into(struct interp *in, struct handle *h, struct value *name, struct value *size,
    const struct method_io_source *source);
/* Calls collect; the result is what it appended to out. */
int method_io_collect(struct interp *in, struct handle *h,
    int (*collect)(struct handle *h, struct buf *out, struct error *e));

/* The same for a line. option is NULL or -chomp, which leaves out the LF or CR LF at its end. */
int method_io_line(struct interp *in, struct handle *h, struct value *option,
    int (*collect)(struct handle *h, struct buf *out, struct error *e));
/* Calls put to send the bytes; the result is the count. */
int method_io_write(struct interp *in, struct handle *h, struct value *bytes,
    ssize_t (
	*put)(struct handle *h, const char *bytes, size_t n, size_t *ret_sent, struct error *e));

#endif
