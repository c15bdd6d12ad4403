/*
 * What a socket writes into the IP header of its packets, what it asks of those that come, and the
 * signature of TCP segments. Each is set by the family of the socket.
 */
#ifndef NET_SOCKOPT_IP_HEADER_H
#define NET_SOCKOPT_IP_HEADER_H

#include <stdbool.h>
#include <stdint.h>

struct error;

/* A key for the MD5 signature of TCP segments (RFC 2385), for any peer. */
struct tcp_md5_key {
	unsigned char bytes[80]; /* TCP_MD5SIG_MAXKEYLEN */
	uint16_t len;            /* 0: no signature */
};

struct ip_header {
	int ttl;     /* hop limit, also for multicast; 0: the kernel's default */
	int min_ttl; /* packets with fewer hops left are dropped; 0: none are */
	int tos;     /* type of service or traffic class, 1-255; 0: the kernel's default */
	const struct tcp_md5_key *md5; /* the caller's; NULL: no signature */
};

/* Parses a word (lowdelay, ef, af11, cs1 ...) or a number (0-255, also 0x..). Returns -1 with
 * ERROR_USAGE. */
int ip_header_parse_tos(const char *text, int *ret_tos, struct error *e);

/* Sets the options of a socket of this family; none of other families. Returns -1 with
 * "setsockopt NAME: reason". */
int ip_header_set(int fd, int family, const struct ip_header *o, struct error *e);

#endif
