#include "relay/dial/proxy_server.h"

#include <stdio.h>
#include <stdlib.h>

#include "net/access/access.h"
#include "net/sys.h"
#include "relay/dial/association.h"
#include "relay/dial/dial.h"
#include "relay/session.h"
#include "stream/fd.h"
#include "stream/proxy_server/proxy_client.h"
#include "stream/stream.h"

/* One client and its way to a target. */
struct proxying {
	struct proxy_server *server;
	struct session *session;
	struct proxy_client client;
	struct negotiator negotiator;
	struct endpoint target;
	struct connect_how connect;
	struct dial dial;
	struct association_how association;
	struct association_socket socket; /* for its datagrams */
	struct shortage_wait wait;        /* for it */
	bool asking; /* the negotiation is on the stack, and looks at the outcome itself */
};

/* The outcome is there. */
static void
wake_client(struct proxying *p)
{
	p->negotiator.chain.until = deadline_in(p->server->patience);
	if (!p->asking)
		negotiator_wake(&p->negotiator);
}

/* ---- the target ---- */

static void
on_proxy_dialled(struct dial *d)
{
	struct proxying *p = d->arg;

	p->client.outcome = d->stream != NULL ? PROXY_CONNECTED : proxy_outcome_of(&d->error);
	wake_client(p);
}

/* A list may name the target as the client does, or any of its addresses. */
static bool
may_connect(void *arg, const struct sockname *peer)
{
	const struct proxying *p = arg;
	const struct access_subject subject = { .name = peer, .host = p->target.host, .fd = -1 };

	return access_check(p->server->targets, &subject) == ACCESS_ALLOWED;
}

/* The dial has a time-out of its own. */
static void
connect_for_client(struct proxy_client *c, const struct endpoint *target)
{
	struct proxying *p = c->arg;

	p->target = *target;
	p->connect = *p->server->connect;
	p->connect.may_connect = may_connect;
	p->connect.may_connect_arg = p;
	p->negotiator.chain.until = p->server->until;
	p->dial = (struct dial){
		.loop = p->server->loop,
		.log = p->server->log,
		.how = { .endpoint = &p->target, .connect = &p->connect },
		.until = p->server->until,
		.shortage = p->server->shortage,
		.done = on_proxy_dialled,
		.arg = p,
	};
	p->asking = true;
	dial_start(&p->dial);
	p->asking = false;
}

/* ---- datagrams ---- */

static void
listen_for_client(void *arg)
{
	struct proxying *p = arg;

	if (association_listen(&p->socket, &p->association, &p->dial.error) == 0) {
		p->client.relay = p->socket.name;
		p->client.outcome = PROXY_CONNECTED;
	} else if (shortage_wait(&p->wait, &p->dial.error)) {
		return;
	} else {
		p->client.outcome = proxy_outcome_of(&p->dial.error);
	}
	wake_client(p);
}

static void
associate_client(struct proxy_client *c, uint16_t port)
{
	struct proxying *p = c->arg;
	const struct proxy_server *server = p->server;
	struct association_how *how = &p->association;
	struct sockname client;

	*how = (struct association_how){ .loop = server->loop,
		.log = server->log,
		.targets = server->targets,
		.connect = server->connect,
		.shortage = server->shortage,
		.until = server->until };
	sock_local(p->session->sock, &how->local);
	sock_peer(p->session->sock, &client);
	how->client = sockname_unmapped(&client);
	sockname_set_port(&how->client, port);
	p->wait = (struct shortage_wait){
		.loop = server->loop,
		.log = server->log,
		.shortage = server->shortage,
		.patience = server->connect->connect_timeout,
		.until = server->until,
		.again = listen_for_client,
		.arg = p,
	};
	p->negotiator.chain.until = server->until;
	p->asking = true;
	listen_for_client(p);
	p->asking = false;
}

static int
open_association(struct relay **ret_relay, const struct relay_how *how, void *arg, struct error *e)
{
	struct proxying *p = arg;

	return association_open(ret_relay, how, &p->association, &p->socket, e);
}

/* The last call of its turn: the session may be over. */
static void
start_association(struct proxying *p)
{
	struct session_connection c = { .name = "proxy", .open = open_association, .arg = p };
	struct error e = { 0 };

	if (fd_stream_null(&c.stream, &e) < 0)
		session_local_failed(p->session, &e, false);
	else
		session_local_ready(p->session, &c);
}

/* ---- the client ---- */

static void
fail_client(struct proxying *p)
{
	enum proxy_outcome outcome = p->client.outcome;
	bool dialled = outcome != PROXY_PENDING && outcome != PROXY_CONNECTED;
	struct error e = dialled ? p->dial.error : *negotiator_error(&p->negotiator);
	char peer[SOCKNAME_TEXT_MAX];
	struct sockname name;

	sock_peer(p->session->sock, &name);
	error_prefix(&e, "%s %s", negotiator_verb(&p->negotiator),
	    sockname_format_short(&name, peer, sizeof(peer)));
	session_local_failed(p->session, &e, p->client.told);
}

static struct stream *
take_target(struct proxying *p, struct error *e)
{
	struct stream *lower = dial_take(&p->dial), *top = lower;

	if (!p->client.exchanges || http_exchange_stream(&top, lower, &p->client.exchange, e) == 0)
		return top;
	stream_close(lower);
	return NULL;
}

/* The last call of its turn: the session may be over. */
static void
give_target(struct proxying *p)
{
	char target[SOCKNAME_TEXT_MAX + ENDPOINT_HOST_MAX], name[sizeof(target) + 8];
	struct error e = { 0 };
	const struct session_connection c = {
		.stream = take_target(p, &e),
		.name = name,
		.first = p->client.first.len > 0 ? buf_head(&p->client.first) : NULL,
		.n_first = p->client.first.len,
	};

	snprintf(name, sizeof(name), "proxy %s",
	    endpoint_format(&p->target, target, sizeof(target)));
	if (c.stream != NULL)
		session_local_ready(p->session, &c);
	else
		session_local_failed(p->session, &e, false);
}

/* The last call of its turn: the session may be over. */
static void
on_client_negotiated(struct negotiator *g)
{
	struct proxying *p = g->arg;

	if (negotiator_error(g) != NULL)
		fail_client(p);
	else if (p->client.associates)
		start_association(p);
	else
		give_target(p);
}

static void
start_client_negotiation(struct proxying *p)
{
	struct negotiator *g = &p->negotiator;
	struct error e = { 0 };

	p->client.users = p->server->users;
	p->client.auth = p->server->auth;
	p->client.plain_methods = p->server->plain_methods;
	p->client.connect = connect_for_client;
	p->client.associate = associate_client;
	p->client.arg = p;
	g->loop = p->server->loop;
	g->chain.top = sock_top(p->session->sock);
	g->chain.until = deadline_min(p->server->until, deadline_in(p->server->patience));
	g->done = on_client_negotiated;
	g->arg = p;
	if (p->server->negotiation(&g->chain.at, &p->client, &e) == 0)
		negotiator_start(g);
	else
		session_local_failed(p->session, &e, false);
}

static void
start_proxying(void *arg, struct session *s)
{
	struct proxying *p = session_start_dialling(s, sizeof(*p));

	if (p == NULL)
		return;
	p->server = arg;
	p->session = s;
	p->socket.fd = -1;
	start_client_negotiation(p);
}

static void
stop_proxying(void *arg, struct session *s)
{
	struct proxying *p = s->dialling;

	(void)arg;
	negotiator_stop(&p->negotiator);
	dial_stop(&p->dial);
	shortage_wait_stop(&p->wait);
	sys_close(p->socket.fd);
	proxy_client_fini(&p->client);
	free(p);
}

struct session_dialler
proxy_server_dialler(struct proxy_server *p)
{
	return (struct session_dialler){ .start = start_proxying, .stop = stop_proxying, .arg = p };
}
