/*
 * getaddrinfo(3) and getnameinfo(3) under a deadline. Names that need no
 * server (numeric ones) are answered at once; others are asked in a helper
 * thread which is left behind when the deadline passes: the caller sees only
 * the deadline.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "net/addr.h"

struct loop;

struct resolve_how {
	int family;   /* AF_UNSPEC, AF_INET, AF_INET6 */
	int type;     /* SOCK_STREAM, SOCK_DGRAM ...; 0: every type */
	int proto;    /* 0: any */
	bool passive; /* for bind: an empty host is the wildcard address, else loopback */
	bool numeric; /* never ask a server */
	bool canonname;
};

/* One answer, in the order of getaddrinfo (RFC 6724): the documents' 5-tuple. */
struct resolved {
	int family, type, proto;
	char canonname[256]; /* "" where none was given */
	struct sockname name;
};

/* host "" or "*": any (passive) or loopback. port: number, service name or ""
 * (0). *ret_list is malloc'ed, *ret_n > 0 on success; free() it. Fails with
 * ERROR_RESOLVE (text "resolve HOST: ... (EAI_NONAME, -2)"), ERROR_TIMEOUT,
 * ERROR_SIGNAL. Callbacks of l run meanwhile. */
int resolve(struct loop *l, const char *host, const char *port, const struct resolve_how *how,
    struct deadline until, struct resolved **ret_list, size_t *ret_n, struct error *e);

#endif
