#include "script/tls_context.h"

#include <stdlib.h>

#include "script/handle.h"
#include "stream/tls.h"

struct tls_context {
	struct tls_context_how how;
	unsigned refs;
};

struct tls_context *
tls_context_new(const struct tls_context_how *how)
{
	struct tls_context *tc = calloc(1, sizeof(*tc));

	if (tc == NULL) {
		how->free(how->arg);
		return NULL;
	}
	tc->how = *how;
	tc->refs = 1;
	return tc;
}

struct tls_context *
tls_context_hold(struct tls_context *tc)
{
	tc->refs++;
	return tc;
}

void
tls_context_drop(struct tls_context *tc)
{
	if (tc == NULL || --tc->refs > 0)
		return;
	tc->how.free(tc->how.arg);
	free(tc);
}

const struct tls_context_how *
tls_context_how(const struct tls_context *tc)
{
	return &tc->how;
}

int
tls_context_start(struct tls_context *tc, struct sock *s, struct deadline until, struct error *e)
{
	struct tls_info info;

	until = deadline_min(until, deadline_in(tc->how.timeout));
	if (sock_start_tls(s, &tc->how.tls, until, e) == -1)
		return -1;
	if (tc->how.secured != NULL && sock_tls_info(s, &info))
		tc->how.secured(tc->how.arg, s, &info);
	return 0;
}

void
handle_set_tls_context(struct handle *h, struct tls_context *tc)
{
	tls_context_drop(h->tls_context);
	h->tls_context = tc == NULL ? NULL : tls_context_hold(tc);
}
