/*
 * SRV records (RFC 2782): the hosts and ports on which a domain offers a service. The resolver
 * of libc sends the query, under a deadline like resolve.h; the answer is parsed here, because
 * it is untrusted.
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
	char target[ENDPOINT_HOST_MAX + 1]; /* without the final dot */
};

/* Queries the SRV records of name, such as "_http._tcp.example.org"; appends no search domain.
 * Runs the callbacks of l meanwhile. On success *ret_list is malloc'ed and sorted as a client
 * must try it (dns_srv_order(), a new random order each time), and *ret_n > 0; free() it. Fails
 * like resolve(): with EAI_NONAME when the name does not exist, EAI_NODATA when it has no SRV
 * records, and with ERROR_RESOLVE without a number when the answer is malformed or the domain
 * does not offer the service. */
int dns_srv_resolve(struct loop *l, const char *name, struct deadline until, const struct log *log,
    struct dns_srv **ret_list, size_t *ret_n, struct error *e);

/* Parses a DNS message (RFC 1035, 4.1): the SRV records of class IN that belong to the name
 * asked for, or to the name that earlier CNAME records map it to; skips other records. Accepts
 * compressed names everywhere, as old servers send them. *ret_list is malloc'ed, in the order
 * of the message; *ret_n may be 0 (and the list NULL). Returns -1 with ERROR_RESOLVE "malformed
 * answer: ...". */
int dns_srv_parse(const uint8_t *msg, size_t size, const char *asked, struct dns_srv **ret_list,
    size_t *ret_n, struct error *e);

/* Sorts by priority, and chooses a random order by weight among equal priorities (RFC 2782,
 * "Weight"). random returns 32 random bits. */
void dns_srv_order(struct dns_srv *list, size_t n, uint32_t (*random)(void *arg), void *arg);

#endif
