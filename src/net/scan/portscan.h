/*
 * Which of many ports answer: connects to all of them in parallel, a bounded
 * number at once, and reports each verdict as it falls.
 */
#ifndef NET_SCAN_PORTSCAN_H
#define NET_SCAN_PORTSCAN_H

#include <stdint.h>

#include "net/connect.h"

struct resolved;

/* From the best to know to the least. PORT_ERROR is no verdict: this host failed. */
enum port_verdict { PORT_OPEN, PORT_CLOSED, PORT_FILTERED, PORT_ERROR };

/* What the outcome of a connect(2) says of the port; 0 is open. */
enum port_verdict port_verdict(int errnum);

struct portscan_result {
	size_t index; /* of the port, or of the address */
	uint16_t port;
	enum port_verdict verdict;
	int64_t nsec;         /* from the first packet to the verdict */
	struct sockname peer; /* the address tried */
	int errnum;           /* why not open; 0 for open, ETIMEDOUT for no answer */
};

struct portscan_how {
	struct bind_how bind;
	int64_t connect_timeout; /* per port; DURATION_NONE: 2 s */
	unsigned parallel;       /* 0: as many as descriptors allow, 512 at most */
	int64_t delay;           /* between starts; 0: none */
};

/* A unix socket is one port, 0: open where somebody listens.
 *
 * Tries every port of ep.port on the addresses of ep.host in order until it is
 * open on one; else it is closed where one refused, filtered where none answered,
 * and PORT_ERROR where this host could ask none. fn is called once a port, in the
 * order of ports; it returns -1 to stop. *ret_open counts the open ones. A socket
 * that cannot be made or bound is no verdict but fails the scan; where memory,
 * descriptors or ports are short, fewer ports are asked at once. */
int portscan(struct loop *l, const struct endpoint *ep, const struct portscan_how *how,
    struct deadline until,
    int (*fn)(void *arg, const struct portscan_result *result, struct error *e), void *arg,
    unsigned *ret_open, struct error *e);

/* The same for n addresses, each with its own port: one verdict an address, in their order. Where no
 * socket can be made for one, that is its verdict: PORT_FILTERED for a family that this host lacks. */
int portscan_addresses(struct loop *l, const struct resolved *list, size_t n,
    const struct portscan_how *how, struct deadline until,
    int (*fn)(void *arg, const struct portscan_result *result, struct error *e), void *arg,
    unsigned *ret_open, struct error *e);

/* "open" "closed" "filtered" "error" */
const char *port_verdict_word(enum port_verdict verdict);

#endif
