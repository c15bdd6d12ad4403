/* send sendall write sendto recv read readall readline readinto recvfrom and variants */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/buf.h"
#include "script/impl.h"
#include "script/methods/address.h"
#include "script/methods/constant.h"
#include "script/methods/method_io.h"
#include "sock/websocket/websocket.h"
#include "tcl/value/list.h"

/* ---- sending ---- */

static int
get_flags(struct interp *in, int argc, struct value *const argv[], int at, int *ret_flags)
{
	*ret_flags = 0;
	return at < argc ? constant_get_flags(in, argv[at], ret_flags) : TCL_OK;
}

/* Returns the count of a call that sends, or its error. */
static int
return_sent(struct interp *in, struct handle *h, const char *data, ssize_t sent,
    const struct error *e)
{
	if (sent == -1)
		return script_fail(in, e);
	handle_traffic(h, '>', data, (size_t)sent);
	return interp_return_int(in, sent);
}

static int
m_send(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	struct error e = { 0 };
	size_t n;
	const char *bytes = value_bytes(argv[2], &n);
	int flags;

	if (get_flags(in, argc, argv, 3, &flags) != TCL_OK)
		return TCL_ERROR;
	return return_sent(in, h, bytes, sock_send(h->sock, bytes, n, flags, &e), &e);
}

static int
m_sendall(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	struct error e = { 0 };
	size_t n, sent = 0;
	const char *bytes = value_bytes(argv[2], &n);
	int rc = sock_sendall(h->sock, bytes, n, &sent, &e);

	(void)argc;
	handle_traffic(h, '>', bytes, sent);
	if (rc == -1)
		return script_fail_with(in, &e, "sent", (int64_t)sent);
	return interp_return_int(in, (int64_t)sent);
}

static ssize_t
write_sock(struct handle *h, const char *bytes, size_t n, size_t *ret_sent, struct error *e)
{
	return sock_write(h->sock, bytes, n, ret_sent, e);
}

static int
m_write(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)argc;
	return method_io_write(in, data, argv[2], write_sock);
}

/* Flags need an address of two words: after one word they could be its port. */
static int
m_sendto(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	struct error e = { 0 };
	struct address a;
	size_t n;
	const char *bytes = value_bytes(argv[2], &n);
	ssize_t sent;
	int flags;

	if (get_flags(in, argc, argv, 5, &flags) != TCL_OK ||
	    address_get(in, h->sock, ADDRESS_CONNECT, argc > 4 ? 2 : argc - 3, argv + 3, &a) !=
		TCL_OK)
		return TCL_ERROR;
	sent = sock_sendto_host(h->sock, bytes, n, flags, a.host, a.port, &e);
	return return_sent(in, h, bytes, sent, &e);
}

/* ---- receiving ---- */

static ssize_t
recv_sock(struct handle *h, char *room, size_t n, int flags, size_t *ret_held, struct error *e)
{
	*ret_held = 0;
	return sock_recv(h->sock, room, n, flags, e);
}

static ssize_t
read_sock(struct handle *h, char *room, size_t n, int flags, size_t *ret_held, struct error *e)
{
	(void)flags;
	return sock_read(h->sock, room, n, ret_held, e);
}

static int
recv_whole(struct handle *h, struct buf *out, struct error *e)
{
	bool binary;

	return sock_recv_message(h->sock, out, &binary, e) == -1 ? -1 : 0;
}

/* A message has a size of its own. */
static int
m_recv(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct method_io_source from = { .receive = recv_sock };
	const struct handle *h = data;

	if (argc == 2 && sock_is_websocket(h->sock))
		return method_io_collect(in, data, recv_whole);
	if (argc == 2)
		return interp_wrong_args(in, 2, argv, "size ?flags?");
	if (get_flags(in, argc, argv, 3, &from.flags) != TCL_OK)
		return TCL_ERROR;
	return method_io_read(in, data, argv[2], &from);
}

static int
m_recv_into(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct method_io_source from = { .receive = recv_sock };

	if (get_flags(in, argc, argv, 4, &from.flags) != TCL_OK)
		return TCL_ERROR;
	return method_io_read_into(in, data, argv[2], argc > 3 ? argv[3] : NULL, &from);
}

static int
m_readinto(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct method_io_source from = { .receive = read_sock };

	return method_io_read_into(in, data, argv[2], argc > 3 ? argv[3] : NULL, &from);
}

static int
readall_sock(struct handle *h, struct buf *out, struct error *e)
{
	return sock_readall(h->sock, out, e);
}

static int
readline_sock(struct handle *h, struct buf *out, struct error *e)
{
	return sock_readline(h->sock, out, METHOD_IO_LINE_MAX, e);
}

static int
m_readall(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)argc;
	(void)argv;
	return method_io_collect(in, data, readall_sock);
}

static int
m_readline(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return method_io_line(in, data, argc > 2 ? argv[2] : NULL, readline_sock);
}

static int
m_read(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct method_io_source from = { .receive = read_sock };

	if (argc == 2)
		return m_readall(in, data, argc, argv);
	return method_io_read(in, data, argv[2], &from);
}

/* ---- recvfrom ---- */

struct datagram {
	char *room;
	size_t n;
	struct sockname from;
	bool cut;
	ssize_t got;
};

static int
receive_from(struct interp *in, struct handle *h, struct value *size, int flags,
    struct datagram *ret_datagram)
{
	struct datagram *d = ret_datagram;
	struct error e = { 0 };

	if (method_io_get_size(in, size, &d->n) != TCL_OK)
		return TCL_ERROR;
	d->room = malloc(d->n + 1);
	if (d->room == NULL) {
		interp_fail(in, "USOCK internal", NULL, "out of memory");
		return TCL_ERROR;
	}
	d->got = sock_recvfrom(h->sock, d->room, d->n, flags, &d->from, &d->cut, &e);
	if (d->got >= 0) {
		if ((flags & MSG_PEEK) == 0)
			handle_traffic(h, '<', d->room, (size_t)d->got);
		return TCL_OK;
	}
	free(d->room);
	script_fail(in, &e);
	return TCL_ERROR;
}

/* Returns {what {addr port}}, with a third word "truncated" where the datagram was longer. */
static int
return_from(struct interp *in, const struct datagram *d, struct value *what)
{
	struct heap *h = interp_heap(in);
	struct list *l = list_new(h, 3);

	list_push(h, &l, what);
	list_push(h, &l, address_value(in, &d->from));
	if (d->cut)
		list_push(h, &l, value_string(h, "truncated"));
	free(d->room);
	return interp_return(in, value_from_list(h, l));
}

static int
m_recvfrom(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct datagram d;
	int flags;

	if (get_flags(in, argc, argv, 3, &flags) != TCL_OK ||
	    receive_from(in, data, argv[2], flags, &d) != TCL_OK)
		return TCL_ERROR;
	return return_from(in, &d, value_text(interp_heap(in), d.room, (size_t)d.got));
}

static int
m_recvfrom_into(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct datagram d;
	int flags;

	if (get_flags(in, argc, argv, 4, &flags) != TCL_OK ||
	    receive_from(in, data, method_io_size_value(in, argv[2], argc > 3 ? argv[3] : NULL),
		flags, &d) != TCL_OK)
		return TCL_ERROR;
	if (method_io_store(in, argv[2], value_text(interp_heap(in), d.room, (size_t)d.got)) !=
	    TCL_OK) {
		free(d.room);
		return TCL_ERROR;
	}
	return return_from(in, &d, value_int(interp_heap(in), d.got));
}

static const struct interp_command methods[] = {
	{ "send", m_send, 1, 2, "bytes ?flags?" },
	{ "sendall", m_sendall, 1, 1, "bytes" },
	{ "write", m_write, 1, 1, "bytes" },
	{ "sendto", m_sendto, 2, 4, "bytes address ?flags?" },
	{ "recv", m_recv, 0, 2, "?size? ?flags?" },
	{ "recv_into", m_recv_into, 1, 3, "varName ?size? ?flags?" },
	{ "read", m_read, 0, 1, "?size?" },
	{ "readall", m_readall, 0, 0, "" },
	{ "readline", m_readline, 0, 1, "?-chomp?" },
	{ "readinto", m_readinto, 1, 2, "varName ?size?" },
	{ "recvfrom", m_recvfrom, 1, 2, "size ?flags?" },
	{ "recvfrom_into", m_recvfrom_into, 1, 3, "varName ?size? ?flags?" },
};

void
script_io_init(struct script *sc)
{
	script_add_methods(sc, methods, ARRAY_LEN(methods));
}
