/*
 * The dialogue that comes before TLS on a connection that begins without it, on the
 * loop and under a deadline, as relay/handshake is for what follows.
 */
#ifndef RELAY_AGREE_H
#define RELAY_AGREE_H

#include "base/loop.h"
#include "stream/starttls.h"

struct error;
struct stream;

struct agreement {
	/* set by the caller (zeroed before) */
	struct loop *loop;
	struct stream *stream; /* without TLS; stays the caller's */
	struct deadline until;
	enum starttls_protocol protocol;
	const char *host;
	/* as struct starttls has it */
	void (*said)(void *arg, char who, const char *text);
	/* Called once; e is NULL when the handshake may begin, else ERROR_TLS, ERROR_NETWORK,
	 * or ERROR_TIMEOUT at the deadline. */
	void (*done)(struct agreement *a, const struct error *e);
	void *arg;
	/* private */
	struct starttls dialogue;
	struct watch watch;
	struct timer timer;
};

/* Begins; done may be called before this returns. */
void agree_start(struct agreement *a);

/* Gives up; done is not called. Fine before the start, and after the end. */
void agree_stop(struct agreement *a);

#endif
