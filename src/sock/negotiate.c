#include <stdio.h>

#include "base/error.h"
#include "sock/impl.h"
#include "sock/wait.h"
#include "stream/negotiate/negotiation.h"
#include "stream/stream.h"

/* "tls 127.0.0.1:443", for messages. */
struct verb {
	char text[SOCKNAME_TEXT_MAX + 16];
};

static struct verb
verb_of(const struct sock *s, const char *name)
{
	char text[SOCKNAME_TEXT_MAX];
	struct sockname peer;
	struct verb v;

	sock_peer(s, &peer);
	snprintf(v.text, sizeof(v.text), "%s %s", name, sockname_format(&peer, text, sizeof(text)));
	return v;
}

static int
prefix(const struct sock *s, const char *name, struct error *e)
{
	const struct verb v = verb_of(s, name);

	return error_prefix(e, "%s", v.text);
}

static int
tell(const struct sock *s, const struct negotiation_chain *c, struct error *e)
{
	*e = *negotiation_error(c);
	return prefix(s, negotiation_name(c), e);
}

/* 0: it is to go on, which after a time-out says itself what has timed out. */
static int
wait_for(struct sock *s, const struct negotiation_chain *c, int want, struct error *e)
{
	const struct wait_limit p = { .until = negotiation_wake_at(c) };
	const struct verb v = verb_of(s, negotiation_name(c));
	struct error err;

	if (sock_wait(s, want == STREAM_WANT_READ ? LOOP_READ : LOOP_WRITE, &p, v.text, &err) ==
		0 ||
	    err.code == ERROR_TIMEOUT)
		return 0;
	/* why it has failed counts more than that the peer could not be told so */
	return negotiation_error(c) != NULL ? tell(s, c, e) : sock_fail(&err, e);
}

static int
run(struct sock *s, struct negotiation_chain *c, struct error *e)
{
	int rc;

	while ((rc = negotiation_step(c)) < -1)
		if (wait_for(s, c, rc, e) == -1)
			return -1;
	return rc == 0 ? 0 : tell(s, c, e);
}

static int
abandon(struct sock *s, const struct error *e)
{
	sock_set_end(s, e->code == ERROR_TIMEOUT ? END_DEADLINE : END_ERROR);
	sock_close(s, NULL);
	return -1;
}

int
sock_give_up(struct sock *s, const char *name, struct error *e)
{
	prefix(s, name, e);
	return abandon(s, e);
}

int
sock_negotiate(struct sock *s, struct negotiation *first, struct deadline until, struct error *e)
{
	struct negotiation_chain c = { .at = first, .top = &s->stream, .until = until };
	int rc = run(s, &c, e);

	negotiation_fini(&c);
	return rc == 0 ? 0 : abandon(s, e);
}
