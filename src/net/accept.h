/*
 * The meaning of each error of accept(2), for every place that accepts.
 */
#ifndef NET_ACCEPT_H
#define NET_ACCEPT_H

struct error;

enum accept_verdict {
	ACCEPT_WOULD_BLOCK, /* no client is waiting */
	ACCEPT_RETRY,       /* this client is gone; call accept again at once */
	ACCEPT_SHORTAGE,    /* out of descriptors or memory: retry later, the client waits */
	ACCEPT_GONE,        /* the socket does not listen and never will again */
	/* any other error: retry later, so that a permanent error does not spin */
	ACCEPT_FAILED
};

/* Classifies an errno of accept(2); see its sections "Errors" and "Error handling". */
enum accept_verdict accept_verdict(int errnum);

/* Classifies a failure of sys_accept(). ERROR_INTERNAL is ACCEPT_SHORTAGE. */
enum accept_verdict accept_verdict_of(const struct error *e);

#endif
