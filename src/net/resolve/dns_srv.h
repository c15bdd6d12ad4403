/*
 * SRV records (RFC 2782): on which hosts and ports a domain offers a service.
 * The question goes through libc's resolver, under a deadline as everything in
 * resolve.h; the answer is read here, as it comes from strangers.
 */
#ifndef NET_RESOLVE_DNS_SRV_H
#define NET_RESOLVE_DNS_SRV_H

#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "net/endpoint.h"

struct error;
struct log;
struct loop;

struct dns_srv {
	uint16_t priority, weight, port;
	char target[ENDPOINT_HOST_MAX + 1]; /* without the last dot */
};

/* Asks for the records of name, "_http._tcp.example.org", which is taken as it
 * stands: no search domain is appended. *ret_list is malloc'ed, in the order in
 * which a client shall try them (dns_srv_order, drawn anew each time), *ret_n > 0;
 * free() it. Errors are those of resolve(): EAI_NONAME where there is no such
 * name, EAI_NODATA where it has no such records; ERROR_RESOLVE without a number
 * for an answer that makes no sense, and where the domain says that it does not
 * offer the service. Callbacks of l run meanwhile. */
int dns_srv_resolve(struct loop *l, const char *name, struct deadline until, const struct log *log,
    struct dns_srv **ret_list, size_t *ret_n, struct error *e);

/* Reads a whole DNS message (RFC 1035, 4.1): the SRV records of class IN whose
 * owner is asked, or what CNAME records before them make of it; others are
 * passed over. Compressed names are read everywhere, as old servers send them.
 * *ret_list is malloc'ed, in the order of the message, *ret_n may be 0 (and the
 * list NULL). Fails with ERROR_RESOLVE, "malformed answer: ...". */
int dns_srv_parse(const uint8_t *msg, size_t size, const char *asked, struct dns_srv **ret_list,
    size_t *ret_n, struct error *e);

/* Sorts by priority, and draws the order among equals by weight (RFC 2782,
 * "Weight"): random gives 32 random bits. */
void dns_srv_order(struct dns_srv *list, size_t n, uint32_t (*random)(void *arg), void *arg);

#endif
