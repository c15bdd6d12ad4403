#include "cli/options/proxy/proxy_opts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/options/proxy/proxy_env.h"
#include "cli/options/proxy/proxy_login.h"
#include "cli/options/proxy/proxy_url.h"
#include "sock/negotiate.h"
#include "sock/proxy/proxied.h"
#include "sock/sock.h"
#include "stream/negotiate/plan.h"
#include "stream/negotiate/proxy_header/proxy_header.h"
#include "stream/tls.h"

#define AT(field) offsetof(struct proxy_opts, field)

const struct opt proxy_rows[N_PROXY] = {
	{ .name = "proxy",
	    .kind = OPT_LIST,
	    .offset = AT(proxies),
	    .arg = "PROXY",
	    .complete = "proxy",
	    .help = "go through socks4 socks4a socks5 socks5h http https"
		    " ://[USER[:PASSWORD]@]HOST:PORT; repeatable: each is reached through "
		    "the one before; env: $ALL_PROXY, $NO_PROXY" },
	{ .name = "proxy-auth-file",
	    .kind = OPT_TEXT,
	    .offset = AT(auth_file),
	    .arg = "FILE",
	    .complete = "file",
	    /* the proxy, which may be the script itself, is told what the file holds */
	    .reach = REACH_FILE,
	    .help = "logins for the proxies: a line USER:PASSWORD for each --proxy, in their "
		    "order" },
	{ .name = "proxy-ca-file",
	    .kind = OPT_TEXT,
	    .offset = AT(ca_file),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_TRUST,
	    .help = "trust these certificates of https proxies, not the system's" },
	{ .name = "proxy-insecure",
	    .kind = OPT_FLAG,
	    .offset = AT(insecure),
	    .help = "do not verify the certificates of https proxies" },
	{ .name = "send-proxy",
	    .kind = OPT_OPTIONAL_TEXT,
	    .offset = AT(send_header),
	    .arg = "VERSION",
	    .help = "send a header of the PROXY protocol first, of version 1 or 2 (1)" },
};

/* ---- checks ---- */

static int
check_dependent(const struct proxy_opts *o, struct error *e)
{
	const struct {
		bool given;
		const char *name;
	} all[] = {
		{ o->auth_file != NULL, "proxy-auth-file" },
		{ o->ca_file != NULL, "proxy-ca-file" },
		{ o->insecure, "proxy-insecure" },
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].given)
			return error_set(e, ERROR_USAGE, "--%s: only with --proxy", all[i].name);
	return 0;
}

static int
check_proxied_target(const struct endpoint *ep, const struct bind_how *bind, struct error *e)
{
	int proto = bind->type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
	bool known = bind->type == 0 || bind->type == SOCK_STREAM || bind->type == SOCK_DGRAM;

	if (ep->kind != ENDPOINT_INET || ep->host[0] == '\0')
		return error_set(e, ERROR_USAGE, "--proxy: needs a host and a port to connect to");
	if (!known || (bind->proto != 0 && bind->proto != proto))
		return error_set(e, ERROR_USAGE, "--proxy: only with TCP and UDP");
	if (ep->transport == TRANSPORT_DTLS)
		return error_set(e, ERROR_USAGE, "--proxy: not with DTLS");
	return 0;
}

/* Datagrams do not go through the connections of a chain: the proxies before the last would be passed
 * by. */
static int
check_datagram_route(const struct proxy_route *r, struct error *e)
{
	enum proxy_kind kind = r->n > 0 ? r->hops[0].kind : PROXY_SOCKS5;

	if (r->n > 1)
		return error_set(e, ERROR_USAGE, "--proxy: datagrams go through one proxy only");
	if (kind == PROXY_SOCKS5 || kind == PROXY_SOCKS5H)
		return 0;
	return error_set(e, ERROR_USAGE, "--proxy: datagrams need socks5:// or socks5h://");
}

static int
read_version(const struct proxy_opts *o, int *ret_version, struct error *e)
{
	const char *text = o->send_header;

	*ret_version = 0;
	if (text == NULL)
		return 0;
	if (strcmp(text, "") != 0 && strcmp(text, "1") != 0 && strcmp(text, "2") != 0)
		return error_set(e, ERROR_USAGE, "--send-proxy: '%s' is not 1 or 2", text);
	*ret_version = text[0] == '2' ? 2 : 1;
	return 0;
}

static int
check_stream_header(const struct bind_how *bind, struct error *e)
{
	return bind->type == 0 || bind->type == SOCK_STREAM
	    ? 0
	    : error_set(e, ERROR_USAGE, "--send-proxy: needs a stream");
}

/* ---- the route ---- */

static int
add_hop(struct proxy_use *u, const char *url, struct error *e)
{
	struct proxy_hop *hop = &u->route.hops[u->route.n];

	if (proxy_url_parse(url, hop, e) < 0)
		return error_prefix(e, "--proxy");
	if (u->route.n > 0 && hop->ep.kind != ENDPOINT_INET)
		return error_set(e, ERROR_USAGE,
		    "--proxy: a unix socket can only be the first proxy");
	u->route.n++;
	return 0;
}

static int
add_from_environment(struct proxy_use *u, const struct endpoint *ep, struct error *e)
{
	const char *url = proxy_env_url();

	if (url == NULL) {
		log_line(&u->rt->report.log, LOG_VERBOSE, "no proxy: ALL_PROXY is not set");
		return 0;
	}
	if (proxy_env_excludes(ep->host)) {
		log_line(&u->rt->report.log, LOG_VERBOSE, "no proxy for %s: NO_PROXY names it",
		    ep->host);
		return 0;
	}
	return add_hop(u, url, e);
}

static int
add_hops(struct proxy_use *u, const struct proxy_opts *o, const struct endpoint *ep,
    struct error *e)
{
	u->route.hops = calloc(o->proxies.n, sizeof(*u->route.hops));
	if (u->route.hops == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < o->proxies.n; i++) {
		if (strcmp(o->proxies.items[i], "env") != 0) {
			if (add_hop(u, o->proxies.items[i], e) < 0)
				return -1;
		} else if (o->proxies.n > 1) {
			return error_set(e, ERROR_USAGE, "--proxy: env is not part of a chain");
		} else if (add_from_environment(u, ep, e) < 0) {
			return -1;
		}
	}
	return 0;
}

/* ---- TLS to proxies ---- */

static bool
has_https(const struct proxy_route *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->hops[i].kind == PROXY_HTTPS)
			return true;
	return false;
}

static int
open_proxy_tls(struct proxy_use *u, const struct proxy_opts *o, struct error *e)
{
	const struct file_wait wait = command_context_file_wait(u->rt);
	const struct tls_how how = {
		.role = TLS_CLIENT,
		.advice = TLS_ADVICE_PROXY,
		.ca_file = o->ca_file,
		.insecure = o->insecure,
		.system_file = proxy_env_value("SSL_CERT_FILE"),
		.system_path = proxy_env_value("SSL_CERT_DIR"),
		.keylog_file = proxy_env_value("SSLKEYLOGFILE"),
		.wait = &wait,
	};

	if (tls_open(&u->tls, &how, e) < 0)
		return -1;
	if (o->insecure)
		log_line(&u->rt->report.log, LOG_NOTE,
		    "proxy: the certificates of proxies are not checked (--proxy-insecure)");
	for (size_t i = 0; i < u->route.n; i++)
		u->route.hops[i].tls = u->tls;
	return 0;
}

/* ---- life ---- */

static int
open_route(struct proxy_use *u, const struct proxy_opts *o, const struct endpoint *ep,
    struct error *e)
{
	const struct file_wait wait = command_context_file_wait(u->rt);

	if (add_hops(u, o, ep, e) < 0 || (u->datagrams && check_datagram_route(&u->route, e) < 0))
		return -1;
	if (o->auth_file != NULL &&
	    proxy_login_read(o->auth_file, &wait, u->route.hops, u->route.n, e) < 0)
		return error_prefix(e, "--proxy-auth-file");
	if (has_https(&u->route))
		return open_proxy_tls(u, o, e);
	if ((o->ca_file != NULL || o->insecure) && strcmp(o->proxies.items[0], "env") != 0)
		return error_set(e, ERROR_USAGE, "--proxy-%s: no proxy has https://",
		    o->insecure ? "insecure" : "ca-file");
	return 0;
}

int
proxy_use_open(struct proxy_use *u, const struct proxy_opts *o, const struct endpoint *ep,
    const struct bind_how *bind, struct session_how *how, struct error *e)
{
	if (read_version(o, &u->send_header, e) < 0 ||
	    (u->send_header != 0 && check_stream_header(bind, e) < 0))
		return -1;
	if (o->proxies.n == 0)
		return check_dependent(o, e);
	u->datagrams = bind->type == SOCK_DGRAM;
	if (check_proxied_target(ep, bind, e) < 0 || open_route(u, o, ep, e) < 0)
		return -1;
	if (how != NULL && u->route.n > 0 && how->rules.half_close < 0)
		how->rules.half_close = PROXY_HALF_CLOSE;
	return 0;
}

int
proxy_use_share(struct proxy_use *u, const struct proxy_use *other, const struct endpoint *ep,
    const struct bind_how *bind, struct error *e)
{
	if (other->route.n > 0 && check_proxied_target(ep, bind, e) < 0)
		return -1;
	u->route = other->route;
	u->send_header = other->send_header;
	u->shared = true;
	return 0;
}

void
proxy_use_close(struct proxy_use *u)
{
	if (!u->shared && u->route.hops != NULL)
		explicit_bzero(u->route.hops, u->route.n * sizeof(*u->route.hops));
	if (!u->shared)
		free(u->route.hops);
	tls_close(u->tls);
	*u = (struct proxy_use){ .rt = u->rt,
		.connected = u->connected,
		.handshake_timeout = u->handshake_timeout };
}

/* SNI has no addresses (RFC 6066, 3). */
static const char *
name_or_null(const char *host)
{
	unsigned char address[16];

	return host == NULL || strchr(host, ':') != NULL || inet_pton(AF_INET, host, address) == 1
	    ? NULL
	    : host;
}

/* Through proxies, only the last of them knows from where the target sees the connection. */
int
proxy_use_send_header(const struct proxy_use *u, struct sock *s, const char *alpn,
    const char *authority, struct deadline until, struct error *e)
{
	static const struct proxy_header unknown = { .local = true };
	const struct plan plan = { .send_header = { .version = u->send_header,
				       .header = u->route.n > 0 ? &unknown : NULL,
				       .alpn = alpn,
				       .authority = name_or_null(authority) } };
	struct negotiation *first;

	if (plan_is_empty(&plan))
		return 0;
	until = deadline_min(until, deadline_in(u->handshake_timeout));
	if (plan_chain(&first, &plan, e) == 0 && sock_negotiate(s, first, until, e) == 0)
		return 0;
	sock_free(s);
	return -1;
}

static void
report_proxy(void *arg, const struct proxy_hop *hop, const struct proxy_target *target)
{
	const struct proxy_use *u = arg;
	char proxy[PROXY_TEXT_MAX], text[PROXY_TEXT_MAX];
	const struct field values[] = {
		EVENT_TEXT(proxy_format(hop, proxy, sizeof(proxy))),
		EVENT_TEXT(proxy_target_format(target, text, sizeof(text))),
	};

	report_event(&u->rt->report, EVENT_PROXY, values);
}

void
proxy_use_plan(struct proxy_use *u, struct plan *plan)
{
	if (u->route.n == 0)
		return;
	plan->proxies.route = &u->route;
	plan->proxies.on_agreed = report_proxy;
	plan->proxies.arg = u;
}

int
proxy_use_connect(struct proxy_use *u, struct sock **ret_sock, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, struct error *e)
{
	const struct log *log = &u->rt->report.log;
	const struct proxied_how proxied = {
		.connect = how,
		.proxies = { .route = &u->route,
		    .datagrams = u->datagrams,
		    .on_agreed = report_proxy,
		    .arg = u },
		.connected = u->connected,
		.handshake_timeout = u->handshake_timeout,
		.log = log,
	};

	if (u->route.n == 0)
		return sock_open_connected(ret_sock, u->rt->loop, ep, how, until, log, e);
	return sock_open_proxied(ret_sock, u->rt->loop, ep, &proxied, until, e);
}
