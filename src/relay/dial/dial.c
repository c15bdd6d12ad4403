#include "relay/dial/dial.h"

#include "net/connect/connector.h"
#include "net/sockopt/sockopt.h"
#include "net/sys.h"
#include "stream/fd.h"

/* ---- negotiation ---- */

static void
on_dial_negotiated(struct negotiator *g)
{
	struct dial *d = g->arg;
	const struct error *e = negotiator_error(g);
	char peer[SOCKNAME_TEXT_MAX];

	if (e != NULL) {
		d->error = *e;
		error_prefix(&d->error, "%s %s", negotiator_verb(g),
		    sockname_format_short(&d->peer, peer, sizeof(peer)));
		if (e->code == ERROR_TLS)
			error_hint(&d->error,
			    "SSL_CERT_FILE names a file with the issuers that are trusted");
		stream_close(d->stream);
		d->stream = NULL;
	}
	negotiator_stop(g);
	d->done(d);
}

static void
start_dial_negotiation(struct dial *d)
{
	struct negotiator *g = &d->negotiator;

	*g = (struct negotiator){
		.loop = d->loop,
		.chain = { .top = &d->stream,
		    .until = deadline_min(d->until, deadline_in(d->how.handshake_timeout)) },
		.done = on_dial_negotiated,
		.arg = d,
	};
	if (plan_chain(&g->chain.at, &d->how.plan, &d->error) == 0) {
		negotiator_start(g);
		return;
	}
	stream_close(d->stream);
	d->stream = NULL;
	d->done(d);
}

/* ---- connecting ---- */

static void
on_dialled(void *arg)
{
	struct dial *d = arg;
	int fd, rc = connector_result(d->connector, &fd, &d->peer, &d->error);

	connector_close(d->connector);
	d->connector = NULL;
	if (rc == 0) {
		sockopt_send_at_once(fd);
		rc = fd_stream_socket(&d->stream, fd, &d->error);
		if (rc < 0)
			sys_close(fd);
	}
	if (rc == 0 && !plan_is_empty(&d->how.plan))
		start_dial_negotiation(d);
	else
		d->done(d);
}

void
dial_start(struct dial *d)
{
	const struct connector_how how = {
		.loop = d->loop,
		.endpoint = d->how.endpoint,
		.connect = d->how.connect,
		.until = d->until,
		.log = d->log,
		.done = on_dialled,
		.arg = d,
	};

	if (connector_open(&d->connector, &how, &d->error) == 0)
		connector_start(d->connector);
	else
		d->done(d);
}

struct stream *
dial_take(struct dial *d)
{
	struct stream *s = d->stream;

	d->stream = NULL;
	return s;
}

void
dial_stop(struct dial *d)
{
	connector_close(d->connector);
	d->connector = NULL;
	negotiator_stop(&d->negotiator);
	stream_close(d->stream);
	d->stream = NULL;
}
