/*
 * getaddrinfo(3) and getnameinfo(3) under a deadline. Names that need no
 * server (numeric ones) are answered at once; others are asked in a helper
 * thread which is left behind when the deadline passes: the caller sees only
 * the deadline.
 */
#ifndef NET_RESOLVE_RESOLVE_H
#define NET_RESOLVE_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "net/endpoint.h"

struct log;
struct loop;

struct resolve_how {
	int family;   /* AF_UNSPEC, AF_INET, AF_INET6 */
	int type;     /* SOCK_STREAM, SOCK_DGRAM ...; 0: every type */
	int proto;    /* 0: any */
	bool passive; /* for bind: an empty host is the wildcard address, else loopback */
	bool numeric; /* never ask a server */
	bool canonname;
	bool repeats;          /* an answer that comes twice is given twice */
	const struct log *log; /* how long it took whom to answer; may be NULL */
};

/* One answer, in the order of getaddrinfo (RFC 6724): the documents' 5-tuple. */
struct resolved {
	int family, type, proto;
	char canonname[256]; /* "" where none was given: getaddrinfo gives the first answer one */
	struct sockname name;
};

/* host "" or "*": any (passive) or loopback. A host that is not ASCII is asked for
 * in A-labels (net/resolve/idn.h), whose errors are ours too.
 * port: number, service name or "" (0). *ret_list is malloc'ed, *ret_n > 0 on
 * success; free() it. Fails with ERROR_RESOLVE (text "resolve HOST: ...
 * (EAI_NONAME, -2)"; EAI_SYSTEM has the text and number of errno), ERROR_USAGE
 * for a port that is none, ERROR_TIMEOUT, ERROR_SIGNAL. Callbacks of l run
 * meanwhile. */
int resolve(struct loop *l, const char *host, const char *port, const struct resolve_how *how,
    struct deadline until, struct resolved **ret_list, size_t *ret_n, struct error *e);

/* The name of an address and of its port's service. */
struct reversed {
	char host[1025];
	char service[32]; /* the number where it has no name */
};

/* getnameinfo(3) with NI_NAMEREQD: an address without a name is ERROR_RESOLVE
 * with EAI_NONAME. datagrams: the service is that of udp. The other errors, and
 * waiting, are those of resolve(). */
int resolve_reverse(struct loop *l, const struct sockname *name, bool datagrams,
    struct deadline until, struct reversed *ret_reversed, struct error *e);

#endif
