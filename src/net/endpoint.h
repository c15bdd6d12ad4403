/*
 * Addresses as people write them (usock(1), "Addresses"). net/sockname.h has those of the
 * kernel.
 */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/sockname.h"
#include "net/tty/tty_line.h"

struct error;

enum transport {
	TRANSPORT_NONE,
	TRANSPORT_TCP,
	TRANSPORT_UDP,
	TRANSPORT_TLS,
	TRANSPORT_DTLS,
	TRANSPORT_WS,
	TRANSPORT_WSS
};

enum endpoint_kind {
	ENDPOINT_INET,
	ENDPOINT_UNIX,
	ENDPOINT_VSOCK,
	ENDPOINT_FD,
	ENDPOINT_CAN,
	ENDPOINT_SYSTEMD,
	ENDPOINT_TTY, /* a serial line: a terminal device */
	ENDPOINT_PTY  /* a link to a terminal that is made for it */
};

#define ENDPOINT_HOST_MAX 255 /* RFC 1035, 2.3.4 */
#define ENDPOINT_PORT_MAX 255 /* text: a number, a service name, a list or a range */

/* A parsed address, not resolved. */
struct endpoint {
	enum transport transport; /* TRANSPORT_NONE: not given */
	enum endpoint_kind kind;
	/* INET: without brackets, with %zone, in ASCII; "": any address. CAN: interface. SYSTEMD:
	 * name of the socket; "": the only one */
	char host[ENDPOINT_HOST_MAX + 1];
	char port[ENDPOINT_PORT_MAX + 1]; /* INET: as written; "": not given. VSOCK: port */
	char path[108];                   /* UNIX: path or abstract name. TTY, PTY: path */
	size_t path_len;
	/* WS, WSS: what is asked for, path and query. It points into the word that was parsed, or is
	 * "/". */
	const char *resource;
	bool abstract;        /* UNIX: path is an abstract name */
	uint32_t cid;         /* VSOCK */
	int fd;               /* FD */
	struct tty_line line; /* TTY */
};

/*
 * Parses "HOST PORT", or a single word when port is NULL: host:port [v6]:port
 * [fe80::1%eth0]:port :port *:port PORT unix:/path /path ./path unix:@abstract vsock:CID:PORT
 * (CID also any, local, host) fd:N can:IFACE systemd: systemd:NAME tty:DEVICE[,SETTING...]
 * pty:LINK, each with an optional prefix tcp: udp: tls: dtls: (or tls://). A URL with ws:// or
 * wss:// has a host, perhaps a port, and perhaps a path.
 *
 * A single word of digits (with commas and hyphens: a list) is a port with an empty host. A
 * single host has an empty port. A single IPv6 host needs brackets, and so does a host that is
 * named like a prefix ([unix]:80), or a single host that reads like a port ([1]).
 *
 * Checks the port text (0-65535, service name, list, range). Does not resolve names, but
 * converts a name beyond ASCII to A-labels (net/resolve/idn.h). Returns -1 with ERROR_USAGE.
 */
int endpoint_parse(const char *word, const char *port, struct endpoint *ret_endpoint,
    struct error *e);

/* True for the n bytes of a transport or a form, as tcp or unix: a host of that name cannot stand
 * before a colon. */
bool endpoint_is_reserved(const char *text, size_t n);

/* Formats ep as one word that endpoint_parse() accepts; returns text. */
const char *endpoint_format(const struct endpoint *ep, char *text, size_t size);

/* Returns true for tty: and pty:. */
bool endpoint_is_line(const struct endpoint *ep);

/* Converts a dotted quad to four numbers. Returns -1 with ERROR_USAGE. */
int ip_to_tuple(const char *text, uint8_t ret_quad[4], struct error *e);

#endif
