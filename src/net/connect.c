#include "net/connect.h"

#include "base/error.h"
#include "loop/loop.h"
#include "net/bind.h"
#include "net/connect/connector.h"

static int
copy_error(struct error *e, const struct error *from)
{
	if (e != NULL)
		*e = *from;
	return -1;
}

static void
set_done(void *arg)
{
	*(bool *)arg = true;
}

int
connect_open(struct loop *l, const struct endpoint *ep, const struct connect_how *how,
    struct deadline until, const struct log *log, int *ret_fd, struct sockname *ret_peer,
    struct error *e)
{
	bool done = false;
	const struct connector_how ch = {
		.loop = l,
		.endpoint = ep,
		.connect = how,
		.until = until,
		.log = log,
		.done = set_done,
		.arg = &done,
	};
	struct connector *c;
	struct error err;
	int rc;

	if (connector_open(&c, &ch, &err) != 0)
		return copy_error(e, &err);
	connector_start(c);
	rc = done ? 1 : loop_run(l, &done, deadline_never(), &err);
	if (rc > 0)
		rc = connector_result(c, ret_fd, ret_peer, &err);
	connector_close(c);
	return rc == 0 ? 0 : copy_error(e, &err);
}

int
connect_socket(struct loop *l, const struct bind_how *how, int family, const struct sockname *peer,
    int *ret_fd, struct error *e)
{
	struct bind_source source;
	struct error err;
	unsigned port = 0;
	int rc;

	if (bind_source_open(&source, l, how, family, deadline_never(), NULL, &err) != 0)
		return copy_error(e, &err);
	rc = bind_source_socket(&source, family, peer, &port, ret_fd, &err);
	bind_source_close(&source);
	return rc == 0 ? 0 : copy_error(e, &err);
}
