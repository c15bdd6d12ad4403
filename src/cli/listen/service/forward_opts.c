#include "cli/listen/service/forward_opts.h"

#include <stddef.h>

#include "base/error.h"

const struct opt forward_rows[] = {
	{ .name = "forward",
	    .kind = OPT_LIST,
	    .offset = offsetof(struct forward_opts, forward),
	    .arg = "ADDRESS",
	    .complete = "host",
	    .help = "connect each client to ADDRESS; several take turns" },
	{ .name = "proxy-server",
	    .kind = OPT_CHOICE,
	    .offset = offsetof(struct forward_opts, proxy_server),
	    .arg = "KIND",
	    .choices = "http socks",
	    .help = "connect each client where it asks to, as this kind of proxy: http socks" },
	{ .name = "proxy-users",
	    .kind = OPT_TEXT,
	    .offset = offsetof(struct forward_opts, proxy_users),
	    .arg = "FILE",
	    .complete = "file",
	    .reach = REACH_FILE,
	    .help = "clients of the proxy need a NAME:PASSWORD that is a line of FILE" },
	{ .name = "proxy-auth",
	    .kind = OPT_CHOICE,
	    .offset = offsetof(struct forward_opts, proxy_auth),
	    .arg = "KIND",
	    .choices = "any basic digest",
	    .help = "how clients of the HTTP proxy say who they are: any basic digest (any)" },
	{ .name = "plain-methods",
	    .kind = OPT_FLAG,
	    .offset = offsetof(struct forward_opts, plain_methods),
	    .help =
		"the HTTP proxy serves CONNECT, GET, HEAD and POST alone (405), and a target that "
		"cannot be reached is 504" },
	{ .name = "allow-target",
	    .kind = OPT_LIST,
	    .offset = offsetof(struct forward_opts, allow_target),
	    .arg = "WHAT",
	    .complete = "host",
	    .help = "the proxy connects only to these: an address, CIDR, A-B, host, *.DOMAIN or "
		    "@FILE" },
	{ .name = "deny-target",
	    .kind = OPT_LIST,
	    .offset = offsetof(struct forward_opts, deny_target),
	    .arg = "WHAT",
	    .complete = "host",
	    .help = "the proxy connects to none of these; wins over --allow-target" },
	{ .name = "connect-timeout",
	    .letter = 'w',
	    .kind = OPT_DURATION,
	    .offset = offsetof(struct forward_opts, connect),
	    .arg = "DUR",
	    .help = "limit the time to connect for a client (10s)" },
};

void
forward_opts_defaults(struct forward_opts *o)
{
	o->connect = -1;
	o->proxy_server = o->proxy_auth = -1;
}

int
forward_opts_check(const struct forward_opts *o, struct error *e)
{
	const char *option = o->proxy_users != NULL ? "--proxy-users"
	    : o->allow_target.n > 0                 ? "--allow-target"
	    : o->deny_target.n > 0                  ? "--deny-target"
						    : NULL;

	if (o->proxy_server < 0 && option != NULL)
		return error_set(e, ERROR_USAGE, "%s: needs --proxy-server", option);
	if (o->proxy_auth >= 0 && (o->proxy_users == NULL || o->proxy_server != PROXY_SERVER_HTTP))
		return error_set(e, ERROR_USAGE,
		    "--proxy-auth: needs --proxy-server http and --proxy-users");
	if (o->plain_methods && o->proxy_server != PROXY_SERVER_HTTP)
		return error_set(e, ERROR_USAGE, "--plain-methods: needs --proxy-server http");
	if (o->proxy_server < 0 && o->forward.n == 0 && o->connect >= 0)
		return error_set(e, ERROR_USAGE,
		    "--connect-timeout: needs --forward or --proxy-server");
	return 0;
}
