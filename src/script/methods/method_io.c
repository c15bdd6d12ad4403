#include "script/methods/method_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "script/impl.h"

/* ---- sizes ---- */

int
method_io_get_size(struct interp *in, struct value *v, size_t *ret_n)
{
	int64_t number;

	*ret_n = 0;
	if (v == NULL || interp_get_int(in, v, &number) != TCL_OK)
		return TCL_ERROR;
	if (number < 0 || number > (int64_t)METHOD_IO_ALL_MAX)
		return interp_fail(in, "USOCK usage", NULL,
		    "the size %l is negative or too large (at most %l)", number,
		    (int64_t)METHOD_IO_ALL_MAX);
	*ret_n = (size_t)number;
	return TCL_OK;
}

struct value *
method_io_size_value(struct interp *in, struct value *name, struct value *v)
{
	struct value *old;
	int64_t number;
	size_t n;

	if (v != NULL && (!value_to_int(v, &number) || number >= 0))
		return v;
	if ((old = interp_read(in, name)) == NULL)
		return NULL;
	value_bytes(old, &n);
	/* the result keeps the value alive until the caller has read it */
	interp_return_int(in, (int64_t)n);
	return interp_result(in);
}

/* ---- receiving ---- */

static int
is_would_block(const struct error *e)
{
	return e->origin == ORIGIN_ERRNO && e->number == EAGAIN;
}

static int
fail_held(struct interp *in, const struct error *e, size_t held)
{
	if (held > 0)
		return script_fail_with(in, e, "held", (int64_t)held);
	return script_fail(in, e);
}

/* Receives at most n bytes. TCL_OK, TCL_ERROR, or TCL_CONTINUE where the socket would block. */
static int
receive_value(struct interp *in, struct handle *h, size_t n, const struct method_io_source *source,
    struct value **ret_bytes)
{
	struct error e = { 0 };
	char *room = malloc(n + 1);
	size_t held = 0;
	ssize_t got;
	int code = TCL_OK;

	if (room == NULL) {
		interp_fail(in, "USOCK internal", NULL, "out of memory");
		return TCL_ERROR;
	}
	got = source->receive(h, room, n, source->flags, &held, &e);
	if (got >= 0) {
		if ((source->flags & MSG_PEEK) == 0)
			handle_traffic(h, '<', room, (size_t)got);
		*ret_bytes = value_text(interp_heap(in), room, (size_t)got);
	} else {
		fail_held(in, &e, held);
		code = is_would_block(&e) ? TCL_CONTINUE : TCL_ERROR;
	}
	free(room);
	return code;
}

int
method_io_read(struct interp *in, struct handle *h, struct value *size,
    const struct method_io_source *source)
{
	struct value *bytes;
	size_t n;

	if (method_io_get_size(in, size, &n) != TCL_OK ||
	    receive_value(in, h, n, source, &bytes) != TCL_OK)
		return TCL_ERROR;
	return interp_return(in, bytes);
}

int
method_io_store(struct interp *in, struct value *name, struct value *bytes)
{
	struct value *old = interp_get_var(in, value_bytes(name, NULL));
	size_t got, had;

	value_bytes(bytes, &got);
	if (old != NULL && (value_bytes(old, &had), had > got))
		value_append(bytes, value_bytes(old, NULL) + got, had - got);
	return interp_write(in, name, bytes);
}

int
method_io_read_into(struct interp *in, struct handle *h, struct value *name, struct value *size,
    const struct method_io_source *source)
{
	struct value *bytes;
	size_t n, got;
	int code;

	if (method_io_get_size(in, method_io_size_value(in, name, size), &n) != TCL_OK)
		return TCL_ERROR;
	code = receive_value(in, h, n, source, &bytes);
	if (code == TCL_CONTINUE)
		return interp_return_text(in, "none", 4);
	if (code != TCL_OK)
		return TCL_ERROR;
	value_bytes(bytes, &got);
	if (method_io_store(in, name, bytes) != TCL_OK)
		return TCL_ERROR;
	return interp_return_int(in, (int64_t)got);
}

/* Returns the length of the line without its LF or CR LF. */
static size_t
chomped_len(const char *line, size_t n)
{
	if (n == 0 || line[n - 1] != '\n')
		return n;
	return n > 1 && line[n - 2] == '\r' ? n - 2 : n - 1;
}

static int
collect_bytes(struct interp *in, struct handle *h,
    int (*collect)(struct handle *h, struct buf *out, struct error *e), bool chomp)
{
	struct error e = { 0 };
	struct buf out;
	int rc;

	buf_init(&out, METHOD_IO_ALL_MAX);
	rc = collect(h, &out, &e);
	if (rc == 0) {
		const char *bytes = out.len > 0 ? buf_head(&out) : "";

		handle_traffic(h, '<', bytes, out.len);
		interp_return_text(in, bytes, chomp ? chomped_len(bytes, out.len) : out.len);
	}
	buf_fini(&out);
	return rc == 0 ? TCL_OK : script_fail(in, &e);
}

int
method_io_collect(struct interp *in, struct handle *h,
    int (*collect)(struct handle *h, struct buf *out, struct error *e))
{
	return collect_bytes(in, h, collect, false);
}

int
method_io_line(struct interp *in, struct handle *h, struct value *option,
    int (*collect)(struct handle *h, struct buf *out, struct error *e))
{
	if (option != NULL && strcmp(value_bytes(option, NULL), "-chomp") != 0)
		return interp_fail(in, "USOCK usage", NULL, "bad option \"%v\": must be -chomp",
		    option);
	return collect_bytes(in, h, collect, option != NULL);
}

/* ---- sending ---- */

int
method_io_write(struct interp *in, struct handle *h, struct value *bytes,
    ssize_t (
	*put)(struct handle *h, const char *bytes, size_t n, size_t *ret_sent, struct error *e))
{
	struct error e = { 0 };
	size_t n, sent = 0;
	const char *data = value_bytes(bytes, &n);
	ssize_t rc = put(h, data, n, &sent, &e);

	handle_traffic(h, '>', data, sent);
	if (rc >= 0)
		return interp_return_int(in, rc);
	if (is_would_block(&e))
		return interp_return_text(in, "none", 4);
	return script_fail_with(in, &e, "sent", (int64_t)sent);
}
