/*
 * Addresses of the documents, as words of the language:
 *	host port		two words
 *	{host port}		a pair, as getaddrinfo, accept and getsockname give it
 *	{a b c d port} {a b c d}	the tuples of Zerynth
 *	host:port [v6]:port	one word
 *	port			bind only: any address
 *	path, @abstract		sockets of the unix family
 *	CID PORT, CID:PORT	vsock; CID also any, local, host
 *	INTERFACE		CAN; * is all
 */
#ifndef SCRIPT_METHODS_ADDRESS_H
#define SCRIPT_METHODS_ADDRESS_H

#include <stdint.h>

#include "net/endpoint.h"
#include "sock/sock.h"

struct interp;
struct resolved;
struct value;

struct address {
	char host[ENDPOINT_HOST_MAX + 1]; /* or a path */
	char port[ENDPOINT_PORT_MAX + 1];
};

enum address_role { ADDRESS_BIND, ADDRESS_CONNECT };

/* From argc words (1 or 2). A missing port is 0 for bind and in the dialect of
 * Zerynth, an error otherwise. TCL_OK or TCL_ERROR. */
int address_get(struct interp *in, struct sock *s, enum address_role role, int argc,
    struct value *const argv[], struct address *ret_address);

/* {family type proto canonname {addr port}}, as getaddrinfo(3) gives it. */
struct value *address_answer_value(struct interp *in, const struct resolved *r);

/* {addr port}; {path} of a unix socket, {interface} of a CAN one; empty where there is none. */
struct value *address_value(struct interp *in, const struct sockname *name);
/* 0 in families that have none. */
int64_t address_port(const struct sockname *name);
/* The address without the port. */
struct value *address_host_value(struct interp *in, const struct sockname *name);

#endif
