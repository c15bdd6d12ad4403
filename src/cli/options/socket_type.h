/*
 * Chooses the type and protocol of a socket from the options (-u, --type,
 * --proto, --mptcp) and the transport of the address.
 */
#ifndef CLI_OPTIONS_SOCKET_TYPE_H
#define CLI_OPTIONS_SOCKET_TYPE_H

#include "cli/options/bind_opts.h"

struct bind_how;
struct endpoint;
struct error;

enum {
	SOCKET_TYPE_UNSET = -1,
	SOCKET_TYPE_STREAM,
	SOCKET_TYPE_DGRAM,
	SOCKET_TYPE_SEQPACKET,
	SOCKET_TYPE_RAW
};

#define SOCKET_TYPE_WORDS "stream dgram seqpacket raw" /* in the order of the numbers */
#define SOCKET_TYPE_HELP "stream, dgram, seqpacket or raw"

/* Sets type, proto and mptcp of how, and its family where the protocol exists in one family
 * only. The type is 0 for fd:N only, whose socket has one already. ERROR_USAGE where the options
 * and the address contradict each other. */
int socket_type_choose(const struct bind_opts *o, const struct endpoint *ep, struct bind_how *how,
    struct error *e);

#endif
