/*
 * Scans ports: connects to many in parallel, a bounded number at a time, and reports the
 * verdict of each.
 */
#ifndef NET_SCAN_PORTSCAN_H
#define NET_SCAN_PORTSCAN_H

#include <stdint.h>

#include "net/connect.h"

struct resolved;

/* From the most to the least informative. PORT_UNANSWERED: a datagram was neither answered nor
 * refused. PORT_ERROR: this host failed, so there is no verdict. */
enum port_verdict { PORT_OPEN, PORT_UNANSWERED, PORT_CLOSED, PORT_FILTERED, PORT_ERROR };

/* Returns the verdict for the errno of a connect(2); 0 is open. */
enum port_verdict port_verdict(int errnum);

struct portscan_result {
	size_t index; /* of the port, or of the address */
	uint16_t port;
	enum port_verdict verdict;
	int64_t nsec;         /* from the first packet to the verdict */
	struct sockname peer; /* the address tried */
	int errnum;           /* why it is not open; 0 for open, ETIMEDOUT for no answer */
};

struct portscan_how {
	struct bind_how bind;
	int64_t connect_timeout; /* per port; DURATION_NONE: 2 s, of datagrams 3 s */
	unsigned parallel;       /* 0: as many as descriptors allow, at most 512 */
	int64_t delay;           /* between starts; 0: none */
	bool shuffle;            /* the ports in random order */
};

/*
 * Tries each port of ep.port on the addresses of ep.host, in order, until one is open.
 * Otherwise the port is closed when an address refused, filtered when none answered, PORT_ERROR
 * when this host could try none. A unix socket is one port, 0, which is open when a server
 * listens. A port of datagrams gets the byte X twice, and then once a second until the time is up: it
 * is closed when the host refuses one, and counts as open otherwise.
 *
 * Calls fn once per port, in the order of the ports; fn returns -1 to stop. *ret_open is the
 * number of open ports. Fails when a socket cannot be created or bound; when memory,
 * descriptors or ports run short, it tries fewer ports in parallel.
 */
int portscan(struct loop *l, const struct endpoint *ep, const struct portscan_how *how,
    struct deadline until,
    int (*fn)(void *arg, const struct portscan_result *result, struct error *e), void *arg,
    unsigned *ret_open, struct error *e);

/* Scans n addresses, each with its own port, and calls fn once per address, in their order. An
 * address for which no socket can be created gets a verdict: PORT_FILTERED when this host lacks
 * its family. */
int portscan_addresses(struct loop *l, const struct resolved *list, size_t n,
    const struct portscan_how *how, struct deadline until,
    int (*fn)(void *arg, const struct portscan_result *result, struct error *e), void *arg,
    unsigned *ret_open, struct error *e);

/* Returns "open", "open|filtered", "closed", "filtered" or "error". */
const char *port_verdict_word(enum port_verdict verdict);

#endif
