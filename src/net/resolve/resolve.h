/*
 * getaddrinfo(3) and getnameinfo(3) under a deadline. Numeric addresses need no server and are
 * resolved at once. Names are resolved in a thread, which is abandoned when the deadline
 * passes, so that the deadline always holds.
 */
#ifndef NET_RESOLVE_RESOLVE_H
#define NET_RESOLVE_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/error.h"
#include "loop/worker.h"
#include "net/endpoint.h"

struct log;
struct resolve_job;

struct resolve_how {
	int family;   /* AF_UNSPEC, AF_INET, AF_INET6 */
	int type;     /* SOCK_STREAM, SOCK_DGRAM ...; 0: every type */
	int proto;    /* 0: any */
	bool passive; /* for bind(2): an empty host is the wildcard address, not loopback */
	bool numeric; /* never query a server */
	bool canonname;
	bool repeats;          /* keep duplicate results */
	const struct log *log; /* logs how long the name service took; may be NULL */
};

/* One result, in the order of getaddrinfo() (RFC 6724). */
struct resolved {
	int family, type, proto;
	char canonname[256]; /* getaddrinfo() sets it in the first result only; "" in others */
	struct sockname name;
};

/* Resolves host and port, and runs the callbacks of l meanwhile. host "" or "*" is any address
 * (passive) or loopback; a host beyond ASCII is converted to A-labels and can fail like
 * idn_to_ascii(). port is a number, a service name, or "" for 0. On success *ret_list is
 * malloc'ed and *ret_n > 0; free() it. Returns -1 with ERROR_RESOLVE "resolve HOST: ...
 * (EAI_NONAME, -2)" (for EAI_SYSTEM with the text and number of errno), ERROR_USAGE for an
 * invalid port, ERROR_TIMEOUT or ERROR_SIGNAL. */
int resolve(struct loop *l, const char *host, const char *port, const struct resolve_how *how,
    struct deadline until, struct resolved **ret_list, size_t *ret_n, struct error *e);

/* A look-up that goes on while the loop runs. */
struct resolve_call {
	/* set by the caller, the rest zeroed */
	struct loop *loop;
	struct resolve_how how;
	/* Called from the loop when the answer has come. May free the storage of r. */
	void (*done)(struct resolve_call *r);
	void *arg;
	/* results */
	struct resolved *list; /* malloc'ed, the caller's; NULL: failed */
	size_t n;
	struct error error; /* if it failed */
	/* private */
	struct resolve_job *job;
	struct worker_call call;
	int64_t started;
};

/* Starts what resolve() does, and fails like it. Returns 1 with the results when no server has to
 * be asked, 0 when done will be called, -1 with r->error. */
int resolve_start(struct resolve_call *r, const char *host, const char *port);

/* Gives up: done is not called. May be called at any time, and twice. */
void resolve_cancel(struct resolve_call *r);

/* Gives up because it took too long. r->error is the ERROR_TIMEOUT. Only while it goes on. */
void resolve_time_out(struct resolve_call *r);

/* The name of an address and the service name of its port. */
struct reversed {
	char host[1025];
	char service[32]; /* the number when the port has no name */
};

/* getnameinfo(3) with NI_NAMEREQD: an address without a name is ERROR_RESOLVE with EAI_NONAME.
 * datagrams selects the service names of UDP. Otherwise waits and fails like resolve(). */
int resolve_reverse(struct loop *l, const struct sockname *name, bool datagrams,
    struct deadline until, struct reversed *ret_reversed, struct error *e);

#endif
