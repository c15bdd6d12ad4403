/*
 * What each error of accept(2) means: one table for every place that accepts.
 */
#ifndef NET_ACCEPT_H
#define NET_ACCEPT_H

struct error;

enum accept_verdict {
	ACCEPT_WOULD_BLOCK, /* no client is there */
	ACCEPT_RETRY,       /* this client is gone already, the next one may be there: at once */
	ACCEPT_SHORTAGE,    /* of descriptors or memory: later, the client waits */
	ACCEPT_GONE,        /* the socket does not listen, and never will again */
	ACCEPT_FAILED       /* anything else: later, so that an error that stays does not spin */
};

/* accept(2), "Errors" and "Error handling". */
enum accept_verdict accept_verdict(int errnum);

/* The same for a failure; ACCEPT_SHORTAGE for "out of memory" of our own. */
enum accept_verdict accept_verdict_of(const struct error *e);

#endif
