#include "cli/commands/script/listen_script.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/commands/script/script_call.h"
#include "cli/commands/script/script_handshakes.h"
#include "cli/core/cmd.h"
#include "cli/listen/listen_socket.h"
#include "cli/options/address_args.h"
#include "cli/options/report_opts.h"
#include "script/context.h"
#include "script/error.h"
#include "script/handle.h"
#include "script/handshakes.h"
#include "script/script.h"
#include "tcl/interp.h"

struct script_listener {
	struct command_context rt;
	const struct listen_opts *opts;
	struct sock *listener;
	struct deadline until;
};

/* The script decides what clients get. */
const char *const listen_not_in_script[] = {
	"dtls",
	"netns",
	"keep-open",
	"echo",
	"discard",
	"script",
	"allow-exec",
	"allow-files",
	"allow-env",
	"broker",
	"chat",
	"send",
	"sh",
	"exec-stderr",
	"pty",
	"max-clients",
	"max-children",
	"refuse",
	FORWARD_NAMES,
	PROXY_NAMES,
	"idle-timeout",
	"after-eof",
	ACCESS_NAMES,
	SUITE_NAMES,
	SERVER_NAMES,
	DATA_NAMES,
	REPORT_NAMES,
	NULL,
};

/* Refuses options of connections, which would be lost: each accepted client has its own socket. */
static int
check_settings(const struct bind_how *bind, struct error *e)
{
	for (size_t i = 0; i < bind->n_settings; i++)
		if (bind->settings[i].phase == PHASE_CONNECTED)
			return error_set(e, ERROR_USAGE,
			    "--sockopt: '%s' is of a connection: set it there, with setsockopt",
			    bind->settings[i].opt != NULL ? bind->settings[i].opt->name
							  : "LEVEL:NUMBER");
	return 0;
}

/* Makes what is negotiated with clients; NULL: nothing. */
static int
make_handshakes(const struct script_listener *sv, const struct endpoint *ep, struct script *sc,
    struct handshakes **ret_handshakes, struct error *e)
{
	const struct script_handshakes_how how = { .values = (void *)sv->opts,
		.tls = &sv->opts->tls,
		.websocket = &sv->opts->websocket,
		.data = &sv->opts->data,
		.role = TLS_SERVER,
		.endpoint = ep,
		.timeout = time_opts_handshake(&sv->opts->time, NEGOTIATION_TIMEOUT),
		.quiet = true };

	return script_handshakes_make(sc, &how, ret_handshakes, e);
}

static int
open_listener(struct script_listener *sv, const struct endpoint *ep, const struct bind_how *bind,
    struct error *e)
{
	const struct listen_socket_how how = { .rt = &sv->rt,
		.opts = sv->opts,
		.until = sv->until,
		.endpoint = ep,
		.bind = bind };

	if (listen_socket_open(&how, &sv->listener, e) < 0)
		return -1;
	if (sock_settimeout(sv->listener, sv->opts->time.accept, e) == 0 &&
	    listen_socket_announce(&sv->rt, sv->opts, sv->listener, e) == 0)
		return 0;
	sock_free(sv->listener);
	return -1;
}

static int
listen_for_script(struct script_listener *sv, const struct opt_rest *rest, struct script *sc,
    struct handshakes **ret_handshakes, struct error *e)
{
	struct target t;
	int rc;

	if (listen_opts_parse_target(sv->opts, rest, &t, e) < 0)
		return -1;
	rc = script_check_endpoint(sc, &t.ep, e);
	if (rc == 0)
		rc = tls_opts_check_script(&sv->opts->tls, &t.ep, t.bind.type, e);
	if (rc == 0)
		rc = check_settings(&t.bind, e);
	if (rc == 0)
		rc = make_handshakes(sv, &t.ep, sc, ret_handshakes, e);
	if (rc == 0)
		rc = open_listener(sv, &t.ep, &t.bind, e);
	target_fini(&t);
	return rc;
}

int
listen_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	struct script *sc = script_of(in);
	const struct script_how *how = script_how(sc);
	struct script_listener sv = { .opts = values };
	struct handshakes *handshakes = NULL;
	struct error e = { 0 };
	int code;

	command_context_borrow(&sv.rt, how->loop, how->log);
	/* a script asks for the port that the kernel chose; only -v reports it */
	if (!log_on(&sv.rt.report.log, LOG_VERBOSE))
		sv.rt.report.log.fn = log_discard;
	sv.until = deadline_in(sv.opts->time.total);
	if (listen_for_script(&sv, rest, sc, &handshakes, &e) == 0)
		code = script_call_return_sock(in, sv.listener, handshakes, NULL);
	else
		code = script_call_fail(in, values, &e);
	handshakes_drop(handshakes);
	return code;
}
