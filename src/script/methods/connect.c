/* bind connect listen accept getsockname getpeername */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "script/handshakes.h"
#include "script/impl.h"
#include "script/methods/address.h"

/* Zerynth's listen(maxlog=2). */
#define BACKLOG_ZERYNTH 2

static int
with_address(struct interp *in, struct handle *h, enum address_role role, int argc,
    struct value *const argv[], struct address *ret_address)
{
	struct error e;
	int rc;

	if (address_get(in, h->sock, role, argc - 2, argv + 2, ret_address) != TCL_OK)
		return TCL_ERROR;
	rc = role == ADDRESS_BIND
	    ? sock_bind_host(h->sock, ret_address->host, ret_address->port, &e)
	    : sock_connect_host(h->sock, ret_address->host, ret_address->port, &e);
	return rc == -1 ? script_fail(in, &e) : TCL_OK;
}

static int
m_bind(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct address a;

	return with_address(in, data, ADDRESS_BIND, argc, argv, &a);
}

static int
m_connect(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct address a;
	int code = with_address(in, data, ADDRESS_CONNECT, argc, argv, &a);

	if (code == TCL_OK)
		handle_set_host(data, a.host);
	return code;
}

static int
get_backlog(struct interp *in, struct value *v, int *ret_backlog)
{
	int64_t number;

	if (interp_get_int(in, v, &number) != TCL_OK)
		return TCL_ERROR;
	if (number > INT32_MAX || number < INT32_MIN)
		return interp_fail(in, "USOCK usage", NULL, "listen: \"%v\" is too large", v);
	/* SOCK_BACKLOG_DEFAULT itself means the default */
	*ret_backlog = number == SOCK_BACKLOG_DEFAULT ? SOCK_BACKLOG_DEFAULT - 1 : (int)number;
	return TCL_OK;
}

static int
m_listen(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	int backlog = SOCK_BACKLOG_DEFAULT;
	struct error e;

	if (sock_dialect(h->sock) == SOCK_ZERYNTH)
		backlog = BACKLOG_ZERYNTH;
	if (argc > 2 && get_backlog(in, argv[2], &backlog) != TCL_OK)
		return TCL_ERROR;
	if (sock_listen(h->sock, backlog, &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

/* Returns {conn address port}; in the dialect of Zerynth {conn {address port}}. */
static int
return_accepted(struct interp *in, const struct handle *conn, const struct sockname *peer)
{
	struct heap *h = interp_heap(in);
	bool pair = sock_dialect(conn->sock) == SOCK_ZERYNTH;
	struct value *items[3] = { value_string(h, conn->name),
		pair ? address_value(in, peer) : address_host_value(in, peer),
		value_int(h, address_port(peer)) };

	interp_set_result(in, value_list(h, pair ? 2 : 3, items));
	for (size_t i = 0; i < 3; i++)
		value_unref(items[i]);
	return TCL_OK;
}

static int
get_accept_timeout(struct interp *in, int argc, struct value *const argv[], int64_t *ret_nsec)
{
	static const char *const options[] = { "-timeout", NULL };
	int which;

	if (argc == 3)
		return interp_wrong_args(in, 2, argv, "?-timeout duration?");
	if (interp_get_word(in, argv[2], options, "option", &which) != TCL_OK)
		return TCL_ERROR;
	return script_get_duration(in, argv[3], ret_nsec);
}

/* Accepts with a time-out for this call only. */
static int
accept_within(struct sock *s, int64_t timeout, struct sock **ret_conn, struct sockname *ret_peer,
    struct error *e)
{
	int64_t own = sock_gettimeout(s);
	int rc;

	sock_settimeout(s, timeout, NULL);
	rc = sock_accept(s, ret_conn, ret_peer, e);
	sock_settimeout(s, own, NULL);
	return rc;
}

/* Accepts a client and performs the handshakes of the listener; their failure is one of accept. */
static int
accept_ready(struct handle *h, int64_t timeout, struct sock **ret_conn, struct sockname *ret_peer,
    struct error *e)
{
	struct deadline until = timeout == 0 ? deadline_never() : deadline_in(timeout);
	struct handshakes *hs = h->handshakes;
	int rc;

	if (accept_within(h->sock, timeout, ret_conn, ret_peer, e) == -1)
		return -1;
	if (hs == NULL)
		return 0;
	handshakes_hold(hs);
	rc = handshakes_start(hs, *ret_conn, until, e);
	handshakes_drop(hs);
	if (rc == -1)
		sock_free(*ret_conn);
	return rc;
}

static int
m_accept(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data, *conn;
	int64_t timeout = sock_gettimeout(h->sock);
	struct sockname peer;
	struct sock *s;
	struct error e;

	if (argc > 2 && get_accept_timeout(in, argc, argv, &timeout) != TCL_OK)
		return TCL_ERROR;
	if (h->serving != NULL)
		return interp_fail(in, "USOCK usage", NULL,
		    "accept: clients of %s go to the body of its server", h->name);
	if (accept_ready(h, timeout, &s, &peer, &e) == -1)
		return script_fail(in, &e);
	conn = handle_add(h->sc, s);
	if (conn == NULL)
		return TCL_ERROR;
	handle_set_handshakes(conn, h->handshakes);
	return return_accepted(in, conn, &peer);
}

static int
return_name(struct interp *in, const struct sockname *name, const char *verb)
{
	struct error e;

	if (name->len == 0) {
		error_errno(&e, ERROR_NETWORK, ENOTCONN, "%s", verb);
		return script_fail(in, &e);
	}
	return interp_return(in, address_value(in, name));
}

static int
m_getsockname(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	struct sockname name;

	(void)argc;
	(void)argv;
	sock_local(h->sock, &name);
	return interp_return(in, address_value(in, &name));
}

static int
m_getpeername(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct handle *h = data;
	struct sockname name;

	(void)argc;
	(void)argv;
	sock_peer(h->sock, &name);
	return return_name(in, &name, "getpeername");
}

static const struct interp_command methods[] = {
	{ "bind", m_bind, 1, 2, "address" },
	{ "connect", m_connect, 1, 2, "address" },
	{ "listen", m_listen, 0, 1, "?backlog?" },
	{ "accept", m_accept, 0, 2, "?-timeout duration?" },
	{ "getsockname", m_getsockname, 0, 0, "" },
	{ "getpeername", m_getpeername, 0, 0, "" },
};

void
script_connect_init(struct script *sc)
{
	script_add_methods(sc, methods, ARRAY_LEN(methods));
}
