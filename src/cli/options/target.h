/*
 * An address to connect to or to listen on, and the socket for it.
 */
#ifndef CLI_OPTIONS_TARGET_H
#define CLI_OPTIONS_TARGET_H

#include <stdbool.h>

#include "cli/options/bind_opts.h"
#include "net/connect.h"
#include "net/endpoint.h"

struct target {
	struct endpoint ep;
	struct bind_how bind;
	struct sockopt_setting *settings; /* bind points to it */
	struct tcp_md5_key *md5;          /* the same; NULL: none */
};

/* Chooses type and protocol of the socket for t->ep (cli/options/socket_type.h), and reads the -o
 * settings and the file of --md5-file, which has to be a regular one. Moves the process into the network namespace of --netns. The caller frees them with
 * target_fini() after success. */
int target_bind(struct target *t, const struct bind_opts *o, struct error *e);
void target_fini(struct target *t);

/* True for a CAN bus, also for an open socket (fd:N). Its frames are read and written as lines
 * of text. */
bool endpoint_is_can(const struct endpoint *ep);

/* Returns the type of the open socket fd:N, 0 where the descriptor is no socket; for other
 * endpoints, type. */
int endpoint_type(const struct endpoint *ep, int type);

#endif
