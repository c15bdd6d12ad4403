/*
 * Which socket the options and the address ask for together: its type and
 * protocol (-u, --type, --proto, --mptcp, and the transport of the address).
 */
#ifndef CLI_OPTIONS_SOCKET_TYPE_H
#define CLI_OPTIONS_SOCKET_TYPE_H

#include "cli/options/groups.h"

enum { KIND_UNSAID = -1, KIND_STREAM, KIND_DGRAM, KIND_SEQPACKET, KIND_RAW };

#define KIND_WORDS "stream dgram seqpacket raw" /* in the order of the numbers */
#define KIND_HELP "stream, dgram, seqpacket or raw"

/* Fills type, proto and mptcp of how, and its family where the protocol is of
 * one only. The type is never 0, but for fd:N, which has one already.
 * ERROR_USAGE where the parts contradict each other. */
int kind_choose(const struct bind_opts *o, const struct endpoint *ep, struct bind_how *how,
    struct error *e);

#endif
