/* server ADDRESS {handle addr port} BODY: runs the body in a coroutine for each client */
#include "script/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "relay/server/acceptor.h"
#include "script/handshakes.h"
#include "script/impl.h"
#include "script/methods/address.h"
#include "tcl/value/list.h"

struct serving {
	struct handle *handle;
	struct value *lambda; /* {args body} */
	struct acceptor acceptor;
};

/* ---- one client ---- */

/* One client; it may outlive its server. */
struct client {
	struct script *sc;
	struct value *lambda;
	struct handshakes *handshakes; /* held; NULL: none */
	struct sock *sock;
	struct sockname peer;
	char server[sizeof(((struct handle *)NULL)->name)];
	struct handle *conn;         /* set while its body runs */
	struct script_serve_how how; /* of script_serve(), else zeroed */
	const struct error *failure; /* of its body; NULL: none */
};

static void
report_error(struct script *sc, const char *who, const struct error *e)
{
	log_line(sc->how.log, LOG_NOTE, "%s: %s", who, e->text);
	script_note_background(sc, who, e);
}

/* Aborts the connection of a failed body, so that its peer does not take the bytes so far for all. */
static void
report_body(const struct client *c, const struct error *e)
{
	char who[48 + SOCKNAME_TEXT_MAX], peer[SOCKNAME_TEXT_MAX];

	snprintf(who, sizeof(who), "server %s: %s %s", c->server, c->conn->name,
	    sockname_format(&c->peer, peer, sizeof(peer)));
	report_error(c->sc, who, e);
	sock_abort(c->conn->sock);
}

static void
on_body_done(struct interp *in, void *data, int code)
{
	struct client *c = data;
	struct script *sc = c->sc;
	struct error e;

	(void)in;
	/* a stopped body has not failed */
	if (code != TCL_ERROR || sc->exited || sc->stopped)
		return;
	script_error(sc, &e);
	if (c->how.done == NULL) {
		report_body(c, &e);
		return;
	}
	c->failure = error_copy(&e);
}

static void
free_client(struct client *c)
{
	value_unref(c->lambda);
	handshakes_drop(c->handshakes);
	error_free(c->failure);
	free(c);
}

/* apply LAMBDA handle address port */
static struct value *
body_command(struct interp *in, const struct client *c, const struct handle *conn)
{
	struct heap *h = interp_heap(in);
	struct list *l = list_new(h, 5);

	list_push(h, &l, value_string(h, "apply"));
	list_push(h, &l, value_ref(c->lambda));
	list_push(h, &l, value_string(h, conn->name));
	list_push(h, &l, address_host_value(in, &c->peer));
	list_push(h, &l, value_int(h, address_port(&c->peer)));
	return value_from_list(h, l);
}

/* A failed handshake is logged; it is not an error of the script. */
static bool
secure_client(struct client *c)
{
	struct error e = { 0 };

	if (c->handshakes == NULL ||
	    handshakes_start(c->handshakes, c->sock, deadline_never(), &e) == 0)
		return true;
	sock_free(c->sock);
	if (e.code != ERROR_SIGNAL)
		log_line(c->sc->how.log, LOG_NOTE, "server: %s", e.text);
	return false;
}

static void
run_body(struct client *c, struct handle *conn)
{
	struct value *call;

	c->conn = conn;
	handle_set_handshakes(conn, c->handshakes);
	conn->attended = true;
	call = body_command(c->sc->in, c, conn);
	interp_callback(c->sc->in, call, on_body_done, c);
	conn->attended = false;
	value_unref(call);
}

static void
run_client(void *arg)
{
	struct client *c = arg;
	struct script *sc = c->sc;
	struct handle *conn = secure_client(c) ? handle_add(sc, c->sock) : NULL;

	if (conn != NULL) {
		handle_hold(conn);
		run_body(c, conn);
		handle_drop(conn);
		handle_sweep(sc);
	}
	free_client(c);
}

static void
run_served(void *arg)
{
	struct client *c = arg;
	struct script *sc = c->sc;
	struct handle *conn = handle_try_add(sc, c->sock);
	struct error none;

	if (conn == NULL) {
		error_set(&none, ERROR_INTERNAL, "out of memory");
		c->how.done(c->how.arg, &none);
		sock_free(c->sock);
	} else {
		handle_hold(conn);
		run_body(c, conn);
		c->how.done(c->how.arg, c->failure);
		handle_drop(conn);
		handle_sweep(sc);
	}
	free_client(c);
}

int
script_serve(struct script *sc, struct sock *s, const struct script_serve_how *how, struct error *e)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	*c = (struct client){ .sc = sc, .sock = s, .how = *how };
	sock_peer(s, &c->peer);
	c->lambda = value_ref(how->lambda);
	if (coroutine_start(sc->coroutines, run_served, c, e) == 0)
		return 0;
	free_client(c);
	return -1;
}

/* The body may end the server and free a. */
static void
on_client(struct acceptor *a, struct sock *s, unsigned long id)
{
	const struct serving *sv = a->arg;
	struct script *sc = sv->handle->sc;
	struct client *c = calloc(1, sizeof(*c));
	struct error e = { 0 };

	(void)id;
	acceptor_released(a);
	if (c == NULL) {
		error_set(&e, ERROR_INTERNAL, "out of memory");
		report_error(sc, sv->handle->name, &e);
		sock_abort(s);
		sock_free(s);
		return;
	}
	*c = (struct client){ .sc = sc, .sock = s };
	memcpy(c->server, sv->handle->name, sizeof(c->server));
	sock_peer(s, &c->peer);
	c->lambda = value_ref(sv->lambda);
	c->handshakes =
	    sv->handle->handshakes != NULL ? handshakes_hold(sv->handle->handshakes) : NULL;
	if (coroutine_start(sc->coroutines, run_client, c, &e) == 0)
		return;
	report_error(sc, c->server, &e);
	sock_abort(s);
	sock_free(s);
	free_client(c);
}

static void
on_listener_gone(struct acceptor *a, const struct error *e)
{
	const struct serving *sv = a->arg;

	report_error(sv->handle->sc, sv->handle->name, e);
}

/* A stopped script accepts no more clients. */
static int
accept_client(void *arg, struct sock **ret_conn, struct error *e)
{
	const struct serving *sv = arg;

	if (interp_stopped(sv->handle->sc->in))
		return error_errno(e, ERROR_NETWORK, EAGAIN, "accept");
	return sock_accept_now(sv->handle->sock, ret_conn, NULL, e);
}

/* ---- creation and destruction ---- */

static void
stop_server(struct handle *h)
{
	struct serving *sv = h->serving;

	h->serving = NULL;
	acceptor_stop(&sv->acceptor);
	value_unref(sv->lambda);
	free(sv);
}

static int
start_server(struct interp *in, struct handle *h, struct value *args, struct value *body)
{
	struct serving *sv = calloc(1, sizeof(*sv));
	struct value *lambda[2] = { args, body };
	struct error e;

	if (sv == NULL)
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	sv->handle = h;
	sv->lambda = value_list(interp_heap(in), 2, lambda);
	sv->acceptor = (struct acceptor){
		.loop = h->sc->how.loop,
		.log = h->sc->how.log,
		.source = { .fd = sock_fileno(h->sock), .take = accept_client, .arg = sv },
		/* until its first wait, a body runs inside the acceptor */
		.batch = 1,
		.client = on_client,
		.gone = on_listener_gone,
		.arg = sv,
	};
	if (acceptor_start(&sv->acceptor, &e) == -1) {
		value_unref(sv->lambda);
		free(sv);
		return script_fail(in, &e);
	}
	h->serving = sv;
	h->stop_serving = stop_server;
	sock_setblocking(h->sock, false, NULL);
	return interp_return_text(in, h->name, strlen(h->name));
}

/* Reads a port, host:port, {host port} or a path. */
static int
get_endpoint(struct interp *in, struct value *v, struct endpoint *ret_endpoint)
{
	const char *text = script_get_text(in, v, "address");
	struct value *const *items;
	struct error e;
	size_t n;
	int rc;

	if (text == NULL || interp_get_list(in, v, &n, &items) != TCL_OK)
		return TCL_ERROR;
	if (n == 2 && value_bytes(items[0], NULL)[0] == '\0')
		return interp_fail(in, "USOCK usage", NULL,
		    "server: the host is empty: any is written as *");
	if (n == 2)
		rc = endpoint_parse(value_bytes(items[0], NULL), value_bytes(items[1], NULL),
		    ret_endpoint, &e);
	else
		rc = endpoint_parse(text, NULL, ret_endpoint, &e);
	if (rc == -1)
		return script_fail(in, &e);
	if (ret_endpoint->transport != TRANSPORT_NONE && ret_endpoint->transport != TRANSPORT_TCP)
		return interp_fail(in, "USOCK usage", NULL,
		    "server: \"%v\": a server is for streams without TLS", v);
	return TCL_OK;
}

/* Serves an existing listening socket. TCL_CONTINUE: argv[1] is not a handle. */
static int
serve_existing(struct script *sc, struct interp *in, struct value *const argv[])
{
	struct handle *h;

	for (h = sc->first; h != NULL; h = h->next) {
		if (!h->is_file && value_is(argv[1], h->name))
			break;
	}
	if (h == NULL)
		return TCL_CONTINUE;
	if (h->serving != NULL || !sock_is_listening(h->sock))
		return interp_fail(in, "USOCK usage", NULL, "server: %s %s", h->name,
		    h->serving != NULL ? "is one" : "does not listen");
	return start_server(in, h, argv[2], argv[3]);
}

/* Checks that the names can take three values. */
static int
check_names(struct interp *in, struct value *names)
{
	struct value *const *items;
	size_t n;

	if (interp_get_list(in, names, &n, &items) != TCL_OK)
		return TCL_ERROR;
	if (n == 3 || (n > 0 && n < 3 && value_is(items[n - 1], "args")))
		return TCL_OK;
	return interp_fail(in, "USOCK usage", NULL,
	    "server: \"%v\" is not {handle addr port}, the names of three variables", names);
}

static int
cmd_server(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct listen_how how = { .backlog = -1 };
	struct script *sc = data;
	struct handle *current = sc->current, *h;
	struct endpoint ep = { .kind = ENDPOINT_INET };
	struct error e;
	struct sock *s;
	int code, rc;

	(void)argc;
	if (check_names(in, argv[2]) != TCL_OK)
		return TCL_ERROR;
	code = serve_existing(sc, in, argv);
	if (code != TCL_CONTINUE)
		return code;
	if (get_endpoint(in, argv[1], &ep) != TCL_OK)
		return TCL_ERROR;
	if (script_check_endpoint(sc, &ep, &e) == -1)
		rc = -1;
	else if (ep.kind == ENDPOINT_FD)
		rc = script_adopt(sc, ep.fd, &s, &e);
	else
		rc = sock_open_listening(&s, sc->how.loop, &ep, &how, deadline_never(), NULL, &e);
	if (rc == -1)
		return script_fail(in, &e);
	h = handle_add(sc, s);
	if (h == NULL)
		return TCL_ERROR;
	sc->current = current;
	code = start_server(in, h, argv[2], argv[3]);
	if (code != TCL_OK)
		interp_delete(in, h->name);
	return code;
}

void
script_server_init(struct script *sc)
{
	const struct interp_command row = { "server", cmd_server, 3, 3,
		"address|socket {handle addr port} body" };

	interp_add(sc->in, &row, sc, NULL);
}
