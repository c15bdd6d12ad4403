#include "cli/options/websocket_opts.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "cli/options/target.h"
#include "stream/websocket/websocket.h"

/* How long the peer has to answer our close frame. */
#define CLOSE_TIMEOUT (10 * NSEC_PER_SEC)

#define AT(field) offsetof(struct websocket_opts, field)

#define MESSAGE_ROWS                                                                               \
	{ .name = "subprotocol",                                                                   \
		.kind = OPT_LIST,                                                                  \
		.offset = AT(subprotocols),                                                        \
		.arg = "NAME",                                                                     \
		.help = "WebSocket: agree on this subprotocol, if the peer knows it; several: "    \
			"best first" },                                                            \
	    { .name = "binary",                                                                    \
		    .kind = OPT_FLAG,                                                              \
		    .offset = AT(binary),                                                          \
		    .help = "WebSocket: send binary messages, not text" },                         \
	{                                                                                          \
		.name = "max-message", .kind = OPT_SIZE, .offset = AT(max_message), .arg = "SIZE", \
		.min = 1, .help = "WebSocket: the longest message that is received (16M)"          \
	}

const struct opt connect_websocket_rows[] = {
	{ .name = "header",
	    .kind = OPT_LIST,
	    .offset = AT(headers),
	    .arg = "FIELD",
	    .help = "WebSocket: send \"NAME: VALUE\" with the request" },
	MESSAGE_ROWS,
};

const struct opt listen_websocket_rows[] = {
	{ .name = "ws",
	    .kind = OPT_FLAG,
	    .offset = AT(ws),
	    .help = "speak WebSocket with clients; with --tls, wss" },
	{ .name = "path",
	    .kind = OPT_TEXT,
	    .offset = AT(path),
	    .arg = "RESOURCE",
	    .help = "with --ws: accept requests for this path of the URL only" },
	MESSAGE_ROWS,
};

bool
websocket_opts_is_url(const struct endpoint *ep)
{
	return ep->transport == TRANSPORT_WS || ep->transport == TRANSPORT_WSS;
}

static bool
wants_websocket(const struct websocket_opts *o, const struct endpoint *ep)
{
	return o->ws || websocket_opts_is_url(ep);
}

/* ---- checks ---- */

static int
check_unused(const struct websocket_opts *o, struct error *e)
{
	const char *name = o->path != NULL ? "path"
	    : o->headers.n > 0             ? "header"
	    : o->subprotocols.n > 0        ? "subprotocol"
	    : o->binary                    ? "binary"
	    : o->max_message > 0           ? "max-message"
					   : NULL;

	if (name == NULL)
		return 0;
	return error_set(e, ERROR_USAGE, "--%s: only with WebSocket: ws://, wss:// or listen --ws",
	    name);
}

static int
check_values(const struct websocket_opts *o, struct error *e)
{
	size_t i;

	for (i = 0; i < o->headers.n; i++) {
		if (!websocket_upgrade_is_header(o->headers.items[i]))
			return error_set(e, ERROR_USAGE, "--header: '%.200s' is not NAME: VALUE",
			    o->headers.items[i]);
		if (websocket_upgrade_is_own_header(o->headers.items[i]))
			return error_set(e, ERROR_USAGE,
			    "--header: '%.200s' is up to the handshake", o->headers.items[i]);
	}
	for (i = 0; i < o->subprotocols.n; i++)
		if (!websocket_upgrade_is_subprotocol(o->subprotocols.items[i]))
			return error_set(e, ERROR_USAGE,
			    "--subprotocol: '%.200s' is not a name: up to %d letters, digits and "
			    "signs, without spaces and commas",
			    o->subprotocols.items[i], WEBSOCKET_SUBPROTOCOL_MAX - 1);
	if (o->path != NULL && o->path[0] != '/')
		return error_set(e, ERROR_USAGE, "--path: '%.200s' does not begin with /", o->path);
	return 0;
}

/* A message has no line ends to translate, and a close frame ends both directions. */
static int
check_data(const struct data_opts *d, struct error *e)
{
	const char *name = d->crlf                      ? "crlf"
	    : d->telnet                                 ? "telnet"
	    : d->half_open                              ? "half-open"
	    : d->recv_only && d->half_close_after != -1 ? "half-close"
							: NULL;

	return name != NULL ? error_set(e, ERROR_USAGE, "--%s: not with WebSocket", name) : 0;
}

int
websocket_opts_check(const struct websocket_opts *o, const struct endpoint *ep, int type,
    const struct data_opts *d, struct error *e)
{
	if (!wants_websocket(o, ep))
		return check_unused(o, e);
	type = endpoint_type(ep, type);
	if (type != 0 && type != SOCK_STREAM)
		return error_set(e, ERROR_USAGE, "WebSocket needs a stream, not datagrams");
	if (check_data(d, e) < 0)
		return -1;
	return check_values(o, e);
}

/* ---- settings ---- */

/* A port that is the default of the address is left out (RFC 6455, 4.1). */
static void
format_host(const struct endpoint *ep, struct websocket_use *use)
{
	const char *usual = ep->transport == TRANSPORT_WSS ? "443" : "80";
	bool brackets = strchr(ep->host, ':') != NULL, port = strcmp(ep->port, usual) != 0;

	snprintf(use->host, sizeof(use->host), "%s%s%s%s%s", brackets ? "[" : "", ep->host,
	    brackets ? "]" : "", port ? ":" : "", port ? ep->port : "");
}

static void
set_framing(struct framing *f, bool given)
{
	if (!given)
		f->kind = FRAMING_LINE;
	f->nul_is_whole = false;
	f->bare = true;
}

/* As with TLS, a peer stops sending when it is told of the end, so the close frame waits. */
static void
set_rules(struct ending_rules *rules)
{
	rules->closes_both = true;
	if (rules->half_close < 0)
		rules->half_close = TLS_HALF_CLOSE;
	if (rules->after_eof == DURATION_NONE && !rules->no_half_close &&
	    rules->half_close != DURATION_NONE)
		rules->after_eof = rules->half_close + CLOSE_TIMEOUT;
}

void
websocket_opts_how(const struct websocket_opts *o, const struct endpoint *ep,
    const struct data_opts *d, struct websocket_use *use, struct session_how *how)
{
	bool client = websocket_opts_is_url(ep);

	if (!wants_websocket(o, ep))
		return;
	if (client)
		format_host(ep, use);
	how->plan.websocket = (struct negotiate_websocket_how){
		.role = client ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER,
		.binary = o->binary,
		.max_message = o->max_message > 0 ? o->max_message : WEBSOCKET_MESSAGE_MAX,
		.upgrade = { .host = use->host,
		    .path = client ? ep->resource : o->path,
		    .headers = o->headers.items,
		    .n_headers = o->headers.n,
		    .subprotocols = o->subprotocols.items,
		    .n_subprotocols = o->subprotocols.n },
	};
	set_framing(&how->packets.in, d->framing != NULL);
	set_framing(&how->packets.out, d->framing != NULL);
	how->framed = true;
	set_rules(&how->rules);
}
