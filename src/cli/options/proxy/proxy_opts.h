/*
 * The options about proxies on the way to a target, and the route they make.
 */
#ifndef CLI_OPTIONS_PROXY_PROXY_OPTS_H
#define CLI_OPTIONS_PROXY_PROXY_OPTS_H

#include "cli/core/command_context.h"
#include "cli/options/opt.h"
#include "net/connect.h"
#include "net/endpoint.h"
#include "stream/negotiate/proxy/negotiate_proxy.h"

struct plan;

struct proxy_opts {
	struct opt_list proxies;
	const char *auth_file, *ca_file;
	bool insecure;
	const char *send_header; /* NULL: not given; "": version 1 */
};

/* What --proxy begins with, for completion. */
#define PROXY_WORDS "env socks4:// socks4a:// socks5:// socks5h:// http:// https://"

/* The first rows are for proxies of datagrams, too; these have neither TLS nor a PROXY header. */
enum { N_PROXY_DATAGRAMS = 2, N_PROXY = 5 };

extern const struct opt proxy_rows[N_PROXY];

/* Their long names, for a command's not_in_script. */
#define PROXY_NAMES "proxy", "proxy-auth-file", "proxy-ca-file", "proxy-insecure", "send-proxy"

/* The route that a command keeps until its last connection is made. */
struct proxy_use {
	struct command_context *rt;
	struct proxy_route route; /* n is 0: no proxies */
	struct tls *tls;          /* for proxies with TLS; NULL: none */
	bool connected; /* set by the caller: of datagrams, only those of the target are received */
	bool datagrams; /* the only proxy relays datagrams */
	int send_header; /* version of the PROXY header; 0: none */
	bool shared;     /* the route and its TLS are those of another use */
	/* set by the caller before proxy_use_connect(): how long the proxies, or the header, have on
	 * a connection */
	int64_t handshake_timeout;
};

/* Parses the proxies, and reads the files and, for --proxy env, the environment. A target that
 * no_proxy names has none. Sets the half-close of how (NULL: there is no session) if there is a
 * proxy and none was given. ERROR_USAGE if a proxy cannot be understood, if ep cannot be reached
 * through a proxy, and for an option that needs another; ERROR_LOCAL_IO, ERROR_TLS. The caller
 * calls proxy_use_close() after a failure too. */
int proxy_use_open(struct proxy_use *u, const struct proxy_opts *o, const struct endpoint *ep,
    const struct bind_how *bind, struct session_how *how, struct error *e);
void proxy_use_close(struct proxy_use *u);

/* Fills in the proxies of a plan, whose dial goes to their target: for a connection that is made while the
 * loop goes on. u has to outlive it. */
void proxy_use_plan(struct proxy_use *u, struct plan *plan);

/* Uses the route of other, which outlives u, for ep too: its files are read once. Fails for an ep that
 * cannot be reached through a proxy. */
int proxy_use_share(struct proxy_use *u, const struct proxy_use *other, const struct endpoint *ep,
    const struct bind_how *bind, struct error *e);

/* Sends the PROXY header on s, if one was asked for. alpn and authority: what TLS will ask for inside;
 * NULL: not known. Closes s on failure, and frees it. */
int proxy_use_send_header(const struct proxy_use *u, struct sock *s, const char *alpn,
    const char *authority, struct deadline until, struct error *e);

/* Opens a connection to ep: through the proxies, if there are any. Reports EVENT_PROXY for each. */
int proxy_use_connect(struct proxy_use *u, struct sock **ret_sock, const struct endpoint *ep,
    const struct connect_how *how, struct deadline until, struct error *e);

#endif
