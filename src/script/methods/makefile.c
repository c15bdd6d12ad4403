/* makefile, and the methods of file objects */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "script/impl.h"
#include "script/methods/method_io.h"
#include "sock/sock.h"

static int
m_makefile(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data, *file_handle;
	const char *mode = argc > 2 ? script_get_text(in, argv[2], "mode") : "rb";
	struct sock_file *file;
	int64_t buffering;
	struct error e;

	/* "the value of the buffered parameter is ignored" */
	if (mode == NULL || (argc > 3 && interp_get_int(in, argv[3], &buffering) != TCL_OK))
		return TCL_ERROR;
	if (sock_makefile(h->sock, mode, &file, &e) == -1)
		return script_fail(in, &e);
	file_handle = handle_add_file(h, file);
	if (file_handle == NULL)
		return TCL_ERROR;
	return interp_return_text(in, file_handle->name, strlen(file_handle->name));
}

/* ---- methods of a file object ---- */

static int
check_file(struct interp *in, const struct handle *h)
{
	struct error e = { 0 };

	if (h->file != NULL)
		return TCL_OK;
	error_errno(&e, ERROR_NETWORK, EBADF, "%s", h->name);
	return script_fail(in, &e);
}

static ssize_t
file_read(struct handle *h, char *room, size_t n, int flags, size_t *ret_held, struct error *e)
{
	(void)flags;
	return sock_file_read(h->file, room, n, ret_held, e);
}

static int
file_readall(struct handle *h, struct buf *out, struct error *e)
{
	return sock_file_readall(h->file, out, e);
}

static int
file_readline(struct handle *h, struct buf *out, struct error *e)
{
	return sock_file_readline(h->file, out, METHOD_IO_LINE_MAX, e);
}

static ssize_t
file_write(struct handle *h, const char *bytes, size_t n, size_t *ret_sent, struct error *e)
{
	return sock_file_write(h->file, bytes, n, ret_sent, e);
}

static int
f_readall(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)argc;
	(void)argv;
	if (check_file(in, data) != TCL_OK)
		return TCL_ERROR;
	return method_io_collect(in, data, file_readall);
}

static int
f_read(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct method_io_source from = { .receive = file_read };

	if (argc == 2)
		return f_readall(in, data, argc, argv);
	if (check_file(in, data) != TCL_OK)
		return TCL_ERROR;
	return method_io_read(in, data, argv[2], &from);
}

static int
f_readinto(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct method_io_source from = { .receive = file_read };

	if (check_file(in, data) != TCL_OK)
		return TCL_ERROR;
	return method_io_read_into(in, data, argv[2], argc > 3 ? argv[3] : NULL, &from);
}

static int
f_readline(struct interp *in, void *data, int argc, struct value *const argv[])
{
	if (check_file(in, data) != TCL_OK)
		return TCL_ERROR;
	return method_io_line(in, data, argc > 2 ? argv[2] : NULL, file_readline);
}

static int
f_write(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)argc;
	if (check_file(in, data) != TCL_OK)
		return TCL_ERROR;
	return method_io_write(in, data, argv[2], file_write);
}

static int
f_close(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	struct sock_file *file = h->file;
	struct error e;

	(void)argc;
	(void)argv;
	h->file = NULL;
	h->sock = NULL;
	return sock_file_close(file, &e) == -1 ? script_fail(in, &e) : TCL_OK;
}

static const struct interp_command file_methods[] = {
	{ "read", f_read, 0, 1, "?size?" },
	{ "readall", f_readall, 0, 0, "" },
	{ "readline", f_readline, 0, 1, "?-chomp?" },
	{ "readinto", f_readinto, 1, 2, "varName ?size?" },
	{ "write", f_write, 1, 1, "bytes" },
	{ "close", f_close, 0, 0, "" },
};

void
script_makefile_init(struct script *sc)
{
	const struct interp_command row = { "makefile", m_makefile, 0, 2, "?mode? ?buffering?" };

	script_add_methods(sc, &row, 1);
	for (size_t i = 0; i < ARRAY_LEN(file_methods); i++)
		methods_add(&sc->file_methods, &file_methods[i]);
}
