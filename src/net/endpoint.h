/*
 * Endpoints as people write them (usock(1), "Addresses"). What the kernel takes
 * is in net/sockname.h.
 */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/sockname.h"

struct error;

enum transport { TRANSPORT_NONE, TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_TLS, TRANSPORT_DTLS };

enum endpoint_kind { ENDPOINT_INET, ENDPOINT_UNIX, ENDPOINT_VSOCK, ENDPOINT_FD, ENDPOINT_CAN };

#define ENDPOINT_HOST_MAX 255 /* RFC 1035, 2.3.4 */
#define ENDPOINT_PORT_MAX 255 /* text: a number, a service name, a list or a range */

/* What the user wrote, taken apart but not resolved. */
struct endpoint {
	enum transport transport; /* TRANSPORT_NONE: not said */
	enum endpoint_kind kind;
	/* INET: without brackets, with %zone, in ASCII; "" = any. CAN: interface */
	char host[ENDPOINT_HOST_MAX + 1];
	char port[ENDPOINT_PORT_MAX + 1]; /* INET: as written; "" = not given. VSOCK: port */
	char path[108];                   /* UNIX: file or abstract name */
	size_t path_len;
	bool abstract; /* UNIX: path is in the abstract name space */
	uint32_t cid;  /* VSOCK */
	int fd;        /* FD */
};

/* Reads "HOST PORT" (port not NULL) or one word (port NULL): host:port
 * [v6]:port [fe80::1%eth0]:port :port *:port PORT unix:/path /path ./path
 * unix:@abstract vsock:CID:PORT (CID also any, local, host) fd:N can:IFACE, each with an optional leading
 * tcp: udp: tls: dtls: (or tls://). A lone word of digits (with commas and
 * hyphens: a list) is a port with an empty host; a lone host has an empty port,
 * and a lone IPv6 host needs its brackets; a host called as a form is ([unix]:80)
 * has them too. Port texts are checked (0-65535, service name, list,
 * range); names are not looked up, but one beyond ASCII becomes A-labels (net/resolve/idn.h).
 * Fails with ERROR_USAGE. */
int endpoint_parse(const char *word, const char *port, struct endpoint *ret_endpoint,
    struct error *e);

/* Writes it back in one word that endpoint_parse reads; returns text. */
const char *endpoint_format(const struct endpoint *ep, char *text, size_t size);

/* Calls fn for each port of a list of numbers, names and ranges
 * ("22,http,8000-8010"); proto ("tcp", "udp") chooses the service. Stops and
 * returns what fn returns when that is not 0. Unknown service: ERROR_RESOLVE;
 * malformed: ERROR_USAGE. */
int ports_each(const char *text, const char *proto, int (*fn)(void *arg, uint16_t port), void *arg,
    struct error *e);

/* True where text names exactly one port. */
bool port_is_single(const char *text);

/* Dotted quad to four numbers (the documents' ip_to_tuple). ERROR_USAGE. */
int ip_to_tuple(const char *text, uint8_t ret_quad[4], struct error *e);

#endif
