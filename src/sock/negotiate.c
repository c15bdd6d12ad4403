#include <stdio.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/negotiate.h"
#include "sock/wait.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"

/* "tls 127.0.0.1:443", for messages. */
struct verb {
	char text[SOCKNAME_TEXT_MAX + 16];
};

static struct verb
format_verb(const struct sock *s, const char *name)
{
	char text[SOCKNAME_TEXT_MAX];
	struct sockname peer;
	struct verb v;

	sock_peer(s, &peer);
	snprintf(v.text, sizeof(v.text), "%s %s", name, sockname_format(&peer, text, sizeof(text)));
	return v;
}

static int
add_prefix(const struct sock *s, const char *name, struct error *e)
{
	const struct verb v = format_verb(s, name);

	return error_prefix(e, "%s", v.text);
}

static int
report_failure(const struct sock *s, const struct negotiation_chain *c, struct error *e)
{
	*e = *negotiation_error(c);
	return add_prefix(s, negotiation_name(c), e);
}

/* Returns 0 if the chain should be continued. After a time-out it reports itself what timed
 * out. */
static int
wait_for_chain(struct sock *s, const struct negotiation_chain *c, int want, struct error *e)
{
	const struct wait_limit p = { .until = negotiation_wake_at(c) };
	const struct verb v = format_verb(s, negotiation_name(c));
	struct error err;
	int rc;

	/* a descriptor that is always ready would make this a busy loop */
	if (want == NEGOTIATION_WANT_TIME)
		rc = sock_wait_moment(s, &p, v.text, &err);
	else
		rc = sock_wait(s, want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE, &p, v.text,
		    &err);
	if (rc == 0 || err.code == ERROR_TIMEOUT)
		return 0;
	/* the reason of the failure matters more than that the peer could not be told */
	return negotiation_error(c) != NULL ? report_failure(s, c, e) : sock_fail(&err, e);
}

static int
run_chain(struct sock *s, struct negotiation_chain *c, struct error *e)
{
	int rc;

	while ((rc = negotiation_step(c)) < -1)
		if (wait_for_chain(s, c, rc, e) == -1)
			return -1;
	return rc == 0 ? 0 : report_failure(s, c, e);
}

static int
close_failed(struct sock *s, const struct error *e)
{
	sock_set_end(s, e->code == ERROR_TIMEOUT ? END_DEADLINE : END_ERROR);
	sock_close(s, NULL);
	return -1;
}

int
sock_close_failed(struct sock *s, const char *name, struct error *e)
{
	add_prefix(s, name, e);
	return close_failed(s, e);
}

int
sock_negotiate(struct sock *s, struct negotiation *first, struct deadline until, struct error *e)
{
	struct negotiation_chain c = { .at = first, .top = &s->stream, .until = until };
	int rc = run_chain(s, &c, e);

	negotiation_fini(&c);
	return rc == 0 ? 0 : close_failed(s, e);
}
