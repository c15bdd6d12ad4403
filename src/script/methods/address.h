/*
 * Addresses in a script. A command accepts
 *	host port		two words
 *	{host port}		a pair, as getaddrinfo, accept and getsockname return it
 *	{a b c d port} {a b c d}	the tuples of Zerynth
 *	host:port [v6]:port	one word
 *	port			for bind only: any address
 *	path, @abstract		for unix sockets
 *	CID PORT, CID:PORT	for vsock; CID may be any, local, host
 *	INTERFACE		for CAN; * is all interfaces
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

/* Reads an address of one or two words (argc). A missing port is 0 for bind and in the dialect of Zerynth, else
 * an error. TCL_OK or TCL_ERROR. */
int address_get(struct interp *in, struct sock *s, enum address_role role, int argc,
    struct value *const argv[], struct address *ret_address);

/* Returns {family type proto canonname {addr port}}, as getaddrinfo(3) does. */
struct value *address_answer_value(struct interp *in, const struct resolved *r);

/* Returns {addr port}; for unix sockets {path}, for CAN {interface}; empty where there is no address. */
struct value *address_value(struct interp *in, const struct sockname *name);
/* Returns the port; 0 in families without ports. */
int64_t address_port(const struct sockname *name);
/* Returns the address without the port. */
struct value *address_host_value(struct interp *in, const struct sockname *name);

#endif
