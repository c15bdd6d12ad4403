#include "cli/listen/listen_control.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/listen/listen_serve.h"
#include "cli/listen/service/listen_service.h"
#include "sock/sock.h"
#include "status/tcp_info.h"

enum { WHAT_MAX = 64 };

/* ---- list ---- */

/* What a session does at the moment. */
static const char *
phase_of(const struct session *s)
{
	if (s->negotiator == NULL)
		return "open";
	return s->relay == NULL ? "negotiating" : "closing";
}

/* The option that says what clients get, without its hyphens. */
static void
what_of(const struct listen_server *sv, const struct session *s, char *text, size_t size)
{
	if (s->how->local == SESSION_PROGRAM)
		snprintf(text, size, "program %ld", (long)s->child.pid);
	else
		snprintf(text, size, "%s", sv->service != NULL ? sv->service->option + 2 : "stdio");
}

/* A program may have the connection itself; the kernel then counts the bytes, for TCP. */
static bool
bytes_of_session(const struct session *s, uint64_t *ret_sent, uint64_t *ret_received)
{
	if (s->direct)
		return status_bytes(sock_fileno(s->sock), ret_sent, ret_received) == 0;
	session_bytes(s, ret_sent, ret_received);
	return true;
}

struct list {
	const struct listen_server *sv;
	struct control_reply *reply;
	struct error *e;
	int rc;
};

static void
add_client(void *arg, const struct session *s)
{
	struct list *list = arg;
	char peer[SOCKNAME_TEXT_MAX], what[WHAT_MAX];
	struct sockname name;
	struct control_client c = {
		.id = s->id,
		.peer = peer,
		.since = s->started,
		.state = phase_of(s),
		.what = what,
	};

	if (list->rc < 0)
		return;
	sock_peer(s->sock, &name);
	sockname_format_short(&name, peer, sizeof peer);
	what_of(list->sv, s, what, sizeof what);
	c.counted = bytes_of_session(s, &c.sent, &c.received);
	list->rc =
	    control_answer_client(&list->reply->answer, &c, list->reply->request.json, list->e);
}

static int
list_clients(struct listen_server *sv, struct control_reply *r, struct error *e)
{
	struct list list = { sv, r, e, 0 };

	listen_serve_each(sv, add_client, &list);
	return list.rc;
}

/* ---- stats ---- */

static void
add_bytes(void *arg, const struct session *s)
{
	struct control_answer *a = arg;
	uint64_t sent, received;

	if (!bytes_of_session(s, &sent, &received))
		return;
	a->counts[COUNT_SENT] += sent;
	a->counts[COUNT_RECEIVED] += received;
}

static int
count_clients(struct listen_server *sv, struct control_reply *r, struct error *e)
{
	struct control_answer *a = &r->answer;

	(void)e;
	a->has_counts = true;
	a->state = listen_serve_phase_word(sv);
	a->counts[COUNT_CONNECTED] = sv->acceptor.active;
	a->counts[COUNT_ACCEPTED] = sv->totals->accepted;
	a->counts[COUNT_REFUSED] = sv->totals->refused;
	a->counts[COUNT_DENIED] = sv->access.gate.n_denied;
	a->counts[COUNT_FAILED] = sv->totals->failed;
	a->counts[COUNT_KICKED] = sv->totals->kicked;
	a->counts[COUNT_SENT] = sv->totals->sent;
	a->counts[COUNT_RECEIVED] = sv->totals->received;
	listen_serve_each(sv, add_bytes, a);
	return 0;
}

/* ---- actions ---- */

static int
kick_clients(struct listen_server *sv, struct control_reply *r, struct error *e)
{
	const struct control_request *rq = &r->request;

	if (listen_serve_kick(sv, rq->all ? 0 : rq->id) > 0 || rq->all)
		return 0;
	return error_set(e, ERROR_NETWORK, "kick: no client has the number %lu", rq->id);
}

static int
drain(struct listen_server *sv, struct control_reply *r, struct error *e)
{
	(void)e;
	listen_serve_drain(sv, r->request.patience, 0);
	return 0;
}

static int
fail_if_draining(const struct listen_server *sv, const char *what, struct error *e)
{
	return sv->phase <= LISTEN_PAUSED
	    ? 0
	    : error_set(e, ERROR_NETWORK, "%s: the server drains", what);
}

static int
pause_clients(struct listen_server *sv, struct control_reply *r, struct error *e)
{
	(void)r;
	listen_serve_pause(sv, true);
	return fail_if_draining(sv, "pause", e);
}

static int
resume_clients(struct listen_server *sv, struct control_reply *r, struct error *e)
{
	(void)r;
	listen_serve_pause(sv, false);
	return fail_if_draining(sv, "resume", e);
}

static int
reload_lists(struct listen_server *sv, struct control_reply *r, struct error *e)
{
	(void)r;
	if (sv->access.lists == NULL && sv->proxied.proxies == NULL)
		return error_set(e, ERROR_USAGE, "reload: there is no --allow and no --deny");
	if (listen_access_reload(&sv->access, e) < 0)
		return -1;
	return listen_proxied_reload(&sv->proxied, e);
}

static int (*const actions[CONTROL_VERBS_N])(struct listen_server *sv, struct control_reply *r,
    struct error *e) = {
	[CONTROL_LIST] = list_clients,
	[CONTROL_STATS] = count_clients,
	[CONTROL_KICK] = kick_clients,
	[CONTROL_DRAIN] = drain,
	[CONTROL_PAUSE] = pause_clients,
	[CONTROL_RELOAD] = reload_lists,
	[CONTROL_RESUME] = resume_clients,
};

static void
on_ask(void *arg, struct control_reply *r)
{
	struct listen_control *c = arg;
	struct error e;
	int rc = actions[r->request.verb](c->sv, r, &e);

	control_reply_finish(r, rc < 0 ? &e : NULL);
}

/* ---- the socket ---- */

struct control_target
listen_control_target(struct listen_control *c)
{
	return (struct control_target){ .ask = on_ask, .arg = c };
}

int
listen_control_open(struct listen_control *c, struct control_target target, struct error *e)
{
	struct listen_server *sv = c->sv;
	const struct control_server_how how = {
		.path = sv->opts->server.control,
		.unlink_stale = sv->opts->unlink,
	};

	if (how.path == NULL)
		return 0;
	c->server.loop = sv->rt.loop;
	c->server.log = &sv->rt.report.log;
	c->server.target = target;
	if (control_server_open(&c->server, &how, e) < 0)
		return error_prefix(e, "--control");
	return 0;
}

void
listen_control_close(struct listen_control *c)
{
	control_server_close(&c->server);
}
