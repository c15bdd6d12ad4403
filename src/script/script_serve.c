/* server ADDRESS {handle addr port} BODY: each client a fiber, during any wait */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "script/address.h"
#include "script/script_impl.h"
#include "script/secure.h"
#include "tcl/list.h"

/* Out of descriptors: the time until some may be free. */
#define RETRY (100 * NSEC_PER_MSEC)

struct serving {
	struct handle *handle;
	struct value *lambda; /* {args body} */
	struct watch watch;
	struct timer retry;
};

/* ---- one client ---- */

static void
body_done(struct interp *in, void *data, int code)
{
	struct script *sc = data;
	struct error e;

	(void)in;
	/* what has been stopped has not failed */
	if (code != TCL_ERROR || sc->left || sc->stopped)
		return;
	script_error(sc, &e);
	log_line(sc->how.log, LOG_NOTE, "server: %s", e.text);
	script_note_background(sc, "server", &e);
}

/* What its body needs, wherever the server may be by then. */
struct client {
	struct script *sc;
	struct value *lambda;
	struct secure *secure; /* held; NULL: no TLS */
	struct sock *sock;
	struct sockname peer;
};

static void
free_client(struct client *c)
{
	value_unref(c->lambda);
	secure_drop(c->secure);
	free(c);
}

/* apply LAMBDA handle address port */
static struct value *
call_of(struct interp *in, const struct client *c, const struct handle *conn)
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

/* A client that breaks off is no failure of the script, as little as one that never comes. */
static bool
secure_client(struct client *c)
{
	struct error e = { 0 };

	if (c->secure == NULL || secure_start(c->secure, c->sock, deadline_never(), &e) == 0)
		return true;
	sock_free(c->sock);
	if (e.code != ERROR_SIGNAL)
		log_line(c->sc->how.log, LOG_NOTE, "server: %s", e.text);
	return false;
}

static void
run_body(void *arg)
{
	struct client *c = arg;
	struct script *sc = c->sc;
	struct handle *conn = secure_client(c) ? handle_add(sc, c->sock) : NULL;
	struct value *call;

	if (conn != NULL) {
		handle_set_secure(conn, c->secure);
		handle_hold(conn);
		conn->attended = true;
		call = call_of(sc->in, c, conn);
		interp_callback(sc->in, call, body_done, sc);
		conn->attended = false;
		handle_drop(conn);
		value_unref(call);
	}
	free_client(c);
}

static void
serve(const struct serving *sv, struct sock *s, const struct sockname *peer)
{
	struct script *sc = sv->handle->sc;
	struct client *c = calloc(1, sizeof(*c));
	struct error e = { 0 };

	if (c == NULL) {
		sock_free(s);
		return;
	}
	*c = (struct client){ .sc = sc, .sock = s, .peer = *peer };
	c->lambda = value_ref(sv->lambda);
	c->secure = sv->handle->secure != NULL ? secure_hold(sv->handle->secure) : NULL;
	if (fiber_start(sc->fibers, run_body, c, &e) == 0)
		return;
	log_line(sc->how.log, LOG_NOTE, "server: %s", e.text);
	script_note_background(sc, "server", &e);
	sock_free(s);
	free_client(c);
}

static void
set_watch(struct serving *sv, bool on)
{
	struct error e = { 0 };

	if (loop_watch(sv->handle->sc->how.loop, &sv->watch, on ? LOOP_READ : 0, &e) == -1)
		script_note_background(sv->handle->sc, "server", &e);
}

static void
accept_failed(struct serving *sv, const struct error *e)
{
	struct script *sc = sv->handle->sc;

	if (e->number == EAGAIN)
		return;
	log_line(sc->how.log, LOG_NOTE, "server: %s", e->text);
	set_watch(sv, false);
	loop_timer_set(sc->how.loop, &sv->retry, deadline_in(RETRY), NULL);
}

static void
on_retry(struct timer *t)
{
	set_watch(t->arg, true);
}

/* One a turn: after the body the server may be gone. */
static void
on_client(struct watch *w, unsigned ready)
{
	struct serving *sv = w->arg;
	struct handle *h = sv->handle;
	struct sockname peer;
	struct sock *s;
	struct error e;

	(void)ready;
	if (interp_stopped(h->sc->in))
		return;
	if (sock_accept(h->sock, &s, &peer, &e) == -1)
		accept_failed(sv, &e);
	else
		serve(sv, s, &peer);
}

/* ---- life ---- */

void
serve_end(struct handle *h)
{
	struct serving *sv = h->serving;

	if (sv == NULL)
		return;
	h->serving = NULL;
	loop_unwatch(h->sc->how.loop, &sv->watch);
	loop_timer_stop(h->sc->how.loop, &sv->retry);
	value_unref(sv->lambda);
	free(sv);
}

static int
start(struct interp *in, struct handle *h, struct value *args, struct value *body)
{
	struct serving *sv = calloc(1, sizeof(*sv));
	struct value *lambda[2] = { args, body };
	struct error e;

	if (sv == NULL)
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	sv->handle = h;
	sv->lambda = value_list(interp_heap(in), 2, lambda);
	sv->watch = (struct watch){ .fd = sock_fileno(h->sock), .fn = on_client, .arg = sv };
	sv->retry = (struct timer){ .fn = on_retry, .arg = sv };
	h->serving = sv;
	sock_setblocking(h->sock, false, NULL);
	if (loop_watch(h->sc->how.loop, &sv->watch, LOOP_READ, &e) == -1)
		return script_fail(in, &e);
	return interp_return_text(in, h->name, strlen(h->name));
}

/* A port, host:port, a path; {host port} too. */
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

/* A listening socket that is there. TCL_CONTINUE: the word is no handle. */
static int
serve_handle(struct script *sc, struct interp *in, struct value *const argv[])
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
	return start(in, h, argv[2], argv[3]);
}

static int
cmd_server(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const struct listen_how how = { .backlog = -1 };
	struct script *sc = data;
	struct handle *current = sc->current, *h;
	struct endpoint ep;
	struct error e;
	struct sock *s;
	int code;

	(void)argc;
	code = serve_handle(sc, in, argv);
	if (code != TCL_CONTINUE)
		return code;
	if (get_endpoint(in, argv[1], &ep) != TCL_OK)
		return TCL_ERROR;
	if (sock_serve(&s, sc->how.loop, &ep, &how, deadline_never(), NULL, &e) == -1)
		return script_fail(in, &e);
	h = handle_add(sc, s);
	if (h == NULL)
		return TCL_ERROR;
	sc->current = current;
	code = start(in, h, argv[2], argv[3]);
	if (code != TCL_OK)
		interp_delete(in, h->name);
	return code;
}

void
script_serve_init(struct script *sc)
{
	const struct interp_command row = { "server", cmd_server, 3, 3,
		"address|socket {handle addr port} body" };

	interp_add(sc->in, &row, sc, NULL);
}
