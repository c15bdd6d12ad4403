#include "script/handshakes.h"

#include <stdlib.h>

#include "script/handle.h"
#include "sock/websocket/websocket.h"
#include "stream/tls.h"

struct handshakes {
	struct handshakes_how how;
	unsigned refs;
};

struct handshakes *
handshakes_new(const struct handshakes_how *how)
{
	struct handshakes *hs = calloc(1, sizeof(*hs));

	if (hs == NULL) {
		if (how->free != NULL)
			how->free(how->arg);
		return NULL;
	}
	hs->how = *how;
	hs->refs = 1;
	return hs;
}

struct handshakes *
handshakes_hold(struct handshakes *hs)
{
	hs->refs++;
	return hs;
}

void
handshakes_drop(struct handshakes *hs)
{
	if (hs == NULL || --hs->refs > 0)
		return;
	if (hs->how.free != NULL)
		hs->how.free(hs->how.arg);
	free(hs);
}

const struct handshakes_how *
handshakes_how(const struct handshakes *hs)
{
	return &hs->how;
}

static int
start_tls(const struct handshakes *hs, struct sock *s, struct deadline until, struct error *e)
{
	struct tls_info info;

	if (sock_start_tls(s, &hs->how.tls, until, e) == -1)
		return -1;
	if (hs->how.secured != NULL && sock_tls_info(s, &info))
		hs->how.secured(hs->how.arg, s, &info);
	return 0;
}

int
handshakes_start(struct handshakes *hs, struct sock *s, struct deadline until, struct error *e)
{
	until = deadline_min(until, deadline_in(hs->how.timeout));
	if (hs->how.tls.tls != NULL && start_tls(hs, s, until, e) == -1)
		return -1;
	return hs->how.websocket.role == WEBSOCKET_NONE
	    ? 0
	    : sock_start_websocket(s, &hs->how.websocket, until, e);
}

void
handle_set_handshakes(struct handle *h, struct handshakes *hs)
{
	handshakes_drop(h->handshakes);
	h->handshakes = hs == NULL ? NULL : handshakes_hold(hs);
}
