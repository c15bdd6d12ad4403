/*
 * Which of several addresses answer: connects to all of them at once and
 * reports each verdict in their order.
 */
#ifndef NET_SCAN_PROBE_H
#define NET_SCAN_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "net/resolve/resolve.h"
#include "net/scan/portscan.h"

struct error;
struct loop;

struct probe_result {
	size_t index; /* of the address */
	enum port_verdict verdict;
	int64_t nsec; /* from the first packet to the verdict */
	int errnum;   /* why not open; 0 for open, ETIMEDOUT for no answer */
};

struct probe_how {
	int type, proto;       /* of the sockets: SOCK_STREAM, 0 */
	int64_t timeout;       /* of each address; DURATION_NONE: 2 s */
	struct deadline until; /* of all */
};

/* fn is called once for each of the n addresses of list, in their order and as soon as that
 * is possible; it returns -1 to stop. An address that no network leads to
 * (no such family, no route) counts as filtered, with the reason, and where this host
 * fails itself it is PORT_ERROR; what is short, as descriptors, is waited for while
 * others are under way. *ret_open counts the
 * open ones. Fails with ERROR_TIMEOUT when until passes, ERROR_SIGNAL, and as fn
 * does. */
int probe(struct loop *l, const struct resolved *list, size_t n, const struct probe_how *how,
    int (*fn)(void *arg, const struct probe_result *result, struct error *e), void *arg,
    size_t *ret_open, struct error *e);

#endif
