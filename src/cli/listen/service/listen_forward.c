#include "cli/listen/service/listen_forward.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "cli/listen/listen_serve.h"
#include "cli/options/address_args.h"
#include "cli/options/proxy/proxy_opts.h"
#include "relay/dial/forward.h"

/* What one target keeps until the last session has ended. */
struct target_use {
	struct target target;
	struct connect_how connect;
	struct tls_opts tls_opts;
	struct tls_use tls;
	struct proxy_use proxy;
};

struct listen_forward {
	struct forward forward;
	struct session_dialler dialler;
	struct target_use *uses;
	size_t n_uses; /* with something to free */
};

static int
parse_forward_target(struct target_use *u, const char *word, struct error *e)
{
	char *operands[] = { (char *)word };
	const struct opt_rest rest = { .operands = operands, .n_operands = 1 };
	struct bind_opts bind = { 0 };

	bind_opts_defaults(&bind);
	if (address_args_endpoint(&rest, false, &u->target.ep, e) < 0 ||
	    target_bind(&u->target, &bind, e) < 0)
		return -1;
	if (u->target.ep.kind == ENDPOINT_FD || u->target.ep.kind == ENDPOINT_CAN)
		error_set(e, ERROR_USAGE, "'%s': clients cannot be connected to this", word);
	else if (address_args_check_port(&rest, &u->target.ep, &u->target.bind, e) == 0)
		return 0;
	target_fini(&u->target);
	return -1;
}

/* Sets what is negotiated with the target, and how late it is half-closed: a target with TLS, and proxies,
 * may end the connection when that comes (docs/decisions/009, 034). */
static int
open_target_tls(struct target_use *u, struct listen_server *sv, struct forward_target *t,
    struct error *e)
{
	const struct time_opts time = { .handshake = sv->opts->time.handshake,
		.connect = u->connect.connect_timeout };
	struct session_how chosen = { .rules.half_close = sv->opts->data.half_close_after };

	tls_opts_defaults(&u->tls_opts);
	u->tls.rt = &sv->rt;
	u->tls.type = u->target.bind.type;
	u->tls.advice = TLS_ADVICE_ENVIRONMENT;
	if (tls_use_open(&u->tls, &u->tls_opts, TLS_CLIENT, &u->target.ep, &chosen, e) < 0)
		return -1;
	t->how.plan = chosen.plan;
	t->how.handshake_timeout = time_opts_handshake(&time, NEGOTIATION_TIMEOUT);
	t->half_close = chosen.rules.half_close > 0 ? chosen.rules.half_close : 0;
	return 0;
}

/* Every target has the same proxies, whose files are read once; the environment may leave one out. */
static int
open_target_proxy(struct target_use *u, struct listen_server *sv, struct forward_target *t,
    struct error *e)
{
	const struct proxy_opts *o = &sv->opts->proxy;
	struct session_how chosen = { .rules.half_close = sv->opts->data.half_close_after };
	bool env = o->proxies.n > 0 && strcmp(o->proxies.items[0], "env") == 0;
	const struct target_use *first = sv->forward->uses;
	struct plan *plan = &t->how.plan;
	int rc;

	u->proxy.rt = &sv->rt;
	if (u->target.bind.type != SOCK_STREAM && o->proxies.n > 0)
		return error_set(e, ERROR_USAGE, "--proxy: not for datagrams that are forwarded");
	rc = u == first || env
	    ? proxy_use_open(&u->proxy, o, &u->target.ep, &u->target.bind, &chosen, e)
	    : proxy_use_share(&u->proxy, &first->proxy, &u->target.ep, &u->target.bind, e);
	if (rc < 0)
		return -1;
	proxy_use_plan(&u->proxy, plan);
	plan->send_header.version = u->proxy.send_header;
	plan->send_header.authority = plan->tls.tls != NULL ? plan->tls.name : NULL;
	if (u->proxy.route.n > 0 && sv->opts->data.half_close_after < 0)
		t->half_close = PROXY_HALF_CLOSE;
	return 0;
}

static int
add_target(struct listen_server *sv, const char *word, struct error *e)
{
	struct listen_forward *lf = sv->forward;
	struct target_use *u = &lf->uses[lf->n_uses];
	struct forward_target *t = &lf->forward.targets[lf->n_uses];
	int64_t timeout = sv->opts->forward.connect;

	if (parse_forward_target(u, word, e) < 0)
		return error_prefix(e, "--forward");
	lf->n_uses++;
	u->connect = (struct connect_how){
		.bind = u->target.bind,
		.connect_timeout = timeout >= 0 ? timeout : FORWARD_CONNECT_TIMEOUT,
	};
	t->how.endpoint = &u->target.ep;
	t->how.connect = &u->connect;
	endpoint_format(&u->target.ep, t->name, sizeof(t->name));
	if (open_target_tls(u, sv, t, e) < 0)
		return error_prefix(e, "--forward %s", word);
	return open_target_proxy(u, sv, t, e);
}

static int
add_targets(struct listen_server *sv, struct error *e)
{
	const struct opt_list *words = &sv->opts->forward.forward;
	struct listen_forward *lf = sv->forward;

	lf->uses = calloc(words->n, sizeof(*lf->uses));
	lf->forward.targets = calloc(words->n, sizeof(*lf->forward.targets));
	if (lf->uses == NULL || lf->forward.targets == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < words->n; i++)
		if (add_target(sv, words->items[i], e) < 0)
			return -1;
	lf->forward.n = words->n;
	return 0;
}

int
listen_forward_set_up(struct listen_server *sv, struct error *e)
{
	struct listen_forward *lf = sv->forward = calloc(1, sizeof(*lf));

	if (lf == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (add_targets(sv, e) < 0)
		return -1;
	lf->forward.loop = sv->rt.loop;
	lf->forward.log = &sv->rt.report.log;
	lf->forward.until = sv->until;
	lf->forward.shortage = &sv->shortage;
	lf->dialler = forward_dialler(&lf->forward);
	session_opts_connect(&sv->how, &lf->dialler);
	return 0;
}

/* ---- streams and datagrams ---- */

static int
fail_stream_target(const char *word, struct error *e)
{
	error_set(e, ERROR_USAGE, "--forward: '%s': datagrams cannot be forwarded to a stream",
	    word);
	return error_hint(e,
	    "a program for each sender does it: --framing len16 -- usock connect HOST PORT");
}

static int
fail_datagram_target(const char *word, struct error *e)
{
	error_set(e, ERROR_USAGE, "--forward: '%s': a stream cannot be forwarded to datagrams",
	    word);
	return error_hint(e,
	    "a program for each client does it: -- usock connect -u --framing len16 HOST PORT");
}

int
listen_forward_check(const struct listen_server *sv, int type, struct error *e)
{
	const struct listen_forward *lf = sv->forward;

	if (lf == NULL)
		return 0;
	if (type != SOCK_STREAM && type != SOCK_DGRAM)
		return error_set(e, ERROR_USAGE, "--forward: only with streams and datagrams");
	for (size_t i = 0; i < lf->n_uses; i++) {
		const char *word = sv->opts->forward.forward.items[i];

		if (lf->uses[i].target.bind.type == type)
			continue;
		return type == SOCK_DGRAM ? fail_stream_target(word, e)
					  : fail_datagram_target(word, e);
	}
	return 0;
}

struct forward *
listen_forward_targets(const struct listen_server *sv)
{
	return sv->forward != NULL ? &sv->forward->forward : NULL;
}

void
listen_forward_fini(struct listen_server *sv)
{
	struct listen_forward *lf = sv->forward;

	if (lf == NULL)
		return;
	for (size_t i = lf->n_uses; i-- > 0;) {
		proxy_use_close(&lf->uses[i].proxy);
		tls_use_close(&lf->uses[i].tls);
		target_fini(&lf->uses[i].target);
	}
	free(lf->forward.targets);
	free(lf->uses);
	free(lf);
	sv->forward = NULL;
}
