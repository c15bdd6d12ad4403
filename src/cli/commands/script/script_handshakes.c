#include "cli/commands/script/script_handshakes.h"

#include <stdlib.h>

#include "base/error.h"
#include "cli/commands/script/script_call.h"
#include "script/context.h"
#include "script/handshakes.h"
#include "script/script.h"

/* What the handshakes need during their life. */
struct handshake_state {
	void *values;              /* a reference */
	struct command_context rt; /* only for its messages */
	struct tls_use use;
	struct websocket_use websocket;
};

static void
free_state(void *arg)
{
	struct handshake_state *k = arg;

	tls_use_close(&k->use);
	script_call_drop(k->values);
	free(k);
}

static void
format_peer(const struct sock *s, char peer[SOCKNAME_TEXT_MAX])
{
	struct sockname name;

	sock_peer(s, &name);
	sockname_format(&name, peer, SOCKNAME_TEXT_MAX);
}

static void
on_handshake_done(void *arg, const struct sock *s, const struct tls_info *info)
{
	const struct handshake_state *k = arg;
	char peer[SOCKNAME_TEXT_MAX];

	format_peer(s, peer);
	tls_opts_report_handshake(&k->rt.report, 0, peer, info);
}

static void
on_dialogue_line(void *arg, const struct sock *s, char who, const char *text)
{
	const struct handshake_state *k = arg;
	char peer[SOCKNAME_TEXT_MAX];

	format_peer(s, peer);
	log_line(&k->rt.report.log, LOG_VERBOSE, "starttls %s: %c %s", peer, who, text);
}

/* The connection goes on, and the script fails at its end. */
static void
on_session_lost(void *arg, const struct error *e)
{
	script_note_background(arg, NULL, e);
}

static struct handshake_state *
new_state(struct script *sc, const struct script_handshakes_how *how)
{
	struct handshake_state *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->values = script_call_hold(how->values);
	k->use.rt = &k->rt;
	k->use.type = how->type;
	k->use.lost = on_session_lost;
	k->use.lost_arg = sc;
	command_context_borrow(&k->rt, script_how(sc)->loop, script_how(sc)->log);
	return k;
}

static int
open_state(struct handshake_state *k, const struct script_handshakes_how *how,
    struct session_how *ret_how, struct error *e)
{
	const struct log own = k->rt.report.log;
	int rc;

	if (how->quiet && !log_on(&own, LOG_VERBOSE))
		k->rt.report.log.fn = log_discard;
	rc = tls_use_open(&k->use, how->tls, how->role, how->endpoint, ret_how, e);
	k->rt.report.log = own;
	if (rc == 0 && how->websocket != NULL)
		websocket_opts_how(how->websocket, how->endpoint, how->data, &k->websocket,
		    ret_how);
	return rc;
}

static struct handshakes *
handshakes_of(struct handshake_state *k, const struct session_how *session,
    const struct script_handshakes_how *made)
{
	const struct handshakes_how how = {
		.tls = { .tls = session->plan.tls.tls,
		    .name = session->plan.tls.name,
		    .protocol = session->plan.starttls.protocol,
		    .datagrams = k->use.type == SOCK_DGRAM,
		    .on_message = on_dialogue_line,
		    .arg = k },
		.websocket = session->plan.websocket,
		.timeout = made->timeout,
		.server = made->role == TLS_SERVER,
		.secured = on_handshake_done,
		.free = free_state,
		.arg = k,
	};

	return handshakes_new(&how);
}

int
script_handshakes_make(struct script *sc, const struct script_handshakes_how *how,
    struct handshakes **ret_handshakes, struct error *e)
{
	struct handshake_state *k = new_state(sc, how);
	struct session_how session = { 0 };
	int rc;

	*ret_handshakes = NULL;
	if (k == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	rc = open_state(k, how, &session, e);
	if (rc == -1 || plan_is_empty(&session.plan)) {
		free_state(k);
		return rc;
	}
	*ret_handshakes = handshakes_of(k, &session, how);
	return *ret_handshakes == NULL ? error_set(e, ERROR_INTERNAL, "out of memory") : 0;
}
